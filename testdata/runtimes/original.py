#!/usr/bin/env python
"""What scikit-learn itself answers: original.py MODEL X.npy OUTDIR, run by the python of the model's environment."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from answers import load, save_answers  # noqa: E402

if __name__ == "__main__":
    path, x, out = sys.argv[1:]
    save_answers(load(path), np.load(x), out)
