"""Five steps of PyTorch's optimizers, for TestAgainstPyTorch.

Run with PyTorch 1.13 in this folder: python3 golden.py > golden.json
"""
import json

import torch

generator = torch.Generator().manual_seed(2024)
shapes = [(7, 5), (5,), (5, 3), (1, 1)]


def normal(shape):
    return torch.randn(shape, generator=generator)


start = [normal(s) for s in shapes]
gradients = [[normal(s) for s in shapes] for _ in range(5)]
gradients[2][0].zero_()  # a step without a gradient still moves by momentum
gradients[3][2].mul_(1e-6)
gradients[4][1].mul_(1e4)

O = torch.optim
cases = {
    "sgd": lambda p: O.SGD(p, lr=0.01),
    "sgd lr": lambda p: O.SGD(p, lr=0.3),
    "momentum": lambda p: O.SGD(p, lr=0.01, momentum=0.9),
    "momentum 0.5": lambda p: O.SGD(p, lr=0.1, momentum=0.5),
    "nesterov": lambda p: O.SGD(p, lr=0.01, momentum=0.9, nesterov=True),
    "adam": lambda p: O.Adam(p, lr=0.001, eps=1e-7),
    "adam other": lambda p: O.Adam(p, lr=0.02, betas=(0.8, 0.95), eps=1e-3),
    "adamw": lambda p: O.AdamW(p, lr=0.001, eps=1e-7, weight_decay=0.01),
    "adamw other": lambda p: O.AdamW(p, lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.3),
    "rmsprop": lambda p: O.RMSprop(p, lr=0.001, alpha=0.9, eps=1e-7),
    "rmsprop other": lambda p: O.RMSprop(p, lr=0.02, alpha=0.6, eps=1e-3),
    "adagrad": lambda p: O.Adagrad(p, lr=0.01, eps=1e-7),
    "adagrad other": lambda p: O.Adagrad(p, lr=0.3, eps=1e-3),
}


def flat(tensors):
    return [t.detach().flatten().tolist() for t in tensors]


steps = {}
for name, make in cases.items():
    parameters = [torch.nn.Parameter(w.clone()) for w in start]
    optimizer = make(parameters)
    steps[name] = []
    for step in gradients:
        for p, g in zip(parameters, step):
            p.grad = g.clone()
        optimizer.step()
        steps[name].append(flat(parameters))

golden = {"torch": torch.__version__, "shapes": shapes, "start": flat(start),
          "gradients": [flat(g) for g in gradients], "steps": steps}
# Nine digits give a float32 back exactly.
print(json.dumps(json.loads(json.dumps(golden), parse_float=lambda s: float("%.9g" % float(s))), separators=(",", ":")))
