"""What onnxruntime does with files. Answers are JSON, times in seconds; rows are those of an npy file.

    session.py times THREADS ROWS FILE...   load, one_row and thousand_rows of each file, which take turns
    session.py batch FILE ROWS COUNT SLICE  the rows, repeated up to a count, so many at once, on one thread
    session.py off ROWS ANSWERS FILE...     how far the farthest of each file's answers is from those of an npy file
    session.py answer FILE ROWS ANSWERS     writes the last output of all rows, on all cores

Numbers of times are medians, of 5 loadings, 2000 calls with a row and 20 with all of them.
"""
import json
import statistics
import sys
import time

import numpy as np
import onnxruntime

TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64}


def load(path, threads=1):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def input(session, rows):
    """The name of the one matrix that a session takes, and the rows in its type."""
    wanted, = session.get_inputs()
    return wanted.name, np.load(rows).astype(TYPES[wanted.type])


def seconds(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def times(threads, rows, *paths):
    threads = int(threads)
    loads = [[seconds(lambda: load(path, threads)) for path in paths] for _ in range(5)]
    sessions = [load(path, threads) for path in paths]
    batches, single = [], []
    for session in sessions:
        name, X = input(session, rows)
        batches.append({name: X})
        single.append([{name: X[i:i + 1]} for i in range(100)])
        session.run(None, batches[-1])
    all = [[seconds(lambda: s.run(None, feed)) for s, feed in zip(sessions, batches)] for _ in range(20)]
    one = [[] for _ in paths]
    for turn in range(21):
        for session, feeds, mine in zip(sessions, single, one):
            taken = [seconds(lambda: session.run(None, feed)) for feed in feeds]
            if turn > 0:  # the first warms up
                mine += taken
    medians = [map(statistics.median, of) for of in (zip(*loads), one, zip(*all))]
    return [dict(zip(("load", "one_row", "thousand_rows"), of)) for of in zip(*medians)]


def batch(path, rows, count, slice):
    session, count, slice = load(path), int(count), int(slice)
    name, X = input(session, rows)
    X = np.resize(X, (count, X.shape[1]))
    return seconds(lambda: [session.run(None, {name: X[i:i + slice]}) for i in range(0, count, slice)])


def off(rows, answers, *paths):
    wanted, far = np.load(answers), []
    for path in paths:
        session = load(path)
        name, X = input(session, rows)
        far.append(float(np.abs(session.run(None, {name: X})[-1].reshape(wanted.shape) - wanted).max()))
    return far


def answer(path, rows, answers):
    session = load(path, 0)
    name, X = input(session, rows)
    np.save(answers, session.run(None, {name: X})[-1])


if __name__ == "__main__":
    print(json.dumps({"times": times, "batch": batch, "off": off, "answer": answer}[sys.argv[1]](*sys.argv[2:])))
