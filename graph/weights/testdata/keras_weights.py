"""Networks of Keras, for the tests of weights.

Usage: KERAS_BACKEND=jax python keras_weights.py make              writes keras_NAME.npz (get_weights) and keras_NAME.json: an input and what the network makes of it
       KERAS_BACKEND=jax python keras_weights.py check NAME FILE   loads FILE, of weights.Save, into the network NAME and prints what it makes of keras_NAME.json's input
Made with keras 3.15.1, jax 0.10.2, numpy 2.4.6.
"""

import json
import os
import sys

import keras
import numpy
from keras import layers

HERE = os.path.dirname(os.path.abspath(__file__))


def encoder():
    ids = keras.Input((7,), dtype="int32")
    x = layers.Embedding(20, 8)(ids)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x))
    x = layers.LayerNormalization()(x + layers.Dense(8)(layers.Dense(16, activation="relu")(x)))
    return keras.Model(ids, layers.Dense(4)(layers.GlobalAveragePooling1D()(x)))


def networks():
    sequential = lambda shape, *all: keras.Sequential([keras.Input(shape), *all])
    draw = numpy.random.default_rng(1)
    floats = lambda *shape: draw.standard_normal(shape).astype("float32")
    yield "mlp", sequential((6,), layers.Dense(6, "tanh"), layers.Dense(6, "relu"), layers.Dense(3)), floats(4, 6)
    yield "lenet", sequential((20, 20, 1), layers.Conv2D(3, 5, padding="same", activation="tanh"), layers.AveragePooling2D(2), layers.Conv2D(4, 5, activation="tanh"), layers.AveragePooling2D(2),
                              layers.Flatten(), layers.Dense(12, "tanh"), layers.Dense(5)), floats(3, 20, 20, 1)
    yield "convnet", sequential((12, 12, 3), layers.Conv2D(4, 3, use_bias=sys.argv[1] == "check"), layers.BatchNormalization(epsilon=1e-5), layers.ReLU(), layers.MaxPooling2D(2), layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2),
                                layers.PReLU(shared_axes=[1, 2]), layers.Conv2DTranspose(5, 3), layers.Flatten(), layers.Dense(4)), floats(3, 12, 12, 3)
    yield "conv1d", sequential((8, 3), layers.Conv1D(4, 3, activation="relu"), layers.Conv1D(4, 3), layers.Flatten(), layers.Dense(3)), floats(3, 8, 3)
    yield "batchnorm", sequential((6,), layers.Dense(8), layers.BatchNormalization(epsilon=1e-5), layers.ReLU(), layers.Dense(8), layers.BatchNormalization(epsilon=1e-5), layers.ReLU(), layers.Dense(3)), floats(4, 6)
    yield "rnn", sequential((7, 6), layers.SimpleRNN(5), layers.Dense(3)), floats(3, 7, 6)
    yield "lstm", sequential((7, 6), layers.LSTM(5, return_sequences=True), layers.LSTM(5), layers.Dense(3)), floats(3, 7, 6)
    yield "gru", sequential((7, 6), layers.GRU(5), layers.Dense(3)), floats(3, 7, 6)
    yield "both", sequential((7, 6), layers.Bidirectional(layers.GRU(5)), layers.Dense(3)), floats(3, 7, 6)
    yield "encoder", encoder(), draw.integers(0, 20, (3, 7)).astype("int32")


def values(a):
    a = numpy.asarray(a)
    return {"shape": list(a.shape), "ids" if a.dtype.kind == "i" else "floats": a.flatten().tolist()}


def make():
    draw = numpy.random.default_rng(2)
    for name, net, x in networks():
        # no bias is 0 and no scale 1, so that one out of place shows
        net.set_weights([w if w.ndim > 1 and w.shape[0] > 2 else draw.uniform(0.3, 0.9, w.shape).astype("float32") for w in net.get_weights()])
        numpy.savez(os.path.join(HERE, f"keras_{name}.npz"), *net.get_weights())
        with open(os.path.join(HERE, f"keras_{name}.json"), "w") as f:
            json.dump({"x": values(x), "y": values(net(x))}, f)


def check(name, file):
    net = {n: net for n, net, _ in networks()}[name]
    with open(os.path.join(HERE, f"keras_{name}.json")) as f:
        x = json.load(f)["x"]
    x = numpy.array(x["ids"], "int32") if "ids" in x else numpy.array(x["floats"], "float32")
    state = numpy.load(file).values()
    net.set_weights(list(state))
    with open(os.path.join(HERE, f"keras_{name}.json")) as f:
        print(json.dumps(values(net(x.reshape(json.load(f)["x"]["shape"])))))


make() if sys.argv[1] == "make" else check(*sys.argv[2:])
