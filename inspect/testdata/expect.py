#!/usr/bin/env python3
"""Writes expected.json: what scikit-learn itself says of the vectors in the project's testdata/.

    expect.py             all environments, each by its own python (testdata/make.py builds them)
    expect.py ENV CASE... one environment, by the python that runs this: a line of JSON per case on standard output
"""
from __future__ import print_function
import json
import os
import pickle
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(HERE, "..", "..", "testdata")
CASES = """dt_clf dt_reg_multioutput dt_clf_multioutput_str extra_tree_reg et_clf rf_clf rf_clf_bool rf_clf_df
    rf_clf_float_labels rf_clf_multioutput rf_clf_single_class rf_clf_unicode rf_reg""".split()


def plain(label):
    label = label.item() if hasattr(label, "item") else label
    return label.decode("utf-8") if isinstance(label, bytes) else label


def depth(tree):
    """The depth by the nodes: 0.17 does not keep max_depth in a pickle."""
    deepest, level = 0, [0]
    while level:
        level = [c for n in level for c in (tree.children_left[n], tree.children_right[n]) if c != -1]
        deepest += bool(level)
    return deepest


def expectation(env, case):
    import sklearn
    with open(os.path.join(VECTORS, env, case, "default.pkl"), "rb") as f:
        m = pickle.load(f)
    trees = [t.tree_ for t in getattr(m, "estimators_", [m])]
    classes = getattr(m, "classes_", None) if hasattr(m, "predict_proba") else None
    if classes is not None and not isinstance(classes, list):
        classes = [classes]
    # Only parameters that every Python writes alike.
    parameters = {k: repr(v) for k, v in m.get_params(deep=False).items() if type(v) in (type(None), bool, int, float, str)}
    return {
        "env": env, "case": case, "class": type(m).__module__ + "." + type(m).__name__, "release": sklearn.__version__,
        "trees": len(trees), "nodes": sum(int(t.node_count) for t in trees), "depth": max(depth(t) for t in trees),
        "features": int(trees[0].n_features), "names": list(map(plain, getattr(m, "feature_names_in_", []))),
        "classes": classes and [[plain(c) for c in labels] for labels in classes], "parameters": parameters,
    }


def main():
    if len(sys.argv) > 1:
        for case in sys.argv[2:]:
            print(json.dumps(expectation(sys.argv[1], case), sort_keys=True))
        return
    make = os.path.join(VECTORS, "make.py")
    envs = [e["env"] for e in json.load(open(os.path.join(VECTORS, "environments.json")))["environments"]]
    lines = []
    for env in envs:
        python = subprocess.run([sys.executable, make, "python", env], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
        cases = [c for c in CASES if os.path.exists(os.path.join(VECTORS, env, c, "default.pkl"))]
        out = subprocess.run([python, "-W", "ignore", os.path.abspath(__file__), env] + cases, stdout=subprocess.PIPE, check=True)
        lines += out.stdout.decode().splitlines()
    with open(os.path.join(HERE, "expected.json"), "w") as f:
        f.write("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
