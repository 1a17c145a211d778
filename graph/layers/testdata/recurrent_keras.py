#!/usr/bin/env python3
"""Writes recurrent_keras.json: what Keras 3 (on JAX) makes of its recurrent layers, values and gradients, as recurrent.json has PyTorch's, but in
float32: its cells give that whatever they are told.

Run it in this folder: python3 recurrent_keras.py

The layout is ours: a GRU's two biases are the rows of Keras' one.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "jax"
import jax

import keras
import numpy as np

jax.config.update("jax_default_matmul_precision", "float32")
draw = np.random.default_rng(15)


def narrow(*shape):
    return (draw.standard_normal(shape) * 0.5).astype(np.float32)


cases = []
for word, layer in (("rnn", keras.layers.SimpleRNN), ("lstm", keras.layers.LSTM), ("gru", keras.layers.GRU)):
    for sequence in (False, True):
        batch, time, inputs, units = 3, 5, 2, 7
        l = layer(units, return_sequences=sequence)
        x = narrow(batch, time, inputs)
        l.build(x.shape)
        values = [narrow(*v.shape) for v in l.trainable_variables]
        state = [v.value for v in l.non_trainable_variables]
        run = lambda values, x: l.stateless_call(values, state, x)[0]
        y = np.array(run(values, x))
        c = narrow(*y.shape)
        own, dx = jax.grad(lambda values, x: (run(values, x) * c).sum() / batch, (0, 1))(values, x)
        names = ["weight", "recurrent", "bias"]

        def flat(all):
            parts = dict(zip(names, map(np.array, all)))
            if word == "gru":
                parts["bias"], parts["recurrent_bias"] = parts["bias"]
            return {f"{word}_1.{k}": v.flatten().tolist() for k, v in parts.items()}

        cases.append({
            "name": f"Keras {word}, sequence {sequence}", "batch": batch,
            "net": f"x = input {time}x{inputs}, a = residual(dense {inputs} zeros) < x, {word} {units}{' sequence' * sequence} < a",
            "inputs": {"x": x.flatten().tolist()}, "params": flat(values), "c": c.flatten().tolist(), "output": y.flatten().tolist(),
            "grads": {"x": np.array(dx).flatten().tolist(), **flat(own)},
        })
json.dump({"keras": keras.__version__, "tolerance": 1e-5, "cases": cases}, open("recurrent_keras.json", "w"))
print(len(cases), "cases")
