package sklearn

import (
	"fmt"
	"strconv"
	"strings"
)

// Release is a scikit-learn release by its first two numbers; later ones never changed what a model says.
type Release struct{ Major, Minor int }

// The oldest and the newest release whose sources this package follows.
var (
	Oldest = Release{0, 17}
	Newest = Release{1, 9}
)

func (r Release) String() string { return fmt.Sprintf("%d.%d", r.Major, r.Minor) }

// Before tells whether r is older than s.
func (r Release) Before(s Release) bool {
	return r.Major < s.Major || r.Major == s.Major && r.Minor < s.Minor
}

// parseRelease reads the text of _sklearn_version, such as 0.22.2.post1 or 1.8.dev0.
func parseRelease(text string) (Release, bool) {
	parts := strings.SplitN(text, ".", 3)
	if len(parts) < 2 {
		return Release{}, false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(leadingDigits(parts[1]))
	return Release{major, minor}, err1 == nil && err2 == nil && major >= 0 && minor >= 0
}

func leadingDigits(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		return s
	}
	return s[:end]
}

// A change is a difference between releases that a reader has to know, by the first release that has it. A condition reads
// rel.has(sharesInLeaves).
type change struct{ since Release }

var (
	// Classifiers' tree values are shares instead of weighted counts, and predict_proba returns them as they are
	// (sklearn/tree/_classes.py, DecisionTreeClassifier.predict_proba).
	sharesInLeaves = change{Release{1, 4}}
	// Decision trees route NaN (sklearn/tree/_classes.py, _support_missing_values).
	nanInTrees = change{Release{1, 3}}
	// Forests ask their first tree whether they may (sklearn/ensemble/_forest.py, _validate_X_predict), and monotonic
	// constraints forbid it.
	nanInForests = change{Release{1, 4}}
	// Splitter "random" and extra trees route NaN too.
	nanInRandomSplits = change{Release{1, 6}}
	// ExtraTreeRegressor with splitter "best" no longer does.
	nanExtraRegressor = change{Release{1, 7}}
	// Every criterion does, and monotonic constraints no longer forbid it.
	nanEverywhere = change{Release{1, 9}}
	// IsolationForest's path lengths take ln(n-1) instead of ln n, and Euler's constant in full (sklearn/ensemble/iforest.py,
	// _average_path_length); its trees are given the columns of estimators_features_.
	eulerPaths = change{Release{0, 19}}
	// IsolationForest has score_samples, and an offset to be subtracted (decision_function).
	isolationOffset = change{Release{0, 20}}
	// Leaves of one row have length 0, of two rows 1; depths are added up over the trees and divided once
	// (_compute_score_samples).
	summedDepths = change{Release{0, 21}}
	// behaviour 'old' has a threshold of its own until then.
	oneBehaviour = change{Release{0, 22}}
	// numpy may compute powers with AVX-512, up to 1 ulp off (numpy 1.22), and numpy.percentile answers a value that stands there
	// twice as it is (numpy 1.20).
	vectorPowers = change{Release{1, 0}}
	// IsolationForest rounds X to float32 before it looks for infinity (score_samples).
	isolationFloat32 = change{Release{1, 3}}
	// IsolationForest validates no more than that: NaN and infinity go down the trees.
	isolationRoutes = change{Release{1, 6}}
	// CalibratedClassifierCV looks the classes of an estimator up among its own (sklearn/calibration.py, label_encoder_).
	calibratedPlaces = change{Release{0, 18}}
	// It asks _get_response_values, which goes by the estimator's own number of classes.
	responseValues = change{Release{1, 4}}
	// IsotonicRegression computes in the dtype of its thresholds, and refuses what is not finite (sklearn/isotonic.py, transform).
	isotonicKinds = change{Release{0, 21}}
	// IsotonicRegression interpolates by lines instead of splines of degree 1 (sklearn/isotonic.py, _build_f).
	isotonicLines = change{Release{0, 18}}
	// Its users may have scipy 1.18, whose interp1d computes float32 lines by another formula; files don't say which they had
	// (scipy/interpolate/_interpolate.py, _call_linear).
	newerScipy = change{Release{1, 9}}
	// Bags leave it to their members to look for NaN and infinity (sklearn/ensemble/bagging.py, predict_proba and predict).
	bagsLeaveValidation = change{Release{0, 20}}
	// AdaBoostClassifier answers 1 for its only class (sklearn/ensemble/weight_boosting.py, predict_proba).
	oneClassProba = change{Release{0, 19}}
	// AdaBoostClassifier's probabilities are the softmax of its decisions, whatever its members' are (_weight_boosting.py,
	// _compute_proba_from_decision).
	adaBoostSoftmax = change{Release{0, 22}}
	// A vote of AdaBoostClassifier's SAMME counts against the other classes as well (decision_function).
	contraryVotes = change{Release{1, 3}}
	// AdaBoostClassifier has no SAMME.R any more, and a decision of 0 for an only class.
	onlySAMME = change{Release{1, 6}}
	// SimpleImputer leaves out empty columns with strategy "constant" as well (sklearn/impute/_base.py, transform).
	emptyConstants = change{Release{1, 8}}
	// KBinsDiscretizer compares with its edges as they are (sklearn/preprocessing/_discretization.py, transform).
	exactBins = change{Release{1, 1}}
	// FunctionTransformer does not validate where nobody asked for it (sklearn/preprocessing/_function_transformer.py).
	unvalidatedFunctions = change{Release{0, 22}}
	// OneVsRestClassifier.decision_function of two classes is a vector (sklearn/multiclass.py).
	flatDecision = change{Release{0, 19}}
	// OneVsRestClassifier.predict takes the first of the largest scores instead of the last.
	firstLargest = change{Release{1, 8}}
	// OneVsRestClassifier.predict_proba leaves rows that add up to 0 as they are, instead of dividing by 0.
	zeroSums = change{Release{1, 7}}
	// OneVsOneClassifier.decision_function of two classes is a vector, and predict compares it with a threshold.
	binaryOneVsOne = change{Release{0, 19}}
	// That threshold is the one of the estimators' scores, 0.5 for probabilities, instead of 0.
	scoreOneVsOne = change{Release{1, 1}}
	// Confidences are scaled row by row, not by the largest of all rows of a call (_ovr_decision_function).
	rowwiseConfidences = change{Release{0, 21}}
	// Scalers let NaN through (sklearn/preprocessing/data.py, force_all_finite="allow-nan").
	nanScalers = change{Release{0, 20}}
	// OneHotEncoder and OrdinalEncoder let NaN through to the categories (sklearn/preprocessing/_encoders.py, _check_X).
	nanCategories = change{Release{0, 24}}
	// OrdinalEncoder encodes the missing category by a value of its own (_missing_indices).
	missingOrdinals = change{Release{1, 0}}
	// Dummies no longer look at the rows (sklearn/dummy.py, check_array with force_all_finite=False, later without it).
	blindDummies = change{Release{0, 19}}
	// DummyRegressor answers in the type of its constant (sklearn/dummy.py, predict: numpy.full).
	typedDummies = change{Release{0, 20}}
	// Regressors have no decision_function (sklearn/ensemble/gradient_boosting.py, sklearn/linear_model/base.py: deprecated
	// since 0.17).
	noRegressorDecisions = change{Release{0, 19}}
	// LogisticRegression goes by multi_class even with two classes (sklearn/linear_model/logistic.py, predict_proba), by the
	// count of classes from 1.8 on; newton-cholesky knows several classes at once from 1.6 on.
	logisticByWord      = change{Release{0, 20}}
	multinomialCholesky = change{Release{1, 6}}
	logisticByCount     = change{Release{1, 8}}
	// Where each class against the rest is impossible, all are as likely (sklearn/linear_model/_base.py, _predict_proba_lr).
	uniformShares = change{Release{1, 9}}
	// Histogram gradient boosting routes NaN and takes infinity (sklearn/ensemble/_hist_gradient_boosting/gradient_boosting.py,
	// check_array with force_all_finite=False).
	nanInHistograms = change{Release{0, 22}}
	// It takes losses of sklearn._loss (the same file, predict_proba).
	histLinks = change{Release{1, 1}}
	// A category below 0 is missing; before, the cast to a byte made a category of it (_predictor.pyx).
	negativeCategories = change{Release{1, 2}}
	// Labels are those of the largest raw score, not of the largest probability (the same file, predict).
	histLabelsByRaw = change{Release{1, 5}}
	// Gradient boosting adds to the scores of init wherever they lie in memory (sklearn/ensemble/_gradient_boosting.pyx).
	boostedLayouts = change{Release{1, 3}}
	// Gradient boosting asks init for probabilities or values instead of scores (sklearn/ensemble/_gb_losses.py,
	// get_init_raw_predictions).
	boostedProbabilities = change{Release{0, 21}}
	// It takes loss and link of sklearn._loss (sklearn/ensemble/_gb.py, _init_raw_predictions, predict): raw scores of several
	// classes are centred, raw >= 0 is the second class, the softmax is extmath's.
	boostedLinks = change{Release{1, 4}}
	// scipy.special.logit of numbers near one half is log1p(s) - log1p(-s), with s = 2 (p - 1/2), from scipy 1.15 on. A file
	// does not say which scipy it met; this is the first release that came after it.
	logitByLog1p = change{Release{1, 6}}
	// Probabilities of init are clipped by float64's epsilon, not float32's (sklearn/ensemble/_gb.py, _init_raw_predictions).
	finerClip = change{Release{1, 8}}
	// Normalizer takes the largest absolute number of a row, not the largest number (sklearn/preprocessing/_data.py, normalize).
	absoluteNorms = change{Release{0, 23}}
	// Scales below 10 epsilon count as 0 (sklearn/preprocessing/_data.py, _handle_zeros_in_scale).
	tinyScales = change{Release{1, 0}}
	// numpy.einsum adds squares otherwise from numpy 1.21 on. A file does not say which numpy it met; this is the first release
	// that came after it.
	einsumPairs = change{Release{1, 0}}
	// PolynomialFeatures multiplies by the first factor last (sklearn/preprocessing/_data.py, transform).
	firstFactorLast = change{Release{0, 22}}
	// QuantileTransformer to uniform: just what equals the bounds is 0 and 1, and nothing is cut off (sklearn/preprocessing/
	// data.py, _transform_col).
	uniformBounds = change{Release{0, 21}}
	// PowerTransformer is scipy.stats.yeojohnson (sklearn/preprocessing/_data.py, transform).
	stableYeoJohnson = change{Release{1, 9}}
	// Its inverse of box-cox is scipy.special.inv_boxcox (inverse_transform).
	stableInverse = change{Release{1, 6}}
	// PCA subtracts the mean's projection from the rows', instead of projecting rows less the mean; whitening divides by no less
	// than epsilon (sklearn/decomposition/_base.py, _transform).
	projectedMeans = change{Release{1, 5}}
	// Selections of columns let anything pass where their tag allow_nan is set (sklearn/feature_selection/_base.py, transform).
	untestedSelection = change{Release{0, 22}}
	// SelectPercentile takes numpy.percentile (sklearn/feature_selection/univariate_selection.py), which from numpy 1.20 on
	// computes otherwise.
	numpyPercentile = change{Release{0, 20}}
	lerpPercentile  = change{Release{0, 24}}
	// SelectFdr counts from 1, not 0.
	discoveryFromOne = change{Release{0, 18}}
	// SelectFromModel has max_features, and drops what is less than the threshold (sklearn/feature_selection/from_model.py).
	mostFeatures = change{Release{0, 20}}
	// It takes the absolute importances (sklearn/feature_selection/_base.py, _get_feature_importances).
	absoluteImportances = change{Release{0, 24}}
	// Where it has no threshold, an l1_ratio of 1 counts as an l1 penalty (_calculate_threshold).
	ratioByName  = change{Release{1, 1}}
	ratioByClass = change{Release{1, 8}}
	// Importances of gradient boosting are made of those of trees that are not normalised (sklearn/ensemble/gradient_boosting.py).
	rawImportances = change{Release{0, 20}}
	// Importances of forests and gradient boosting leave out trees without a split (sklearn/ensemble/forest.py).
	splitImportances = change{Release{0, 21}}
	// The OpenBLAS of numpy 1.19 adds the products of every column of a small matrix in their order; earlier ones add those of the
	// last column otherwise. A file does not say which numpy it met; this is the first release that came after it.
	evenProducts = change{Release{0, 23}}
	// OutputCodeClassifier takes sklearn.metrics.pairwise_distances_argmin, which adds up squares by BLAS (sklearn/multiclass.py,
	// predict; sklearn/metrics/_pairwise_distances_reduction/_base.pyx, _sqeuclidean_row_norms64_dense).
	nearestByBLAS = change{Release{1, 3}}
)

func (r Release) has(c change) bool { return !r.Before(c.since) }
