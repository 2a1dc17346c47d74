"""Isolation forests, embeddings, AdaBoost, bagging, voting, stacking."""
import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (AdaBoostClassifier, AdaBoostRegressor, BaggingClassifier, BaggingRegressor,
                              ExtraTreesClassifier, ExtraTreesRegressor, GradientBoostingClassifier,
                              GradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor,
                              RandomTreesEmbedding, VotingClassifier)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .data import RELEASE, base, case, small, stages, tree

if RELEASE >= (0, 18):  # 0.17 has it, but cannot give scores of single rows; see iforest
    from sklearn.ensemble import IsolationForest
if RELEASE >= (0, 21):
    from sklearn.ensemble import VotingRegressor
if RELEASE >= (0, 22):
    from sklearn.ensemble import StackingClassifier, StackingRegressor


def isolated(**more):
    return IsolationForest(n_estimators=5, max_samples=32, random_state=1, **more)


@case(since=(0, 18), formats=("pickle", "joblib"))
def iforest(d):
    return isolated().fit(d.X)


@case(since=(0, 18))
def iforest_contamination(d):
    return isolated(contamination=0.2).fit(d.X)


@case(since=(0, 20), until=(0, 21), notes=["behaviour='new'"])
def iforest_behaviour_new(d):
    return isolated(contamination="auto", behaviour="new").fit(d.X)


@case(since=(0, 19))
def iforest_max_features(d):  # 0.18 asks trees of fewer features with all of them, and fails
    return isolated(max_features=0.5).fit(d.X)


@case(since=(0, 18))
def iforest_bootstrap(d):
    return isolated(bootstrap=True).fit(d.X)


@case()
def rte(d):
    return RandomTreesEmbedding(n_estimators=3, max_depth=3, random_state=1).fit(d.X)


@case()
def rte_dense(d):
    return RandomTreesEmbedding(n_estimators=3, max_depth=3, random_state=1, sparse_output=False).fit(d.X)


# AdaBoost

SAMME = dict(algorithm="SAMME") if RELEASE < (1, 6) else {}
SAMME_R = (1, 5)  # the last release that has it


@case()
def ada_clf_binary(d):
    return AdaBoostClassifier(n_estimators=5, random_state=1, **SAMME).fit(d.X, d.yes)


@case()
def ada_clf_multi(d):
    return AdaBoostClassifier(n_estimators=5, random_state=1, **SAMME).fit(d.X, d.words)


@case()
def ada_clf_trees(d):
    inner = base(DecisionTreeClassifier(max_depth=2))
    return AdaBoostClassifier(n_estimators=4, random_state=1, learning_rate=0.7, **dict(SAMME, **inner)).fit(d.X, d.y)


@case()
def ada_clf_forest(d):
    inner = base(RandomForestClassifier(**small(max_depth=2)))
    return AdaBoostClassifier(n_estimators=3, random_state=1, **dict(SAMME, **inner)).fit(d.X, d.words)


@case(until=SAMME_R, notes=["SAMME.R"])
def ada_clf_real_binary(d):
    return AdaBoostClassifier(n_estimators=5, random_state=1, algorithm="SAMME.R").fit(d.X, d.b)


@case(until=SAMME_R, notes=["SAMME.R"])
def ada_clf_real_multi(d):
    inner = base(DecisionTreeClassifier(max_depth=2))
    return AdaBoostClassifier(n_estimators=4, random_state=1, algorithm="SAMME.R", **inner).fit(d.X, d.words)


@case(until=SAMME_R, notes=["SAMME.R"])
def ada_clf_real_forest(d):
    inner = base(RandomForestClassifier(**small(max_depth=2)))
    return AdaBoostClassifier(n_estimators=3, random_state=1, algorithm="SAMME.R", **inner).fit(d.X, d.words)


def adaptive(**more):
    return AdaBoostRegressor(n_estimators=5, random_state=1, **more)


@case()
def ada_reg_linear(d):
    return adaptive().fit(d.X, d.t)


@case()
def ada_reg_square(d):
    return adaptive(loss="square", **base(DecisionTreeRegressor(max_depth=2))).fit(d.X, d.t)


@case()
def ada_reg_exponential(d):
    return adaptive(loss="exponential", learning_rate=0.5).fit(d.X, d.t)


@case()
def ada_reg_forest(d):
    return adaptive(**base(RandomForestRegressor(**small(n_estimators=2, max_depth=2)))).fit(d.X, d.t)


# Bagging


def bag(inner, **more):
    return BaggingClassifier(**dict(dict(n_estimators=3, random_state=1, **base(inner)), **more))


def bag_numbers(inner, **more):
    return BaggingRegressor(**dict(dict(n_estimators=3, random_state=1, **base(inner)), **more))


@case()
def bag_clf(d):
    return bag(DecisionTreeClassifier(**tree(max_depth=3))).fit(d.X, d.y)


@case(notes=["no inner estimator given: full trees"])
def bag_clf_default(d):
    return BaggingClassifier(n_estimators=2, random_state=1).fit(d.X, d.b)


@case()
def bag_clf_max_features(d):
    return bag(DecisionTreeClassifier(**tree(max_depth=3)), max_features=2).fit(d.X, d.words)


@case()
def bag_clf_bootstrap_features(d):
    return bag(DecisionTreeClassifier(**tree(max_depth=3)), bootstrap_features=True, bootstrap=False).fit(d.X, d.words)


@case()
def bag_clf_forest(d):
    return bag(RandomForestClassifier(**small(max_depth=2)), max_features=0.75).fit(d.X, d.words)


@case()
def bag_clf_boosting(d):
    return bag(GradientBoostingClassifier(**stages(n_estimators=2)), n_estimators=2).fit(d.X, d.b)


@case(notes=["a bag of logistic regressions has decision_function as well"])
def bag_clf_logistic(d):
    return bag(LogisticRegression(solver="liblinear")).fit(d.X / [1, 1, 1, 1e5], d.b)


@case()
def bag_reg(d):
    return bag_numbers(DecisionTreeRegressor(**tree(max_depth=3))).fit(d.X, d.t)


@case()
def bag_reg_features(d):
    return bag_numbers(DecisionTreeRegressor(**tree(max_depth=3)), max_features=3, bootstrap_features=True).fit(d.X, d.t)


@case()
def bag_reg_forest(d):
    return bag_numbers(RandomForestRegressor(**small(max_depth=2)), n_estimators=2).fit(d.X, d.t)


@case(since=(0, 20), notes=["two outputs"])
def bag_reg_multioutput(d):  # earlier releases take one target only
    return bag_numbers(DecisionTreeRegressor(**tree(max_depth=3))).fit(d.X, d.targets)


# Voting


def members():
    return [("rf", RandomForestClassifier(**small(max_depth=2))), ("et", ExtraTreesClassifier(**small(max_depth=2))),
            ("dt", DecisionTreeClassifier(**tree(max_depth=3)))]


def dropped(m, name):
    """Without one member: by set_params, None until 0.23, 'drop' from 0.20."""
    return m.set_params(**{name: "drop" if RELEASE >= (0, 22) else None})


@case()
def voting_soft(d):
    return VotingClassifier(members(), voting="soft").fit(d.X, d.words)


@case()
def voting_soft_weights(d):
    return VotingClassifier(members(), voting="soft", weights=[2, 1, 0.5]).fit(d.X, d.b)


@case()
def voting_hard(d):
    return VotingClassifier(members(), voting="hard").fit(d.X, d.words)


@case()
def voting_hard_weights(d):
    return VotingClassifier(members(), voting="hard", weights=[1, 1, 2]).fit(d.X, d.y)


@case(since=(0, 19), notes=["one of the three is dropped; its weight stays"])
def voting_soft_drop(d):  # earlier releases cannot drop one
    m = VotingClassifier(members(), voting="soft", weights=[2, 5, 1])
    return dropped(m, "et").fit(d.X, d.words)


@case()
def voting_soft_mixed(d):
    parts = [("gb", GradientBoostingClassifier(**stages())), ("dummy", DummyClassifier(strategy="prior")),
             ("lr", LogisticRegression(solver="liblinear"))]
    return VotingClassifier(parts, voting="soft").fit(d.X / [1, 1, 1, 1e5], d.b)


def number_members():
    return [("rf", RandomForestRegressor(**small(max_depth=2))), ("gb", GradientBoostingRegressor(**stages())),
            ("lin", LinearRegression())]


@case(since=(0, 21))
def voting_reg(d):
    return VotingRegressor(number_members()).fit(d.X, d.t)


@case(since=(0, 21))
def voting_reg_weights(d):
    return VotingRegressor(number_members(), weights=[1, 2, 0.25]).fit(d.X, d.t)


@case(since=(0, 21), notes=["one of the three is dropped; its weight stays"])
def voting_reg_drop(d):
    return dropped(VotingRegressor(number_members(), weights=[1, 2, 0.25]), "lin").fit(d.X, d.t)


@case(since=(0, 21))
def voting_reg_dummy(d):
    return VotingRegressor([("et", ExtraTreesRegressor(**small())), ("d", DummyRegressor())]).fit(d.X, d.t)


# Stacking


def stack(final, y, d, **more):
    return StackingClassifier(members()[:2], final, cv=3, **more).fit(d.X, y)


@case(since=(0, 22))
def stacking_clf_logistic(d):
    return stack(LogisticRegression(solver="liblinear"), d.b, d)


@case(since=(0, 22))
def stacking_clf_multi(d):
    return stack(LogisticRegression(max_iter=500), d.words, d)


@case(since=(0, 22))
def stacking_clf_passthrough(d):
    return stack(RandomForestClassifier(**small()), d.words, d, passthrough=True)


@case(since=(0, 22))
def stacking_clf_boosting(d):
    return stack(GradientBoostingClassifier(**stages()), d.words, d)


@case(since=(0, 22))
def stacking_clf_predict(d):
    return stack(DecisionTreeClassifier(**tree()), d.y, d, stack_method="predict")


@case(since=(0, 22))
def stacking_clf_proba(d):
    return stack(RandomForestClassifier(**small()), d.yes, d, stack_method="predict_proba")


@case(since=(0, 22), notes=["stack_method='auto' takes decision_function of a linear member"])
def stacking_clf_decision(d):
    from sklearn.linear_model import RidgeClassifier
    parts = [("gb", GradientBoostingClassifier(**stages())), ("ridge", RidgeClassifier())]
    return StackingClassifier(parts, LogisticRegression(max_iter=500), cv=3).fit(d.X, d.words)


@case(since=(0, 22), notes=["one of the three is dropped"])
def stacking_clf_drop(d):
    m = StackingClassifier(members(), LogisticRegression(solver="liblinear"), cv=3)
    return m.set_params(et="drop").fit(d.X, d.b)


@case(since=(1, 1), notes=["cv='prefit'"])
def stacking_clf_prefit(d):
    fitted = [(name, m.fit(d.X, d.words)) for name, m in members()]
    return StackingClassifier(fitted, RandomForestClassifier(**small()), cv="prefit").fit(d.X, d.words)


@case(since=(1, 2), notes=["three outputs of 0 and 1"])
def stacking_clf_multilabel(d):
    parts = [(name, m) for name, m in members() if name != "et"]
    return StackingClassifier(parts, RandomForestClassifier(**small()), cv=3).fit(d.X, d.labels)


@case(since=(0, 22))
def stacking_reg_linear(d):
    return StackingRegressor(number_members(), Ridge(alpha=0.5), cv=3).fit(d.X, d.t)


@case(since=(0, 22))
def stacking_reg_default(d):
    return StackingRegressor(number_members()[:2], cv=3).fit(d.X, d.t)


@case(since=(0, 22))
def stacking_reg_forest(d):
    final = RandomForestRegressor(**small())
    return StackingRegressor(number_members(), final, cv=3, passthrough=True).fit(d.X, d.t)


@case(since=(0, 22))
def stacking_reg_boosting(d):
    return StackingRegressor(number_members()[:2], GradientBoostingRegressor(**stages()), cv=3).fit(d.X, d.t)
