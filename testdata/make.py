#!/usr/bin/env python3
"""Makes everything in testdata/ again, from nothing but pip and the Pythons of this machine.

    make.py [--env NAME]...   train, save and answer: the models of all environments, or of the named ones
    make.py example           iris_*: the example of the README
    make.py deep              dt_reg_deep: a tree of depth 10,000
    make.py skops                some models saved by skops
    make.py nan               nan.json: which trees and forests of each release take a NaN
    make.py everything [--env NAME]... FOLDER   FOLDER/NAME/: honest files of all that everything.py makes of each release
    make.py python NAME...    build environments only; print the path of each one's python
    make.py runtime NAME...   the same for the runtimes of runtimes/requirements-NAME.txt
    make.py check [--env NAME]...   let each environment answer its saved files again and compare

Environments live in a cache outside the tree: $TREEPORT_CACHE, else treeport/ in $XDG_CACHE_HOME or ~/.cache.
A Python X.Y is taken from $TREEPORT_PYTHON_X_Y, else pyenv, else pythonX.Y on the PATH.
"""
import argparse
import fcntl
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SPEC = json.load(open(os.path.join(HERE, "environments.json")))
RECENT, DEEP = "py311-sk1.7.2", "dt_reg_deep"
ENVIRONMENTS = {e["env"]: e for e in SPEC["environments"]}
# Nothing that is set for the Python running this may leak into the one that is being built or used.
CLEAN = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "PYENV_VERSION", "VIRTUAL_ENV")}
CLEAN["PYTHONHASHSEED"] = "0"  # sets are saved in the order of their hashes
CLEAN["OMP_NUM_THREADS"] = "1"  # histogram boosting adds up by threads


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.environ.get("TREEPORT_CACHE") or os.path.join(base, "treeport")


def run(command, **more):
    # Our own standard output carries paths only, so what the tools say goes to standard error.
    subprocess.run(command, check=True, stdout=sys.stderr, env=CLEAN, **more)


def answers(python, version):
    """Whether python starts and is that version: a shim of pyenv may be on the PATH and do neither."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        out = subprocess.run([python, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=CLEAN)
    except OSError:
        return False
    return out.stdout.decode().strip() == version


def find_python(version):
    places = [os.environ.get("TREEPORT_PYTHON_" + version.replace(".", "_"))]
    try:
        root = subprocess.run(["pyenv", "root"], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
        places += sorted(glob.glob(os.path.join(root, "versions", version + ".*", "bin", "python")), reverse=True)
    except (OSError, subprocess.CalledProcessError):
        pass
    places.append(shutil.which("python" + version))
    for place in places:
        if place and answers(place, version):
            return place
    sys.exit("make.py: no Python %s; set TREEPORT_PYTHON_%s" % (version, version.replace(".", "_")))


def environment(name, version, requirements):
    """The python of an environment with exactly these requirements, building it if need be."""
    pip = "pip==" + SPEC["pip"][version]
    key = hashlib.sha256(json.dumps([version, pip, requirements]).encode()).hexdigest()[:10]
    home = os.path.join(cache(), "%s-%s" % (name, key))
    python, done = os.path.join(home, "bin", "python"), os.path.join(home, "complete")
    os.makedirs(cache(), exist_ok=True)
    with open(home + ".lock", "w") as lock:  # two test binaries may ask for the same one at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(done):
            return python
        shutil.rmtree(home, ignore_errors=True)
        if version == "2.7":
            # Python 2 has no venv module, and newer releases of virtualenv no longer know Python 2.
            tool = environment("virtualenv", "3.11", ["virtualenv==" + SPEC["virtualenv"]])
            run([tool, "-m", "virtualenv", "--quiet", "--no-download", "-p", find_python(version), home])
        else:
            run([find_python(version), "-m", "venv", home])
        run([python, "-m", "pip", "install", "--quiet", pip])
        # No building from source: what a compiler of today makes of an old release is another thing.
        run([python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:"] + requirements)
        open(done, "w").close()
    return python


def training_python(name):
    spec = ENVIRONMENTS.get(name) or sys.exit("make.py: no environment %s in environments.json" % name)
    requirements = sorted("%s==%s" % p for p in spec["packages"].items())
    return environment(name, spec["python"], requirements)


def runtime_python(name):
    path = os.path.join(HERE, "runtimes", "requirements-%s.txt" % name)
    try:
        lines = open(path).read().splitlines()
    except OSError:
        sys.exit("make.py: no runtimes/requirements-%s.txt" % name)
    version = lines[0].replace("# python", "").strip()  # the first line says which Python
    return environment(name, version, [l for l in lines[1:] if l and not l.startswith("#")])


def script(name, file, *arguments):
    run([training_python(name), os.path.join(HERE, file)] + list(arguments), cwd=HERE)


def train(name, what):
    """Lets models.py make files, then puts what it says of them into manifest.json, in the place of what stood there."""
    path = os.path.join(HERE, "manifest.json")
    manifest = json.load(open(path)) if os.path.exists(path) else {"envs": [], "files": []}
    with tempfile.NamedTemporaryFile("r") as part:
        script(name, "models.py", what, name, part.name)
        made = json.load(part)
    kind = lambda e: "deep" if e["case"] == DEEP else "skops" if e["format"] == "skops" else "make"
    replaced = lambda e: e["env"] == name and kind(e) == what
    envs = [e for e in manifest["envs"] if e["env"] != name] + [made["env"]]
    files = [f for f in manifest["files"] if not replaced(f)] + made["files"]
    envs.sort(key=lambda e: e["env"])
    files.sort(key=lambda f: (f["env"], f["case"], f["path"]))
    with open(path, "w") as out:  # one line each, so that a diff shows what changed
        out.write('{"envs": [\n' + ",\n".join(json.dumps(e, sort_keys=True) for e in envs))
        out.write('\n], "files": [\n' + ",\n".join(json.dumps(f, sort_keys=True) for f in files) + "\n]}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", action="append", choices=sorted(ENVIRONMENTS))
    parser.add_argument("command", nargs="?", default="models",
                        choices=["models", "example", "deep", "skops", "python", "runtime", "check", "nan", "everything"])
    parser.add_argument("names", nargs="*")
    a = parser.parse_args()
    chosen = a.env or list(ENVIRONMENTS)
    if a.command == "models":
        for name in chosen:
            train(name, "make")
    elif a.command == "check":
        for name in chosen:
            script(name, "models.py", "check", name)
    elif a.command == "example":
        script(RECENT, "example.py")
    elif a.command in ("deep", "skops"):
        train(RECENT, a.command)
    elif a.command == "everything":
        if len(a.names) != 1:
            sys.exit("make.py: name one folder for everything")
        for name in chosen:
            script(name, "everything.py", os.path.abspath(os.path.join(a.names[0], name)))
    elif a.command == "nan":
        rows = []
        for name in chosen:
            command = [training_python(name), "-W", "ignore", os.path.join(HERE, "nan.py")]
            rows += json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=CLEAN).stdout.decode())
        with open(os.path.join(HERE, "nan.json"), "w") as f:
            f.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    else:
        build = training_python if a.command == "python" else runtime_python
        for name in a.names or sys.exit("make.py: name what to build"):
            print(build(name))


if __name__ == "__main__":
    main()
