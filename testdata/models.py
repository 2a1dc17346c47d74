# -*- coding: utf-8 -*-
"""models.py make|deep ENV PART, models.py check ENV: trains the cases of this release, saves them and what they answer. Run by make.py.

Runs on Python 2.7 to 3.13, scikit-learn 0.17 to 1.9.
"""
import hashlib
import importlib
import json
import os
import pickle
import shutil
import sys
import warnings

import numpy as np
import sklearn
import sklearn.tree

from answers import check_answers, joblib, load, save_answers, save_npy
from cases import CASES, RELEASE, Data, chain, steps

HERE = os.path.dirname(os.path.abspath(__file__))
ALL_FORMATS = ("py27-sk0.17.1", "py27-sk0.20.4", "py311-sk1.7.2")  # these carry rf_clf in every format
WRAPPED = ALL_FORMATS + ("py313-sk1.9.1",)
DEEP = "dt_reg_deep"
warnings.simplefilter("ignore")
np.seterr(over="ignore")


def trees_of(model):
    return [e.tree_ for e in np.ravel(model.estimators_)] if hasattr(model, "estimators_") else [model.tree_]


def inner_nodes(t, x):
    """The inner nodes that x reaches."""
    node, found = 0, []
    while t.children_left[node] >= 0:
        found.append(node)
        left = np.float32(x[t.feature[node]]) <= t.threshold[node]
        node = t.children_left[node] if left else t.children_right[node]
    return found


def neighbours(t):
    """A threshold, the float32 nearest to it, the float32 and float64 beside each."""
    f = np.float32(t)
    return [t, float(f), float(np.nextafter(f, np.float32(-np.inf))), float(np.nextafter(f, np.float32(np.inf))),
            np.nextafter(t, -np.inf), np.nextafter(t, np.inf)]


def test_rows(model, X):
    """The rows that tell a right conversion from a wrong one, and how many there are of each kind."""
    r = np.random.RandomState(11)
    plain = np.nan_to_num(X[r.permutation(len(X))[:12]])
    near = []
    for _ in range(200):
        t = trees_of(model)[r.randint(len(trees_of(model)))]
        x = plain[r.randint(len(plain))]
        nodes = [n for n in inner_nodes(t, x) if np.isfinite(t.threshold[n])]
        if len(near) >= 18 or not nodes:
            continue
        node = nodes[r.randint(len(nodes))]
        for value in neighbours(t.threshold[node]):
            near.append(np.where(np.arange(len(x)) == t.feature[node], value, x))
    near = np.array(near).reshape(-1, X.shape[1])
    ones = np.ones(X.shape[1])
    special = np.array([0 * ones, -0.0 * ones, 1e-40 * ones, 1e30 * ones, -1e30 * ones,
                        2 * np.nanmax(X, axis=0), 2 * np.nanmin(X, axis=0)])
    holes = np.where(np.eye(X.shape[1], dtype=bool)[np.arange(6) % X.shape[1]], np.nan, plain[:6])
    holes[5] = np.nan
    try:
        model.predict(holes)
    except ValueError:  # this model takes no NaN
        holes = holes[:0]
    rows = np.vstack([plain, near, special, holes])
    return rows, {"plain": len(plain), "near_threshold": len(near), "special": len(special), "nan": len(holes), "inf": 0}


def write_pickle(model, path, protocol, module=pickle):
    with open(path, "wb") as f:
        if protocol is None:
            module.dump(model, f)
        else:
            module.dump(model, f, protocol=protocol)
    return [path]


def writes_many(module):
    return [int(p) for p in module.__version__.split(".")[:2]] < [0, 10]


def write_joblib(model, folder, name, module=joblib, **options):
    """joblib before 0.10 writes many files, so there each model gets a folder."""
    if writes_many(module):
        folder = os.path.join(folder, name.rsplit(".", 1)[0])
        os.makedirs(folder)
    paths = module.dump(model, os.path.join(folder, name), **options)
    return sorted(paths, key=lambda p: (not p.endswith(name), p))


def usual(model, folder, formats):
    """(format, files) of what each case is saved as."""
    if not formats or "default" in formats:
        yield "pickle", write_pickle(model, os.path.join(folder, "default.pkl"), None)
    yield "joblib-compress3", write_joblib(model, folder, "compress3.joblib", compress=3)


def every(model, folder):
    """(format, files) of all else that this Python and this joblib can write."""
    for p in range(pickle.HIGHEST_PROTOCOL + 1):
        yield "pickle-p%d" % p, write_pickle(model, os.path.join(folder, "p%d.pkl" % p), p)
    if sys.version_info[0] == 2:
        import cPickle
        for p in range(3):
            yield "cpickle-p%d" % p, write_pickle(model, os.path.join(folder, "cpickle_p%d.pkl" % p), p, cPickle)
    yield "joblib", write_joblib(model, folder, "plain.joblib")
    if writes_many(joblib):
        yield "joblib-compress3-cache0", write_joblib(model, folder, "cache0.joblib", compress=3, cache_size=0)
        import joblib as alone  # a release older than the bundled one
        yield "standalone-joblib", write_joblib(model, folder, "alone.joblib", alone)
        yield "standalone-joblib-compress3", write_joblib(model, folder, "alone_compress3.joblib", alone, compress=3)
        # With cache_size=0 it writes the repr of an object array, which nothing reads back, itself included.
        return
    for p in range(pickle.HIGHEST_PROTOCOL + 1):
        yield "joblib-p%d" % p, write_joblib(model, folder, "p%d.joblib" % p, protocol=p)
        yield "joblib-zlib-p%d" % p, write_joblib(model, folder, "zlib_p%d.joblib" % p, compress=("zlib", 3), protocol=p)
    for c in ["zlib", "gzip", "bz2", "lzma", "xz", "lz4"]:
        if c in ("lzma", "xz", "lz4") and sys.version_info[0] == 2:
            continue
        yield "joblib-" + c, write_joblib(model, folder, c + ".joblib", compress=(c, 3))
    yield "joblib-zlib-level1", write_joblib(model, folder, "zlib_level1.joblib", compress=("zlib", 1))
    yield "joblib-zlib-level9", write_joblib(model, folder, "zlib_level9.joblib", compress=("zlib", 9))


def relative(path):
    return os.path.relpath(path, HERE).replace(os.sep, "/")


def about(path):
    with open(path, "rb") as f:
        content = f.read()
    return {"path": relative(path), "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def entry(env, case, model, kind, paths, folder, expected, **more):
    e = dict(about(paths[0]), env=env, case=case, format=kind,
             joblib_module="joblib" if kind.startswith("standalone") else joblib.__name__,
             X=relative(os.path.join(folder, "X.npy")), expected=expected, **more)
    e["class"] = "%s.%s" % (type(model).__module__, type(model).__name__)
    if len(paths) > 1:
        e["more_files"] = [about(p) for p in paths[1:]]
    return e


def expected_files(model, X, folder):
    files = save_answers(model, X, folder)
    place = lambda name: relative(os.path.join(folder, name))
    return dict((k, [place(n) for n in v] if isinstance(v, list) else place(v)) for k, v in files.items())


def one(env, name, model, train, notes=(), formats=None, columns=None):
    """Saves one case; returns its entries of the manifest."""
    folder = os.path.join(HERE, env, name)
    os.makedirs(folder)
    X, rows = test_rows(model, train)
    save_npy(os.path.join(folder, "X.npy"), X)
    expected = expected_files(model, X, folder)
    more = dict(rows=rows, notes=list(notes))
    if columns:
        more["columns"] = columns
    saved = list(usual(model, folder, formats))
    if name == "rf_clf" and env in ALL_FORMATS:
        saved += list(every(model, folder))
    return [entry(env, name, model, kind, paths, folder, expected, **more) for kind, paths in saved]


def wrapped(env):
    """Several models in one file."""
    made = dict((c["name"], c["make"]) for c in CASES)
    models = [made[n](Data()) for n in ("rf_clf", "dt_reg", "et_clf")]
    folder = os.path.join(HERE, env, "wrapped")
    os.makedirs(folder)
    X, rows = test_rows(models[0], Data().X)
    if RELEASE < (1, 6):  # the three do not agree about NaN
        X = X[~np.isnan(X).any(axis=1)]
        rows["nan"] = 0
    save_npy(os.path.join(folder, "X.npy"), X)
    answers = [expected_files(m, X, os.path.join(folder, "expected_models%d" % i)) for i, m in enumerate(models)]
    several = np.empty(3, dtype=object)
    for i, m in enumerate(models):  # [:] would look into the models, some of which have a length
        several[i] = m
    contents = [("dict", {"model": models[0], "version": 3, "columns": ["a", "b", "c", "d"]}, answers[0],
                 "dict with the model under \"model\""),
                ("list", models, answers, "list of three models"),
                ("tuple", (models[1], {"trained": "today"}), answers[1], "tuple of a model and a dict"),
                ("ndarray_of_models", several, answers, "object array of three models")]
    entries = []
    for name, content, expected, note in contents:
        path = os.path.join(folder, name + ".pkl")
        saved = [("pickle", write_pickle(content, path, None)),
                 ("joblib", write_joblib(content, folder, name + ".joblib"))]
        entries += [entry(env, "wrapped/" + os.path.basename(paths[0]), content, kind, paths, folder, expected,
                          rows=rows, notes=[note]) for kind, paths in saved]
    return entries


def write_part(env, part, entries):
    versions = {"env": env, "python": "%d.%d.%d" % sys.version_info[:3], "sklearn": sklearn.__version__,
                "numpy": np.__version__, "joblib": joblib.__version__, "joblib_module": joblib.__name__}
    for module in ("scipy", "pandas", "lz4"):
        try:
            versions[module] = str(__import__(module).__version__)
        except ImportError:
            pass
    with open(part, "w") as f:
        json.dump({"env": versions, "files": entries}, f)


def make(env, part):
    home = os.path.join(HERE, env)
    for name in os.listdir(home) if os.path.isdir(home) else []:
        if os.path.isdir(os.path.join(home, name)) and name != DEEP:
            shutil.rmtree(os.path.join(home, name))
    entries = []
    for c in CASES:
        if c["since"] <= RELEASE <= c["until"]:
            d = Data()
            model = c["make"](d)
            entries += one(env, c["name"], model, d.X, c["notes"], c["formats"], c["columns"])
    write_part(env, part, entries + (wrapped(env) if env in WRAPPED else []))


def make_deep(env, part):
    """A chain 10,000 deep: what walks trees by recursion, or trusts a depth, fails on it."""
    folder = os.path.join(HERE, env, DEEP)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    model = chain(sklearn.tree.DecisionTreeRegressor, steps(10000))
    X, rows = test_rows(model, steps(10000))
    save_npy(os.path.join(folder, "X.npy"), X)
    paths = write_joblib(model, folder, "xz.joblib", compress=("xz", 9))
    write_part(env, part, [entry(env, DEEP, model, "joblib-xz", paths, folder, expected_files(model, X, folder),
                                             rows=rows, notes=["depth 10,000"])])


def check(env):
    """Loads every file again and compares the answers with the saved ones, bit for bit."""
    with open(os.path.join(HERE, "manifest.json")) as f:
        files = [e for e in json.load(f)["files"] if e["env"] == env]
    assert files, "nothing of %s in the manifest" % env
    for e in files:
        content = load(os.path.join(HERE, *e["path"].split("/")), importlib.import_module(e["joblib_module"]))
        X = np.load(os.path.join(HERE, *e["X"].split("/")))
        expected = e["expected"] if isinstance(e["expected"], list) else [e["expected"]]
        models = content["model"] if isinstance(content, dict) else content
        if isinstance(models, (list, tuple, np.ndarray)):
            models = [m for m in models if hasattr(m, "predict")]
        else:
            models = [models]
        assert len(models) == len(expected), e["path"]
        for model, names in zip(models, expected):
            check_answers(model, X, os.path.dirname(os.path.join(HERE, *names["predict"].split("/"))))
    print("%s: %d files answer as saved" % (env, len(files)))


if __name__ == "__main__":
    {"make": make, "deep": make_deep, "check": check}[sys.argv[1]](*sys.argv[2:])
