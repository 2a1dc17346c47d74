#!/usr/bin/env python3
"""Measures treeport side by side with its peers: bench.py [SECTION...] [--write]

    convert   whole conversions: treeport, skl2onnx, sklearn2pmml, treelite, and the floor of reading and writing alone
    nodes     nanoseconds and bytes per node, from ten thousand to fifty million nodes
    serve     the artifacts in onnxruntime, beside those of skl2onnx: loading, one row, a thousand rows, a hundred thousand
    predict   treeport's own predictions beside onnxruntime's and scikit-learn's
    many      ten thousand small models in one run, beside a loop over skl2onnx in one warm process

Without a section all are measured. --write puts each into its place in RESULTS.md (and nodes.svg) as soon as it is done.
The models are trained once, and the peers installed once, in the cache that testdata/make.py uses. Needs Go, Python, Java.

Each section is a file of that name. They share measure.py (what a process takes), places.py (where things are), report.py
(RESULTS.md) and plot.py. Run with the Python of requirements.txt are models.py, small.py, rows.py, peer.py, session.py (onnxruntime) and
original.py (scikit-learn). Programs in Go are floor/, synthetic/ (pickles of any size) and api/ (the Go library).
"""
import argparse
import importlib
import os
import sys
import tempfile

sys.dont_write_bytecode = True  # nothing but results is written into the tree

import places
import report

SECTIONS = ["convert", "nodes", "serve", "predict", "many"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help="of %s" % ", ".join(SECTIONS))
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    parser.add_argument("--quick", action="store_true", help="leave out what takes long: the largest models, most of the matrix")
    parser.add_argument("--runs", type=int, default=5, help="runs of which the median is taken")
    parser.add_argument("--peer-runs", type=int, default=5, help="the same for peers, which are slow; 0: none")
    parser.add_argument("--peer-memory", type=float, default=12, help="GB of resident memory at which a peer is stopped")
    parser.add_argument("--peer-seconds", type=int, default=600, help="seconds after which a peer is stopped")
    options = parser.parse_args()
    options.peer_memory *= 1e9
    for name in options.sections:
        if name not in SECTIONS:
            parser.error("no section %s" % name)
    os.makedirs(places.MODELS, exist_ok=True)
    for name in options.sections or SECTIONS:
        # Beside the models, so that artifacts are written to a disk and not to memory.
        with tempfile.TemporaryDirectory(dir=places.MODELS) as out:
            os.environ["TMPDIR"] = out  # what a peer that is stopped leaves behind goes with it
            tempfile.tempdir = None  # which remembers the last one
            text = importlib.import_module(name).section(options, out) + "\nMeasured on " + report.machine()
        print(text, flush=True)
        if options.write:
            report.write(name, text)


if __name__ == "__main__":
    sys.exit(main())
