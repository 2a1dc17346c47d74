#!/usr/bin/env python3
"""What onnxruntime answers: run_onnx.py MODEL.onnx X OUTDIR [--threads N]. Batches: see batch.py.

X is an npy file, or a folder with one for each input, by its name. The array of a file goes in whole if the model has one
input, else one column per input, in their order. All is cast to what the model declares.
"""
import numpy as np
import onnxruntime as ort

import batch

TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64,
         "tensor(int32)": np.int32, "tensor(bool)": np.bool_, "tensor(string)": object}
ort.set_default_logger_severity(3)


def evaluate(model, X, threads):
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    inputs = session.get_inputs()
    named = isinstance(X, dict)
    if not named and len(inputs) > 1 and len(inputs) != X.shape[1]:
        raise ValueError("%d inputs, but X has %d columns" % (len(inputs), X.shape[1]))
    feed = {}
    for i, want in enumerate(inputs):
        if named:
            part = X[want.name.replace("/", "_")]
        else:
            part = X if len(inputs) == 1 else X[:, i] if len(want.shape) == 1 else X[:, i:i + 1]
        with np.errstate(over="ignore"):  # beyond float32 is infinity, as in the original
            feed[want.name] = part.astype(TYPES[want.type])
    outputs = {}
    for declared, values in zip(session.get_outputs(), session.run(None, feed)):
        if isinstance(values, list):  # a ZipMap's rows
            for key in values[0]:
                outputs["%s.%s" % (declared.name, key)] = np.array([row[key] for row in values])
            continue
        outputs[declared.name] = values.astype(str) if values.dtype == object else values
    return outputs


if __name__ == "__main__":
    batch.main(evaluate)
