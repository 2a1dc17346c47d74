package pmml

import (
	"cmp"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// models reads the file's model: one target, or a chain of them.
func (r *reader) models(p *plan) error {
	if string(r.name) == "TreeModel" {
		t, fields, err := r.single()
		if err != nil {
			return err
		}
		return r.answers(p, []target{t}, [][]outputField{fields})
	}
	b := r.body()
	var targets []target
	var outputs [][]outputField
	err := r.model(b, func(segmentation string) error {
		if segmentation != "modelChain" {
			t, err := r.ensemble(b, segmentation)
			targets, outputs = []target{t}, [][]outputField{b.outputs}
			return err
		}
		if len(b.outputs) > 0 {
			return r.unsupported("an Output of a modelChain")
		}
		return r.segments(func() error {
			var t target
			var fields []outputField
			var err error
			switch string(r.name) {
			case "TreeModel":
				t, fields, err = r.single()
			case "MiningModel":
				inner := r.body()
				err = r.model(inner, func(segmentation string) error {
					t, err = r.ensemble(inner, segmentation)
					fields = inner.outputs
					return err
				})
			default:
				err = r.refuseElement()
			}
			targets, outputs = append(targets, t), append(outputs, fields)
			return err
		})
	})
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		return r.broken("a MiningModel without Segmentation")
	}
	for i := range targets {
		if targets[i].forest == nil {
			return r.broken("a MiningModel without Segmentation")
		}
		if b.schema.refuses {
			targets[i].forest.RefusesNaN = true
		}
	}
	return r.answers(p, targets, outputs)
}

// body is what a model element has around its trees.
type body struct {
	function    string
	strategy    string // missingValueStrategy
	lastTrue    bool   // noTrueChildStrategy returnLastPrediction
	schema      schema
	outputs     []outputField
	targetField *dataField
}

// body reads the attributes of the model element whose start was read last.
func (r *reader) body() *body {
	b := &body{function: string(r.raw("functionName")), strategy: string(r.raw("missingValueStrategy"))}
	b.lastTrue = string(r.raw("noTrueChildStrategy")) == "returnLastPrediction"
	return b
}

// model reads a model element; content is called at the Segmentation, or at the root Node with an empty method.
func (r *reader) model(b *body, content func(segmentation string) error) error {
	if err := cmp.Or(
		r.allow("isScorable", "true", "1"),
		r.allow("x-mathContext", "double"),
		r.allow("noTrueChildStrategy", "returnLastPrediction", "returnNullPrediction"),
	); err != nil {
		return err
	}
	sawSchema, sawContent := false, false
	return r.each(func() error {
		switch string(r.name) {
		case "MiningSchema":
			if sawSchema {
				return r.broken("a second MiningSchema")
			}
			sawSchema = true
			return r.schema(b)
		case "Output":
			return r.output(b)
		case "ModelStats", "ModelExplanation", "ModelVerification", "Extension":
			return r.skip()
		case "LocalTransformations", "Targets":
			return r.each(r.onlyExtensions)
		case "Segmentation", "Node":
			if !sawSchema || sawContent {
				return r.broken("a second %s, or one before the MiningSchema", r.name)
			}
			sawContent = true
			if string(r.name) == "Node" {
				return content("")
			}
			return content(string(r.raw("multipleModelMethod")))
		}
		return r.refuseElement()
	})
}

// segments calls do at the model of every Segment of the Segmentation whose start was read last.
func (r *reader) segments(do func() error) error {
	if err := r.segmentation(); err != nil {
		return err
	}
	return r.each(func() error { return r.segment(do) })
}

// segmentation looks at the attributes of the Segmentation whose start was read last.
func (r *reader) segmentation() error {
	return r.allow("missingPredictionTreatment", "continue", "returnMissing")
}

// segment calls do at the model of the Segment whose start was read last.
func (r *reader) segment(do func() error) error {
	if string(r.name) != "Segment" {
		return r.onlyExtensions()
	}
	if err := r.allow("weight", "1", "1.0"); err != nil {
		return err
	}
	sawTrue, sawModel := false, false
	return r.each(func() error {
		switch string(r.name) {
		case "True":
			sawTrue = true
			return r.skip()
		case "Extension":
			return r.skip()
		}
		if !sawTrue || sawModel {
			return r.unsupported("the element %s in a Segment", r.name)
		}
		sawModel = true
		return do()
	})
}

// single reads a lone TreeModel.
func (r *reader) single() (target, []outputField, error) {
	b := r.body()
	var t target
	err := r.model(b, func(string) error {
		var err error
		t, err = r.lone(b)
		return err
	})
	if err == nil && t.forest == nil {
		err = r.broken("a TreeModel without Node")
	}
	return t, b.outputs, err
}

// lone reads the tree whose root's start was read last as a target of its own.
func (r *reader) lone(b *body) (target, error) {
	t, err := r.target(b)
	if err != nil {
		return t, err
	}
	if err := r.countTree(); err != nil {
		return t, err
	}
	t.forest.RefusesNaN = b.schema.refuses
	tree, err := r.tree.read(r, b, &t, 0, true)
	t.forest.Trees = []forest.Tree{tree}
	return t, err
}

// ensemble reads the trees of a MiningModel.
func (r *reader) ensemble(b *body, method string) (target, error) {
	t, err := r.target(b)
	if err != nil {
		return t, err
	}
	t.forest.RefusesNaN = b.schema.refuses
	switch {
	case method == "average":
		t.forest.Combine = forest.Mean
	case method == "sum" && t.labels == nil:
	default:
		return t, r.unsupported("a %s of PMML models by the method %q", b.function, method)
	}
	if err := r.segmentation(); err != nil {
		return t, err
	}
	r.ahead(b, &t)
	err = r.each(func() error { return r.segment(func() error { return r.member(b, &t, len(t.forest.Trees)) }) })
	if err == nil && len(t.forest.Trees) == 0 {
		err = r.broken("a Segmentation without trees")
	}
	if err == nil && len(t.forest.Trees) == 1 {
		t.forest.Combine = forest.Sum
	}
	return t, err
}

// member reads the TreeModel whose start was read last as tree k of an ensemble's target.
func (r *reader) member(b *body, t *target, k int) error {
	if string(r.name) != "TreeModel" {
		return r.refuseElement()
	}
	inner := r.body()
	if inner.function != b.function {
		return r.unsupported("trees of another mining function than their MiningModel's")
	}
	return r.model(inner, func(method string) error {
		if method != "" {
			return r.refuseElement()
		}
		if err := r.countTree(); err != nil {
			return err
		}
		tree, err := r.tree.read(r, inner, t, k, false)
		if err == nil {
			t.forest.Trees = append(t.forest.Trees, tree)
		}
		return err
	})
}

// target starts the target of a model.
func (r *reader) target(b *body) (target, error) {
	r.ensembles++
	t := target{name: b.schema.target, forest: &forest.Forest{Features: len(r.columns), Outputs: 1, Input: r.input}}
	switch b.function {
	case "regression":
		return t, nil
	case "classification":
	default:
		return t, r.unsupported("a model of function %q", b.function)
	}
	f := b.targetField
	if f == nil || len(f.values) == 0 {
		return t, r.unsupported("a classification whose target has no values in the DataDictionary")
	}
	if err := r.lim.model().Classes(fault.At(int64(r.at)), len(f.values)); err != nil {
		return t, err
	}
	labels, ok := parseLabels(f.dataType, f.values)
	if !ok {
		return t, r.unsupported("the values of the target %q, of type %s", f.name, f.dataType)
	}
	for i, v := range f.values {
		if string(appendLabel(nil, labels, i)) != v && f.dataType != "double" && f.dataType != "float" {
			return t, r.unsupported("the value %q of the target %q", v, f.name)
		}
	}
	t.labels = labels
	t.forest.Outputs = len(f.values)
	r.tree.setClasses(f.values)
	return t, nil
}
