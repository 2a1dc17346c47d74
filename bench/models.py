"""Trains models of the benchmark, seeded: models.py FOLDER NAME... Run with scikit-learn 1.7.2 (bench.py does).

Each is saved as FOLDER/NAME.joblib, unless it is there. NAME_compress3 is NAME, saved with compress=3. The data are noise for the
greatest part: that is what makes trees as large as those of real tables with many rows.
"""
import os
import sys

import joblib
import numpy as np
from sklearn.ensemble import (ExtraTreesRegressor, GradientBoostingClassifier, GradientBoostingRegressor, HistGradientBoostingClassifier,
                              HistGradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor)

COLUMNS = 20
PRUNED = {"max_depth": 8, "min_samples_leaf": 5}
CATEGORIES = [0, 1, 2, 3]  # columns of categories, where there are some
SHARED = {"random_state": 0, "n_jobs": -1}


def data(rows, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(rows, COLUMNS)).astype(np.float32)
    return X, X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=rows)


def classes(rows, count):
    """Rows whose classes are the quantiles of a number."""
    X, y = data(rows)
    return X, np.searchsorted(np.quantile(y, np.arange(1, count) / count), y)


def categories(rows):
    """Rows with twenty categories in each of the first columns."""
    X, y = data(rows)
    X[:, CATEGORIES] = np.clip(np.floor(X[:, CATEGORIES] * 4) + 10, 0, 19)
    return X, y


def forest(rows, count, trees=100, **more):
    return RandomForestClassifier(trees, **SHARED, **more).fit(*classes(rows, count))


def regressor(kind, rows, **more):
    return kind(100, **SHARED, **more).fit(*data(rows))


def boosting(kind, data, trees=1000, **more):
    return kind(n_estimators=trees, random_state=0, **more).fit(*data)


def histogram(kind, data, **more):
    return kind(max_iter=1000, random_state=0, early_stopping=False, **more).fit(*data)


MODELS = {
    # for conversions
    "forest100": lambda: forest(50000, 2),
    "extra300": lambda: regressor(ExtraTreesRegressor, 30000),
    "forest1000": lambda: forest(100000, 2, trees=400, max_features=1),
    "gbc1000": lambda: boosting(GradientBoostingClassifier, classes(5000, 2), max_depth=6, subsample=0.5),
    "hgbc1000": lambda: histogram(HistGradientBoostingClassifier, classes(10000, 2)),
    # for runtimes, with 100 trees where no number is given
    "rf2": lambda: forest(20000, 2),
    "rf5": lambda: forest(10000, 5),
    "rf10": lambda: forest(10000, 10),
    "rf100": lambda: forest(2000, 100),
    "rf2_pruned": lambda: forest(20000, 2, **PRUNED),
    "rf5_pruned": lambda: forest(10000, 5, **PRUNED),
    "rf10_pruned": lambda: forest(10000, 10, **PRUNED),
    "rf100_pruned": lambda: forest(2000, 100, **PRUNED),
    "rfr": lambda: regressor(RandomForestRegressor, 5000),
    "rfr_pruned": lambda: regressor(RandomForestRegressor, 5000, **PRUNED),
    "etr": lambda: regressor(ExtraTreesRegressor, 5000),
    "etr_pruned": lambda: regressor(ExtraTreesRegressor, 5000, **PRUNED),
    "gbc1000_depth3": lambda: boosting(GradientBoostingClassifier, classes(5000, 2)),
    "gbc300x10": lambda: boosting(GradientBoostingClassifier, classes(5000, 10), 300),
    "gbr1000": lambda: boosting(GradientBoostingRegressor, data(5000)),
    "hgbr1000": lambda: histogram(HistGradientBoostingRegressor, data(10000)),
    "hgbr1000_categories": lambda: histogram(HistGradientBoostingRegressor, categories(10000), categorical_features=CATEGORIES),
}
COMPRESSED = "_compress3"


def main(folder, names):
    for name in names:
        path = os.path.join(folder, name + ".joblib")
        if os.path.exists(path):
            continue
        print("making", name, file=sys.stderr, flush=True)
        if name.endswith(COMPRESSED):
            plain = os.path.join(folder, name[:-len(COMPRESSED)] + ".joblib")
            joblib.dump(joblib.load(plain), path + ".part", compress=3)
        else:
            joblib.dump(MODELS[name](), path + ".part")
        os.rename(path + ".part", path)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
