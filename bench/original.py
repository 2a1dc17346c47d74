"""What scikit-learn itself does. With one job it adds trees in their order, with more as they finish.

    original.py answer MODEL ROWS ANSWERS JOBS   probabilities or values of the rows of a file
    original.py equal A B                        fails unless two files of numbers are equal to the bit
    original.py times MODEL ROWS JOBS            seconds of one row and of all rows, medians, as JSON
"""
import json
import statistics
import sys
import time

import joblib
import numpy as np


def load(path, jobs):
    """A model's probabilities, else its values."""
    model = joblib.load(path)
    if "n_jobs" in model.get_params():
        model.set_params(n_jobs=int(jobs))
    return model.predict_proba if hasattr(model, "classes_") else model.predict


def answer(model, rows, answers, jobs):
    np.save(answers, load(model, jobs)(np.load(rows)))


def equal(a, b):
    a, b = np.load(a), np.load(b)
    if a.dtype != b.dtype or a.shape != b.shape or a.tobytes() != b.tobytes():
        sys.exit("answers differ: %s" % np.abs(a - b).max())


def times(model, rows, jobs):
    ask, X = load(model, jobs), np.load(rows)

    def seconds(often, batches):
        taken = []
        for i in range(-1, often):
            began = time.perf_counter()
            ask(batches[i % len(batches)])
            if i >= 0:  # the first warms up
                taken.append(time.perf_counter() - began)
        return statistics.median(taken)

    print(json.dumps({"one_row": seconds(50, [X[i:i + 1] for i in range(100)]), "thousand_rows": seconds(5, [X])}))


if __name__ == "__main__":
    {"answer": answer, "equal": equal, "times": times}[sys.argv[1]](*sys.argv[2:])
