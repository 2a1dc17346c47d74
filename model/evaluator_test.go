package model_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/steps"
	"github.com/seed-2867d59c/treeport/model"
)

// some are n rows of each tensor, taken in a circle from a place on.
func some(tensors []*model.Tensor, from, n int) []*model.Tensor {
	all := make([]*model.Tensor, len(tensors))
	for k, t := range tensors {
		all[k] = model.NewTensor(t.Type(), n)
		for i := range n {
			at := (from + i) % t.Rows() * t.RowLen()
			row := model.Tensor{Kind: t.Kind, Shape: append([]int{1}, t.Shape[1:]...)}
			switch end := at + t.RowLen(); {
			case t.Kind.IsFloat():
				row.Float = t.Float[at:end]
			case t.Kind == model.String:
				row.Text = t.Text[at:end]
			default:
				row.Int = t.Int[at:end]
			}
			all[k].PutRows(i, &row)
		}
	}
	return all
}

func same(t *testing.T, name string, got, want []*model.Tensor) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d outputs, want %d", name, len(got), len(want))
	}
	for k := range want {
		if !got[k].Same(want[k]) {
			t.Errorf("%s, output %d: %+v, want %+v", name, k, got[k], want[k])
		}
	}
}

// TestEvaluator holds the Evaluator against Run, to the bit, with programs around every step: in buffers that held other rows and more
// rows, and in blocks on several workers.
func TestEvaluator(t *testing.T) {
	for _, c := range steps.Cases() {
		n := c.Rows[0].Rows()
		for _, expected := range []int{0, 1} {
			e, err := model.NewEvaluator(c.Model, expected)
			if err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
			for _, rows := range [][2]int{{0, n}, {1, n}, {2, 1}, {0, 0}, {3, n}} {
				in := some(c.Rows, rows[0], rows[1])
				want, err := c.Model.Run(in)
				if err != nil {
					t.Fatalf("%s: %v", c.Name, err)
				}
				got, err := e.Run(in)
				if err != nil {
					t.Fatalf("%s: %v", c.Name, err)
				}
				same(t, c.Name, got, want)
			}
			many := some(c.Rows, 0, 3*model.Block+5)
			want, err := c.Model.Run(many)
			if err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
			for workers := range 4 {
				got, err := e.RunAll(many, workers)
				if err != nil {
					t.Fatalf("%s: %v", c.Name, err)
				}
				same(t, c.Name, got, want)
			}
		}
	}
}

func TestEvaluatorAllocatesNothing(t *testing.T) {
	for _, c := range steps.Cases() {
		e, err := model.NewEvaluator(c.Model, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, rows := range []int{7, 1} {
			in := some(c.Rows, 0, rows)
			if n := testing.AllocsPerRun(10, func() { _, err = e.Run(in) }); n != 0 || err != nil {
				t.Errorf("%s, %d rows: %v allocations, %v", c.Name, rows, n, err)
			}
		}
	}
}

// TestRefusedRow: the row that is refused is named by its place among all rows, whichever worker finds it.
func TestRefusedRow(t *testing.T) {
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 2}}}
	v := m.Add(&model.Ensemble{Forest: boosting(1, 2)})
	m.Outputs = []model.Output{{Name: "variable", Method: model.Predict, Value: v}}
	m.Ops[0].(*model.Ensemble).Forest.RefusesNaN = true
	x := model.NewTensor(model.Type{Kind: model.Float64, Row: []int{2}}, 1000)
	for _, row := range []int{900, 700, 131} {
		x.Float[2*row+1] = math.NaN()
		e, err := model.NewEvaluator(m, 0)
		if err != nil {
			t.Fatal(err)
		}
		for workers := range 3 {
			_, err := e.RunAll([]*model.Tensor{x}, workers)
			var at *model.RowError
			var u *fault.Unsupported
			if !errors.As(err, &at) || at.Row != row || !errors.As(err, &u) {
				t.Errorf("%d workers: %v, want row %d", workers, err, row)
			}
		}
		_, want := m.Run([]*model.Tensor{x})
		if _, err := e.Run([]*model.Tensor{x}); err == nil || want == nil || err.Error() != want.Error() {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

// boosting is a forest of complete trees of 32 leaves each, that add to one output.
func boosting(trees, features int) *forest.Forest {
	r := rand.New(rand.NewPCG(5, 6))
	f := &forest.Forest{Features: features, Outputs: 1, Base: []float64{0.25}}
	for range trees {
		t := forest.Tree{Output: 0}
		for i := range int32(63) {
			t.Threshold = append(t.Threshold, r.NormFloat64()/2)
			if i < 31 {
				t.Feature, t.Left, t.Right = append(t.Feature, int32(r.IntN(features))), append(t.Left, 2*i+1), append(t.Right, 2*i+2)
			} else {
				t.Feature, t.Left, t.Right = append(t.Feature, forest.Leaf), append(t.Left, i-31), append(t.Right, 0)
				t.Value = append(t.Value, r.NormFloat64()/10)
			}
		}
		f.Trees = append(f.Trees, t)
	}
	return f
}

// classifier is binary boosting with its link and its labels, as a reader makes it.
func classifier(trees int) *model.Model {
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 20}}}
	raw := m.Add(&model.Ensemble{Forest: boosting(trees, 20)})
	one := m.Add(&model.Binary{Fn: model.Add, A: model.Value(m.Add(&model.Unary{Fn: model.Exp, X: m.Add(&model.Unary{Fn: model.Neg, X: raw})})), B: model.Scalar(1)})
	p := m.Add(&model.Complement{X: m.Add(&model.Binary{Fn: model.Quotient, A: model.Scalar(1), B: model.Value(one)})})
	label := m.Add(&model.Lookup{X: m.Add(&model.ArgMax{X: p}), Table: &model.Tensor{Kind: model.String, Shape: []int{2}, Text: []string{"no", "yes"}}})
	m.Outputs = []model.Output{{Name: "label", Method: model.Predict, Value: label}, {Name: "probabilities", Method: model.PredictProba, Value: p}}
	return m
}

func BenchmarkEvaluator(b *testing.B) {
	m := classifier(200)
	r := rand.New(rand.NewPCG(3, 4))
	x := model.NewTensor(model.Type{Kind: model.Float64, Row: []int{20}}, 1000)
	for i := range x.Float {
		x.Float[i] = r.NormFloat64()
	}
	rows := make([][]*model.Tensor, 1000)
	for i := range rows {
		rows[i] = some([]*model.Tensor{x}, i, 1)
	}
	all := []*model.Tensor{x}
	e, err := model.NewEvaluator(m, 0)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		run  func(i int) error
	}{
		{"1 row", func(i int) error { _, err := e.Run(rows[i%1000]); return err }},
		{"1000 rows", func(int) error { _, err := e.Run(all); return err }},
		{"1000 rows, all cores", func(int) error { _, err := e.RunAll(all, 0); return err }},
		{"1000 rows, Model.Run", func(int) error { _, err := m.Run(all); return err }},
		{"make an Evaluator", func(int) error { _, err := model.NewEvaluator(m, 0); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := c.run(i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
