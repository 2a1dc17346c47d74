"""Tables in Markdown, and the sections of RESULTS.md between their marks."""
import os
import platform
import re
import subprocess

from places import HERE, ROOT, python

RESULTS = os.path.join(HERE, "RESULTS.md")


def table(heads, rows):
    lines = ["| %s |" % " | ".join(map(str, row)) for row in [heads, ["---"] * len(heads)] + rows]
    return "\n".join(lines) + "\n"


def number(value, digits=3):
    """A number in at most so many digits, without exponent."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    if abs(value) >= 10 ** (digits - 1):
        return "%.0f" % value
    return "%.*g" % (digits, value) if abs(value) >= 0.01 else "%.*f" % (digits + 1, value)


def write(name, text):
    """Replaces a section of RESULTS.md, or adds it at the end."""
    old = open(RESULTS).read() if os.path.exists(RESULTS) else ""
    begin, end = "<!-- %s: written by bench.py -->\n" % name, "<!-- end of %s -->\n" % name
    section = begin + text.strip("\n") + "\n" + end
    new, found = re.subn(re.escape(begin) + ".*?" + re.escape(end), lambda _: section, old, flags=re.S)
    if not found:
        new = (old.rstrip("\n") + "\n\n" if old.strip() else "") + section
    with open(RESULTS + ".part", "w") as f:
        f.write(new)
    os.rename(RESULTS + ".part", RESULTS)


def machine():
    """One line on what everything ran on."""
    model = "processor"
    try:
        model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read()).group(1)
    except (OSError, AttributeError):
        pass
    memory = os.sysconf("SC_PAGESIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    go = subprocess.check_output(["go", "version"], text=True).split()[2]
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True).strip()
    code = "import importlib.metadata as m; print(', '.join(p + ' ' + m.version(p) for p in %r.split()))" % (
        "scikit-learn skl2onnx onnxruntime sklearn2pmml treelite")
    peers = subprocess.check_output([python(), "-c", code], text=True).strip()
    return "%d cores (%s), %.0f GB, Linux %s, %s, treeport %s; %s." % (
        os.cpu_count(), model, memory, platform.release().split("-")[0], go, commit, peers)
