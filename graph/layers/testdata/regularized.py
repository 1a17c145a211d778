"""Twenty steps of Keras' regularizers and its MaxNorm, for TestRegularizedAgainstKeras.

Run with Keras 3.15 on JAX 0.10 in this folder: JAX_ENABLE_X64=1 KERAS_BACKEND=jax python3 regularized.py > regularized.json
"""
import json

import keras
import numpy as np

keras.config.set_floatx("float64")
R = keras.regularizers
random = np.random.default_rng(2024)
x, y = random.normal(size=(6, 5)), random.normal(size=(6, 1))
start = [random.normal(size=s) * 0.5 for s in [(5, 4), (4,), (4, 1), (1,)]]
cases = {
    "l1=0.01 l2=0.02": dict(kernel_regularizer=R.L1L2(0.01, 0.02)),
    "l2=0.1": dict(kernel_regularizer=R.L2(0.1)),
    "activity-l1=0.03 activity-l2=0.04": dict(activity_regularizer=R.L1L2(0.03, 0.04)),
    "max-norm=0.7": dict(kernel_constraint=keras.constraints.MaxNorm(0.7, axis=0)),
    "l1=0.01 activity-l2=0.2 max-norm=0.9": dict(kernel_regularizer=R.L1(0.01), activity_regularizer=R.L2(0.2), kernel_constraint=keras.constraints.MaxNorm(0.9, axis=0)),
}
out = {}
for name, settings in cases.items():
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(4, activation="tanh", **settings), keras.layers.Dense(1)])
    model.set_weights(start)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    losses = [float(model.train_on_batch(x, y)) for _ in range(20)]
    out[name] = {"losses": losses, "weights": [w.flatten().tolist() for w in model.get_weights()]}
flat = lambda all: [np.array(a).flatten().tolist() for a in all]
print(json.dumps({"keras": keras.__version__, "x": x.flatten().tolist(), "y": y.flatten().tolist(), "start": flat(start), "cases": out}, separators=(",", ":")))
