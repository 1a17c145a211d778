#!/usr/bin/env python3
"""Writes metrics.json: what scikit-learn makes of the outputs and targets that it writes beside, for ../metric_golden_test.go.

Run it with scikit-learn 1.9 in this folder: python3 metrics.py

Every number of an output and a target is one of float32, in the fewest digits that are it; figures are computed in float64. A figure that
scikit-learn has not, because a class is missing, is null. Sizes are distinct primes.
"""

import json
import warnings

import numpy as np
import sklearn
from sklearn import metrics as sk

warnings.simplefilter("ignore")
rng = np.random.default_rng(12)
cases = []


def digits(a):
    assert np.array_equal(np.asarray(a, np.float64), np.asarray(a, np.float32).astype(np.float64))
    return [float(str(v)) for v in np.asarray(a, np.float32).ravel()]


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def single(a):
    return np.asarray(a, np.float32).astype(np.float64)


def case(name, output, target, linear, figures, confusion=None):
    figures = {k: None if np.isnan(v) else float(v) for k, v in figures.items()}
    cases.append(dict(
        name=name, shape=list(output.shape), linear=linear, output=digits(output), ids=target.dtype.kind == "i",
        target=target.ravel().tolist() if target.dtype.kind == "i" else digits(target), figures=figures, confusion=confusion,
    ))


def classes(name, output, target, linear):
    n = output.shape[-1]
    y, t = output.reshape(-1, n), target.ravel()
    y, t = y[t >= 0], t[t >= 0]
    p = softmax(y) if linear else y
    said = y.argmax(-1)
    k = dict(average="macro", zero_division=0)
    figures = {
        "accuracy": sk.accuracy_score(t, said), "precision": sk.precision_score(t, said, **k), "recall": sk.recall_score(t, said, **k),
        "f1": sk.f1_score(t, said, **k), "perplexity": np.exp(-np.log(p[np.arange(len(t)), t]).mean()),
    }
    for top in [1, 2, 3]:
        if top < n and n > 2:
            figures[f"top-{top}"] = sk.top_k_accuracy_score(t, y, k=top, labels=range(n))
    if len(set(t)) < n:
        figures["auc"] = np.nan
    elif n == 2:
        figures["auc"] = sk.roc_auc_score(t, p[:, 1])
    else:
        figures["auc"] = sk.roc_auc_score(t, p / p.sum(-1, keepdims=True) if linear else p, multi_class="ovr", average="macro")
    case(name, output, target, linear, figures, sk.confusion_matrix(t, said, labels=range(n)).tolist())


def labels(name, output, target, linear, threshold=0.5):
    n = output.shape[-1]
    y, t = output.reshape(-1, n), (target.reshape(-1, n) > 0.5).astype(int)
    said = ((1 / (1 + np.exp(-y)) if linear else y) > threshold).astype(int)
    k = dict(zero_division=0)
    figures = {
        "binary-accuracy": sk.accuracy_score(t.ravel(), said.ravel()), "precision": sk.precision_score(t.ravel(), said.ravel(), **k),
        "recall": sk.recall_score(t.ravel(), said.ravel(), **k), "f1": sk.f1_score(t.ravel(), said.ravel(), **k),
    }
    if threshold != 0.5:
        figures = {f"{k} at {threshold}": v for k, v in figures.items()}
    figures["auc"] = np.mean([sk.roc_auc_score(t[:, j], y[:, j]) if 0 < t[:, j].sum() < len(t) else np.nan for j in range(n)])
    confusion = None
    if n == 1 and threshold == 0.5:
        confusion = sk.confusion_matrix(t.ravel(), said.ravel(), labels=[0, 1]).tolist()
    case(name, output, target, linear, figures, confusion)


def numbers(name, output, target):
    n = output.shape[-1]
    y, t = output.reshape(-1, n), target.reshape(-1, n)
    r2 = sk.r2_score(t, y) if len(t) > 1 else np.nan
    case(name, output, target, True, {
        "mae": sk.mean_absolute_error(t, y), "rmse": np.sqrt(sk.mean_squared_error(t, y)), "r2": r2,
    })


def draw(*shape):
    return single(rng.normal(size=shape) * 1.5)


t = rng.integers(0, 5, 23)
classes("probabilities", single(softmax(draw(23, 5))), t, False)
t[[0, 7, 22]] = -1
classes("logits, some ignored", single(draw(23, 5) + 2 * np.eye(5)[t]), t, True)
t = rng.integers(0, 5, (3, 7))
t[1, 2] = -1
classes("logits of rank 3", draw(3, 7, 5), t, True)
p = single(softmax(draw(11, 5) + [0, 3, 0, -60, 0]))
classes("a class that is never said, one that neither is nor is said", p, np.array([0, 1, 2, 1, 1, 0, 2, 2, 1, 0, 4]), False)
classes("one class only", draw(7, 3), np.full(7, 2), True)
t = rng.integers(0, 2, 29)
classes("two classes", single(softmax(draw(29, 2))), t, False)
classes("two classes, logits", draw(29, 2), t, True)

t = rng.integers(0, 2, (31, 1)).astype(float)
labels("one label", single(rng.random((31, 1))), t, False)
labels("one label, many equal", single(np.round(rng.random((31, 1)) * 4) / 4), t, False)
labels("one label, logits", draw(31, 1), t, True)
labels("one label, -1 and 1", draw(31, 1), 2 * t - 1, True)
labels("threshold", single(rng.random((31, 1))), t, False, 0.3)
labels("threshold, logits", draw(31, 1), t, True, 0.875)
labels("several labels", single(rng.random((19, 3))), rng.integers(0, 2, (19, 3)).astype(float), False)
labels("several labels of rank 3", draw(5, 7, 3), rng.integers(0, 2, (5, 7, 3)).astype(float), True)
labels("nothing holds", single(rng.random((7, 1))), np.zeros((7, 1)), False)
labels("nothing holds, nothing said", single(rng.random((7, 1)) / 3), np.zeros((7, 1)), False)
labels("all holds, nothing said", single(rng.random((7, 1)) / 3), np.ones((7, 1)), False)

y = draw(17, 3)
numbers("numbers", y, single(y + draw(17, 3)))
y = draw(3, 5, 2)
numbers("numbers of rank 3", y, single(y + 0.25 * draw(3, 5, 2)))
far = 1e6 + rng.integers(0, 64, (23, 1)) / 16.0
numbers("numbers far from 0", far + rng.integers(-8, 8, (23, 1)) / 16.0, far)
out = draw(11, 3)
steady = np.tile(single([[0.1, 0.7, 3]]), (11, 1))
out[:, 0] = steady[:, 0]
steady[:, 2] = draw(11)
numbers("targets that never change, met and not", out, steady)
numbers("one sample", draw(1, 2), draw(1, 2))

with open("metrics.json", "w") as f:
    json.dump(dict(versions={"scikit-learn": sklearn.__version__, "numpy": np.__version__}, cases=cases), f, separators=(",", ":"))
    f.write("\n")
print(len(cases), "cases")
