#!/usr/bin/env python3
"""What PMML4S answers: run_pmml4s.py MODEL.pmml X OUTDIR. X and batches: see batch.py.

pypmml's own predict passes data frames as JSON with ten digits, which is no test of bits: so the Java class is called.
"""
import jpype
from pypmml.base import PMMLContext

import batch
from pmml_fields import columns

PMMLContext.getOrCreate(gateway="jpype")
Model, List, Double = (jpype.JClass(n) for n in ("org.pmml4s.model.Model", "java.util.ArrayList", "java.lang.Double"))


def plain(value):
    return value if value is None else str(value) if isinstance(value, str) else float(value)


def evaluate(model, X, threads):
    engine = Model.fromFile(model)
    targets = [str(n) for n in engine.targetNames()]
    given = columns(model, targets, X)
    declared = [str(n) for n in engine.outputNames()]
    # A file that declares outputs hides its target, which this brings back under the name predicted_<target>.
    engine.setSupplementOutput(True)
    keep = {n: n for n in declared}
    keep.update({"predicted_" + t: t for t in targets})
    names = [str(n) for n in engine.outputNames()]
    answers = {n: [] for n in names}
    for values in zip(*(given[str(n)] for n in engine.inputNames())):
        row = List(len(values))
        for v in values:
            row.add(v if v is None or isinstance(v, str) else Double(v))
        for name, value in zip(names, engine.predict(row)):
            answers[name].append(plain(value))
    return {keep[n]: batch.column(answers[n]) for n in names if n in keep}


if __name__ == "__main__":
    batch.main(evaluate)
