"""PyTorch: eager, or with the loss and its gradient compiled; the optimizers are the fused ones."""
import os
import sys

from peer import main, widths

COMPILED = sys.argv[1:] == ["compiled"]


def load(threads):
    # A compiler that is killed leaves half a library in the cache, which fails ever after: this one goes with the folder.
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compiled")
    import torch

    torch.set_num_threads(threads)
    return f"PyTorch {torch.__version__.split('+')[0]} {'compiled' if COMPILED else 'eager'}", build


# The networks that are no multilayer perceptrons, by their regimes' names.
NETS = {
    "batchnorm": lambda nn: [l for n in (784, 633, 633) for l in (nn.Linear(n, 633), nn.BatchNorm1d(633), nn.ReLU())] + [nn.Linear(633, 10)],
    "lenet": lambda nn: [nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
                         nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)],
    "convnet": lambda nn: [nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10)],
    "embedding": lambda nn: [nn.EmbeddingBag(10000, 64, mode="mean"), nn.Linear(64, 10)],
    "lstm": lambda nn: [nn.Unflatten(1, (28, 28)), last(nn.LSTM(28, 128, batch_first=True)), nn.Linear(128, 10)],
    "gru": lambda nn: [nn.Unflatten(1, (28, 28)), last(nn.GRU(28, 128, batch_first=True)), nn.Linear(128, 10)],
    "transformer": lambda nn: [nn.Unflatten(1, (28, 28)), transformer()],
}


def last(layer):
    """The state after the last step."""
    from torch import nn

    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = layer

        def forward(self, x):
            return self.layer(x)[0][:, -1]

    return Last()


def transformer():
    """Two encoder blocks over the rows, and the mean over them."""
    import torch
    from torch import nn

    class Transformer(nn.Module):
        def __init__(self):
            super().__init__()
            self.rise, self.fall = nn.Linear(28, 64), nn.Linear(64, 10)
            self.positions = nn.Parameter(torch.randn(28, 64) * 0.02)
            self.blocks = nn.ModuleList(nn.TransformerEncoderLayer(64, 4, 128, 0, "gelu", batch_first=True, norm_first=True) for _ in range(2))

        def forward(self, x):
            h = self.rise(x) + self.positions
            for block in self.blocks:
                h = block(h)
            return self.fall(h.mean(1))

    return Transformer()


def build(regime, x, y):
    import torch
    from torch import nn

    if COMPILED and regime["regime"] in ("lstm", "gru"):
        raise NotImplementedError("compiling a recurrent network takes it many minutes: measured eager only")
    x, y = torch.from_numpy(x), torch.from_numpy(y).long()
    sizes = [] if regime["net"] else widths(regime, x)
    parts = NETS[regime["regime"]](nn) if regime["net"] else []
    for n, (fan_in, fan_out) in enumerate(sizes):
        dense = nn.Linear(fan_in, fan_out)
        nn.init.xavier_uniform_(dense.weight)
        nn.init.zeros_(dense.bias)
        parts.append(dense)
        if n < len(sizes) - 1:
            parts.append({"sigmoid": nn.Sigmoid, "relu": nn.ReLU, "tanh": nn.Tanh}[regime["activation"]]())
            if regime["dropout"]:
                parts.append(nn.Dropout(regime["dropout"]))
    net = nn.Sequential(*parts)

    def loss_of(inputs, classes):
        return nn.functional.cross_entropy(net(inputs), classes)

    def outputs_of(inputs):
        return torch.softmax(net(inputs), 1)

    if COMPILED:  # shapes stay, and one regime's must not make another's dynamic
        loss_of, outputs_of = torch.compile(loss_of, dynamic=False), torch.compile(outputs_of, dynamic=False)
    batch = regime["batch"]
    if regime["predict"]:
        net.eval()

        def epoch():
            with torch.inference_mode():
                for at in range(0, len(x), batch):
                    outputs_of(x[at : at + batch])

        return epoch
    rate = regime["learning_rate"]
    if regime["optimizer"] == "adam":
        optimizer = torch.optim.Adam(net.parameters(), lr=rate or 1e-3, eps=1e-7, fused=True)
    else:
        optimizer = torch.optim.SGD(net.parameters(), lr=rate or 1e-2, fused=True)

    def epoch():
        order = torch.randperm(len(x))
        for at in range(0, len(x), batch):
            rows = order[at : at + batch]
            loss = loss_of(x[rows], y[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

    return epoch


main(load)
