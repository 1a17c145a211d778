"""Recurrent and attention networks of Keras as ONNX, for the tests of import: keras_NAME.onnx, and keras_NAME.json with inputs and what Keras makes of them.

Usage: KERAS_BACKEND=tensorflow python keras_recurrent_exports.py [NAME…]. Made with keras 3.15.1 on tensorflow-cpu 2.21.0, tf2onnx 1.17.0 and onnx 1.23.2; by Model.export as it is by default, which on TensorFlow goes through tf2onnx: it writes an LSTM as
one, and a GRU and a SimpleRNN as a Loop.
"""

import json
import os
import sys

import keras
import numpy
from keras import layers

HERE = os.path.dirname(os.path.abspath(__file__))


def encoder():
    x = keras.Input((7, 8))
    y = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, x)]))
    y = layers.LayerNormalization()(layers.Add()([y, layers.Dense(8)(layers.Dense(12, "gelu")(y))]))
    return keras.Model(x, layers.Dense(3)(layers.GlobalAveragePooling1D()(y)))


def networks():
    sequential = lambda *all: keras.Sequential([keras.Input((7, 6)), *all])
    yield "lstm", lambda: sequential(layers.LSTM(5, return_sequences=True), layers.LSTM(4), layers.Dense(3, "softmax"))
    yield "lstm_both", lambda: sequential(layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.Bidirectional(layers.LSTM(3)), layers.Dense(3))
    yield "gru", lambda: sequential(layers.GRU(5, return_sequences=True), layers.GRU(4), layers.Dense(3))
    yield "gru_both", lambda: sequential(layers.Bidirectional(layers.GRU(4, return_sequences=True)), layers.Bidirectional(layers.GRU(3)), layers.Dense(3))
    yield "rnn", lambda: sequential(layers.SimpleRNN(5, return_sequences=True), layers.SimpleRNN(4, activation="relu"), layers.Dense(3))
    yield "encoder", encoder


def values(a):
    a = numpy.asarray(a)
    return {"shape": list(a.shape), "floats": a.flatten().tolist()}


def main():
    for name, make in networks():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        draw = numpy.random.default_rng(3)
        keras.utils.set_random_seed(1)
        net = make()
        # no bias is 0 and no scale 1, so that one out of place shows
        net.set_weights([draw.uniform(0.3, 0.9, w.shape).astype("float32") if w.ndim == 1 else draw.normal(0, 0.5, w.shape).astype("float32") for w in net.get_weights()])
        x = (numpy.round(draw.standard_normal((4, *net.input_shape[1:])) * 256) / 256).astype("float32")
        path, y = os.path.join(HERE, f"keras_{name}.onnx"), values(net(x))
        net.export(path, format="onnx", verbose=False)
        with open(path[:-5] + ".json", "w") as f:
            json.dump({"x": values(x), "y": y}, f)


main()
