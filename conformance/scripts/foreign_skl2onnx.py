"""Files of another writer: trains models, converts them with skl2onnx, and lets onnxruntime answer them.

    foreign_skl2onnx.py OUTDIR

For each model OUTDIR/NAME.onnx, NAME/X.npy (rows that the splits decide narrowly among them) and NAME/<output>.npy.
"""
import os
import sys

import numpy as np
import onnxruntime as ort
from skl2onnx import to_onnx
from sklearn.ensemble import (ExtraTreesClassifier, ExtraTreesRegressor, GradientBoostingClassifier,
                              GradientBoostingRegressor, RandomForestClassifier,
                              RandomForestRegressor)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

ort.set_default_logger_severity(3)
rng = np.random.RandomState(0)
X = rng.randn(300, 5).astype(np.float32).astype(np.float64)
score = X[:, 0] + X[:, 1] * X[:, 2]
two, three, ten = (score > 0).astype(int), np.digitize(score, [-1, 1]), np.digitize(score, np.linspace(-2, 2, 9))
text = np.array(["low", "middle", "high"])[three]
number = score + 0.1 * rng.randn(300)
r = {"random_state": 0}

MODELS = {
    "dt_clf_two": (DecisionTreeClassifier(max_depth=5, **r), two),
    "dt_clf_three": (DecisionTreeClassifier(max_depth=5, **r), three),
    "dt_clf_text": (DecisionTreeClassifier(max_depth=5, **r), text),
    "dt_reg": (DecisionTreeRegressor(max_depth=6, **r), number),
    "dt_reg_two_targets": (DecisionTreeRegressor(max_depth=6, **r), np.c_[number, -number]),
    "rf_clf_two": (RandomForestClassifier(15, max_depth=6, **r), two),
    "rf_clf_three": (RandomForestClassifier(15, max_depth=6, **r), three),
    "rf_clf_text": (RandomForestClassifier(15, max_depth=6, **r), text),
    "rf_clf_ten": (RandomForestClassifier(30, **r), ten),
    "rf_reg": (RandomForestRegressor(15, max_depth=6, **r), number),
    "et_clf_three": (ExtraTreesClassifier(15, max_depth=6, **r), three),
    "et_reg": (ExtraTreesRegressor(15, max_depth=6, **r), number),
    "gb_clf_two": (GradientBoostingClassifier(n_estimators=10, **r), two),
    "gb_clf_three": (GradientBoostingClassifier(n_estimators=10, **r), three),
    "gb_reg": (GradientBoostingRegressor(n_estimators=10, **r), number),
    "pipeline_rf_clf": (make_pipeline(StandardScaler(), RandomForestClassifier(5, max_depth=4, **r)), three),
}


def rows(onnx_model):
    """Ordinary rows, and rows on the thresholds of the file and beside them."""
    x = rng.randn(200, X.shape[1]).astype(np.float32)
    for node in onnx_model.graph.node:
        attributes = {a.name: a for a in node.attribute}
        if "nodes_values" in attributes:
            values = np.array(attributes["nodes_values"].floats, dtype=np.float32)
            features = np.array(attributes["nodes_featureids"].ints)
            for i in rng.permutation(len(values))[:100]:
                row = rng.randn(3, X.shape[1]).astype(np.float32)
                row[:, features[i]] = [values[i], np.nextafter(values[i], np.float32(9e9)), np.nextafter(values[i], np.float32(-9e9))]
                x = np.r_[x, row]
    return x


if __name__ == "__main__":
    for name, (model, y) in MODELS.items():
        model.fit(X, y)
        options = {"zipmap": False} if hasattr(model, "predict_proba") else None
        converted = to_onnx(model, X[:1].astype(np.float32), options=options, target_opset={"": 18, "ai.onnx.ml": 3})
        path = os.path.join(sys.argv[1], name)
        os.makedirs(path)
        with open(path + ".onnx", "wb") as f:
            f.write(converted.SerializeToString())
        x = rows(converted)
        np.save(os.path.join(path, "X.npy"), x)
        session = ort.InferenceSession(path + ".onnx", providers=["CPUExecutionProvider"])
        for declared, values in zip(session.get_outputs(), session.run(None, {session.get_inputs()[0].name: x})):
            np.save(os.path.join(path, declared.name + ".npy"), values.astype(str) if values.dtype == object else values)
