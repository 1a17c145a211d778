"""Networks of PyTorch as ONNX, for the tests of import: NAME.onnx, and NAME.json with inputs and what PyTorch makes of them.

Usage: python torch_exports.py. Made with torch 2.15.0, onnx 1.23.0, onnxscript 0.7.2; by torch.onnx.export as it is by default, the batch open.
"""

import json
import os
import sys

import onnx
import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))


def bare(path):
    """Leaves out where each node came from in the sources of whoever exported it."""
    model = onnx.load(path)
    for g in [model.graph, *model.functions]:
        for n in g.node:
            n.doc_string = ""
            del n.metadata_props[:]
        for v in [*getattr(g, "input", []), *getattr(g, "value_info", []), *getattr(g, "initializer", [])]:
            if hasattr(v, "metadata_props"):
                del v.metadata_props[:]
    del model.graph.metadata_props[:]
    onnx.save(model, path)


class Block(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.a, self.na = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.b, self.nb = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.skip = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o)) if stride > 1 or i != o else nn.Identity()

    def forward(self, x):
        return torch.relu(self.nb(self.b(torch.relu(self.na(self.a(x))))) + self.skip(x))


def resnet():
    return nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
                         Block(8, 8, 1), Block(8, 12, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 5))


class Recurrent(nn.Module):
    def __init__(self, kind, last=True, **options):
        super().__init__()
        self.rnn = kind(6, 5, batch_first=True, **options)
        self.head, self.last = nn.Linear(10 if options.get("bidirectional") else 5, 3), last

    def forward(self, x):
        y, _ = self.rnn(x)
        return self.head(y[:, -1] if self.last else y)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(20, 8), nn.Parameter(torch.randn(1, 7, 8) * 0.1)
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True, activation="gelu")
        self.encoder, self.head = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), nn.Linear(8, 4)

    def forward(self, ids):
        return self.head(self.encoder(self.embed(ids) + self.place).mean(1))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.mid = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 8, 3, padding=1)
        self.up, self.out = nn.ConvTranspose2d(8, 4, 2, 2), nn.Conv2d(8, 1, 3, padding=1)
        self.pool, self.smooth = nn.MaxPool2d(2), nn.Upsample(scale_factor=2)

    def forward(self, x):
        a = torch.relu(self.down(x))
        b = torch.relu(self.mid(self.pool(a)))
        up = self.up(b) + self.smooth(b)[:, :4]
        return torch.sigmoid(self.out(torch.cat([up, a], 1)))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        return x + self.attention(x, x, x, need_weights=False)[0]


def networks():
    yield "lenet", nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 8, 5), nn.Tanh(), nn.AvgPool2d(2),
                                 nn.Flatten(), nn.Linear(8 * 5 * 5, 24), nn.Tanh(), nn.Linear(24, 10)), torch.randn(3, 1, 28, 28)
    yield "convnet", nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.3),
                                   nn.Flatten(), nn.Linear(8 * 2 * 2, 10), nn.LogSoftmax(1)), torch.randn(3, 1, 14, 14)
    yield "resnet", resnet(), torch.randn(3, 3, 16, 16)
    yield "mlp", nn.Sequential(nn.Linear(12, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 16), nn.LayerNorm(16), nn.SiLU(), nn.Linear(16, 16), nn.PReLU(), nn.Linear(16, 4), nn.Softmax(1)), torch.randn(5, 12)
    yield "norms", nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 3 * 3, 3)), torch.randn(3, 1, 8, 8)
    yield "activations", nn.Sequential(nn.Linear(6, 6), nn.ELU(), nn.LeakyReLU(), nn.GELU(), nn.Linear(6, 6), nn.SELU(), nn.GELU("tanh"), nn.Softplus(), nn.Linear(6, 6), nn.Mish(), nn.Sigmoid()), torch.randn(5, 6)
    yield "lstm", Recurrent(nn.LSTM), torch.randn(3, 7, 6)
    yield "lstm_both", Recurrent(nn.LSTM, last=False, bidirectional=True, num_layers=2), torch.randn(3, 7, 6)
    yield "gru", Recurrent(nn.GRU, bidirectional=True), torch.randn(3, 7, 6)
    yield "attention", Attention(), torch.randn(3, 7, 8)
    yield "encoder", Encoder(), torch.randint(0, 20, (3, 7))
    yield "unet", UNet(), torch.randn(3, 1, 8, 8)
    yield "conv1d", nn.Sequential(nn.Conv1d(3, 4, 3, padding=1), nn.BatchNorm1d(4), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(4, 6, 3, dilation=2, groups=2), nn.GroupNorm(2, 6), nn.Flatten(), nn.Linear(24, 3)), torch.randn(3, 3, 16)
    yield "upsample", nn.Sequential(nn.Conv2d(1, 2, 3), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(2, 2, 3), nn.Upsample(size=(7, 9), mode="bicubic", align_corners=True)), torch.randn(3, 1, 6, 8)


def main():
    torch.manual_seed(1)
    for name, net, x in networks():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        for p in net.parameters():  # no weight is 0 or 1, so that one out of place shows
            if p.dim() == 1:
                nn.init.uniform_(p, 0.3, 0.9)
        for m in net.modules():
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
                nn.init.uniform_(m.running_mean, -0.5, 0.5), nn.init.uniform_(m.running_var, 0.5, 1.5)
        net.eval()
        if x.is_floating_point():
            x = (x * 256).round() / 256  # short in JSON, and exact
        with torch.no_grad():
            y = net(x)
        torch.onnx.export(net, (x,), os.path.join(HERE, name + ".onnx"), input_names=["x"], output_names=["y"], dynamic_shapes=({0: torch.export.Dim("batch")},), dynamo=True, external_data=False, verbose=False,
                          optimize=name not in ("mlp", "norms"))  # which takes batch normalisation into the layer before it
        bare(os.path.join(HERE, name + ".onnx"))
        key = "ids" if x.dtype == torch.int64 else "floats"
        with open(os.path.join(HERE, name + ".json"), "w") as f:
            json.dump({"x": {"shape": list(x.shape), key: x.flatten().tolist()}, "y": {"shape": list(y.shape), "floats": y.flatten().tolist()}}, f)


if __name__ == "__main__":
    main()
