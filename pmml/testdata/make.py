"""Makes the vectors beside it: make.py FOLDER. Needs scikit-learn 1.7.2; sklearn2pmml 0.133.1 and Java for those of sklearn2pmml."""
import json
import os
import re
import sys
import warnings

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

warnings.filterwarnings("ignore")


def hexed(a):
    """Rows of float.hex."""
    return [[float(x).hex() for x in row] for row in np.asarray(a, dtype=np.float64).reshape(len(a), -1)]


def tree(estimator, classes):
    t = estimator.tree_
    if classes is None:
        value = t.value[:, :, 0]
    else:
        value = np.concatenate([t.value[:, o, : len(c)] for o, c in enumerate(classes)], 1)
    split = t.feature >= 0
    return {
        "feature": np.where(split, t.feature, -1).tolist(),
        "left": t.children_left.tolist(),
        "right": t.children_right.tolist(),
        "threshold": [float(x).hex() if s else "0x0p+0" for x, s in zip(t.threshold, split)],
        "missing_left": [int(x) for x in t.missing_go_to_left],
        "value": [None if s else row for row, s in zip(hexed(value), split)],
    }


def dump(estimator, X, path, names=None):
    forest = hasattr(estimator, "estimators_")
    trees = estimator.estimators_ if forest else [estimator]
    d = {"features": estimator.n_features_in_, "mean": forest, "columns": names}
    if not hasattr(estimator, "classes_"):
        d.update(trees=[tree(t, None) for t in trees], outputs=estimator.n_outputs_, predict=hexed(estimator.predict(X)), classes=None)
    else:
        several = isinstance(estimator.classes_, list)
        classes = estimator.classes_ if several else [estimator.classes_]
        proba = estimator.predict_proba(X)
        labels = np.asarray(estimator.predict(X)).reshape(len(X), -1)
        d.update(
            classes=[c.tolist() for c in classes],
            trees=[tree(t, classes) for t in trees],
            proba=[hexed(p) for p in (proba if several else [proba])],
            labels=labels.T.tolist(),
        )
    d["X"] = [[float(x).hex() if x == x else "nan" for x in row] for row in X]
    with open(path, "w") as f:
        json.dump(d, f, separators=(",", ":"))


def vectors(out):
    r = np.random.default_rng(3)

    def rows(n, features=5):
        X = r.normal(size=(n, features))
        X[r.random((n, features)) < 0.1] = np.nan
        return X

    X = rows(150)
    base = np.nan_to_num(X)
    y = (base[:, 0] + base[:, 1] ** 2 > 0.5).astype(int) + (base[:, 2] > 0.7)
    V = rows(60)
    V[2] = np.nan
    text = np.array(["no", "maybe <&>\"'", "ja é"])[y]
    number = base[:, 0] * 3 + base[:, 1] * base[:, 2]
    several = np.c_[y, y == 2]

    def forest(n, **settings):
        return RandomForestClassifier(n, n_jobs=1, **{"random_state": 0, **settings})

    dump(DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, text), V, out + "/tree_classifier.json", ["a", "b <x>", "y", "label", "e"])
    dump(forest(5, max_depth=4).fit(X, y * 3 - 1), V, out + "/forest_classifier.json")
    dump(forest(7, max_depth=4, class_weight="balanced").fit(X, y == 1), V, out + "/forest_weighted.json")
    dump(forest(4, max_depth=3, random_state=1, bootstrap=False, max_features=1).fit(X, r.integers(0, 10, 150)), V, out + "/forest_ten.json")
    dump(forest(2, random_state=1, max_depth=3).fit(X, r.integers(0, 7, 150) * 2.0), V, out + "/forest_ties.json")
    dump(DecisionTreeRegressor(max_depth=4, random_state=0).fit(X, number), V, out + "/tree_regressor.json")
    dump(RandomForestRegressor(6, max_depth=4, random_state=0, n_jobs=1).fit(X, number), V, out + "/forest_regressor.json")
    dump(RandomForestRegressor(4, max_depth=3, random_state=0, n_jobs=1).fit(X, np.c_[number, -number * 0.1, base[:, 3]]), V, out + "/forest_regressor_targets.json")
    dump(forest(4, max_depth=3).fit(X, several), V, out + "/forest_classifier_targets.json")
    dump(DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, several), V, out + "/tree_classifier_targets.json")
    dump(forest(3).fit(X, np.zeros(150)), V, out + "/forest_one_class.json")


def peers(out):
    from sklearn2pmml import sklearn2pmml
    from sklearn2pmml.pipeline import PMMLPipeline

    os.makedirs(out, exist_ok=True)
    r = np.random.default_rng(3)
    X = r.normal(size=(150, 3))
    y = (X[:, 0] + X[:, 1] ** 2 > 0.5).astype(int) + (X[:, 2] > 0.7)
    number = X[:, 0] * 3 + X[:, 1]
    V = r.normal(size=(40, 3))
    flat = DecisionTreeClassifier(max_depth=4, random_state=0)
    flat.pmml_options_ = {"compact": False}
    for name, estimator, target in [
        ("tree", DecisionTreeClassifier(max_depth=4, random_state=0), y),
        ("tree_flat", flat, y),
        ("forest", RandomForestClassifier(3, max_depth=3, random_state=0), y),
        ("forest_regressor", RandomForestRegressor(3, max_depth=3, random_state=0), number),
        ("tree_regressor", DecisionTreeRegressor(max_depth=4, random_state=0), number),
    ]:
        estimator.fit(X, target)
        dump(estimator, V, out + "/" + name + ".json")
        path = out + "/" + name + ".pmml"
        sklearn2pmml(PMMLPipeline([("estimator", estimator)]), path)
        with open(path) as f:
            text = re.sub(r"\s*<Timestamp>.*?</Timestamp>", "", f.read())
        with open(path, "w") as f:
            f.write(text)


vectors(sys.argv[1])
try:
    import sklearn2pmml  # noqa: F401
except ImportError:
    print("without sklearn2pmml, its vectors stay as they are")
else:
    peers(sys.argv[1] + "/sklearn2pmml")
