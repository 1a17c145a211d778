"""Networks of PyTorch, for the tests of weights.

Usage: python torch_weights.py make                  writes torch_NAME.npz and .safetensors (state_dict) and torch_NAME.json: an input and what the network makes of it
       python torch_weights.py check NAME FILE       loads FILE, of weights.Save, into the network NAME and prints what it makes of torch_NAME.json's input
Made with torch 2.15.0, numpy 2.4.6, safetensors 0.8.
"""

import json
import os
import sys

import numpy
import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))


class Recurrent(nn.Module):
    def __init__(self, kind, **options):
        super().__init__()
        self.rnn = kind(6, 5, batch_first=True, **options)
        self.head = nn.Linear(10 if options.get("bidirectional") else 5, 3)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


class Both(nn.Module):
    """Both directions' last states, as a bidirectional layer without sequence has them."""

    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.GRU(6, 5, batch_first=True, bidirectional=True), nn.Linear(10, 3)

    def forward(self, x):
        h = self.rnn(x)[1]
        return self.head(torch.cat([h[0], h[1]], 1))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(20, 8), nn.Parameter(torch.randn(1, 7, 8) * 0.1)
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True, activation="gelu")
        self.encoder, self.head = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), nn.Linear(8, 4)

    def forward(self, ids):
        return self.head(self.encoder(self.embed(ids) + self.place).mean(1))


class InOrder(nn.Module):
    """An encoder block whose modules are made in the order in which they are used, so that weights.Save's order is the state_dict's."""

    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(20, 8), nn.Embedding(7, 8)
        self.attention, self.norm1 = nn.MultiheadAttention(8, 2, batch_first=True), nn.LayerNorm(8)
        self.fc1, self.fc2, self.norm2, self.head = nn.Linear(8, 16), nn.Linear(16, 8), nn.LayerNorm(8), nn.Linear(8, 4)

    def forward(self, ids):
        x = self.embed(ids) + self.place.weight
        x = self.norm1(x + self.attention(x, x, x, need_weights=False)[0])
        x = self.norm2(x + self.fc2(torch.nn.functional.gelu(self.fc1(x))))
        return self.head(x.mean(1))


def networks():
    yield "mlp", nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 3)), torch.randn(4, 6)
    yield "lenet", nn.Sequential(nn.Conv2d(1, 3, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(3, 4, 5), nn.Tanh(), nn.AvgPool2d(2),
                                 nn.Flatten(), nn.Linear(4 * 3 * 3, 12), nn.Tanh(), nn.Linear(12, 5)), torch.randn(3, 1, 20, 20)
    yield "convnet", nn.Sequential(nn.Conv2d(3, 4, 3, bias=sys.argv[1] == "check"),  # which Save writes, and Load does without
                                   nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), nn.PReLU(6),
                                   nn.ConvTranspose2d(6, 5, 3), nn.Flatten(), nn.BatchNorm1d(5 * 5 * 5), nn.Linear(125, 4)), torch.randn(3, 3, 12, 12)
    yield "conv1d", nn.Sequential(nn.Conv1d(3, 4, 3), nn.ReLU(), nn.Conv1d(4, 4, 3), nn.Flatten(), nn.Linear(16, 3)), torch.randn(3, 3, 8)
    yield "batchnorm", nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3)), torch.randn(4, 6)
    yield "rnn", Recurrent(nn.RNN), torch.randn(3, 7, 6)
    yield "lstm", Recurrent(nn.LSTM, num_layers=2), torch.randn(3, 7, 6)
    yield "gru", Recurrent(nn.GRU), torch.randn(3, 7, 6)
    yield "both", Both(), torch.randn(3, 7, 6)
    yield "encoder", Encoder(), torch.randint(0, 20, (3, 7))
    yield "inorder", InOrder(), torch.randint(0, 20, (3, 7))


def values(t):
    key = "ids" if t.dtype == torch.int64 else "floats"
    return {"shape": list(t.shape), key: t.flatten().tolist()}


def make():
    from safetensors.torch import save_file

    torch.manual_seed(1)
    for name, net, x in networks():
        for p in net.parameters():  # no bias is 0 and no scale 1, so that one out of place shows
            if p.dim() == 1:
                nn.init.uniform_(p, 0.3, 0.9)
        for m in net.modules():
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
                nn.init.uniform_(m.running_mean, -0.5, 0.5), nn.init.uniform_(m.running_var, 0.5, 1.5)
        net.eval()
        state = net.state_dict()
        if name in ("mlp", "lenet", "lstm", "encoder"):
            save_file(state, os.path.join(HERE, f"torch_{name}.safetensors"))
        numpy.savez(os.path.join(HERE, f"torch_{name}.npz"), **{k: v.numpy() for k, v in state.items()})
        with torch.no_grad():
            y = net(x)
        with open(os.path.join(HERE, f"torch_{name}.json"), "w") as f:
            json.dump({"x": values(x), "y": values(y)}, f)
        if name == "mlp":
            for kind, dtype in [("half", torch.float16), ("bfloat16", torch.bfloat16), ("double", torch.float64)]:
                save_file({k: v.to(dtype) for k, v in state.items()}, os.path.join(HERE, f"torch_{name}_{kind}.safetensors"))


def check(name, file):
    net = {n: net for n, net, _ in networks()}[name].eval()
    with open(os.path.join(HERE, f"torch_{name}.json")) as f:
        x = json.load(f)["x"]
    x = (torch.tensor(x["ids"]) if "ids" in x else torch.tensor(x["floats"])).reshape(x["shape"])
    if file.endswith(".npz"):
        state = numpy.load(file).values()
        net.load_state_dict({name: torch.from_numpy(value) for name, value in zip(net.state_dict(), state)})
    else:
        from safetensors.torch import load_file

        net.load_state_dict(dict(zip(net.state_dict(), load_file(file).values())))
    with torch.no_grad():
        print(json.dumps(values(net(x))))


make() if sys.argv[1] == "make" else check(*sys.argv[2:])
