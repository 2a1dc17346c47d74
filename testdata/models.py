# -*- coding: utf-8 -*-
"""models.py make|deep|skops ENV PART, models.py check ENV: trains the cases of this release, saves them and what they answer. Run by make.py.

Runs on Python 2.7 to 3.13, scikit-learn 0.17 to 1.9.
"""
import hashlib
import importlib
import json
import os
import pickle
import shutil
import sys
import time
import warnings
import zipfile

import numpy as np
import sklearn
import sklearn.tree

from answers import Library, check_answers, joblib, kind_of, load, load_rows, save_answers, save_frame, save_npy
from cases import CASES, RELEASE, Data, chain, steps

HERE = os.path.dirname(os.path.abspath(__file__))
ALL_FORMATS = ("py27-sk0.17.1", "py27-sk0.20.4", "py311-sk1.7.2")  # these carry rf_clf in every format
WRAPPED = ALL_FORMATS + ("py313-sk1.9.1",)
# Each case is a pickle here. Elsewhere what is no tree or forest is only saved by joblib, compressed: it keeps this folder small.
PICKLED = ("py27-sk0.17.1", "py36-sk0.18.2", "py36-sk0.20.4", "py37-sk0.24.2", "py38-sk1.1.3", "py310-sk1.5.2", "py311-sk1.7.2",
           "py313-sk1.9.1")
# Only trees and forests, for the same reason: what changed in these releases is seen in those beside them.
TREES_ONLY = ("py36-sk0.22.2", "py37-sk0.23.2", "py39-sk1.3.2", "py311-sk1.6.1")
DEEP = "dt_reg_deep"
LIBRARY = ("xgboost-ubj", "xgboost-json", "lightgbm-text", "catboost-cbm")
time.time = lambda: 1e9  # searches write down how long their fits took
warnings.simplefilter("ignore")
np.seterr(over="ignore")


def trees_of(model):
    """Every tree of trees and forests, as deep inside as estimators_ leads."""
    if hasattr(model, "tree_"):
        return [model.tree_]
    inner = getattr(model, "estimators_", [])
    return [t for e in (inner.ravel() if isinstance(inner, np.ndarray) else inner) for t in trees_of(e)]


def inner_nodes(t, x):
    """The inner nodes that x reaches."""
    node, found = 0, []
    while t.children_left[node] >= 0:
        found.append(node)
        left = np.float32(x[t.feature[node]]) <= t.threshold[node]
        node = t.children_left[node] if left else t.children_right[node]
    return found


def splits_of(model):
    """(feature, threshold) of the inner nodes of boosters and histogram boosting, where the features are the columns of X."""
    library = type(model).__module__.split(".")[0]
    if library == "xgboost" and model.get_booster().get_dump()[0].startswith("0:["):
        nodes = model.get_booster().trees_to_dataframe()
        nodes = nodes[(nodes["Feature"] != "Leaf") & nodes["Split"].notnull()]
        return [(int(name[1:]), float(v)) for name, v in zip(nodes["Feature"], nodes["Split"])]
    if library == "lightgbm":
        return [(int(n["split_feature"]), n["threshold"]) for t in model.booster_.dump_model()["tree_info"]
                for n in lightgbm_nodes(t["tree_structure"]) if n["decision_type"] == "<="]
    if library == "catboost":
        borders = model.get_borders()
        return [(f, b) for f in sorted(borders) for b in borders[f]]
    splits = []
    for predictor in np.ravel(getattr(model, "_predictors", [])):
        nodes = predictor.nodes[predictor.nodes["is_leaf"] == 0]
        if getattr(model, "is_categorical_", None) is not None:
            return []  # from 1.4 on the columns are those of its preprocessor
        threshold = "num_threshold" if "num_threshold" in nodes.dtype.names else "threshold"
        splits += list(zip(nodes["feature_idx"].tolist(), nodes[threshold].tolist()))
    return [s for s in splits if np.isfinite(s[1])]


def lightgbm_nodes(node):
    if "split_feature" not in node:
        return []
    return [node] + lightgbm_nodes(node["left_child"]) + lightgbm_nodes(node["right_child"])


def neighbours(t):
    """A threshold, the float32 nearest to it, the float32 and float64 beside each."""
    f = np.float32(t)
    return [t, float(f), float(np.nextafter(f, np.float32(-np.inf))), float(np.nextafter(f, np.float32(np.inf))),
            np.nextafter(t, -np.inf), np.nextafter(t, np.inf)]


def near_thresholds(model, plain, count, r):
    """Rows that stand on thresholds: of nodes that they reach, where the nodes are scikit-learn's."""
    trees = [t for t in trees_of(model) if t.n_features == plain.shape[1]]
    splits = [] if trees else splits_of(model)
    near = []
    for _ in range(200 if trees or splits else 0):
        if trees:
            t = trees[r.randint(len(trees))]
            x = plain[r.randint(len(plain))]
            nodes = [n for n in inner_nodes(t, x) if np.isfinite(t.threshold[n])]
            found = [(t.feature[n], t.threshold[n]) for n in nodes]
        else:
            x, found = plain[r.randint(len(plain))], splits
        if len(near) >= count or not found:
            continue
        feature, threshold = found[r.randint(len(found))]
        for value in neighbours(threshold):
            near.append(np.where(np.arange(len(x)) == feature, value, x))
    return np.array(near).reshape(-1, plain.shape[1])


REFUSALS = ("ValueError", "CatBoostError", "XGBoostError")


def takes(model, rows):
    """Whether the model answers: not each takes NaN, what it has never seen, or what gets too large on the way to its trees."""
    try:
        (model.predict if hasattr(model, "predict") else model.transform)(rows)
        return True
    except Exception as e:
        if type(e).__name__ not in REFUSALS:
            raise
        return False


def taken(model, rows):
    """Those of the rows that the model takes."""
    if len(rows) == 0 or takes(model, rows):
        return rows
    return rows[[i for i in range(len(rows)) if takes(model, rows[i:i + 1])]]


def test_rows(model, X, plain=12, near=18, more=None):
    """The rows that tell a right conversion from a wrong one, and how many there are of each kind."""
    r = np.random.RandomState(11)
    plain = np.nan_to_num(X[r.permutation(len(X))[:plain]])
    close = near_thresholds(model, plain, near, r)
    ones = np.ones(X.shape[1])
    special = np.array([0 * ones, -0.0 * ones, 1e-40 * ones, 1e30 * ones, -1e30 * ones,
                        2 * np.nanmax(X, axis=0), 2 * np.nanmin(X, axis=0)])
    if more is not None and len(more):
        special = np.vstack([special, more])
    holes = np.where(np.eye(X.shape[1], dtype=bool)[np.arange(6) % X.shape[1]], np.nan, plain[:6])
    holes[5] = np.nan
    plain, close, special, holes = (taken(model, rows) for rows in (plain, close, special, holes))
    rows = np.vstack([plain, close, special, holes])
    return rows, {"plain": len(plain), "near_threshold": len(close), "special": len(special), "nan": len(holes), "inf": 0}


def test_frame(model, frame, X_as):
    """Rows of the frame; rows with something unknown in one column; rows that lack one column or all."""
    unknown = {"text": u"never seen", "int": 999, "float": 1e6}
    r = np.random.RandomState(11)
    plain = frame.iloc[r.permutation(len(frame))[:40]]
    rows = plain.astype(object).values.tolist()
    special, holes = [], []
    for i, name in enumerate(frame.columns):
        kind = kind_of(frame[name])
        for j in range(2):
            x = list(rows[2 * i + j])
            special.append(x[:i] + [not x[i] if kind == "bool" else unknown[kind]] + x[i + 1:])
            if kind in ("text", "float"):
                holes.append(x[:i] + [np.nan] + x[i + 1:])
    holes.append([np.nan if kind_of(frame[n]) in ("text", "float") else v for n, v in zip(frame.columns, rows[20])])

    def as_frame(some):
        import pandas as pd
        made = pd.DataFrame(some, columns=frame.columns)
        for n in frame.columns:
            kind = kind_of(frame[n])
            made[n] = made[n].astype({"text": object, "int": "int64"}.get(kind, kind))
        return made
    kinds = []
    for some in (rows, special, holes):
        whole = as_frame(some)
        kept = [i for i in range(len(some)) if takes(model, in_form(whole.iloc[i:i + 1], X_as))]
        kinds.append([some[i] for i in kept])
    counts = {"plain": len(kinds[0]), "near_threshold": 0, "special": len(kinds[1]), "nan": len(kinds[2]), "inf": 0}
    return as_frame(sum(kinds, [])), counts


def in_form(frame, X_as):
    if X_as == "objects":
        return frame.astype(object).values
    if X_as == "categories":
            return frame.astype(dict((n, "category") for n in frame.columns if kind_of(frame[n]) == "text"))
    return frame


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
    if "pickle" in formats:
        yield "pickle", write_pickle(model, os.path.join(folder, "default.pkl"), None)
    if "joblib" in formats:
        yield "joblib-compress3", write_joblib(model, folder, "compress3.joblib", compress=3)


def of_library(model, folder):
    """(format, files) of what a booster's own library saves."""
    library = type(model).__module__.split(".")[0]
    place = lambda name: os.path.join(folder, name)
    if library == "xgboost":
        for end in ("ubj", "json"):
            model.save_model(place("model." + end))
            yield "xgboost-" + end, [place("model." + end)]
    elif library == "lightgbm":
        model.booster_.save_model(place("model.txt"))
        yield "lightgbm-text", [place("model.txt")]
    elif library == "catboost":
        model.save_model(place("model.cbm"))
        yield "catboost-cbm", [place("model.cbm")]


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


def entry(env, case, model, kind, paths, X, expected, **more):
    e = dict(about(paths[0]), env=env, case=case, format=kind,
             joblib_module="joblib" if kind.startswith("standalone") else joblib.__name__,
             X=relative(X), expected=expected, **more)
    e["class"] = "%s.%s" % (type(model).__module__, type(model).__name__)
    if len(paths) > 1:
        e["more_files"] = [about(p) for p in paths[1:]]
    return e


def expected_files(model, X, folder):
    files = save_answers(model, X, folder)
    place = lambda name: relative(os.path.join(folder, name))
    return dict((k, [place(n) for n in v] if isinstance(v, list) else place(v)) for k, v in files.items())


def one(env, c):
    """Makes, asks and saves one case; returns its entries of the manifest."""
    name, d = c["name"], Data(c["rows"])
    np.random.seed(0)  # a distribution of scipy writes down the state of numpy's own generator
    model = c["make"](d)
    folder = os.path.join(HERE, env, name)
    os.makedirs(folder)
    more = dict(notes=c["notes"])
    if c["X_as"]:
        place = os.path.join(folder, "X.json")
        frame, more["rows"] = test_frame(model, d.frame, c["X_as"])
        save_frame(place, frame)
        more.update(X_as=c["X_as"], columns=list(frame.columns))
    else:
        place = os.path.join(folder, "X.npy")
        rows, more["rows"] = test_rows(model, d.X, c["plain"], c["near"], d.special)
        save_npy(place, rows)
    if c["columns"]:
        more["columns"] = c["columns"]
    X = load_rows(place, c["X_as"])
    expected = expected_files(model, X, folder)
    saved = list(usual(model, folder, c["formats"] if env in PICKLED or "joblib" in c["formats"] else ("joblib",)))
    if name == "rf_clf" and env in ALL_FORMATS:
        saved += list(every(model, folder))
    entries = [entry(env, name, model, kind, paths, place, expected, **more) for kind, paths in saved]
    for kind, paths in of_library(model, folder):
        own = expected_files(Library(paths[0], kind), X, os.path.join(folder, "library"))
        entries.append(entry(env, name, model, kind, paths, place, own, **more))
    return entries


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
        entries += [entry(env, "wrapped/" + os.path.basename(paths[0]), content, kind, paths, os.path.join(folder, "X.npy"), expected,
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
        if os.path.isdir(os.path.join(home, name)) and name not in (DEEP, "skops"):
            shutil.rmtree(os.path.join(home, name))
    entries = []
    for c in CASES:
        left_out = env in TREES_ONLY and c["make"].__module__ != "cases.trees_forests"
        if c["since"] <= RELEASE <= c["until"] and not left_out:
            entries += one(env, c)
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
    write_part(env, part, [entry(env, DEEP, model, "joblib-xz", paths, os.path.join(folder, "X.npy"),
                                expected_files(model, X, folder), rows=rows, notes=["depth 10,000"])])


# Saved by skops as well: a file or more of each kind of estimator.
SKOPS = ["rf_clf", "dt_reg", "et_reg", "gb_clf_multi_text", "gb_reg_huber", "hgb_clf_cat", "hgb_reg", "iforest", "ada_clf_multi",
         "voting_soft_drop", "calibrated_sigmoid", "stacking_clf_multi", "pipe_standard", "columns_by_name", "grid_search"]


def make_skops(env, part):
    """These hold memory addresses, so making them again gives other bytes."""
    folder = os.path.join(HERE, env, "skops")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    import skops.io
    with open(os.path.join(HERE, "manifest.json")) as f:
        files = dict((e["case"], e) for e in json.load(f)["files"] if e["env"] == env and e["format"] == "pickle")
    entries = []
    for name in SKOPS:
        path, like = os.path.join(folder, name + ".skops"), files[name]
        how = zipfile.ZIP_STORED if name in ("dt_reg", "hgb_reg") else zipfile.ZIP_DEFLATED  # the former is what skops does unasked
        skops.io.dump(load(os.path.join(HERE, *like["path"].split("/"))), path, compression=how)
        entries.append(dict(like, case="skops/" + name, format="skops", **about(path)))
    write_part(env, part, entries)


def check(env):
    """Loads every file again and compares the answers with the saved ones, bit for bit."""
    with open(os.path.join(HERE, "manifest.json")) as f:
        files = [e for e in json.load(f)["files"] if e["env"] == env]
    assert files, "nothing of %s in the manifest" % env
    for e in files:
        path = os.path.join(HERE, *e["path"].split("/"))
        X = load_rows(os.path.join(HERE, *e["X"].split("/")), e.get("X_as"))
        expected = e["expected"] if isinstance(e["expected"], list) else [e["expected"]]
        if e["format"] in LIBRARY:
            content = Library(path, e["format"])
        else:
            content = load(path, importlib.import_module(e["joblib_module"]))
        models = content["model"] if isinstance(content, dict) else content
        if isinstance(models, (list, tuple, np.ndarray)):
            models = [m for m in models if hasattr(m, "predict")]
        else:
            models = [models]
        assert len(models) == len(expected), e["path"]
        for model, names in zip(models, expected):
            first = sorted(f for f in names.values() if not isinstance(f, list))[0]
            check_answers(model, X, os.path.dirname(os.path.join(HERE, *first.split("/"))))
    print("%s: %d files answer as saved" % (env, len(files)))


if __name__ == "__main__":
    {"make": make, "deep": make_deep, "skops": make_skops, "check": check}[sys.argv[1]](*sys.argv[2:])
