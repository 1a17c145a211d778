#!/usr/bin/env python3
"""Writes layers_keras.json: what Keras makes of the layers whose defaults are Keras', in float64: outputs in training and outside, gradients by JAX, and the states after a step.

Keras' normalisations compute in float32 whatever the type: such cases are marked Single.

Run it with Keras 3.15 on JAX 0.10 in this folder: python3 layers_keras.py. The form is that of layers.py.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "jax"
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import keras
import numpy as np

keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
L = keras.layers
rng = np.random.default_rng(16)
cases = []


def flat(v):
    return [float(x) for x in np.asarray(v, np.float64).reshape(-1)]


def draw(shape, scale=1.0):
    return (rng.standard_normal(shape) * scale).astype(np.float32).astype(np.float64)


def case(text, shape, layer, ids=None, scale=1.0):
    x = draw(shape, scale) if ids is None else np.asarray(ids, np.int32).reshape(shape)
    layer.build(shape)
    names = {"gamma": "scale", "beta": "shift", "moving_mean": "mean", "moving_variance": "variance", "embeddings": "table", "scale": "scale"}
    for v in layer.trainable_variables:
        v.assign(draw(v.shape, .7))
    for v in layer.non_trainable_variables:
        if v.name in names:
            v.assign(np.abs(draw(v.shape)) + .5)
    trainable = [v.value for v in layer.trainable_variables]
    state = [v.value for v in layer.non_trainable_variables]

    def run(trainable, x, training=True):
        return layer.stateless_call(trainable, state, x, training=training) if "training" in layer._call_signature.parameters else layer.stateless_call(trainable, state, x)

    y, after = run(trainable, x)
    target = draw(y.shape)
    loss = lambda trainable, x: jnp.mean((run(trainable, x)[0] - target) ** 2)
    grads = jax.grad(loss)(trainable, x)
    c = {"Text": text, "Shape": list(shape[1:]), "Batch": shape[0], "X": flat(x), "IDs": ids is not None, "Single": "norm" in text, "Y": flat(y), "Target": flat(target), "DX": None if ids is not None else flat(jax.grad(loss, 1)(trainable, x)),
         "Params": [{"Name": names[v.name], "Value": flat(v.value), "Grad": flat(g)} for v, g in zip(layer.trainable_variables, grads)],
         "States": [{"Name": names[v.name], "Value": flat(v.value), "Next": flat(n)} for v, n in zip(layer.non_trainable_variables, after) if v.name in names]}
    if c["States"]:
        c["Evaluated"] = flat(run(trainable, x, False)[0])
    cases.append(c)


for shape in [(2, 1), (7, 5), (101, 3), (2, 3, 5, 7)]:
    case("batchnorm", shape, L.BatchNormalization(), scale=2.0)
    case("layernorm", shape, L.LayerNormalization())
    case("rmsnorm", shape, L.RMSNormalization())
case("batchnorm 0.5 0.01", (3, 5, 7), L.BatchNormalization(momentum=.5, epsilon=.01))
case("groupnorm", (2, 3, 5, 64), L.GroupNormalization())
case("groupnorm 7 1e-05", (3, 5, 7), L.GroupNormalization(7, epsilon=1e-5))
case("groupnorm 1", (2, 3, 5, 7), L.GroupNormalization(1))
for text in ["gelu", "silu", "elu", "selu", "mish", "log-softmax"]:
    case(text, (3, 7), L.Activation(text.replace("-", "_")), scale=3.0)
case("gelu-tanh", (3, 7), L.Activation(lambda x: keras.activations.gelu(x, approximate=True)), scale=3.0)
case("embedding 7 units=5", (5, 3), L.Embedding(7, 5), ids=rng.integers(0, 7, 15))
case("crop 1x2", (2, 3, 5, 7), L.Cropping2D((1, 2)))
case("pad 1x2 after=2x1", (2, 3, 5, 7), L.ZeroPadding2D(((1, 2), (2, 1))))
case("permute 3x1x2", (2, 3, 5, 7), L.Permute((3, 1, 2)))
case("reshape 5x0", (2, 3, 5), L.Reshape((5, -1)))

with open("layers_keras.json", "w") as f:
    json.dump({"By": f"Keras {keras.__version__} on JAX {jax.__version__}", "Cases": cases}, f)
