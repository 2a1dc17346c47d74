# -*- coding: utf-8 -*-
"""everything.py OUT: saves honest objects of this environment, as many different ones as it makes by itself.

For what a file of a release may hold, not for what it answers: every class of scikit-learn that can be made, fitted on tiny
data where one of the sets below suits it, with each value of its options that it takes; what is written around models; bare
values; the boosters. NAME.pN.pkl for each protocol (.cN.pkl by cPickle), NAME.joblib; what differs from an object only by an
option or by its data is saved in the highest protocol alone. Names that start with odd_ hold functions which an honest author may
well have given to a model, but which are no part of one.

Runs on Python 2.7 to 3.13, scikit-learn 0.17 to 1.9. Prints a line for each object that could not be made, fitted or saved.
"""
import collections
import datetime
import decimal
import fractions
import functools
import importlib
import inspect
import operator
import os
import pickle
import pkgutil
import re
import signal
import sys
import time
import traceback
import uuid
import warnings

import numpy as np
import scipy.sparse
import scipy.stats
import sklearn
from sklearn.base import BaseEstimator

from answers import joblib

try:
    import pandas as pd
except ImportError:
    pd = None

warnings.simplefilter("ignore")
np.seterr(all="ignore")
PY2 = sys.version_info[0] == 2
SECONDS, ENOUGH = 20, 3  # of one object; of one class, after which no more options are tried
SAVED = {}  # lower-case names, for disks that do not tell a from A

# Tiny data

R = np.random.RandomState(0)
Y = np.arange(48) % 3
X = np.round(np.abs(R.rand(48, 4) + Y[:, None] * [1, .5, 2, 0]), 2) + .25
X[::7] = X[1]
T = X.dot([1, 2, 3, 4]) + R.rand(48)
LABELS = np.array(["red", "green", "blue"])[Y]
MANY = np.array([Y == 0, Y == 1, X[:, 0] > 1]).T.astype(int)
TEXTS = [u"some words about the %s fox number %d" % (c, i % 5) for i, c in enumerate(LABELS)]
DICTS = [{"city": str(c), "temperature": float(t)} for c, t in zip(LABELS, T)]
SETS = [[str(c), "all"] for c in LABELS]
NAMES = np.array([["a", "b"][i % 2] for i in range(48)] + ["c"] * 48, dtype=object).reshape(2, 48).T
MISSING = np.where(R.rand(48, 4) < .1, np.nan, X)
SQUARE = np.exp(-((X[:, None] - X[None]) ** 2).sum(axis=2))
DATA = [(X, Y), (X, T), (X, np.array([T, X[:, 0]]).T), (X, MANY), (X, (Y > 0).astype(int)), (X,), (Y,), (X[:, 0], T),
        (X, np.where(Y == 2, -1, Y)), (T, Y), (TEXTS, Y), (DICTS, Y), (SETS,), (NAMES, Y), (SQUARE, Y), (SQUARE,), (X > 1,), (R.rand(3, 8,
        8),), (LABELS,)]


# Saving

def write(name, value, protocols):
    """Saves value, which may be no pickle in old protocols: that is no failure as long as one of them has taken it."""
    saved, failure = 0, None
    for module, letter in [(pickle, "p")] + ([(__import__("cPickle"), "c")] if PY2 else []):
        for p in protocols:
            try:
                data = module.dumps(value, p)
            except Exception as e:
                failure = e
                continue
            with open("%s.%s%d.pkl" % (name, letter, p), "wb") as f:
                f.write(data)
            saved += 1
    if not saved:
        raise failure
    if protocols is ALL:
        joblib.dump(value, name + ".joblib")


def pickled(value):
    try:
        return pickle.dumps(value)
    except Exception:
        return None


ALL = tuple(range(pickle.HIGHEST_PROTOCOL + 1))
LAST = (pickle.HIGHEST_PROTOCOL,)


def save(name, make, protocols=ALL):
    """Makes and saves an object under a name not taken yet; returns why it could not, or None."""
    name = re.sub(r"[^A-Za-z0-9_.=+-]+", "_", name)[:90]
    SAVED[name.lower()] = SAVED.get(name.lower(), 0) + 1
    if SAVED[name.lower()] > 1:
        name += "-%d" % SAVED[name.lower()]
    signal.alarm(SECONDS)
    try:
        write(name, make(), protocols)
    except Exception as e:
        return "%s: %s" % (type(e).__name__, str(e).split("\n")[0][:150])
    finally:
        signal.alarm(0)


def apart(name, work):
    """Lets work, which returns lines about failures, run in a process of its own: it may crash, or hang where no signal is handled."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(reader)
        code = 1
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            with os.fdopen(writer, "w") as f:
                try:
                    lines = work()
                except Exception:
                    lines = ["%s: %s" % (name, traceback.format_exc().strip().split("\n")[-1])]
                f.write("".join(line + "\n" for line in lines))
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as f:
        lines = f.read().splitlines()
    status = os.waitpid(child, 0)[1]
    try:
        os.killpg(child, signal.SIGKILL)  # the workers that it may have left behind
    except OSError:
        pass
    if status:
        lines.append("%s: ended by %s" % (name, "signal %d" % (status & 127) if status & 127 else "exit %d" % (status >> 8)))
    return lines


# Classes of scikit-learn

EXPERIMENTAL = ["enable_hist_gradient_boosting", "enable_iterative_imputer", "enable_halving_search_cv"]


def modules():
    for name in EXPERIMENTAL:
        try:
            importlib.import_module("sklearn.experimental." + name)
        except ImportError:
            pass
    yield sklearn
    for _, name, _ in pkgutil.walk_packages(sklearn.__path__, "sklearn.", onerror=lambda name: None):
        if re.search(r"\.(tests|externals|conftest|setup|testing|_testing|estimator_checks|_array_api|__check_build)(\.|$)", name):
            continue
        try:
            yield importlib.import_module(name)
        except Exception:
            continue


def classes():
    found = {}
    for module in list(modules()):
        for name, value in vars(module).items():
            if not inspect.isclass(value) or not value.__module__.startswith("sklearn.") or ".externals" in value.__module__:
                continue
            if inspect.isabstract(value) or issubclass(value, BaseException):
                continue
            found[value.__module__, value.__name__] = value
    return [found[key] for key in sorted(found)]


def maybe(path):
    """What an absolute name stands for, or None in a release that lacks it."""
    module, name = path.rsplit(".", 1)
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        return None


def tree(regress=False):
    return maybe("sklearn.tree.DecisionTree" + ("Regressor" if regress else "Classifier"))(max_depth=2)


def linear(regress=False):
    return maybe("sklearn.linear_model.Ridge")() if regress else maybe("sklearn.linear_model.LogisticRegression")()


def scaler():
    return maybe("sklearn.preprocessing.StandardScaler")()


def inner():
    """Values for the arguments of classes that need some, by their names."""
    for regress in (False, True):
        named = [("tree", tree(regress)), ("linear", linear(regress))]
        one = {"estimators": named, "steps": [("scale", scaler()), ("tree", tree(regress))],
               "transformers": [("scale", scaler(), [0, 1]), ("rest", "passthrough", [2])],
               "transformer_list": [("scale", scaler())], "param_grid": {"max_depth": [1, 2]},
               "param_distributions": {"max_depth": list(range(1, 20))}, "dictionary": X[:6], "n_components": 2,
               "kernel": maybe("sklearn.gaussian_process.kernels.RBF"),
               "X": X, "n_features": 64, "bounds": (0, 1)}
        for model in (tree(regress), linear(regress)):
            yield dict(one, estimator=model, base_estimator=model)
    kernel = maybe("sklearn.gaussian_process.kernels.RBF")
    if kernel:
        kernel = kernel()
        yield {"k1": kernel, "k2": maybe("sklearn.gaussian_process.kernels.WhiteKernel")(), "kernel": kernel, "exponent": 2.,
            "kernels": [kernel, kernel]}
    yield {"estimator": maybe("sklearn.cluster.KMeans")(n_clusters=2), "n_splits": 3, "test_fold": Y, "p": 2, "cv": [(np.arange(20),
        np.arange(20, 48))],
           "n_labels": 2, "n_iter": 2, "n": 48, "n_folds": 3, "y": Y, "labels": Y}


SMALL = {"n_estimators": 3, "max_iter": 10, "n_iter": 3, "n_components": 2, "n_clusters": 2, "max_depth": 2, "n_quantiles": 10,
    "n_neighbors": 3,
         "init_size": 20, "n_init": 1, "k": 2, "batch_size": 10, "min_samples": 4, "n_subsets": 2, "max_subpopulation": 20,
         "n_nonzero_coefs": 2, "n_features": 64, "patch_size": (2, 2), "hidden_layer_sizes": (3,), "perplexity": 5.}

# For releases which do not say what they take, from 1.2 on they do; and what is no text.
OPTIONS = {
    "Cs": [2, [0.1, 1.0]], "activation": ["identity", "logistic", "tanh", "relu"], "add_indicator": [True],
    "affinity": ["rbf", "nearest_neighbors", "euclidean"],
    "algorithm": ["auto", "kd_tree", "ball_tree", "brute", "SAMME", "SAMME.R", "full", "elkan", "arpack", "randomized", "lasso_lars",
        "omp", "deflation"], "alpha": [2, 0.5], "alphas": [[0.1, 1.0]], "analyzer": ["word", "char", "char_wb"],
    "assign_labels": ["kmeans", "discretize"], "base": [2, "auto"], "bin_seeding": [True], "bootstrap": [True, False],
    "categorical_features": [[3], [False, False, False, True]], "categories": ["auto"], "ccp_alpha": [0.01],
    "class_weight": ["balanced", {0: 1.0, 1: 2.0, 2: 1.0}], "compute_score": [True], "contamination": [0.1], "copy": [False],
    "covariance_type": ["full", "tied", "diag", "spherical"], "criterion": ["gini", "entropy", "mse", "mae", "friedman_mse"],
    "cv": [3, "prefit"], "degree": [2, (1, 2)], "drop": ["first", "if_binary"], "dtype": [np.float32, np.float64, np.int64],
    "early_stopping": [True], "eigen_solver": ["arpack", "dense", "lobpcg"], "encode": ["onehot", "onehot-dense", "ordinal"],
    "fit_intercept": [False], "fun": ["logcosh", "exp", "cube"], "gamma": ["auto", "scale"],
    "handle_unknown": ["ignore", "error", "use_encoded_value", "infrequent_if_exist"],
    "init": ["random", "k-means++", "nndsvd", "nndsvda", "pca"], "interaction_cst": [[[0, 1], [2, 3]], "pairwise"],
    "kernel": ["linear", "poly", "rbf", "sigmoid", "cosine", "tophat", "precomputed", "knn"], "l1_ratio": [0.3],
    "learning_rate": ["constant", "optimal", "invscaling", "adaptive"], "linkage": ["ward", "complete", "average", "single"],
    "loss": ["deviance", "exponential", "ls", "lad", "huber", "quantile", "hinge", "log", "squared_hinge", "modified_huber",
        "perceptron", "epsilon_insensitive", "squared_epsilon_insensitive", "poisson", "squared", "linear", "square"],
    "max_categories": [2], "max_depth": [None], "max_features": ["auto", "sqrt", "log2", 2, 0.5], "max_leaf_nodes": [4],
    "max_samples": [0.5, 10], "memory": ["cache"],
    "method": ["isotonic", "sigmoid", "yeo-johnson", "box-cox", "lar", "lasso", "exact", "standard", "hessian", "modified", "ltsa",
        "k-best", "batch", "online", "predict_proba"],
    "metric": ["euclidean", "manhattan", "minkowski", "chebyshev", "haversine", "cosine", "hamming"], "min_impurity_decrease": [0.01],
    "missing_values": [-1, None, 0], "monotonic_cst": [[1, 0, -1, 0]],
    "multi_class": ["ovr", "multinomial", "crammer_singer", "auto", "one_vs_one"], "n_components": [None, 1, "mle", 0.9, "auto"],
    "norm": ["l1", "l2", "max"], "normalize": [True], "novelty": [True], "oob_score": [True],
    "output_distribution": ["uniform", "normal"], "penalty": ["l1", "l2", "elasticnet"], "positive": [True], "priors": [[0.2, 0.3, 0.5]],
    "probability": [True], "refit": [False], "remainder": ["passthrough", "drop"], "return_train_score": [True], "sample_steps": [3],
    "selection": ["cyclic", "random"], "shrinkage": ["auto", 0.1], "shuffle": [True],
    "solver": ["lbfgs", "liblinear", "newton-cg", "sag", "saga", "svd", "eigen", "lsqr", "cholesky", "sparse_cg", "sgd", "adam", "cd",
        "mu"], "sparse": [True, False], "sparse_output": [True, False], "stop_words": ["english", ["the", "about"]],
    "store_covariance": [True], "store_precision": [False],
    "strategy": ["mean", "median", "most_frequent", "constant", "stratified", "prior", "uniform", "quantile", "kmeans"], "subsample": [0.5],
    "svd_solver": ["full", "arpack", "randomized"], "tol": [None], "transformer_weights": [{"scale": 2.0, "tree": 1.0}],
    "validation_fraction": [0.3], "verbose": [1, True], "vocabulary": [["fox", "words"], {"fox": 0, "words": 1}],
    "voting": ["hard", "soft"], "warm_start": [True], "weights": ["uniform", "distance"], "whiten": [True],
}


def options(cls, parameters):
    constraints = getattr(cls, "_parameter_constraints", None)
    for name in parameters:
        values = list(OPTIONS.get(name, []))
        for rule in (constraints or {}).get(name) or []:
            values += sorted(v for v in getattr(rule, "options", ()) if isinstance(v, str) and v not in values)
            values += [None] if rule is None else [True, False] if isinstance(rule, str) and rule == "boolean" else []
        for value in values:
            yield "%s=%s" % (name, getattr(value, "__name__", value)), {name: value}
    if "random_state" in parameters:
        yield "random_state=instance", {"random_state": np.random.RandomState(3)}
        yield "random_state=int", {"random_state": 3}
    functions = {"metric": ["scipy.spatial.distance.cityblock", "sklearn.metrics.pairwise.cosine_distances"],
                 "kernel": ["sklearn.metrics.pairwise.laplacian_kernel", "sklearn.metrics.pairwise.linear_kernel"],
                 "score_func": ["sklearn.feature_selection." + f for f in ("f_classif", "f_regression", "chi2", "mutual_info_classif",
                 "mutual_info_regression", "r_regression")],
                 "scoring": ["sklearn.metrics." + f for f in ("accuracy_score", "r2_score")]}
    for name in set(parameters) & set(functions):
        for path in functions[name]:
            if maybe(path):
                value = maybe("sklearn.metrics.make_scorer")(maybe(path)) if name == "scoring" else maybe(path)
                yield "%s=%s" % (name, path.rsplit(".")[-1]), {name: value}


def arguments(cls):
    """The parameters of a constructor with those that it needs."""
    try:
        if PY2:
            spec = inspect.getargspec(cls.__init__)
            names, needed = spec.args[1:], spec.args[1:len(spec.args) - len(spec.defaults or ())]
        else:
            every = [p for p in inspect.signature(cls).parameters.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
            names, needed = [p.name for p in every], [p.name for p in every if p.default is p.empty]
    except (TypeError, ValueError):  # a slot wrapper of object, or C
        return [], []
    return names, needed


def made(cls):
    """(constructor's arguments) with which the class can be made."""
    names, needed = arguments(cls)
    small = dict((k, v) for k, v in SMALL.items() if k in names and k not in needed)
    if not needed:
        yield small
        for model in (tree(), tree(True)):
            if "estimator" in names:
                yield dict(small, estimator=model)
            elif "base_estimator" in names:
                yield dict(small, base_estimator=model)
        if "n_features" in small:  # it may mean those of the data
            yield dict(small, n_features=4)
        if small:
            yield {}
        return
    for values in inner():
        if set(needed) <= set(values):
            yield dict(small, **dict((k, values[k]) for k in needed))


def fitted(make, data):
    """The object as make makes it, fitted on the first of the data that it takes; and on which."""
    for d in data:
        model = make()
        try:
            model.fit(*d)
            return model, d
        except Exception:
            continue
    return None, None


def of_class(cls):
    name, complaints = cls.__name__, []
    estimator = hasattr(cls, "fit") and issubclass(cls, BaseEstimator)
    if not issubclass(cls, BaseEstimator):
        name = cls.__module__.replace("sklearn.", "").replace("._", ".") + "." + name
    ways, count, start = list(made(cls)), 0, time.time()
    if not ways:
        return ["%s: needs arguments" % name] if estimator else []
    for way in ways:
        fresh = lambda more={}: cls(**dict(way, **more))
        if not estimator:
            if not save(name, fresh):
                break
            continue
        if not way and count:
            continue
        signal.alarm(SECONDS)
        model, d = fitted(fresh, DATA)
        signal.alarm(0)
        if model is None:
            continue
        count += 1
        failure = save(name, lambda: model, ALL if count == 1 else LAST)
        if failure:
            complaints.append("%s: %s" % (name, failure))
            continue
        if count == 1:
            save(name + "-unfitted", fresh, LAST)
            for what, other in others(d):
                save("%s-%s" % (name, what), lambda: fresh().fit(*other), LAST)
            if hasattr(cls, "set_output"):
                save(name + "-set_output", lambda: fresh().set_output(transform="pandas").fit(*d), LAST)
            sample = lambda: fresh().set_fit_request(sample_weight=True).fit(*d)
            if hasattr(cls, "set_fit_request"):
                save(name + "-set_fit_request", lambda: routed(sample), LAST)
            for what, option in options(cls, arguments(cls)[0]):
                if time.time() - start > ENOUGH:
                    break
                save("%s-%s" % (name, what), lambda: fitted(lambda: fresh(option), [d])[0] or failed(), LAST)
    if estimator and not count:
        failure = save(name + "-unfitted", lambda: cls(**ways[0]))
        complaints.append("%s: none of the data suits it; %s" % (name, failure or "saved as made"))
    return complaints


def failed():
    raise ValueError("can't be fitted")


def routed(make):
    with sklearn.config_context(enable_metadata_routing=True):
        return make()


def others(d):
    """The same data in other forms."""
    rest = d[1:]
    if d[0] is X:
        yield "sparse", (scipy.sparse.csr_matrix(X),) + rest
        yield "csc", (scipy.sparse.csc_matrix(X),) + rest
        yield "float32", (X.astype(np.float32),) + rest
        yield "fortran", (np.asfortranarray(X),) + rest
        yield "missing", (MISSING,) + rest
        yield "lists", (X.tolist(),) + tuple(r.tolist() for r in rest)
        if pd is not None:
            yield "frame", (pd.DataFrame(X, columns=list("abcd")),) + tuple(pd.Series(r) if r.ndim == 1 else pd.DataFrame(r) for r in rest)
        if hasattr(scipy.sparse, "csr_array"):
            yield "csr_array", (scipy.sparse.csr_array(X),) + rest
    if rest and rest[0] is Y:
        forms = [("text", LABELS), ("objects", LABELS.astype(object)), ("bool", Y > 0), ("floats", Y.astype(float)), ("many", MANY),
                 ("sparse_y", scipy.sparse.csr_matrix(MANY))]
        for what, y in forms:
            yield "y_" + what, (d[0], y)
    if d[0] is NAMES and pd is not None:
        frame = pd.DataFrame(NAMES, columns=["a", "b"])
        yield "frame", (frame,) + rest
        yield "category", (frame.astype("category"),) + rest


# What is written around models

def composed():
    pipeline, union = maybe("sklearn.pipeline.Pipeline"), maybe("sklearn.pipeline.FeatureUnion")
    function = maybe("sklearn.preprocessing.FunctionTransformer")
    names = ("log1p expm1 sqrt abs absolute log log2 log10 exp square cbrt reciprocal negative sign sin cos tan tanh arcsinh sinh isnan "
             "isfinite nan_to_num asarray array ravel squeeze transpose cumsum diff clip around rint floor ceil maximum fix real cast "
             "atleast_2d ascontiguousarray float32 float64").split()
    for name in names:
        if hasattr(np, name):
            yield "FunctionTransformer-np." + name, lambda: function(getattr(np, name), validate=False)
    yield "FunctionTransformer-None", lambda: function(None, validate=False)
    yield "FunctionTransformer-inverse", lambda: function(np.log1p, inverse_func=np.expm1, validate=False).fit(X)
    yield "FunctionTransformer-kw_args", lambda: function(np.clip, kw_args={"a_min": 0, "a_max": 1}, validate=False)
    functions = ("scipy.special.expit scipy.special.logit scipy.special.boxcox1p scipy.stats.zscore scipy.sparse.csr_matrix "
                 "sklearn.preprocessing.normalize sklearn.preprocessing.scale")
    for name in functions.split():
        if maybe(name):
            yield "FunctionTransformer-" + name, lambda: function(maybe(name), validate=False)
    yield "odd_partial", lambda: function(functools.partial(np.clip, a_min=0, a_max=1), validate=False)
    yield "odd_itemgetter", lambda: function(operator.itemgetter(0), validate=False)
    yield "odd_attrgetter", lambda: function(operator.attrgetter("values"), validate=False)
    yield "odd_methodcaller", lambda: function(operator.methodcaller("toarray"), validate=False)
    yield "odd_bound_method", lambda: function(scaler().fit(X).transform, validate=False)
    for name in "len abs float int str sorted".split():
        yield "odd_builtin_" + name, lambda: function(eval(name), validate=False)
    text = "sklearn.feature_extraction.text."
    for name in ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer"):
        cls = maybe(text + name)
        small = {"n_features": 64} if name == "HashingVectorizer" else {}
        yield name + "-ngrams", lambda: cls(ngram_range=(1, 2), stop_words="english").fit(TEXTS)
        yield name + "-char_wb", lambda: cls(analyzer="char_wb", dtype=np.float32).fit(TEXTS)
        yield "odd_%s_str.split" % name, lambda: cls(tokenizer=type(u"").split).fit(TEXTS)
        yield "odd_%s_str.lower" % name, lambda: cls(preprocessor=type(u"").lower).fit(TEXTS)
        yield name + "-pipeline", lambda: pipeline([("text", cls(**small)), ("model", linear())]).fit(TEXTS, Y)
        if name != "HashingVectorizer":
            yield name + "-sets", lambda: cls(stop_words=set(["fox"]), vocabulary=set(["some", "words"])).fit(TEXTS)
            yield name + "-frozenset", lambda: cls(stop_words=frozenset(["fox"])).fit(TEXTS)
            yield name + "-min_df", lambda: cls(min_df=2, max_df=.9, max_features=5).fit(TEXTS)
    yield "Pipeline-deep", lambda: pipeline([("a", scaler()), ("b", union([("c", scaler()), ("d",
        maybe("sklearn.decomposition.PCA")(2))])), ("e", tree())]).fit(X, Y)
    yield "Pipeline-None", lambda: pipeline([("a", None), ("e", tree())]).fit(X, Y)
    yield "Pipeline-passthrough", lambda: pipeline([("a", "passthrough"), ("e", tree())]).fit(X, Y)
    yield "make_pipeline", lambda: maybe("sklearn.pipeline.make_pipeline")(scaler(), linear()).fit(X, Y)
    yield "Pipeline-cached", lambda: pipeline([("a", scaler()), ("e", tree())], memory=joblib.Memory(None, verbose=0)).fit(X, Y)
    yield "Pipeline-Memory", lambda: joblib.Memory("cache", verbose=0)
    columns = maybe("sklearn.compose.ColumnTransformer")
    if columns:
        which = [("list", [0, 2]), ("slice", slice(0, 2)), ("slice_step", slice(0, 4, 2)), ("mask", [True, False, True, False]),
                 ("mask_array", np.array([True, False, True, False])), ("array", np.array([0, 2])), ("tuple", (0, 1)), ("range",
                 list(range(2)))]
        for name, some in which:
            for rest in ("drop", "passthrough", scaler()):
                yield "ColumnTransformer-" + name, lambda: columns([("s", scaler(), some)], remainder=rest).fit(X)
        if pd is not None:
            frame = pd.DataFrame(X, columns=list("abcd"))
            mixed = frame.assign(e=LABELS)
            yield "ColumnTransformer-names", lambda: columns([("s", scaler(), ["a", "b"]), ("d", "drop", ["c"])]).fit(frame)
            yield "ColumnTransformer-slice_names", lambda: columns([("s", scaler(), slice("a", "c"))]).fit(frame)
            yield "ColumnTransformer-Index", lambda: columns([("s", scaler(), frame.columns[:2])]).fit(frame)
            one_hot = maybe("sklearn.preprocessing.OneHotEncoder")
            yield "ColumnTransformer-one_hot", lambda: columns([("s", scaler(), ["a", "b"]), ("o", one_hot(handle_unknown="ignore"),
                ["e"])]).fit(mixed)
            yield "ColumnTransformer-dtypes", lambda: columns([("s", scaler(), mixed.dtypes[mixed.dtypes != object].index)]).fit(mixed)
            selector = maybe("sklearn.compose.make_column_selector")
            if selector:
                kinds = [("number", dict(dtype_include=np.number)), ("object", dict(dtype_include=object)), ("exclude",
                    dict(dtype_exclude=[object, "category"])), ("pattern", dict(pattern="^a")),
                         ("text", dict(dtype_include=["float64", np.float32, float, int, bool]))]
                for name, how in kinds:
                    step = one_hot(handle_unknown="ignore") if name == "object" else scaler()
                    yield "ColumnTransformer-selector_" + name, lambda: columns([("s", step, selector(**how))]).fit(mixed)
            yield "Pipeline-set_output", lambda: pipeline([("a", columns([("s", scaler(), ["a"])])), ("m",
                tree())]).set_output(transform="pandas").fit(frame, Y)
            for dtype in ("category", "datetime64[ns]", "string"):
                typed = lambda: pd.DataFrame({"a": pd.Series(list(range(48))).astype(str if dtype == "string" else int).astype(dtype)})
                yield "ColumnTransformer-" + dtype, lambda: columns([("s", one_hot(), ["a"])]).fit(typed())
    yield "make_union", lambda: maybe("sklearn.pipeline.make_union")(scaler(), maybe("sklearn.decomposition.PCA")(1)).fit(X)
    frozen = maybe("sklearn.frozen.FrozenEstimator")
    if frozen:
        yield "FrozenEstimator", lambda: frozen(tree().fit(X, Y))
        yield "FrozenEstimator-calibrated", lambda: maybe("sklearn.calibration.CalibratedClassifierCV")(frozen(tree().fit(X, Y))).fit(X, Y)
    yield "Bunch", lambda: maybe("sklearn.datasets.load_iris")()


def searches():
    scorer, metrics = maybe("sklearn.metrics.make_scorer"), importlib.import_module("sklearn.metrics")
    where = "sklearn.model_selection." if maybe("sklearn.model_selection.GridSearchCV") else "sklearn.grid_search."
    grid, chance = maybe(where + "GridSearchCV"), maybe(where + "RandomizedSearchCV")
    yield "GridSearchCV-lists", lambda: grid(tree(), {"max_depth": [1, 2], "criterion": ["gini", "entropy"]}, cv=3).fit(X, Y)
    yield "GridSearchCV-array", lambda: grid(linear(), {"C": np.logspace(-1, 1, 3)}, cv=3).fit(X, Y)
    yield "GridSearchCV-several", lambda: grid(tree(), [{"max_depth": [1]}, {"min_samples_leaf": range(1, 3)}], cv=3).fit(X, Y)
    yield "GridSearchCV-multimetric", lambda: grid(tree(), {"max_depth": [1, 2]}, cv=3, scoring=["accuracy", "f1_macro"],
        refit="accuracy").fit(X, Y)
    yield "GridSearchCV-dict", lambda: grid(tree(), {"max_depth": [1, 2]}, cv=3, scoring={"a": scorer(metrics.accuracy_score)},
        refit="a").fit(X, Y)
    yield "GridSearchCV-None", lambda: grid(tree(), {"max_depth": [None, 2]}, cv=3).fit(X, Y)
    yield "GridSearchCV-models", lambda: grid(maybe("sklearn.pipeline.Pipeline")([("m", tree())]), {"m": [tree(), linear()]}, cv=3).fit(X,
        Y)
    yield "GridSearchCV-nan", lambda: grid(tree(), {"max_depth": [-1, 2]}, cv=3, error_score=np.nan).fit(X, Y)
    for name in ("KFold", "StratifiedKFold", "ShuffleSplit", "StratifiedShuffleSplit", "RepeatedKFold", "RepeatedStratifiedKFold",
        "TimeSeriesSplit", "LeaveOneOut"):
        cv = maybe("sklearn.model_selection." + name)
        if cv:
            yield "GridSearchCV-" + name, lambda: grid(tree(), {"max_depth": [1, 2]}, cv=cv()).fit(X, Y)
    for name in dir(metrics):
        if re.search("(_score|_error|_loss|_deviance|coef)$", name) and callable(getattr(metrics, name)):
            yield "make_scorer-" + name, lambda: scorer(getattr(metrics, name))
    yield "make_scorer-loss", lambda: grid(tree(True), {"max_depth": [1, 2]}, cv=3, scoring=scorer(metrics.mean_squared_error,
        greater_is_better=False)).fit(X, T)
    yield "make_scorer-arguments", lambda: grid(tree(), {"max_depth": [1, 2]}, cv=3, scoring=scorer(metrics.fbeta_score, beta=2,
        average="macro")).fit(X, Y)
    module = importlib.import_module("sklearn.metrics." + ("scorer" if RELEASE < (0, 22) else "_scorer"))
    for name in sorted(getattr(module, "_SCORERS", None) or module.SCORERS):
        yield "scorer-" + name, lambda: maybe("sklearn.metrics.get_scorer")(name)
    number = {"uniform": (1, 2), "loguniform": (1e-2, 1.), "reciprocal": (1e-2, 1.), "expon": (), "norm": (1, .1), "beta": (2, 2),
        "gamma": (1,), "lognorm": (1,), "truncnorm": (0, 1)}
    for name, given in sorted(number.items()):
        if hasattr(scipy.stats, name):
            yield "RandomizedSearchCV-" + name, lambda: chance(linear(), {"C": getattr(scipy.stats, name)(*given)}, n_iter=2, cv=3,
                random_state=0).fit(X, Y)
    for name, given in {"randint": (1, 5), "poisson": (3, 1), "binom": (3, .5, 1), "geom": (.5,)}.items():
        yield "RandomizedSearchCV-" + name, lambda: chance(tree(), {"max_depth": getattr(scipy.stats, name)(*given)}, n_iter=2, cv=3,
            random_state=np.random.RandomState(0)).fit(X, Y)
    if hasattr(np.random, "default_rng"):
        frozen = scipy.stats.randint(1, 5)
        frozen.random_state = np.random.default_rng(0)
        yield "RandomizedSearchCV-Generator", lambda: chance(tree(), {"max_depth": frozen}, n_iter=2, cv=3, random_state=0).fit(X, Y)
    for name in ("HalvingGridSearchCV", "HalvingRandomSearchCV"):
        cls = maybe("sklearn.model_selection." + name)
        if cls:
            yield name, lambda: cls(tree(), {"max_depth": [1, 2, 3]}, cv=3, random_state=0).fit(X, Y)
    yield "stats", lambda: [v for _, v in sorted(vars(scipy.stats).items()) if type(v).__name__.endswith("_gen") and pickled(v)]


def kernels():
    k = maybe("sklearn.gaussian_process.kernels.RBF") and importlib.import_module("sklearn.gaussian_process.kernels")
    if not k:
        return
    made = {"sum": k.RBF() + k.WhiteKernel(), "product": k.ConstantKernel() * k.Matern(), "power": k.RationalQuadratic() ** 2,
        "anisotropic": k.RBF([1., 2., 1., 1.]),
            "dot": k.DotProduct() + k.WhiteKernel(), "periodic": k.ExpSineSquared() + k.WhiteKernel(10.),
            "pairwise": k.PairwiseKernel(metric="rbf"), "compound": k.RBF(length_scale_bounds="fixed") * 2.}
    for name, kernel in sorted(made.items()):
        yield "kernel-" + name, lambda: kernel
        for cls in ("GaussianProcessClassifier", "GaussianProcessRegressor"):
            yield "%s-%s" % (cls, name), lambda: maybe("sklearn.gaussian_process." + cls)(kernel).fit(X,
                Y if cls.endswith("Classifier") else T)
    yield "GaussianProcessRegressor-normalized", lambda: maybe("sklearn.gaussian_process.GaussianProcessRegressor")(k.RBF(),
        normalize_y=True, n_restarts_optimizer=1, random_state=0).fit(X, T)


def neighbours():
    for name in ("KDTree", "BallTree"):
        cls = maybe("sklearn.neighbors." + name)
        yield name + "-moved", lambda: pickle.loads(pickle.dumps(cls(X)))
        for metric in ("euclidean", "manhattan", "chebyshev", "minkowski"):
            yield "%s-%s" % (name, metric), lambda: cls(X, leaf_size=5, metric=metric)
    yield "BallTree-haversine", lambda: maybe("sklearn.neighbors.BallTree")(X[:, :2], metric="haversine")
    distance = maybe("sklearn.metrics.DistanceMetric") or maybe("sklearn.neighbors.DistanceMetric")
    for name in "euclidean manhattan chebyshev haversine hamming canberra braycurtis matching jaccard dice".split():
        yield "DistanceMetric-" + name, lambda: distance.get_metric(name)
    yield "DistanceMetric-minkowski", lambda: distance.get_metric("minkowski", p=3)
    yield "DistanceMetric-seuclidean", lambda: distance.get_metric("seuclidean", V=np.ones(4))
    yield "cKDTree", lambda: scipy.spatial.cKDTree(X)
    yield "KNeighborsClassifier-V", lambda: maybe("sklearn.neighbors.KNeighborsClassifier")(metric="seuclidean",
        metric_params={"V": np.ones(4)}, algorithm="brute").fit(X, Y)


# Bare values

def values():
    forest = maybe("sklearn.ensemble.RandomForestClassifier")(3, max_depth=2, random_state=0).fit(X, Y)
    aware = datetime.datetime(2024, 2, 29, 12)
    if not PY2:
        aware = aware.replace(tzinfo=datetime.timezone.utc)
    metadata = collections.OrderedDict([
        ("model", forest), ("trained", datetime.datetime(2024, 2, 29, 12, 30, 1, 5)), ("aware", aware), ("day", datetime.date(2024, 2, 29)),
        ("hour", datetime.time(12, 30)), ("took", datetime.timedelta(days=1, seconds=2)), ("price", decimal.Decimal("1.50")), ("share",
        fractions.Fraction(1, 3)),
        ("id", uuid.UUID(int=12345)), ("classes", frozenset(["a", "b"])), ("used", set([1, 2])), ("counts", collections.Counter("hello")),
        ("recent", collections.deque([1, 2], 5)),
        ("complex", 1 + 2j), ("rows", slice(1, None, 2)), ("bytes", b"\x00\xff"), ("array", bytearray(b"abc")), ("many", 10 ** 30),
        ("range", range(3)), ("not", NotImplemented), ("dots", Ellipsis),
        ("types", [int, float, str, bool, object, dict, list, np.float32, np.ndarray] + ([] if PY2 else [type(None)])), ("text",
        u"\u00e9\u4e00\U0001f600"), ("nan", float("nan")), ("inf", float("-inf"))])
    for key, kind in ("list", list), ("int", int), ("dict", dict), ("float", float), ("set", set), ("none", None):
        metadata["default_" + key] = collections.defaultdict(kind, {} if kind is None else {"a": kind()})
    if not PY2:
        import pathlib
        metadata.update(path=pathlib.Path("models/a.pkl"), pure=pathlib.PurePosixPath("a/b"), windows=pathlib.PureWindowsPath("c:/a"),
                        offset=datetime.timezone(datetime.timedelta(hours=1), "CET"))
        import types
        metadata["namespace"] = types.SimpleNamespace(a=1)
    if not PY2 and sys.version_info >= (3, 9):
        import zoneinfo
        metadata["zone"] = zoneinfo.ZoneInfo("UTC")
    for key in sorted(metadata):
        yield "value-" + key, lambda: metadata[key]
        yield "with-" + key, lambda: {"model": tree().fit(X, Y), key: metadata[key]}
    whole = lambda: dict((k, v) for k, v in metadata.items() if k not in (("not", "dots") if PY2 else ()))
    yield "with-all", whole
    yield "ordered", lambda: collections.OrderedDict(sorted(whole().items()))
    yield "list-models", lambda: [tree().fit(X, Y), linear().fit(X, Y)]
    yield "tuple-models", lambda: (scaler().fit(X), linear().fit(X, Y), ["a", "b"], {"auc": np.float64(.5)})
    yield "nested", lambda: {"models": {"a": [tree().fit(X, Y)], "b": (linear().fit(X, Y),)}, "metrics": {"accuracy": .5,
        "confusion": np.eye(3)}}


def numbers():
    for code in "? b B h H i I l L q Q e f d g F D G".split():
        a = np.zeros(3, dtype=code)
        yield "scalar-" + a.dtype.name, lambda: a[0]
        yield "array-" + a.dtype.name, lambda: a
        yield "array-swapped-" + a.dtype.name, lambda: a.astype(a.dtype.newbyteorder())
        yield "dtype-" + a.dtype.name, lambda: a.dtype
        yield "type-" + a.dtype.name, lambda: a.dtype.type
        yield "empty-" + a.dtype.name, lambda: a[:0]
    for code in "S5 U5 V4 M8[D] M8[ns] M8[us] m8[s] m8[ns] O".split():
        a = np.zeros(3, dtype=code)
        yield "scalar-" + code, lambda: a[0]
        yield "array-" + code, lambda: a
        yield "dtype-" + code, lambda: a.dtype
    fields = [("a", "<f8"), ("b", "i4", (2,)), ("c", "O"), ("d", "S3")]
    yield "array-structured", lambda: np.zeros(3, dtype=fields)
    yield "array-structured_plain", lambda: np.zeros(3, dtype=fields[:2])
    yield "array-titles", lambda: np.zeros(3, dtype=[(("title", "a"), "f8")])
    yield "array-aligned", lambda: np.zeros(3, dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True))
    yield "array-structured_scalar", lambda: np.zeros(3, dtype=fields)[0]
    yield "array-records", lambda: np.rec.array([(1, 2.)], dtype=[("a", "i4"), ("b", "f8")])
    yield "array-object", lambda: np.array([1, "a", None, [1], np.float32(1)], dtype=object)
    yield "array-object_square", lambda: np.array([[1, "a"], [None, 2.]], dtype=object)
    yield "array-object_0d", lambda: np.array({"a": 1}, dtype=object)
    yield "array-0d", lambda: np.array(1.5)
    yield "array-masked", lambda: np.ma.array([1., 2.], mask=[True, False])
    yield "array-masked_object", lambda: np.ma.array([1, "a"], mask=[True, False], dtype=object)
    yield "array-masked_constant", lambda: np.ma.masked
    yield "array-matrix", lambda: np.matrix([[1., 2.], [3., 4.]])
    yield "array-fortran", lambda: np.asfortranarray(X)
    yield "array-view", lambda: X[::2, ::-1]
    yield "array-broadcast", lambda: np.broadcast_to(np.ones(3), (2, 3))
    yield "array-chararray", lambda: np.char.array(["a", "bc"])
    yield "array-shared", lambda: [X, X, X.T]
    yield "array-negative_zero", lambda: np.array([-0., np.nan, np.inf, 1e-320])
    if not PY2 and hasattr(np, "dtypes") and hasattr(np.dtypes, "StringDType"):
        yield "array-StringDType", lambda: np.array(["a", "bc"], dtype=np.dtypes.StringDType())
    yield "poly1d", lambda: np.poly1d([1, 2])
    if maybe("numpy.polynomial.Polynomial"):
        yield "Polynomial", lambda: np.polynomial.Polynomial([1, 2])
    yield "finfo", lambda: {"eps": np.finfo(float).eps, "newaxis": np.newaxis, "pi": np.pi}
    yield "random-RandomState", lambda: np.random.RandomState(0)
    yield "random-mtrand", lambda: np.random.mtrand._rand
    for name in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"):
        if hasattr(np.random, name):
            yield "random-" + name, lambda: np.random.Generator(getattr(np.random, name)(0))
            yield "random-bits-" + name, lambda: getattr(np.random, name)(0)
            yield "random-state-" + name, lambda: np.random.RandomState(getattr(np.random, name)(0))
    if hasattr(np.random, "SeedSequence"):
        yield "random-SeedSequence", lambda: np.random.SeedSequence(1)
    for format in "csr csc coo lil dok dia bsr".split():
        for kind in ("_matrix", "_array"):
            if hasattr(scipy.sparse, format + kind):
                yield "sparse-" + format + kind, lambda: getattr(scipy.sparse, format + kind)(np.eye(4))
                yield "sparse-empty-" + format + kind, lambda: getattr(scipy.sparse, format + kind)((3, 4), dtype=np.float32)
    for name in ("interp1d", "UnivariateSpline", "CubicSpline", "BSpline", "PchipInterpolator"):
        cls = maybe("scipy.interpolate." + name)
        if cls:
            given = (np.arange(8.), np.ones(4), 3) if name == "BSpline" else (np.arange(6.), np.arange(6.) ** 2)
            yield "interpolate-" + name, lambda: cls(*given)


# Boosters

def boosters():
    for find in xgboosts, lightgbms, catboosts:
        try:
            for item in find():
                yield item
        except ImportError:
            pass


GROUPS = [16, 32]


def xgboosts():
    import xgboost
    for name in "XGBClassifier XGBRegressor XGBRFClassifier XGBRFRegressor XGBRanker".split():
        cls = getattr(xgboost, name)
        fit = lambda data=X, **more: cls(**dict({"n_estimators": 3, "max_depth": 2}, **more)).fit(
            data, Y if "Reg" not in name else T, **({"group": GROUPS} if "Rank" in name else {}))
        yield name, fit
        yield name + "-unfitted", cls
        more = {"booster=gblinear": dict(booster="gblinear"), "booster=dart": dict(booster="dart"),
            "random_state": dict(random_state=np.random.RandomState(0)), "int": dict(random_state=1, n_jobs=1),
                "monotone": dict(monotone_constraints=(1, 0, 0, -1)), "missing": dict(missing=-1),
                "metrics": dict(eval_metric=["rmse", "mae"]), "kwargs": dict(verbosity=0, nthread=1), "hist": dict(tree_method="hist"),
                "importance": dict(importance_type="gain")}
        for key in sorted(more):
            if "RF" not in name or key not in ("booster=gblinear",):
                yield name + "-" + key, lambda: fit(**more[key])
        if pd is not None:
            yield name + "-frame", lambda: fit(pd.DataFrame(X, columns=list("abcd")))
            yield name + "-category", lambda: fit(pd.DataFrame({"a": pd.Series(LABELS).astype("category"), "b": T}),
                enable_categorical=True, tree_method="hist")
        if "R" not in name.replace("XGBR", "R") or name == "XGBClassifier":
            stop = xgboost.callback.EarlyStopping(rounds=2)
            yield name + "-early_stopping", lambda: cls(n_estimators=5, early_stopping_rounds=2).fit(X, Y, eval_set=[(X, Y)], verbose=False)
            yield name + "-callbacks", lambda: cls(n_estimators=5, callbacks=[stop]).fit(X, Y, eval_set=[(X, Y)], verbose=False)
    yield "XGBRegressor-early_stopping", lambda: xgboost.XGBRegressor(n_estimators=5, early_stopping_rounds=2).fit(X, T, eval_set=[(X,
        T)], verbose=False)
    objectives = ("binary:hinge binary:logitraw multi:softmax reg:gamma reg:tweedie count:poisson survival:cox reg:absoluteerror "
                  "reg:pseudohubererror reg:squaredlogerror")
    for name in objectives.split():
        yield "XGBModel-" + name, lambda: xgboost.XGBModel(objective=name, n_estimators=2,
            **({"num_class": 3} if "multi" in name else {})).fit(
            X, Y if "multi" in name else 1 + Y if ":gamma" in name else Y > 0)
    yield "Booster", lambda: xgboost.train({"max_depth": 2}, xgboost.DMatrix(X, T), 3)
    yield "XGB-Pipeline", lambda: maybe("sklearn.pipeline.make_pipeline")(scaler(), xgboost.XGBClassifier(n_estimators=2)).fit(X, Y)
    yield "XGB-CalibratedClassifierCV", lambda: maybe("sklearn.calibration.CalibratedClassifierCV")(xgboost.XGBClassifier(n_estimators=2),
        cv=3).fit(X, Y)


def lightgbms():
    import lightgbm
    small = dict(n_estimators=3, min_child_samples=2, num_leaves=4, n_jobs=1, verbose=-1)
    for name in "LGBMClassifier LGBMRegressor LGBMRanker LGBMModel".split():
        cls = getattr(lightgbm, name)
        target = T if "Reg" in name else Y
        start = dict(small, objective="regression") if name == "LGBMModel" else small
        rank = {"group": GROUPS} if "Rank" in name else {}
        watched = dict(rank, eval_set=[(X, target)], **({"eval_group": [GROUPS]} if rank else {}))
        fit = lambda data=X, given=rank, **more: cls(**dict(start, **more)).fit(data, target, **given)
        yield name, fit
        yield name + "-unfitted", cls
        yield name + "-watched", lambda: fit(given=watched)
        yield name + "-stopped", lambda: fit(given=dict(watched, callbacks=[lightgbm.early_stopping(2, verbose=False)]))
        for key in ("dart", "rf", "goss"):
            yield name + "-" + key, lambda: fit(boosting_type=key, subsample=.5,
                subsample_freq=1) if key == "rf" else fit(boosting_type=key)
        yield name + "-random_state", lambda: fit(random_state=np.random.RandomState(0))
        yield name + "-kwargs", lambda: fit(metric=["l2", "l1"], monotone_constraints=[1, 0, 0, 0], linear_tree=False)
        yield name + "-sparse", lambda: fit(scipy.sparse.csr_matrix(X))
        if pd is not None:
            yield name + "-frame", lambda: fit(pd.DataFrame(X, columns=list("abcd")))
            yield name + "-category", lambda: fit(pd.DataFrame({"a": pd.Series(LABELS).astype("category"), "b": T}))
    yield "LGBMClassifier-text", lambda: lightgbm.LGBMClassifier(class_weight="balanced", **small).fit(X, LABELS)
    yield "LGBM-Booster", lambda: lightgbm.train({"verbose": -1, "min_data_in_leaf": 2}, lightgbm.Dataset(X, T), 3)
    yield "LGBM-cv", lambda: lightgbm.cv({"verbose": -1, "min_data_in_leaf": 2}, lightgbm.Dataset(X, T), 3, nfold=2, stratified=False)
    yield "LGBM-Pipeline", lambda: maybe("sklearn.pipeline.make_pipeline")(scaler(), lightgbm.LGBMClassifier(**small)).fit(X, Y)


def catboosts():
    import catboost
    small = dict(iterations=3, depth=2, verbose=False, allow_writing_files=False, thread_count=1)
    for name in "CatBoostClassifier CatBoostRegressor CatBoostRanker CatBoost".split():
        cls = getattr(catboost, name)
        rank = {"group_id": [0] * 16 + [1] * 32} if "Rank" in name else {}
        target = Y if "Class" in name else T
        fit = lambda data=X, given=rank, **more: cls(dict(small, **more)).fit(data, target, **given) if name == "CatBoost" else \
            cls(**dict(small, **more)).fit(data, target, **given)
        yield name, fit
        yield name + "-unfitted", cls
        yield name + "-seed", lambda: fit(random_seed=3)
        yield name + "-watched", lambda: fit(given=dict(rank, eval_set=catboost.Pool(X, target, **rank)))
        if pd is not None:
            yield name + "-category", lambda: fit(pd.DataFrame({"a": LABELS, "b": T}), dict(rank, cat_features=["a"]))
    yield "CatBoostClassifier-text", lambda: catboost.CatBoostClassifier(**small).fit(X, LABELS)
    yield "CatBoost-Pipeline", lambda: maybe("sklearn.pipeline.make_pipeline")(scaler(), catboost.CatBoostClassifier(**small)).fit(X, Y)


RELEASE = tuple(int(p) for p in re.findall(r"\d+", sklearn.__version__)[:2])
GROUPED = [composed, searches, kernels, neighbours, values, numbers, boosters]


def group(make):
    lines = []
    for name, one in make():
        failure = save(name, one)
        if failure:
            lines.append("%s: %s" % (name, failure))
    return lines


def main(out):
    if not os.path.isdir(out):
        os.makedirs(out)
    os.chdir(out)
    lines = []
    for cls in classes():
        lines += apart(cls.__name__, functools.partial(of_class, cls))
    for make in GROUPED:
        lines += apart(make.__name__, functools.partial(group, make))
    print("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1])
