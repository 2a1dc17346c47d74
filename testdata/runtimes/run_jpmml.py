#!/usr/bin/env python3
"""What JPMML-Evaluator answers: run_jpmml.py MODEL.pmml X OUTDIR. X and batches: see batch.py.

JPMML-Evaluator is under the AGPL, so it stays a program of its own, spoken to through files.
"""
import pathlib

import pandas as pd
from jpmml_evaluator import make_backend, make_evaluator

import batch
from pmml_fields import columns

backend = make_backend("jpype")


def evaluate(model, X, threads):
    evaluator = make_evaluator(pathlib.Path(model), backend)
    given = columns(model, [f.getName() for f in evaluator.getTargetFields()], X)
    names = [f.getName() for f in evaluator.getInputFields()]
    # Objects, not floats: pandas would turn None back into NaN.
    rows = pd.DataFrame({n: pd.Series(given[n], dtype=object) for n in names}, columns=names)
    results, errors = evaluator.evaluateAll(rows, nan_as_missing=False, error_col=None, parallelism=threads)
    if errors is not None:
        raise RuntimeError("row %d: %s" % next((i, e) for i, e in enumerate(errors) if isinstance(e, str)))
    return {name: batch.column([None if v != v else v for v in results[name].tolist()]) for name in results.columns}


if __name__ == "__main__":
    batch.main(evaluate)
