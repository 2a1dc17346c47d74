"""What the run_*.py scripts share: one job from the command line, or many as JSON lines on standard input.

A job is {"model": file, "x": file.npy, "out": folder}, with "threads" where the runtime knows them. x may also be a folder
of one .npy for each input, by its name; text is U there.
Each gets one line of answer, {"ok": true} or {"error": text}, so that one process serves thousands of models.
Every output is saved as <out>/<name>.npy; a / in a name becomes a _.
"""
import argparse
import json
import os
import sys

import numpy as np


def save(folder, outputs):
    if not os.path.isdir(folder):
        os.makedirs(folder)
    for name, values in outputs.items():
        np.save(os.path.join(folder, name.replace("/", "_") + ".npy"), values, allow_pickle=False)


def load(x):
    """The array of a file, or a dict of the arrays of a folder by their names."""
    if not os.path.isdir(x):
        return np.load(x, allow_pickle=False)
    return {name[:-len(".npy")]: np.load(os.path.join(x, name), allow_pickle=False) for name in os.listdir(x) if name.endswith(".npy")}


def column(values):
    """A list of a PMML engine's answers as an array: text as U, all else as float64, nothing as NaN."""
    if any(isinstance(v, str) for v in values):
        return np.array(["" if v is None else str(v) for v in values])
    return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)


def main(evaluate):
    """evaluate(model, X, threads) answers a dict of arrays by output name."""
    parser = argparse.ArgumentParser(description="Without arguments: jobs as JSON lines on standard input.")
    parser.add_argument("model", nargs="?")
    parser.add_argument("x", nargs="?")
    parser.add_argument("out", nargs="?")
    parser.add_argument("--threads", type=int, default=1)
    a = parser.parse_args()
    if a.model:
        save(a.out, evaluate(a.model, load(a.x), a.threads))
        return
    # Whatever the runtimes themselves print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", 1)
    os.dup2(2, 1)
    for line in iter(sys.stdin.readline, ""):
        try:
            job = json.loads(line)
            save(job["out"], evaluate(job["model"], load(job["x"]), job.get("threads") or 1))
            answer = {"ok": True}
        except Exception as e:  # a runtime's own error types are many, and each of them is an answer
            answer = {"error": "%s: %s" % (type(e).__name__, e)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
