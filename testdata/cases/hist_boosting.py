"""Histogram gradient boosting: from 0.21, and until 0.24 an experiment that has to be enabled."""
import numpy as np

from .data import RELEASE, case

if RELEASE >= (0, 21):
    if RELEASE < (1, 0):
        from sklearn.experimental import enable_hist_gradient_boosting  # noqa: F401
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

NAN = (0, 22)     # earlier refuses NaN
SETS = (0, 24)    # categories
FRAMES = (1, 2)   # categories by name
DTYPES = (1, 4)   # categories by dtype, and of text
COLUMNS = ["a", "b", "c", "d"]


def stages(**more):
    return dict(dict(max_iter=4, max_leaf_nodes=6, min_samples_leaf=5, max_bins=32, random_state=1), **more)


def classes(**more):
    return HistGradientBoostingClassifier(**stages(**more))


def numbers(**more):
    return HistGradientBoostingRegressor(**stages(**more))


@case(since=(0, 21), formats=("pickle", "joblib"))
def hgb_clf_binary(d):
    return classes().fit(d.X, d.b)


@case(since=(0, 21))
def hgb_clf_binary_text(d):
    return classes().fit(d.X, d.yes)


@case(since=(0, 21))
def hgb_clf_multi(d):
    return classes().fit(d.X, d.y * 5 - 3)


@case(since=(0, 21))
def hgb_clf_multi_text(d):
    return classes().fit(d.X, d.words)


@case(since=NAN)
def hgb_clf_nan(d):
    return classes().fit(d.with_nan(), d.words)


@case(since=NAN, notes=["a threshold of +infinity: has a value, or has none"])
def hgb_clf_nan_informative(d):
    return classes().fit(d.with_nan(informative=True), d.y)


@case(since=(0, 21))
def hgb_clf_early_stopping(d):
    old = dict(n_iter_no_change=2) if RELEASE < (0, 23) else dict(early_stopping=True, n_iter_no_change=2)
    m = classes(max_iter=30, learning_rate=0.9, validation_fraction=0.3, **old).fit(d.X, d.words)
    assert m.n_iter_ < 30
    return m


@case(since=(0, 23))
def hgb_clf_monotonic(d):
    return classes(monotonic_cst=[1, 0, -1, 0]).fit(d.X, d.b)


@case(since=(1, 2))
def hgb_clf_class_weight(d):
    return classes(class_weight="balanced").fit(d.X, d.words)


@case(since=(0, 21), notes=["every tree is a single leaf"])
def hgb_clf_single_leaf(d):
    return classes(min_samples_leaf=59).fit(d.X, d.words)


@case(since=(0, 21), notes=["raw is 0: a tie"])
def hgb_clf_tie(d):
    return classes(min_samples_leaf=59).fit(d.X, np.arange(60) % 2)


@case(since=(0, 23))
def hgb_clf_sample_weight(d):
    return classes().fit(d.X, d.b, sample_weight=d.w)


@case(since=(0, 21), notes=["fitted twice, with warm_start"])
def hgb_clf_warm_start(d):
    if RELEASE < (0, 22):  # 0.21 has no warm_start
        return classes(max_iter=6).fit(d.X, d.b)
    return classes(warm_start=True).fit(d.X, d.b).set_params(max_iter=6).fit(d.X, d.b)


@case(since=(0, 21), formats=("pickle", "joblib"))
def hgb_reg(d):
    return numbers().fit(d.X, d.t)


@case(since=(0, 23))
def hgb_reg_absolute_error(d):
    loss = "absolute_error" if RELEASE >= (1, 0) else "least_absolute_deviation"
    return numbers(loss=loss).fit(d.X, d.t)


@case(since=(0, 23))
def hgb_reg_poisson(d):
    return numbers(loss="poisson").fit(d.X, d.positive)


@case(since=(1, 3))
def hgb_reg_gamma(d):
    return numbers(loss="gamma").fit(d.X, d.positive)


@case(since=(1, 1))
def hgb_reg_quantile(d):
    return numbers(loss="quantile", quantile=0.7).fit(d.X, d.t)


@case(since=NAN)
def hgb_reg_nan(d):
    return numbers().fit(d.with_nan(), d.t)


@case(since=(0, 23))
def hgb_reg_monotonic(d):
    return numbers(monotonic_cst=[1, 0, -1, 0]).fit(d.X, d.t)


@case(since=(1, 2), columns=COLUMNS, notes=["fitted on a DataFrame"])
def hgb_reg_monotonic_names(d):
    import pandas as pd
    return numbers(monotonic_cst={"a": 1, "c": -1}).fit(pd.DataFrame(d.X, columns=COLUMNS), d.t)


@case(since=(1, 2))
def hgb_reg_interaction(d):
    return numbers(interaction_cst=[{0, 2}, {1, 3}]).fit(d.X, d.t)


@case(since=(1, 4))
def hgb_reg_max_features(d):
    return numbers(max_features=0.5).fit(d.X, d.t)


@case(since=(0, 21))
def hgb_reg_single_leaf(d):
    return numbers(min_samples_leaf=59).fit(d.X, d.t)


# Categories


@case(since=SETS, notes=["columns 0 and 2 are categorical; rows with unknown categories"])
def hgb_clf_cat(d):
    return classes(categorical_features=[0, 2]).fit(d.with_codes(), d.b)


@case(since=SETS, notes=["columns 0 and 2 are categorical; rows with unknown categories"])
def hgb_clf_cat_multi(d):
    return classes(categorical_features=[2, 0]).fit(d.with_codes(), d.words)


@case(since=SETS, notes=["column 2 is categorical, given by a mask"])
def hgb_reg_cat_mask(d):
    return numbers(categorical_features=np.array([False, False, True, False])).fit(d.with_codes(), d.t)


@case(since=SETS, notes=["columns 0 and 2 are categorical; NaN in all columns"])
def hgb_reg_cat_nan(d):
    d.with_codes()
    return numbers(categorical_features=[0, 2]).fit(d.with_nan(), d.t)


@case(since=SETS, notes=["column 0 is categorical; its categories are far apart"])
def hgb_reg_cat_wide(d):
    d.with_codes()[:, 0] *= 50 if RELEASE >= (1, 4) else 6  # earlier releases want less than max_bins
    return numbers(categorical_features=[0]).fit(d.X, d.t)


@case(since=FRAMES, columns=COLUMNS, notes=["fitted on a DataFrame; columns c and a are categorical, given by name"])
def hgb_reg_cat_names(d):
    import pandas as pd
    return numbers(categorical_features=["c", "a"]).fit(pd.DataFrame(d.with_codes(), columns=COLUMNS), d.t)


@case(since=(1, 4), notes=["column 2 is categorical and holds nothing but NaN"])
def hgb_clf_cat_empty(d):
    d.X[:, 2] = np.nan
    return classes(categorical_features=[2]).fit(d.X, d.b)


@case(since=DTYPES, X_as="categories", notes=["categorical_features='from_dtype', text of dtype category"])
def hgb_clf_cat_dtype(d):
    d.frame = categories(d.with_missing("size", "age"))
    return classes(categorical_features="from_dtype").fit(d.frame, d.words)


@case(since=DTYPES, X_as="categories", notes=["categorical_features by name, text of dtype category"])
def hgb_reg_cat_text_names(d):
    d.frame = categories(d.frame)
    return numbers(categorical_features=["size"] if RELEASE < (1, 4) else ["color", "size"]).fit(d.frame, d.t)


@case(since=DTYPES, X_as="frame", notes=["categorical_features by name, text of dtype object"])
def hgb_reg_cat_objects(d):
    return numbers(categorical_features=["color", "size"]).fit(d.frame, d.t)


def categories(frame):
    return frame.astype({"color": "category", "size": "category"})
