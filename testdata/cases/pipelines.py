"""Pipelines that leave columns out, apply functions, and put steps together."""
import numpy as np
from sklearn import preprocessing as pre
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, RandomForestRegressor
from sklearn.feature_selection import (SelectFromModel, SelectKBest, SelectPercentile, VarianceThreshold, f_classif,
                                       f_regression)
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .data import RELEASE, case, small, stages, tree
from .preprocessing import classes, numbers

# Fewer columns


@case()
def pipe_pca(d):
    return classes(d, pre.StandardScaler(), PCA(n_components=2))


@case()
def pipe_pca_whiten(d):
    return numbers(d, PCA(n_components=3, whiten=True))


@case()
def pipe_svd(d):
    return classes(d, TruncatedSVD(n_components=2, random_state=0))


@case()
def pipe_kbest(d):
    return classes(d, SelectKBest(f_classif, k=2))


@case(since=(0, 19))
def pipe_percentile(d):  # gradient boosting of earlier releases refuses the order of the selected columns: not C-contiguous
    return numbers(d, SelectPercentile(f_regression, percentile=60))


@case()
def pipe_variance(d):
    d.X[:, 1] = 0.5
    return classes(d, VarianceThreshold(0.1))


@case()
def pipe_select_from_model(d):
    return classes(d, SelectFromModel(ExtraTreesClassifier(**small()), threshold="mean"))


@case(since=(0, 20))
def pipe_select_from_model_most(d):
    return numbers(d, SelectFromModel(DecisionTreeRegressor(**tree()), threshold=-np.inf, max_features=2))


@case(since=(1, 1), notes=["the selection holds a model that was fitted before"])
def pipe_select_prefit(d):  # earlier its fit fails: NotFittedError, "Since 'prefit=True', call transform directly"
    return classes(d, SelectFromModel(ExtraTreesClassifier(**small()).fit(d.X, d.words), prefit=True, threshold="median"))


# Functions


def function(f, **more):
    """FunctionTransformer validated its input until 0.21."""
    return pre.FunctionTransformer(f, **dict(dict(validate=True), **more))


@case()
def pipe_function_none(d):
    return classes(d, function(None))


@case()
def pipe_function_log1p(d):
    d.X = np.abs(d.X)
    return classes(d, function(np.log1p))


@case()
def pipe_function_sqrt(d):
    d.X = np.abs(d.X)
    return numbers(d, function(np.sqrt))


@case()
def pipe_function_abs(d):
    return classes(d, function(np.abs))


@case()
def pipe_function_square(d):
    return classes(d, function(np.square))


@case()
def pipe_function_expm1(d):
    d.X /= [1, 1, 1, 1e5]
    return classes(d, function(np.expm1, validate=False))


@case(notes=["a function of scikit-learn"])
def pipe_function_minmax(d):
    return classes(d, function(np.sign))


# Pipelines and unions


@case()
def pipe_union(d):
    parts = [("scaled", pre.StandardScaler()), ("pca", PCA(n_components=2)), ("best", SelectKBest(f_classif, k=1))]
    return classes(d, FeatureUnion(parts))


@case()
def pipe_union_weights(d):
    parts = [("scaled", pre.StandardScaler()), ("best", SelectKBest(f_classif, k=2))]
    return classes(d, FeatureUnion(parts, transformer_weights={"scaled": 0.3, "best": 10}))


@case(since=(0, 18))
def pipe_union_drop(d):
    parts = [("scaled", pre.StandardScaler()), ("range", pre.MinMaxScaler()), ("abs", pre.MaxAbsScaler())]
    return classes(d, FeatureUnion(parts).set_params(range="drop" if RELEASE >= (0, 20) else None))


@case(since=(1, 1))
def pipe_union_passthrough(d):
    return classes(d, FeatureUnion([("all", "passthrough"), ("range", pre.MinMaxScaler())]))


@case(since=(0, 21))
def pipe_passthrough(d):
    return Pipeline([("nothing", "passthrough"), ("scale", pre.StandardScaler()),
                     ("gb", GradientBoostingClassifier(**stages()))]).fit(d.X, d.words)


@case(until=(1, 2))
def pipe_none(d):
    m = Pipeline([("scale", pre.StandardScaler()), ("range", pre.MinMaxScaler()),
                  ("dt", DecisionTreeClassifier(**tree(max_depth=3)))])
    return m.set_params(range=None).fit(d.X, d.words)


@case()
def pipe_nested(d):
    inner = make_pipeline(pre.MinMaxScaler(), pre.StandardScaler())
    outer = make_pipeline(inner, GradientBoostingClassifier(**stages()))
    return make_pipeline(pre.RobustScaler(), outer).fit(d.X, d.words)


@case(notes=["ends in a transformer"])
def pipe_transformer(d):
    return make_pipeline(pre.StandardScaler(), pre.MinMaxScaler()).fit(d.X)


@case(notes=["two outputs"])
def pipe_multioutput(d):
    return make_pipeline(pre.MinMaxScaler(), RandomForestRegressor(**small())).fit(d.X, d.targets)
