"""What a node costs, from small forests to the largest: synthetic pickles of synthetic/, and nodes.svg."""
import os

import measure
import places
import plot
import report

# nodes, most runs of each format (0: none; PMML of fifty million nodes is 5 GB)
SIZES = [
    (10_000, {"onnx": 9, "pmml": 9}),
    (100_000, {"onnx": 9, "pmml": 9}),
    (1_000_000, {"onnx": 5, "pmml": 5}),
    (10_000_000, {"onnx": 3, "pmml": 3}),
    (50_000_000, {"onnx": 3}),
]
QUICK = 1_000_000
CHAIN = 2_000_000  # nodes of the tree that is a million splits deep

HEADS = ["nodes", "to", "file MB", "written MB", "wall s", "processor s", "wall ns / node", "processor ns / node", "peak MB", "peak bytes / node",
         "anonymous bytes / node", "written bytes / node"]

TEXT = """## What a node costs

Random forests as pickles, written by `bench/synthetic`, converted as above; medians of %d runs or less. scikit-learn reads them; treeport's probabilities
of 1000 rows equal its own in %d of them, which were compared. The peak counts the mapped input, which is 80 bytes for each node.

![nanoseconds and bytes per node](nodes.svg)

%s
One tree that is a chain of a million splits:

%s"""


def section(options, out):
    tools = {name: places.build(out, package) for name, package in [("treeport", "cmd/treeport"), ("synthetic", "bench/synthetic")]}
    sizes = [s for s in SIZES if s[0] <= QUICK or not options.quick]
    rows, equal = [], 0
    pickle = os.path.join(out, "synthetic.pkl")
    for nodes, runs in sizes:
        print("nodes:", nodes, flush=True)
        measure.must([tools["synthetic"], "-nodes", str(nodes), pickle])
        if nodes <= QUICK:
            compare(tools["treeport"], pickle, out)
            equal += 1
        rows += convert(tools["treeport"], nodes, pickle, out, {target: min(n, options.runs) for target, n in runs.items()})
    measure.must([tools["synthetic"], "-deep", "-nodes", str(CHAIN), pickle])
    chain = convert(tools["treeport"], CHAIN, pickle, out, {"onnx": min(3, options.runs), "pmml": min(3, options.runs)})
    os.remove(pickle)
    if options.write:
        with open(os.path.join(places.HERE, "nodes.svg"), "w") as f:
            f.write(draw(rows))
    return TEXT % (options.runs, equal, report.table(HEADS, list(map(cells, rows))), report.table(HEADS, list(map(cells, chain))))


def compare(treeport, pickle, out):
    """Stops unless scikit-learn loads the pickle and answers what treeport answers."""
    rows, answers, ours = (os.path.join(out, name + ".npy") for name in ("rows", "answers", "ours"))
    measure.must(places.script("rows.py", rows, 1000))
    measure.must(places.script("original.py", "answer", pickle, rows, answers, 1))
    measure.must([treeport, "predict", "-q", pickle, rows, "--methods", "predict_proba", "-o", ours])
    measure.must(places.script("original.py", "equal", answers, ours))


def convert(treeport, nodes, pickle, out, runs):
    rows = []
    for target, often in runs.items():
        artifact = os.path.join(out, "synthetic." + target)
        command = [treeport, "convert", "-q", pickle, "-o", artifact]
        run, = measure.in_turns([(lambda: measure.must(command), often)])
        rows.append((nodes, target, os.path.getsize(pickle), os.path.getsize(artifact), run, measure.anonymous(command)))
        print("  " + " | ".join(cells(rows[-1])), flush=True)
        os.remove(artifact)
    return rows


def cells(row):
    nodes, target, size, written, run, anonymous = row
    return ["{:,}".format(nodes), target.upper(), report.number(size / 1e6), report.number(written / 1e6), "%.2f" % run.wall, "%.2f" % run.processor,
            report.number(run.wall * 1e9 / nodes), report.number(run.processor * 1e9 / nodes), report.number(run.peak / 1e6),
            report.number(run.peak / nodes), report.number(anonymous / nodes), report.number(written / nodes)]


def draw(rows):
    def series(value):
        lines = {}
        for nodes, target, _, _, run, anonymous in rows:
            for name, v in value(run, anonymous).items():
                lines.setdefault("%s %s" % (target.upper(), name), []).append((nodes, v / nodes))
        return lines

    return plot.svg([("nanoseconds per node", "nodes", series(lambda run, _: {"wall": run.wall * 1e9, "processor": run.processor * 1e9})),
                     ("bytes of memory per node", "nodes", series(lambda run, anonymous: {"peak": run.peak, "anonymous": anonymous}))])
