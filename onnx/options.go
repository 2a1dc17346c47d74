// Package onnx puts a model into ONNX and reads ONNX back.
//
// Lower rewrites a model into what ONNX can say, still in model's own types; Write encodes a lowered model step by step;
// Read decodes a file, also one of another writer as far as it can. Read(Write(Lower(m))) equals Lower(m).
//
// The heart of Lower is the row table, which makes onnxruntime's answer equal to the bit for any number of threads:
// each tree says only which row a leaf holds (an integer, exact in any precision), the row is looked up in a float64
// table, and the rows are added in the order of the trees by CumSum, which is sequential by definition.
package onnx

import (
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
)

// Profile is what a file is for.
type Profile uint8

const (
	// Exact answers as the original does, to the last bit.
	Exact Profile = iota
	// Classifier is a lone TreeEnsembleClassifier or TreeEnsembleRegressor in float32, for runtimes and callers that know
	// nothing else. Probabilities are float32 sums.
	Classifier
)

// Options of a conversion. The zero value is the default.
type Options struct {
	// MLOpset is the version of ai.onnx.ml: 5 (or 0; smallest files, onnxruntime from 1.21), 3 (onnxruntime from 1.12) or 1
	// (onnxruntime from 1.6, and runtimes that know only the older operators).
	MLOpset int
	Profile Profile
	// Input is the type of the input that callers hold: "float", "double", or "" for the one that the model rounds to. Rows are
	// always rounded as scikit-learn rounds them.
	Input string
	// Output "float" rounds values and probabilities to float32 once, at the very end; "" and "double" leave them in float64.
	Output string
	// Methods are the methods to answer, scikit-learn's names; nil: predict and predict_proba.
	Methods []string
	// Columns makes one input per column, named as in the model, instead of one matrix X.
	Columns bool
}

// ForRuntime is the MLOpset for a runtime and version, such as onnxruntime=1.15.
func ForRuntime(text string) (int, error) {
	name, version, _ := strings.Cut(text, "=")
	parts := strings.SplitN(version, ".", 3)
	if name != "onnxruntime" || len(parts) < 2 {
		return 0, fault.Unsupportedf(fault.Where{}, "runtime %q; known is onnxruntime=VERSION, such as onnxruntime=1.15", text)
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	switch {
	case err1 != nil || err2 != nil:
		return 0, fault.Unsupportedf(fault.Where{}, "onnxruntime version %q", version)
	case major < 1 || major == 1 && minor < 6:
		return 0, fault.Unsupportedf(fault.Where{}, "onnxruntime %s; files load from 1.6 on", version)
	case major == 1 && minor < 12:
		return 1, nil
	case major == 1 && minor < 21:
		return 3, nil
	}
	return 5, nil
}

// Check tells whether the options make sense together.
func (o Options) Check() error {
	_, err := o.check()
	return err
}

// check fills in the defaults.
func (o Options) check() (Options, error) {
	if o.MLOpset == 0 {
		o.MLOpset = 5
		if o.Profile == Classifier {
			o.MLOpset = 1
		}
	}
	switch {
	case o.MLOpset != 1 && o.MLOpset != 3 && o.MLOpset != 5:
		return o, fault.Unsupportedf(fault.Where{}, "ml-opset %d; there are 5, 3 and 1", o.MLOpset)
	case o.Profile == Classifier && o.MLOpset == 5:
		return o, fault.Unsupportedf(fault.Where{}, "profile classifier with ml-opset 5, which has no such operator; there are 3 and 1")
	case o.Input != "" && o.Input != "float" && o.Input != "double":
		return o, fault.Unsupportedf(fault.Where{}, "input %q; there are float and double", o.Input)
	case o.Output != "" && o.Output != "float" && o.Output != "double":
		return o, fault.Unsupportedf(fault.Where{}, "output %q; there are float and double", o.Output)
	}
	return o, nil
}
