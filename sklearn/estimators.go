// Package sklearn turns decoded values into models, for every scikit-learn release: what a fitted estimator answered in
// the release that wrote it, its model answers too. What it can't follow it refuses, naming class, release and place.
//
// Find lists the estimators in a decoded file, Read makes a model of one.
//
// estimators.go lists what can be read, release.go what changed between releases. A family of estimators has a file of its own
// (forests.go, gradientboosting.go, encoders.go, ...); what they share is in builder.go (the program while it is made), rows.go (the
// rows that an estimator is given), inputs.go (the columns that it takes), object.go (attributes), file.go (how much may be
// read) and foreign.go (what must not stand in attributes).
package sklearn

import (
	"strings"

	"github.com/seed-2867d59c/treeport/pickle"
)

// A reader adds to the program what an estimator answers for the rows x, and lists the answers.
type reader func(b *builder, e *object, x rows) (answers, error)

// A transformer adds to the program what an estimator's transform makes of the rows x.
type transformer func(b *builder, e *object, x rows) (rows, error)

// An estimator is a class that can be read. The package is the part of its module that never changed: the modules below
// it were renamed more than once.
type estimator struct {
	pkg, class string
	read       reader      // nil: it has no predict
	transform  transformer // nil: it has no transform
	// inputs says which columns it takes, where that is not what it counted itself, or where some may be text; else nil.
	inputs func(e *object) (inputs, error)
	// takes says how many columns it takes where it makes so many, for those that may not know by themselves in some
	// releases: the step after them counted what they make. nil: it knows.
	takes func(e *object, makes int) (int, error)
}

// estimators is the visible list of what can be read.
func estimators() []estimator {
	return []estimator{
		// Trees and forests.
		{pkg: "sklearn.tree", class: "DecisionTreeClassifier", read: readTreeClassifier},
		{pkg: "sklearn.tree", class: "DecisionTreeRegressor", read: readTreeRegressor},
		{pkg: "sklearn.tree", class: "ExtraTreeClassifier", read: readTreeClassifier},
		{pkg: "sklearn.tree", class: "ExtraTreeRegressor", read: readTreeRegressor},
		{pkg: "sklearn.ensemble", class: "RandomForestClassifier", read: readForestClassifier},
		{pkg: "sklearn.ensemble", class: "RandomForestRegressor", read: readForestRegressor},
		{pkg: "sklearn.ensemble", class: "ExtraTreesClassifier", read: readForestClassifier},
		{pkg: "sklearn.ensemble", class: "ExtraTreesRegressor", read: readForestRegressor},
		{pkg: "sklearn.ensemble", class: "RandomTreesEmbedding", read: readTreesEmbedding, transform: transformTreesEmbedding},

		// Boosting, isolation forests.
		{pkg: "sklearn.ensemble", class: "AdaBoostRegressor", read: readAdaBoostRegressor, inputs: memberInputs("estimators_")},
		{pkg: "sklearn.ensemble", class: "AdaBoostClassifier", read: readAdaBoostClassifier, inputs: memberInputs("estimators_")},
		{pkg: "sklearn.ensemble", class: "IsolationForest", read: readIsolationForest},
		{pkg: "sklearn.ensemble", class: "GradientBoostingClassifier", read: readBoostedClassifier},
		{pkg: "sklearn.ensemble", class: "GradientBoostingRegressor", read: readBoostedRegressor},
		{pkg: "sklearn.ensemble", class: "HistGradientBoostingClassifier", read: readHistClassifier, inputs: histInputs},
		{pkg: "sklearn.ensemble", class: "HistGradientBoostingRegressor", read: readHistRegressor, inputs: histInputs},

		// Ensembles of any estimators.
		{pkg: "sklearn.ensemble", class: "BaggingClassifier", read: readBaggingClassifier, inputs: bagInputs},
		{pkg: "sklearn.ensemble", class: "BaggingRegressor", read: readBaggingRegressor, inputs: bagInputs},
		{pkg: "sklearn.ensemble", class: "VotingClassifier", read: readVotingClassifier, transform: transformVotingClassifier, inputs: memberInputs("estimators_")},
		{pkg: "sklearn.ensemble", class: "VotingRegressor", read: readVotingRegressor, transform: transformVotingRegressor, inputs: memberInputs("estimators_")},
		{pkg: "sklearn.ensemble", class: "StackingClassifier", read: readStackingClassifier, transform: (*builder).stack, inputs: stackInputs},
		{pkg: "sklearn.ensemble", class: "StackingRegressor", read: readStackingRegressor, transform: (*builder).stack, inputs: stackInputs},

		// Boosters of other libraries.
		{pkg: "xgboost.sklearn", class: "XGBClassifier", read: readXGBoostClassifier, inputs: xgboostInputs},
		{pkg: "xgboost.sklearn", class: "XGBRFClassifier", read: readXGBoostClassifier, inputs: xgboostInputs},
		{pkg: "xgboost.sklearn", class: "XGBModel", read: readXGBoost, inputs: xgboostInputs},
		{pkg: "xgboost.sklearn", class: "XGBRegressor", read: readXGBoost, inputs: xgboostInputs},
		{pkg: "xgboost.sklearn", class: "XGBRFRegressor", read: readXGBoost, inputs: xgboostInputs},
		{pkg: "xgboost.sklearn", class: "XGBRanker", read: readXGBoost, inputs: xgboostInputs},
		{pkg: "xgboost.core", class: "Booster", read: readXGBoost, inputs: xgboostInputs},
		{pkg: "catboost.core", class: "CatBoost", read: readCatBoost, inputs: catboostInputs},
		{pkg: "catboost.core", class: "CatBoostClassifier", read: readCatBoostModel, inputs: catboostInputs},
		{pkg: "catboost.core", class: "CatBoostRegressor", read: readCatBoostModel, inputs: catboostInputs},
		{pkg: "catboost.core", class: "CatBoostRanker", read: readCatBoost, inputs: catboostInputs},
		{pkg: "_catboost", class: "_CatBoost", read: readCatBoostModel, inputs: catboostInputs},
		{pkg: "lightgbm.sklearn", class: "LGBMClassifier", read: readLightGBMClassifier, inputs: lightgbmInputs},
		{pkg: "lightgbm.sklearn", class: "LGBMRegressor", read: readLightGBM, inputs: lightgbmInputs},
		{pkg: "lightgbm.sklearn", class: "LGBMRanker", read: readLightGBM, inputs: lightgbmInputs},
		{pkg: "lightgbm.sklearn", class: "LGBMModel", read: readLightGBM, inputs: lightgbmInputs},
		{pkg: "lightgbm.basic", class: "Booster", read: readLightGBM, inputs: lightgbmInputs},

		// Classifiers and regressors made of others.
		{pkg: "sklearn.calibration", class: "CalibratedClassifierCV", read: readCalibrated, inputs: calibratedInputs},
		{pkg: "sklearn.frozen", class: "FrozenEstimator", read: delegate(frozenMethods, "estimator"), transform: delegateTransform("estimator"), inputs: inputsOfChild("estimator")},
		{pkg: "sklearn.semi_supervised", class: "SelfTrainingClassifier", read: delegate(selfTrainingMethods, "estimator_", "base_estimator_"), inputs: inputsOfChild("estimator_", "base_estimator_")},
		{pkg: "sklearn.feature_selection", class: "RFE", read: readRFE, transform: transformRFE, inputs: rfeInputs},
		{pkg: "sklearn.feature_selection", class: "RFECV", read: readRFE, transform: transformRFE, inputs: rfeInputs},
		{pkg: "sklearn.compose", class: "TransformedTargetRegressor", read: readTransformedTarget, inputs: inputsOfChild("regressor_")},
		{pkg: "sklearn.multioutput", class: "MultiOutputClassifier", read: readMultiOutputClassifier, inputs: inputsOfChild("estimators_")},
		{pkg: "sklearn.multioutput", class: "MultiOutputRegressor", read: readMultiOutputRegressor, inputs: inputsOfChild("estimators_")},
		{pkg: "sklearn.multioutput", class: "ClassifierChain", read: readChain, inputs: inputsOfChild("estimators_")},
		{pkg: "sklearn.multioutput", class: "RegressorChain", read: readChain, inputs: inputsOfChild("estimators_")},
		{pkg: "sklearn.multiclass", class: "OneVsRestClassifier", read: readOneVsRest, inputs: inputsOfChild("estimators_")},
		{pkg: "sklearn.multiclass", class: "OutputCodeClassifier", read: readOutputCode, inputs: inputsOfChild("estimators_")},
		{pkg: "sklearn.multiclass", class: "OneVsOneClassifier", read: readOneVsOne, inputs: inputsOfChild("estimators_")},

		// Searches and thresholds.
		{pkg: "sklearn.grid_search", class: "GridSearchCV", read: readSearch, transform: delegateTransform("best_estimator_"), inputs: inputsOfChild("best_estimator_")},
		{pkg: "sklearn.grid_search", class: "RandomizedSearchCV", read: readSearch, transform: delegateTransform("best_estimator_"), inputs: inputsOfChild("best_estimator_")},
		{pkg: "sklearn.model_selection", class: "GridSearchCV", read: readSearch, transform: delegateTransform("best_estimator_"), inputs: inputsOfChild("best_estimator_")},
		{pkg: "sklearn.model_selection", class: "RandomizedSearchCV", read: readSearch, transform: delegateTransform("best_estimator_"), inputs: inputsOfChild("best_estimator_")},
		{pkg: "sklearn.model_selection", class: "HalvingGridSearchCV", read: readSearch, transform: delegateTransform("best_estimator_"), inputs: inputsOfChild("best_estimator_")},
		{pkg: "sklearn.model_selection", class: "HalvingRandomSearchCV", read: readSearch, transform: delegateTransform("best_estimator_"), inputs: inputsOfChild("best_estimator_")},
		{pkg: "sklearn.model_selection", class: "FixedThresholdClassifier", read: readThreshold, inputs: inputsOfChild("estimator_", "estimator")},
		{pkg: "sklearn.model_selection", class: "TunedThresholdClassifierCV", read: readThreshold, inputs: inputsOfChild("estimator_", "estimator")},

		// Parts of the above: linear models, dummies, isotonic regression.
		{pkg: "sklearn.svm", class: "LinearSVC", read: readRidgeClassifier, inputs: linearInputs},
		{pkg: "sklearn.svm", class: "LinearSVR", read: readLinear, inputs: linearInputs},
		{pkg: "sklearn.isotonic", class: "IsotonicRegression", read: readIsotonicRegression, transform: transformIsotonicRegression, inputs: isotonicInputs},
		{pkg: "sklearn.linear_model", class: "LinearRegression", read: readLinear, inputs: linearInputs},
		{pkg: "sklearn.linear_model", class: "Ridge", read: readLinear, inputs: linearInputs},
		{pkg: "sklearn.linear_model", class: "RidgeCV", read: readLinear, inputs: linearInputs},
		{pkg: "sklearn.linear_model", class: "Lasso", read: readLinear, inputs: linearInputs},
		{pkg: "sklearn.linear_model", class: "LassoCV", read: readLinear, inputs: linearInputs},
		{pkg: "sklearn.linear_model", class: "ElasticNet", read: readLinear, inputs: linearInputs},
		{pkg: "sklearn.linear_model", class: "ElasticNetCV", read: readLinear, inputs: linearInputs},
		{pkg: "sklearn.linear_model", class: "LogisticRegression", read: readLogistic, inputs: linearInputs},
		{pkg: "sklearn.linear_model", class: "LogisticRegressionCV", read: readLogistic, inputs: linearInputs},
		{pkg: "sklearn.linear_model", class: "RidgeClassifier", read: readRidgeClassifier, inputs: linearInputs},
		{pkg: "sklearn.linear_model", class: "RidgeClassifierCV", read: readRidgeClassifier, inputs: linearInputs},
		{pkg: "sklearn.dummy", class: "DummyClassifier", read: readDummyClassifier},
		{pkg: "sklearn.dummy", class: "DummyRegressor", read: readDummyRegressor},

		// Pipelines.
		{pkg: "sklearn.pipeline", class: "Pipeline", read: readPipeline, transform: transformPipeline, inputs: pipelineInputs},
		{pkg: "sklearn.pipeline", class: "FeatureUnion", transform: transformUnion, inputs: unionInputs},
		{pkg: "sklearn.compose", class: "ColumnTransformer", transform: transformColumns, inputs: columnInputs},

		// Encoders, imputers, scalers and other transformers.
		{pkg: "sklearn.preprocessing", class: "OneHotEncoder", transform: transformOneHot, inputs: oneHotInputs, takes: oneHotTakes},
		{pkg: "sklearn.preprocessing", class: "OrdinalEncoder", transform: transformOrdinal, inputs: categoryInputs},
		{pkg: "sklearn.preprocessing", class: "TargetEncoder", transform: transformTarget, inputs: categoryInputs},
		{pkg: "sklearn.impute", class: "SimpleImputer", transform: transformImputer, inputs: imputerInputs},
		{pkg: "sklearn.impute", class: "MissingIndicator", transform: transformIndicator},
		{pkg: "sklearn.preprocessing", class: "Imputer", transform: transformImputer, inputs: imputerInputs},
		{pkg: "sklearn.preprocessing", class: "StandardScaler", transform: transformStandard, inputs: scalerInputs, takes: takesAsMany},
		{pkg: "sklearn.preprocessing", class: "RobustScaler", transform: transformRobust, inputs: scalerInputs, takes: takesAsMany},
		{pkg: "sklearn.preprocessing", class: "MaxAbsScaler", transform: transformMaxAbs, inputs: scalerInputs},
		{pkg: "sklearn.preprocessing", class: "MinMaxScaler", transform: transformMinMax, inputs: scalerInputs},
		{pkg: "sklearn.preprocessing", class: "Binarizer", transform: transformBinarizer, takes: takesAsMany},
		{pkg: "sklearn.preprocessing", class: "KBinsDiscretizer", transform: transformBins, inputs: binInputs},
		{pkg: "sklearn.preprocessing", class: "FunctionTransformer", transform: transformFunction, takes: takesAsMany},
		{pkg: "sklearn.preprocessing", class: "Normalizer", transform: transformNormalizer, takes: takesAsMany},
		{pkg: "sklearn.preprocessing", class: "PowerTransformer", transform: transformPower, inputs: scalerInputs},
		{pkg: "sklearn.preprocessing", class: "QuantileTransformer", transform: transformQuantile, inputs: quantileInputs},
		{pkg: "sklearn.preprocessing", class: "PolynomialFeatures", transform: transformPolynomial, inputs: polynomialInputs},

		// Projections and selections of columns.
		{pkg: "sklearn.decomposition", class: "PCA", transform: transformPCA, inputs: componentInputs},
		{pkg: "sklearn.decomposition", class: "RandomizedPCA", transform: transformPCA, inputs: componentInputs},
		{pkg: "sklearn.decomposition", class: "IncrementalPCA", transform: transformPCA, inputs: componentInputs},
		{pkg: "sklearn.decomposition", class: "TruncatedSVD", transform: transformSVD, inputs: componentInputs},
		{pkg: "sklearn.feature_selection", class: "VarianceThreshold", transform: selector(aboveVariance), inputs: selectorInputs(aboveVariance)},
		{pkg: "sklearn.feature_selection", class: "SequentialFeatureSelector", transform: selector(supported), inputs: selectorInputs(supported)},
		{pkg: "sklearn.feature_selection", class: "SelectKBest", transform: selector(byParameter("k_best", "k")), inputs: selectorInputs(byParameter("k_best", "k"))},
		{pkg: "sklearn.feature_selection", class: "SelectPercentile", transform: selector(byParameter("percentile", "percentile")), inputs: selectorInputs(byParameter("percentile", "percentile"))},
		{pkg: "sklearn.feature_selection", class: "SelectFpr", transform: selector(byParameter("fpr", "alpha")), inputs: selectorInputs(byParameter("fpr", "alpha"))},
		{pkg: "sklearn.feature_selection", class: "SelectFdr", transform: selector(byParameter("fdr", "alpha")), inputs: selectorInputs(byParameter("fdr", "alpha"))},
		{pkg: "sklearn.feature_selection", class: "SelectFwe", transform: selector(byParameter("fwe", "alpha")), inputs: selectorInputs(byParameter("fwe", "alpha"))},
		{pkg: "sklearn.feature_selection", class: "GenericUnivariateSelect", transform: selector(byMode), inputs: selectorInputs(byMode)},
		{pkg: "sklearn.feature_selection", class: "SelectFromModel", transform: selector(importantEnough), inputs: modelInputs},
	}
}

// find is the entry of a class, or nil.
func find(class pickle.Global) *estimator {
	for i := range known {
		e := &known[i]
		if class.Name == e.class && (class.Module == e.pkg || strings.HasPrefix(class.Module, e.pkg+".")) {
			return e
		}
	}
	return nil
}

// known is the list as find reads it; set at start, since readers look for others in it.
var known []estimator

func init() { known = estimators() }
