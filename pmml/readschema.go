package pmml

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// schema is a MiningSchema.
type schema struct {
	target     string
	active     []string
	refuses    bool // a missing value is an error, in every active field
	notRefuses bool
	refused    []string // the fields of which a missing value is an error
}

// add adds an active field.
func (s *schema) add(name string, refuses bool) {
	s.active = append(s.active, name)
	if refuses {
		s.refuses = true
		s.refused = append(s.refused, name)
	} else {
		s.notRefuses = true
	}
}

const (
	activeField    = `<MiningField name="`
	refusesMissing = `" missingValueTreatment="returnInvalid"/>` // where it is not emptyEnd
)

// quickFields reads the fields that a MiningSchema begins with as long as they are known features in the very bytes that Write makes of
// them: each tree of a forest has a schema of its own.
func (r *reader) quickFields(s *schema) {
	for len(r.columns) > 0 && !r.empty && len(r.open) < r.depth {
		rest := r.data[r.pos:]
		if !begins(rest, activeField) {
			return
		}
		rest = rest[len(activeField):]
		n := bytes.IndexByte(rest[:min(len(rest), longestName)], '"')
		if n < 0 {
			return
		}
		feature, known := r.tree.features.find(rest[:n], r.literal)
		end := emptyEnd
		if begins(rest[n:], refusesMissing) {
			end = refusesMissing
		}
		if !known || !begins(rest[n:], end) {
			return
		}
		s.add(r.columns[feature], end == refusesMissing)
		r.pos += len(activeField) + n + len(end)
	}
}

func (r *reader) schema(b *body) error {
	s := &b.schema
	r.quickFields(s)
	err := r.each(func() error {
		if string(r.name) != "MiningField" {
			return r.onlyExtensions()
		}
		name, err := r.text("name")
		if err != nil {
			return err
		}
		if err := cmp.Or(
			r.allow("outliers", "asIs"),
			r.allow("missingValueReplacement"),
			r.allow("missingValueTreatment", "asIs", "returnInvalid"),
			r.allow("invalidValueTreatment", "returnInvalid", "asIs", "asMissing"),
		); err != nil {
			return err
		}
		switch usage := string(r.raw("usageType")); usage {
		case "", "active":
			s.add(name, string(r.raw("missingValueTreatment")) == "returnInvalid")
		case "target", "predicted":
			if s.target != "" {
				return r.unsupported("several targets in one MiningSchema")
			}
			s.target = name
		case "supplementary":
		default:
			return r.unsupported("a MiningField of usageType %q", usage)
		}
		return r.skip()
	})
	if err != nil {
		return err
	}
	if s.target != "" {
		b.targetField = r.fields[s.target]
	}
	if r.columns == nil {
		return r.features(s)
	}
	return nil
}

// features are the active fields of the outermost schema, in the order of the dictionary.
func (r *reader) features(s *schema) error {
	if s.refuses && s.notRefuses {
		return r.unsupported("missing values refused in some fields only")
	}
	if len(s.active) == 0 {
		return r.broken("a model without fields")
	}
	if err := r.lim.model().Features(fault.At(int64(r.at)), len(s.active)); err != nil {
		return err
	}
	r.position = map[string]int32{}
	for _, name := range s.active {
		f := r.fields[name]
		if f == nil {
			return r.broken("the field %q is not in the DataDictionary", name)
		}
		if f.optype != "continuous" || f.dataType != "float" && f.dataType != "double" || f.values != nil {
			return r.unsupported("the field %q, of type %s and %s", name, f.dataType, f.optype)
		}
		r.columns = append(r.columns, name)
	}
	slices.SortFunc(r.columns, func(a, b string) int { return r.fields[a].order - r.fields[b].order })
	first := r.fields[r.columns[0]].dataType
	for i, name := range r.columns {
		if r.fields[name].dataType != first {
			return r.unsupported("fields of type float beside fields of type double")
		}
		if _, twice := r.position[name]; twice {
			return r.broken("the field %q twice in a MiningSchema", name)
		}
		r.position[name] = int32(i)
	}
	r.literal = literals(r.position)
	r.input = forest.Float64
	if first == "float" {
		r.input = forest.Float32
	}
	return nil
}
