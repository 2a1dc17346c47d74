package pmml

import (
	"bytes"
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/forest"
)

// literals are the features by their names as Write writes them.
func literals(position map[string]int32) map[string]int32 {
	literal := make(map[string]int32, len(position))
	for name, i := range position {
		literal[string(appendEscaped(nil, name))] = i
	}
	return literal
}

// field reads which feature a predicate is about.
func (t *treeReader) field(r *reader) (int32, error) {
	raw := r.raw("field")
	if feature, ok := r.literal[string(raw)]; ok {
		return feature, nil
	}
	name, err := r.decode(raw)
	if err != nil {
		return 0, err
	}
	feature, ok := r.position[name]
	if !ok {
		return 0, r.unsupported("a predicate about the field %q, which is no feature", name)
	}
	return feature, nil
}

// set reads a SimpleSetPredicate to its end.
func (t *treeReader) set(r *reader, k *kid) error {
	var err error
	if k.feature, err = t.field(r); err != nil {
		return err
	}
	switch op := string(r.raw("booleanOperator")); op {
	case "isIn":
		k.predicate = isIn
	case "isNotIn":
		k.predicate = isNotIn
	default:
		return r.unsupported("the operator %q", op)
	}
	var set []float64
	err = r.each(func() error {
		if string(r.name) != "Array" || set != nil {
			return r.refuseElement()
		}
		if err := r.allow("type", "real", "int"); err != nil {
			return err
		}
		if err := r.skip(); err != nil {
			return err
		}
		set = []float64{}
		for _, text := range bytes.Fields(r.between) {
			v, ok := number(text, 64)
			if !ok || math.IsInf(v, 0) {
				return r.broken("the category %q", text)
			}
			set = append(set, v+0)
		}
		slices.Sort(set)
		set = slices.Compact(set)
		return t.room(r, len(set))
	})
	if err == nil && set == nil {
		err = r.broken("a SimpleSetPredicate without Array")
	}
	k.more = &moreOfKid{set: set, id: k.id()}
	return err
}

// compare reads a SimplePredicate.
func (t *treeReader) compare(r *reader, k *kid) error {
	var ok bool
	var err error
	if k.feature, err = t.field(r); err != nil {
		return err
	}
	below := false // the threshold itself belongs to the other side
	switch op := string(r.raw("operator")); op {
	case "lessOrEqual":
		k.predicate = lessOrEqual
	case "greaterThan":
		k.predicate = greaterThan
	case "lessThan":
		k.predicate, below = lessOrEqual, true
	case "greaterOrEqual":
		k.predicate, below = greaterThan, true
	case "isMissing":
		k.predicate = isMissing
		return nil
	case "isNotMissing":
		k.predicate = isNotMissing
		return nil
	default:
		return r.unsupported("the operator %q", op)
	}
	if k.threshold, ok = threshold(r.raw("value"), r.input, below); !ok {
		return r.broken("the value %q of a predicate", r.raw("value"))
	}
	return nil
}

// threshold is the number of a predicate's text. Where features are float32, so is the text; the float64 number that it
// spells is kept where it asks float32 numbers the same.
func threshold(text []byte, input forest.Precision, below bool) (float64, bool) {
	v, ok := number(text, 64)
	if !ok {
		return 0, false
	}
	return thresholdOf(v, text, input, below)
}

// thresholdOf is threshold of a text that spells the float64 number v.
func thresholdOf(v float64, text []byte, input forest.Precision, below bool) (_ float64, ok bool) {
	ok = true
	v += 0
	if input == forest.Float64 {
		if below {
			v = math.Nextafter(v, math.Inf(-1))
		}
		return v, true
	}
	// Rounding twice differs from rounding the text once only where v lies in the middle of two float32 numbers.
	f := float64(float32(v))
	if math.Float64bits(v)&0x1fffffff == 0x10000000 || math.Abs(v) < 0x1p-126 {
		f, ok = number(text, 32)
	}
	narrow := float32(f)
	if below {
		narrow = math.Nextafter32(narrow, float32(math.Inf(-1)))
	} else if next := math.Nextafter32(narrow, float32(math.Inf(1))); v >= f && v < float64(next) {
		return v, ok
	}
	return float64(narrow) + 0, ok
}
