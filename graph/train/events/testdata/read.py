"""Reads event files with TensorBoard's own reader, and asks its real server for what it shows of them.

Usage: python read.py LOGDIR; prints one JSON object. Made with tensorboard 2.21.
"""

import json
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer


def accumulated(logdir):
    runs = EventMultiplexer().AddRunsFromDirectory(logdir)
    runs.Reload()
    out = {}
    for run, tags in runs.Runs().items():
        out[run] = {
            "scalars": {t: [[e.step, e.value] for e in runs.Scalars(run, t)] for t in tags["scalars"]},
            "histograms": {t: [[e.step, e.histogram_value.num, sum(e.histogram_value.bucket)] for e in runs.Histograms(run, t)] for t in tags["histograms"]},
            "images": {t: [[e.step, e.width, e.height] for e in runs.Images(run, t)] for t in tags["images"]},
            "texts": [t for t in tags["tensors"]],
            "graph": tags["graph"],
        }
    return out


def served(logdir):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", "--logdir", logdir, "--port", str(port), "--host", "127.0.0.1", "--load_fast=false"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}/data/plugin/"

    def get(path, body=None):
        request = urllib.request.Request(base + path, data=body and json.dumps(body).encode(), headers={"Content-Type": "application/json"} if body else {})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()

    try:
        for attempt in range(120):
            try:
                tags = json.loads(get("scalars/tags"))
                if tags:
                    break
            except OSError:
                pass
            time.sleep(.5)
        run = sorted(tags)[0]
        query = urllib.parse.urlencode({"run": run, "tag": "loss/batch"})
        experiment = json.loads(get("hparams/experiment", {"experimentName": ""}))
        sessions = json.loads(get("hparams/session_groups", {
            "experimentName": "", "allowedStatuses": ["STATUS_SUCCESS", "STATUS_RUNNING"], "colParams": [{"metric": m["name"]} for m in experiment["metricInfos"]],
            "startIndex": 0, "sliceSize": 10}))
        return {
            "runs": sorted(tags),
            "points": len(json.loads(get("scalars/scalars?" + query))),
            "graph": len(get("graphs/graph?" + urllib.parse.urlencode({"run": run, "conceptual": "false"}))),
            "nodes": get("graphs/graph?" + urllib.parse.urlencode({"run": run, "conceptual": "false"})).decode().count("node {"),
            "images": json.loads(get("images/tags")),
            "texts": json.loads(get("text/tags")),
            "histograms": json.loads(get("histograms/tags")),
            "hparams": [h["name"] for h in experiment["hparamInfos"]],
            "metrics": [m["name"] for m in experiment["metricInfos"]],
            "sessions": [g["hparams"] for g in sessions["sessionGroups"]],
            "values": [g.get("metricValues") for g in sessions["sessionGroups"]],
        }
    finally:
        server.terminate()
        server.wait()


print(json.dumps({"read": accumulated(sys.argv[1]), "served": served(sys.argv[1])}))
