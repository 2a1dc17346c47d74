"""Loading a model file and asking the model, in any release from Python 2.7 on."""
import os
import pickle
import warnings

import numpy as np

try:  # the joblib that scikit-learn brought along until 0.20
    warnings.simplefilter("ignore")
    from sklearn.externals import joblib
    joblib.__version__  # an empty shell from 0.21 on
except (ImportError, AttributeError):
    import joblib

METHODS = ["predict", "predict_proba", "decision_function", "score_samples", "apply"]


def load(path, module=joblib):
    if path.endswith(".joblib"):
        return module.load(path)
    with open(path, "rb") as f:
        return pickle.load(f)


def text(v):
    return v.decode("utf-8") if isinstance(v, bytes) else v


def array(values):
    """An array that an npy file can hold without a pickle: bytes and objects become U, unless they are numbers."""
    a = np.asarray(values)
    if a.dtype.kind not in "OS":
        return a
    flat = [text(v) for v in a.ravel().tolist()]
    return np.array(flat).reshape(a.shape)


def answers(model, X):
    """Method name -> array, or a list of arrays (one per output)."""
    found = {}
    for method in METHODS:
        if hasattr(model, method):
            found[method] = getattr(model, method)(X)
    if getattr(model, "classes_", None) is not None and hasattr(model, "predict_proba"):
        found["classes"] = model.classes_
    return dict((k, [array(a) for a in v] if isinstance(v, list) else array(v)) for k, v in found.items())


def save_npy(path, a):
    with open(path, "wb") as f:  # version 1.0, whatever numpy would choose
        np.lib.format.write_array(f, np.ascontiguousarray(a) if a.ndim else a, version=(1, 0), allow_pickle=False)


def save_answers(model, X, folder):
    """Saves what the model answers; returns method -> file name, or list of file names."""
    if not os.path.isdir(folder):
        os.makedirs(folder)
    files = {}
    for method, values in answers(model, X).items():
        if isinstance(values, list):
            files[method] = ["%s_%d.npy" % (method, i) for i in range(len(values))]
            for name, a in zip(files[method], values):
                save_npy(os.path.join(folder, name), a)
        else:
            files[method] = method + ".npy"
            save_npy(os.path.join(folder, files[method]), values)
    return files


def check_answers(model, X, folder):
    """Raises if the model's answers differ in a single bit from the saved ones."""
    for method, values in answers(model, X).items():
        parts = values if isinstance(values, list) else [values]
        names = ["%s_%d.npy" % (method, i) for i in range(len(parts))] if isinstance(values, list) else [method + ".npy"]
        for name, a in zip(names, parts):
            b = np.load(os.path.join(folder, name))
            same = a.tobytes() == b.tobytes() and a.shape == b.shape and a.dtype == b.dtype
            if not same:
                raise AssertionError("%s: %s differs" % (folder, name))
