#!/usr/bin/env python3
"""Times whole conversions: bench.py [--runs N] [--write]

Each run is a process of its own, from start to exit, proofs included. Printed are the median wall-clock and processor
seconds and the largest resident memory, that of the mapped file included. --write puts the table into RESULTS.md.
The models are made once, by scikit-learn itself, in the cache that testdata/make.py uses.
"""
import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
ENVIRONMENT = "py311-sk1.7.2"
MODELS = ["forest100.joblib", "forest100_compress3.joblib", "extra300.joblib"]


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(os.environ.get("TREEPORT_CACHE") or os.path.join(base, "treeport"), "bench")


def measure(command):
    """Wall seconds, processor seconds and peak kilobytes of one process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status != 0:
        sys.exit("%s failed: %d" % (" ".join(command), status))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    folder = cache()
    os.makedirs(folder, exist_ok=True)
    if any(not os.path.exists(os.path.join(folder, m)) for m in MODELS):
        python = subprocess.check_output([sys.executable, os.path.join(ROOT, "testdata", "make.py"), "python", ENVIRONMENT], text=True).strip()
        subprocess.check_call([python, os.path.join(HERE, "models.py"), folder])
    rows = []
    with tempfile.TemporaryDirectory() as out:
        binary = os.path.join(out, "treeport")
        subprocess.check_call(["go", "build", "-o", binary, "./cmd/treeport"], cwd=ROOT)
        for model in MODELS:
            path = os.path.join(folder, model)
            size = os.path.getsize(path)
            for target in ("onnx", "pmml"):
                artifact = os.path.join(out, "model." + target)
                runs = [measure([binary, "convert", "-q", path, "-o", artifact]) for _ in range(options.runs)]
                wall, processor, peak = (statistics.median(column) for column in zip(*runs))
                rows.append((model, size / 1e6, target, os.path.getsize(artifact) / 1e6, wall, processor, peak * 1024 / 1e6, peak * 1024 / size))
    lines = ["| model | MB | to | MB written | wall s | processor s | peak MB | peak / file |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    lines += ["| %s | %.0f | %s | %.1f | %.2f | %.2f | %.0f | %.2f |" % row for row in rows]
    text = "\n".join(lines)
    print(text)
    if options.write:
        version = subprocess.check_output(["go", "version"], text=True).split()[2]
        with open(os.path.join(HERE, "RESULTS.md"), "w") as f:
            f.write("# Whole conversions\n\nMade by `bench/bench.py --write`: medians of %d runs, each a process of its own with the proofs on; %d cores, %s, %s.\n\n%s\n"
                    % (options.runs, os.cpu_count(), platform.machine(), version, text))


if __name__ == "__main__":
    main()
