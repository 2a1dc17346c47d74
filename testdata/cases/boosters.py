"""XGBoost, LightGBM and CatBoost, in the environments that have them."""
import functools

import numpy as np

from .data import case as any_case

try:
    import catboost
    import lightgbm
    import xgboost
except ImportError:
    xgboost = None

VERSION = xgboost and tuple(int(p) for p in xgboost.__version__.split(".")[:2])


def case(library, since=(0, 0), until=(99, 0), **more):
    """Registers a case where the libraries are there; since and until are of scikit-learn."""
    if xgboost is None:
        return lambda function: function
    version = "%s %s" % (library, {"xgboost": xgboost, "lightgbm": lightgbm, "catboost": catboost}[library].__version__)
    return any_case(since=since, until=until, notes=[version] + list(more.pop("notes", [])), **more)


xgb = functools.partial(case, "xgboost")
lgbm = functools.partial(case, "lightgbm")
cat = functools.partial(case, "catboost")


def trees(**more):
    return dict(dict(n_estimators=4, max_depth=3, n_jobs=1, random_state=1), **more)


# XGBoost


@xgb(formats=("pickle", "joblib"))
def xgb_clf_binary(d):
    return xgboost.XGBClassifier(**trees()).fit(d.X, d.b)


@xgb()
def xgb_clf_multi(d):
    return xgboost.XGBClassifier(**trees()).fit(d.X, d.y)


@xgb(notes=["one against the rest: probabilities in float32"])
def xgb_ovr(d):
    from sklearn.multiclass import OneVsRestClassifier
    return OneVsRestClassifier(xgboost.XGBClassifier(**trees(n_estimators=2, max_depth=2))).fit(d.X, d.y)


@xgb()
def xgb_clf_softmax(d):
    return xgboost.XGBClassifier(**trees(objective="multi:softmax")).fit(d.X, d.y)


@xgb()
def xgb_clf_hinge(d):
    return xgboost.XGBClassifier(**trees(objective="binary:hinge")).fit(d.X, d.b)


@xgb()
def xgb_clf_logitraw(d):
    return xgboost.XGBClassifier(**trees(objective="binary:logitraw")).fit(d.X, d.b)


@xgb()
def xgb_clf_nan(d):
    d.X = d.with_nan()
    return xgboost.XGBClassifier(**trees()).fit(d.X, d.b)


@xgb(notes=["missing=-999"])
def xgb_clf_missing(d):
    d.X = np.nan_to_num(d.with_nan() + 999) - 999
    return xgboost.XGBClassifier(**trees(missing=-999)).fit(d.X, d.y)


@xgb(notes=["base_score given"])
def xgb_clf_base_score(d):
    return xgboost.XGBClassifier(**trees(base_score=0.3)).fit(d.X, d.b)


@xgb(notes=["three outputs of 0 and 1"])
def xgb_clf_multilabel(d):
    return xgboost.XGBClassifier(**trees(tree_method="hist")).fit(d.X, d.labels)


@xgb(notes=["columns 0 and 2 are categorical; rows with unknown categories"])
def xgb_clf_categories(d):
    more = dict(enable_categorical=True, tree_method="hist", feature_types=["c", "q", "c", "q"], max_cat_to_onehot=3)
    return xgboost.XGBClassifier(**trees(**more)).fit(d.with_codes(), d.b)


@xgb(notes=["column 0 is categorical, one category against the rest"])
def xgb_reg_onehot_categories(d):
    more = dict(enable_categorical=True, tree_method="hist", feature_types=["c", "q", "q", "q"], max_cat_to_onehot=50)
    return xgboost.XGBRegressor(**trees(**more)).fit(d.with_codes(), d.t)


@xgb(notes=["stopped early: predicts with the trees up to best_iteration"])
def xgb_clf_early_stopping(d):
    m = xgboost.XGBClassifier(**trees(n_estimators=40, early_stopping_rounds=3, learning_rate=0.9))
    m.fit(d.X[:40], d.b[:40], eval_set=[(d.X[40:], d.b[40:])], verbose=False)
    assert m.best_iteration + 1 < m.get_booster().num_boosted_rounds()
    return m


@xgb()
def xgb_clf_dart(d):
    return xgboost.XGBClassifier(**trees(booster="dart", rate_drop=0.4, n_estimators=5)).fit(d.X, d.b)


@xgb()
def xgb_clf_parallel_trees(d):
    return xgboost.XGBClassifier(**trees(num_parallel_tree=2, subsample=0.7)).fit(d.X, d.y)


@xgb()
def xgb_reg(d):
    return xgboost.XGBRegressor(**trees()).fit(d.X, d.t)


@xgb()
def xgb_reg_base_score(d):
    return xgboost.XGBRegressor(**trees(base_score=2.5, tree_method="exact")).fit(d.X, d.t)


@xgb()
def xgb_reg_absolute_error(d):
    return xgboost.XGBRegressor(**trees(objective="reg:absoluteerror", tree_method="hist")).fit(d.X, d.t)


@xgb()
def xgb_reg_poisson(d):
    return xgboost.XGBRegressor(**trees(objective="count:poisson")).fit(d.X, np.floor(d.positive))


@xgb()
def xgb_reg_gamma(d):
    return xgboost.XGBRegressor(**trees(objective="reg:gamma")).fit(d.X, d.positive)


@xgb()
def xgb_reg_tweedie(d):
    return xgboost.XGBRegressor(**trees(objective="reg:tweedie", tweedie_variance_power=1.3)).fit(d.X, d.positive)


@xgb()
def xgb_reg_logistic(d):
    return xgboost.XGBRegressor(**trees(objective="reg:logistic")).fit(d.X, d.b * 0.8 + 0.1)


@xgb()
def xgb_reg_dart(d):
    return xgboost.XGBRegressor(**trees(booster="dart", rate_drop=0.4, n_estimators=5)).fit(d.X, d.t)


@xgb(notes=["two outputs"])
def xgb_reg_multioutput(d):
    return xgboost.XGBRegressor(**trees(tree_method="hist")).fit(d.X, d.targets)


@xgb()
def xgb_rf_clf(d):
    return xgboost.XGBRFClassifier(**trees()).fit(d.X, d.y)


@xgb()
def xgb_rf_reg(d):
    return xgboost.XGBRFRegressor(**trees()).fit(d.X, d.t)


@xgb()
def xgb_ranker(d):
    return xgboost.XGBRanker(**trees(objective="rank:pairwise")).fit(d.X, d.y, group=[20, 20, 20])


# LightGBM


def leaves(**more):
    return dict(dict(n_estimators=4, num_leaves=6, min_child_samples=5, n_jobs=1, random_state=1, verbose=-1,
                     deterministic=True, force_row_wise=True), **more)


@lgbm(formats=("pickle", "joblib"))
def lgbm_clf_binary(d):
    return lightgbm.LGBMClassifier(**leaves()).fit(d.X, d.b)


@lgbm()
def lgbm_clf_binary_text(d):
    return lightgbm.LGBMClassifier(**leaves()).fit(d.X, d.yes)


@lgbm()
def lgbm_clf_multi_text(d):
    return lightgbm.LGBMClassifier(**leaves()).fit(d.X, d.words)


@lgbm()
def lgbm_clf_multi_ova(d):
    return lightgbm.LGBMClassifier(**leaves(objective="multiclassova")).fit(d.X, d.y)


@lgbm()
def lgbm_clf_nan(d):
    d.X = d.with_nan()
    return lightgbm.LGBMClassifier(**leaves()).fit(d.X, d.words)


@lgbm(notes=["zero_as_missing"])
def lgbm_clf_zero_as_missing(d):
    d.X = np.nan_to_num(d.with_nan())
    return lightgbm.LGBMClassifier(**leaves(zero_as_missing=True)).fit(d.X, d.b)


@lgbm(notes=["use_missing=False"])
def lgbm_clf_no_missing(d):
    d.X = d.with_nan()
    return lightgbm.LGBMClassifier(**leaves(use_missing=False)).fit(d.X, d.b)


@lgbm(notes=["columns 0 and 2 are categorical; rows with unknown categories"])
def lgbm_clf_categories(d):
    more = dict(min_data_per_group=2, cat_smooth=1)
    return lightgbm.LGBMClassifier(**leaves(**more)).fit(d.with_codes(), d.words, categorical_feature=[0, 2])


@lgbm(notes=["column 2 is categorical, one category against the rest"])
def lgbm_reg_onehot_categories(d):
    more = dict(max_cat_to_onehot=50, min_data_per_group=2)
    return lightgbm.LGBMRegressor(**leaves(**more)).fit(d.with_codes(), d.t, categorical_feature=[2])


@lgbm(X_as="categories", notes=["text of dtype category"])
def lgbm_reg_frame(d):
    d.frame = d.frame.astype({"color": "category", "size": "category"})
    return lightgbm.LGBMRegressor(**leaves(min_data_per_group=2, cat_smooth=1)).fit(d.frame, d.t)


@lgbm(notes=["stopped early"])
def lgbm_clf_early_stopping(d):
    m = lightgbm.LGBMClassifier(**leaves(n_estimators=40, learning_rate=0.9))
    stop = [lightgbm.early_stopping(3, verbose=False), lightgbm.log_evaluation(0)]
    m.fit(d.X[:40], d.b[:40], eval_set=[(d.X[40:], d.b[40:])], callbacks=stop)
    assert m.best_iteration_ < 40
    return m


@lgbm()
def lgbm_clf_dart(d):
    return lightgbm.LGBMClassifier(**leaves(boosting_type="dart", drop_rate=0.5, n_estimators=6)).fit(d.X, d.b)


@lgbm()
def lgbm_clf_forest(d):
    more = dict(boosting_type="rf", bagging_freq=1, bagging_fraction=0.7)
    return lightgbm.LGBMClassifier(**leaves(**more)).fit(d.X, d.words)


@lgbm(notes=["every tree is a single leaf"])
def lgbm_clf_single_leaf(d):
    return lightgbm.LGBMClassifier(**leaves(min_child_samples=59)).fit(d.X, d.b)


@lgbm()
def lgbm_reg(d):
    return lightgbm.LGBMRegressor(**leaves()).fit(d.X, d.t)


@lgbm()
def lgbm_reg_forest(d):
    more = dict(boosting_type="rf", bagging_freq=1, bagging_fraction=0.7)
    return lightgbm.LGBMRegressor(**leaves(**more)).fit(d.X, d.t)


@lgbm()
def lgbm_reg_poisson(d):
    return lightgbm.LGBMRegressor(**leaves(objective="poisson")).fit(d.X, d.positive)


@lgbm()
def lgbm_reg_gamma(d):
    return lightgbm.LGBMRegressor(**leaves(objective="gamma")).fit(d.X, d.positive)


@lgbm()
def lgbm_reg_tweedie(d):
    return lightgbm.LGBMRegressor(**leaves(objective="tweedie")).fit(d.X, d.positive)


@lgbm()
def lgbm_reg_absolute_error(d):
    return lightgbm.LGBMRegressor(**leaves(objective="regression_l1")).fit(d.X, d.t)


@lgbm()
def lgbm_reg_sqrt(d):
    return lightgbm.LGBMRegressor(**leaves(reg_sqrt=True)).fit(d.X, d.t)


@lgbm()
def lgbm_reg_cross_entropy(d):
    return lightgbm.LGBMRegressor(**leaves(objective="cross_entropy")).fit(d.X, d.b * 0.8 + 0.1)


@lgbm(notes=["leaves hold linear models"])
def lgbm_reg_linear_tree(d):
    return lightgbm.LGBMRegressor(**leaves(linear_tree=True)).fit(d.X, d.t)


@lgbm()
def lgbm_ranker(d):
    return lightgbm.LGBMRanker(**leaves(objective="lambdarank")).fit(d.X, d.y, group=[20, 20, 20])


# CatBoost


def oblivious(**more):
    return dict(dict(iterations=4, depth=3, random_seed=1, thread_count=1, verbose=False, allow_writing_files=False,
                     boosting_type="Plain"), **more)


def undated(model):
    """CatBoost writes down the time of day, and a number of chance."""
    notes = model.get_metadata()
    notes["train_finish_time"], notes["model_guid"] = "1970-01-01T00:00:00Z", "0-0-0-0"
    return model


@cat(formats=("pickle", "joblib"))
def catboost_clf_binary(d):
    return undated(catboost.CatBoostClassifier(**oblivious()).fit(d.X, d.b))


@cat()
def catboost_clf_binary_text(d):
    return undated(catboost.CatBoostClassifier(**oblivious()).fit(d.X, d.yes))


@cat()
def catboost_clf_multi_text(d):
    return undated(catboost.CatBoostClassifier(**oblivious()).fit(d.X, d.words))


@cat()
def catboost_clf_nan(d):
    d.X = d.with_nan()
    return undated(catboost.CatBoostClassifier(**oblivious(nan_mode="Max")).fit(d.X, d.b))


@cat()
def catboost_reg(d):
    return undated(catboost.CatBoostRegressor(**oblivious()).fit(d.X, d.t))


@cat()
def catboost_reg_poisson(d):
    return undated(catboost.CatBoostRegressor(**oblivious(loss_function="Poisson")).fit(d.X, d.positive))


@cat(notes=["trees that are not oblivious"])
def catboost_reg_depthwise(d):
    return undated(catboost.CatBoostRegressor(**oblivious(grow_policy="Depthwise")).fit(d.X, d.t))


@cat(X_as="frame", notes=["categorical features by hashes and counters: to be refused"])
def catboost_clf_categories(d):
    return undated(catboost.CatBoostClassifier(**oblivious(cat_features=["color", "size"], one_hot_max_size=2)).fit(d.frame, d.b))
