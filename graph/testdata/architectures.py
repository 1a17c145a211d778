#!/usr/bin/env python3
"""Writes architectures.json: 40 networks drawn from a seed, and what PyTorch makes of them in float64, for ../architectures_test.go.

Run it with PyTorch 2 in this folder: python3 architectures.py
For others: python3 architectures.py SEED NETWORKS FILE, and then, in the folder above: go test -run TestArchitectures -architectures FILE

A network is data, a graph.Net: inputs, shared layers, items that each feed a layer with what earlier ones gave, and outputs, each with its loss. Beside it stand
the inputs, targets, sample weights and parameters, every one of them a number of float32, so that both element types begin from the same; and the results:
outputs, the loss and its values by position, the gradients of inputs and parameters, and the next values of states.

The sizes of a network are distinct primes, and its batch is another, so that nothing that is transposed fits by chance; only what must be alike is (a
Residual's ends, two inputs of one tower). Layers, activations and losses are dealt from packs, so that each comes up. A network that stands near a kink (a
relu at 0, two equal maxima) is drawn anew: float32 might fall on its other side.
"""

import json
import random
import sys
from collections import Counter

import torch
import torch.nn.functional as F

SEED, NETWORKS, FILE = 3, 40, "architectures.json"
PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71]
ACTIVATIONS = {
    "linear": lambda b, x: x,
    "sigmoid": lambda b, x: b.made(torch.sigmoid(x), x),
    "tanh": lambda b, x: torch.tanh(x),
    "relu": lambda b, x: F.relu(b.kink(x)),
    "leaky-relu": lambda b, x: F.leaky_relu(b.kink(x), 0.01),
    "softplus": lambda b, x: F.softplus(x, threshold=100),
    "softmax": lambda b, x: b.made(torch.softmax(x, -1), x),
}


class Pack:
    """Deals what it holds in a random order, all of it before anything comes again."""

    def __init__(self, r, cards):
        self.r, self.cards, self.left = r, list(cards), []

    def deal(self, suits=lambda card: True):
        for _ in range(2):
            for card in self.left:
                if suits(card):
                    self.left.remove(card)
                    return card
            self.left += self.r.sample(self.cards, len(self.cards))
        raise ValueError("no card suits")


class Builder:
    """Builds a network as graph.Builder does: it names layers, and keeps parameters, states, updates and penalties."""

    def __init__(self, net, kept, training, draw):
        self.net, self.kept, self.training, self.draw = net, kept, training, draw
        self.count, self.uses, self.path = Counter(), {}, []
        self.updates, self.penalties = {}, []
        self.logits = []  # probabilities, and what they were made of
        self.nearest = 1.0  # distance from a kink

    def kink(self, x):
        self.nearest = min(self.nearest, float(x.detach().abs().min()))
        return x

    def made(self, p, z):
        self.logits.append((p, z))
        return p

    def tensor(self, kind, name, *shape):
        name = f"{self.path[-1]}.{name}"
        if name not in self.kept[kind]:
            fan_in = torch.Size(shape[:-1]).numel() if len(shape) > 1 else 4
            self.kept[kind][name] = self.draw(1.2 / fan_in**0.5, *shape).requires_grad_(kind == "params")
        return self.kept[kind][name]

    def param(self, name, *shape):
        return self.tensor("params", name, *shape)

    def apply(self, l, *xs):
        kind, before = l["kind"], None
        if kind == "share":
            shared, inner = l["of"], self.net["shared"][l["of"]]
            if shared in self.uses:
                name, count = self.uses[shared]
                before, self.count = self.count, Counter(count)
            else:
                name = self.named(inner)
                self.uses[shared] = name, Counter(self.count)
            l = inner
        else:
            name = self.named(l)
        self.path.append(name)
        y = LAYERS[l["kind"]](self, l, *xs)
        self.path.pop()
        if before is not None:
            self.count = before
        return y

    def named(self, l):
        kind = l["activation"].replace("-", "_") if l["kind"] == "activation" else l["kind"]
        self.count[kind] += 1
        return f"{kind}_{self.count[kind]}"

    def chain(self, layers, x):
        for l in layers:
            x = self.apply(l, x)
        return x

    def items(self, items, values):
        for i in items:
            values = values + [self.apply(i["layer"], *[values[f] for f in i["from"]])]
        return values


# The layers: those of package layers, and below them those of the test, which are made of Gorgonia's ops or of ours.


def dense(b, l, x):
    z = x @ b.param("weight", x.shape[-1], l["units"]) + b.param("bias", l["units"])
    return ACTIVATIONS[l["activation"]](b, z)


def concat(b, l, *xs):
    return torch.cat([b.apply(k, xs[0]) for k in l["layers"]] if l.get("layers") else xs, -1)


def gated(b, l, x):
    a, c = (x @ b.param(name, x.shape[-1], l["units"]) for name in ("gate", "value"))
    return torch.sigmoid(a) * torch.tanh(c)


def centre(b, l, x):
    mean = b.tensor("states", "mean", x.shape[-1])
    if b.training:
        now = x.reshape(-1, x.shape[-1]).mean(0)
        b.updates[b.path[-1] + ".mean"] = mean + l["number"] * (now - mean)
        mean = now
    return x - mean


def ridge(b, l, x):
    w = b.param("weight", x.shape[-1], l["units"])
    b.penalties.append(l["number"] * (w * w).sum())
    return x @ w


def embed(b, l, x):
    return b.param("table", l["words"], l["units"])[x]


def maximum(b, l, x):
    top = x.detach().topk(2, dim=1).values
    b.kink(top[:, 0] - top[:, 1])
    return x.amax(1)


def attention(b, l, x):
    return torch.softmax(x @ x.transpose(1, 2), -1) @ x


def halves(b, l, x):
    n = x.shape[-1] // 2
    return torch.tanh(x[..., :n]) * torch.sigmoid(x[..., n : 2 * n])


LAYERS = {
    "dense": dense,
    "activation": lambda b, l, x: ACTIVATIONS[l["activation"]](b, x),
    "flatten": lambda b, l, x: x.flatten(1) if x.dim() > 1 else x[:, None],
    "residual": lambda b, l, x: x + b.chain(l["layers"], x),
    "sequence": lambda b, l, x: b.chain(l["layers"], x),
    "concat": concat,
    "sum": lambda b, l, *xs: sum(xs),
    "absdiff": lambda b, l, x, y: b.kink(x - y).abs(),
    "net": lambda b, l, x: b.items(l["items"], [x])[-1],
    "swish": lambda b, l, x: x * torch.sigmoid(x),
    "gated": gated,
    "bias": lambda b, l, x: x + b.param("v", x.shape[-1]),
    "scaled": lambda b, l, x: x * torch.sigmoid(b.param("v", x.shape[-1])),
    "centre": centre,
    "ridge": ridge,
    "mix": lambda b, l, x: x + l["number"] * (torch.tanh(x) - x),
    "less_mean": lambda b, l, x: x - x.mean(1, keepdim=True),
    "affine": lambda b, l, x: l["number"] * x + 0.75,
    "halves": halves,
    "damped": lambda b, l, x: x / torch.sqrt(0.5 + torch.log1p(x * x)),
    "columns": lambda b, l, x: x[..., 1:],
    "mean_time": lambda b, l, x: x.mean(1),
    "max_time": maximum,
    "swap": lambda b, l, x: x.transpose(1, 2),
    "attention": attention,
    "embed": embed,
}
OF_LAYERS = ["dense", "dense", "activation", "residual", "concat", "sequence"]
BY_RANK = {  # of the node, the batch's axis included
    2: OF_LAYERS + ["net", "swish", "gated", "bias", "scaled", "centre", "ridge", "mix", "less_mean", "affine", "halves", "damped", "columns"],
    3: OF_LAYERS + ["net", "swish", "centre", "mix", "affine", "damped", "columns", "flatten", "mean_time", "max_time", "swap", "attention", "bias"] + ["mean_time", "max_time", "swap", "attention"],
    4: OF_LAYERS + ["swish", "centre", "flatten", "columns", "bias", "damped"],
}

# The losses: values(b, z, target, options) are one for each position, of logits or scores z; ends are what a network may end in before them.
ANY = ["linear", "sigmoid", "tanh", "softplus", "relu then linear"]


def cross_entropy(b, z, t, o):
    if o.get("Distributions"):
        e = o.get("Smoothing", 0)
        return -(((1 - e) * t + e / z.shape[-1]) * torch.log_softmax(z, -1)).sum(-1)
    return F.cross_entropy(z.movedim(-1, 1), t, reduction="none", ignore_index=-1, label_smoothing=o.get("Smoothing", 0))


def clipped(b, z, t, o):
    p = torch.softmax(z, -1).clamp(1e-7, 1 - 1e-7)
    return -p.log().gather(-1, t.clamp(min=0)[..., None])[..., 0] * (t >= 0)


def margin(b, z, t, o):
    n = z.shape[-1]
    of = z.gather(-1, t.clamp(min=0)[..., None])
    b.kink((1 - of + z)[z != of])
    v = F.multi_margin_loss(z.reshape(-1, n), t.clamp(min=0).reshape(-1), reduction="none").reshape(t.shape)
    return v * (t >= 0)


LOSSES = {
    "cross-entropy": (cross_entropy, ["softmax", "softmax layer", "linear"]),
    "clipped-cross-entropy": (clipped, ["softmax", "softmax layer"]),
    "kl": (lambda b, z, t, o: F.kl_div(torch.log_softmax(z, -1), t, reduction="none").sum(-1), ["softmax", "softmax layer", "linear"]),
    "binary-cross-entropy": (lambda b, z, t, o: F.binary_cross_entropy_with_logits(z, t, reduction="none").mean(-1), ["sigmoid", "sigmoid layer", "linear"]),
    "mse": (lambda b, y, t, o: F.mse_loss(y, t, reduction="none").mean(-1), ANY),
    "mae": (lambda b, y, t, o: b.kink(y - t).abs().mean(-1), ANY),
    "huber": (lambda b, y, t, o: F.huber_loss(y, t, reduction="none", delta=o.get("Delta") or 1.0).mean(-1), ANY),
    "cosine": (lambda b, y, t, o: 1 - F.cosine_similarity(y, t, dim=-1), ANY),
    "hinge": (lambda b, z, t, o: torch.clamp(b.kink(1 - (2 * t - 1) * z), min=0).mean(-1), ["linear"]),
    "multi-margin": (margin, ["linear"]),
}
OF_LOGITS = ["cross-entropy", "clipped-cross-entropy", "kl", "binary-cross-entropy"]
VARIANTS = [
    ("cross-entropy", {}), ("cross-entropy", {"ignored": True}), ("cross-entropy", {"Smoothing": 0.125}), ("cross-entropy", {"Weights": True}),
    ("cross-entropy", {"Weights": True, "ignored": True, "Smoothing": 0.25}), ("cross-entropy", {"Distributions": True}),
    ("cross-entropy", {"Distributions": True, "Smoothing": 0.125}), ("cross-entropy", {"Logits": True, "ignored": True}),
    ("clipped-cross-entropy", {}), ("clipped-cross-entropy", {"ignored": True}), ("kl", {}), ("kl", {}), ("binary-cross-entropy", {}), ("binary-cross-entropy", {"soft": True}),
    ("mse", {}), ("mse", {}), ("mae", {}), ("mae", {}), ("huber", {}), ("huber", {"Delta": 0.25}), ("cosine", {}), ("cosine", {}), ("hinge", {}), ("hinge", {}),
    ("multi-margin", {}), ("multi-margin", {"ignored": True}),
]
FORMS = ["vector", "series", "picture", "towers", "outputs", "ids", "inputs", "branches"]


class Architect:
    """Draws one network."""

    def __init__(self, r, packs):
        self.r, self.packs = r, packs
        self.sizes = r.sample(PRIMES[:9], 9) + PRIMES[9:]
        self.g = torch.Generator().manual_seed(r.getrandbits(40))
        self.net = {"inputs": [], "shared": [], "items": [], "outputs": []}
        self.shapes = []  # of inputs and items, after the batch
        self.batch = self.prime(13)

    def prime(self, most=23, least=2):
        suits = [p for p in self.sizes if least <= p <= most] or [p for p in self.sizes if p >= least]
        self.sizes.remove(suits[0])
        return suits[0]

    def values(self, scale, *shape):
        """Normal numbers that are multiples of 1/64, none of them 0."""
        x = (torch.randn(*shape, generator=self.g).double() * scale * 64).round()
        return torch.where(x == 0, torch.ones_like(x), x) / 64

    def input(self, name, *shape, words=0):
        self.net["inputs"].append({"name": name, "shape": list(shape), "words": words})
        self.shapes.append(shape)
        return len(self.shapes) - 1

    def add(self, layer, *of):
        first = len(self.net["inputs"])
        self.net["items"].append({"layer": layer, "from": list(of)})
        self.shapes.append(self.after(layer, *[self.shapes[h] for h in of]))
        assert len(self.shapes) == first + len(self.net["items"])
        return len(self.shapes) - 1

    def after(self, layer, *shapes):
        b = Builder(self.net, {"params": {}, "states": {}}, True, lambda _, *shape: torch.ones(*shape).double())
        ids = layer["kind"] == "embed"
        xs = [torch.zeros(2, *s, dtype=torch.long if ids else torch.double) for s in shapes]
        return tuple(b.apply(layer, *xs).shape[1:])

    def activation(self):
        return self.packs["activation"].deal()

    def dense(self, units=0):
        return {"kind": "dense", "units": units or self.prime(), "activation": self.activation()}

    def layer(self, shape, deep=0, suits=lambda kind: True):
        """A layer that suits a shape, and what it makes of it."""
        size = torch.Size(shape).numel()

        def fits(kind):
            if not suits(kind) or deep > 1 and kind in ("residual", "concat", "sequence", "net"):
                return False
            if kind == "flatten":
                return size < 120
            if kind in ("columns", "halves", "less_mean"):
                return shape[-1] > 4
            if kind == "max_time":
                return shape[0] > 1
            return True

        kind = self.packs[len(shape) + 1].deal(fits)
        l = {"kind": kind}
        if kind == "dense":
            l = self.dense()
        elif kind == "activation":
            l["activation"] = self.activation()
        elif kind in ("gated", "ridge"):
            l["units"] = self.prime()
        elif kind == "residual":
            l["layers"] = [self.layer(shape, deep + 1, lambda k: k not in ("flatten", "mean_time", "max_time", "swap"))[0]]
            if self.after(l["layers"][0], shape) != shape or self.r.random() < 0.5:
                l["layers"].append(self.dense(shape[-1]))
        elif kind == "concat":
            alike = lambda k: k not in ("flatten", "mean_time", "max_time", "swap")
            l["layers"] = [self.layer(shape, deep + 1, alike)[0] for _ in range(self.r.choice([1, 2, 2, 3]))]
        elif kind == "sequence":
            l["layers"] = []
            after = shape
            for _ in range(2):
                one, after = self.layer(after, deep + 1, lambda k: k not in ("flatten", "mean_time", "max_time", "swap"))
                l["layers"].append(one)
        elif kind == "net":  # a diamond
            units = self.prime()
            l["items"] = [{"layer": self.dense(), "from": [0]}, {"layer": self.dense(units), "from": [1]}, {"layer": self.dense(units), "from": [0]}, {"layer": {"kind": "sum"}, "from": [2, 3, 2]}]
        if kind in ("centre", "mix"):
            l["number"] = self.r.choice([0.125, 0.25, 0.375])
        if kind == "affine":
            l["number"] = self.r.choice([-1.5, 0.625])
        if kind == "ridge":
            l["number"] = self.r.choice([0.03125, 0.125])
        return l, self.after(l, shape)

    def body(self, h, layers, suits=lambda kind: True):
        for _ in range(layers):
            l, _ = self.layer(self.shapes[h], 0, suits)
            h = self.add(l, h)
        return h

    def end(self, h, name):
        """Ends in what a loss that is dealt wants."""
        loss, options = self.packs["loss"].deal()
        options = dict(options)
        end = self.packs[loss].deal(lambda e: True)
        if options.get("Logits"):
            end = "tanh"
        units = self.prime(13)
        if end == "relu then linear":
            h, end = self.add({"kind": "activation", "activation": "relu"}, h), "linear"
        word, _, layer = end.partition(" ")
        h = self.add({"kind": "dense", "units": units, "activation": "linear" if layer else word}, h)
        if layer:
            h = self.add({"kind": "activation", "activation": word}, h)
        shape = (self.batch, *self.shapes[h])
        o = {"name": name, "of": h, "loss": loss, "weight": self.r.choice([0, 0.5, 2])}
        classes = torch.randint(0, shape[-1], shape[:-1], generator=self.g)
        if options.pop("ignored", False):
            classes.view(-1)[:: self.r.choice([2, 3])] = -1
            if (classes < 0).all():
                classes.view(-1)[-1] = 0
        distribution = torch.softmax(self.values(1, *shape), -1).mul(1024).floor()  # in short numbers that add up to 1
        distribution[..., :1] += 1024 - distribution.sum(-1, keepdim=True)
        distribution /= 1024
        if options.get("Weights"):
            options["Weights"] = (self.values(0.5, shape[-1]).abs() + 0.25).tolist()
        if loss == "binary-cross-entropy" or loss == "hinge":
            target = (torch.rand(*shape, generator=self.g) > 0.5).double()
            if options.pop("soft", False):
                target = torch.rand(*shape, generator=self.g).mul(64).round().div(64).double()
        elif loss in ("mse", "mae", "huber", "cosine"):
            target = self.values(1, *shape)
        elif loss == "kl" or options.get("Distributions"):
            target = distribution
        else:
            target = classes
        o["options"] = options
        self.net["outputs"].append(o)
        return o, target

    def draw(self, form):
        r = self.r
        if form == "vector":
            last = [self.body(self.input("x", self.prime()), r.randint(2, 4))]
        elif form == "series":
            last = [self.body(self.input("x", self.prime(7), self.prime(13)), r.randint(2, 4))]
        elif form == "picture":
            last = [self.body(self.input("x", self.prime(5), self.prime(7), self.prime(7)), r.randint(2, 3))]
        elif form == "towers":
            shape = r.choice([(self.prime(),), (self.prime(5), self.prime(7))])
            x, y = self.input("left", *shape), self.input("right", *shape)
            layers, after = [], shape
            for _ in range(2):
                l, after = self.layer(after, 1, lambda k: k != "ridge")
                layers.append(l)
            if r.random() < 0.5:  # updated twice
                layers.append({"kind": "centre", "number": 0.25})
            self.net["shared"].append({"kind": "sequence", "layers": layers})
            tower = {"kind": "share", "of": 0}
            if r.random() < 0.5:  # one of them is not at the input
                x = self.add({"kind": "activation", "activation": "tanh"}, x)
            x, y = self.add(tower, x), self.add(tower, y)
            last = [self.body(self.add({"kind": self.packs["join"].deal()}, x, y), 1)]
        elif form == "outputs":
            trunk = self.body(self.input("x", self.prime(11)), 2)
            last = [self.body(trunk, r.randint(0, 2)) for _ in range(r.choice([2, 3]))]
        elif form == "ids":
            words, units = self.prime(), self.prime(11)
            shape = r.choice([(), (self.prime(7),), (self.prime(7),)])
            h = self.add({"kind": "embed", "words": words, "units": units}, self.input("x", *shape, words=words))
            last = [self.body(h, r.randint(1, 3))]
        elif form == "inputs":
            words = self.prime()
            self.input("number")
            self.input("series", self.prime(5), self.prime(7))
            self.input("id", words=words)
            a = self.add({"kind": "flatten"}, 0)
            s = self.add({"kind": "flatten"}, self.body(1, 1, lambda k: k not in ("flatten", "mean_time", "max_time")))
            e = self.add({"kind": "embed", "words": words, "units": self.prime(7)}, 2)
            both = self.add({"kind": "concat"}, s, a, e)
            last = [self.body(both, 1)]
            if r.random() < 0.5:
                last.append(a)
        else:  # branches, one block used twice
            h = self.body(self.input("x", self.prime(13)), 1)
            n = self.shapes[h][-1]
            self.net["shared"].append({"kind": "residual", "layers": [self.dense(), self.dense(n)]})
            block = {"kind": "share", "of": 0}
            a = self.add(block, self.add(block, h))
            c = self.body(h, 1)
            j = self.add({"kind": self.packs["join"].deal()}, h, a)
            last = [self.body(self.add({"kind": "concat"}, c, j, a), 1)]
        targets = [self.end(h, f"out{i}" if len(last) > 1 else "output") for i, h in enumerate(last)]
        net = self.net
        net["batch"] = self.batch
        net["samples"] = None
        if r.random() < 0.5:
            net["samples"] = [r.randint(0, 16) / 8 for _ in range(self.batch)]
            net["samples"][0] = 0.5
        net["list"] = form in ("vector", "series", "picture", "ids")  # a list of layers, each fed by the one before it
        return self.results(targets)

    def run(self, training, xs, targets, kept):
        net = self.net
        b = Builder(net, kept, training, self.values)
        values = b.items(net["items"], xs)
        loss, positions, outputs = 0, [], []
        for o, t in targets:
            y = values[o["of"]]
            z = next((z for p, z in b.logits if p is y), y) if o["loss"] in OF_LOGITS else y
            v = LOSSES[o["loss"]][0](b, z, t, o["options"])
            w = torch.ones_like(v)
            if t.dtype == torch.long:
                w = (t >= 0).double()
                if o["options"].get("Weights"):
                    w = w * torch.tensor(o["options"]["Weights"]).double()[t.clamp(min=0)]
            w = w / w.sum() * (o["weight"] or 1)
            if net["samples"]:
                w = w * torch.tensor(net["samples"]).double().reshape(-1, *[1] * (v.dim() - 1))
            loss = loss + (w * v).sum()
            positions.append(v)
            outputs.append(y)
        return b, outputs, positions, sum(b.penalties, loss)

    def results(self, targets):
        net, kept = self.net, {"params": {}, "states": {}}
        xs = []
        for i in net["inputs"]:
            shape = (self.batch, *i["shape"])
            x = torch.randint(0, i["words"], shape, generator=self.g) if i["words"] else self.values(1, *shape).requires_grad_()
            i["x"] = flat(x)
            xs.append(x)
        b, outputs, positions, loss = self.run(True, xs, targets, kept)
        params = list(kept["params"].values())
        floats = [x for x in xs if x.is_floating_point()]
        grads = torch.autograd.grad(loss, params + floats, allow_unused=True)
        if any(g is None for g in grads) or max(float(p.detach().abs().max()) for p in outputs + [loss]) > 50:
            return None
        if b.nearest < 5e-4 or min(float(g.abs().max()) for g in grads) < 1e-4:
            return None
        net["params"] = [{"name": n, "shape": list(p.shape), "value": flat(p), "grad": results(g)} for (n, p), g in zip(kept["params"].items(), grads)]
        of = iter(grads[len(params):])
        for i in net["inputs"]:
            if not i["words"]:
                i["grad"] = results(next(of))
        net["states"] = [{"name": n, "value": flat(s), "next": results(b.updates[n])} for n, s in kept["states"].items()]
        net["loss"] = results(loss)[0]
        for (o, t), y, v in zip(targets, outputs, positions):
            o["target"] = flat(t)
            o["values"] = results(y)
            o["losses"] = results(v)
        if kept["states"]:
            _, outputs, _, loss = self.run(False, xs, targets, kept)
            net["evaluated"] = results(loss)[0]
            for (o, _), y in zip(targets, outputs):
                o["evaluated"] = results(y)
        return net


def flat(t):
    """Numbers that are the same in float32."""
    t = t.detach()
    assert not t.is_floating_point() or torch.equal(t, t.float().double())
    return t.flatten().tolist()


def results(t):
    return [float(f"{x:.11g}") for x in t.detach().flatten().tolist()]


def kinds(l):
    yield l["kind"]
    if "activation" in l:
        yield l["activation"]
    for inner in l.get("layers", []) + [i["layer"] for i in l.get("items", [])]:
        yield from kinds(inner)


def main(seed, networks, file):
    r = random.Random(seed)
    packs = {"activation": Pack(r, ACTIVATIONS), "loss": Pack(r, VARIANTS), "join": Pack(r, ["absdiff", "concat", "sum"])}
    packs |= {rank: Pack(r, all) for rank, all in BY_RANK.items()} | {name: Pack(r, ends) for name, (_, ends) in LOSSES.items()}
    nets, drawn = [], 0
    while len(nets) < networks:
        drawn += 1
        form = FORMS[len(nets) % len(FORMS)]
        if net := Architect(r, packs).draw(form):
            nets.append({"name": f"{len(nets)} {form}", **net})
    counts = Counter(k for n in nets for i in n["items"] for k in kinds(i["layer"]))
    counts.update(k for n in nets for l in n["shared"] for k in kinds(l))
    counts.update(o["loss"] for n in nets for o in n["outputs"])
    rare = [k for k in [*LAYERS, *ACTIVATIONS, *LOSSES] if counts[k] < 2]
    counts["shared centre"] = sum("centre" in kinds(l) for n in nets for l in n["shared"])
    rare += ["shared centre"] if counts["shared centre"] < 2 else []
    assert not rare, f"{rare} come up less than twice: take another seed"
    print(f"{networks} networks of {drawn} drawn; {counts}")
    with open(file, "w") as f:
        json.dump({"versions": {"torch": torch.__version__}, "networks": nets}, f, separators=(",", ":"))
        f.write("\n")


main(*(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]) if len(sys.argv) > 1 else (SEED, NETWORKS, FILE))
