"""Rows to ask models about: rows.py FILE COUNT, an npy or csv file. Float32, 20 columns; in half of the rows the first four hold categories."""
import sys

import numpy as np

path, count = sys.argv[1], int(sys.argv[2])
X = np.random.RandomState(1).normal(size=(count, 20)).astype(np.float32)
X[::2, :4] = np.clip(np.floor(X[::2, :4] * 4) + 10, 0, 19)
if path.endswith(".csv"):
    np.savetxt(path, X, fmt="%.9g", delimiter=",", header=",".join("x%d" % i for i in range(X.shape[1])), comments="")
else:
    np.save(path, X)
