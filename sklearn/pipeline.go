package sklearn

import (
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Pipelines and unions: sklearn/pipeline.py, Pipeline and FeatureUnion.

// step is a named part of a pipeline, union or column transformer: an estimator, or a word.
type step struct {
	name string
	*object
	word string // "passthrough" or "drop", where it is no estimator
}

// stepOf reads a part. absent is the word that None stands for.
func stepOf(e *object, path, name string, v pickle.Value, absent string) (step, error) {
	switch v := v.(type) {
	case pickle.None:
		return step{name: name, word: absent}, nil
	case *pickle.Object:
		return step{name: name, object: e.at(v, path)}, nil
	}
	word, ok := pickle.AsString(v)
	if !ok || word != "passthrough" && word != "drop" {
		return step{}, e.unsupported("the step %q is no estimator", name)
	}
	return step{name: name, word: word}, nil
}

// steps reads an attribute that lists (name, estimator) or (name, estimator, columns).
func (o *object) steps(attr, absent string) (all []step, rest []pickle.Value, err error) {
	v, err := o.attr(attr)
	if err != nil {
		return nil, nil, err
	}
	items, ok := asItems(v)
	if !ok {
		return nil, nil, o.broken("%s is no list", attr)
	}
	for i, item := range items {
		parts, ok := asItems(item)
		if !ok || len(parts) < 2 {
			return nil, nil, o.broken("%s[%d] is no (name, estimator)", attr, i)
		}
		name, ok := pickle.AsString(parts[0])
		if !ok {
			return nil, nil, o.broken("%s[%d] has no name", attr, i)
		}
		s, err := stepOf(o, fmt.Sprintf("%s.%s[%d]", o.path, attr, i), name, parts[1], absent)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, s)
		if len(parts) > 2 {
			rest = append(rest, parts[2])
		}
	}
	return all, rest, nil
}

// pipelineMethods are what Pipeline hands on to its last step.
var pipelineMethods = []string{model.Predict, model.PredictProba, model.DecisionFunction, model.ScoreSamples, model.Transform}

func readPipeline(b *builder, e *object, x rows) (answers, error) {
	steps, _, err := e.steps("steps", "passthrough")
	if err != nil {
		return nil, err
	}
	if len(steps) == 0 {
		return nil, e.broken("no steps")
	}
	last := steps[len(steps)-1]
	if last.word != "" || find(last.Class) != nil && find(last.Class).read == nil {
		y, err := b.chain(e, steps, x)
		if err != nil {
			return nil, err
		}
		matrix, err := b.matrix(y)
		if err != nil {
			return nil, e.unsupported("%v", err)
		}
		return answers{output(model.Transform, 0, matrix)}, nil
	}
	y, err := b.chain(e, steps[:len(steps)-1], x)
	if err != nil {
		return nil, err
	}
	all, err := b.read(last.object, y)
	return slices.DeleteFunc(all, func(o model.Output) bool { return !slices.Contains(pipelineMethods, o.Method) }), err
}

func transformPipeline(b *builder, e *object, x rows) (rows, error) {
	steps, _, err := e.steps("steps", "passthrough")
	if err != nil {
		return rows{}, err
	}
	return b.chain(e, steps, x)
}

// chain transforms the rows by one step after the other.
func (b *builder) chain(e *object, steps []step, x rows) (rows, error) {
	for _, s := range steps {
		if s.word == "drop" {
			return x, e.unsupported("a step %q that is 'drop'", s.name)
		}
		if s.word == "passthrough" {
			continue
		}
		var err error
		if x, err = b.transform(s.object, x); err != nil {
			return x, err
		}
	}
	return x, nil
}

// pipelineInputs are the inputs of the first step, or what it must have taken for the steps after it to get as many columns
// as they counted.
func pipelineInputs(e *object) (inputs, error) {
	steps, _, err := e.steps("steps", "passthrough")
	if err != nil {
		return inputs{}, err
	}
	steps = slices.DeleteFunc(steps, func(s step) bool { return s.word != "" })
	for i, s := range steps {
		in, err := inputsOf(s.object)
		known := find(s.Class)
		if err != nil && (known == nil || known.takes == nil) {
			return in, err
		}
		if err != nil {
			continue
		}
		for i--; i >= 0; i-- {
			if in.features, err = find(steps[i].Class).takes(steps[i].object, in.features); err != nil {
				return in, err
			}
			in = inputs{features: in.features}
		}
		return in, nil
	}
	return inputs{}, e.unsupported("none of its steps tells how many columns it takes")
}

// takesAsMany is estimator.takes of what leaves the number of columns as it is.
func takesAsMany(_ *object, makes int) (int, error) { return makes, nil }

// FeatureUnion: every transformer gets all rows, what they make stands side by side.

func transformUnion(b *builder, e *object, x rows) (rows, error) {
	steps, _, err := e.steps("transformer_list", "drop")
	if err != nil {
		return rows{}, err
	}
	var parts []rows
	for _, s := range steps {
		part := x
		switch {
		case s.word == "drop":
			continue
		case s.word == "":
			if part, err = b.transform(s.object, x); err != nil {
				return rows{}, err
			}
		}
		if part, err = b.weighted(e, s, part); err != nil {
			return rows{}, err
		}
		parts = append(parts, part)
	}
	return b.joined(e, parts)
}

// weighted multiplies what a step made by its entry in transformer_weights, if it has one.
func (b *builder) weighted(e *object, s step, x rows) (rows, error) {
	v, _ := e.Attr("transformer_weights")
	weights, ok := v.(*pickle.Dict)
	if !ok || x.width == 0 {
		return x, nil
	}
	v, ok = weights.Get(s.name)
	if _, none := v.(pickle.None); !ok || none {
		return x, nil
	}
	w, ok := asFloat(v)
	if !ok {
		return x, e.broken("transformer_weights of %s is no number", s.name)
	}
	matrix, err := b.matrix(x)
	if err != nil {
		return x, e.unsupported("%v", err)
	}
	single := makesFloat32(s)
	if _, scalar := v.(*pickle.NDArray); scalar && single {
		return x, e.unsupported("a weight that is a number of numpy, of float32 columns") // numpy 2 makes them float64
	}
	if single {
		w = float64(float32(w)) // numpy keeps the type of an array times a Python float
	}
	y := b.binary(model.Mul, model.Value(b.toFloat64(matrix)), model.Scalar(w))
	if single {
		y = b.toFloat64(b.add(&model.Cast{X: y, To: model.Float32}))
	}
	return b.numbers(y), nil
}

// makesFloat32 tells whether a step makes numbers of float32, whatever it is given: encoders and bins with that dtype.
func makesFloat32(s step) bool {
	if s.word != "" {
		return false
	}
	switch s.object.name() {
	case "OneHotEncoder", "OrdinalEncoder", "KBinsDiscretizer":
		dtype, _ := s.object.Attr("dtype")
		return isFloat32(dtype)
	case "Pipeline":
		steps, _, err := s.object.steps("steps", "passthrough")
		return err == nil && len(steps) > 0 && makesFloat32(steps[len(steps)-1])
	}
	return false
}

// joined is join, but for nothing at all, which no program can say.
func (b *builder) joined(e *object, parts []rows) (rows, error) {
	width := 0
	for _, p := range parts {
		width += p.width
	}
	if width == 0 {
		return rows{}, e.unsupported("nothing is left of its columns")
	}
	return b.join(parts...), nil
}

func unionInputs(e *object) (inputs, error) {
	steps, _, err := e.steps("transformer_list", "drop")
	if err != nil {
		return inputs{}, err
	}
	var all inputs
	for _, s := range steps {
		if s.word != "" {
			continue
		}
		in, err := inputsOf(s.object)
		if err != nil {
			if known := find(s.Class); known != nil && known.takes != nil {
				continue
			}
			return in, err
		}
		if all.features == 0 {
			all = in
			all.unused = nil
		}
		if in.features != all.features {
			return in, e.broken("one part takes %d columns, another %d", all.features, in.features)
		}
		all.takeText(in.text, nil)
		if all.names == nil {
			all.names = in.names
		}
	}
	if all.features == 0 {
		return countedInputs(e)
	}
	return all, nil
}
