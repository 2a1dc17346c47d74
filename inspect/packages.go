package inspect

import (
	"slices"
	"strings"
)

// Names in a file are anyone's words: a requirement is made only of packages listed here, so that no file can make its
// reader install a package that it names. Other modules are told in a comment.

// distributions are the packages of other libraries that models are known to need, by their top-level module.
var distributions = map[string]string{
	"pandas": "pandas", "xgboost": "xgboost", "lightgbm": "lightgbm", "catboost": "catboost", "imblearn": "imbalanced-learn",
	"skops": "skops", "cloudpickle": "cloudpickle", "dill": "dill", "category_encoders": "category-encoders",
	"sklearn_pandas": "sklearn-pandas", "statsmodels": "statsmodels", "pyarrow": "pyarrow",
}

// settled are top-level modules that the other lines see to, and those of Python itself that models are known to name.
// _loss is scikit-learn's, by an accident in the builds of 1.5 to 1.8.
var settled = strings.Fields(`sklearn numpy scipy joblib threadpoolctl _loss _catboost
	builtins __builtin__ copyreg copy_reg _codecs collections functools operator datetime decimal fractions itertools
	re types enum pathlib random uuid weakref`)

// others lists what the file names beside scikit-learn and what that stands on: packages to install, and modules that
// nobody can tell the package of.
func others(globals []Global) (packages, unknown []string) {
	for _, g := range globals {
		top := topLevel(g.Module)
		if slices.Contains(settled, top) {
			continue
		}
		if d, ok := distributions[top]; ok {
			if !slices.Contains(packages, d) {
				packages = append(packages, d)
			}
		} else if !slices.Contains(unknown, g.Module) {
			unknown = append(unknown, g.Module)
		}
	}
	return packages, unknown
}
