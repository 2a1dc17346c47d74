// Package steps makes small programs, each around one kind of step, and rows that find out whether a format says it right.
package steps

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Case is a program with rows for it. ULP is how far answers may be off, in units in the last place: 0 for what is exact.
type Case struct {
	Name  string
	Model *model.Model
	Rows  []*model.Tensor
	ULP   int
}

// Cases are programs around every step, of every kind of items that it takes.
func Cases() []Case {
	var all []Case
	for _, list := range [][]Case{functions(), operations(), choices(), sums(), shapes(), indices(), searches(), products(), ensembles(), chains(), medians(), Tables()} {
		all = append(all, list...)
	}
	return all
}

// maker builds one program.
type maker struct {
	m    *model.Model
	rows []*model.Tensor
}

func (p *maker) input(t *model.Tensor) model.Ref {
	p.m.Inputs = append(p.m.Inputs, model.Input{Name: fmt.Sprintf("in%d", len(p.m.Inputs)), Kind: t.Kind, Width: t.Shape[1]})
	p.rows = append(p.rows, t)
	return model.Ref(len(p.rows) - 1)
}

func (p *maker) answer(name string, ulp int, values ...model.Ref) Case {
	types, err := p.m.Types()
	if err != nil {
		panic(name + ": " + err.Error())
	}
	for k, v := range values {
		if row := types[v].Row; len(row) > 1 { // answers are read as tables
			n := 1
			for _, d := range row {
				n *= d
			}
			v = p.m.Add(&model.Reshape{X: v, Row: []int{n}})
		}
		p.m.Outputs = append(p.m.Outputs, model.Output{Name: model.OutputName(model.Transform, true, k, len(values)), Value: v, Method: model.Transform, Target: k})
	}
	return Case{Name: name, Model: p.m, Rows: p.rows, ULP: ulp}
}

// program is a maker with these inputs.
func program(inputs ...*model.Tensor) *maker {
	p := &maker{m: &model.Model{}}
	for _, t := range inputs {
		p.input(t)
	}
	return p
}

var floats = []model.Kind{model.Float64, model.Float32}

// special are the numbers that arithmetic goes wrong on.
var special = []float64{0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.3, -0.3, 0.7, -0.7, math.Inf(1), math.Inf(-1), math.NaN(),
	1e300, -1e300, 5e-324, 1e-310, 3e-308, 1e-17, -1e-17, 1 << 52, 4503599627370497.5, 100, -100, 709.5, -707, -720, -740, 17.8, -17.9}

// numbers is a matrix of special numbers and random ones of several magnitudes.
func numbers(kind model.Kind, width int) *model.Tensor {
	random := rand.New(rand.NewPCG(7, 11))
	all := append([]float64{}, special...)
	for i := range 40 {
		all = append(all, float64(i-20)*math.Pi/2)
	}
	for range 300 {
		all = append(all, random.NormFloat64(), random.NormFloat64()*100, random.NormFloat64()*1e-5, random.NormFloat64()*1e6)
	}
	for len(all)%width > 0 {
		all = append(all, 1)
	}
	t := &model.Tensor{Kind: kind, Shape: []int{len(all) / width, width}}
	for _, v := range all {
		switch {
		case kind == model.Float32:
			t.Float = append(t.Float, float64(float32(v)))
		case kind == model.Float64:
			t.Float = append(t.Float, v)
		default:
			whole := int64(0)
			if math.Abs(v) < 1e9 {
				whole = int64(math.Round(v))
			}
			if kind == model.Bool {
				whole &= 1
			}
			t.Int = append(t.Int, whole)
		}
	}
	return t
}

// turned is a tensor whose rows stand in another order.
func turned(t *model.Tensor, by int) *model.Tensor {
	n := by * t.RowLen()
	u := *t
	u.Float, u.Int, u.Text = turn(t.Float, n), turn(t.Int, n), turn(t.Text, n)
	return &u
}

func turn[T any](all []T, n int) []T {
	if len(all) == 0 {
		return nil
	}
	return append(append([]T{}, all[n:]...), all[:n]...)
}

func functions() []Case {
	var all []Case
	for _, fn := range []model.Function{model.Neg, model.Abs, model.Sign, model.Floor, model.Ceil, model.Rint, model.Trunc, model.Sqrt, model.Exp,
		model.Expm1, model.Log, model.Log1p, model.Sin, model.Cos, model.Tan, model.Tanh, model.IsNaN} {
		for _, kind := range floats {
			x := numbers(kind, 3)
			if fn == model.Sin || fn == model.Cos || fn == model.Tan {
				for i, v := range x.Float { // beyond, answers differ from library to library
					if math.Abs(v) > 1<<32 {
						x.Float[i] = 1
					}
				}
			}
			ulp := 0
			if !fn.Exact() {
				ulp = 4
			}
			if fn == model.Tanh {
				ulp = 6
			}
			p := program(x)
			all = append(all, p.answer(fmt.Sprintf("%s of %v", fn, kind), ulp, p.m.Add(&model.Unary{Fn: fn, X: 0})))
		}
	}
	p := program(numbers(model.Float64, 1))
	positive := p.m.Add(&model.Binary{Fn: model.Greater, A: model.Value(0), B: model.Scalar(0)})
	number := p.m.Add(&model.Cast{X: p.m.Add(&model.Unary{Fn: model.Not, X: positive}), To: model.Int64})
	return append(all, p.answer("logical_not", 0, number))
}

func operations() []Case {
	var all []Case
	for _, fn := range []model.Operation{model.Add, model.Sub, model.Mul, model.Quotient, model.Pow, model.Less, model.LessOrEqual,
		model.Greater, model.GreaterOrEqual, model.Equals} {
		for _, kind := range []model.Kind{model.Float64, model.Float32, model.Int64} {
			if kind == model.Int64 && (fn == model.Quotient || fn == model.Pow) {
				continue
			}
			ulp := 0
			if fn == model.Pow {
				ulp = 4
			}
			x := numbers(kind, 3)
			constant := &model.Tensor{Kind: kind, Shape: []int{1, 3}, Float: []float64{0.5, -2, 3}}
			if kind == model.Int64 {
				constant = &model.Tensor{Kind: kind, Shape: []int{1, 3}, Int: []int64{0, -2, 3}}
			}
			p := program(x, turned(x, 1))
			a := p.m.Add(&model.Binary{Fn: fn, A: model.Value(0), B: model.Value(1)})
			b := p.m.Add(&model.Binary{Fn: fn, A: model.Value(0), B: model.Operand{Row: constant}})
			c := p.m.Add(&model.Binary{Fn: fn, A: model.Operand{Row: constant}, B: model.Value(1)})
			column := p.m.Add(&model.Slice{X: 1, From: 1, To: 2})
			d := p.m.Add(&model.Binary{Fn: fn, A: model.Value(column), B: model.Value(0)})
			vector := p.m.Add(&model.Pick{X: 0, Index: 2})
			e := p.m.Add(&model.Binary{Fn: fn, A: model.Value(vector), B: model.Value(p.m.Add(&model.Pick{X: 1, Index: 0}))})
			all = append(all, p.answer(fmt.Sprintf("%s of %v", fn, kind), ulp, a, b, c, d, e))
		}
	}
	for _, fn := range []model.Operation{model.And, model.Or} {
		p := program(numbers(model.Bool, 2), turned(numbers(model.Bool, 2), 3))
		a := p.m.Add(&model.Binary{Fn: fn, A: model.Value(0), B: model.Value(1)})
		b := p.m.Add(&model.Binary{Fn: fn, A: model.Value(0), B: model.Operand{Row: &model.Tensor{Kind: model.Bool, Shape: []int{1, 2}, Int: []int64{0, 1}}}})
		all = append(all, p.answer(string(fn), 0, a, b))
	}
	return all
}

func choices() []Case {
	var all []Case
	for _, kind := range []model.Kind{model.Float64, model.Float32, model.Int64, model.Bool, model.String} {
		x, constant := numbers(kind, 3), &model.Tensor{Kind: kind, Shape: []int{1, 3}, Float: []float64{0.5, -2, 3}}
		switch kind {
		case model.String:
			x = texts(x.Rows(), 3)
			constant = &model.Tensor{Kind: kind, Shape: []int{1, 3}, Text: []string{"x", "", "ü"}}
		case model.Int64, model.Bool:
			constant = &model.Tensor{Kind: kind, Shape: []int{1, 3}, Int: []int64{0, 1, 1}}
		}
		p := program(numbers(model.Float64, 3), x, turned(x, 2))
		cond := p.m.Add(&model.Binary{Fn: model.Greater, A: model.Value(0), B: model.Scalar(0.2)})
		narrow := p.m.Add(&model.Slice{X: cond, From: 1, To: 2})
		a := p.m.Add(&model.Where{Cond: cond, A: model.Value(1), B: model.Value(2)})
		b := p.m.Add(&model.Where{Cond: narrow, A: model.Operand{Row: constant}, B: model.Value(2)})
		all = append(all, p.answer(fmt.Sprintf("where of %v", kind), 0, a, b))
	}
	return all
}

// texts is a matrix of a few texts.
func texts(rows, width int) *model.Tensor {
	words := []string{"a", "b", "", "ü", "a b", "unknown", "A", "nan"}
	t := &model.Tensor{Kind: model.String, Shape: []int{rows, width}}
	for i := range rows * width {
		t.Text = append(t.Text, words[(i*i+i/7)%len(words)])
	}
	return t
}

// tame is numbers without infinities and NaN, whose sums are all the same.
func tame(kind model.Kind, rows, width int) *model.Tensor {
	random := rand.New(rand.NewPCG(3, 5))
	t := &model.Tensor{Kind: kind, Shape: []int{rows, width}}
	for range rows * width {
		v := random.NormFloat64() * math.Pow(10, float64(random.IntN(5)))
		if kind == model.Float32 {
			v = float64(float32(v))
		}
		t.Float = append(t.Float, v)
	}
	return t
}

func sums() []Case {
	var all []Case
	for _, kind := range floats {
		for _, fn := range []model.Reduction{model.ReduceMax, model.ReduceSum, model.ReducePairwise} {
			for _, width := range []int{1, 2, 7, 8, 9, 24, 100, 128, 129, 300} {
				x := tame(kind, 40, width)
				x.Float[len(x.Float)-1] = math.NaN()
				x.Float[0] = math.NaN()
				x.Float[width] = math.Inf(-1)
				p := program(x)
				all = append(all, p.answer(fmt.Sprintf("%s of %d %v", fn, width, kind), 0, p.m.Add(&model.Reduce{Fn: fn, X: 0})))
			}
			p := program(tame(kind, 40, 60))
			deep := p.m.Add(&model.Reduce{Fn: fn, X: p.m.Add(&model.Reshape{X: 0, Row: []int{3, 20}})})
			deeper := p.m.Add(&model.Reduce{Fn: fn, X: p.m.Add(&model.Reshape{X: 0, Row: []int{2, 10, 3}})})
			all = append(all, p.answer(fmt.Sprintf("%s along the last axis of %v", fn, kind), 0, deep, deeper))
		}
	}
	return all
}

func shapes() []Case {
	var all []Case
	for _, kind := range []model.Kind{model.Float64, model.Float32, model.Int64, model.Bool, model.String} {
		x := numbers(kind, 6)
		repeated := &model.Tensor{Kind: kind, Shape: []int{1, 2}, Float: []float64{float64(float32(math.NaN())), -0.5}}
		switch kind {
		case model.String:
			x = texts(x.Rows(), 6)
			repeated = &model.Tensor{Kind: kind, Shape: []int{1, 2}, Text: []string{"", "ü"}}
		case model.Int64, model.Bool:
			repeated = &model.Tensor{Kind: kind, Shape: []int{1, 2}, Int: []int64{1, 0}}
		}
		p := program(x, tame(model.Float64, x.Rows(), 2))
		cube := p.m.Add(&model.Reshape{X: 0, Row: []int{3, 2}})
		all = append(all, p.answer(fmt.Sprintf("shapes of %v", kind), 0,
			cube,
			p.m.Add(&model.Pick{X: cube, Index: 1}),
			p.m.Add(&model.Reshape{X: p.m.Add(&model.Pick{X: 0, Index: 1}), Row: []int{1}}),
			p.m.Add(&model.Reshape{X: p.m.Add(&model.Slice{X: 0, From: 5, To: 6}), Row: []int{}}),
			p.m.Add(&model.Take{X: 0, Columns: []int{5, 0, 0, 3}}),
			p.m.Add(&model.Concat{Xs: []model.Ref{0, p.m.Add(&model.Take{X: 0, Columns: []int{2}})}}),
			p.m.Add(&model.Repeat{Like: 0, Row: repeated}),
			p.m.Add(&model.Repeat{Like: cube, Row: repeated}),
			p.m.Add(&model.Lookup{X: p.m.Add(&model.Cast{X: p.m.Add(&model.Binary{Fn: model.Less, A: model.Value(1), B: model.Value(1)}), To: model.Int64}), Table: repeated}),
			0,
		))
	}
	return all
}

func indices() []Case {
	var all []Case
	keys := map[model.Kind]*model.Tensor{
		model.Float64: {Kind: model.Float64, Shape: []int{6}, Float: []float64{-1.5, 0, 0.3, 1, math.NaN(), 100}},
		model.Float32: {Kind: model.Float32, Shape: []int{5}, Float: []float64{-1.5, 0, float64(float32(0.3)), 1, 100}},
		model.Int64:   {Kind: model.Int64, Shape: []int{4}, Int: []int64{-2, 0, 1, 1 << 40}},
		model.String:  {Kind: model.String, Shape: []int{5}, Text: []string{"b", "a", "", "ü", "nan"}},
	}
	for _, kind := range []model.Kind{model.Float64, model.Float32, model.Int64, model.String} {
		x := numbers(kind, 2)
		if kind == model.String {
			x = texts(50, 2)
		}
		p := program(x)
		a := p.m.Add(&model.Index{X: 0, Keys: keys[kind], Unknown: -1})
		b := p.m.Add(&model.Index{X: p.m.Add(&model.Pick{X: 0, Index: 1}), Keys: keys[kind], Unknown: 99})
		// What is known only, so that nothing is refused.
		known := &model.Tensor{Kind: kind, Shape: []int{keys[kind].Len(), 1}, Float: keys[kind].Float, Int: keys[kind].Int, Text: keys[kind].Text}
		q := program(known)
		c := q.m.Add(&model.Index{X: 0, Keys: keys[kind], Refuses: true})
		all = append(all, p.answer(fmt.Sprintf("index of %v", kind), 0, a, b), q.answer(fmt.Sprintf("strict index of %v", kind), 0, c))
	}
	return all
}

// Unknown is a program that refuses the rows it comes with: a category is unknown.
func Unknown() Case {
	p := program(texts(20, 1))
	keys := &model.Tensor{Kind: model.String, Shape: []int{2}, Text: []string{"a", "b"}}
	return p.answer("unknown category", 0, p.m.Add(&model.Index{X: 0, Keys: keys, Refuses: true}))
}

func searches() []Case {
	var all []Case
	many := make([]float64, 1000)
	for i := range many {
		many[i] = float64(i-500) / 100
	}
	for _, kind := range floats {
		for _, right := range []bool{false, true} {
			p := program(numbers(kind, 2))
			a := p.m.Add(&model.Search{X: 0, Edges: []float64{math.Inf(-1), -0.5, 0, 0, 0.3, 1, math.Inf(1)}, Right: right})
			b := p.m.Add(&model.Search{X: p.m.Add(&model.Pick{X: 0, Index: 0}), Edges: many, Right: right})
			all = append(all, p.answer(fmt.Sprintf("search of %v, right %v", kind, right), 0, a, b))
		}
	}
	return all
}

func products() []Case {
	var all []Case
	for _, kind := range floats {
		x := tame(kind, 50, 5)
		for i := range x.Float {
			x.Float[i] = math.Round(x.Float[i]) // so that sums are exact in any order
			if kind == model.Float32 {
				x.Float[i] = math.Mod(x.Float[i], 100)
			}
		}
		w := &model.Tensor{Kind: kind, Shape: []int{5, 3}}
		for i := range 15 {
			w.Float = append(w.Float, float64(i)-6.5)
		}
		p := program(x)
		sums := &model.Tensor{Kind: kind, Shape: []int{1, 3}, Float: []float64{1, 2, 3}}
		y := p.m.Add(&model.MatMul{X: 0, W: w})
		all = append(all, p.answer(fmt.Sprintf("product of %v", kind), 0, y, p.m.Add(&model.Binary{Fn: model.Add, A: model.Value(y), B: model.Operand{Row: sums}})))
	}
	return all
}

// chains are links as boosting has them, in which one step's answer is another's input.
func chains() []Case {
	x := tame(model.Float64, 60, 4)
	for i := range x.Float {
		x.Float[i] /= 1000
	}
	p := program(x)
	most := p.m.Add(&model.Reduce{Fn: model.ReduceMax, X: 0})
	e := p.m.Add(&model.Unary{Fn: model.Exp, X: p.m.Add(&model.Binary{Fn: model.Sub, A: model.Value(0), B: model.Value(most)})})
	share := p.m.Add(&model.Binary{Fn: model.Quotient, A: model.Value(e), B: model.Value(p.m.Add(&model.Reduce{Fn: model.ReduceSum, X: e}))})
	label := p.m.Add(&model.Lookup{X: p.m.Add(&model.ArgMax{X: share}), Table: &model.Tensor{Kind: model.String, Shape: []int{4}, Text: []string{"w", "x", "y", "z"}}})
	x64 := numbers(model.Float64, 2)
	r := program(x64)
	rounded := r.m.Add(&model.Cast{X: r.m.Add(&model.Cast{X: 0, To: model.Float32}), To: model.Float64})
	back := r.m.Add(&model.Binary{Fn: model.Mul, A: model.Value(rounded), B: model.Scalar(0.5)})
	casts := r.answer("rounded to float32", 0, rounded, back)

	softmax := p.answer("softmax", 8, share, label)

	q := program(x)
	grown := q.m.Add(&model.Unary{Fn: model.Exp, X: q.m.Add(&model.Unary{Fn: model.Neg, X: 0})})
	expit := q.m.Add(&model.Binary{Fn: model.Quotient, A: model.Scalar(1), B: model.Value(q.m.Add(&model.Binary{Fn: model.Add, A: model.Scalar(1), B: model.Value(grown)}))})
	return []Case{casts, softmax, q.answer("expit", 4, expit)}
}

func ensembles() []Case {
	var all []Case
	for _, input := range []forest.Precision{forest.Float64, forest.Float32} {
		for _, acc := range []forest.Precision{forest.Float64, forest.Float32} {
			for _, classes := range []int{1, 3} {
				for _, base := range []bool{false, true} {
					for _, sets := range []bool{false, true} {
						for _, single := range []bool{false, true} {
							f := Boosted(Shape{Input: input, Acc: acc, Outputs: classes, Base: base, Sets: sets, Single: single, Trees: 7 * classes})
							p := program(ForestRows(input == forest.Float64))
							y := p.m.Add(&model.Ensemble{X: 0, Forest: f})
							leaves := p.m.Add(&model.Leaves{X: 0, Forest: f})
							name := fmt.Sprintf("ensemble of %v, sums in %v, %d outputs, base %v, categories %v, one output each %v", input, acc, classes, base, sets, single)
							all = append(all, p.answer(name, 0, y, leaves))
						}
					}
				}
			}
		}
	}
	return all
}

// Shape is what a random forest shall be like.
type Shape struct {
	Input, Acc         forest.Precision
	Outputs, Trees     int
	Base, Sets, Single bool
	Combine            forest.Combine
}

// ForestFeatures is the width of the rows of Boosted.
const ForestFeatures = 6

// categories is how many categories a column of Boosted has, 0 of numbers.
func categories(column int) int { return []int{0, 0, 10, 10, 80, 80}[column] }

// ForestRows are rows for the forests of Boosted: the first two columns are numbers, the others categories and what is none.
func ForestRows(wide bool) *model.Tensor {
	kind := model.Float64
	random := rand.New(rand.NewPCG(17, 19))
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 2.5, 77, math.Copysign(0, -1)}
	t := &model.Tensor{Kind: kind, Shape: []int{200, ForestFeatures}}
	for i := range 200 * ForestFeatures {
		v := random.NormFloat64()
		if n := categories(i % ForestFeatures); n > 0 {
			v = float64(random.IntN(n + 2))
		}
		if random.IntN(10) == 0 {
			v = odd[random.IntN(len(odd))]
		}
		if !wide {
			v = float64(float32(v))
		}
		t.Float = append(t.Float, v)
	}
	return t
}

// Boosted is a random forest: trees of seven nodes with thresholds, ways for what is missing, and sets of categories.
func Boosted(s Shape) *forest.Forest {
	random := rand.New(rand.NewPCG(23, uint64(s.Trees)))
	f := &forest.Forest{Features: ForestFeatures, Outputs: s.Outputs, Input: s.Input, Acc: s.Acc, Combine: s.Combine}
	value := func() float64 {
		if random.IntN(6) == 0 {
			return math.Copysign(0, -1)
		}
		return s.Acc.Round(random.NormFloat64() / 10)
	}
	if s.Base {
		for range s.Outputs {
			f.Base = append(f.Base, value())
		}
	}
	for k := range s.Trees {
		width := s.Outputs
		t := forest.Tree{Output: forest.AllOutputs}
		if s.Single {
			width, t.Output = 1, int32(k%s.Outputs)
			if k%5 == 4 {
				t.Output = 0 // not all outputs have as many trees
			}
		}
		leaf := int32(0)
		for i := range int32(7) {
			t.Flags = append(t.Flags, uint8(random.IntN(2)))
			if s.Sets {
				t.Category = append(t.Category, forest.NoSet)
			}
			if i >= 3 {
				t.Feature, t.Threshold = append(t.Feature, forest.Leaf), append(t.Threshold, 0)
				t.Left, t.Right = append(t.Left, leaf), append(t.Right, 0)
				leaf++
				for range width {
					t.Value = append(t.Value, value())
				}
				continue
			}
			t.Left, t.Right = append(t.Left, 2*i+1), append(t.Right, 2*i+2)
			t.Feature, t.Threshold = append(t.Feature, int32(random.IntN(2))), append(t.Threshold, random.NormFloat64())
			if k%4 == 3 && i == 0 {
				t.Threshold[i] = math.Inf(1)
			}
			if s.Sets && random.IntN(2) == 0 {
				var set []float64
				column := 2 + random.IntN(ForestFeatures-2)
				n := categories(column)
				up := random.IntN(2) * random.IntN(n) // to there in all sets, so that some lie in each other
				for c := range n {
					if up > 0 && c < up || up == 0 && random.IntN(3) == 0 {
						set = append(set, float64(c))
					}
				}
				if len(set) > 0 {
					t.Feature[i], t.Category[i] = int32(column), int32(len(t.Sets))
					if s.Single { // nothing that is missing goes left by categories
						t.Flags[i] = 0
					}
					t.Sets = append(t.Sets, set)
				}
			}
		}
		f.Trees = append(f.Trees, t)
	}
	return f
}

func medians() []Case {
	var all []Case
	for _, kind := range floats {
		x := numbers(kind, 7)
		for i := range x.Float[:x.Len()/2] {
			x.Float[i] = math.Round(x.Float[i]/10) + 0 // many are equal
		}
		p := program(x)
		all = append(all, p.answer(fmt.Sprintf("weighted median of %v", kind), 0,
			p.m.Add(&model.WeightedMedian{X: 0, Weights: []float64{0.1, 0.7, 0.2, 0, 0.3, 0.1, 0.4}}),
			p.m.Add(&model.WeightedMedian{X: 0, Weights: make([]float64, 7)}),
			p.m.Add(&model.WeightedMedian{X: p.m.Add(&model.Slice{X: 0, From: 2, To: 3}), Weights: []float64{2}})))
		q := program(&model.Tensor{Kind: kind, Shape: []int{4, 1}, Float: []float64{0.25, 1, 0, math.NaN()}})
		all = append(all, q.answer(fmt.Sprintf("complement of %v", kind), 0, q.m.Add(&model.Complement{X: 0})))
	}
	return all
}

// Tables look rows up in tables that formats may write in fewer bytes: quotients of counts, numbers that are float32, and what is nearly so.
func Tables() []Case {
	const rows, width = 200, 7
	random := rand.New(rand.NewPCG(29, 31))
	x := &model.Tensor{Kind: model.Float64, Shape: []int{rows, 1}}
	for i := range rows {
		x.Float = append(x.Float, float64(i))
	}
	quotients := func(most int) []float64 {
		var all []float64
		for range rows {
			counts, sum := make([]int, width), 0
			for j := range counts {
				counts[j] = random.IntN(most)
				sum += counts[j]
			}
			for _, n := range counts {
				all = append(all, float64(n)/float64(sum))
			}
		}
		return all
	}
	changed := func(items []float64, ends ...float64) []float64 {
		copy(items[len(items)-len(ends):], ends)
		return items
	}
	singles := func() []float64 {
		all := make([]float64, rows*width)
		for i := range all {
			all[i] = float64(float32(random.NormFloat64()))
		}
		all[3], all[8], all[9] = math.Copysign(0, -1), float64(float32(math.NaN())), math.Inf(-1)
		return all
	}
	var all []Case
	for _, c := range []struct {
		name  string
		items []float64
	}{
		{"counts in bytes", quotients(30)},
		{"counts in bytes, of more records", changed(quotients(30), 1./256, 0, 0, 0, 0, 0, 255./256)},
		{"counts in two bytes", quotients(9000)},
		{"counts in two bytes, of more records", changed(quotients(9000), 1./65536, 0, 0, 0, 0, 0, 65535./65536)},
		{"counts in four bytes", quotients(1e6)},
		{"counts but for two weights", changed(quotients(30), 1/math.Pi, 1/math.E)},
		{"counts but for a -0", changed(quotients(30), math.Copysign(0, -1))},
		{"whole numbers beyond four bytes", changed(quotients(30), 1<<32+1, 3)},
		{"numbers that are float32", singles()},
		{"numbers that are float32 but for one", changed(singles(), 0.1)},
	} {
		p := program(x)
		row := p.m.Add(&model.Pick{X: p.m.Add(&model.Cast{X: 0, To: model.Int64}), Index: 0})
		table := &model.Tensor{Kind: model.Float64, Shape: []int{rows, width}, Float: c.items}
		all = append(all, p.answer("table of "+c.name, 0, p.m.Add(&model.Lookup{X: row, Table: table})))
	}
	return all
}
