"""Gradient boosting."""
import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier,
                              RandomForestRegressor)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeRegressor

from .data import RELEASE, case, small, stages

SQUARED, ABSOLUTE = ("squared_error", "absolute_error") if RELEASE >= (1, 0) else ("ls", "lad")


@case(formats=("pickle", "joblib"))
def gb_clf_binary(d):
    return GradientBoostingClassifier(**stages()).fit(d.X, d.b)


@case()
def gb_clf_binary_text(d):
    return GradientBoostingClassifier(**stages()).fit(d.X, d.yes)


@case()
def gb_clf_multi(d):
    return GradientBoostingClassifier(**stages()).fit(d.X, d.y * 5 - 3)


@case(formats=("pickle", "joblib"))
def gb_clf_multi_text(d):
    return GradientBoostingClassifier(**stages()).fit(d.X, d.words)


@case()
def gb_clf_exponential(d):
    return GradientBoostingClassifier(**stages(loss="exponential")).fit(d.X, d.b)


@case(notes=["raw is exactly 0 at a leaf: a tie"])
def gb_clf_tie(d):
    d.X[:30], d.X[30:] = d.X[0], d.X[1]
    b = np.arange(60) % 2
    return GradientBoostingClassifier(**stages()).fit(d.X, b)


@case(since=(0, 21))
def gb_clf_exponential_tie(d):
    d.X[:30], d.X[30:] = d.X[0], d.X[1]
    b = np.arange(60) % 2
    return GradientBoostingClassifier(**stages(loss="exponential")).fit(d.X, b)


@case(notes=["10 positive of 60"])
def gb_clf_unbalanced(d):
    b = (np.arange(60) < 10).astype(int)
    return GradientBoostingClassifier(**stages()).fit(d.X, b, sample_weight=d.w)


@case(notes=["init='zero'"])
def gb_clf_init_zero(d):
    init = "zero" if RELEASE >= (0, 20) else zero()
    return GradientBoostingClassifier(**stages(init=init)).fit(d.X, d.b)


@case(since=(0, 20), notes=["init='zero'"])
def gb_clf_init_zero_multi(d):
    return GradientBoostingClassifier(**stages(init="zero")).fit(d.X, d.words)


def zero():
    from sklearn.ensemble.gradient_boosting import ZeroEstimator
    return ZeroEstimator()


# Before 0.21 gradient boosting called init.predict and took what it answered for a column of raw values, which an estimator
# of scikit-learn does not answer: it failed on every one (IndexError: too many indices for array).


@case(since=(0, 21))
def gb_clf_init_logistic(d):
    return GradientBoostingClassifier(**stages(init=LogisticRegression(solver="liblinear"))).fit(d.X, d.b)


@case(since=(0, 21))
def gb_clf_init_logistic_multi(d):
    init = LogisticRegression(solver="lbfgs", max_iter=500)
    return GradientBoostingClassifier(**stages(init=init)).fit(d.X, d.words)


@case(since=(0, 21))
def gb_clf_init_forest(d):
    return GradientBoostingClassifier(**stages(init=RandomForestClassifier(**small()))).fit(d.X, d.b)


@case(since=(0, 21))
def gb_clf_init_forest_multi(d):
    return GradientBoostingClassifier(**stages(init=RandomForestClassifier(**small()))).fit(d.X, d.words)


@case(since=(0, 21))
def gb_clf_init_dummy(d):
    return GradientBoostingClassifier(**stages(init=DummyClassifier(strategy="uniform"))).fit(d.X, d.b)


@case(since=(0, 21))
def gb_clf_init_exponential(d):
    init = RandomForestClassifier(**small())
    return GradientBoostingClassifier(**stages(init=init, loss="exponential")).fit(d.X, d.b)


@case()
def gb_clf_subsample(d):
    return GradientBoostingClassifier(**stages(subsample=0.6, max_features=2)).fit(d.X, d.words)


@case(since=(0, 20))
def gb_clf_early_stopping(d):
    m = GradientBoostingClassifier(**stages(n_estimators=30, n_iter_no_change=2, learning_rate=0.9)).fit(d.X, d.words)
    assert len(m.estimators_) < 30
    return m


@case()
def gb_clf_leaf_nodes(d):
    return GradientBoostingClassifier(**stages(max_leaf_nodes=4, max_depth=None, learning_rate=0.3)).fit(d.X, d.b)


@case(notes=["fitted twice, with warm_start"])
def gb_clf_warm_start(d):
    m = GradientBoostingClassifier(**stages(warm_start=True)).fit(d.X, d.b)
    return m.set_params(n_estimators=6).fit(d.X, d.b)


@case(formats=("pickle", "joblib"))
def gb_reg(d):
    return GradientBoostingRegressor(**stages()).fit(d.X, d.t)


@case()
def gb_reg_absolute_error(d):
    return GradientBoostingRegressor(**stages(loss=ABSOLUTE)).fit(d.X, d.t)


@case()
def gb_reg_huber(d):
    return GradientBoostingRegressor(**stages(loss="huber", alpha=0.8)).fit(d.X, d.t)


@case()
def gb_reg_quantile(d):
    return GradientBoostingRegressor(**stages(loss="quantile", alpha=0.7)).fit(d.X, d.t)


@case()
def gb_reg_init_zero(d):
    return GradientBoostingRegressor(**stages(init="zero" if RELEASE >= (0, 20) else zero())).fit(d.X, d.t)


@case(since=(0, 21))
def gb_reg_init_linear(d):
    return GradientBoostingRegressor(**stages(init=LinearRegression())).fit(d.X, d.t)


@case(since=(0, 21))
def gb_reg_init_tree(d):
    return GradientBoostingRegressor(**stages(init=DecisionTreeRegressor(max_depth=2, random_state=2))).fit(d.X, d.t)


@case(since=(0, 21))
def gb_reg_init_forest(d):
    return GradientBoostingRegressor(**stages(init=RandomForestRegressor(**small()))).fit(d.X, d.t)


@case(since=(0, 21))
def gb_reg_init_dummy(d):
    return GradientBoostingRegressor(**stages(init=DummyRegressor(strategy="median"))).fit(d.X, d.t)


@case(since=(0, 20))
def gb_reg_early_stopping(d):
    m = GradientBoostingRegressor(**stages(n_estimators=30, n_iter_no_change=2, learning_rate=0.9)).fit(d.X, d.t)
    assert len(m.estimators_) < 30
    return m


@case()
def gb_reg_subsample(d):
    return GradientBoostingRegressor(**stages(subsample=0.5, learning_rate=0.37, loss=SQUARED)).fit(d.X, d.t)
