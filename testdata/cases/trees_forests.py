# -*- coding: utf-8 -*-
"""Trees and forests. These are saved by joblib as well, and asked with more rows than the others."""
import functools

import numpy as np
from sklearn.ensemble import (ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier,
                              RandomForestRegressor)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from .data import CASES, RELEASE, small, tree
from .data import case as any_case

case = functools.partial(any_case, formats=("pickle", "joblib"), rows=80, plain=12, near=18)

# Forests


@case()
def rf_clf(d):
    return RandomForestClassifier(**small()).fit(d.X, d.words)


@case()
def rf_clf_binary(d):
    return RandomForestClassifier(**small()).fit(d.X, d.b)


@case()
def rf_clf_two_texts(d):
    return RandomForestClassifier(**small()).fit(d.X, np.where(d.b == 1, "yes", "no"))


@case()
def rf_clf_two_gapped(d):
    return RandomForestClassifier(**small()).fit(d.X, np.where(d.b == 1, 7, 3))


@case()
def rf_reg(d):
    return RandomForestRegressor(**small()).fit(d.X, d.t)


@case()
def rf_reg_multioutput(d):
    return RandomForestRegressor(**small()).fit(d.X, np.column_stack([d.t, d.t ** 2, -d.X[:, 0]]))


@case()
def et_clf(d):
    return ExtraTreesClassifier(**small()).fit(d.X, d.words)


@case()
def et_reg(d):
    return ExtraTreesRegressor(**small()).fit(d.X, d.t)


@case(notes=["two outputs with 3 and 2 classes"])
def rf_clf_multioutput(d):
    return RandomForestClassifier(**small()).fit(d.X, np.column_stack([d.y, d.b * 10]))


@case(notes=["three outputs of 0 and 1"])
def rf_clf_multilabel(d):
    return RandomForestClassifier(**small()).fit(d.X, np.column_stack([d.y == 0, d.y == 1, d.X[:, 1] > 0]).astype(int))


@case()
def rf_clf_oob(d):
    return RandomForestClassifier(**small(oob_score=True, n_estimators=5)).fit(d.X, d.y)


@case(notes=["random_state is a RandomState object"])
def rf_clf_random_state(d):
    return RandomForestClassifier(**small(random_state=np.random.RandomState(5))).fit(d.X, d.y)


@case(notes=["fitted twice, with warm_start"])
def rf_clf_warm_start(d):
    m = RandomForestClassifier(**small(warm_start=True)).fit(d.X, d.y)
    return m.set_params(n_estimators=5).fit(d.X, d.y)


@case()
def rf_clf_best_first(d):
    return RandomForestClassifier(**small(max_depth=None, max_leaf_nodes=6)).fit(d.X, d.y)


@case(notes=["17 classes with uneven weights: numpy adds rows of more than 8 pairwise"])
def rf_clf_many_classes(d):
    y = (np.arange(d.rows) % 17) * 3
    return RandomForestClassifier(**small(max_depth=4)).fit(d.X, y, sample_weight=d.w)


@case()
def rf_clf_class_weight(d):
    return RandomForestClassifier(**small(class_weight="balanced")).fit(d.X, d.words)


@case()
def rf_clf_class_weight_subsample(d):
    return RandomForestClassifier(**small(class_weight="balanced_subsample")).fit(d.X, d.y)


@case(notes=["fitted on a DataFrame"], columns=[u"größe", u"a<b & \"c\"", u"with space", u"x'y>\u4e2d"])
def rf_clf_df(d):
    import pandas as pd
    return RandomForestClassifier(**small()).fit(pd.DataFrame(d.X, columns=CASE_COLUMNS["rf_clf_df"]), d.words)


@case(notes=["fitted on a DataFrame"], columns=["a", "b", "c", "d"])
def rf_reg_df(d):
    import pandas as pd
    return RandomForestRegressor(**small()).fit(pd.DataFrame(d.X, columns=CASE_COLUMNS["rf_reg_df"]), d.t)


@case(since=(1, 4), notes=["fitted with NaN"])
def rf_clf_nan(d):
    return RandomForestClassifier(**small()).fit(d.with_nan(), d.words)


@case(since=(1, 4), notes=["fitted with NaN"])
def rf_reg_nan(d):
    return RandomForestRegressor(**small()).fit(d.with_nan(), d.t)


@case(since=(1, 6), notes=["fitted with NaN"])
def et_clf_nan(d):
    return ExtraTreesClassifier(**small()).fit(d.with_nan(), d.words)


@case(since=(1, 4))
def rf_clf_monotonic(d):
    return RandomForestClassifier(**small(monotonic_cst=[1, 0, -1, 0])).fit(d.X, d.b)


# Labels of other kinds


@case()
def rf_clf_bool(d):
    return RandomForestClassifier(**small()).fit(d.X, d.b == 1)


@case()
def rf_clf_float_labels(d):
    return RandomForestClassifier(**small()).fit(d.X, np.array([-1.0, 0.0, 2.0])[d.y])


@case(notes=["labels of dtype S"])
def rf_clf_bytes(d):
    return RandomForestClassifier(**small()).fit(d.X, np.array([b"x", b"yy", b"zzz"])[d.y])


@case(notes=["labels of dtype U"])
def rf_clf_unicode(d):
    return RandomForestClassifier(**small()).fit(d.X, np.array([u"\u00e9", u"\u4e2d\u6587", u"\U0001f333<&>"])[d.y])


@case(notes=["labels of dtype object, not ASCII"])
def rf_clf_unicode_object(d):
    names = np.array([u"na\u00efve", u"\u0394", u"plain"], dtype=object)
    return RandomForestClassifier(**small()).fit(d.X, names[d.y])


@case(notes=["labels -7, 0, 40 of dtype int32"])
def rf_clf_int32(d):
    return RandomForestClassifier(**small()).fit(d.X, np.array([-7, 0, 40], dtype=np.int32)[d.y])


@case()
def rf_clf_uint8(d):
    return RandomForestClassifier(**small()).fit(d.X, np.array([3, 100, 255], dtype=np.uint8)[d.y])


@case()
def rf_clf_single_class(d):
    return RandomForestClassifier(**small()).fit(d.X, np.array(["only"] * d.rows, dtype=object))


# Single trees


@case()
def dt_clf(d):
    return DecisionTreeClassifier(**tree()).fit(d.X, d.words)


@case()
def dt_reg(d):
    return DecisionTreeRegressor(**tree()).fit(d.X, d.t)


@case()
def dt_reg_multioutput(d):
    return DecisionTreeRegressor(**tree()).fit(d.X, np.column_stack([d.t, d.X[:, 0]]))


@case(notes=["two outputs with 2 and 3 classes"])
def dt_clf_multioutput(d):
    return DecisionTreeClassifier(**tree()).fit(d.X, np.column_stack([d.b - 1, d.y]))


@case(since=(0, 21), notes=["two outputs with 3 and 2 classes, text"])
def dt_clf_multioutput_str(d):  # earlier releases raise an error in predict
    second = np.array(["no", "yes"], dtype=object)[d.b]
    return DecisionTreeClassifier(**tree()).fit(d.X, np.column_stack([d.words, second]))


@case()
def extra_tree_clf(d):
    return ExtraTreeClassifier(**tree()).fit(d.X, d.words)


@case()
def extra_tree_reg(d):
    return ExtraTreeRegressor(**tree()).fit(d.X, d.t)


@case()
def dt_clf_single_leaf(d):
    X = np.zeros_like(d.X)
    return DecisionTreeClassifier(**tree()).fit(X, d.words)


@case()
def dt_reg_single_leaf(d):
    return DecisionTreeRegressor(**tree()).fit(d.X, np.ones(d.rows))


@case()
def dt_clf_single_class(d):
    return DecisionTreeClassifier(**tree()).fit(d.X, np.ones(d.rows, dtype=int))


@case()
def dt_clf_class_weight(d):
    weights = {"setosa": 0.3, "versicolor": 7.7, "virginica": 1.1}
    return DecisionTreeClassifier(**tree(class_weight=weights)).fit(d.X, d.words)


@case()
def dt_clf_sample_weight(d):
    return DecisionTreeClassifier(**tree()).fit(d.X, d.y, sample_weight=d.w)


@case()
def dt_reg_sample_weight(d):
    return DecisionTreeRegressor(**tree()).fit(d.X, d.t, sample_weight=d.w)


@case()
def dt_clf_entropy(d):
    return DecisionTreeClassifier(**tree(criterion="entropy")).fit(d.X, d.y)


@case(since=(1, 1))
def dt_clf_log_loss(d):
    return DecisionTreeClassifier(**tree(criterion="log_loss")).fit(d.X, d.y)


@case(since=(0, 18))
def dt_reg_absolute_error(d):
    criterion = "absolute_error" if RELEASE >= (1, 0) else "mae"
    return DecisionTreeRegressor(**tree(criterion=criterion)).fit(d.X, d.t)


@case()
def dt_reg_friedman(d):
    return DecisionTreeRegressor(**tree(criterion="friedman_mse")).fit(d.X, d.t)


@case(since=(0, 24))
def dt_reg_poisson(d):
    return DecisionTreeRegressor(**tree(criterion="poisson")).fit(d.X, d.t - d.t.min())


@case()
def dt_clf_best_first(d):
    return DecisionTreeClassifier(**tree(max_depth=None, max_leaf_nodes=7)).fit(d.X, d.y)


@case()
def dt_clf_random_splitter(d):
    return DecisionTreeClassifier(**tree(splitter="random")).fit(d.X, d.y)


@case(since=(0, 22))
def dt_clf_ccp(d):
    return DecisionTreeClassifier(**tree(max_depth=None, ccp_alpha=0.02)).fit(d.X, d.y)


@case(since=(1, 4))
def dt_reg_monotonic(d):
    return DecisionTreeRegressor(**tree(monotonic_cst=[1, 0, -1, 0])).fit(d.X, d.t)


@case(since=(1, 3), notes=["fitted with NaN"])
def dt_clf_nan(d):
    return DecisionTreeClassifier(**tree()).fit(d.with_nan(), d.words)


@case(since=(1, 3), notes=["fitted with NaN"])
def dt_reg_nan(d):
    return DecisionTreeRegressor(**tree()).fit(d.with_nan(), d.t)


@case(since=(1, 3), notes=["a threshold of +infinity: has a value, or has none"])
def dt_clf_nan_informative(d):
    return DecisionTreeClassifier(**tree()).fit(d.with_nan(informative=True), d.y)


@case(notes=["a chain 200 deep: the classes alternate, so each best split cuts off one row"], formats=("joblib",))
def dt_clf_chain(d):
    d.X = steps(200)
    return chain(DecisionTreeClassifier, d.X)


def steps(n):
    return np.arange(n + 1.0).reshape(-1, 1)


def chain(kind, X):
    m = kind(random_state=0).fit(X, np.arange(len(X)) % 2)
    assert m.tree_.max_depth == len(X) - 1, m.tree_.max_depth
    return m


CASE_COLUMNS = dict((c["name"], c["columns"]) for c in CASES)
