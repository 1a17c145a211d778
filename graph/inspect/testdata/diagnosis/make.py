"""Makes the data of the diagnosis' campaign: small parts of published sets.

python make.py FOLDER, with scikit-learn 1.x and numpy, where FOLDER has Fashion-MNIST's four files
(Xiao, Rasul, Vollgraf 2017; MIT licence). Its pictures are made 14 by 14, by the mean of four pixels.
"""
import gzip
import struct
import sys

import numpy as np
from sklearn import datasets


def idx(path, a):
    with gzip.GzipFile(path, "wb", mtime=0) as f:
        f.write(struct.pack(">HBB", 0, 8, a.ndim) + struct.pack(">%dI" % a.ndim, *a.shape) + a.astype(np.uint8).tobytes())


def read(path, skip):
    with gzip.open(path) as f:
        return np.frombuffer(f.read()[skip:], np.uint8)


for part, n in (("train", 1500), ("t10k", 700)):
    x = read(f"{sys.argv[1]}/{part}-images-idx3-ubyte.gz", 16).reshape(-1, 14, 2, 14, 2)[:n].mean((2, 4)).round()
    idx(f"fashion/{part}-images-idx3-ubyte.gz", x)
    idx(f"fashion/{part}-labels-idx1-ubyte.gz", read(f"{sys.argv[1]}/{part}-labels-idx1-ubyte.gz", 8)[:n])
for name in "wine", "breast_cancer", "diabetes":
    d = getattr(datasets, "load_" + name)()
    with open(name + ".csv", "w") as f:
        for x, y in zip(d.data, d.target):
            f.write(",".join("%.4g" % v for v in x) + ",%g\n" % y)
