"""treeport's own predictions, by the Go library and as a whole process, beside onnxruntime's and scikit-learn's."""
import collections
import json
import os
import statistics

import measure
import places
import report
import serve

CASES = [
    ("forest100", "random forest, 2 classes, 1.3 million nodes"),
    ("rf2", "random forest, 2 classes, 500,000 nodes"),
    ("rf10_pruned", "random forest, 10 classes, pruned"),
    ("rfr", "random forest regressor"),
    ("gbc1000_depth3", "gradient boosting, 2 classes, 1000 stages"),
    ("gbc300x10", "gradient boosting, 10 classes, 300 stages"),
    ("hgbr1000", "histogram boosting regressor, 1000 iterations"),
]
QUICK = {"rf2", "gbc1000_depth3"}
ROUNDS = 3
WHOLE, MANY = "forest100", 20_000

TEXT = """## Predictions

The Go library, onnxruntime (with treeport's file of profile exact, and skl2onnx's) and scikit-learn on the same model and rows, on one
thread and on all %d cores. Medians of 2000 calls with one row and 20 with 1000 rows (scikit-learn: 50 and 5), each who in a process
of its own, those in %d rounds. treeport and onnxruntime answer label and probabilities, scikit-learn one of them.
The last columns are treeport's times as parts.

%s
Whole processes, from start to exit, that answer %s rows by %s and write the answers; medians of %d:

%s"""


def section(options, out):
    cases = [c for c in CASES if c[0] in QUICK or not options.quick]
    places.models(WHOLE, *(name for name, _ in cases))
    tools = {name: places.build(out, package) for name, package in [("treeport", "cmd/treeport"), ("api", "bench/api")]}
    rows = os.path.join(out, "rows.npy")
    measure.must(places.script("rows.py", rows, 1000))
    lines = []
    for name, what in cases:
        print("predict:", name, flush=True)
        lines += case(name, what, tools, rows, options, out)
    speed = report.table(["model", "threads", "rows", "treeport ms", "onnxruntime, treeport's file", "onnxruntime, skl2onnx's", "scikit-learn",
                          "of ours in onnxruntime", "of skl2onnx's", "of scikit-learn's"], lines)
    whole = report.table(["who", "from", "wall s", "processor s", "peak MB"], processes(tools, options, out))
    return TEXT % (os.cpu_count(), ROUNDS, speed, "{:,}".format(MANY), WHOLE, options.runs, whole)


def case(name, what, tools, rows, options, out):
    model, = places.models(name)
    made = serve.artifacts(tools["treeport"], name, options, out, encodings=["5"])
    files = [path for path, _ in made.values() if path]
    lines = []
    for threads in sorted({1, os.cpu_count()}):
        seen = collections.defaultdict(list)
        for _ in range(ROUNDS):
            limited = ["env", "GOMAXPROCS=%d" % threads, "OMP_NUM_THREADS=%d" % threads]
            seen["api"].append(json.loads(measure.must([*limited, tools["api"], model, rows]).said))
            answers = json.loads(measure.must(places.script("session.py", "times", threads, rows, *files)).said)
            for key, answer in zip((key for key, (path, _) in made.items() if path), answers):
                seen[key].append(answer)
            seen["sklearn"].append(json.loads(measure.must(limited + places.script("original.py", "times", model, rows, threads)).said))
        for count, key in (("1", "one_row"), ("1000", "thousand_rows")):
            ms = {who: statistics.median(round[key] for round in rounds) * 1e3 for who, rounds in seen.items()}
            others = ["5", serve.PEER, "sklearn"]
            line = ["%s (%s)" % (name, what) if not lines else "", str(threads), count, report.number(ms["api"])]
            line += [report.number(ms[who]) if who in ms else "none" for who in others]
            line += ["%.2f" % (ms["api"] / ms[who]) if who in ms else "" for who in others]
            lines.append(line)
            print("  " + " | ".join(line), flush=True)
    return lines


def processes(tools, options, out):
    model, = places.models(WHOLE)
    onnx, npy, csv = (os.path.join(out, "whole." + ext) for ext in ("onnx", "npy", "csv"))
    measure.must(places.script("rows.py", npy, MANY))
    measure.must([tools["treeport"], "convert", "-q", model, "-o", onnx])
    measure.must(places.script("rows.py", csv, MANY))
    answers = os.path.join(out, "answers.")
    commands = [
        ("treeport predict, npy to npy", model, [tools["treeport"], "predict", "-q", model, npy, "-o", answers + "npy"]),
        ("treeport predict, csv to csv", model, [tools["treeport"], "predict", "-q", model, csv, "-o", answers + "csv"]),
        ("treeport predict, npy to npy", onnx, [tools["treeport"], "predict", "-q", onnx, npy, "-o", answers + "npy"]),
        ("onnxruntime from Python", onnx, places.script("session.py", "answer", onnx, npy, answers + "npy")),
        ("scikit-learn", model, places.script("original.py", "answer", model, npy, answers + "npy", -1)),
    ]
    medians = measure.in_turns([(lambda c=c: measure.must(c), options.runs) for _, _, c in commands])
    return [[who, path.rsplit(".")[-1], "%.2f" % run.wall, "%.2f" % run.processor, report.number(run.peak / 1e6)]
            for (who, path, _), run in zip(commands, medians)]
