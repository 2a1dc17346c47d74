package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-2867d59c/treeport/convert"
)

// limitFlags adds a flag for each limit of the decoder and of the model.
func limitFlags(cmd *cobra.Command) *convert.Limits {
	lim := &convert.Limits{}
	f := cmd.Flags()
	f.Int64Var(&lim.MaxInput, "max-input", 0, "bytes of one file (default 256 GiB)")
	f.Int64Var(&lim.MaxInflated, "max-inflated", 0, "bytes that compressed data may become (default 64 GiB)")
	f.Int64Var(&lim.MaxRatio, "max-ratio", 0, "inflated bytes for each byte of the file (default 200)")
	f.Int64Var(&lim.MaxMemory, "max-memory", 0, "bytes allocated for decoded values (default 16 GiB)")
	f.Int64Var(&lim.MaxOpcodes, "max-opcodes", 0, "pickle opcodes (default 4294967296)")
	f.Int64Var(&lim.MaxDictionary, "max-dictionary", 0, "bytes of an xz or lzma dictionary (default 64 MiB)")
	f.Int64Var(&lim.MaxDepth, "max-depth", 0, "containers inside each other (default 4)")
	f.Int64Var(&lim.MaxMemo, "max-memo", 0, "memo entries (default 268435456)")
	f.Int64Var(&lim.MaxItems, "max-items", 0, "items of one list, dict, set or tuple (default 268435456)")
	f.IntVar(&lim.Model.Nodes, "max-nodes", 0, "nodes of all trees of a model (default 1073741824)")
	f.IntVar(&lim.Model.Trees, "max-trees", 0, "trees of a model (default 16777216)")
	f.IntVar(&lim.Model.Features, "max-features", 0, "columns of a model's input (default 16777216)")
	f.IntVar(&lim.Model.Classes, "max-classes", 0, "classes of one target (default 1048576)")
	return lim
}

const (
	methodsUsage = `methods to answer: predict, predict_proba, decision_function, score_samples, transform, apply (numbers of leaves), raw_score
(a booster's, before its link); default: predict and, of a classifier, predict_proba; of a transformer, transform`
	selectUsage = `path of the model in the file, as errors and inspect print it, such as model['clf'] or, of a part, model.steps[1] or
model.estimators_[0]`
	modelFiles = `MODEL is a pickle, joblib or skops file, or a booster's own (XGBoost .ubj and .json, LightGBM .txt, CatBoost .cbm)`
	tableFiles = `Columns of a table are found by their names where both know names, in any order, else by position. Where the
model takes text, the fields of a csv file are text, whatever they look like; empty ones are missing.`
)

// formatFlags adds the flags that choose what an artifact says.
func formatFlags(cmd *cobra.Command) *convert.Options {
	o := &convert.Options{}
	f := cmd.Flags()
	f.StringSliceVar(&o.Methods, "methods", nil, methodsUsage)
	f.IntVar(&o.MLOpset, "ml-opset", 0, "ONNX: version of ai.onnx.ml: 5 (smallest), 3 or 1 (default 5; of profile classifier 1)")
	f.StringVar(&o.For, "for", "", "ONNX: the runtime that will load it, such as onnxruntime=1.15; chooses --ml-opset")
	f.StringVar(&o.Profile, "profile", "exact", "ONNX: exact (answers equal to the bit), or classifier (a lone tree ensemble in float32)")
	f.StringVar(&o.Input, "input", "", "ONNX: type that callers hold: float or double (default: what the model rounds to)")
	f.StringVar(&o.Output, "output", "double", "ONNX: type of the answers: double, or float to round them once, at the end")
	f.StringVar(&o.Inputs, "inputs", "matrix", "ONNX: matrix (one input X), or columns (one input per column, named as in the model); where some columns are text, always columns")
	f.BoolVar(&o.SparsePMML, "pmml-sparse", false, "PMML: leave classes of no weight out of the leaves: smaller with many classes, but PMML4S needs them")
	f.BoolVar(&o.NearPMML, "pmml-near", false, "PMML: probabilities of weighted forests within a few ulp in one forest, instead of exact in one per class")
	f.IntVar(&o.Probes, "probes", 0, fmt.Sprintf("probe rows of the proof; negative: none (default about %d, of large ensembles down to %d)", convert.DefaultProbes, convert.FewestProbes))
	return o
}

// bytesText is a size for people.
func bytesText(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	v, i := float64(n), 0
	for v >= 999.5 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") + " " + units[i]
}
