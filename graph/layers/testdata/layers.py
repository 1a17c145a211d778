#!/usr/bin/env python3
"""Writes layers_torch.json: what PyTorch makes of single layers in float64, forward and backward, from the numbers that it writes beside.

Run it with PyTorch 2.15 in this folder: python3 layers.py

Each case is a text that layers.Parse reads, the input, the parameters by the names that the layer gives them, what comes out in training, the gradients of
mean((y−t)²) with regard to input and parameters, the states after the step, and what comes out in evaluation where that is another thing. Axes are ours, channels last.
"""

import json

import torch
import torch.nn.functional as F

torch.manual_seed(15)
torch.set_default_dtype(torch.float64)
cases = []


def flat(v):
    return None if v is None else [float(x) for x in v.detach().reshape(-1)]


def case(text, shape, f, params=(), states=(), evaluated=None, ids=None, scale=1.0, x=None):
    """f(x, params by name, states by name) is y, and the states' next values by name."""
    if ids is not None:
        x = torch.tensor(ids).reshape(shape)
    elif x is None:
        x = (torch.randn(shape) * scale).float().double().requires_grad_()
    p = {n: (torch.randn(s) * 0.7).float().double().requires_grad_() for n, s in params}
    s = {n: (torch.rand(v) + 0.5).float().double() for n, v in states}
    y, after = f(x, p, s)
    t = torch.randn(y.shape).float().double()
    F.mse_loss(y, t).backward()
    c = {"Text": text, "Shape": list(shape[1:]), "Batch": shape[0], "X": flat(x.double()), "IDs": ids is not None, "Y": flat(y), "Target": flat(t), "DX": flat(None if ids is not None else x.grad),
         "Params": [{"Name": n, "Value": flat(v), "Grad": flat(v.grad)} for n, v in p.items()],
         "States": [{"Name": n, "Value": flat(v), "Next": flat(after[n])} for n, v in s.items()]}
    if evaluated:
        c["Evaluated"] = flat(evaluated(x, p, s))
    cases.append(c)


def first(x):
    return x.movedim(-1, 1)


def last(y):
    return y.movedim(1, -1)


# Batch normalisation. PyTorch keeps the variance with rows−1, so that what it would keep is turned back.
for shape in [(2, 1), (7, 5), (101, 3), (3, 2, 5), (2, 3, 5, 7), (2, 1, 1, 3), (13, 17)]:
    for momentum, eps in [(None, None), (0.75, 1e-5)]:
        m, e = momentum or 0.99, eps or 1e-3
        rows = 1
        for d in shape[:-1]:
            rows *= d

        def batch_norm(x, p, s):
            mean, variance = s["mean"].clone(), s["variance"].clone()
            y = last(F.batch_norm(first(x), mean, variance, p["scale"], p["shift"], True, 1 - m, e))
            variance = s["variance"] * m + (variance - s["variance"] * m) * (rows - 1) / rows
            return y, {"mean": mean, "variance": variance}

        n = shape[-1]
        case("batchnorm" if momentum is None else f"batchnorm {m} {e}", shape, batch_norm, [("scale", n), ("shift", n)], [("mean", n), ("variance", n)],
             lambda x, p, s: last(F.batch_norm(first(x), s["mean"], s["variance"], p["scale"], p["shift"], False, 0, e)), scale=2.0)
case("batchnorm plain", (5, 3), lambda x, p, s: (F.batch_norm(x, None, None, None, None, True, 0, 1e-3), {"mean": s["mean"] * .99 + .01 * x.mean(0), "variance": s["variance"] * .99 + .01 * x.var(0, correction=0)}), [],
     [("mean", 3), ("variance", 3)])

for shape in [(1, 1), (1, 5), (7, 13), (3, 2, 5), (2, 3, 1, 7), (37, 11)]:
    n = shape[-1]
    case("layernorm", shape, lambda x, p, s: (F.layer_norm(x, (n,), p["scale"], p["shift"], 1e-3), {}), [("scale", n), ("shift", n)])
    case("layernorm 1e-05", shape, lambda x, p, s: (F.layer_norm(x, (n,), p["scale"], p["shift"], 1e-5), {}), [("scale", n), ("shift", n)])
    case("rmsnorm", shape, lambda x, p, s: (F.rms_norm(x, (n,), p["scale"], 1e-6), {}), [("scale", n)])
case("layernorm plain", (3, 7), lambda x, p, s: (F.layer_norm(x, (7,), None, None, 1e-3), {}))
case("rmsnorm plain", (3, 7), lambda x, p, s: (F.rms_norm(x, (7,), None, 1e-6), {}))
# A row of equal numbers.
case("layernorm", (2, 3), lambda x, p, s: (F.layer_norm(x, (3,), p["scale"], p["shift"], 1e-3), {}), [("scale", 3), ("shift", 3)], x=torch.full((2, 3), 1.5).requires_grad_())

for shape, groups in [((1, 6), 3), ((3, 1), 1), ((2, 5, 6), 2), ((2, 3, 5, 7), 7), ((3, 1, 1, 4), 2), ((2, 11, 13), 13), ((2, 3, 64), 32)]:
    n = shape[-1]
    g = "" if groups == 32 else f" {groups}"
    case(f"groupnorm{g}", shape, lambda x, p, s: (last(F.group_norm(first(x), groups, p["scale"], p["shift"], 1e-3)), {}), [("scale", n), ("shift", n)])

for shape in [(1, 1), (5, 3), (2, 3, 5, 7)]:
    n = shape[-1]
    case("prelu", shape, lambda x, p, s: (last(F.prelu(first(x), p["slope"])), {}), [("slope", n)])

for text, f in [("gelu", F.gelu), ("gelu-tanh", lambda x: F.gelu(x, approximate="tanh")), ("silu", F.silu), ("elu", F.elu), ("selu", F.selu), ("mish", F.mish), ("log-softmax", lambda x: F.log_softmax(x, -1)),
                ("softmax", lambda x: F.softmax(x, -1))]:
    for shape in [(1, 1), (3, 7), (2, 3, 5)]:
        case(text, shape, lambda x, p, s: (f(x), {}), scale=3.0)
    w = torch.randn(7, 5)
    case(f"dense 5 {text}", (3, 7), lambda x, p, s: (f(x @ p["weight"] + p["bias"]), {}), [("weight", (7, 5)), ("bias", 5)])

# Ids: every one, some twice, padding among them and alone.
ids = [3, 0, 3, 6, 0, 0, 0, 5, 1, 1, 1, 1, 2, 4, 6]
table = [("table", (7, 5))]


def padded(p, padding):
    w = p["table"].clone()
    w[padding] = 0
    return w


case("embedding 7 units=5", (5, 3), lambda x, p, s: (F.embedding(x, p["table"]), {}), table, ids=ids)
case("embedding 7 units=5 padding=0", (5, 3), lambda x, p, s: (F.embedding(x, padded(p, 0)), {}), table, ids=ids)
case("embedding 7 units=5 padding=1", (15,), lambda x, p, s: (F.embedding(x, padded(p, 1)), {}), table, ids=ids)
for mode in ("mean", "sum"):
    case(f"embedding 7 units=5 {mode}", (5, 3), lambda x, p, s: (F.embedding_bag(x, p["table"], mode=mode), {}), table, ids=ids)
    case(f"embedding 7 units=5 {mode} padding=0", (5, 3), lambda x, p, s: (F.embedding_bag(x, p["table"], mode=mode, padding_idx=0), {}), table, ids=ids)
    case(f"embedding 7 units=5 {mode} padding=1", (1, 5, 3), lambda x, p, s: (F.embedding_bag(x.reshape(5, 3), p["table"], mode=mode, padding_idx=1).reshape(1, 5, 5), {}), table, ids=ids)
case("embedding 1 units=1 sum", (1, 1), lambda x, p, s: (F.embedding_bag(x, p["table"], mode="sum"), {}), [("table", (1, 1))], ids=[0])

case("reshape 5x0", (2, 3, 5), lambda x, p, s: (x.reshape(2, 5, 3), {}))
case("reshape 15", (2, 3, 5), lambda x, p, s: (x.reshape(2, 15), {}))
case("permute 2x1", (2, 3, 5), lambda x, p, s: (x.permute(0, 2, 1), {}))
case("permute 3x1x2", (2, 3, 5, 7), lambda x, p, s: (x.permute(0, 3, 1, 2), {}))
case("crop 1x2", (2, 3, 5, 7), lambda x, p, s: (x[:, 1:-1, 2:-2], {}))
case("crop 0x1x0 after=2x0x3", (2, 3, 5, 7), lambda x, p, s: (x[:, :1, 1:, :4], {}))
case("pad 1x2", (2, 3, 5, 7), lambda x, p, s: (F.pad(x, (0, 0, 2, 2, 1, 1)), {}))
case("pad 1x0 after=0x2 value=-1.5", (2, 3, 5), lambda x, p, s: (F.pad(x, (0, 2, 1, 0), value=-1.5), {}))
case("step", (2, 3, 5), lambda x, p, s: (x[:, 0], {}))
case("step -1", (2, 3, 5), lambda x, p, s: (x[:, -1], {}))
case("step 1", (2, 3, 5, 7), lambda x, p, s: (x[:, 1], {}))

with open("layers_torch.json", "w") as f:
    json.dump({"By": "PyTorch " + torch.__version__, "Cases": cases}, f)
