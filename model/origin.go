package model

import "slices"

// Origin says where a model comes from, as an ordered list of properties that every format carries along: a reader of
// the artifact finds the file, the estimator and the releases that made it.
type Origin []Property

// Property is one line of an Origin.
type Property struct{ Key, Value string }

// Keys of an Origin. Those of parameters are ParamKey followed by scikit-learn's name.
const (
	KeyProducer  = "treeport"             // treeport's version
	KeySource    = "source"               // base name of the file
	KeySHA256    = "source_sha256"        // of the file's bytes, in hex
	KeyPath      = "source_path"          // place of the model in the file's object, where it is not the root
	KeyContainer = "source_container"     // layers around the pickle, outermost first
	KeyProtocol  = "source_protocol"      // protocol of pickle, or of skops
	KeyPython    = "python"               // what is known of the Python that wrote it
	KeyNumpy     = "numpy"                // what is known of the numpy that wrote it
	KeyJoblib    = "joblib"               // what is known of the joblib that wrote it
	KeySkops     = "skops"                // release of skops that wrote it
	KeyClass     = "estimator"            // class with its module, as in the file
	KeyRelease   = "scikit_learn"         // release that wrote the file
	KeyXGBoost   = "xgboost"              // release of XGBoost that wrote a booster in it
	KeyCatBoost  = "catboost"             // release of CatBoost that wrote a booster in it, where it names one
	KeyTakenFor  = "scikit_learn_assumed" // release whose behaviour was assumed, where the file's is unknown
	KeyFeatures  = "features"             // number of features
	KeyColumns   = "columns"              // NumberedColumns where the original knows no names of columns
	KeyClasses   = "classes"              // labels of a classifier, as a JSON list; of several targets, a list of lists
	KeyNaN       = "nan"                  // "refused" where the original raises an error on NaN, else "routed"
	KeyOptions   = "options"              // of the conversion, as JSON; what differs from the default
	ParamKey     = "param."
)

// NumberedColumns is the KeyColumns of a model whose columns have no names: what an artifact calls them are only their numbers.
const NumberedColumns = "numbered"

// Get finds a property.
func (o Origin) Get(key string) string {
	for _, p := range o {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}

// With is the origin with another property behind that of a key.
func (o Origin) With(key string, p Property) Origin {
	for i := range o {
		if o[i].Key == key {
			return slices.Insert(slices.Clone(o), i+1, p)
		}
	}
	return append(slices.Clip(o), p)
}
