#!/usr/bin/env python3
"""Prints what TestInitializersOfOthers has by heart: the standard deviation and the largest element that PyTorch's, and Keras', initialisers draw for a matrix of 300 inputs and 400 outputs.

Run it with PyTorch 2.15, or with Keras 3.15: python3 init.py
"""

try:
    import torch
    from torch.nn import init

    torch.manual_seed(1)
    w = lambda: torch.empty(400, 300)  # PyTorch's are [out,in]
    drawn = {
        "glorot-uniform": init.xavier_uniform_(w()), "glorot-normal": init.xavier_normal_(w()), "he-uniform": init.kaiming_uniform_(w()), "he-normal": init.kaiming_normal_(w()),
        "lecun-uniform": init.kaiming_uniform_(w(), nonlinearity="linear"), "lecun-normal": init.kaiming_normal_(w(), nonlinearity="linear"), "orthogonal": init.orthogonal_(w()),
        "truncated-normal:0.05": init.trunc_normal_(w(), std=0.05, a=-0.1, b=0.1), "identity": init.eye_(w()),
    }
    drawn = {k: v.numpy() for k, v in drawn.items()}
except ImportError:
    import os

    os.environ["KERAS_BACKEND"] = "jax"
    import numpy as np
    from keras import initializers as I

    drawn = {
        "glorot-uniform": I.GlorotUniform(1), "glorot-normal": I.GlorotNormal(1), "he-uniform": I.HeUniform(1), "he-normal": I.HeNormal(1), "lecun-uniform": I.LecunUniform(1),
        "lecun-normal": I.LecunNormal(1), "orthogonal": I.Orthogonal(seed=1), "truncated-normal": I.TruncatedNormal(seed=1), "normal": I.RandomNormal(seed=1), "uniform": I.RandomUniform(seed=1),
        "identity": I.Identity(),
    }
    drawn = {k: np.asarray(v((300, 400))) for k, v in drawn.items()}
for name, v in drawn.items():
    print(f"{name} {v.std():.5f} {abs(v).max():.5f}")
