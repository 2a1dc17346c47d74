package lightgbm_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/lightgbm"
	"github.com/seed-2867d59c/treeport/model"
)

// recorded is what testdata/make.py wrote of a model: rows, and the answers of LightGBM itself.
type recorded struct {
	X          [][]number
	Predict    [][]number
	Raw        [][]number `json:"raw_score"`
	Leaf       [][]int64
	Iterations int
}

// number is a float in Python's words, NaN and infinity among them.
type number float64

func (n *number) UnmarshalJSON(text []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	*n = number(v)
	return err
}

func flat(rows [][]number) []float64 {
	var all []float64
	for _, row := range rows {
		for _, v := range row {
			all = append(all, float64(v))
		}
	}
	return all
}

// mostUlp is how far exp, log and what is made of them may be off.
const mostUlp = 4

// TestAnswersOfLightGBM holds every answer against LightGBM's own: raw scores and leaves to the bit, predict too where
// no exp or log is in it.
func TestAnswersOfLightGBM(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors")
	}
	worst := 0.0
	for _, file := range files {
		name := strings.TrimSuffix(file, ".json")
		var want recorded
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &want)
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		b, err := lightgbm.Parse(string(data), lightgbm.Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b.Limit(want.Iterations)
		got := run(t, b, &model.Tensor{Kind: model.Float64, Shape: []int{len(want.X), b.Features}, Float: flat(want.X)})
		if d := distance(got[0].Float, flat(want.Raw)); d != 0 {
			t.Errorf("%s: raw scores are up to %v ulp off", name, d)
		}
		if d := distance(got[1].Float, flat(want.Predict)); d > mostUlp {
			t.Errorf("%s: predict is up to %v ulp off", name, d)
		} else {
			worst = max(worst, d)
		}
		for i, row := range want.Leaf {
			for k, leaf := range row {
				if at := i*len(row) + k; got[2].Int[at] != leaf {
					t.Fatalf("%s: row %d, tree %d: leaf %d, want %d", name, i, k, got[2].Int[at], leaf)
				}
			}
		}
	}
	t.Logf("%d models, predict at most %v ulp off", len(files), worst)
}

// run asks a booster. Codes in x become the categories that they stand for, a missing code something unknown.
func run(t *testing.T, b *lightgbm.Booster, x *model.Tensor) []*model.Tensor {
	t.Helper()
	m := &model.Model{}
	var inputs []*model.Tensor
	var columns []model.Ref
	for j := range b.Features {
		var keys *model.Tensor
		if b.Categories != nil {
			keys = b.Categories[j]
		}
		in := &model.Tensor{Kind: model.Float64, Shape: []int{x.Rows(), 1}}
		if keys != nil {
			in.Kind = keys.Kind
		}
		for i := range x.Rows() {
			v := x.Float[i*b.Features+j]
			switch {
			case keys == nil:
				in.Float = append(in.Float, v)
			case keys.Kind == model.String && v >= 0:
				in.Text = append(in.Text, keys.Text[int(v)])
			case keys.Kind == model.String:
				in.Text = append(in.Text, [...]string{"unknown", model.MissingText}[i%2])
			case v >= 0:
				in.Float = append(in.Float, keys.Float[int(v)])
			default:
				in.Float = append(in.Float, [...]float64{-1, math.NaN()}[i%2])
			}
		}
		inputs = append(inputs, in)
		m.Inputs = append(m.Inputs, model.Input{Name: "x" + strconv.Itoa(j), Kind: in.Kind, Width: 1})
		columns = append(columns, model.Ref(j))
	}
	if b.Categories != nil {
		for j, keys := range b.Categories {
			if keys != nil {
				columns[j] = lightgbm.Code(m.Add, columns[j], keys)
			}
		}
	}
	a := b.Answers(m.Add, m.Add(&model.Concat{Xs: columns}))
	m.Outputs = []model.Output{{Name: "raw", Value: a.Raw}, {Name: "predict", Value: a.Predict}, {Name: "leaves", Value: a.Leaves}}
	if _, err := m.Types(); err != nil {
		t.Fatal(err)
	}
	got, err := m.Run(inputs)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// distance is how many ulp two answers are apart at most; another number of answers is infinitely far off.
func distance(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	worst := 0.0
	for i, w := range want {
		switch v := got[i]; {
		case math.IsNaN(v) != math.IsNaN(w):
			return math.Inf(1)
		case v != w && !math.IsNaN(w):
			worst = max(worst, math.Abs(v-w)/(math.Nextafter(math.Abs(w), math.Inf(1))-math.Abs(w)))
		}
	}
	return worst
}
