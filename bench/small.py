"""Small models, and a peer's loop over them in one warm process.

    small.py make FOLDER COUNT     as many files of every kind, of which 20 are trained and the others are copies
    small.py loop FOLDER SAMPLE    converts so many of each kind by skl2onnx; prints seconds for each kind, JSON

The loop warms up with one model of every kind, and reads and writes files as a user's would.
"""
import json
import os
import shutil
import sys
import time
import warnings

import joblib
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor

from peer import skl2onnx

TRAINED = 20
KINDS = {
    "forest": lambda seed: RandomForestClassifier(100, random_state=seed),
    "pruned": lambda seed: RandomForestClassifier(100, max_depth=6, random_state=seed),
    "regressor": lambda seed: RandomForestRegressor(100, max_depth=6, random_state=seed),
    "boosting": lambda seed: GradientBoostingClassifier(n_estimators=100, random_state=seed),
}


def make(folder, count):
    for kind, model in KINDS.items():
        os.makedirs(os.path.join(folder, kind), exist_ok=True)
        for i in range(count):
            path = os.path.join(folder, kind, "m%05d.joblib" % i)
            if os.path.exists(path):
                continue
            if i < TRAINED:
                X, y = make_classification(500, 20, n_informative=8, n_classes=2, random_state=i)
                joblib.dump(model(i).fit(X, y), path)
            else:
                shutil.copyfile(os.path.join(folder, kind, "m%05d.joblib" % (i % TRAINED)), path)


def loop(folder, sample):
    warnings.filterwarnings("ignore")
    out = os.path.join(folder, "peer.onnx")
    paths = {kind: [os.path.join(folder, kind, "m%05d.joblib" % i) for i in range(sample)] for kind in KINDS}
    for kind in KINDS:
        skl2onnx(joblib.load(paths[kind][0]), out)
    took = {}
    for kind in KINDS:
        began = time.perf_counter()
        for path in paths[kind]:
            skl2onnx(joblib.load(path), out)
        took[kind] = (time.perf_counter() - began) / sample
    os.remove(out)
    print(json.dumps(took))


if __name__ == "__main__":
    {"make": make, "loop": loop}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
