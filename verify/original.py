# What a saved model itself answers. Its only argument is a file of JSON: file, path (of the model in the file's object), inputs
# (npy files of the model's columns, with their names where it knows some), out (folder), methods. Loading a pickle runs code of
# the file. Works in every Python that scikit-learn ever had.
import ast
import json
import os
import pickle
import re
import sys
import zipfile

import numpy as np


def load(file, number):
    """The object in a file; of several pickles one after the other, the one with that number."""
    with open(file, "rb") as f:
        head = f.read(5)
        if number > 1:
            f.seek(0)
            return [pickle.load(f) for _ in range(number)][-1]
    if head == b"tree\n" or head == b"tree\r":
        import lightgbm
        return lightgbm.Booster(model_file=file)
    if head.startswith(b"CBM1"):
        import catboost
        labels = catboost.CatBoost().load_model(file).classes_
        return (catboost.CatBoostClassifier if len(labels) else catboost.CatBoostRegressor)().load_model(file)
    if head.startswith(b"{"):
        import xgboost
        return xgboost.Booster(model_file=file)
    if zipfile.is_zipfile(file) and "schema.json" in zipfile.ZipFile(file).namelist():
        import skops.io
        try:
            trusted = skops.io.get_untrusted_types(file=file)
        except AttributeError:  # 0.3 and older
            trusted = True
        return skops.io.load(file, trusted=trusted)
    # Whatever modules print while they are loaded must not look like an answer.
    try:
        import joblib
    except ImportError:
        try:
            from sklearn.externals import joblib
        except ImportError:
            with open(file, "rb") as f:
                return pickle.load(f)
    return joblib.load(file)


def walk(obj, node):
    """The object at a path such as model['a'].steps[0][1]: names and constants only, nothing is called."""
    if isinstance(node, ast.Name):
        return obj
    inner = walk(obj, node.value)
    if isinstance(node, ast.Attribute):
        return inner.get(node.attr) if isinstance(inner, dict) else getattr(inner, node.attr)
    index = node.slice
    return inner[ast.literal_eval(getattr(index, "value", index) if type(index).__name__ == "Index" else index)]


def find(path, file):
    root = re.match(r"model(@(\d+))?", path)
    return walk(load(file, int(root.group(2) or 1)), ast.parse("model" + path[root.end():], mode="eval").body)


def parts(obj, seen, depth=0):
    """An object and all that it holds, each once."""
    if depth > 8 or id(obj) in seen:
        return
    seen[id(obj)] = obj
    yield obj
    if isinstance(obj, dict):
        inner = list(obj.values())
    elif isinstance(obj, (list, tuple)):
        inner = list(obj)
    elif isinstance(obj, np.ndarray):
        inner = list(obj.ravel()) if obj.dtype == object else []
    else:
        inner = list(getattr(obj, "__dict__", {}).values())
    for part in inner:
        for found in parts(part, seen, depth + 1):
            yield found


def prepare(model):
    """One job everywhere: with several, trees are added in the order in which they finish. Answers what stands for text that is
    missing: None where the model has that among its categories, else NaN."""
    missing = np.nan
    for part in parts(model, {}):
        if isinstance(part, np.ndarray) and part.dtype == object and any(v is None for v in part.ravel()):
            missing = None
        if hasattr(part, "n_jobs"):
            try:
                part.n_jobs = 1
            except Exception:
                pass
    return missing


class Rows(object):
    """The rows in each form that a model may have been made for."""

    def __init__(self, inputs, missing):
        self.columns = []  # (name or None, values)
        for given in inputs:
            values = np.load(given["file"])
            for j in range(values.shape[1]):
                column = values[:, j]
                if column.dtype.kind == "U":
                    column = column.astype(object)
                    column[column == u""] = missing
                self.columns.append((given["names"][j] if given["names"] else None, column))
        self.text = any(c.dtype == object for _, c in self.columns)

    def matrix(self):
        values = [c.astype(object) if self.text else c for _, c in self.columns]
        return np.column_stack(values)

    def frame(self, names, categories):
        """A DataFrame of the columns that the model knows by these names; those that it never looks at are not given."""
        import pandas
        given = dict(self.columns)
        if names is None or not set(given) <= set(names):
            names = [name if name is not None else i for i, (name, _) in enumerate(self.columns)]
            given = dict(zip(names, [c for _, c in self.columns]))
        frame = pandas.DataFrame()
        empty = np.full(len(self.columns[0][1]), np.nan)
        for name in names:
            column = pandas.Series(given.get(name, empty))
            frame[name] = column.astype("category") if categories and column.dtype.kind not in "fiub" else column
        return frame

    def forms(self, names):
        """Functions that make the rows, the likeliest form first."""
        frames = [lambda: self.frame(names, False), lambda: self.frame(names, True)]
        if self.text and self.columns[0][0] is not None:
            return frames + [self.matrix]
        return [self.matrix] + frames


def names_of(model):
    """The names of all columns that a model was fitted with, where it or the one that it hands its rows to keeps them."""
    for attribute in ["feature_names_in_", "_df_columns"]:
        names = getattr(model, attribute, None)
        if names is not None:
            return [n for n in names]
    if getattr(model, "steps", None):
        return names_of(model.steps[0][1])
    for attribute in ["best_estimator_", "estimator_"]:
        if hasattr(model, attribute):
            return names_of(getattr(model, attribute))
    return None


def take(x, rows):
    return x.iloc[rows] if hasattr(x, "iloc") else x[rows]


# What boosters answer by an argument of predict.
ARGUMENTS = {"xgboost": {"raw_score": {"output_margin": True}, "apply": {"pred_leaf": True}},
             "lightgbm": {"raw_score": {"raw_score": True}, "apply": {"pred_leaf": True}},
             "catboost": {"raw_score": {"prediction_type": "RawFormulaVal"}}}


def ask(model, method, x):
    library = type(model).__module__.split(".")[0]
    arguments = ARGUMENTS.get(library, {}).get(method)
    if library == "xgboost" and type(model).__name__ == "Booster":
        import xgboost
        names = {"feature_names": model.feature_names, "feature_types": model.feature_types}
        try:
            x = xgboost.DMatrix(x, enable_categorical=True, **names)
        except TypeError:  # releases without it
            x = xgboost.DMatrix(x, **names)
    elif arguments is not None and hasattr(model, method):  # XGBModel.apply
        arguments = None
    if arguments is None:
        return getattr(model, method)(x)
    return model.predict(x, **arguments)


def why_not(model, method, x):
    """What a model says to rows that it refuses; None where it answers."""
    try:
        ask(model, method, x)
    except Exception as e:
        return str(e).split("\n")[0] or type(e).__name__


def answered(model, method, x, rows):
    """Which of some rows a model answers that it refuses together."""
    if len(rows) == 1:
        return []
    kept = []
    for half in [rows[:len(rows) // 2], rows[len(rows) // 2:]]:
        kept += half if why_not(model, method, take(x, half)) is None else answered(model, method, x, half)
    return kept


def choose(model, method, rows):
    """The rows in the form in which the model answers all, or else some; which those are, and what it says to others."""
    forms = []
    for form in rows.forms(names_of(model)):
        try:
            forms.append(form())
        except ImportError:  # no pandas
            continue
        why = why_not(model, method, forms[-1])
        if why is None:
            return forms[-1], list(range(len(forms[-1]))), ""
        forms[-1] = (forms[-1], why)
    for x, why in forms:
        kept = answered(model, method, x, list(range(len(x))))
        if kept:
            return x, kept, why
    return forms[0][0], [], forms[0][1]


def plain(values):
    values = values.toarray() if hasattr(values, "toarray") else np.asarray(values)
    if values.dtype == object:
        values = np.array(values.tolist())
    if values.dtype == object:
        raise ValueError("answers of several types")
    return values


def version(model):
    library = type(model).__module__.split(".")[0]
    if library not in ARGUMENTS:
        library = "sklearn"
    return "%s %s" % (library.replace("sklearn", "scikit-learn"), sys.modules[library].__version__)


def main():
    with open(sys.argv[1], "rb") as f:
        job = json.loads(f.read().decode("utf-8"))
    # The answer's line is the last that goes to standard output; all else goes to standard error.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    model = find(job["path"], job["file"])
    x, kept, why = choose(model, job["methods"][0], Rows(job["inputs"], prepare(model)))
    for method in job["methods"][1:]:  # some refuse more rows than others
        refusal = why_not(model, method, take(x, kept)) if kept else None
        if refusal is not None:
            kept, why = answered(model, method, x, kept), why or refusal
            if not kept:
                raise ValueError("%s: %s" % (method, refusal))
    np.save(os.path.join(job["out"], "kept.npy"), np.asarray(kept, dtype=np.int64))
    targets = {}
    for method in job["methods"]:
        if not len(kept):
            break
        answers = ask(model, method, take(x, kept))
        several = isinstance(answers, list)
        targets[method] = len(answers) if several else 0
        for i, part in enumerate(answers if several else [answers]):
            np.save(os.path.join(job["out"], "%s%s.npy" % (method, "_%d" % i if several else "")), plain(part))
    answer.write(json.dumps({"version": version(model), "targets": targets, "why": why[:300]}) + "\n")
    answer.flush()


main()
