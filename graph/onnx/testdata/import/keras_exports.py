"""Networks of Keras as ONNX, for the tests of import: keras_NAME.onnx, and keras_NAME.json with inputs and what Keras makes of them.

Usage: KERAS_BACKEND=torch python keras_exports.py [NAME…]. Made with keras 3.15.1 on torch 2.15.0, onnx 1.23.2, onnxscript 0.7.2; by Model.export as it is by default.
Attention and recurrent layers are keras_recurrent_exports.py's: on PyTorch Keras' own exporter fails on the first, and writes the others step by step.
"""

import json
import os
import sys

import keras
import numpy
from keras import layers

from torch_exports import HERE, bare


def networks():
    sequential = lambda shape, *all: keras.Sequential([keras.Input(shape), *all])
    draw = numpy.random.default_rng(1)
    floats = lambda *shape: (numpy.round(draw.standard_normal(shape) * 256) / 256).astype("float32")
    yield "mlp", sequential((6,), layers.Dense(8, "tanh"), layers.BatchNormalization(), layers.Dense(8, "relu"), layers.Dropout(0.5), layers.Dense(3, "softmax")), floats(4, 6)
    yield "lenet", sequential((20, 20, 1), layers.Conv2D(3, 5, padding="same", activation="tanh"), layers.AveragePooling2D(2), layers.Conv2D(4, 5, activation="tanh"), layers.AveragePooling2D(2),
                              layers.Flatten(), layers.Dense(12, "tanh"), layers.Dense(5)), floats(3, 20, 20, 1)
    yield "convnet", sequential((12, 12, 3), layers.Conv2D(4, 3, use_bias=False), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(2), layers.DepthwiseConv2D(3),
                                layers.GlobalAveragePooling2D(), layers.Dense(4, "softmax")), floats(3, 12, 12, 3)
    yield "conv1d", sequential((16, 3), layers.Conv1D(4, 3, activation="relu"), layers.MaxPooling1D(2), layers.Conv1D(4, 3), layers.Flatten(), layers.Dense(3)), floats(3, 16, 3)


def values(a):
    a = a.detach().numpy() if hasattr(a, "detach") else numpy.asarray(a)
    return {"shape": list(a.shape), "ids" if a.dtype.kind == "i" else "floats": a.flatten().tolist()}


def main():
    draw = numpy.random.default_rng(2)
    for name, net, x in networks():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        # no bias is 0 and no scale 1, so that one out of place shows
        net.set_weights([w if w.ndim > 1 and w.shape[0] > 2 else draw.uniform(0.3, 0.9, w.shape).astype("float32") for w in net.get_weights()])
        path, y = os.path.join(HERE, f"keras_{name}.onnx"), values(net(x))  # which export wants to have been done
        net.export(path, format="onnx", verbose=False)
        bare(path)
        with open(path[:-5] + ".json", "w") as f:
            json.dump({"x": values(x), "y": y}, f)


main()
