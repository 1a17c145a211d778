"""Checks ONNX files as ONNX' own checker and ONNX Runtime see them.

Usage: python check.py FOLDER; FOLDER has NAME.onnx and NAME.json, {"cases": [{"inputs": {name: {"shape", "floats" (NaN at "missing"), "ids" or "texts"}}, "outputs": [{"shape", "floats"}]}]}.
Prints one JSON object: by NAME the largest difference, relative to max(1, |output|), or what went wrong. Made with onnx 1.23, onnxruntime 1.32.
"""

import glob
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime


def array(a):
    if a.get("texts") is not None:
        return np.array(a["texts"], dtype=object).reshape(a["shape"])
    if "ids" in a and a["ids"] is not None:
        return np.array(a["ids"], dtype=np.int32).reshape(a["shape"])
    v = np.array(a["floats"], dtype=np.float32)
    v[a.get("missing") or []] = np.nan
    return v.reshape(a["shape"])


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    worst = 0.0
    with open(path[:-5] + ".json") as f:
        cases = json.load(f)["cases"]
    for case in cases:
        names = [o.name for o in session.get_outputs()]
        got = session.run(names, {name: array(a) for name, a in case["inputs"].items()})
        for name, g, o in zip(names, got, case["outputs"]):
            want = array(o)
            if g.shape != want.shape:
                return f"output {name} has shape {g.shape}, want {want.shape}"
            if g.size:
                worst = max(worst, float(np.max(np.abs(g.astype(np.float64) - want) / np.maximum(1, np.abs(want)))))
    return worst


out = {}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.onnx"))):
    name = os.path.basename(path)[:-5]
    try:
        out[name] = check(path)
    except Exception as e:  # whatever a file makes them throw is the answer
        out[name] = f"{type(e).__name__}: {e}"
print(json.dumps(out))
