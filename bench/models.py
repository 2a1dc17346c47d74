"""Trains the models of the benchmark, seeded: models.py FOLDER. Run with scikit-learn 1.7.2 (bench.py does)."""
import os
import sys

import joblib
import numpy as np
from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier

folder = sys.argv[1]
rng = np.random.RandomState(0)


def data(rows, columns):
    X = rng.normal(size=(rows, columns)).astype(np.float32)
    return X, X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=rows)


def save(name, model, **options):
    path = os.path.join(folder, name)
    joblib.dump(model, path + ".part", **options)
    os.rename(path + ".part", path)


X, y = data(50000, 20)
forest = RandomForestClassifier(100, random_state=0, n_jobs=-1).fit(X, y > 0)
save("forest100.joblib", forest)
save("forest100_compress3.joblib", forest, compress=3)
X, y = data(30000, 20)
save("extra300.joblib", ExtraTreesRegressor(100, random_state=0, n_jobs=-1).fit(X, y))
