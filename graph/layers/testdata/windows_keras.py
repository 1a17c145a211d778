#!/usr/bin/env python3
"""Writes windows_keras.json: what Keras makes of the paddings in which PyTorch differs, in float64.

Run it with Keras 3 and JAX in this folder: python3 windows_keras.py

A case is as those of windows_torch.py are.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "jax"
import jax

jax.config.update("jax_enable_x64", True)
import keras
import numpy as np

keras.backend.set_floatx("float64")
r = np.random.default_rng(15)
L = keras.layers
cases = []


def draw(*shape):
    return r.integers(-128, 129, shape) / 64


def numbers(a):
    return [float(f"{v:.13g}") for v in np.asarray(a).flatten().tolist()]


def add(text, layer, shape, channelless=False):
    x = draw(*shape)
    layer.build(x.shape)
    params = [draw(*w.shape) for w in layer.trainable_variables]

    def output(x, params):
        return layer.stateless_call(params, layer.non_trainable_variables, x)[0].reshape(shape[0], -1)

    t = draw(*output(x, params).shape)
    loss = lambda x, params: ((output(x, params) - t) ** 2).mean()
    value, (dx, dparams) = jax.value_and_grad(loss, (0, 1))(x, params)

    def ours(a):  # kernels with their last two sizes as Stheno has them
        if a.ndim > 2 and isinstance(layer, (L.Conv2DTranspose, L.Conv1DTranspose)):
            return np.swapaxes(a, -1, -2)
        return a

    cases.append({"text": text, "shape": list(shape), "x": numbers(x), "params": [numbers(ours(p)) for p in params], "y": numbers(output(x, params)), "t": numbers(t), "loss": float(value), "grads": [numbers(dx)] + [numbers(ours(np.asarray(g))) for g in dparams]})


add("conv 3 3x3 relu stride=2 padding=same", L.Conv2D(3, 3, 2, "same", activation="relu"), (2, 5, 4, 2))
add("conv 3 2x5 stride=3x2 same", L.Conv2D(3, (2, 5), (3, 2), "same"), (2, 7, 6, 2))
add("conv 2 3x4 same dilation=2", L.Conv2D(2, (3, 4), 1, "same", dilation_rate=2), (2, 5, 3, 3))
add("conv 2 2 stride=3 same", L.Conv2D(2, 2, 3, "same"), (2, 5, 7, 3))  # the windows do not meet
add("depthwise 3 stride=2 same", L.DepthwiseConv2D(3, 2, "same"), (2, 6, 5, 3))
add("conv1d 3 4 stride=2 same relu", L.Conv1D(3, 4, 2, "same", activation="relu"), (2, 7, 5))
add("convtranspose 3 3x3 stride=2 same relu", L.Conv2DTranspose(3, 3, 2, "same", activation="relu"), (2, 3, 2, 5))
add("convtranspose 3 2x5 stride=3x2 same", L.Conv2DTranspose(3, (2, 5), (3, 2), "same"), (2, 3, 2, 3))
add("convtranspose 3 2x3 stride=3x2", L.Conv2DTranspose(3, (2, 3), (3, 2)), (2, 3, 2, 3))
add("convtranspose1d 2 3 stride=2 same", L.Conv1DTranspose(2, 3, 2, "same"), (2, 5, 3))
add("maxpool 2 same", L.MaxPooling2D(2, None, "same"), (2, 5, 7, 3))
add("maxpool 3 stride=2 same", L.MaxPooling2D(3, 2, "same"), (2, 6, 5, 3))
add("avgpool 2 same", L.AveragePooling2D(2, None, "same"), (2, 5, 7, 3))
add("avgpool 3 stride=2 same", L.AveragePooling2D(3, 2, "same"), (2, 6, 5, 3))
add("avgpool1d 4 stride=1 same", L.AveragePooling1D(4, 1, "same"), (2, 7, 3))

with open("windows_keras.json", "w") as f:
    f.write('{"made_with": "Keras %s, JAX %s", "cases": [\n' % (keras.__version__, jax.__version__) + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]}\n")
