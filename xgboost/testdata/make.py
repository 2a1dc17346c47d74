#!/usr/bin/env python3
"""Makes the models of this folder and records what XGBoost answers: make.py [CASE]..., with the release of this Python's xgboost.

A model is RELEASE-CASE.ubj (.json before 1.6), its answers are in RELEASE-CASE.answers.json: x (null is NaN), margin, predict
and leaf of XGBModel with all that it does by itself (best_iteration, inplace_predict)."""
import json
import os
import sys
import tempfile

import numpy as np
import xgboost as xgb

PROBE = os.path.join(tempfile.mkdtemp(), "probe.json")
HERE = os.path.dirname(os.path.abspath(__file__))
RELEASE = tuple(int(p) for p in xgb.__version__.split(".")[:2])
rng = np.random.RandomState(7)
N, F = 400, 5
X = rng.normal(size=(N, F))
X[rng.rand(N, F) < 0.05] = np.nan
Z = np.nan_to_num(X)
score = Z[:, 0] - 2 * Z[:, 1] * (Z[:, 2] > 0) + 0.3 * rng.normal(size=N)
binary = (score > 0.2).astype(int)
three = np.digitize(score, [-0.7, 0.8])
positive = np.exp(score / 2)
CAT = X.copy()
CAT[:, 3] = rng.randint(0, 12, N)
CAT[::17, 3] = np.nan
cat_y = np.where(np.isin(CAT[:, 3], [1, 4, 5, 9]), 2.0, -1.0) + score
# A depth, and steps on which float32 and float64 part.
few = dict(n_estimators=6, max_depth=3, tree_method="hist", n_jobs=1, random_state=1)


def regress(objective, y, **more):
    return xgb.XGBRegressor(objective=objective, **dict(few, **more)).fit(X, y)


def classify(y, **more):
    return xgb.XGBClassifier(**dict(few, **more)).fit(X, y)


def stopped():
    half = N // 2
    more = dict(few, n_estimators=60, max_depth=5, learning_rate=0.7)
    if RELEASE >= (1, 6):
        return xgb.XGBClassifier(early_stopping_rounds=3, eval_metric="logloss", **more).fit(X[:half], binary[:half], eval_set=[(X[half:], binary[half:])], verbose=False)
    return xgb.XGBClassifier(**more).fit(X[:half], binary[:half], eval_set=[(X[half:], binary[half:])], early_stopping_rounds=3, verbose=False)


def categories():
    kind = ["q"] * 3 + ["c"] + ["q"]
    return xgb.XGBRegressor(feature_types=kind, enable_categorical=True, max_cat_to_onehot=3, **few).fit(CAT, cat_y)


def dart(**more):
    return dict(booster="dart", rate_drop=0.5, n_estimators=12, **more)


def survival():
    data = xgb.DMatrix(X)
    data.set_float_info("label_lower_bound", positive)
    data.set_float_info("label_upper_bound", np.where(binary, np.inf, positive * 2))
    return xgb.train({"objective": "survival:aft", "max_depth": 3, "tree_method": "hist"}, data, 6)


def ranked():
    return xgb.XGBRanker(objective="rank:pairwise", **few).fit(X, three, group=[40] * 10)


CASES = {
    "binary": lambda: classify(binary),
    "binary_base": lambda: classify(binary, base_score=0.3),
    "softprob": lambda: classify(three),
    "forest": lambda: xgb.XGBRFClassifier(**dict(few, n_estimators=5)).fit(X, three),
    "squared": lambda: regress("reg:squarederror", score),
    "squaredlog": lambda: regress("reg:squaredlogerror", positive),
    "logistic": lambda: regress("reg:logistic", 1 / (1 + np.exp(-score))),
    "logitraw": lambda: regress("binary:logitraw", binary, base_score=0.3),
    "hinge": lambda: regress("binary:hinge", binary),
    "poisson": lambda: regress("count:poisson", np.floor(positive)),
    "gamma": lambda: regress("reg:gamma", positive),
    "tweedie": lambda: regress("reg:tweedie", positive, tweedie_variance_power=1.3),
    "cox": lambda: regress("survival:cox", np.where(binary, positive, -positive)),
    "dart": lambda: regress("reg:squarederror", score, **dart()),
    "dart_softprob": lambda: classify(three, **dart()),
    "pruned": lambda: regress("reg:squarederror", score, tree_method="exact", gamma=4.0, max_depth=5),
    "rank": ranked,
}
if RELEASE >= (1, 2):
    CASES["aft"] = survival
if RELEASE >= (1, 4):  # before, only the configuration says how many trees an iteration adds
    CASES["stopped"] = stopped
if RELEASE >= (1, 6):
    CASES["huber"] = lambda: regress("reg:pseudohubererror", score)
if RELEASE >= (1, 7):
    CASES["absolute"] = lambda: regress("reg:absoluteerror", score)
    CASES["categories"] = categories
    CASES["targets"] = lambda: regress("reg:squarederror", np.c_[score, positive])
    CASES["labels"] = lambda: classify(np.c_[binary, three > 1])
if RELEASE >= (2, 0):
    CASES["quantile"] = lambda: regress("reg:quantileerror", score, quantile_alpha=np.array([0.2, 0.5, 0.9]))
    CASES["vector"] = lambda: regress("reg:squarederror", np.c_[score, positive], multi_strategy="multi_output_tree")


def probes(booster, case):
    """Ordinary rows, rows on and beside thresholds, and of categories what is none."""
    base = (CAT if case == "categories" else X)[:16].copy()
    rows = [base]
    trees = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"] if RELEASE >= (1, 6) else json.load(open(PROBE))["learner"]["gradient_booster"]
    trees = trees.get("gbtree", trees)["model"]["trees"]
    for t in trees[:6]:
        for k, left in enumerate(t["left_children"]):
            if left < 0 or k in t.get("categories_nodes", []):
                continue
            at = np.float32(t["split_conditions"][k])
            for v in (at, np.nextafter(at, np.float32(-np.inf)), np.nextafter(at, np.float32(np.inf))):
                row = base[k % 16].copy()
                row[t["split_indices"][k]] = v
                rows.append(row[None])
    rows = rows[:24]
    if case == "categories":
        for v in (-1.0, -0.5, 0.0, -0.0, 1.5, 4.0, 4.99, 5.0 - 1e-12, 5.0, 9.0, 11.0, 12.0, 31.0, 64.0, 1e6, 2.0**24, 1e30):
            row = base[1].copy()
            row[3] = v
            rows.append(row[None])
    return np.concatenate(rows)


def plain(a):
    a = np.asarray(a)
    a = a.reshape(len(a), -1)
    return [[None if v != v else v for v in row] for row in a.astype(a.dtype if a.dtype.kind == "i" else float).tolist()]


for case in sys.argv[1:] or CASES:
    if case not in CASES:
        continue
    model = CASES[case]()
    name = os.path.join(HERE, "%s-%s" % (xgb.__version__, case))
    booster = model if isinstance(model, xgb.Booster) else model.get_booster()
    if RELEASE < (1, 6):
        booster.save_model(PROBE)
    booster.save_model(name + (".ubj" if RELEASE >= (1, 6) else ".json"))
    x = probes(booster, case)
    if isinstance(model, xgb.Booster):
        data = xgb.DMatrix(x)
        margin, predict, leaf = booster.predict(data, output_margin=True), booster.predict(data), booster.predict(data, pred_leaf=True)
    else:
        margin, leaf = model.predict(x, output_margin=True), model.apply(x)
        predict = model.predict_proba(x) if hasattr(model, "predict_proba") else model.predict(x)
    with open(name + ".answers.json", "w") as f:
        json.dump({"x": plain(x), "margin": plain(margin), "predict": plain(predict), "leaf": plain(np.asarray(leaf).astype(int)), "proba": hasattr(model, "predict_proba")}, f, separators=(",", ":"))
        f.write("\n")
