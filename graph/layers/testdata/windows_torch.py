#!/usr/bin/env python3
"""Writes windows_torch.json: what PyTorch makes of convolutions and poolings, in float64.

Run it with PyTorch 2 in this folder: python3 windows_torch.py

A case is a layer in words, x with channels last, the layer's parameters, its output y flattened, and the gradients of the mean over the samples of the mean of (y - t)^2. All that is
given is a multiple of 1/64, so that both element types begin from the same. Sizes are distinct primes wherever they can be.
"""

import json

import torch
import torch.nn.functional as F

torch.manual_seed(15)
cases = []
acts = {"": lambda v: v, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "leaky-relu": lambda v: F.leaky_relu(v, .01), "softmax": lambda v: v.softmax(1)}


def draw(*shape):
    return (torch.randint(-128, 129, shape).double() / 64).requires_grad_()


def numbers(t):
    return [float(f"{v:.13g}") for v in t.detach().flatten().tolist()]


def first(v):  # channels first
    return v.movedim(-1, 1)


def add(text, f, x, *params):
    y = f(first(x), *params).movedim(1, -1) if x.dim() > 2 else f(x, *params)
    y = y.flatten(1)
    t = draw(*y.shape).detach()
    loss = ((y - t) ** 2).mean(1).mean()
    grads = torch.autograd.grad(loss, [x, *params])
    cases.append({"text": text, "shape": list(x.shape), "x": numbers(x), "params": [numbers(p) for p in params], "y": numbers(y), "t": numbers(t), "loss": loss.item(), "grads": [numbers(g) for g in grads]})


def conv(text, shape, out, size, groups=1, act="", squeeze=False, **kw):
    """shape is [batch,...,in], the kernel [...,in/groups,out] as Stheno has it."""
    d = len(size)
    x, w, b = draw(*shape), draw(*size, shape[-1] // groups, out), draw(out)
    c = F.conv1d if d == 1 else F.conv2d
    add(text, lambda v, w, b: acts[act](c(v, w.movedim((d + 1, d), (0, 1)), b, groups=groups, **kw)), x, w, b)


def transposed(text, shape, out, size, act="", **kw):
    d = len(size)
    x, w, b = draw(*shape), draw(*size, shape[-1], out), draw(out)
    c = F.conv_transpose1d if d == 1 else F.conv_transpose2d
    add(text, lambda v, w, b: acts[act](c(v, w.movedim((d, d + 1), (0, 1)), b, **kw)), x, w, b)


conv("conv 5 2x3", (2, 7, 5, 3), 5, (2, 3))
conv("conv 4 3 relu", (1, 5, 7, 2), 4, (3, 3), act="relu")
conv("conv 17 3x3 padding=1 tanh", (2, 5, 5, 3), 17, (3, 3), padding=1, act="tanh")
conv("conv 3 3x3 same sigmoid", (2, 5, 4, 2), 3, (3, 3), padding=1, act="sigmoid")
conv("conv 3 3x2 stride=2x3 padding=1x0", (2, 7, 11, 2), 3, (3, 2), stride=(2, 3), padding=(1, 0))
conv("conv 2 3x3 dilation=2x1 leaky-relu", (2, 7, 5, 3), 2, (3, 3), dilation=(2, 1), act="leaky-relu")
conv("conv 3 3 stride=2 padding=2 dilation=2", (3, 5, 7, 2), 3, (3, 3), stride=2, padding=2, dilation=2)
conv("conv 6 3x2 groups=3 relu", (2, 5, 4, 3), 6, (3, 2), groups=3, act="relu")
conv("conv 4 2 groups=2 stride=2", (2, 5, 5, 6), 4, (2, 2), groups=2, stride=2)
conv("depthwise 3x3 multiplier=2 padding=1", (2, 5, 3, 5), 10, (3, 3), groups=5, padding=1)
conv("depthwise 2x3 relu", (2, 5, 7, 3), 3, (2, 3), groups=3, act="relu")
conv("conv 7 5x3 tanh", (2, 5, 3, 2), 7, (5, 3), act="tanh")  # as large as the image
conv("conv 3 1", (2, 1, 1, 5), 3, (1, 1))  # one pixel
conv("conv 1 3 padding=1", (1, 1, 1, 1), 1, (3, 3), padding=1)  # mostly padding
conv("conv 3 1 stride=2 softmax", (2, 5, 3, 2), 3, (1, 1), stride=2, act="softmax")
conv("conv 3 7 padding=5", (2, 2, 3, 1), 3, (7, 7), padding=5)  # larger than the image
conv("conv1d 5 3 relu", (2, 7, 3), 5, (3,), act="relu")
conv("conv1d 2 2 stride=3 dilation=2 padding=1 groups=2", (3, 11, 4), 2, (2,), stride=3, dilation=2, padding=1, groups=2)

transposed("convtranspose 5 3x3 tanh", (2, 3, 5, 2), 5, (3, 3), act="tanh")
transposed("convtranspose 3 3 stride=2 padding=1", (2, 3, 2, 5), 3, (3, 3), stride=2, padding=1)
transposed("convtranspose 2 2x3 stride=3x1 dilation=1x2 padding=1 sigmoid", (1, 3, 2, 3), 2, (2, 3), stride=(3, 1), dilation=(1, 2), padding=1, act="sigmoid")
transposed("convtranspose 2 4 stride=2 same", (2, 3, 5, 3), 2, (4, 4), stride=2, padding=1)
transposed("convtranspose1d 3 5 stride=2 padding=2 relu", (2, 5, 3), 3, (5,), stride=2, padding=2, act="relu")

x = lambda *s: draw(*s)
add("maxpool 2", lambda v: F.max_pool2d(v, 2), x(2, 5, 7, 3))
add("maxpool 3x2 stride=2x1 padding=1", lambda v: F.max_pool2d(v, (3, 2), (2, 1), 1), x(2, 5, 7, 3))
add("maxpool 3 stride=1 dilation=2 padding=1", lambda v: F.max_pool2d(v, 3, 1, 1, 2), x(2, 5, 7, 2))
add("maxpool 5x3", lambda v: F.max_pool2d(v, (5, 3)), x(1, 5, 3, 2))
add("maxpool 3 stride=1 padding=1", lambda v: F.max_pool2d(v, 3, 1, 1), (x(2, 5, 5, 3).detach() / 2).round().requires_grad_())  # ties
add("maxpool 3 stride=2", lambda v: F.max_pool2d(v, 3, 2), torch.zeros(2, 5, 7, 3, dtype=torch.double, requires_grad=True))  # nothing but ties
add("maxpool1d 3 stride=2 padding=1", lambda v: F.max_pool1d(v, 3, 2, 1), x(2, 7, 3))
add("avgpool", lambda v: F.avg_pool2d(v, 2), x(2, 5, 7, 3))
add("avgpool 3x2 stride=2x1 padding=1", lambda v: F.avg_pool2d(v, (3, 2), (2, 1), 1, count_include_pad=False), x(2, 5, 7, 3))
add("avgpool1d 3 stride=2 padding=1", lambda v: F.avg_pool1d(v, 3, 2, 1, count_include_pad=True) * torch.tensor([3 / 2, 1, 1, 3 / 2]), x(2, 7, 3))
add("globalmaxpool", lambda v: v.amax((2, 3)) if v.dim() == 4 else v.amax(2), x(2, 5, 3, 7))
add("globalavgpool", lambda v: v.mean((2, 3)) if v.dim() == 4 else v.mean(2), x(2, 3, 5))
add("upsample 2x3", lambda v: v.repeat_interleave(2, 2).repeat_interleave(3, 3), x(2, 3, 5, 2))
add("upsample", lambda v: F.interpolate(v, scale_factor=2), x(1, 3, 2, 5))
add("upsample1d 3", lambda v: F.interpolate(v, scale_factor=3), x(2, 3, 5))

with open("windows_torch.json", "w") as f:
    f.write('{"made_with": "PyTorch %s", "cases": [\n' % torch.__version__ + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]}\n")
