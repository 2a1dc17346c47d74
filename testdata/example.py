"""iris_*: the example of the project's README. Run by make.py."""
import os

import joblib
import numpy as np
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

from answers import array, save_npy

HERE = os.path.dirname(os.path.abspath(__file__))

iris = load_iris(as_frame=True)
X, y = iris.data, iris.target_names.astype(object)[iris.target]
model = RandomForestClassifier(n_estimators=20, random_state=0, n_jobs=1).fit(X, y)


def place(name):
    return os.path.join(HERE, "iris_" + name)


joblib.dump(model, place("forest.joblib"))
save_npy(place("X.npy"), np.ascontiguousarray(X.to_numpy()))
np.savez_compressed(place("X.npz"), X=np.ascontiguousarray(X.to_numpy()))
save_npy(place("predict.npy"), array(model.predict(X)))
save_npy(place("proba.npy"), model.predict_proba(X))
X.to_csv(place("X.csv"), index=False)
X.to_parquet(place("X.parquet"), index=False)
