"""What onnxruntime does with files, one thread: session.py times|batch ANSWER.json ...

    session.py times ANSWER FILE...          a list of load, one_row and thousand_rows, in seconds, for each file
    session.py batch ANSWER FILE ROWS SLICE  the seconds that so many rows take, so many at once

Numbers of times are medians, of 5 loadings, 2000 calls with a row and 20 with a thousand. Files take turns.
"""
import json
import statistics
import sys
import time

import numpy as np
import onnxruntime

TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64}


def load(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def rows(session, count):
    """The one matrix that a session takes. Some columns are whole numbers, so that categories are met."""
    wanted, = session.get_inputs()
    X = np.random.RandomState(1).normal(size=(min(count, 1000), wanted.shape[1]))
    X[:, :4] = np.where(np.arange(len(X))[:, None] % 2, X[:, :4], np.floor(X[:, :4] * 4) + 10)
    return np.resize(X, (count, X.shape[1])).astype(np.float32).astype(TYPES[wanted.type])


def seconds(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def times(*paths):
    loads = [[seconds(lambda: load(path)) for path in paths] for _ in range(5)]
    sessions = [load(path) for path in paths]
    name = [s.get_inputs()[0].name for s in sessions]
    thousand = [{n: rows(s, 1000)} for n, s in zip(name, sessions)]
    single = [[{n: batch[n][i:i + 1]} for i in range(100)] for n, batch in zip(name, thousand)]
    for s, feed in zip(sessions, thousand):
        s.run(None, feed)
    thousands = [[seconds(lambda: s.run(None, feed)) for s, feed in zip(sessions, thousand)] for _ in range(20)]
    ones = [[] for _ in paths]
    for turn in range(21):
        for s, feeds, mine in zip(sessions, single, ones):
            taken = [seconds(lambda: s.run(None, feed)) for feed in feeds]
            if turn > 0:  # the first warms up
                mine += taken
    return [{"load": statistics.median(a), "thousand_rows": statistics.median(b), "one_row": statistics.median(c)}
            for a, b, c in zip(zip(*loads), zip(*thousands), ones)]


def batch(path, count, slice):
    session = load(path)
    name, X = session.get_inputs()[0].name, rows(session, int(count))
    return seconds(lambda: [session.run(None, {name: X[i:i + int(slice)]}) for i in range(0, len(X), int(slice))])


if __name__ == "__main__":
    result = {"times": times, "batch": batch}[sys.argv[1]](*sys.argv[3:])
    with open(sys.argv[2], "w") as f:
        json.dump(result, f)
