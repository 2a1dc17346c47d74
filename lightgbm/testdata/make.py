"""Trains small models of LightGBM and records what they answer: RELEASE_CASE.txt (the model), RELEASE_CASE.json (rows, answers).

Runs in an environment that has LightGBM, such as those of testdata/environments.json (py38-sk1.1.3, py310-sk1.5.2,
py311-sk1.7.2); 2.2.3 and 2.3.1 were installed beside py36-sk0.22.2 (pip install --no-deps --target):

    python lightgbm/testdata/make.py
"""
import json
import os

import lightgbm
import numpy as np
import pandas as pd

HERE = os.path.dirname(os.path.abspath(__file__))
RELEASE = lightgbm.__version__
TINY = 1.0000000180025095e-35  # kZeroThreshold
BASE = {"verbose": -1, "num_leaves": 6, "min_data_in_leaf": 3, "num_threads": 1, "seed": 7, "deterministic": True,
        "min_data_per_group": 2, "cat_smooth": 1, "cat_l2": 1, "max_cat_to_onehot": 1}


def numbers(rng, n):
    X = np.round(rng.randn(n, 4), 3)
    X[rng.rand(n, 4) < 0.15] = 0
    X[:, 3] = np.abs(X[:, 3])
    return X


def with_missing(X, rng):
    X = X.copy()
    X[rng.rand(*X.shape) < 0.2] = np.nan
    return X


def with_categories(X, rng):
    X = X.copy()
    X[:, 1] = rng.randint(0, 40, len(X))
    X[:, 2] = rng.choice([0, 1, 2, 33, 70, 1000], len(X))
    return X


def special(X, model, few=False):
    """Rows that hit thresholds, and, unless few are wanted, all that is odd."""
    rows = [X[i] for i in range(12)]
    odd = [0, -0.0, np.nan, np.inf, -np.inf, 1e-36, -1e-36, TINY, -TINY, np.nextafter(TINY, 1), -np.nextafter(TINY, 1), 1e-20, -1e-20,
           1e30, -1e30, -1, -0.5, 0.5, 1.9999, 2.5, 39.9, 41, 2147483647, 2147483648, 4294967297, 1e10, 33.5, 70.0001]
    for j in range(0 if few else X.shape[1]):
        for i, v in enumerate(odd):
            row = X[(i + j) % len(X)].copy()
            row[j] = v
            rows.append(row)
    rows += [np.full(X.shape[1], v) for v in odd[:9]]
    splits = []

    def walk(node):
        if "split_feature" in node:
            if node["decision_type"] == "<=":
                splits.append((node["split_feature"], node["threshold"]))
            walk(node["left_child"])
            walk(node["right_child"])
    for tree in model.dump_model()["tree_info"][:4]:
        walk(tree["tree_structure"])
    for i, (j, t) in enumerate(splits[:3 if few else 12]):
        for v in (t, np.nextafter(t, np.inf), np.nextafter(t, -np.inf), float(np.float32(t))):
            row = X[i % len(X)].copy()
            row[j] = v
            rows.append(row)
    return np.array(rows)


def record(name, model, X, text=None, frame=None, iterations=None):
    """X: the numbers; frame: what the DataFrame was, where the model was given one."""
    given = X if frame is None else frame
    base = os.path.join(HERE, RELEASE + "_" + name)
    with open(base + ".txt", "w", newline="\n") as f:
        f.write(text or model.model_to_string(num_iteration=-1))
    kw = {} if iterations is None else {"num_iteration": iterations}
    answers = {
        "X": X, "predict": model.predict(given, **kw), "raw_score": model.predict(given, raw_score=True, **kw),
        "leaf": model.predict(given, pred_leaf=True, **kw),
    }
    out = {k: [[repr(float(v)) if k != "leaf" else int(v) for v in row] for row in np.asarray(a).reshape(len(X), -1)] for k, a in answers.items()}
    out["iterations"] = iterations or 0
    with open(base + ".json", "w") as f:
        f.write("{" + ",\n".join('"%s": %s' % (k, json.dumps(v, separators=(",", ":")).replace("],[", "],\n[")) for k, v in out.items()) + "}\n")


def load(model):
    """The model as it comes out of a file: what is written short, such as sigmoid, was rounded on the way."""
    text = model.model_to_string(num_iteration=-1)
    return lightgbm.Booster(params={"model_str": text}) if RELEASE < "2.3" else lightgbm.Booster(model_str=text)


def train(name, params, X, y, rounds=4, **kw):
    params = dict(BASE, **params)
    group = kw.pop("group", None)
    data = lightgbm.Dataset(X, y, group=group, **kw)
    model = lightgbm.train(params, data, rounds)
    record(name, load(model), special(X, model, "objective" in params))
    return model


def main():
    rng = np.random.RandomState(0)
    n = 200
    X = numbers(rng, n)
    M, C = with_missing(X, rng), with_categories(X, rng)
    CM = C.copy()
    CM[rng.rand(*C.shape) < 0.1] = np.nan
    y = X[:, 0] + (X[:, 1] > 0) * X[:, 3] + (X[:, 2] == 0)
    yc = np.sin(C[:, 1]) * 2 + np.cos(C[:, 2]) + X[:, 0]
    cats = {"categorical_feature": [1, 2]}

    train("nan", {}, M, y)
    train("no_missing", {"use_missing": False}, M, y)
    train("zero_missing", {"zero_as_missing": True}, M, y)
    train("cats", {}, C, yc, **cats)
    train("cats_nan", {}, CM, yc, **cats)
    train("cats_zero", {"zero_as_missing": True}, CM, yc, **cats)
    train("cats_no_missing", {"use_missing": False}, CM, yc, **cats)
    train("dart", {"boosting": "dart", "drop_rate": 0.5}, X, y, rounds=6)
    train("rf", {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}, M, y)
    train("rf_multiclass", {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6, "objective": "multiclass", "num_class": 3}, X, np.digitize(y, [0, 1]))
    train("constant", {"objective": "regression"}, X, np.full(n, 2.5), rounds=2)
    for objective in ["regression", "regression_l1", "huber", "fair", "quantile", "mape"]:
        train(objective, {"objective": objective, "boosting": "gbdt"}, X, y, rounds=2)
    train("sqrt", {"objective": "regression", "reg_sqrt": True}, X, y * 3)
    for objective in ["poisson", "gamma", "tweedie"]:
        train(objective, {"objective": objective}, X, np.exp(y / 2), rounds=2)
    train("binary", {"objective": "binary", "sigmoid": 0.7312345678}, M, y > 0.5)
    train("multiclass", {"objective": "multiclass", "num_class": 3}, M, np.digitize(y, [0, 1]), rounds=2)
    train("multiclassova", {"objective": "multiclassova", "num_class": 3, "sigmoid": 1.7}, X, np.digitize(y, [0, 1]), rounds=2)
    p = 1 / (1 + np.exp(-2 * y - 1))
    train("cross_entropy", {"objective": "cross_entropy"}, X, p)
    train("cross_entropy_lambda", {"objective": "cross_entropy_lambda", "learning_rate": 1.5}, X, p ** 4)
    rank = np.clip(np.digitize(y, [-0.5, 0.5, 1.5]), 0, 3)
    train("lambdarank", {"objective": "lambdarank"}, X, rank, group=[20] * 10)
    if RELEASE >= "3":
        train("rank_xendcg", {"objective": "rank_xendcg"}, X, rank, group=[20] * 10)

    # The user's own objective, of several classes.
    def own(scores, data):
        label = data.get_label()
        if RELEASE >= "4":
            onehot = np.eye(3)[label.astype(int)]
            return scores - onehot, np.ones_like(scores)
        s = scores.reshape(3, -1)
        return (s - np.eye(3)[label.astype(int)].T).ravel(), np.ones_like(scores)
    data = lightgbm.Dataset(X, np.digitize(y, [0, 1]))
    if RELEASE >= "4":
        model = lightgbm.train(dict(BASE, objective=own, num_class=3), data, 2)
    else:
        model = lightgbm.train(dict(BASE, objective="none", num_class=3), data, 2, fobj=own)
    record("own", load(model), special(X, model, True))

    # Fewer iterations than there are, as best_iteration asks for.
    model = lightgbm.train(dict(BASE, boosting="rf", bagging_freq=1, bagging_fraction=0.6), lightgbm.Dataset(X, y), 5)
    record("best", load(model), special(X, model), iterations=3)

    # A feature that is a number in some trees and a category in others.
    first = lightgbm.train(BASE, lightgbm.Dataset(C, yc, free_raw_data=False), 2)
    both = lightgbm.train(BASE, lightgbm.Dataset(C, yc, free_raw_data=False, categorical_feature=[1, 2]), 2, init_model=first)
    record("both", load(both), special(C, both))

    # A DataFrame with categories of text and of numbers; another one with ordered ones.
    colour, size = np.array(["red", "green", "blue", "grey"]), ["S", "M", "L"]
    code = np.c_[rng.randint(0, 4, n), rng.randint(0, 3, n), rng.randint(0, 3, n)]

    def frame(F, codes, ordered):
        return pd.DataFrame({
            "a": F[:, 0], "colour": pd.Categorical.from_codes(codes[:, 0], categories=colour),
            "year": pd.Categorical.from_codes(codes[:, 1], categories=[1999, 2005, 2010]),
            "b": F[:, 1], "size": pd.Categorical.from_codes(codes[:, 2], categories=size, ordered=ordered)})
    target = y + 3 * np.sin(5 * code[:, 0]) + code[:, 1] % 2 + 2 * (code[:, 2] % 2)
    codes = code.copy()
    codes[::5, 0], codes[1::5, 1] = -1, -1
    F = np.c_[X[:, 0], codes[:, 0], codes[:, 1], X[:, 1], codes[:, 2]][:40].astype(float)
    F[:, [1, 2, 4]][F[:, [1, 2, 4]] == -1] = np.nan
    for name, ordered in ("pandas", False), ("pandas_ordered", True):
        model = lightgbm.train(BASE, lightgbm.Dataset(frame(X, code, ordered), target), 4)
        record(name, load(model), F, frame=frame(X, codes, ordered)[:40])

    if RELEASE >= "3.2":
        train("linear", {"linear_tree": True}, X, y)
        train("linear_multiclass", {"linear_tree": True, "objective": "multiclass", "num_class": 3}, M, np.digitize(y, [0, 1]), rounds=3)


main()
