#!/usr/bin/env python3
"""Writes golden.json: what PyTorch makes of the losses in ../golden_test.go, in float64, from the logits and targets that it writes beside.

Run it with PyTorch 2 in this folder: python3 golden.py

A case has the logits z, [batch,…,n], the target, one value a position, their weighted mean, and its gradient with regard to z. Every
number of z and of a target is one of float32, so that both element types begin from the same. Sizes are distinct primes.
"""

import json

import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(12)
SHAPES = [(5, 7), (3, 5, 7)]
cases = []


def draw(*shape, scale=2.0):
    return (torch.randn(*shape) * scale).double()


def inputs(t):
    """The fewest digits that are this float32."""
    assert torch.equal(t.double(), t.float().double())
    return [float(str(x)) for x in t.float().flatten().numpy()]


def results(t):
    return [float(f"{x:.13g}") for x in t.detach().flatten().tolist()]


def add(name, loss, z, target, values, weights=None, end="", **options):
    """values(z) are one for each position; weights are those of the positions, 1 if None."""
    z = z.double().detach().requires_grad_()
    v = values(z)
    w = torch.ones_like(v) if weights is None else weights.double()
    total = (v * w).sum() / w.sum() if w.sum() > 0 else (v * w).sum()
    (grad,) = torch.autograd.grad(total, z)
    cases.append(dict(
        name=name, loss=loss, end=end, options=options, shape=list(z.shape),
        z=inputs(z.detach()), target=inputs(target), values=results(v), total=results(total)[0], grad=results(grad),
    ))


def channels_second(z):
    """PyTorch wants the classes on the second axis."""
    return z.movedim(-1, 1)


for shape in SHAPES:
    rank = f" of rank {len(shape)}"
    rows, n = shape[:-1], shape[-1]
    z = draw(*shape)
    classes = torch.randint(0, n, rows)
    some = classes.clone()
    some[0] = -1
    some.view(-1)[-1] = -1
    dist = F.softmax(draw(*shape).float(), -1).double()
    sparse = dist.float().double()
    sparse[..., 2] = 0
    labels = torch.randint(0, 2, shape).double()
    soft = torch.rand(*shape).double()
    t = draw(*shape)
    t.view(-1)[3] = z.view(-1)[3]  # no difference
    w = torch.rand(n).float().double() + 0.25
    ends = ["", "softmax"] if len(shape) == 2 else ["softmax"]

    for end in ends:
        ce = lambda z, **k: F.cross_entropy(channels_second(z), k.pop("target"), reduction="none", **k)
        add("classes" + rank, "cross-entropy", z, classes, lambda z: ce(z, target=classes), end=end)
        add("ignored" + rank, "cross-entropy", z, some, lambda z: ce(z, target=some, ignore_index=-1), weights=(some >= 0), end=end)
        add("smoothed" + rank, "cross-entropy", z, some, lambda z: ce(z, target=some, ignore_index=-1, label_smoothing=0.1), weights=(some >= 0),
            end=end, Smoothing=0.1)
        add("distributions" + rank, "cross-entropy", z, dist, lambda z: ce(z, target=channels_second(dist)), end=end, Distributions=True)
        add("smoothed distributions" + rank, "cross-entropy", z, dist, lambda z: ce(z, target=channels_second(dist), label_smoothing=0.3), end=end,
            Distributions=True, Smoothing=0.3)
        add("kl" + rank, "kl", z, sparse, lambda z: F.kl_div(F.log_softmax(z, -1), sparse, reduction="none").sum(-1), end=end)
        # PyTorch's own weighted mean, which a check below compares with this one.
        of = torch.where(some >= 0, w[some.clamp(min=0)], 0.0)
        add("weights" + rank, "cross-entropy", z, some, lambda z: ce(z, target=some, ignore_index=-1), weights=of, end=end, Weights=w.tolist())
        whole = F.cross_entropy(channels_second(z), some, weight=w, ignore_index=-1)
        assert abs(float(whole) - cases[-1]["total"]) < 1e-12
        add("weights, smoothed" + rank, "cross-entropy", z, some, lambda z: ce(z, target=some, ignore_index=-1, label_smoothing=0.2), weights=of, end=end,
            Weights=w.tolist(), Smoothing=0.2)
    clip = lambda z: F.softmax(z, -1).clamp(1e-7, 1 - 1e-7).log().mul(-1).gather(-1, some.clamp(min=0)[..., None])[..., 0] * (some >= 0)
    add("ignored" + rank, "clipped-cross-entropy", z * 8, some, clip, weights=(some >= 0), end="softmax layer")
    add("none counts" + rank, "cross-entropy", z, torch.full(rows, -1), lambda z: z.sum(-1) * 0, weights=torch.zeros(rows))

    bce = lambda t: lambda z: F.binary_cross_entropy_with_logits(z, t, reduction="none").mean(-1)
    for end in ["", "dense sigmoid", "sigmoid"]:
        add("labels" + rank, "binary-cross-entropy", z, labels, bce(labels), end=end)
        add("soft labels" + rank, "binary-cross-entropy", z, soft.float().double(), bce(soft.float().double()), end=end)
        one, of_one = z[..., :1], labels[..., :1]
        add("one output" + rank, "binary-cross-entropy", one, of_one, bce(of_one), end=end)

    add("mse" + rank, "mse", z, t, lambda z: F.mse_loss(z, t, reduction="none").mean(-1))
    add("mae" + rank, "mae", z, t, lambda z: F.l1_loss(z, t, reduction="none").mean(-1))
    for delta in [0, 0.5, 3]:
        add(f"delta {delta}" + rank, "huber", z, t, lambda z: F.huber_loss(z, t, reduction="none", delta=delta or 1.0).mean(-1), Delta=delta)
    add("cosine" + rank, "cosine", z, t, lambda z: 1 - F.cosine_similarity(z, t, dim=-1))
    add("mse behind a sigmoid" + rank, "mse", z, soft.float().double(),
        lambda z: F.mse_loss(torch.sigmoid(z), soft.float().double(), reduction="none").mean(-1), end="sigmoid")

    sides = 2 * labels - 1
    hinge = lambda z: torch.clamp(1 - sides * z, min=0).mean(-1)
    add("0 and 1" + rank, "hinge", z, labels, hinge)
    add("-1 and 1" + rank, "hinge", z, sides, hinge)

    def margin(t):
        def values(z):
            v = F.multi_margin_loss(z.reshape(-1, n), t.clamp(min=0).reshape(-1), reduction="none").reshape(rows)
            return torch.where(t >= 0, v, torch.zeros_like(v))
        return values
    add("classes" + rank, "multi-margin", z, classes, margin(classes))
    add("ignored" + rank, "multi-margin", z, some, margin(some), weights=(some >= 0))

# Where a naive formula overflows, or takes the logarithm of 0.
far = torch.tensor([[1000.0, -1000, 0, 80, -80], [-1000, -1000, -1000, -1000, -1000], [1000, 1000, 1000, 1000, 1000]]).double()
wrong = torch.tensor([[0.0, 1, 1, 0, 1], [1, 0, 1, 0, 0.5], [1, 0, 1, 0, 0.5]]).double()
for end in ["", "dense sigmoid", "sigmoid"]:
    add("far", "binary-cross-entropy", far, wrong, lambda z: F.binary_cross_entropy_with_logits(z, wrong, reduction="none").mean(-1), end=end)
for end in ["", "softmax"]:
    c = torch.tensor([1, 2, 4])
    add("far", "cross-entropy", far, c, lambda z: F.cross_entropy(z, c, reduction="none"), end=end)
    p = torch.tensor([[0.5, 0, 0.25, 0, 0.25], [1, 0, 0, 0, 0], [0.25, 0.25, 0.25, 0.125, 0.125]]).double()
    add("far", "kl", far, p, lambda z: F.kl_div(F.log_softmax(z, -1), p, reduction="none").sum(-1), end=end)
edge = torch.tensor([[1.5, -0.5, 2.0], [0.25, 0.5, 0.75]]).double()
add("at delta", "huber", edge, torch.tensor([[0.5, 0.5, 2.0], [0.25, 1.5, -0.25]]).double(),
    lambda z: F.huber_loss(z, torch.tensor([[0.5, 0.5, 2.0], [0.25, 1.5, -0.25]]).double(), reduction="none").mean(-1), Delta=1)
long = torch.tensor([[3e30, 4e30], [-3e-30, 4e-30], [2.0, 0.0]]).double().float().double()
along = torch.tensor([[3e30, -4e30], [3.0, 4.0], [0.0, 5.0]]).double().float().double()
add("long and short", "cosine", long, along, lambda z: 1 - (z * along).sum(-1) / z.norm(dim=-1) / along.norm(dim=-1))

with open("golden.json", "w") as f:
    json.dump(dict(versions=dict(torch=torch.__version__, numpy=np.__version__), cases=cases), f, separators=(",", ":"))
    f.write("\n")
print(len(cases), "cases")
