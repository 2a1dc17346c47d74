"""Pipelines that scale, bin, fill in and encode numbers before a model."""
import numpy as np
from sklearn import preprocessing as pre
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline

from .data import RELEASE, case, dense, small, stages

if RELEASE >= (0, 20):
    from sklearn.impute import MissingIndicator, SimpleImputer


def classes(d, *before):
    """A pipeline of these steps and a forest."""
    return make_pipeline(*(before + (RandomForestClassifier(**small()),))).fit(d.X, d.words)


def numbers(d, *before):
    """A pipeline of these steps and boosting."""
    return make_pipeline(*(before + (GradientBoostingRegressor(**stages()),))).fit(d.X, d.t)


# Scalers


@case(formats=("pickle", "joblib"))
def pipe_standard(d):
    return classes(d, pre.StandardScaler())


@case()
def pipe_standard_no_mean(d):
    return classes(d, pre.StandardScaler(with_mean=False))


@case()
def pipe_standard_no_std(d):
    return numbers(d, pre.StandardScaler(with_std=False))


@case(notes=["a constant column"])
def pipe_standard_constant(d):
    d.X[:, 1] = 0.1
    return classes(d, pre.StandardScaler())


@case(notes=["neither mean nor deviation"])
def pipe_standard_neither(d):
    return classes(d, pre.StandardScaler(with_mean=False, with_std=False))


@case()
def pipe_minmax(d):
    return classes(d, pre.MinMaxScaler())


@case(since=(0, 24))
def pipe_minmax_clip(d):
    return numbers(d, pre.MinMaxScaler(feature_range=(-2, 3), clip=True))


@case()
def pipe_minmax_range(d):
    return classes(d, pre.MinMaxScaler(feature_range=(-1, 5)))


@case()
def pipe_maxabs(d):
    return numbers(d, pre.MaxAbsScaler())


@case()
def pipe_robust(d):
    return classes(d, pre.RobustScaler())


@case()
def pipe_robust_no_centering(d):
    return classes(d, pre.RobustScaler(with_centering=False))


@case(since=(0, 18))
def pipe_robust_range(d):
    return numbers(d, pre.RobustScaler(with_scaling=True, quantile_range=(10.0, 80.0)))


@case(since=(0, 24))
def pipe_robust_unit_variance(d):
    return classes(d, pre.RobustScaler(unit_variance=True))


@case()
def pipe_normalizer_l1(d):
    return classes(d, pre.Normalizer(norm="l1"))


@case()
def pipe_normalizer_l2(d):
    return classes(d, pre.Normalizer())


@case()
def pipe_normalizer_max(d):
    return numbers(d, pre.Normalizer(norm="max"))


@case()
def pipe_binarizer(d):
    return classes(d, pre.Binarizer(threshold=0.25))


# Bins, powers, quantiles, polynomials


def bins(**more):
    fixed = dict(subsample=None) if RELEASE >= (1, 2) else {}
    fixed.update(dict(quantile_method="linear") if RELEASE >= (1, 7) and more.get("strategy") == "quantile" else {})
    return pre.KBinsDiscretizer(**dict(dict(n_bins=4, **fixed), **more))


@case(since=(0, 20))
def pipe_bins_onehot(d):
    return classes(d, bins(encode="onehot", strategy="quantile"))


@case(since=(0, 20))
def pipe_bins_onehot_dense(d):
    return numbers(d, bins(encode="onehot-dense", strategy="uniform"))


@case(since=(0, 20))
def pipe_bins_ordinal(d):
    return classes(d, bins(encode="ordinal", strategy="quantile"))


@case(since=(0, 20))
def pipe_bins_uniform(d):
    return classes(d, bins(n_bins=[3, 2, 5, 4], encode="ordinal", strategy="uniform"))


@case(since=(0, 20))
def pipe_bins_kmeans(d):
    more = dict(random_state=0) if RELEASE >= (1, 1) else {}
    return numbers(d, bins(encode="ordinal", strategy="kmeans", **more))


@case(since=(0, 20))
def pipe_power(d):
    return classes(d, pre.PowerTransformer(method="yeo-johnson"))


@case(since=(0, 20))
def pipe_power_not_standardized(d):
    return numbers(d, pre.PowerTransformer(method="yeo-johnson", standardize=False))


@case(since=(0, 20))
def pipe_power_box_cox(d):
    d.X = np.abs(d.X) + 0.5
    return classes(d, pre.PowerTransformer(method="box-cox"))


@case(since=(0, 20))
def pipe_power_box_cox_not_standardized(d):
    d.X = np.abs(d.X) + 0.5
    return numbers(d, pre.PowerTransformer(method="box-cox", standardize=False))


@case(since=(0, 19))
def pipe_quantile_uniform(d):
    return classes(d, pre.QuantileTransformer(n_quantiles=20, random_state=0))


@case(since=(0, 19))
def pipe_quantile_normal(d):
    return numbers(d, pre.QuantileTransformer(n_quantiles=20, output_distribution="normal", random_state=0))


@case()
def pipe_poly(d):
    return numbers(d, pre.PolynomialFeatures(degree=2))


@case()
def pipe_poly_interactions(d):
    return classes(d, pre.PolynomialFeatures(degree=2, interaction_only=True, include_bias=False))


@case()
def pipe_poly_cubic(d):
    return classes(d, pre.PolynomialFeatures(degree=3, include_bias=False))


@case(since=(1, 0), notes=["degrees 2 to 3 only"])
def pipe_poly_range(d):
    return classes(d, pre.PolynomialFeatures(degree=(2, 3)))


# Missing values


@case(until=(0, 21), notes=["sklearn.preprocessing.Imputer"])
def pipe_old_imputer_mean(d):
    d.X = d.with_nan()
    return classes(d, pre.Imputer())


@case(until=(0, 21), notes=["sklearn.preprocessing.Imputer"])
def pipe_old_imputer_median(d):
    d.X = d.with_nan()
    return numbers(d, pre.Imputer(strategy="median"))


@case(until=(0, 21), notes=["sklearn.preprocessing.Imputer; the missing value is -3"])
def pipe_old_imputer_frequent(d):
    return classes(d, pre.Imputer(missing_values=-3, strategy="most_frequent"))


@case(since=(0, 20))
def pipe_imputer_mean(d):
    d.X = d.with_nan()
    return classes(d, SimpleImputer())


@case(since=(0, 20))
def pipe_imputer_median(d):
    d.X = d.with_nan()
    return numbers(d, SimpleImputer(strategy="median"))


@case(since=(0, 20))
def pipe_imputer_frequent(d):
    d.X = d.with_nan()
    return classes(d, SimpleImputer(strategy="most_frequent"))


@case(since=(0, 20))
def pipe_imputer_constant(d):
    d.X = d.with_nan()
    return classes(d, SimpleImputer(strategy="constant", fill_value=-7.5))


@case(since=(0, 20), notes=["the missing value is -999"])
def pipe_imputer_other_value(d):
    d.X = np.nan_to_num(d.with_nan() + 999) - 999
    return classes(d, SimpleImputer(missing_values=-999, strategy="mean"))


@case(since=(0, 21))
def pipe_imputer_indicator(d):
    d.X = d.with_nan()
    d.X[:, 1] = 0.5
    return classes(d, SimpleImputer(add_indicator=True))


@case(since=(0, 20), notes=["a column of nothing but NaN: dropped"])
def pipe_imputer_empty(d):
    d.X = d.with_nan()
    d.X[:, 1] = np.nan
    return classes(d, SimpleImputer(strategy="median"))


@case(since=(1, 2), notes=["a column of nothing but NaN: kept"])
def pipe_imputer_keep_empty(d):
    d.X = d.with_nan()
    d.X[:, 1] = np.nan
    return classes(d, SimpleImputer(keep_empty_features=True))


@case(since=(0, 20))
def pipe_indicator_union(d):
    d.X = d.with_nan()
    union = FeatureUnion([("values", SimpleImputer()), ("missing", MissingIndicator())])
    return classes(d, union)


@case(since=(0, 20))
def pipe_indicator_all(d):
    d.X = d.with_nan()
    indicator = MissingIndicator(features="all", error_on_new=False)
    return classes(d, FeatureUnion([("values", SimpleImputer(strategy="median")), ("missing", indicator)]))


# Whole numbers to columns of 0 and 1


def whole(d):
    """Only small whole numbers, as the encoder of releases before 0.20 wants them."""
    d.X = np.column_stack([np.digitize(d.X[:, 0], [-1, 0, 1]), d.X[:, 2] + 3, d.X[:, 3] > 0]).astype(float)
    d.special = np.array([[0, 99, 1], [7, 3, 0], [1, 3, 2]], dtype=float)
    return d


@case()
def pipe_onehot_whole(d):
    more = dict(categories="auto") if RELEASE >= (0, 20) else {}
    return classes(whole(d), pre.OneHotEncoder(handle_unknown="ignore", **more))


@case(notes=["refuses what it does not know"])
def pipe_onehot_error(d):
    more = dict(categories="auto") if RELEASE >= (0, 20) else {}
    return classes(whole(d), pre.OneHotEncoder(**dict(dense(), **more)))


@case(until=(0, 21), notes=["categorical_features=[0], n_values given"])
def pipe_onehot_some(d):
    return classes(whole(d), pre.OneHotEncoder(n_values=8, categorical_features=[0], handle_unknown="ignore"))


@case(since=(0, 20))
def pipe_ordinal_whole(d):
    return classes(whole(d), pre.OrdinalEncoder())
