#!/usr/bin/python3
"""Computes activations and gradients with PyTorch, for TestAgreesWithPyTorch.

    go test ./graph/inspect -run TestAgreesWithPyTorch -update     # writes torch-in.json: weights, batch, dropout masks
    apt-get install -y --no-install-recommends python3-torch
    python3 graph/inspect/testdata/pytorch.py                        # reads it, writes torch-out.json
"""
import json, os, torch

here = os.path.dirname(os.path.abspath(__file__))
out = {}
for name, case in json.load(open(os.path.join(here, "torch-in.json"))).items():
    params = {k: torch.tensor(v, dtype=torch.float32, requires_grad=True) for k, v in case["params"].items()}
    masks = {k: torch.tensor(v, dtype=torch.float32) for k, v in case["masks"].items()}
    layers = {}

    def keep(layer, y):
        if y.requires_grad:
            y.retain_grad()
        layers[layer] = y
        return y

    def dense(layer, x, act=lambda z: z):
        return keep(layer, act(x @ params[layer + ".weight"] + params[layer + ".bias"]))

    x = torch.tensor(case["x"], dtype=torch.float32)
    y = torch.tensor(case["y"], dtype=torch.float32)
    relu, sigmoid, tanh = torch.relu, torch.sigmoid, torch.tanh
    if name == "sigmoid":
        logits = dense("dense_2", dense("dense_1", x, sigmoid))
    elif name == "relu":
        logits = dense("dense_3", dense("dense_2", dense("dense_1", x, relu), relu))
    elif name == "residual":
        h = dense("dense_1", x, tanh)
        h = keep("residual_1", h + dense("dense_3", dense("dense_2", h, relu)))
        logits = dense("dense_4", h)
    elif name == "concat":
        h = keep("concat_1", torch.cat([dense("dense_1", x, torch.nn.functional.softplus), x], 1))
        logits = dense("dense_2", h)
    elif name == "dropout":
        h = dense("dense_1", x, relu)
        logits = dense("dense_2", keep("dropout_1", h * masks["dropout_1"]))
    elif name == "swish":
        h = dense("dense_1", x)
        logits = dense("dense_2", keep("swish_1", h * keep("swish_1.gate", sigmoid(h))))
    last = list(layers)[-1]
    p = torch.softmax(logits, 1)
    p.retain_grad()
    if case["loss"] == "mse":
        loss = ((p - y) ** 2).mean()
    else:
        loss = -(y * torch.log_softmax(logits, 1)).sum(1).mean()
    loss.backward()
    # The last layer's output is the softmax. Cross-entropy looks through it: the gradient recorded is that of the logits.
    of = p if case["loss"] == "mse" else logits
    grads = {k: v.grad.flatten().tolist() for k, v in layers.items() if v.grad is not None}
    grads[last] = of.grad.flatten().tolist()
    values = {k: v.detach().flatten().tolist() for k, v in layers.items()}
    values[last] = p.detach().flatten().tolist()
    out[name] = {
        "loss": loss.item(),
        "outputs": values,
        "output_grads": grads,
        "param_grads": {k: v.grad.flatten().tolist() for k, v in params.items()},
    }
json.dump(out, open(os.path.join(here, "torch-out.json"), "w"), separators=(",", ":"))
