package pmml

import (
	"cmp"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// sheetReader reads the MiningModel of a sheet, by the grammar in writesheet.go.
type sheetReader struct {
	*reader
	s     *sheet
	field map[string]*term
	list  []*dataField // the columns
}

// readSheet reads the model whose start was read last.
func (r *reader) readSheet(p *plan) error {
	s := &sheetReader{reader: r, s: &sheet{terms: newTerms()}, field: map[string]*term{}}
	r.columns = []string{}
	b := r.body()
	if string(r.name) != "MiningModel" {
		return r.refuseElement()
	}
	answered := false
	err := r.each(func() error {
		switch string(r.name) {
		case "MiningSchema":
			if err := r.schema(b); err != nil {
				return err
			}
			return s.inputs(b)
		case "LocalTransformations":
			return r.each(s.derived)
		case "Segmentation":
			if err := r.allow("multipleModelMethod", "modelChain"); err != nil || r.raw("multipleModelMethod") == nil {
				return cmp.Or(err, r.broken("a Segmentation without method"))
			}
			return r.segments(func() error {
				if answered {
					return r.unsupported("a Segment behind the one that answers")
				}
				if string(r.name) == "RegressionModel" || string(r.raw("functionName")) == "classification" {
					answered = true
					return s.answer()
				}
				return s.ensemble()
			})
		}
		return r.refuseElement()
	})
	if err != nil {
		return err
	}
	if !answered {
		return r.broken("no Segment answers")
	}
	s.s.arrange()
	for i, f := range s.list {
		if !slices.Equal(f.values, s.s.valid[i]) {
			return r.unsupported("the field %q with other values than its expressions know", f.name)
		}
	}
	r.sheet = s.s
	return s.s.err
}

// inputs makes the program's inputs of all fields of the dictionary but the target.
func (s *sheetReader) inputs(b *body) error {
	if len(s.s.inputs) > 0 {
		return s.broken("a second MiningSchema")
	}
	refused := names{}
	for _, name := range b.schema.refused {
		refused[name] = true
	}
	for _, f := range s.fields {
		if f.name != b.schema.target {
			s.list = append(s.list, f)
		}
	}
	list := s.list
	slices.SortFunc(list, func(a, b *dataField) int { return a.order - b.order })
	if len(list) == 0 {
		return s.broken("a model without columns")
	}
	if err := s.lim.model().Features(fault.At(int64(s.at)), len(list)); err != nil {
		return err
	}
	matrix := model.Input{Width: len(list)}
	for i, f := range list {
		kind, ok := kindOfDataType(f.dataType)
		if !ok || f.name == "" {
			return s.unsupported("the field %q, of type %s", f.name, f.dataType)
		}
		if refused[f.name] && kind.IsFloat() {
			s.s.refused[i] = true
		}
		switch s.shape {
		case shapes[model.String]:
			s.s.inputs = append(s.s.inputs, model.Input{Name: f.name, Kind: kind, Width: 1})
			s.field[f.name] = s.s.inputColumn(i, kind)
			if len(list) == 1 && kind.IsFloat() {
				return s.unsupported("a single column of numbers that is no matrix")
			}
			continue
		case shapes[model.Float32]:
			matrix.Kind = model.Float32
		}
		matrix.Columns = append(matrix.Columns, f.name)
		x := s.s.inputColumn(i, matrix.Kind)
		if matrix.Kind != kind && kind == model.Float32 {
			x = s.s.cast(x, kind)
		}
		if x.kind != kind || shapes[matrix.Kind] != s.shape {
			return s.unsupported("the field %q, of type %s, in inputs of shape %q", f.name, f.dataType, s.shape)
		}
		s.field[f.name] = x
	}
	if matrix.Columns != nil {
		var err error
		if matrix.Name, err = s.decode(s.shapeValue); err != nil {
			return err
		}
		s.s.inputs = []model.Input{matrix}
	}
	return nil
}

// read makes a term of an expression in a field of the given type, and gives it the field's name.
func (s *sheetReader) define(name, dataType string, x *expression) error {
	if x == nil {
		return s.broken("the field %q without expression", name)
	}
	t, err := s.typed(dataType, x)
	if err != nil {
		return err
	}
	return s.add(name, t)
}

func (s *sheetReader) typed(dataType string, x *expression) (*term, error) {
	t, err := s.s.read(x, s.field, func(n int) error { return s.tree.room(s.reader, n) })
	if err != nil {
		return nil, err
	}
	if op, ok := t.step.(*model.Index); ok && op.Refuses && x.element == "MapValues" {
		return nil, s.unsupported("a field that is missing where a category is unknown")
	}
	kind, ok := kindOfDataType(dataType)
	if t.kind != kind {
		if !ok || kind == model.String || kind == model.Bool || t.kind == model.String || t.kind == model.Bool || kind == model.Int64 && !s.s.whole(t) {
			return nil, s.unsupported("a field of type %s of what is %v", dataType, t.kind)
		}
		t = s.s.cast(t, kind)
	}
	return t, s.s.err
}

func (s *sheetReader) add(name string, t *term) error {
	if s.field[name] != nil {
		return s.broken("two fields are called %q", name)
	}
	s.field[name] = t
	return nil
}

func (s *sheetReader) derived() error {
	if string(s.name) != "DerivedField" {
		return s.refuseElement()
	}
	name, err := s.text("name")
	if err != nil {
		return err
	}
	dataType := string(s.raw("dataType"))
	var x *expression
	err = s.each(func() error {
		if x != nil {
			return s.refuseElement()
		}
		x, err = s.expression(0)
		return err
	})
	if err != nil {
		return err
	}
	return s.define(name, dataType, x)
}

// ensemble reads a Segment's ensemble, and the fields that it decides.
func (s *sheetReader) ensemble() error {
	b := s.body()
	if b.function != "regression" {
		return s.unsupported("a Segment of function %q", b.function)
	}
	lone := string(s.name) == "TreeModel"
	if !lone && string(s.name) != "MiningModel" {
		return s.refuseElement()
	}
	var fields []sheetField
	var x []*term
	var t target
	err := s.each(func() error {
		var err error
		switch element := string(s.name); {
		case element == "MiningSchema":
			if err = s.schema(b); err == nil {
				x, err = s.features(b)
			}
			return err
		case element == "Output":
			fields, err = s.outputFields()
			return err
		case t.forest != nil || x == nil || lone != (element == "Node") || !lone && element != "Segmentation":
			return s.refuseElement()
		case lone:
			t, err = s.lone(b)
			return err
		}
		t, err = s.reader.ensemble(b, string(s.raw("multipleModelMethod")))
		return err
	})
	if err != nil {
		return err
	}
	if t.forest == nil || len(fields) == 0 || fields[0].feature != "predictedValue" || fields[0].expression != nil {
		return s.broken("a Segment without trees, or without a name for what they answer")
	}
	if err := s.add(fields[0].name, s.s.ensembleOf(x, t.forest)); err != nil {
		return err
	}
	for _, f := range fields[1:] {
		if f.feature != "transformedValue" {
			return s.unsupported("an OutputField of feature %q", f.feature)
		}
		if err := s.define(f.name, f.dataType, f.expression); err != nil {
			return err
		}
	}
	return nil
}

// features are the terms of the fields in a Segment's schema. Trees ask for those of the first one's type.
func (s *sheetReader) features(b *body) ([]*term, error) {
	var x []*term
	s.position = map[string]int32{}
	s.columns = b.schema.active
	for i, name := range s.columns {
		t := s.field[name]
		if t == nil {
			return nil, s.broken("the field %q is not there yet", name)
		}
		x = append(x, t)
		if t.kind == x[0].kind {
			s.position[name] = int32(i)
		}
	}
	s.literal, s.tree.features = literals(s.position), featureCache{}
	if len(x) == 0 || !x[0].kind.IsFloat() {
		return nil, s.unsupported("trees over no numbers")
	}
	s.input = forest.Float64
	if x[0].kind == model.Float32 {
		s.input = forest.Float32
	}
	return x, nil
}
