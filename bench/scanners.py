#!/usr/bin/env python3
"""Asks treeport and the peers that judge pickles, at their default settings, which files they would warn of.

    $(python3 testdata/make.py runtime scanners) bench/scanners.py CORPUS [--honest FOLDER]... [--every N] [--out STEM]

CORPUS is a folder with a manifest.json of honest model files and hostile/manifest.json of the others; each FOLDER holds more
honest files, such as testdata/everything.py saves. Writes STEM.json, what each said of each file, and STEM.md, the table.

A verdict is clean, suspicious, dangerous or, of treeport, unreadable; failed where there is none. `read` is whether the scanner
read the file as a pickle at all: some call clean what they could not read. Each peer runs in a process of its own, which is ended and
started again where a file takes it over the limit.
"""
import argparse
import collections
import importlib.metadata
import json
import logging
import multiprocessing
import os
import resource
import subprocess
import sys
import time

SECONDS, MEMORY = 20, 4 << 30
PICKLES = (".pkl", ".joblib", ".pickle")


# The peers. Each makes a function from a path to (verdict, whether the file was read, what it says).

def fickling():
    from fickling.analysis import Severity, check_safety
    from fickling.fickle import Pickled

    def ask(path):  # as fickling.is_likely_safe does, which gives no severity
        with open(path, "rb") as f:
            pickled = Pickled.load(f, fail_on_decode_error=False)
        severity = check_safety(pickled).severity
        bad = pickled.has_invalid_opcode
        if severity == Severity.LIKELY_SAFE and not bad:
            return "clean", True, severity.name
        return "suspicious" if severity <= Severity.SUSPICIOUS and not bad else "dangerous", not bad, severity.name
    return ask


def picklescan():
    from picklescan.scanner import SafetyLevel, scan_file_path
    said = []

    class Handler(logging.Handler):
        def emit(self, record):
            said.append(record.getMessage())
    log = logging.getLogger("picklescan")
    log.addHandler(Handler())
    log.propagate = False

    def ask(path):
        said.clear()
        r = scan_file_path(path)
        names = ["%s.%s" % (g.module, g.name) for g in r.globals if g.safety != SafetyLevel.Innocuous]
        verdict = "dangerous" if r.infected_files or r.issues_count else "suspicious" if r.suspicious_count else "clean"
        # What it can't parse is a warning in its log and nothing in its result.
        return verdict, not r.scan_err and not any("could not parse" in s for s in said), " ".join(sorted(names))
    return ask


def modelscan():
    from modelscan.modelscan import ModelScan
    logging.getLogger("modelscan").setLevel(logging.CRITICAL)

    def ask(path):
        r = ModelScan().scan(path)
        severities = {i["severity"] for i in r["issues"]}
        why = ["%s %s.%s" % (i["severity"], i.get("module"), i.get("operator")) for i in r["issues"]]
        why += [e["description"] for e in r["errors"]] + [s["category"] for s in r["summary"]["skipped"]["skipped_files"]]
        verdict = "clean" if not severities else "dangerous" if severities & {"CRITICAL", "HIGH"} else "suspicious"
        return verdict, bool(r["summary"]["scanned"]["total_scanned"]), " ".join(why)[:200]
    return ask


PEERS = {"fickling": fickling, "picklescan": picklescan, "modelscan": modelscan}


def serve(make, pipe):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # some print what they find
    os.dup2(1, 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    ask = make()
    pipe.send("ready")
    while True:
        path = pipe.recv()
        start = time.process_time()
        try:
            verdict, read, why = ask(path)
            answer = {"verdict": verdict, "read": read, "why": why}
        except (Exception, MemoryError) as e:  # RecursionError is one of them
            answer = {"verdict": "failed", "read": False, "why": "%s: %s" % (type(e).__name__, str(e)[:200])}
        pipe.send(dict(answer, seconds=time.process_time() - start))


class Peer:
    def __init__(self, name):
        self.name, self.version, self.process = name, importlib.metadata.version(name), None

    def start(self):
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=serve, args=(PEERS[self.name], other), daemon=True)
        self.process.start()
        other.close()
        self.pipe.recv()

    def ask(self, path):
        if self.process is None:
            self.start()
        why = "over %d s" % SECONDS
        try:
            self.pipe.send(path)
            if self.pipe.poll(SECONDS):
                return self.pipe.recv()
        except (EOFError, OSError):
            why = "crashed"
        self.process.kill()
        self.process.join()
        self.process = None
        return {"verdict": "failed", "read": False, "why": why, "seconds": SECONDS if why != "crashed" else 0}

    def answers(self, paths, progress):
        for i, path in enumerate(paths):
            progress(i)
            yield path, self.ask(path)


class Treeport:
    """`treeport scan --json PATH...`: {"files": [{"file": ..., "verdict": clean, suspicious, dangerous or unreadable, ...}]}"""
    name, batch = "treeport", 200

    def __init__(self, binary):
        self.binary = binary
        self.version = subprocess.run([binary, "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout.split()[-1]

    def answers(self, paths, progress):
        for i in range(0, len(paths), self.batch):
            progress(i)
            some = paths[i:i + self.batch]
            start = resource.getrusage(resource.RUSAGE_CHILDREN)
            out = subprocess.run([self.binary, "scan", "--json"] + some, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            end = resource.getrusage(resource.RUSAGE_CHILDREN)
            try:
                said = {f["file"]: f for f in json.loads(out.stdout)["files"]}
            except ValueError:
                sys.exit("scanners.py: treeport scan: " + out.stderr.strip()[:200])
            for path in some:
                verdict = said[path]["verdict"] if path in said else "failed"
                yield path, {"verdict": verdict, "read": verdict not in ("unreadable", "failed"), "why": said.get(path),
                             "seconds": (end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime) / len(some)}


# Files

def files(corpus, folders, every):
    """(kind, path): run, other hostile kinds by what they expect, honest."""
    for f in json.load(open(os.path.join(corpus, "hostile", "manifest.json")))["files"]:
        kind = "run" if f["case"] == "hostile/run" else f["expect"]
        yield kind, os.path.join(corpus, f["path"])
    honest = [os.path.join(corpus, f["path"]) for f in json.load(open(os.path.join(corpus, "manifest.json")))["files"]]
    for path in honest[::every]:
        yield "honest", path
    for folder in folders:
        found = sorted(os.path.join(at, n) for at, _, names in os.walk(folder) for n in names if n.endswith(PICKLES))
        for path in found[::every]:
            yield "made", path


WARNED = ("suspicious", "dangerous", "unreadable")


def row(name, version, answers):
    """One line of the table from [(kind, answer)]."""
    of = collections.defaultdict(list)
    for kind, a in answers:
        of[kind].append(a)

    def share(kind, test):
        return "%s / %s" % (format(sum(map(test, of[kind])), ","), format(len(of[kind]), ","))
    verdict = lambda *wanted: lambda a: a["verdict"] in wanted
    honest = ["honest"] + (["made"] if of["made"] else [])
    cells = ["%s %s" % (name, version), share("run", verdict("dangerous")), share("run", verdict(*WARNED)), share("safe", verdict(*WARNED))]
    for kind in honest:
        cells += [share(kind, verdict("dangerous")), share(kind, verdict("suspicious", "unreadable")),
                  share(kind, lambda a: a["verdict"] == "clean" and not a["read"]), share(kind, verdict("failed"))]
    cells += [str(sum(a["verdict"] == "failed" for k in of if k not in honest for a in of[k])),
              "%.0f s" % sum(a["seconds"] for k in honest for a in of[k])]
    return cells


def table(scanners, said, kinds):
    groups = ["honest"] + (["made"] if "made" in kinds.values() else [])
    head = ["scanner", "code to run: dangerous", "warned of at all", "harmless, if odd: warned of"]
    counts = ("called dangerous", "suspicious or unreadable", "clean, but not read", "failed or over %d s" % SECONDS)
    head += ["%s: %s" % (g, what) for g in groups for what in counts]
    head += ["hostile: failed", "CPU time of the honest"]
    rows = [row(s.name, s.version, [(kinds[p], a) for p, a in said[s.name].items()]) for s in scanners if s.name in said]
    return "\n".join("| " + " | ".join(r) + " |" for r in [head, ["---"] * len(head)] + rows) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("--honest", action="append", default=[], metavar="FOLDER")
    parser.add_argument("--every", type=int, default=1, help="every Nth honest file")
    parser.add_argument("--scanner", action="append", choices=["treeport"] + list(PEERS))
    parser.add_argument("--treeport", default="treeport", help="the binary")
    parser.add_argument("--out", default="scanners")
    a = parser.parse_args()
    kinds = {path: kind for kind, path in files(os.path.abspath(a.corpus), [os.path.abspath(f) for f in a.honest], a.every)}
    scanners = [Treeport(a.treeport) if n == "treeport" else Peer(n) for n in a.scanner or ["treeport"] + list(PEERS)]
    said = {}
    for s in scanners:
        said[s.name] = {}
        progress = lambda i: print("%s %d of %d" % (s.name, i, len(kinds)), file=sys.stderr) if i % 500 == 0 else None
        for path, answer in s.answers(list(kinds), progress):
            said[s.name][path] = answer
        with open(a.out + ".json", "w") as f:
            json.dump({"versions": {s.name: s.version for s in scanners}, "kinds": kinds, "said": said}, f, indent=0, sort_keys=True)
        with open(a.out + ".md", "w") as f:
            f.write(table(scanners, said, kinds))


if __name__ == "__main__":
    main()
