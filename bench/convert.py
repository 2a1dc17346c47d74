"""Whole conversions, each a process from start to exit: treeport, the peers, and the floor."""
import os

import measure
import places
import report

# name, what it is, and whether the peers are asked as often as --peer-runs says, once (it takes minutes) or never
CASES = [
    ("gbc1000", "gradient boosting, 1000 trees of depth 6", "often"),
    ("hgbc1000", "histogram boosting, 1000 iterations", "often"),
    ("forest100", "random forest, 100 trees, 1.3 million nodes", "often"),
    ("forest100_compress3", "the same with compress=3", "never"),
    ("extra300", "extra-trees regressor, 100 trees, 6 million nodes", "often"),
    ("extra300_compress3", "the same with compress=3", "never"),
    ("forest1000", "random forest, 400 trees, 17 million nodes", "once"),
    ("forest1000_compress3", "the same with compress=3", "never"),
]
QUICK = {"gbc1000", "hgbc1000", "forest100", "forest100_compress3"}
PEERS = [("onnx", "skl2onnx"), ("pmml", "sklearn2pmml"), ("treelite", "treelite")]
COMPRESSED = "_compress3"


def section(options, out):
    cases = [c for c in CASES if c[0] in QUICK or not options.quick]
    places.models(*(name for name, _, _ in cases))
    tools = {name: places.build(out, package) for name, package in [("treeport", "cmd/treeport"), ("floor", "bench/floor")]}
    ours, theirs = [], []
    for name, what, often in cases:
        print("convert:", name, flush=True)
        a, b = case(name, what, often, options, out, tools)
        ours += a
        theirs += b
    ours = report.table(["model", "file MB", "to", "written MB", "wall s", "processor s", "floor s", "wall / floor", "peak MB", "peak / plain file",
                         "anonymous MB", "anonymous / plain file"], ours)
    theirs = report.table(["model", "peer", "wall s", "processor s", "peak MB", "written MB", "treeport's wall", "processor", "peak", "file"], theirs)
    return TEXT % (options.runs, options.peer_runs, measure.human(options.peer_memory), options.peer_seconds, ours, theirs)


TEXT = """## Whole conversions

Medians of %d runs (of peers %d, and one of those of the largest model), in turns, each a process of its own from start to exit, with its
input in the page cache; treeport's proofs are on. The floor is a program that only reads (and inflates) the same input and
writes as many bytes, synced as treeport does. The peak is that of resident memory, which counts the pages of a mapped input;
anonymous memory is what is no file's. Both are also given as parts of the uncompressed file.
Peers are stopped at %s or %d s. The peak of sklearn2pmml is that of the larger of its two processes, Python and Java.

%s
Against peers, on the same files; the last columns are treeport's wall and processor time, peak and output as parts of the peer's (for treelite,
which writes a format of its own, those of the conversion to ONNX):

%s"""


def case(name, what, often, options, out, tools):
    model, = places.models(name)
    plain = os.path.getsize(places.models(name.removesuffix(COMPRESSED))[0])
    warm(model)
    inflate = ["-inflate", "zlib"] if name.endswith(COMPRESSED) else []
    artifact = lambda target: os.path.join(out, "model." + target)

    def treeport(target):
        return [tools["treeport"], "convert", "-q", model, "-o", artifact(target)]

    def floor(size):
        return [tools["floor"], *inflate, "-write", str(size), model, os.path.join(out, "floor.out")]

    def peer(who, target):
        if who == "sklearn2pmml":
            return [os.path.join(os.path.dirname(places.python()), "sklearn2pmml"), "-i", model, "-o", artifact(who)]
        return places.script("peer.py", who, model, artifact(who))

    sizes = {}
    for target in ("onnx", "pmml"):
        measure.must(treeport(target))
        sizes[target] = os.path.getsize(artifact(target))
    inspect = [tools["treeport"], "inspect", model]
    commands = [treeport("onnx"), floor(sizes["onnx"]), treeport("pmml"), floor(sizes["pmml"]), inspect, floor(0)]
    turns = [(lambda c=c: measure.must(c), options.runs) for c in commands]
    runs = {"often": options.peer_runs, "once": min(1, options.peer_runs), "never": 0}[often]
    if runs:
        turns += [(lambda c=peer(who, target): measure.run(c, options.peer_memory, options.peer_seconds), runs) for target, who in PEERS]
    medians = measure.in_turns(turns)

    ours = []
    for target, run, least in zip(("ONNX", "PMML", "inspect"), medians[0::2], medians[1::2]):
        anonymous = measure.anonymous(inspect if target == "inspect" else treeport(target.lower()))
        written = sizes.get(target.lower(), 0)
        ours.append([
            "%s (%s)" % (name, what) if target == "ONNX" else "", report.number(os.path.getsize(model) / 1e6), target,
            report.number(written / 1e6), seconds(run.wall), seconds(run.processor), seconds(least.wall), "%.1f" % (run.wall / least.wall),
            report.number(run.peak / 1e6), "%.2f" % (run.peak / plain), report.number(anonymous / 1e6), "%.2f" % (anonymous / plain)])
        show(ours[-1])
    theirs = []
    for (target, who), run in zip(PEERS, medians[6:]):
        mine, size = (medians[2], sizes["pmml"]) if target == "pmml" else (medians[0], sizes["onnx"])
        row = [name, who, seconds(run.wall), seconds(run.processor), report.number(run.peak / 1e6)]
        if run.failed:
            row += ["none: " + run.failed[:150].replace("|", "/"), "", "", "", ""]
        else:
            written = os.path.getsize(artifact(who))
            row += [report.number(written / 1e6), ratio(mine.wall, run.wall), ratio(mine.processor, run.processor), ratio(mine.peak, run.peak), ratio(size, written)]
        theirs.append(row)
        show(row)
    return ours, theirs


def warm(path):
    with open(path, "rb", buffering=0) as f:
        while f.read(1 << 20):
            pass


def show(row):
    print("  " + " | ".join(row), flush=True)


def seconds(value):
    return "%.3f" % value if value < 1 else "%.2f" % value


def ratio(ours, theirs):
    return "%.2f" % (ours / theirs) if ours > theirs / 10 else "1/%.0f" % (theirs / ours)
