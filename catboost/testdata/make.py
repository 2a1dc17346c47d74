#!/usr/bin/env python3
"""Makes the models of this folder and records what CatBoost answers: make.py [CASE]..., with the release of this Python's catboost.

A model is RELEASE-CASE.cbm, its answers are in RELEASE-CASE.answers.json: x (null is NaN), raw, predict and, of classifiers,
proba."""
import json
import os
import sys
import tempfile

import numpy as np
import catboost as cb

PROBE = os.path.join(tempfile.mkdtemp(), "probe.json")
HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.RandomState(7)
N, F = 400, 5
X = rng.normal(size=(N, F))
MISSING = X.copy()
MISSING[rng.rand(N, F) < 0.1] = np.nan
score = X[:, 0] - 2 * X[:, 1] * (X[:, 2] > 0) + 0.3 * rng.normal(size=N)
binary = (score > 0.2).astype(int)
three = np.digitize(score, [-0.7, 0.8])
counts = np.floor(np.exp(score / 2))
few = dict(iterations=7, depth=3, verbose=0, allow_writing_files=False, random_seed=1, thread_count=1)


def regress(y, x=X, **more):
    return cb.CatBoostRegressor(**dict(few, **more)).fit(x, y)


def classify(y, x=X, **more):
    return cb.CatBoostClassifier(**dict(few, **more)).fit(x, y)


def threshold():
    model = classify(binary)
    model.set_probability_threshold(0.3)
    return model


def scaled():
    model = regress(score)
    model.set_scale_and_bias(0.7, 0.1)
    return model


CASES = {
    "rmse": lambda: regress(score),
    "scaled": scaled,
    "deep": lambda: regress(score, depth=9, iterations=2),
    "poisson": lambda: regress(counts, loss_function="Poisson"),
    "tweedie": lambda: regress(counts, loss_function="Tweedie:variance_power=1.5"),
    "quantile": lambda: regress(score, loss_function="Quantile:alpha=0.7"),
    "multirmse": lambda: regress(np.c_[score, X[:, 3]], loss_function="MultiRMSE"),
    "nan_min": lambda: regress(np.where(np.isnan(MISSING[:, 0]), -2, score), MISSING, nan_mode="Min"),
    "nan_max": lambda: regress(np.where(np.isnan(MISSING[:, 0]), 2, score), MISSING, nan_mode="Max"),
    "binary": lambda: classify(binary),
    "crossentropy": lambda: classify(binary, loss_function="CrossEntropy"),
    "threshold": threshold,
    "text": lambda: classify(np.array(["no", "yes"])[binary]),
    "multi": lambda: classify(three * 3 + 1),
    "multi_text": lambda: classify(np.array(["a", "b", "c"])[three], MISSING),
    "alone": lambda: classify(three, loss_function="MultiClassOneVsAll"),
    "depthwise": lambda: regress(score, grow_policy="Depthwise"),
    "lossguide": lambda: classify(three, grow_policy="Lossguide", max_leaves=6),
}


def probes(model):
    """Ordinary rows, and rows on and beside borders."""
    model.save_model(PROBE, format="json")
    base = MISSING[:16].copy()
    rows = [base]
    for f in json.load(open(PROBE))["features_info"]["float_features"]:
        for border in (f.get("borders") or [])[:3]:
            at = np.float32(border)
            for v in (at, np.nextafter(at, np.float32(-np.inf)), np.nextafter(at, np.float32(np.inf)), np.inf, -np.inf, np.nan):
                row = base[len(rows) % 16].copy()
                row[f["flat_feature_index"]] = v
                rows.append(row[None])
    return np.concatenate(rows)


def plain(a):
    a = np.asarray(a)
    a = a.reshape(len(a), -1)
    return [[None if v != v else "inf" if v == np.inf else "-inf" if v == -np.inf else v for v in row] for row in a.tolist()]


for case in sys.argv[1:] or CASES:
    model = CASES[case]()
    name = os.path.join(HERE, "%s-%s" % (cb.__version__, case))
    model.save_model(name + ".cbm")
    x = probes(model)
    answers = {"x": plain(x), "raw": plain(model.predict(x, prediction_type="RawFormulaVal")), "predict": plain(model.predict(x))}
    if hasattr(model, "predict_proba"):
        answers["proba"] = plain(model.predict_proba(x))
    with open(name + ".answers.json", "w") as f:
        json.dump(answers, f, separators=(",", ":"))
        f.write("\n")
