package sklearn

import (
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// builder is the program while it is made.
type builder struct {
	m     *model.Model
	types []model.Type // of every value
	err   error        // of the first step that can't take what it was given
	depth int          // estimators inside each other
	made  model.Origin // what made the parts that are of other libraries
}

// madeBy keeps the release of another library that made a part.
func (b *builder) madeBy(key, release string) {
	if release != "" && b.made.Get(key) == "" {
		b.made = append(b.made, model.Property{Key: key, Value: release})
	}
}

// newBuilder starts a program with the inputs that an estimator takes, and answers them as rows.
func newBuilder(in inputs) (*builder, rows) {
	b := &builder{m: &model.Model{}}
	x := rows{width: in.features, names: in.names}
	if !in.apart() {
		b.input(model.Input{Name: "X", Kind: model.Float64, Width: in.features, Columns: in.names})
		return b, x
	}
	for j := range in.features {
		kind := model.Float64
		if in.text != nil && in.text[j] {
			kind = model.String
		}
		x.columns = append(x.columns, b.input(model.Input{Name: in.columnName(j), Kind: kind, Width: 1}))
	}
	return b, x
}

func (b *builder) input(in model.Input) model.Ref {
	b.m.Inputs = append(b.m.Inputs, in)
	b.types = append(b.types, model.Type{Kind: in.Kind, Row: []int{in.Width}})
	return model.Ref(len(b.types) - 1)
}

// add appends a step. What is wrong with it is kept in err, so that readers need not ask after every step.
func (b *builder) add(op model.Op) model.Ref {
	var in []model.Type
	for _, r := range op.Reads() {
		in = append(in, b.types[r])
	}
	t, err := op.Type(in)
	if err != nil && b.err == nil {
		b.err = err
	}
	b.types = append(b.types, t)
	return b.m.Add(op)
}

func (b *builder) kind(r model.Ref) model.Kind { return b.types[r].Kind }

// width is the number of columns of a matrix.
func (b *builder) width(r model.Ref) int {
	if row := b.types[r].Row; len(row) == 1 {
		return row[0]
	}
	return 0
}

// isOnePerRow tells whether a value is one item per row, as a vector or as a matrix of one column.
func (b *builder) isOnePerRow(r model.Ref) bool {
	row := b.types[r].Row
	return len(row) == 0 || len(row) == 1 && row[0] == 1
}

// Short forms of the steps that most estimators use. Operands are model.Value(ref), model.Scalar, model.Vector.

func (b *builder) binary(fn model.Operation, x, y model.Operand) model.Ref {
	return b.add(&model.Binary{Fn: fn, A: x, B: y})
}

func (b *builder) unary(fn model.Function, x model.Ref) model.Ref {
	return b.add(&model.Unary{Fn: fn, X: x})
}

func (b *builder) where(cond model.Ref, x, y model.Operand) model.Ref {
	return b.add(&model.Where{Cond: cond, A: x, B: y})
}

// column makes a matrix of one column of one value per row, or the other way round.
func (b *builder) asColumn(x model.Ref) model.Ref { return b.add(&model.Reshape{X: x, Row: []int{1}}) }
func (b *builder) asVector(x model.Ref) model.Ref { return b.add(&model.Reshape{X: x, Row: []int{}}) }

// toFloat64 is x as float64.
func (b *builder) toFloat64(x model.Ref) model.Ref {
	if b.kind(x) == model.Float64 {
		return x
	}
	return b.add(&model.Cast{X: x, To: model.Float64})
}

// maxDepth is how many estimators may stand inside each other; a file that refers to itself has no end.
const maxDepth = 50

// maxSteps bounds a program: pickles share objects, so that a small file may hold very many estimators.
const maxSteps = 1 << 20

// read adds what an estimator inside another one answers for the rows x.
func (b *builder) read(e *object, x rows) (answers, error) {
	known := find(e.Class)
	if known == nil || known.read == nil {
		return nil, e.unsupported("not an estimator that can be read")
	}
	if err := b.enter(e); err != nil {
		return nil, err
	}
	defer b.leave()
	a, err := known.read(b, e, x)
	return a, b.check(e, err)
}

// transform adds what a transformer makes of the rows x.
func (b *builder) transform(e *object, x rows) (rows, error) {
	known := find(e.Class)
	if known == nil || known.transform == nil {
		return rows{}, e.unsupported("not a transformer that can be read")
	}
	if err := b.enter(e); err != nil {
		return rows{}, err
	}
	defer b.leave()
	y, err := known.transform(b, e, x)
	return y, b.check(e, err)
}

func (b *builder) enter(e *object) error {
	if b.depth >= maxDepth || len(b.m.Ops) > maxSteps {
		return fault.TooBigf(e.where(), "", "estimators more than %d deep inside each other, or over %d steps", maxDepth, maxSteps)
	}
	b.depth++
	return e.file.reads(e, weight(e.State, 2))
}

func (b *builder) leave() { b.depth-- }

// check answers what went wrong in reading e, steps that don't fit included.
func (b *builder) check(e *object, err error) error {
	if err == nil && b.err != nil {
		err = e.broken("%v", b.err)
	}
	return err
}

// answers are what an estimator answers, by method and target.
type answers []model.Output

// of is what a method answers for the first target.
func (a answers) of(method string) (model.Ref, bool) {
	for _, out := range a {
		if out.Method == method && out.Target == 0 {
			return out.Value, true
		}
	}
	return 0, false
}

// targets is how many targets a method answers.
func (a answers) targets(method string) int {
	n := 0
	for _, out := range a {
		if out.Method == method {
			n = max(n, out.Target+1)
		}
	}
	return n
}

func output(method string, target int, value model.Ref) model.Output {
	return model.Output{Method: method, Target: target, Value: value}
}
