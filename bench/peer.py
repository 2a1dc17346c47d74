"""Converts with a peer, as its user would: peer.py skl2onnx|treelite MODEL OUT. (sklearn2pmml has a command of its own.)"""
import sys

import joblib


def skl2onnx(model, out):
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    # Probabilities as a tensor: by default they are a list of dicts.
    options = {id(model): {"zipmap": False}} if hasattr(model, "classes_") else None
    made = to_onnx(model, initial_types=[("X", FloatTensorType([None, model.n_features_in_]))], options=options)
    with open(out, "wb") as f:
        f.write(made.SerializeToString())


def treelite(model, out):
    import treelite

    treelite.sklearn.import_model(model).serialize(out)


if __name__ == "__main__":
    peer, path, out = sys.argv[1:]
    {"skl2onnx": skl2onnx, "treelite": treelite}[peer](joblib.load(path), out)
