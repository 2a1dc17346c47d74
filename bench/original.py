"""What scikit-learn itself does.

    original.py answer MODEL ROWS ANSWERS    makes 1000 rows and lets the model answer them
    original.py equal A B                    fails unless two files of numbers are equal to the bit
"""
import sys

import joblib
import numpy as np


def answer(model, rows, answers):
    m = joblib.load(model)
    X = np.random.RandomState(0).normal(size=(1000, m.n_features_in_)).astype(np.float32)
    np.save(rows, X)
    np.save(answers, m.predict_proba(X))


def equal(a, b):
    a, b = np.load(a), np.load(b)
    if a.dtype != b.dtype or a.shape != b.shape or a.tobytes() != b.tobytes():
        sys.exit("answers differ: %s" % np.abs(a - b).max())


if __name__ == "__main__":
    {"answer": answer, "equal": equal}[sys.argv[1]](*sys.argv[2:])
