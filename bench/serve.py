"""How fast the artifacts answer in onnxruntime, beside skl2onnx's files of the same models, and the memory that batches take."""
import json
import os

import measure
import places
import report

# name, what it is; all have 20 columns, forests 100 trees
CASES = [
    ("rf2", "forest, 2 classes"), ("rf2_pruned", "2 classes, pruned"),
    ("rf5", "forest, 5 classes"), ("rf5_pruned", "5 classes, pruned"),
    ("rf10", "forest, 10 classes"), ("rf10_pruned", "10 classes, pruned"),
    ("rf100", "forest, 100 classes"), ("rf100_pruned", "100 classes, pruned"),
    ("rfr", "forest regressor"), ("rfr_pruned", "forest regressor, pruned"),
    ("etr", "extra-trees regressor"), ("etr_pruned", "extra-trees regressor, pruned"),
    ("gbc1000_depth3", "gradient boosting, 2 classes, 1000 stages"),
    ("gbc300x10", "gradient boosting, 10 classes, 300 stages"),
    ("gbr1000", "gradient boosting regressor, 1000 stages"),
    ("hgbr1000", "histogram boosting regressor, 1000 iterations"),
    ("hgbr1000_categories", "histogram boosting, four columns of categories"),
]
QUICK = {"rf2", "rf10_pruned", "gbc1000_depth3", "hgbr1000"}
ENCODINGS = ["5", "3", "1"]
PEER = "skl2onnx"
ROWS, SLICE = 100_000, 1000

TEXT = """## In onnxruntime

Files of profile exact in each encoding (`--ml-opset`), and skl2onnx's of the same model, loaded side by side in one process, one
thread, in turns: medians of 5 loadings, 2000 calls with one row, 20 calls with 1000 rows. The last columns are parts of
skl2onnx's. "Off by" is the largest difference of a probability or value from scikit-learn's own, over 1000 rows. Pruned is
`max_depth=8, min_samples_leaf=5`.

%s
%s rows at once and %s at a time, one thread, each in a process of its own whose peak is given (Python, onnxruntime, the loaded
file and the rows included; stopped at %s):

%s"""


def section(options, out):
    cases = [c for c in CASES if c[0] in QUICK or not options.quick]
    places.models(*(name for name, _ in cases))
    treeport = places.build(out, "cmd/treeport")
    rows = os.path.join(out, "rows.npy")
    measure.must(places.script("rows.py", rows, SLICE))
    speed, memory = [], []
    for name, what in cases:
        print("serve:", name, flush=True)
        made = artifacts(treeport, name, options, out)
        speed += times(name, what, made, rows)
        memory.append(batches(name, made, rows, options))
        print("  " + " | ".join(memory[-1]), flush=True)
    speed = report.table(["model", "file", "MB", "load ms", "1 row µs", "1000 rows ms", "off by", "MB", "load", "1 row", "1000 rows"], speed)
    memory = report.table(["model", "at once: MB", "s", "in slices: MB", "s", "skl2onnx at once: MB", "s"], memory)
    return TEXT % (speed, "{:,}".format(ROWS), "{:,}".format(SLICE), measure.human(options.peer_memory), memory)


def artifacts(treeport, name, options, out, encodings=ENCODINGS):
    """The files of a model by encoding or peer, or why there is none: pairs of a path and a reason, one of which is None."""
    model, = places.models(name)
    made = {}
    for encoding in encodings:
        path = os.path.join(out, "%s.%s.onnx" % (name, encoding))
        run = measure.run([treeport, "convert", "-q", model, "-o", path, "--ml-opset", encoding])
        made[encoding] = (None if run.failed else path), run.failed
    # skl2onnx's are kept: they take minutes, and always come out the same.
    path = os.path.join(places.MODELS, name + ".skl2onnx.onnx")
    failed = None
    if not os.path.exists(path):
        part = path + ".part"
        failed = measure.run(places.script("peer.py", PEER, model, part), options.peer_memory, options.peer_seconds).failed
        if not failed:
            os.rename(part, path)
    made[PEER] = (None if failed else path), failed
    return made


def times(name, what, made, rows):
    there = {key: path for key, (path, _) in made.items() if path}
    run = measure.must(places.script("session.py", "times", 1, rows, *there.values()))
    seen = dict(zip(there, json.loads(run.said)))
    answers = rows + ".answers.npy"
    measure.must(places.script("original.py", "answer", places.models(name)[0], rows, answers, 1))
    off = json.loads(measure.must(places.script("session.py", "off", rows, answers, *there.values())).said)
    for (key, path), far in zip(there.items(), off):
        seen[key].update(bytes=os.path.getsize(path), off=far)
    lines = []
    for key, (path, failed) in made.items():
        row = ["%s (%s)" % (name, what) if key == ENCODINGS[0] else "", key if key == PEER else "opset " + key]
        if failed:
            row += ["none: " + failed[:120].replace("|", "/")] + [""] * 8
        else:
            t = seen[key]
            row += [report.number(t["bytes"] / 1e6), report.number(t["load"] * 1e3), "%.1f" % (t["one_row"] * 1e6), report.number(t["thousand_rows"] * 1e3),
                    "%.0e" % t["off"] if t["off"] else "0"]
            parts = ["bytes", "load", "one_row", "thousand_rows"]
            row += ["%.2f" % (t[p] / seen[PEER][p]) for p in parts] if key != PEER and PEER in seen else [""] * 4
        lines.append(row)
        print("  " + " | ".join(row), flush=True)
    return lines


def batches(name, made, rows, options):
    row = [name]
    for key, slice in ((ENCODINGS[0], ROWS), (ENCODINGS[0], SLICE), (PEER, ROWS)):
        path, failed = made[key]
        if failed:
            row += ["none", ""]
            continue
        run = measure.run(places.script("session.py", "batch", path, rows, ROWS, slice), options.peer_memory, options.peer_seconds)
        row += [run.failed, ""] if run.failed else [report.number(run.peak / 1e6), "%.2f" % json.loads(run.said)]
    return row
