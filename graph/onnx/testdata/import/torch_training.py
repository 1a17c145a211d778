"""Networks of PyTorch as ONNX, and the losses of 20 steps of training from there on, for a test that trains what it reads: training_NAME.onnx and training.json,
which has the losses in float32 and, as "… float64", those of the same weights in float64.

Usage: python torch_training.py. Made with torch 2.15.0, onnx 1.23.2, onnxscript 0.7.2. Samples are made by numbers that the test makes, too: all of them are one batch, each step.
"""

import json
import os

import numpy
import onnx
import torch
from torch import nn

from torch_exports import HERE, bare

SAMPLES = 16


def samples(features):
    i = numpy.arange(SAMPLES * features, dtype=numpy.int64)
    return ((i * 7919 + 104729) % 257 / 257 - 0.5).astype(numpy.float32)


def networks():
    yield "lenet", nn.Sequential(nn.Conv2d(1, 4, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(4, 6, 5), nn.Tanh(), nn.AvgPool2d(2),
                                 nn.Flatten(), nn.Linear(6 * 5 * 5, 16), nn.Tanh(), nn.Linear(16, 10)), (1, 28, 28)
    yield "norms", nn.Sequential(nn.Linear(20, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 10)), (20,)


def main():
    torch.manual_seed(1)
    out = {}
    for name, net, shape in networks():
        x = torch.from_numpy(samples(int(numpy.prod(shape)))).reshape(SAMPLES, *shape)
        classes = torch.tensor([(3 * i + 1) % 10 for i in range(SAMPLES)])
        path = os.path.join(HERE, f"training_{name}.onnx")
        net.eval()
        torch.onnx.export(net, (x,), path, input_names=["x"], output_names=["y"], dynamic_shapes=({0: torch.export.Dim("batch")},), dynamo=True, external_data=False, verbose=False,
                          optimize=False)  # which would take batch normalisation into the layer before it
        bare(path)
        start = {k: v.clone() for k, v in net.state_dict().items()}
        out[name] = {}
        for words, optimizer in [("sgd 0.1", lambda p: torch.optim.SGD(p, 0.1)), ("adam 0.001", lambda p: torch.optim.Adam(p, 0.001)), ("adam 0.01", lambda p: torch.optim.Adam(p, 0.01))]:
            for kind, suffix in [(torch.float32, ""), (torch.float64, " float64")]:
                net.to(kind).load_state_dict(start)
                net.train()
                steps, losses = optimizer(net.parameters()), []
                for _ in range(21):
                    steps.zero_grad()
                    loss = nn.functional.cross_entropy(net(x.to(kind)), classes)
                    losses.append(loss.item())
                    loss.backward()
                    steps.step()
                out[name][words + suffix] = losses
    with open(os.path.join(HERE, "training.json"), "w") as f:
        json.dump(out, f, indent=1)


main()
