#!/usr/bin/env python3
"""Writes recurrent_keras.json: what Keras 3 (on JAX) makes of its recurrent layers, values and gradients in float64, as recurrent.json has PyTorch's.

Run it in this folder: python3 recurrent_keras.py

The layout is ours: a GRU's two biases are the rows of Keras' one.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "jax"
import jax

jax.config.update("jax_enable_x64", True)
import keras
import numpy as np

keras.config.set_floatx("float64")
draw = np.random.default_rng(15)


def narrow(*shape):
    return (draw.standard_normal(shape) * 0.5).astype(np.float32).astype(np.float64)


cases = []
for word, layer in (("rnn", keras.layers.SimpleRNN), ("lstm", keras.layers.LSTM), ("gru", keras.layers.GRU)):
    for sequence in (False, True):
        batch, time, inputs, units = 3, 5, 2, 7
        l = layer(units, return_sequences=sequence, dtype="float64")
        x = narrow(batch, time, inputs)
        l.build(x.shape)
        values = [narrow(*v.shape) for v in l.trainable_variables]
        state = [v.value for v in l.non_trainable_variables]
        zeros = [np.zeros((batch, units))] * (2 if word == "lstm" else 1)  # by default they are float32
        run = lambda values, x: l.stateless_call(values, state, x, initial_state=zeros)[0]
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
json.dump({"keras": keras.__version__, "cases": cases}, open("recurrent_keras.json", "w"))
print(len(cases), "cases")
