"""The learning rates of PyTorch's schedulers, step by step, for TestSchedulesAgainstPyTorch.

Run with PyTorch 2.15 in this folder: python3 schedules.py > schedules.json
"""
import json
import warnings

import torch

warnings.simplefilter("ignore")
L = torch.optim.lr_scheduler
steps = 60
figures = [1 / (1 + min(t, 7)) - (0.2 if t > 40 else 0) + 1e-6 * (t % 3) for t in range(steps)]


def rates(make, lr=0.1, figures=None, momentum=0):
    o = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr, momentum=momentum)
    s = make(o)
    out = []
    for t in range(steps):
        out.append(o.param_groups[0]["lr"])
        o.step()
        s.step(*([figures[t]] if figures else []))
    return out


def sequence(o, milestones, *make):
    return L.SequentialLR(o, [m(o) for m in make], milestones)


cases = {
    "constant 0.1": rates(lambda o: L.ConstantLR(o, factor=1)),
    "constant 0.025 7, constant": rates(lambda o: L.ConstantLR(o, factor=0.25, total_iters=7)),
    "step 7 0.5": rates(lambda o: L.StepLR(o, 7, 0.5)),
    "step 20": rates(lambda o: L.StepLR(o, 20)),
    "step 3epochs 0.5": rates(lambda o: L.StepLR(o, 30, 0.5)),
    "exponential 0.9 1": rates(lambda o: L.ExponentialLR(o, 0.9)),
    "polynomial": rates(lambda o: L.PolynomialLR(o, total_iters=60)),
    "polynomial power=2.5 length=40": rates(lambda o: L.PolynomialLR(o, total_iters=40, power=2.5)),
    "cosine": rates(lambda o: L.CosineAnnealingLR(o, T_max=60)),
    "cosine 0.2 0.01": rates(lambda o: L.CosineAnnealingLR(o, T_max=60, eta_min=0.01), lr=0.2),
    "cosine cycle=10": rates(lambda o: L.CosineAnnealingWarmRestarts(o, 10)),
    "cosine to=0.02 cycle=7 growth=2": rates(lambda o: L.CosineAnnealingWarmRestarts(o, 7, 2, 0.02)),
    "cosine cycle=1epoch growth=3": rates(lambda o: L.CosineAnnealingWarmRestarts(o, 10, 3)),
    "warmup 12 0.025": rates(lambda o: L.LinearLR(o, start_factor=0.25, total_iters=12)),
    "warmup 10, cosine to=0.001": rates(lambda o: sequence(o, [10], lambda o: L.LinearLR(o, 1e-12, total_iters=10), lambda o: L.CosineAnnealingLR(o, T_max=50, eta_min=0.001))),
    "warmup 1epoch 0.05, step 2epochs 0.3": rates(lambda o: sequence(o, [10], lambda o: L.LinearLR(o, 0.5, total_iters=10), lambda o: L.StepLR(o, 20, 0.3))),
    "one-cycle 0.4": rates(lambda o: L.OneCycleLR(o, 0.4, total_steps=steps + 1, cycle_momentum=False)),
    "one-cycle 0.4 rise=0.45 start=10 end=100": rates(lambda o: L.OneCycleLR(o, 0.4, total_steps=steps + 1, pct_start=0.45, div_factor=10, final_div_factor=100, cycle_momentum=False)),
    "plateau": rates(lambda o: L.ReduceLROnPlateau(o, patience=9), figures=figures),
    "plateau 0.5 3 least=0.004": rates(lambda o: L.ReduceLROnPlateau(o, factor=0.5, patience=2, min_lr=0.004), figures=figures),
    "plateau 0.5 1 cooldown=4 threshold=0.3": rates(lambda o: L.ReduceLROnPlateau(o, factor=0.5, patience=0, cooldown=4, threshold=0.3), figures=figures),
    "plateau 0.5 2 of=accuracy least=1e-6": rates(lambda o: L.ReduceLROnPlateau(o, mode="max", factor=0.5, patience=1, min_lr=1e-6), figures=[1 - f for f in figures]),
}
print(json.dumps({"torch": torch.__version__, "rate": 0.1, "steps": steps, "epoch": 10, "figures": figures, "rates": cases}, separators=(",", ":")))
