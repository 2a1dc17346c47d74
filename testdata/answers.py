"""Loading a model file and asking the model, in any release from Python 2.7 on."""
import json
import os
import pickle
import warnings

import numpy as np
import sklearn.base

try:  # the joblib that scikit-learn brought along until 0.20
    warnings.simplefilter("ignore")
    from sklearn.externals import joblib
    joblib.__version__  # an empty shell from 0.21 on
except (ImportError, AttributeError):
    import joblib

METHODS = ["predict", "predict_proba", "decision_function", "score_samples", "apply"]
# What boosters answer besides, as arguments of predict.
MORE = {"xgboost": {"margin": {"output_margin": True}},
        "lightgbm": {"raw_score": {"raw_score": True}, "leaf": {"pred_leaf": True}},
        "catboost": {"raw": {"prediction_type": "RawFormulaVal"}}}


def load(path, module=joblib):
    if path.endswith(".joblib"):
        return module.load(path)
    if path.endswith(".skops"):
        import skops.io
        return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    with open(path, "rb") as f:
        return pickle.load(f)


def text(v):
    return v.decode("utf-8") if isinstance(v, bytes) else v


def array(values):
    """An array that an npy file can hold without a pickle: bytes and objects become U, unless they are numbers."""
    a = np.asarray(values.toarray() if hasattr(values, "toarray") else values)
    if a.dtype.kind not in "OS":
        return a
    flat = [text(v) for v in a.ravel().tolist()]
    return np.array(flat).reshape(a.shape)


def is_classifier(model):
    try:
        return hasattr(model, "predict_proba") or sklearn.base.is_classifier(model)
    except AttributeError:  # a booster older than this scikit-learn
        return False


def answers(model, X):
    """Method name -> array, or a list of arrays (one per output)."""
    found = {}
    for method in METHODS if hasattr(model, "predict") else ["transform", "apply"]:
        if hasattr(model, method):
            try:
                found[method] = getattr(model, method)(X)
            except AttributeError:  # it lacks it after all: hard votes until 0.20, members without decision_function
                pass
    for name, arguments in MORE.get(type(model).__module__.split(".")[0], {}).items():
        found[name] = model.predict(X, **arguments)
    if getattr(model, "classes_", None) is not None and is_classifier(model):
        found["classes"] = model.classes_
    return dict((k, [array(a) for a in v] if isinstance(v, list) else array(v)) for k, v in found.items())


class Library(object):
    """What a booster's own library answers from a file of its own format: of labels, `missing` and the like it knows nothing."""

    def __init__(self, path, kind):
        if kind.startswith("xgboost"):
            import xgboost
            booster = xgboost.Booster(model_file=path)
            names = {"feature_types": booster.feature_types} if booster.feature_types else {}
            rows = lambda X: xgboost.DMatrix(X, enable_categorical=True, **names)
            self.ask = lambda X: {"predict": booster.predict(rows(X)), "margin": booster.predict(rows(X), output_margin=True),
                                  "leaf": booster.predict(rows(X), pred_leaf=True)}
        elif kind.startswith("lightgbm"):
            import lightgbm
            booster = lightgbm.Booster(model_file=path)
            self.ask = lambda X: {"predict": booster.predict(X), "raw_score": booster.predict(X, raw_score=True),
                                  "leaf": booster.predict(X, pred_leaf=True)}
        else:
            import catboost
            booster = catboost.CatBoost().load_model(path)
            self.ask = lambda X: {"raw": booster.predict(X, prediction_type="RawFormulaVal")}


def kind_of(column):
    """The kind of a column of a DataFrame: text is whatever holds neither numbers nor truth values."""
    return {"f": "float", "i": "int", "b": "bool"}.get(getattr(column.dtype, "kind", "O"), "text")


def save_frame(path, frame):
    """Columns with name, kind and values; null is missing."""
    columns = []
    for name in frame.columns:
        kind = kind_of(frame[name])
        values = [None if v != v else v for v in frame[name].tolist()]
        columns.append({"name": name, "kind": kind, "values": values})
    with open(path, "w") as f:
        json.dump({"columns": columns}, f, sort_keys=True, separators=(",", ":"))
        f.write("\n")


def load_rows(path, X_as=None):
    """The test rows: an array, or a frame read again and made what the case was asked with."""
    if path.endswith(".npy"):
        return np.load(path)
    import pandas as pd
    with open(path) as f:
        columns = json.load(f)["columns"]
    frame = pd.DataFrame()
    for c in columns:
        values = [np.nan if v is None else v for v in c["values"]]
        column = pd.Series(values, dtype=float) if c["kind"] == "float" else pd.Series(values)
        frame[c["name"]] = column.astype("category") if X_as == "categories" and c["kind"] == "text" else column
    return frame.astype(object).values if X_as == "objects" else frame


def save_npy(path, a):
    with open(path, "wb") as f:  # version 1.0, whatever numpy would choose
        np.lib.format.write_array(f, np.ascontiguousarray(a) if a.ndim else a, version=(1, 0), allow_pickle=False)


def asked(model, X):
    return model.ask(X) if isinstance(model, Library) else answers(model, X)


def save_answers(model, X, folder):
    """Saves what the model, or a booster's Library, answers; returns method -> file name, or list of file names."""
    if not os.path.isdir(folder):
        os.makedirs(folder)
    files = {}
    for method, values in asked(model, X).items():
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
    for method, values in asked(model, X).items():
        parts = values if isinstance(values, list) else [values]
        names = ["%s_%d.npy" % (method, i) for i in range(len(parts))] if isinstance(values, list) else [method + ".npy"]
        for name, a in zip(names, parts):
            b = np.load(os.path.join(folder, name))
            same = a.tobytes() == b.tobytes() and a.shape == b.shape and a.dtype == b.dtype
            if not same:
                raise AssertionError("%s: %s differs" % (folder, name))
