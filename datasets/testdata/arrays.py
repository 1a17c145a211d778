# Writes the arrays that the tests of NPY and NPZ read: python3 arrays.py, in this folder, with NumPy 2.
import numpy as np

values = [[0, 1, 2], [100, 5, 7]]
for dtype in ["u1", "i1", "<i2", ">i4", "<i8", "<u2", "<u4", "<u8", "<f2", ">f4", "<f8", "?"]:
    np.save(f"x_{np.dtype(dtype).str.strip('<>|=')}.npy", np.array(values).astype(dtype))
np.save("y_classes.npy", np.array([2, 0]))
np.save("y_numbers.npy", np.array([1.5, -2.0]))
np.save("fortran.npy", np.asfortranarray(np.array(values)))
np.save("text.npy", np.array(["a", "b"]))
np.save("record.npy", np.zeros(2, dtype=[("a", "f4"), ("b", "f4")]))
np.savez("stored.npz", x_train=np.array(values, "f4"), y_train=np.array([2, 0]), x_test=np.array(values, "f4"), y_test=np.array([1, 1]))
np.savez_compressed("packed.npz", x=np.array(values, "u1").reshape(2, 3, 1), y=np.array([[1.5, 2], [3, 4]]))
