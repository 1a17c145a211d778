"""Writes times.json: at each time the norm of the loss's gradient with regard to what a recurrent layer is given, as PyTorch has it.

Made with PyTorch 2.15.0, Python 3.11.7: python times.py
"""
import json

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
BATCH, TIME, IN, UNITS, CLASSES = 3, 7, 2, 5, 4


def flat(t):
    return t.detach().flatten().tolist()


def params(rnn, layer, reverse=""):
    """Weights as Stheno has them: [in,gates*units], one bias."""
    p = lambda name: getattr(rnn, f"{name}_l{layer}{reverse}")
    return [flat(p("weight_ih").T), flat(p("weight_hh").T), flat(p("bias_ih") + p("bias_hh"))]


def case(name, words, build, seed, sequence):
    torch.manual_seed(seed)
    rnns = build()
    x = torch.randn(BATCH, TIME, IN, requires_grad=True)
    given, h, weights = [], x, []
    for rnn in rnns:
        for p in rnn.parameters():
            nn.init.normal_(p, 0, 0.6)
        h.retain_grad()
        given.append(h)
        h, _ = rnn(h)
        weights += params(rnn, 0)
        if rnn.bidirectional:
            weights += params(rnn, 0, "_reverse")
    out = nn.Linear(h.shape[-1], CLASSES)
    target = torch.randint(0, CLASSES, (BATCH, TIME) if sequence else (BATCH,))
    logits = out(h if sequence else h[:, -1])
    nn.functional.cross_entropy(logits.reshape(-1, CLASSES), target.flatten()).backward()
    weights += [flat(out.weight.T), flat(out.bias)]
    return {"name": name, "layers": words, "x": flat(x), "target": target.flatten().tolist(), "weights": weights,
            "times": [g.grad.pow(2).sum(dim=(0, 2)).sqrt().tolist() for g in given]}


cases = [
    case("rnn", "rnn 5, dense 4 softmax", lambda: [nn.RNN(IN, UNITS, batch_first=True)], 1, False),
    case("lstm", "lstm 5, dense 4 softmax", lambda: [nn.LSTM(IN, UNITS, batch_first=True)], 2, False),
    case("stacked", "rnn 5 sequence, lstm 5, dense 4 softmax", lambda: [nn.RNN(IN, UNITS, batch_first=True), nn.LSTM(UNITS, UNITS, batch_first=True)], 3, False),
    case("bidirectional", "bidirectional(lstm 5 sequence), dense 4 softmax", lambda: [nn.LSTM(IN, UNITS, batch_first=True, bidirectional=True)], 4, True),
]
with open("times.json", "w") as f:
    json.dump({"batch": BATCH, "time": TIME, "in": IN, "cases": cases}, f)
    f.write("\n")
