package pmml

import (
	"slices"
	"strconv"

	"github.com/seed-2867d59c/treeport/model"
)

// dataTypeOf is PMML's name for the type of labels.
func dataTypeOf(k model.Kind) string {
	switch k {
	case model.String:
		return "string"
	case model.Int64:
		return "integer"
	case model.Bool:
		return "boolean"
	}
	return "double"
}

// withinIntegers makes floats of the labels that predict answers where some are beyond 32 bits, since JPMML-Evaluator reads a PMML
// integer as Java's int. Labels that floats do not hold stay as they are.
func withinIntegers(m *model.Model) *model.Model {
	lowered := *m
	for _, out := range m.Outputs {
		lookup, ok := m.Op(out.Value).(*model.Lookup)
		if !ok || out.Method != model.Predict || lookup.Table.Kind != model.Int64 {
			continue
		}
		floats, beyond := *lookup.Table, false
		floats.Kind, floats.Int, floats.Float = model.Float64, nil, make([]float64, 0, len(lookup.Table.Int))
		for _, v := range lookup.Table.Int {
			beyond = beyond || v != int64(int32(v))
			if v < -1<<53 || v > 1<<53 {
				return m
			}
			floats.Float = append(floats.Float, float64(v))
		}
		if beyond {
			lowered.Ops = slices.Clone(lowered.Ops)
			lowered.Ops[int(out.Value)-len(m.Inputs)] = &model.Lookup{X: lookup.X, Table: &floats}
		}
	}
	return &lowered
}

// appendLabel appends the text of label i.
func appendLabel(b []byte, labels *model.Tensor, i int) []byte {
	switch labels.Kind {
	case model.String:
		return append(b, labels.Text[i]...)
	case model.Int64:
		return strconv.AppendInt(b, labels.Int[i], 10)
	case model.Bool:
		return strconv.AppendBool(b, labels.Int[i] != 0)
	}
	return appendFloat(b, labels.Float[i])
}

// parseLabels is the tensor of labels of which the texts are given, and whether they are of the type.
func parseLabels(dataType string, texts []string) (*model.Tensor, bool) {
	t := &model.Tensor{Shape: []int{len(texts)}}
	for _, s := range texts {
		switch dataType {
		case "string":
			t.Kind, t.Text = model.String, append(t.Text, s)
		case "integer":
			v, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				return nil, false
			}
			t.Kind, t.Int = model.Int64, append(t.Int, v)
		case "boolean":
			v, err := strconv.ParseBool(s)
			if err != nil {
				return nil, false
			}
			t.Kind = model.Bool
			if v {
				t.Int = append(t.Int, 1)
			} else {
				t.Int = append(t.Int, 0)
			}
		case "double", "float":
			v, err := strconv.ParseFloat(s, 64)
			if err != nil {
				return nil, false
			}
			t.Kind, t.Float = model.Float64, append(t.Float, v)
		default:
			return nil, false
		}
	}
	return t, true
}
