#!/usr/bin/env python3
"""Makes the files of this folder: each object saved by skops and, as the same object, by Python's pickle.

    make.py             all
    make.py inside ...  what runs in an environment

The Pythons with scikit-learn are those of testdata/environments.json in the root (see make.py there). skops comes beside
them as pip downloads it, without what its model cards depend on.
"""
import os
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
# (environment, skops, cases): one skops of each protocol 0, 1 and 2, and the releases between.
RUNS = [
    ("py38-sk1.1.3", "0.3.0", "rf_reg gb_clf dicts"),
    ("py38-sk1.1.3", "0.6.0", "pipe dicts"),
    ("py39-sk1.3.2", "0.9.0", "gb_clf hgb search dicts"),
    ("py311-sk1.6.1", "0.11.0", "rf_reg pipe dicts"),
    ("py311-sk1.7.2", "0.13.0", "rf_reg gb_clf hgb pipe search dicts values"),
]


def main():
    make = os.path.join(HERE, "..", "..", "testdata", "make.py")
    with tempfile.TemporaryDirectory() as tmp:
        for env, skops, cases in RUNS:
            python = subprocess.run([sys.executable, make, "python", env], stdout=subprocess.PIPE, check=True)
            python = python.stdout.decode().split()[-1]
            wheels, package = os.path.join(tmp, "wheels"), os.path.join(tmp, skops)
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", wheels, "skops==" + skops], check=True)
            zipfile.ZipFile(os.path.join(wheels, "skops-%s-py3-none-any.whl" % skops)).extractall(package)
            subprocess.run([python, os.path.abspath(__file__), "inside", skops] + cases.split(), check=True,
                           env=dict(os.environ, PYTHONPATH=package, OMP_NUM_THREADS="1"))


def data():
    import numpy as np
    rng = np.random.RandomState(7)
    X = rng.normal(size=(80, 4))
    y = X[:, 0] * 2 + X[:, 1] ** 2 + rng.normal(size=80) * 0.1
    return X, y


def rf_reg():
    from sklearn.ensemble import RandomForestRegressor
    X, y = data()
    return RandomForestRegressor(n_estimators=3, max_depth=4, random_state=1).fit(X, y)


def gb_clf():
    from sklearn.ensemble import GradientBoostingClassifier
    X, y = data()
    return GradientBoostingClassifier(n_estimators=2, max_depth=2, random_state=1).fit(X, y > 0)


def hgb():
    from sklearn.ensemble import HistGradientBoostingClassifier
    X, y = data()
    return HistGradientBoostingClassifier(max_iter=2, max_leaf_nodes=4, categorical_features=[3], random_state=1).fit(
        (X * 3).astype(int) % 5, y > 0)


def pipe():
    import pandas
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    X, y = data()
    frame = pandas.DataFrame({"size": X[:, 0], "age": X[:, 1], "color": [["red", "gr\u00fcn", "blue"][i % 3] for i in range(80)]})
    columns = ColumnTransformer([("cat", OneHotEncoder(), ["color"]), ("num", StandardScaler(), ["size", "age"]),
                                 ("rest", "drop", slice(0, 0))])
    forest = RandomForestClassifier(n_estimators=2, max_depth=3, random_state=0)
    return Pipeline([("columns", columns), ("forest", forest)]).fit(frame, ["yes" if v > 0 else "no" for v in y])


def search():
    from sklearn.model_selection import GridSearchCV
    from sklearn.tree import DecisionTreeClassifier
    X, y = data()
    return GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2]}, cv=2).fit(X, y > 0)


def dicts():
    """What every release of skops has."""
    import collections
    import functools
    import numpy as np
    shared = [1, 2.5, float("nan"), float("-inf"), None, True, 2 ** 70, -0.0]
    cube = np.empty((2, 1, 2), dtype=object)
    cube[0, 0, 0], cube[0, 0, 1], cube[1, 0, 0], cube[1, 0, 1] = "a", 1, None, 2.5
    lists = np.empty(2, dtype=object)
    lists[0], lists[1] = [1, [2]], [3]
    return {
        "shared": (shared, shared),
        "text": ["", "na\u00efve \U0001f333", "a\"\\/\n\x00\x7f", "\ud800"],
        "keys": {1: "a", -3: "b", 2 ** 70: "c"},
        "floats": {0.5: 1, 1e300: 2, float("inf"): 3},
        "numpy keys": {np.int64(4): 1, np.float64(0.25): 2, np.str_("x"): 3},
        "none": {None: 1},
        "empty": ([], (), {}, set()),
        "ordered": collections.OrderedDict([("b", 1), ("a", 2)]),
        "many": {"key %d" % i: i for i in range(30)},
        "set": {"one"},
        "cube": cube,
        "lists": lists,
        "no objects": np.empty((2, 0), dtype=object),
        "arrays": [np.arange(6.0).reshape(2, 3), np.asfortranarray(np.arange(6).reshape(2, 3)), np.arange(3, dtype=">i2"),
                   np.array(["ab", "\u00e9"]), np.array([b"ab", b"c"]), np.array(5.5), np.array([True, False]),
                   np.zeros((0, 3), dtype=np.float32), np.array([(1, 2.5)], dtype=[("a", "u1"), ("b", "<f8")]),
                   np.array([(1, 2.5)], dtype=np.dtype([("a", "u1"), ("b", "<f8")], align=True))],
        "scalars": [np.float64(0.1), np.float32(0.1), np.int64(-5), np.uint64(2 ** 63), np.bool_(True), np.str_("s"), np.bytes_(b"b")],
        "slice": slice(1, None, -2),
        "type": (int, np.float32),
        "partial": functools.partial(np.mean, 1, axis=0),
        "matrix": np.matrix([[1, 2]]),
    }


def values():
    """What newer ones have beside."""
    import collections
    import datetime
    import operator
    import numpy as np
    return {
        "bytes": b"\x00\xff",
        "bytearray": bytearray(b"abc"),
        "defaultdict": collections.defaultdict(list, {"a": [1]}),
        "no factory": collections.defaultdict(None, {"a": 1}),
        "date": datetime.datetime(2020, 1, 2, 3),
        "delta": datetime.timedelta(1, 2, 3),
        "range": range(1, 9, 2),
        "dtype": [np.dtype("<f4"), np.dtype("U3"), np.dtype([("a", "u1"), ("b", "<f8")])],
        "get": [operator.attrgetter("a.b"), operator.itemgetter(1, 2), operator.methodcaller("m", 1)],
        "method": collections.UserList([1]).copy,
    }


def inside(skops, cases):
    import pickle
    import sys
    sys.modules.setdefault("huggingface_hub", type(sys)("huggingface_hub"))
    from skops.io import dumps
    for case in cases:
        obj = globals()[case]()
        name = os.path.join(HERE, "%s-%s" % (case, skops))
        with open(name + ".skops", "wb") as f:
            f.write(dumps(obj) if case == "values" else packed(dumps(obj)))
        with open(name + ".pkl", "wb") as f:
            pickle.dump(obj, f, protocol=4)


def packed(saved):
    """The same archive, compressed, as skops itself can from 0.7 on."""
    import io
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    return out.getvalue()


if __name__ == "__main__":
    if sys.argv[1:2] == ["inside"]:
        inside(sys.argv[2], sys.argv[3:])
    else:
        main()
