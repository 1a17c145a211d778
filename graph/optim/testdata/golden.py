"""Twenty steps of PyTorch's optimizers, and of what is put around them, for TestAgainstPyTorch.

Run with PyTorch 2.15 in this folder: python3 golden.py > golden.json
"""
import json

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

generator = torch.Generator().manual_seed(2024)
names = ["a.weight", "a.bias", "b.weight", "b.bias"]
shapes = [(7, 5), (5,), (5, 3), (1, 1)]
kept = [1, 2, 3, 5, 10, 20]  # steps whose weights are kept


def normal(shape):
    return torch.randn(shape, generator=generator).double()  # float32's numbers, with which float64 reckons


start = [normal(s) for s in shapes]
gradients = [[normal(s) for s in shapes] for _ in range(20)]
gradients[2][0].zero_()  # a step without a gradient still moves by momentum
gradients[3][2].mul_(1e-6)
gradients[4][1].mul_(1e4)

O, L = torch.optim, torch.optim.lr_scheduler
clip = torch.nn.utils
adam = lambda p: O.Adam(p, lr=0.001, eps=1e-7)
sgd = lambda p: O.SGD(p, lr=0.1)
cases = {
    "sgd": lambda p: O.SGD(p, lr=0.01),
    "sgd lr": lambda p: O.SGD(p, lr=0.3),
    "momentum": lambda p: O.SGD(p, lr=0.01, momentum=0.9),
    "momentum 0.5": lambda p: O.SGD(p, lr=0.1, momentum=0.5),
    "nesterov": lambda p: O.SGD(p, lr=0.01, momentum=0.9, nesterov=True),
    "adam": adam,
    "adam other": lambda p: O.Adam(p, lr=0.02, betas=(0.8, 0.95), eps=1e-3),
    "amsgrad": lambda p: O.Adam(p, lr=0.001, eps=1e-7, amsgrad=True),
    "amsgrad other": lambda p: O.Adam(p, lr=0.02, betas=(0.8, 0.6), eps=1e-3, amsgrad=True),
    "adamw": lambda p: O.AdamW(p, lr=0.001, eps=1e-7, weight_decay=0.01),
    "adamw other": lambda p: O.AdamW(p, lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.3),
    "adamw amsgrad": lambda p: O.AdamW(p, lr=0.02, betas=(0.8, 0.6), eps=1e-3, weight_decay=0.3, amsgrad=True),
    "adamw matrices": lambda p: O.AdamW([{"params": p[::2]}, {"params": p[3:]}, {"params": p[1:2], "weight_decay": 0}], lr=0.02, eps=1e-7, weight_decay=0.3),
    "rmsprop": lambda p: O.RMSprop(p, lr=0.001, alpha=0.9, eps=1e-7),
    "rmsprop other": lambda p: O.RMSprop(p, lr=0.02, alpha=0.6, eps=1e-3),
    "adagrad": lambda p: O.Adagrad(p, lr=0.01, eps=1e-7),
    "adagrad other": lambda p: O.Adagrad(p, lr=0.3, eps=1e-3),
    "nadam": lambda p: O.NAdam(p, lr=0.002, eps=1e-7),
    "nadam other": lambda p: O.NAdam(p, lr=0.02, betas=(0.8, 0.95), eps=1e-3),
    "nadam decay": lambda p: O.NAdam(p, lr=0.02, eps=1e-7, weight_decay=0.3, decoupled_weight_decay=True),
    "clip norm": (sgd, lambda p: clip.clip_grad_norm_(p, 5)),
    "clip layer": (sgd, lambda p: [clip.clip_grad_norm_(p[i:i + 2], 3) for i in (0, 2)]),
    "clip value": (sgd, lambda p: clip.clip_grad_value_(p, 0.5)),
    "clip adam": (adam, lambda p: clip.clip_grad_norm_(p, 5)),
    "layer rates": lambda p: O.Adam([{"params": p[:1]}, {"params": p[1:2], "lr": 0.003}, {"params": p[2:], "lr": 0.0001}], lr=0.001, eps=1e-7),
    "scheduled": lambda p: O.AdamW(p, lr=0.01, eps=1e-7, weight_decay=0.3),
}
schedules = {
    "scheduled": lambda o: L.SequentialLR(o, [L.LinearLR(o, start_factor=1e-12, total_iters=4), L.CosineAnnealingLR(o, T_max=16)], [4]),
}


def flat(tensors):
    return [t.detach().flatten().tolist() for t in tensors]


def train(make, average=False):
    before = lambda p: None
    if isinstance(make, tuple):
        make, before = make
    parameters = [torch.nn.Parameter(w.clone()) for w in start]
    optimizer = make(parameters)
    schedule = schedules[name](optimizer) if name in schedules else None
    ema = AveragedModel(torch.nn.ParameterList(parameters), multi_avg_fn=get_ema_multi_avg_fn(0.8)) if average else None
    out = []
    for i, step in enumerate(gradients):
        for p, g in zip(parameters, step):
            p.grad = g.clone()
        before(parameters)
        optimizer.step()
        if schedule:
            schedule.step()
        if ema:
            ema.update_parameters(torch.nn.ParameterList(parameters))
        if i + 1 in kept:
            out.append(flat(ema.module if ema else parameters))
    return out


steps = {}
for name, make in cases.items():
    steps[name] = train(make)
name = "ema"
steps["ema"] = train(adam, average=True)

golden = {"torch": torch.__version__, "names": names, "shapes": shapes, "kept": kept, "start": flat(start),
          "gradients": [flat(g) for g in gradients], "steps": steps}
print(json.dumps(json.loads(json.dumps(golden), parse_float=lambda s: float("%.12g" % float(s))), separators=(",", ":")))
