# What a saved model itself answers. Its only argument is a JSON object: file, path (of the model in the file's object),
# x (npy), out (folder), methods. Loading a pickle runs code of the file. Works in every Python that scikit-learn ever had.
import ast
import json
import os
import sys

import numpy as np


def load(file):
    # Whatever modules print while they are loaded must not look like an answer.
    try:
        import joblib
    except ImportError:
        try:
            from sklearn.externals import joblib
        except ImportError:
            import pickle
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


def alone(obj, seen, depth=0):
    """One job everywhere: with several, trees are added in the order in which they finish."""
    if depth > 8 or id(obj) in seen:
        return
    seen.add(id(obj))
    if isinstance(obj, dict):
        parts = list(obj.values())
    elif isinstance(obj, (list, tuple)):
        parts = list(obj)
    elif isinstance(obj, np.ndarray):
        parts = list(obj.ravel()) if obj.dtype == object else []
    else:
        parts = list(getattr(obj, "__dict__", {}).values())
        if hasattr(obj, "n_jobs"):
            try:
                obj.n_jobs = 1
            except Exception:
                pass
    for part in parts:
        alone(part, seen, depth + 1)


def plain(values):
    values = np.asarray(values)
    if values.dtype == object:
        values = np.array(values.tolist())
    if values.dtype == object:
        raise ValueError("answers of several types")
    return values


def main():
    job = json.loads(sys.argv[1])
    # The answer's line is the last that goes to standard output; all else goes to standard error.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    model = walk(load(job["file"]), ast.parse(job["path"], mode="eval").body)
    alone(model, set())
    x = np.load(job["x"])
    kept, why = np.arange(len(x)), ""
    first = getattr(model, job["methods"][0])
    try:
        first(x)
    except ValueError as e:
        # Some row was refused. What matters is which ones.
        why, kept = str(e), []
        for i in range(len(x)):
            try:
                first(x[i:i + 1])
                kept.append(i)
            except ValueError:
                pass
    kept = np.asarray(kept, dtype=np.int64)
    np.save(os.path.join(job["out"], "kept.npy"), kept)
    targets = {}
    for method in job["methods"]:
        if not len(kept):
            break
        answers = getattr(model, method)(x[kept])
        several = isinstance(answers, list)
        targets[method] = len(answers) if several else 0
        for i, part in enumerate(answers if several else [answers]):
            np.save(os.path.join(job["out"], "%s%s.npy" % (method, "_%d" % i if several else "")), plain(part))
    import sklearn
    answer.write(json.dumps({"version": sklearn.__version__, "targets": targets, "why": why[:300]}) + "\n")
    answer.flush()


main()
