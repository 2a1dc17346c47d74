# -*- coding: utf-8 -*-
"""Pipelines on DataFrames with text: encoders and ColumnTransformer, from 0.20."""
import numpy as np
from sklearn import preprocessing as pre
from sklearn.ensemble import (GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier,
                              RandomForestRegressor)
from sklearn.pipeline import Pipeline, make_pipeline

from .data import RELEASE, dense, small, stages
from .data import case as any_case

if RELEASE >= (0, 20):
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

TEXT, NUMBERS = ["color", "size"], ["age", "count"]
ignore = dict(handle_unknown="ignore")


def case(since=(0, 20), X_as="frame", **more):
    return any_case(since=since, X_as=X_as, **more)


def columns(*parts, **more):
    return ColumnTransformer(list(parts), **more)


def classes(d, *before):
    return make_pipeline(*(before + (RandomForestClassifier(**small()),))).fit(d.frame, d.words)


def numbers(d, *before):
    return make_pipeline(*(before + (GradientBoostingRegressor(**stages()),))).fit(d.frame, d.t)


# ColumnTransformer


@case(formats=("pickle", "joblib"))
def columns_by_name(d):
    return classes(d, columns(("text", OneHotEncoder(**ignore), TEXT), ("scale", pre.StandardScaler(), NUMBERS)))


@case()
def columns_by_number(d):
    return numbers(d, columns(("text", OneHotEncoder(**dict(dense(), **ignore)), [1, 0]),
                              ("scale", pre.StandardScaler(), [2])))


@case()
def columns_by_slice(d):
    return classes(d, columns(("text", OneHotEncoder(**ignore), slice(0, 2)), ("scale", pre.MinMaxScaler(), slice(2, 4))))


@case()
def columns_by_slice_of_names(d):
    return classes(d, columns(("text", OneHotEncoder(**ignore), slice("color", "size")),
                              ("rest", "passthrough", slice("age", "count"))))


@case()
def columns_by_mask(d):
    return classes(d, columns(("text", OneHotEncoder(**ignore), np.array([True, True, False, False, False])),
                              ("scale", pre.MaxAbsScaler(), [False, False, True, True, False])))


@case()
def columns_by_function(d):
    return classes(d, columns(("text", OneHotEncoder(**ignore), text_columns), ("rest", "passthrough", ["count"])))


def text_columns(frame):
    return [c for c in frame.columns if c in TEXT]


@case(since=(0, 22))
def columns_by_dtype(d):
    from sklearn.compose import make_column_selector
    return classes(d, columns(("scale", pre.StandardScaler(), make_column_selector(dtype_include=np.number)),
                              ("text", OneHotEncoder(**ignore), make_column_selector(pattern="^(color|size)$"))))


@case(notes=["the other columns pass through"])
def columns_remainder(d):
    return classes(d, columns(("text", OneHotEncoder(**ignore), TEXT), remainder="passthrough"))


@case(notes=["the other columns are scaled"])
def columns_remainder_scaled(d):
    return numbers(d, columns(("text", OneHotEncoder(**dict(dense(), **ignore)), TEXT), remainder=pre.MinMaxScaler()))


@case()
def columns_drop(d):
    return classes(d, columns(("none", "drop", ["color"]), ("text", OneHotEncoder(**ignore), ["size"]),
                              ("rest", "passthrough", ["vip", "age"])))


@case()
def columns_weights(d):
    return classes(d, columns(("text", OneHotEncoder(**ignore), TEXT), ("scale", pre.StandardScaler(), NUMBERS),
                              transformer_weights={"text": 2.0, "scale": 0.1}))


@case()
def columns_nested(d):
    inner = make_pipeline(SimpleImputer(strategy="median"), pre.StandardScaler())
    words = make_pipeline(SimpleImputer(strategy="constant", fill_value=u"?"), OneHotEncoder(**ignore))
    d.with_missing("color", "age")
    return classes(d, columns(("numbers", inner, NUMBERS), ("text", words, TEXT)))


@case()
def columns_nested_frequent(d):
    words = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(**ignore))
    d.with_missing("size", "age")
    return numbers(d, columns(("text", words, TEXT), ("age", SimpleImputer(), ["age"]), remainder="passthrough"))


@case()
def columns_in_columns(d):
    inner = columns(("size", OneHotEncoder(**ignore), ["size"]), remainder="drop")
    return classes(d, columns(("text", inner, TEXT), ("age", "passthrough", ["age"])))


@case(X_as="objects", notes=["columns by number, X an object array"])
def columns_of_objects(d):
    m = make_pipeline(columns(("text", OneHotEncoder(**ignore), [0, 1]), ("numbers", pre.StandardScaler(), [2, 3])),
                      GradientBoostingRegressor(**stages()))
    return m.fit(d.frame.astype(object).values, d.t)


@case(notes=["only numbers and truth values"])
def columns_of_numbers(d):
    d.frame = d.frame[["vip", "count", "age"]]
    return classes(d, columns(("scale", pre.StandardScaler(), ["age"]), remainder="passthrough"))


@case(notes=["ColumnTransformer alone: transform"])
def columns_alone(d):
    return columns(("text", OneHotEncoder(**ignore), TEXT), ("scale", pre.StandardScaler(), NUMBERS)).fit(d.frame)


@case()
def columns_named_steps(d):
    before = columns(("text", OneHotEncoder(**ignore), TEXT), ("rest", "passthrough", ["age", "vip"]))
    m = Pipeline([("before", before), ("gb", GradientBoostingClassifier(**stages()))])
    return m.fit(d.frame, d.yes)


# OneHotEncoder


def onehot(d, *text, **more):
    d.frame = d.frame[TEXT + ["age"]]
    return classes(d, columns(("text", OneHotEncoder(**more), list(text) or TEXT), remainder="passthrough"))


@case(notes=["refuses what it does not know"])
def onehot_error(d):
    return onehot(d)


@case(since=(0, 21))
def onehot_drop_first(d):
    return onehot(d, drop="first")


@case(since=(1, 0))
def onehot_drop_first_ignore(d):  # earlier releases refuse to ignore and drop at once
    return onehot(d, drop="first", handle_unknown="ignore")


@case(since=(0, 23))
def onehot_drop_if_binary(d):
    d.frame = d.frame.assign(size=np.where(d.frame["age"] > 40, u"old", u"young"))
    return onehot(d, drop="if_binary")


@case(since=(0, 21))
def onehot_drop_given(d):
    return onehot(d, drop=np.array([u"red", u"M"], dtype=object))


@case()
def onehot_given_categories(d):
    known = [np.array([u"red", u"blue", u"green", u"caf\u00e9", u"pink"], dtype=object),
             np.array([u"S", u"M", u"L", u"XL"], dtype=object)]
    return onehot(d, categories=known, handle_unknown="ignore")


@case(since=(1, 1))
def onehot_min_frequency(d):
    return onehot(d, min_frequency=14, handle_unknown="infrequent_if_exist")


@case(since=(1, 1))
def onehot_max_categories(d):
    return onehot(d, max_categories=3, handle_unknown="infrequent_if_exist")


@case(since=(1, 1))
def onehot_infrequent_ignore(d):
    return onehot(d, min_frequency=0.25, handle_unknown="ignore", drop="first")


@case(since=(0, 24), notes=["missing text is a category"])
def onehot_missing(d):  # earlier releases refuse NaN
    d.with_missing("color")
    return onehot(d, handle_unknown="ignore")


@case()
def onehot_bool_and_int(d):
    d.frame = d.frame[["vip", "count"]]
    return classes(d, OneHotEncoder(**ignore))


# OrdinalEncoder, TargetEncoder


def ordinal(d, **more):
    d.frame = d.frame[TEXT + ["age"]]
    return numbers(d, columns(("text", pre.OrdinalEncoder(**more), TEXT), remainder="passthrough"))


@case(notes=["refuses what it does not know"])
def ordinal_error(d):
    return ordinal(d)


@case(since=(0, 24))
def ordinal_unknown(d):
    return ordinal(d, handle_unknown="use_encoded_value", unknown_value=-1)


@case(since=(1, 1))
def ordinal_missing(d):
    d.with_missing("color")
    return ordinal(d, handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)


@case()
def ordinal_given_categories(d):
    known = [[u"red", u"blue", u"green", u"caf\u00e9"], [u"S", u"M", u"L", u"XL"]]
    if RELEASE < (1, 0):  # lists became arrays of U, with which 0.20 to 0.24 do not compare objects in Python 2
        known = [np.array(k, dtype=object) for k in known]
    return ordinal(d, categories=known)


@case(since=(1, 3))
def ordinal_infrequent(d):
    return ordinal(d, min_frequency=14, handle_unknown="use_encoded_value", unknown_value=77)


def target_encoded(d, y, model):
    d.frame = d.frame[TEXT + ["age"]]
    encoder = pre.TargetEncoder(cv=3, random_state=0)
    m = make_pipeline(columns(("text", encoder, TEXT), remainder="passthrough"), model)
    return m.fit(d.frame, y)


@case(since=(1, 3))
def target_encoder_binary(d):
    return target_encoded(d, d.yes, RandomForestClassifier(**small()))


@case(since=(1, 4))
def target_encoder_multi(d):  # 1.3 refuses more than two classes
    return target_encoded(d, d.words, RandomForestClassifier(**small()))


@case(since=(1, 3))
def target_encoder_regression(d):
    return target_encoded(d, d.t, RandomForestRegressor(**small()))


@case(since=(1, 3), notes=["missing text is a category"])
def target_encoder_missing(d):
    d.with_missing("size")
    return target_encoded(d, d.t, GradientBoostingRegressor(**stages()))
