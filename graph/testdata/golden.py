#!/usr/bin/env python3
"""Writes golden.json: what PyTorch makes of the networks in ../golden_test.go, from the weights it writes beside.

Run it with PyTorch 1.13 (Debian: python3-torch) in this folder: python3 golden.py

Our weights are [in,out], so a layer is x @ w + b here. Names of layers and parameters are those that graph gives them.
Each network is run once for each of its losses, forward and backward, keeping every layer's output and its gradient;
and five steps with each optimizer on its first loss, all on one batch.
"""

import json

import torch
import torch.nn.functional as F

torch.manual_seed(20)
torch.use_deterministic_algorithms(True)


class Net:
    """Parameters by name in the order in which they are asked for, and the layers' outputs of the last forward pass."""

    def __init__(self, inputs, batch, targets):
        self.params, self.layers = {}, {}
        self.x = torch.randn(batch, inputs)
        self.y = targets

    def param(self, name, *shape):
        if name not in self.params:
            self.params[name] = (torch.randn(*shape) * 0.7).requires_grad_()
        return self.params[name]

    def keep(self, name, value):
        value.retain_grad()
        self.layers[name] = value
        return value

    def affine(self, name, x, units):
        return x @ self.param(name + ".weight", x.shape[1], units) + self.param(name + ".bias", units)

    def dense(self, name, x, units, f):
        return self.keep(name, f(self.affine(name, x, units)))


def one_hot(batch, classes):
    return F.one_hot(torch.arange(batch) * 2 % classes, classes).float()


def soft(batch, classes):
    return F.softmax(torch.randn(batch, classes), dim=1)


def mlp(n):
    h = n.dense("dense_1", n.x, 6, torch.sigmoid)
    h = n.dense("dense_2", h, 5, torch.sigmoid)
    return head(n, "dense_3", h, 4)


def relu(n):
    h = n.dense("dense_1", n.x, 8, F.relu)
    return head(n, "dense_2", h, 3)


def branches(n):
    h = n.dense("dense_1", n.x, 6, torch.tanh)
    # Residual{Dense softplus, Dense}
    inner = n.dense("dense_3", n.dense("dense_2", h, 5, F.softplus), 6, lambda z: z * 1)
    h = n.keep("residual_1", h + inner)
    # Concat{Dense leaky relu, Sequence{Dense, Softplus}, Linear}
    a = n.dense("dense_4", h, 3, lambda z: F.leaky_relu(z, 0.01))
    b = n.keep("softplus_1", F.softplus(n.dense("dense_5", h, 2, lambda z: z * 1)))
    h = n.keep("concat_1", torch.cat([a, b, h], dim=1))
    return head(n, "dense_6", h, 3)


def dropout(n):
    h = n.dense("dense_1", n.x, 4, torch.tanh)
    h = n.keep("dropout_1", h * n.mask)
    return head(n, "dense_2", h, 3)


def head(n, name, h, classes):
    """The last layer. A loss from the logits looks through the softmax: the gradient that is kept is then the logits'."""
    z = n.affine(name, h, classes)
    z.retain_grad()
    n.logits, n.head = z, name
    return n.keep(name, F.softmax(z, dim=1))


def cross_entropy(n, p):
    return F.cross_entropy(n.logits, n.y)


def clipped(n, p):
    return -(n.y * torch.log(p.clamp(1e-7, 1 - 1e-7))).sum(dim=1).mean()


def mse(n, p):
    return F.mse_loss(p, n.y)


OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.3),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.9, 0.999), eps=1e-7),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.02, betas=(0.9, 0.999), eps=1e-7, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-7),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05, eps=1e-7),
}


def numbers(t):
    """Shortest decimals that read back as the same float32."""
    return [float(str(v)) for v in t.detach().numpy().reshape(-1)]


def backward(n, forward, loss):
    for p in n.params.values():
        p.grad = None
    output = forward(n)
    value = loss(n, output)
    value.backward()
    return output, value


def record(forward, n, losses):
    forward(n)  # makes the parameters
    first = {k: p.detach().clone() for k, p in n.params.items()}
    net = {"x": numbers(n.x), "y": numbers(n.y), "batch": len(n.x),
           "params": {k: numbers(v) for k, v in first.items()}, "losses": {}, "optimizers": {}}
    if hasattr(n, "mask"):
        net["mask"] = numbers(n.mask)
    for name, loss in losses.items():
        output, value = backward(n, forward, loss)
        layers = {}
        for layer, v in n.layers.items():
            grad = n.logits.grad if layer == n.head and loss is cross_entropy else v.grad
            layers[layer] = {"value": numbers(v), "grad": numbers(grad)}
        net["losses"][name] = {"loss": value.item(), "output": numbers(output), "layers": layers,
                               "grads": {k: numbers(p.grad) for k, p in n.params.items()}}
    for name, make in OPTIMIZERS.items():
        with torch.no_grad():
            for k, p in n.params.items():
                p.copy_(first[k])
        optimizer = make(list(n.params.values()))
        for _ in range(5):
            backward(n, forward, next(iter(losses.values())))
            optimizer.step()
        net["optimizers"][name] = {k: numbers(p) for k, p in n.params.items()}
    return net


def main():
    wide = Net(5, 6, soft(6, 3))
    wide.x[:2] *= 40  # so that some probabilities leave the clip at either end
    masked = Net(3, 3, one_hot(3, 3))
    # Twelve elements: few enough for our side to search for a step whose mask this is.
    masked.mask = torch.tensor([[2., 0, 0, 2], [0, 2, 2, 2], [2, 0, 2, 0]])
    golden = {
        "mlp": record(mlp, Net(7, 5, one_hot(5, 4)), {"cross-entropy": cross_entropy}),
        "relu": record(relu, wide, {"mse": mse, "clipped-cross-entropy": clipped, "cross-entropy": cross_entropy}),
        "branches": record(branches, Net(4, 5, soft(5, 3)), {"cross-entropy": cross_entropy, "mse": mse}),
        "dropout": record(dropout, masked, {"cross-entropy": cross_entropy}),
    }
    p = torch.tensor(golden["relu"]["losses"]["clipped-cross-entropy"]["output"])
    assert (p < 1e-7).any() and (p > 1 - 1e-7).any() and ((p > 1e-7) & (p < 0.9)).any()
    with open("golden.json", "w") as f:
        json.dump(golden, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main()
