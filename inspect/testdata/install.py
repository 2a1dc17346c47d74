#!/usr/bin/env python3
"""Installs what `treeport inspect --lock` prints, with the oldest and the newest Python that it prints and this machine has,
and loads the file with it: its answers must be the recorded ones.

    install.py TREEPORT [ENV]...      TREEPORT is the binary; without ENV all environments of testdata/
"""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(HERE, "..", "..", "testdata")
sys.path.insert(0, VECTORS)
import make  # noqa: E402

LOAD = """
import sys, pickle
import numpy as np
path, x, want = sys.argv[1:]
if path.endswith(".joblib"):
    try:
        import joblib
    except ImportError:
        from sklearn.externals import joblib
    model = joblib.load(path)
else:
    model = pickle.load(open(path, "rb"))
got = model.predict(np.load(x))
assert (np.asarray(got) == np.load(want)).all()
import sklearn, scipy
print(sys.version.split()[0], "scikit-learn", sklearn.__version__, "numpy", np.__version__, "scipy", scipy.__version__)
"""


def has(version):
    try:
        return bool(make.find_python(version))
    except SystemExit:
        return False


def main():
    treeport = os.path.abspath(sys.argv[1])
    failed = 0
    for env in sys.argv[2:] or sorted(make.ENVIRONMENTS):
        for name in "default.pkl", "compress3.joblib":
            case = os.path.join(VECTORS, env, "rf_clf")
            model = os.path.join(case, name)
            if not os.path.exists(model):
                continue
            text = subprocess.run([treeport, "inspect", "--lock", model], stdout=subprocess.PIPE, check=True).stdout.decode()
            requirements = sorted(l.split("#")[0].strip() for l in text.splitlines() if not l.startswith("#"))
            lock = json.loads(subprocess.run([treeport, "inspect", "--lock", "--json", model], stdout=subprocess.PIPE).stdout)["lock"]
            pythons = [p for p in lock["python"] if p in make.SPEC["pip"] and has(p)]
            for python in sorted({pythons[0], pythons[-1]}):
                try:
                    there = make.environment("lock-" + env, python, requirements)
                    out = subprocess.run([there, "-W", "ignore", "-c", LOAD, model, os.path.join(case, "X.npy"), os.path.join(case, "predict.npy")],
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                    said = out.stdout.decode().strip().splitlines()[-1:]
                    failed += out.returncode != 0
                    print(env, name, "loads:" if out.returncode == 0 else "FAILS with Python %s:" % python, *said)
                except subprocess.CalledProcessError as e:
                    failed += 1
                    print(env, name, "does not install with Python", python, requirements)
                sys.stdout.flush()
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
