package convert

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/onnx"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/pmml"
)

// Limits bound what reading a file may cost, and what the model in it may be. The zero value is the default.
type Limits struct {
	pickle.Limits
	Model forest.Limits
}

// Unlimited are the limits of what treeport itself has just written.
var Unlimited = Limits{Model: forest.Unlimited}

// Options of a conversion. The zero value is the default.
type Options struct {
	// Methods are the methods to answer, by scikit-learn's names; nil: predict and, of a classifier, predict_proba.
	Methods []string `json:"methods,omitempty"`
	// MLOpset is ONNX's ai.onnx.ml version: 5, 3 or 1; 0: what For needs, else the newest.
	MLOpset int `json:"ml_opset,omitempty"`
	// For is the runtime that will load an ONNX file, such as onnxruntime=1.15.
	For string `json:"for,omitempty"`
	// Profile is "exact" (or ""), or "classifier": a lone ensemble in float32.
	Profile string `json:"profile,omitempty"`
	// Input is the type that an ONNX file's callers hold, "float" or "double"; "": the one that the model rounds to.
	Input string `json:"input,omitempty"`
	// Output is the type of an ONNX file's answers, "float" or "double"; "": double.
	Output string `json:"output,omitempty"`
	// Inputs is "matrix" (or ""), one input X, or "columns", one per column.
	Inputs string `json:"inputs,omitempty"`
	// SparsePMML leaves classes of no weight out of PMML's leaves.
	SparsePMML bool `json:"pmml_sparse,omitempty"`
	// NearPMML writes the leaves of weighted forests, whose probabilities no counts give to the bit, as near ones in one
	// forest, instead of one exact forest per class.
	NearPMML bool `json:"pmml_near,omitempty"`
	// Digest writes the source's SHA-256 into the artifact, which takes one more pass over the whole file.
	Digest bool `json:"-"`
	// Probes is about how many probe rows are made; 0: DefaultProbes, of large ensembles fewer; negative: none.
	Probes int `json:"-"`
	// Unsynced leaves it to the caller to sync what was written (see store.Writer).
	Unsynced bool `json:"-"`
	// Progress is told what begins; nil: nobody is.
	Progress func(stage string) `json:"-"`
}

// OptionError says which option makes no sense.
type OptionError struct {
	Option string // as its flag is called
	What   string
}

func (e *OptionError) Error() string { return "--" + e.Option + ": " + e.What }

// Check tells whether the options make sense together. The error is an *OptionError.
func (o Options) Check() error {
	_, err := o.onnx()
	return err
}

// text is what an artifact keeps of the options, so that it can be verified without them.
func (o Options) text() (string, error) {
	for _, v := range []struct {
		field   *string
		natural string
	}{{&o.Profile, "exact"}, {&o.Output, "double"}, {&o.Inputs, "matrix"}} {
		if *v.field == v.natural {
			*v.field = ""
		}
	}
	b, err := json.Marshal(o)
	return string(b), err
}

func (o Options) at(stage string) {
	if o.Progress != nil {
		o.Progress(stage)
	}
}

// onnx are the options of the ONNX writer.
func (o Options) onnx() (onnx.Options, error) {
	oo := onnx.Options{MLOpset: o.MLOpset, Input: o.Input, Output: o.Output, Methods: o.Methods}
	switch o.Profile {
	case "", "exact":
	case "classifier":
		oo.Profile = onnx.Classifier
	default:
		return oo, &OptionError{"profile", fmt.Sprintf("%q; there are exact and classifier", o.Profile)}
	}
	switch o.Inputs {
	case "", "matrix":
	case "columns":
		oo.Columns = true
	default:
		return oo, &OptionError{"inputs", fmt.Sprintf("%q; there are matrix and columns", o.Inputs)}
	}
	if o.For != "" {
		newest, err := onnx.ForRuntime(o.For)
		switch {
		case err != nil:
			return oo, &OptionError{"for", what(err)}
		case o.MLOpset > newest:
			return oo, &OptionError{"ml-opset", fmt.Sprintf("%d, which %s does not load", o.MLOpset, o.For)}
		case o.MLOpset == 0 && oo.Profile == onnx.Exact:
			oo.MLOpset = newest
		}
	}
	if err := oo.Check(); err != nil {
		return oo, &OptionError{"ml-opset, --profile, --input, --output", what(err)}
	}
	return oo, nil
}

// what is the reason of a refusal without its kind, which an OptionError tells.
func what(err error) string {
	var u *fault.Unsupported
	if errors.As(err, &u) {
		return u.What
	}
	return err.Error()
}

func (o Options) pmml() pmml.Options {
	return pmml.Options{Methods: o.Methods, Version: Version(), Sparse: o.SparsePMML, Near: o.NearPMML}
}
