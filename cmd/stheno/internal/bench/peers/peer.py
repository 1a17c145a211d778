"""What the peers have in common: a line of JSON asks for an epoch, a line of JSON answers with its seconds.

The first line to come says how many threads there are and where the samples lie; the first to go back is the peer's name and version, or why it
cannot be had. Each other line is a regime (Regime in peers.go). What is asked for is made when it is first asked for, and kept."""
import json
import os
import sys
import time


def main(load):
    """load(threads) imports the peer and returns its name and build(regime, x, y), which returns an epoch to be called: it may return its own seconds."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries print

    def say(**fields):
        print(json.dumps(fields), file=out, flush=True)

    hello = json.loads(sys.stdin.readline())
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: hello["threads"]])
    try:
        import numpy as np

        name, build = load(hello["threads"])
    except Exception as e:
        return say(error=said(e))
    x = np.fromfile(os.path.join(hello["folder"], "x"), np.float32).reshape(-1, hello["inputs"])
    y = np.fromfile(os.path.join(hello["folder"], "y"), np.int32)
    ids = np.fromfile(os.path.join(hello["folder"], "ids"), np.int32).reshape(-1, hello["length"])
    classes = np.fromfile(os.path.join(hello["folder"], "classes"), np.int32)
    say(name=name)
    made = {}
    for line in sys.stdin:
        regime = json.loads(line)
        try:
            n = regime["samples"]
            if regime["regime"] not in made:
                made[regime["regime"]] = build(regime, ids[:n], classes[:n]) if regime["words"] else build(regime, x[:n], y[:n])
            start = time.perf_counter()
            own = made[regime["regime"]]()
            say(seconds=time.perf_counter() - start if own is None else own)
        except Exception as e:
            say(error=said(e))


def said(e):
    return f"{type(e).__name__}: {e}".splitlines()[0]


def widths(regime, x):
    """The sizes of neighbouring layers, from the inputs to the classes."""
    sizes = [x.shape[1], *(regime["hidden"] or []), regime["classes"]]
    return list(zip(sizes, sizes[1:]))
