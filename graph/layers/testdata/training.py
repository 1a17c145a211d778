#!/usr/bin/env python3
"""Writes training.json: the losses of 50 steps of Adam in PyTorch 2.15, in float64, of an LSTM, of a transformer and of LeNet-5, from the weights and on the batches that it writes beside.

Run it in this folder: python3 training.py

LeNet's weights and images are too many to write: both sides make them by spread(). Each network is in words, with its parameters by our names and in our layout ([in,out]; a GRU is not among them). Batches are taken by turns.
"""

import json

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(50)
torch.set_default_dtype(torch.float64)
torch.use_deterministic_algorithms(True)
STEPS, BATCHES, BATCH, CLASSES = 50, 5, 6, 4


def narrow(t):
    return t.float().double()


def round_weights(net):
    """To numbers that float32 has, too."""
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(narrow(p))


def dense(name, layer):
    return {f"{name}.weight": layer.weight.T, f"{name}.bias": layer.bias}


def spread(n, begin, scale):
    """n numbers between -scale/2 and scale/2, which float32 has, too."""
    k = (torch.arange(n, dtype=torch.int64) + begin) * 40503 % 65536
    return (k.double() / 65536 - 0.5) * scale


class LeNet(nn.Module):
    words = "conv 6 5 same tanh, avgpool, conv 16 5 tanh, avgpool, flatten, dense 120 tanh, dense 84 tanh, dense 10 softmax"

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.dense = nn.ModuleList([nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)])
        with torch.no_grad():
            for i, (l, scale) in enumerate(((self.a, 0.5), (self.b, 0.25))):
                o, c = l.weight.shape[:2]
                l.weight.copy_(spread(25 * c * o, i, scale).reshape(5, 5, c, o).permute(3, 2, 0, 1))
                l.bias.zero_()
            for i, l in enumerate(self.dense, 2):
                l.weight.copy_(spread(l.weight.numel(), i, 0.25).reshape(l.in_features, l.out_features).T)
                l.bias.zero_()

    def forward(self, x):
        h = F.avg_pool2d(torch.tanh(self.a(x)), 2)
        h = F.avg_pool2d(torch.tanh(self.b(h)), 2).permute(0, 2, 3, 1).flatten(1)  # ours has the channels last
        for l in self.dense[:-1]:
            h = torch.tanh(l(h))
        return self.dense[-1](h)


class LSTM(nn.Module):
    words = "lstm 11 sequence, lstm 7, dense 4 softmax"
    shape = (9, 5)

    def __init__(self):
        super().__init__()
        self.a, self.b, self.out = nn.LSTM(5, 11, batch_first=True), nn.LSTM(11, 7, batch_first=True), nn.Linear(7, CLASSES)
        for l in (self.a, self.b):  # ours has one bias
            nn.init.zeros_(l.bias_hh_l0)
            l.bias_hh_l0.requires_grad_(False)

    def forward(self, x):
        return self.out(self.b(self.a(x)[0])[0][:, -1])

    def params(self):
        all = {}
        for i, l in enumerate((self.a, self.b), 1):
            all |= {f"lstm_{i}.weight": l.weight_ih_l0.T, f"lstm_{i}.recurrent": l.weight_hh_l0.T, f"lstm_{i}.bias": l.bias_ih_l0}
        return all | dense("dense_1", self.out)


class Transformer(nn.Module):
    words = "dense 8, positions, sequence(residual(layernorm epsilon=1e-5, attention 2), residual(layernorm epsilon=1e-5, dense 12 gelu, dense 8)) * 2, globalavgpool, dense 4 softmax"
    shape = (7, 5)

    def __init__(self):
        super().__init__()
        self.i, self.p, self.o = nn.Linear(5, 8), nn.Parameter(torch.randn(7, 8) * 0.02), nn.Linear(8, CLASSES)
        self.b = nn.ModuleList(nn.TransformerEncoderLayer(8, 2, 12, 0, "gelu", batch_first=True, norm_first=True) for _ in range(2))

    def forward(self, x):
        h = self.i(x) + self.p
        for b in self.b:
            h = b(h)
        return self.o(h.mean(1))

    def params(self):
        all = {**dense("dense_1", self.i), "positions_1.weight": self.p}
        for i, b in enumerate(self.b):
            a = b.self_attn
            all |= {f"layernorm_{2 * i + 1}.scale": b.norm1.weight, f"layernorm_{2 * i + 1}.shift": b.norm1.bias,
                    f"layernorm_{2 * i + 2}.scale": b.norm2.weight, f"layernorm_{2 * i + 2}.shift": b.norm2.bias,
                    f"attention_{i + 1}.weight": a.in_proj_weight.T, f"attention_{i + 1}.bias": a.in_proj_bias,
                    f"attention_{i + 1}.output": a.out_proj.weight.T, f"attention_{i + 1}.output_bias": a.out_proj.bias,
                    **dense(f"dense_{2 * i + 2}", b.linear1), **dense(f"dense_{2 * i + 3}", b.linear2)}
        return all | dense("dense_6", self.o)


cases = []
for kind in (LSTM, Transformer):
    net = kind()
    net.train()
    round_weights(net)
    x, y = narrow(torch.randn(BATCHES, BATCH, *kind.shape)), torch.randint(0, CLASSES, (BATCHES, BATCH))
    case = {"net": kind.words, "shape": kind.shape, "batch": BATCH, "x": x.flatten(1).tolist(), "y": y.tolist(),
            "params": {k: v.detach().flatten().tolist() for k, v in net.params().items()}, "losses": []}
    step = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01, eps=1e-7)
    for i in range(STEPS):
        loss = F.cross_entropy(net(x[i % BATCHES]), y[i % BATCHES])
        case["losses"].append(loss.item())
        step.zero_grad()
        loss.backward()
        step.step()
    print(kind.__name__, case["losses"][0], case["losses"][-1])
    cases.append(case)
net, losses = LeNet(), []
step = torch.optim.Adam(net.parameters(), lr=0.001, eps=1e-7)
y = torch.randint(0, 10, (BATCHES, BATCH))
for i in range(STEPS):
    at = i % BATCHES
    loss = F.cross_entropy(net(spread(BATCH * 784, 1000 * at, 2).reshape(BATCH, 1, 28, 28)), y[at])
    losses.append(loss.item())
    step.zero_grad()
    loss.backward()
    step.step()
print("LeNet", losses[0], losses[-1])
cases.append({"net": LeNet.words, "shape": [28, 28], "batch": BATCH, "rate": 0.001, "scales": [0.5, 0.25, 0.25, 0.25, 0.25], "y": y.tolist(), "losses": losses})
json.dump({"torch": torch.__version__, "cases": cases}, open("training.json", "w"))
