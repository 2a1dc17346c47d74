"""Estimators around others: calibration, several outputs, one against the rest, searches, thresholds, targets, selections."""
import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (ExtraTreesRegressor, GradientBoostingClassifier, GradientBoostingRegressor,
                              RandomForestClassifier, RandomForestRegressor)
from sklearn.feature_selection import RFE, RFECV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .data import RELEASE, base, case, small, stages, tree

if RELEASE >= (0, 18):
    from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
    from sklearn.multioutput import MultiOutputRegressor
else:
    from sklearn.grid_search import GridSearchCV, RandomizedSearchCV
if RELEASE >= (0, 18):
    from sklearn.multioutput import MultiOutputClassifier
if RELEASE >= (0, 19):
    from sklearn.multioutput import ClassifierChain
if RELEASE >= (0, 20):
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.multioutput import RegressorChain
if RELEASE >= (1, 6):
    from sklearn.frozen import FrozenEstimator


def forest(**more):
    return RandomForestClassifier(**small(max_depth=2, **more))


def forest_of_numbers(**more):
    return RandomForestRegressor(**small(max_depth=2, **more))


# Calibration


def calibrated(inner, **more):
    return CalibratedClassifierCV(**dict(dict(cv=2, **base(inner)), **more))


@case(formats=("pickle", "joblib"))
def calibrated_sigmoid(d):
    return calibrated(forest(), method="sigmoid").fit(d.X, d.yes)


@case()
def calibrated_sigmoid_multi(d):
    return calibrated(forest(), method="sigmoid").fit(d.X, d.words)


@case()
def calibrated_isotonic(d):
    return calibrated(forest(), method="isotonic").fit(d.X, d.b)


@case()
def calibrated_isotonic_multi(d):
    return calibrated(forest(), method="isotonic").fit(d.X, d.words)


@case(notes=["calibrates decision_function, not predict_proba"])
def calibrated_boosting(d):
    return calibrated(GradientBoostingClassifier(**stages(n_estimators=3)), method="sigmoid").fit(d.X, d.b)


@case(notes=["calibrates decision_function, not predict_proba"])
def calibrated_boosting_multi(d):
    return calibrated(GradientBoostingClassifier(**stages(n_estimators=2)), method="isotonic").fit(d.X, d.words)


@case(since=(1, 8))
def calibrated_temperature(d):
    return calibrated(forest(), method="temperature").fit(d.X, d.b)


@case(since=(1, 8))
def calibrated_temperature_multi(d):
    return calibrated(GradientBoostingClassifier(**stages(n_estimators=2)), method="temperature").fit(d.X, d.words)


@case(until=(1, 7), notes=["cv='prefit'"])
def calibrated_prefit(d):
    return calibrated(forest().fit(d.X[:40], d.words[:40]), cv="prefit").fit(d.X[40:], d.words[40:])


@case(since=(1, 6), notes=["FrozenEstimator"])
def calibrated_frozen(d):
    frozen = FrozenEstimator(forest().fit(d.X[:40], d.words[:40]))
    return calibrated(frozen, cv=None, method="isotonic").fit(d.X[40:], d.words[40:])


@case(since=(0, 24), notes=["ensemble=False"])
def calibrated_one(d):
    return calibrated(forest(), ensemble=False).fit(d.X, d.words)


# Several outputs


@case(since=(0, 19))
def multioutput_clf(d):  # 0.18 cannot stack the probabilities of 3 and of 2 classes
    return MultiOutputClassifier(forest()).fit(d.X, np.column_stack([d.y, d.b * 10]))


@case(since=(0, 18))
def multioutput_clf_boosting(d):
    return MultiOutputClassifier(GradientBoostingClassifier(**stages(n_estimators=2))).fit(d.X, d.labels)


@case(since=(0, 18))
def multioutput_reg(d):
    return MultiOutputRegressor(GradientBoostingRegressor(**stages(n_estimators=3))).fit(d.X, d.targets)


@case(since=(0, 18))
def multioutput_reg_forest(d):
    return MultiOutputRegressor(forest_of_numbers()).fit(d.X, d.targets)


@case(since=(0, 19))
def chain_clf(d):
    return ClassifierChain(forest()).fit(d.X, d.labels)


@case(since=(0, 19))
def chain_clf_order(d):
    return ClassifierChain(DecisionTreeClassifier(**tree(max_depth=3)), order=[2, 0, 1]).fit(d.X, d.labels)


@case(since=(0, 19), notes=["the members learn from what the ones before answered out of fold"])
def chain_clf_cv(d):
    return ClassifierChain(forest(), order="random", cv=2, random_state=3).fit(d.X, d.labels)


@case(since=(1, 5), notes=["chain_method='predict_proba'"])
def chain_clf_proba(d):
    return ClassifierChain(forest(), chain_method="predict_proba").fit(d.X, d.labels)


@case(since=(0, 20))
def chain_reg(d):
    return RegressorChain(DecisionTreeRegressor(**tree(max_depth=3))).fit(d.X, d.targets)


@case(since=(0, 20))
def chain_reg_order(d):
    return RegressorChain(GradientBoostingRegressor(**stages(n_estimators=2)), order=[1, 0]).fit(d.X, d.targets)


# One against the rest, one against one


@case()
def ovr_multi(d):
    return OneVsRestClassifier(forest()).fit(d.X, d.words.astype(str))


@case()
def ovr_binary(d):
    return OneVsRestClassifier(forest()).fit(d.X, d.b)


@case(since=(1, 0), notes=["a single class: a constant predictor"])
def ovr_single(d):  # earlier releases do not count the columns
    return OneVsRestClassifier(forest()).fit(d.X, np.array(["only"] * len(d.X)))


@case()
def ovr_multilabel(d):
    return OneVsRestClassifier(forest()).fit(d.X, d.labels)


@case(notes=["the members answer by decision_function; a class that never occurs in the second column"])
def ovr_boosting(d):
    return OneVsRestClassifier(GradientBoostingClassifier(**stages(n_estimators=2))).fit(d.X, d.y)


@case(notes=["a column of nothing but 1 and one of nothing but 0: constant predictors"])
def ovr_constant(d):
    Y = d.labels.copy()
    Y[:, 0], Y[:, 2] = 1, 0
    return OneVsRestClassifier(forest()).fit(d.X, Y)


@case(notes=["until 0.20 decision_function depends on all rows of the call"])
def ovo(d):
    return OneVsOneClassifier(forest()).fit(d.X, d.words.astype(str))


@case(notes=["until 0.20 decision_function depends on all rows of the call"])
def ovo_boosting(d):
    return OneVsOneClassifier(GradientBoostingClassifier(**stages(n_estimators=2))).fit(d.X, d.y)


@case()
def ovo_binary(d):
    return OneVsOneClassifier(DecisionTreeClassifier(**tree(max_depth=2))).fit(d.X, d.b)


# Searches


@case(formats=("pickle", "joblib"))
def grid_search(d):
    return GridSearchCV(forest(), {"max_depth": [1, 2]}, cv=2).fit(d.X, d.words)


@case()
def grid_search_pipeline(d):
    inner = make_pipeline(StandardScaler(), GradientBoostingRegressor(**stages(n_estimators=2)))
    return GridSearchCV(inner, {"gradientboostingregressor__max_depth": [1, 2]}, cv=2).fit(d.X, d.t)


@case(notes=["the file holds a frozen distribution of scipy"])
def random_search(d):
    from scipy.stats import randint
    return RandomizedSearchCV(forest(), {"max_depth": randint(1, 4)}, n_iter=2, cv=2, random_state=1).fit(d.X, d.words)


@case(since=(0, 24))
def halving_grid_search(d):
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV
    return HalvingGridSearchCV(forest(), {"max_depth": [1, 2]}, cv=2, random_state=1).fit(d.X, d.b)


@case(since=(0, 24))
def halving_random_search(d):
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingRandomSearchCV
    m = HalvingRandomSearchCV(forest_of_numbers(), {"min_samples_leaf": [1, 2, 3]}, cv=2, random_state=1)
    return m.fit(d.X, d.t)


# Thresholds, self-training


@case(since=(1, 5))
def fixed_threshold(d):
    from sklearn.model_selection import FixedThresholdClassifier
    return FixedThresholdClassifier(forest(), threshold=0.7, pos_label="yes").fit(d.X, d.yes)


@case(since=(1, 5))
def fixed_threshold_decision(d):
    from sklearn.model_selection import FixedThresholdClassifier
    inner = GradientBoostingClassifier(**stages())
    return FixedThresholdClassifier(inner, threshold=0.25, response_method="decision_function", pos_label=0).fit(d.X, d.b)


@case(since=(1, 5))
def tuned_threshold(d):
    from sklearn.model_selection import TunedThresholdClassifierCV
    return TunedThresholdClassifierCV(forest(), thresholds=9, cv=2, random_state=1).fit(d.X, d.b)


@case(since=(0, 24))
def self_training(d):
    from sklearn.semi_supervised import SelfTrainingClassifier
    y = np.where(np.arange(60) % 3 == 0, -1, d.y)
    return SelfTrainingClassifier(forest()).fit(d.X, y)


# Targets


@case(since=(0, 20), notes=["func log1p, inverse_func expm1"])
def target_log(d):
    return TransformedTargetRegressor(forest_of_numbers(), func=np.log1p, inverse_func=np.expm1).fit(d.X, d.positive)


@case(since=(0, 20))
def target_scaler(d):
    return TransformedTargetRegressor(GradientBoostingRegressor(**stages()), transformer=StandardScaler()).fit(d.X, d.t)


@case(since=(0, 20), notes=["two outputs"])
def target_minmax_multioutput(d):
    return TransformedTargetRegressor(forest_of_numbers(), transformer=MinMaxScaler()).fit(d.X, d.targets)


@case(since=(0, 20), notes=["neither a function nor a transformer"])
def target_none(d):
    return TransformedTargetRegressor(ExtraTreesRegressor(**small())).fit(d.X, d.t)


# Selections with an estimator


@case()
def rfe(d):
    return RFE(forest(), n_features_to_select=2).fit(d.X, d.words)


@case()
def rfe_boosting(d):
    return RFE(GradientBoostingClassifier(**stages()), n_features_to_select=2).fit(d.X, d.b)


@case()
def rfecv(d):
    return RFECV(forest_of_numbers(), cv=2).fit(d.X, d.t)


# Others


@case(since=(1, 6))
def frozen_forest(d):
    return FrozenEstimator(forest().fit(d.X, d.words))


@case(since=(1, 6))
def frozen_in_pipeline(d):
    scaler = FrozenEstimator(StandardScaler().fit(d.X))
    return make_pipeline(scaler, forest_of_numbers()).fit(d.X, d.t)


@case(notes=["no tree at all"])
def dummy_clf(d):
    return make_pipeline(StandardScaler(), DummyClassifier(strategy="prior")).fit(d.X, d.words)


@case(notes=["no tree at all"])
def dummy_reg(d):
    return make_pipeline(StandardScaler(), DummyRegressor(strategy="mean")).fit(d.X, d.t)
