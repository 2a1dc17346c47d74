"""Which trees and forests of this release take a NaN in predict, and whether any takes what is infinite as float32: prints a
JSON list of [release, class, criterion, splitter, with monotonic constraints, takes NaN, takes infinity, takes 1e300]. Run
by `make.py nan`."""
import json
import sys

import numpy as np
import sklearn
from sklearn import ensemble, tree

X = np.arange(40, dtype=float).reshape(20, 2)
y = np.arange(20) % 2
asked = [np.array([[v, 1.0], [3.0, v]]) for v in (np.nan, np.inf, 1e300)]
rows = []
for module, name in [(tree, "DecisionTreeClassifier"), (tree, "DecisionTreeRegressor"), (tree, "ExtraTreeClassifier"), (tree, "ExtraTreeRegressor"),
                     (ensemble, "RandomForestClassifier"), (ensemble, "RandomForestRegressor"), (ensemble, "ExtraTreesClassifier"),
                     (ensemble, "ExtraTreesRegressor")]:
    classifier = name.endswith("Classifier")
    for criterion in ["gini", "entropy", "log_loss"] if classifier else ["mse", "squared_error", "mae", "absolute_error", "friedman_mse", "poisson"]:
        for splitter in ["best", "random"] if module is tree else [None]:
            for monotonic in [False, True]:
                params = dict(criterion=criterion, random_state=0)
                if splitter:
                    params["splitter"] = splitter
                else:
                    params["n_estimators"] = 2
                if monotonic:
                    params["monotonic_cst"] = [1, 0]
                try:
                    model = getattr(module, name)(**params).fit(X, y)
                except Exception:
                    continue  # this release does not know the criterion, or constraints
                takes = []
                for x in asked:
                    try:
                        model.predict(x)
                        takes.append(True)
                    except ValueError:
                        takes.append(False)
                first = model.estimators_[0] if module is ensemble else model
                rows.append([sklearn.__version__, name, criterion, first.splitter, monotonic] + takes)
json.dump(rows, sys.stdout)
