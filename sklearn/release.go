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
	// SimpleImputer leaves out empty columns with strategy "constant" as well (sklearn/impute/_base.py, transform).
	emptyConstants = change{Release{1, 8}}
	// KBinsDiscretizer compares with its edges as they are (sklearn/preprocessing/_discretization.py, transform).
	exactBins = change{Release{1, 1}}
	// FunctionTransformer does not validate where nobody asked for it (sklearn/preprocessing/_function_transformer.py).
	unvalidatedFunctions = change{Release{0, 22}}
	// Scalers let NaN through (sklearn/preprocessing/data.py, force_all_finite="allow-nan").
	nanScalers = change{Release{0, 20}}
	// OneHotEncoder and OrdinalEncoder let NaN through to the categories (sklearn/preprocessing/_encoders.py, _check_X).
	nanCategories = change{Release{0, 24}}
	// OrdinalEncoder encodes the missing category by a value of its own (_missing_indices).
	missingOrdinals = change{Release{1, 0}}
)

func (r Release) has(c change) bool { return !r.Before(c.since) }
