package pmml

import (
	"bytes"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// matrixModel is a model of one matrix of float64 columns.
func matrixModel(width int) *model.Model {
	return &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: width}}}
}

// answers adds outputs to a model: a label or number, and probabilities.
func answers(m *model.Model, predict model.Ref, proba ...model.Ref) *model.Model {
	m.Outputs = []model.Output{{Name: "label", Value: predict, Method: model.Predict}}
	for i, p := range proba {
		m.Outputs = append(m.Outputs, model.Output{Name: "probabilities" + strconv.Itoa(i), Value: p, Method: model.PredictProba, Target: i})
	}
	return m
}

// raw is what gradient boosting of two classes or more adds up.
func raw(m *model.Model, x model.Ref, outputs int) model.Ref {
	f := &forest.Forest{Features: 2, Outputs: outputs, Input: forest.Float32}
	for k := range outputs {
		f.Base = append(f.Base, 0.3-float64(k))
		for i, t := range []float64{-0.1, 0.1, 0.7} {
			tree := stumpTree(int32(i%2), t, uint8(k%2), []float64{0.1 * t}, []float64{-0.7 + float64(k)/3})
			tree.Output = int32(k)
			f.Trees = append(f.Trees, tree)
		}
	}
	return m.Add(&model.Ensemble{X: x, Forest: f})
}

// sigmoid is 1 / (1 + exp(-x)).
func sigmoid(m *model.Model, x model.Ref) model.Ref {
	one := model.Scalar(1)
	e := m.Add(&model.Unary{Fn: model.Exp, X: m.Add(&model.Unary{Fn: model.Neg, X: x})})
	return m.Add(&model.Binary{Fn: model.Quotient, A: one, B: model.Value(m.Add(&model.Binary{Fn: model.Add, A: one, B: model.Value(e)}))})
}

func softmax(m *model.Model, x model.Ref) model.Ref {
	top := model.Value(m.Add(&model.Reduce{Fn: model.ReduceMax, X: x}))
	e := m.Add(&model.Unary{Fn: model.Exp, X: m.Add(&model.Binary{Fn: model.Sub, A: model.Value(x), B: top})})
	return m.Add(&model.Binary{Fn: model.Quotient, A: model.Value(e), B: model.Value(m.Add(&model.Reduce{Fn: model.ReduceSum, X: e}))})
}

func label(m *model.Model, scores model.Ref, table *model.Tensor) model.Ref {
	return m.Add(&model.Lookup{X: m.Add(&model.ArgMax{X: scores}), Table: table})
}

// sheetModels are programs of more than a forest.
func sheetModels() map[string]*model.Model {
	models := map[string]*model.Model{}

	m := matrixModel(2)
	p := m.Add(&model.Complement{X: sigmoid(m, raw(m, 0, 1))})
	models["two classes boosted"] = answers(m, label(m, p, texts("no", "yes")), p)

	m = matrixModel(2)
	p = softmax(m, raw(m, 0, 3))
	models["three classes boosted"] = answers(m, label(m, p, &model.Tensor{Kind: model.Int64, Shape: []int{3}, Int: []int64{1, 5, 7}}), p)

	m = matrixModel(2)
	p = softmax(m, raw(m, 0, 9))
	models["nine classes boosted"] = answers(m, label(m, p, &model.Tensor{Kind: model.Float64, Shape: []int{9}, Float: []float64{1, 1.5, 7, 8, 9, 10, 11, 12, 13}}), p)

	m = matrixModel(2)
	score := m.Add(&model.Pick{X: raw(m, 0, 1), Index: 0})
	zero := model.Operand{Row: &model.Tensor{Kind: model.Float64, Shape: []int{1}, Float: []float64{0}}}
	is := m.Add(&model.Binary{Fn: model.GreaterOrEqual, A: model.Value(score), B: zero})
	whole := func(v int64) model.Operand {
		return model.Operand{Row: &model.Tensor{Kind: model.Int64, Shape: []int{1}, Int: []int64{v}}}
	}
	models["label by sign"] = answers(m, m.Add(&model.Where{Cond: is, A: whole(1), B: whole(-1)}))
	m.Outputs = append(m.Outputs, model.Output{Name: "decision_function", Value: score, Method: model.DecisionFunction})

	m = matrixModel(2)
	tree := stumpTree(1, 0, 0, []float64{1}, []float64{2})
	tree.Category, tree.Sets = []int32{0, forest.NoSet, forest.NoSet}, [][]float64{{0, 0.1, 5}}
	left := stumpTree(1, 0, forest.MissingLeft, []float64{10}, []float64{20})
	left.Category, left.Sets = tree.Category, tree.Sets
	h := m.Add(&model.Ensemble{X: 0, Forest: &forest.Forest{Features: 2, Outputs: 1, Base: []float64{0.1},
		Trees: []forest.Tree{tree, left, stumpTree(0, 0.7, forest.MissingLeft, []float64{100}, []float64{200})}}})
	models["categories"] = answers(m, m.Add(&model.Unary{Fn: model.Exp, X: h}))

	m = matrixModel(2)
	nan := m.Add(&model.Unary{Fn: model.IsNaN, X: 0})
	imputed := m.Add(&model.Where{Cond: nan, A: model.Vector(0.1, 0.7), B: model.Value(0)})
	scaled := m.Add(&model.Binary{Fn: model.Quotient, A: model.Value(m.Add(&model.Binary{Fn: model.Sub, A: model.Value(imputed), B: model.Vector(0.1, 0.3)})), B: model.Vector(0.3, 7)})
	flag := m.Add(&model.Cast{X: nan, To: model.Float64})
	all := m.Add(&model.Concat{Xs: []model.Ref{scaled, flag}})
	taken := m.Add(&model.Take{X: all, Columns: []int{1, 3}})
	models["imputed and scaled"] = answers(m, m.Add(&model.Binary{Fn: model.Add, A: model.Value(raw(m, taken, 1)), B: model.Value(raw(m, scaled, 1))}))

	m = matrixModel(2)
	keys := &model.Tensor{Kind: model.Float64, Shape: []int{4}, Float: []float64{0, 0.1, math.NaN(), 5}}
	places := m.Add(&model.Index{X: 0, Keys: keys, Unknown: 4})
	unit := &model.Tensor{Kind: model.Float64, Shape: []int{5, 4}, Float: make([]float64, 20)}
	for i := range 4 {
		unit.Float[i*4+i] = 1
	}
	oneHot := m.Add(&model.Reshape{X: m.Add(&model.Lookup{X: places, Table: unit}), Row: []int{8}})
	two := m.Add(&model.Take{X: oneHot, Columns: []int{1, 6}})
	searched := m.Add(&model.Cast{X: m.Add(&model.Search{X: 0, Edges: []float64{-1, 0.1, 0.1, 0.7}}), To: model.Float64})
	sum := m.Add(&model.Binary{Fn: model.Add, A: model.Value(raw(m, two, 1)), B: model.Value(raw(m, searched, 1))})
	right := m.Add(&model.Cast{X: m.Add(&model.Search{X: 0, Edges: []float64{-1, 0.1, 0.7}, Right: true}), To: model.Float64})
	models["one-hot and bins"] = answers(m, m.Add(&model.Concat{Xs: []model.Ref{sum, right, searched, two}}))

	m = &model.Model{Inputs: []model.Input{{Name: "town", Kind: model.String, Width: 1}, {Name: "size", Kind: model.Float64, Width: 1}, {Name: "n", Kind: model.Int64, Width: 1}}}
	town := m.Add(&model.Index{X: 0, Keys: texts("A b", "c", "", "d"), Unknown: -1})
	code := m.Add(&model.Cast{X: town, To: model.Float64})
	count := m.Add(&model.Cast{X: 2, To: model.Float64})
	p = softmax(m, m.Add(&model.Concat{Xs: []model.Ref{raw(m, m.Add(&model.Concat{Xs: []model.Ref{code, 1}}), 1), raw(m, m.Add(&model.Concat{Xs: []model.Ref{count, 1}}), 1)}}))
	models["text"] = answers(m, label(m, p, texts("no", "yes")), p)

	m = &model.Model{Inputs: []model.Input{{Name: "town", Kind: model.String, Width: 1}, {Name: "size", Kind: model.Float64, Width: 1}}}
	known := m.Add(&model.Index{X: 0, Keys: texts("A b", "c", "d"), Refuses: true})
	checked := m.Add(&model.Finite{X: 1})
	models["refused categories"] = answers(m, raw(m, m.Add(&model.Concat{Xs: []model.Ref{m.Add(&model.Cast{X: known, To: model.Float64}), checked}}), 1))

	m = matrixModel(2)
	first := m.Add(&model.Concat{Xs: []model.Ref{raw(m, 0, 1), sigmoid(m, raw(m, 0, 1))}})
	w := &model.Tensor{Kind: model.Float64, Shape: []int{2, 1}, Float: []float64{0.3, -2}}
	second := raw(m, m.Add(&model.Concat{Xs: []model.Ref{m.Add(&model.MatMul{X: first, W: w}), m.Add(&model.Slice{X: first, From: 0, To: 1})}}), 2)
	models["stacked"] = answers(m, second)

	m = matrixModel(2)
	narrow := &forest.Forest{Features: 2, Outputs: 1, Input: forest.Float32, Acc: forest.Float32, Base: []float64{0.5},
		Trees: []forest.Tree{stumpTree(0, 0.1, 0, []float64{float64(float32(0.1))}, []float64{float64(float32(0.7))}), stumpTree(1, 0.1, 1, []float64{float64(float32(0.3))}, []float64{-1})}}
	models["sums in float32"] = answers(m, m.Add(&model.Cast{X: m.Add(&model.Ensemble{X: 0, Forest: narrow}), To: model.Float64}))

	m = matrixModel(2)
	var each []model.Ref
	for _, fn := range []model.Function{model.Neg, model.Abs, model.Sign, model.Floor, model.Ceil, model.Rint, model.Trunc, model.Exp, model.Expm1, model.Sin, model.Cos, model.Tan, model.Tanh} {
		each = append(each, m.Add(&model.Unary{Fn: fn, X: 0}))
	}
	abs := m.Add(&model.Unary{Fn: model.Abs, X: 0})
	for _, fn := range []model.Function{model.Sqrt, model.Log, model.Log1p} {
		each = append(each, m.Add(&model.Unary{Fn: fn, X: abs}))
	}
	each = append(each, m.Add(&model.Binary{Fn: model.Pow, A: model.Value(abs), B: model.Vector(0.5, 2)}), m.Add(&model.Reduce{Fn: model.ReduceMax, X: 0}))
	less := m.Add(&model.Binary{Fn: model.Less, A: model.Value(0), B: model.Scalar(0.1)})
	more := m.Add(&model.Binary{Fn: model.Greater, A: model.Value(0), B: model.Scalar(0.7)})
	either := m.Add(&model.Binary{Fn: model.Or, A: model.Value(less), B: model.Value(m.Add(&model.Unary{Fn: model.Not, X: more}))})
	each = append(each, m.Add(&model.Where{Cond: either, A: model.Value(0), B: model.Vector(7, math.NaN())}))
	single := m.Add(&model.Cast{X: 0, To: model.Float32})
	third := &model.Tensor{Kind: model.Float32, Shape: []int{1, 1}, Float: []float64{float64(float32(1.0 / 3))}}
	each = append(each, m.Add(&model.Cast{X: m.Add(&model.Binary{Fn: model.Mul, A: model.Value(single), B: model.Operand{Row: third}}), To: model.Float64}))
	models["functions"] = answers(m, m.Add(&model.Concat{Xs: each}))
	return models
}

// sheetRows are rows for a model of sheetModels.
func sheetRows(m *model.Model) []*model.Tensor {
	numbers := []float64{0, 0.1, 0.7, 5, -1, -0.5, 2.5, 1e-20, math.NaN(), float64(float32(0.1))}
	var rows []*model.Tensor
	for at, in := range m.Inputs {
		t := model.NewTensor(model.Type{Kind: in.Kind, Row: []int{in.Width}}, len(numbers)*len(numbers))
		for i := range t.Len() {
			row := i / in.Width
			k := row % len(numbers)
			if (i%in.Width+at)%2 == 1 {
				k = row / len(numbers)
			}
			switch in.Kind {
			case model.String:
				t.Text[i] = []string{"A b", "c", "", "d", "unknown"}[k%5]
			case model.Int64:
				t.Int[i] = int64(k) - 2
			default:
				t.Float[i] = numbers[k]
			}
		}
		rows = append(rows, t)
	}
	return rows
}

// Programs must come back as they were lowered, and answer what they answered.
func TestSheets(t *testing.T) {
	for name, m := range sheetModels() {
		t.Run(name, func(t *testing.T) {
			o := Options{Methods: model.Methods(m)}
			low, err := Lower(m, o)
			if err != nil {
				t.Fatal(err)
			}
			data := written(t, low, o)
			if dir := os.Getenv("SHEETS"); dir != "" {
				os.WriteFile(dir+"/"+name+".pmml", data, 0o666)
			}
			back, err := Read(data, Limits{})
			if err != nil {
				t.Fatalf("%v\n%.3000s", err, data)
			}
			if err := model.Equal(low, back); err != nil {
				t.Fatalf("%v\n%.3000s", err, data)
			}
			if again := written(t, back, o); !bytes.Equal(data, again) {
				t.Error("written again, other bytes")
			}
			rows := sheetRows(m)
			if name == "refused categories" {
				return // see TestRefusedValues
			}
			want, err := m.Run(rows)
			if err != nil {
				t.Fatal(err)
			}
			got, err := back.Run(rows)
			if err != nil {
				t.Fatal(err)
			}
			for k := range want {
				for i := range want[k].Len() {
					if a, b := want[k].Item(i), got[k].Item(i); a != b && a+b != "0-0" && a+b != "-00" {
						t.Errorf("%s, item %d: %s, not %s", m.Outputs[k].Name, i, b, a)
					}
				}
			}
		})
	}
}

// What the original refuses must be refused by the fields.
func TestRefusedValues(t *testing.T) {
	low, err := Lower(sheetModels()["refused categories"], Options{})
	if err != nil {
		t.Fatal(err)
	}
	data := written(t, low, Options{})
	for _, want := range []string{
		`<DataField name="town" optype="categorical" dataType="string"><Value value="" property="missing"/><Value value="A b"/><Value value="c"/><Value value="d"/></DataField>`,
		`<MiningField name="town" missingValueTreatment="returnInvalid"/>`,
		`<MiningField name="size" missingValueTreatment="returnInvalid"/>`,
	} {
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("no %s in\n%.1500s", want, data)
		}
	}
	if _, err := Read(bytes.Replace(data, []byte(`<Value value="d"/></DataField>`), []byte(`</DataField>`), 1), Limits{}); err == nil {
		t.Error("a field that refuses what its categories know is read")
	}
}

// What Write does not make must be refused, though it be an expression.
func TestRefusedExpressions(t *testing.T) {
	for _, c := range []struct{ model, old, new, says string }{
		{"label by sign", `<Apply function="greaterOrEqual" mapMissingTo="false"><FieldRef field="f1"/><Constant dataType="double">0</Constant></Apply>`, `<Constant dataType="double">1</Constant>`, "choice"},
		{"label by sign", ` mapMissingTo="false"`, ``, "is not false"},
		{"imputed and scaled", `function="isMissing"`, `function="isNotMissing"`, "isNotMissing"},
		{"imputed and scaled", `<FieldRef field="x1"/>`, `<FieldRef field="z"/>`, "not there yet"},
		{"one-hot and bins", `binValue="1"`, `binValue="0"`, "bins"},
		{"one-hot and bins", `<place>1</place></row>`, `<place>7</place></row>`, "table of places"},
		{"functions", `function="isNotMissing"`, `function="isMissing"`, "another condition"},
		{"stacked", `function="sum"`, `function="avg"`, "avg"},
		{"three classes boosted", `score="5"><SimplePredicate`, `score="7"><SimplePredicate`, "no copy of a label"},
		{"refused categories", `<Apply function="abs"><MapValues`, `<Apply function="exp"><MapValues`, "may be missing"},
		{"text", `dataType="string"><Value value="" property="missing"/>`, `dataType="string"><Value value="x"/>`, "other values"},
	} {
		m := sheetModels()[c.model]
		o := Options{Methods: model.Methods(m)}
		low, err := Lower(m, o)
		if err != nil {
			t.Fatal(err)
		}
		good := written(t, low, o)
		bad := bytes.Replace(good, []byte(c.old), []byte(c.new), 1)
		if bytes.Equal(good, bad) {
			t.Errorf("%s has no %s\n%.3000s", c.model, c.old, good)
		}
		if _, err := Read(bad, Limits{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with %s: %v, not %q", c.model, c.new, err, c.says)
		}
	}
}

// Fields that use one another twice must not cost twice as much each.
func TestSharedFields(t *testing.T) {
	m := matrixModel(1)
	one := model.Value(m.Add(&model.Cast{X: m.Add(&model.Unary{Fn: model.IsNaN, X: 0}), To: model.Float64}))
	x := one
	for range 200 {
		x = model.Value(m.Add(&model.Binary{Fn: model.Add, A: x, B: x}))
	}
	is := m.Add(&model.Binary{Fn: model.Greater, A: x, B: one})
	label := model.Operand{Row: texts("a")}
	label.Row.Shape = []int{1, 1}
	for range 200 {
		other := m.Add(&model.Where{Cond: is, A: label, B: model.Operand{Row: &model.Tensor{Kind: model.String, Shape: []int{1, 1}, Text: []string{"b"}}}})
		label = model.Value(m.Add(&model.Where{Cond: m.Add(&model.Unary{Fn: model.Not, X: is}), A: model.Value(other), B: model.Value(other)}))
	}
	m.Outputs = []model.Output{{Name: "label", Value: label.Ref, Method: model.Predict},
		{Name: "whole", Value: m.Add(&model.Cast{X: x.Ref, To: model.Int64}), Method: model.Transform}}
	o := Options{Methods: model.Methods(m)}
	low, err := Lower(m, o)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Read(written(t, low, o), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := model.Equal(low, back); err != nil {
		t.Fatal(err)
	}
}
