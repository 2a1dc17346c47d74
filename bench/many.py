"""Ten thousand small models in one run, beside a loop over skl2onnx in one warm Python process."""
import json
import os

import measure
import places
import report

COUNT, SAMPLE = 2500, 20

TEXT = """## Many small models

%s models of four kinds, %s of each, trained on 500 rows of 20 columns and saved by joblib (%s in all): `treeport convert FOLDER --to
onnx`, from start to exit, manifest and certificates included; every artifact is proven. The peer is a loop over skl2onnx in one warm Python
process, with files read and written, of %s models of each kind; it proves nothing. Times are milliseconds of the clock for one model.

%s"""


def section(options, out):
    count = COUNT // 10 if options.quick else COUNT
    folder = os.path.join(places.MODELS, "small%d" % count)
    measure.must(places.script("small.py", "make", folder, count))
    treeport = places.build(out, "cmd/treeport")
    kinds = sorted(k for k in os.listdir(folder) if os.path.isdir(os.path.join(folder, k)))
    peer = {}
    if options.peer_runs:
        peer = json.loads(measure.must(places.script("small.py", "loop", folder, SAMPLE)).said)
        peer["all"] = sum(peer.values()) / len(peer)
    rows = []
    for kind in kinds + ["all"]:
        number = count * len(kinds) if kind == "all" else count
        source = folder if kind == "all" else os.path.join(folder, kind)
        run = measure.must([treeport, "convert", source, "--to", "onnx", "-o", os.path.join(out, kind), "-q"])
        each = run.wall / number
        rows.append([kind, number, report.number(1e3 * each), report.number(1e3 * run.processor / number), measure.human(run.peak),
                     report.number(1e3 * peer[kind]) if peer else "", report.number(peer[kind] / each) if peer else ""])
        print("  " + " | ".join(map(str, rows[-1])), flush=True)
    size = sum(os.path.getsize(os.path.join(folder, k, f)) for k in kinds for f in os.listdir(os.path.join(folder, k)))
    table = report.table(["kind", "models", "treeport", "of which processor, all cores", "peak memory", "skl2onnx", "times as fast"], rows)
    return TEXT % ("{:,}".format(count * len(kinds)), "{:,}".format(count), measure.human(size), SAMPLE, table)
