"""The data fields of a PMML file, in the order in which it declares them."""
import xml.etree.ElementTree as ET

import numpy as np


def data_fields(path):
    """(name, data type) of each field."""
    fields = []
    for _, element in ET.iterparse(path):
        tag = element.tag.rsplit("}", 1)[-1]
        if tag == "DataField":
            fields.append((element.get("name"), element.get("dataType")))
        elif tag == "DataDictionary":  # what follows may be a hundred megabytes of trees
            break
    return fields


def columns(path, targets, X):
    """Values by field name: X's columns are the fields of the data dictionary less the targets, in order. In a chain of
    models the targets of all but the last come after the features, and are no target of the whole. A dict X has the columns
    by their names, as arrays of one column.

    Each column is a list, None for NaN and for an empty text, which is what PMML calls missing. A field declared float gets
    float32 numbers: JPMML-Evaluator rounds them itself, PMML4S takes what it is given.
    """
    fields = [f for f in data_fields(path) if f[0] not in targets]
    if isinstance(X, dict) and len(X) == 1 and next(iter(X.values())).ndim == 2:
        X = next(iter(X.values()))
    if isinstance(X, dict):
        return {name: values(kind, X[name.replace("/", "_")].reshape(-1)) for name, kind in fields}
    if len(fields) < X.shape[1]:
        raise ValueError("%d input fields %s, but X has %d columns" % (len(fields), fields[:20], X.shape[1]))
    return {name: values(kind, X[:, i]) for i, (name, kind) in enumerate(fields[:X.shape[1]])}


def values(kind, column):
    """A column as a list."""
    if column.dtype.kind == "U":
        return [None if v == "" else v for v in column.tolist()]
    if kind == "integer":
        return [None if v != v else int(v) for v in column.tolist()]
    if kind == "boolean":
        return [None if v != v else bool(v) for v in column.tolist()]
    with np.errstate(over="ignore"):  # beyond float32 is infinity, as in the original
        column = column.astype(np.float32 if kind == "float" else np.float64).astype(np.float64)
    return [None if v != v else v for v in column.tolist()]
