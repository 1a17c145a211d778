#!/usr/bin/env python3
"""Writes recurrent.json: what PyTorch 2.15 makes of the recurrent and attention networks in it, values and gradients in float64.

Run it in this folder: python3 recurrent.py

Each case is a network in words, its inputs, its parameters by our names and in our layout, c, and of loss = Σ c∘output / batch the gradients of the parameters and of the inputs. An input of
floats goes through residual(dense n zeros), which is itself, so that its gradient is one of a layer.

Layout: our weights are [in,gates·units], PyTorch's [gates·units,in]; a GRU's gates are z, r, n here and r, z, n there; PyTorch's second bias is 0 where we have one.
Lengths of 0, and keys of which none may be seen, PyTorch does not take: each sample runs by itself, and where nothing is left the first state, and 0, stand.
"""

import json
import math

import torch
from torch import nn

torch.manual_seed(15)
torch.set_default_dtype(torch.float64)
torch.use_deterministic_algorithms(True)


def narrow(*shape):
    """Numbers that float32 has, too."""
    return (torch.randn(*shape) * 0.5).float().double().requires_grad_()


def gate_order(w, n):
    """Our z, r, n along the last axis as PyTorch's r, z, n."""
    z, r, c = w.split(n, -1)
    return torch.cat([r, z, c], -1)


KINDS = {"rnn": (nn.RNN, 1), "lstm": (nn.LSTM, 4), "gru": (nn.GRU, 3)}


class Recurrent:
    """A recurrent layer with our parameters."""

    def __init__(self, kind, inputs, units, relu=False):
        self.kind, self.inputs, self.units, self.relu = kind, inputs, units, relu
        gates = KINDS[kind][1]
        self.params = {"weight": narrow(inputs, gates * units), "recurrent": narrow(units, gates * units), "bias": narrow(gates * units)}
        if kind == "gru":
            self.params["recurrent_bias"] = narrow(gates * units)

    def run(self, x, states):
        """One sample, [1,time,in], and its first states, [1,units] each: the states of all steps."""
        options = {"nonlinearity": "relu"} if self.relu else {}
        net = KINDS[self.kind][0](self.inputs, self.units, batch_first=True, **options)
        order = (lambda w: gate_order(w, self.units)) if self.kind == "gru" else (lambda w: w)
        p = self.params
        second = p.get("recurrent_bias", torch.zeros_like(p["bias"]))
        values = {"weight_ih_l0": order(p["weight"]).T, "weight_hh_l0": order(p["recurrent"]).T, "bias_ih_l0": order(p["bias"]), "bias_hh_l0": order(second)}
        first = [s[None] for s in states]
        return torch.func.functional_call(net, values, (x, (first[0], first[1]) if self.kind == "lstm" else first[0]))[0]

    def __call__(self, x, sequence, lengths=None, states=None):
        batch, time = x.shape[:2]
        out = []
        for i in range(batch):
            n = time if lengths is None else lengths[i]
            first = [s[i : i + 1] for s in states] if states else [torch.zeros(1, self.units)] * (2 if self.kind == "lstm" else 1)
            steps = self.run(x[i : i + 1, :n], first)[0] if n else torch.zeros(0, self.units)
            if sequence:
                out.append(torch.cat([steps, torch.zeros(time - n, self.units)]))
            else:
                out.append(steps[-1] if n else first[0][0])
        return torch.stack(out)


def turned(x, lengths):
    return torch.stack([torch.cat([s[:n].flip(0), s[n:]]) for s, n in zip(x, lengths or [x.shape[1]] * len(x))])


cases = []


def case(name, net, inputs, params, output):
    c = narrow(*output.shape).detach()
    leaves = {**{k: v for k, v in inputs.items() if not isinstance(v, list)}, **params}
    grads = torch.autograd.grad((output * c).sum() / output.shape[0], list(leaves.values()))
    cases.append({
        "name": name, "net": net, "batch": output.shape[0],
        "inputs": {k: v if isinstance(v, list) else v.flatten().tolist() for k, v in inputs.items()},
        "params": {k: v.flatten().tolist() for k, v in params.items()},
        "c": c.flatten().tolist(), "output": output.flatten().tolist(),
        "grads": {k: g.flatten().tolist() for k, g in zip(leaves, grads)},
    })


def named(layer, params):
    return {f"{layer}.{k}": v for k, v in params.items()}


def recurrent():
    for kind, word in (("rnn", "rnn 7"), ("rnn", "rnn 7 rectified"), ("lstm", "lstm 7"), ("gru", "gru 7")):
        relu = "rectified" in word
        for sequence in (False, True):
            written = word.replace(" 7", " 7 sequence") if sequence else word
            # plain, and one sample of one step
            for batch, time in ((3, 5), (1, 1)):
                x, layer = narrow(batch, time, 3), Recurrent(kind, 3, 7, relu)
                net = f"x = input {time}x3, a = residual(dense 3 zeros) < x, {written} < a"
                case(f"{written}, {batch} of {time}", net, {"x": x}, named(kind + "_1", layer.params), layer(x, sequence))
            # lengths and a first state
            x, layer, lengths = narrow(5, 4, 3), Recurrent(kind, 3, 7, relu), [4, 0, 1, 3, 4]
            states = {"h": narrow(5, 7), "c": narrow(5, 7)} if kind == "lstm" else {"h": narrow(5, 7)}
            net = "\n".join(["x = input 4x3", "lengths = input ids", *[f"{s} = input 7" for s in states], "a = residual(dense 3 zeros) < x",
                             *[f"b{s} = residual(dense 7 zeros) < {s}" for s in states], f"{written} < a + lengths + " + " + ".join("b" + s for s in states)])
            case(f"{written}, lengths and first state", net, {"x": x, "lengths": lengths, **states}, named(kind + "_1", layer.params),
                 layer(x, sequence, lengths, list(states.values())))
            # both directions, with lengths and without
            for lengths in (None, [4, 1, 3]):
                x, there, back = narrow(3, 4, 3), Recurrent(kind, 3, 5, relu), Recurrent(kind, 3, 5, relu)
                last = back(turned(x, lengths), sequence, lengths)
                both = torch.cat([there(x, sequence, lengths), turned(last, lengths) if sequence else last], -1)
                net = ["x = input 4x3", *(["lengths = input ids"] if lengths else []), "a = residual(dense 3 zeros) < x",
                       f"bidirectional({written.replace('7', '5')}) < a" + (" + lengths" if lengths else "")]
                case(f"bidirectional {written}, lengths {lengths}", "\n".join(net), {"x": x, **({"lengths": lengths} if lengths else {})},
                     {**named(kind + "_1", there.params), **named(kind + "_2", back.params)}, both)
        # stacked
        x, first, second = narrow(2, 5, 3), Recurrent(kind, 3, 7, relu), Recurrent(kind, 7, 7, relu)
        case(f"{word}, stacked", f"x = input 5x3, a = residual(dense 3 zeros) < x, h = {word.replace(' 7', ' 7 sequence')} < a, {word}", {"x": x},
             {**named(kind + "_1", first.params), **named(kind + "_2", second.params)}, second(first(x, True), False))


def rotary(x):
    """[batch,heads,time,size]: neighbouring pairs as complex numbers, turned."""
    time, size = x.shape[-2:]
    angle = torch.arange(time)[:, None] * 10000.0 ** (-torch.arange(0, size, 2) / size)
    z = torch.view_as_complex(x.reshape(*x.shape[:-1], size // 2, 2).contiguous()) * torch.polar(torch.ones_like(angle), angle)
    return torch.view_as_real(z).flatten(-2)


def attention():
    for heads, size, features, causal, turn, other, lengths in (
        (1, None, 5, False, False, None, None), (3, None, 6, False, False, None, None), (2, None, 10, True, False, None, None),
        (2, 3, 5, False, False, None, [4, 0, 2]), (2, None, 6, True, False, None, [1, 4, 3]), (2, None, 8, True, True, None, None),
        (2, None, 6, False, False, 7, None), (1, 3, 7, True, False, 5, None), (2, 2, 5, False, True, 3, [2, 0, 6]),
    ):
        batch, time, steps = 3, 4, 6
        width = heads * (size or features // heads)
        x, inputs = narrow(batch, time, features), {}
        inputs["x"] = x
        words = ["attention", str(heads), *([str(size)] if size else []), *(["causal"] if causal else []), *(["rotary"] if turn else [])]
        net = [f"x = input {time}x{features}"]
        if other:
            memory = inputs["m"] = narrow(batch, steps, other)
            net.append(f"m = input {steps}x{other}")
            own = {"query": narrow(features, width), "query_bias": narrow(width), "memory": narrow(other, 2 * width), "memory_bias": narrow(2 * width)}
            q = x @ own["query"] + own["query_bias"]
            k, v = (memory @ own["memory"] + own["memory_bias"]).chunk(2, -1)
        else:
            own = {"weight": narrow(features, 3 * width), "bias": narrow(3 * width)}
            q, k, v = (x @ own["weight"] + own["bias"]).chunk(3, -1)
        own |= {"output": narrow(width, features), "output_bias": narrow(features)}
        if lengths:
            inputs["lengths"] = lengths
            net.append("lengths = input ids")
        net += [f"a = residual(dense {features} zeros) < x", *([f"b = residual(dense {other} zeros) < m"] if other else []),
                " ".join(words) + " < a" + (" + b" if other else "") + (" + lengths" if lengths else "")]
        q, k, v = (t.unflatten(-1, (heads, -1)).transpose(1, 2) for t in (q, k, v))
        if turn:
            q, k = rotary(q), rotary(k)
        out = []
        for i in range(batch):
            n = lengths[i] if lengths else k.shape[2]
            if n == 0:
                out.append(torch.zeros(heads, time, width // heads))
            else:
                out.append(nn.functional.scaled_dot_product_attention(q[i : i + 1], k[i : i + 1, :, :n], v[i : i + 1, :, :n], is_causal=causal)[0])
        y = torch.stack(out).transpose(1, 2).flatten(2)
        case(f"{' '.join(words)}, memory {other}, lengths {lengths}", "\n".join(net), inputs, named("attention_1", own), y @ own["output"] + own["output_bias"])

    # PyTorch's own layer
    x = narrow(2, 5, 6)
    own = {"weight": narrow(6, 18), "bias": narrow(18), "output": narrow(6, 6), "output_bias": narrow(6)}
    layer = nn.MultiheadAttention(6, 2, batch_first=True)
    values = {"in_proj_weight": own["weight"].T, "in_proj_bias": own["bias"], "out_proj.weight": own["output"].T, "out_proj.bias": own["output_bias"]}
    y, _ = torch.func.functional_call(layer, values, (x, x, x), {"need_weights": False})
    case("MultiheadAttention", "x = input 5x6, a = residual(dense 6 zeros) < x, attention 2 < a", {"x": x}, named("attention_1", own), y)


def positions():
    x, p = narrow(2, 5, 3), {"weight": narrow(5, 3)}
    case("positions", "x = input 5x3, a = residual(dense 3 zeros) < x, positions < a", {"x": x}, named("positions_1", p), x + p["weight"])
    t, i = torch.arange(5.0)[:, None], torch.arange(3)
    angle = t / 10000 ** ((i - i % 2) / 3)
    case("sinusoidal", "x = input 5x3, a = residual(dense 3 zeros) < x, sinusoidal < a", {"x": x}, {}, x + torch.where(i % 2 == 0, torch.sin(angle), torch.cos(angle)))


recurrent()
attention()
positions()
json.dump({"torch": torch.__version__, "cases": cases}, open("recurrent.json", "w"))
print(len(cases), "cases")
