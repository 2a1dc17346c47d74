package table

import (
	"bytes"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

func load(t testing.TB, name string) *Table {
	t.Helper()
	data, err := os.ReadFile("../testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := Open(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func tensorOf(t testing.TB, tab *Table) *model.Tensor {
	t.Helper()
	x, err := tab.Tensor()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// The three files are one DataFrame, saved by numpy and pandas.
func TestFormatsOfOneTable(t *testing.T) {
	npy := load(t, "iris_X.npy")
	want := tensorOf(t, npy)
	if npy.Named || npy.Rows() != 150 || want.Kind != model.Float64 || want.Float[0] != 5.1 || want.Float[599] != 1.8 {
		t.Fatalf("%v rows, %v, named %v", npy.Rows(), want.Kind, npy.Named)
	}
	names := "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)"
	for _, name := range []string{"iris_X.csv", "iris_X.parquet"} {
		got := load(t, name)
		if s := strings.Join(got.Names(), ","); s != names || !got.Named {
			t.Errorf("%s: columns %s", name, s)
		}
		if !tensorOf(t, got).Same(want) {
			t.Errorf("%s differs from the npy", name)
		}
	}
}

// Where a model takes text, what looks like numbers is the text that the file has; a model of numbers says which word is none.
func TestTextWanted(t *testing.T) {
	tab, err := Open("x.csv", []byte("n,size,code,none\n1,2,01,\n2,,True,\n"))
	if err != nil {
		t.Fatal(err)
	}
	m := &model.Model{}
	for _, name := range []string{"size", "code", "none"} {
		m.Inputs = append(m.Inputs, model.Input{Name: name, Kind: model.String, Width: 1})
	}
	m.Inputs = append(m.Inputs, model.Input{Name: "n", Kind: model.Float64, Width: 1})
	got, err := tab.Inputs(m)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"2,", "01,True", ","} {
		if s := strings.Join(got[i].Text, ","); s != want {
			t.Errorf("input %s is %q, want %q", m.Inputs[i].Name, s, want)
		}
	}
	m.Inputs[1].Kind = model.Float64
	if _, err := tab.Inputs(m); err == nil || !strings.Contains(err.Error(), `row 1 has the text "True", the model takes numbers (column code)`) {
		t.Error(err)
	}
	m.Inputs[1].Kind = model.String
	if _, err := New(Column{Name: "n", Kind: model.Float64, Float: []float64{1}}, Column{Name: "size", Kind: model.Int64, Int: []int64{1}},
		Column{Name: "code", Kind: model.String, Text: []string{"a"}}, Column{Name: "none", Kind: model.String, Text: []string{"a"}}).Inputs(m); err == nil || !strings.Contains(err.Error(), "it holds int64, the model takes text (column size)") {
		t.Error(err)
	}
}

// A model that reads one column of a frame finds it by its name among the others.
func TestOneColumnWanted(t *testing.T) {
	tab, err := Open("x.csv", []byte("n,size\n1,S\n2,M\n"))
	if err != nil {
		t.Fatal(err)
	}
	m := &model.Model{Inputs: []model.Input{{Name: "size", Kind: model.String, Width: 1}}}
	if got, err := tab.Inputs(m); err != nil || strings.Join(got[0].Text, ",") != "S,M" {
		t.Errorf("%v, %v", got, err)
	}
	m.Inputs[0].Name = "X"
	if _, err := tab.Inputs(m); err == nil || !strings.Contains(err.Error(), "the table has 2 columns, the model takes 1") {
		t.Error(err)
	}
}

// LightGBM writes blanks in names as underscores.
func TestBlanksInNames(t *testing.T) {
	tab, err := Open("x.csv", []byte("petal width (cm),petal length (cm),a b,a_b\n1,2,3,4\n"))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"petal_length_(cm)", "a_b", "petal_width_(cm)"}
	got, err := tab.Inputs(&model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 3, Columns: names}}})
	if err != nil || !slices.Equal(got[0].Float, []float64{2, 4, 1}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestLabels(t *testing.T) {
	labels := tensorOf(t, load(t, "iris_predict.npy"))
	if labels.Kind != model.String || len(labels.Shape) != 1 || labels.Text[0] != "setosa" || labels.Text[149] != "virginica" {
		t.Errorf("%v%v", labels.Kind, labels.Shape)
	}
}

// awkward has the numbers and texts that get lost most easily.
func awkward() *Table {
	return New(
		Column{Name: "f, \"1\"", Kind: model.Float64, Float: []float64{0.1, math.Copysign(0, -1), 5e-324, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1), 1e23, 3}},
		Column{Name: "g", Kind: model.Float32, Float: []float64{float64(float32(0.1)), 1, math.SmallestNonzeroFloat32, math.MaxFloat32, math.NaN(), 0, 1, 2, 3}},
		Column{Name: "b", Kind: model.Bool, Int: []int64{0, 1, 1, 0, 1, 0, 0, 0, 1}},
		Column{Name: "a", Kind: model.Int64, Int: []int64{math.MaxInt64, math.MinInt64, 0, 9007199254740993, -1, 0, 7, 8, 9}},
		Column{Name: "s", Kind: model.String, Text: []string{"", "ä\n\"x\"", "𝔘", "true", "x,y", "1", " z", "w", "-"}},
	)
}

func TestParquetThereAndBack(t *testing.T) {
	want := awkward()
	want.Columns[3].Missing = make([]bool, 9)
	want.Columns[3].Missing[2] = true
	var b bytes.Buffer
	if err := WriteParquet(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := Open("x", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	equalTables(t, want, got, false)
}

func TestCSVThereAndBack(t *testing.T) {
	want := awkward()
	want.Columns[4].Text[6] = "z" // leading space does not survive
	var b bytes.Buffer
	if err := WriteCSV(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := Open("x", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	equalTables(t, want, got, true)
}

func equalTables(t *testing.T, want, got *Table, widened bool) {
	t.Helper()
	if want.Rows() != got.Rows() || len(want.Columns) != len(got.Columns) {
		t.Fatalf("%d rows of %d columns, want %d of %d", got.Rows(), len(got.Columns), want.Rows(), len(want.Columns))
	}
	for j := range want.Columns {
		w, g := &want.Columns[j], &got.Columns[j]
		if w.Name != g.Name || w.Kind != g.Kind && !(widened && w.Kind == model.Float32 && g.Kind == model.Float64) {
			t.Errorf("column %q %v, want %q %v", g.Name, g.Kind, w.Name, w.Kind)
			continue
		}
		for i := range w.Float {
			if math.Float64bits(w.Float[i]) != math.Float64bits(g.Float[i]) && !(w.Float[i] != w.Float[i] && g.Float[i] != g.Float[i]) {
				t.Errorf("%s[%d] = %v, want %v", w.Name, i, g.Float[i], w.Float[i])
			}
		}
		for i := range w.Int {
			if w.Int[i] != g.Int[i] || w.IsMissing(i) != g.IsMissing(i) {
				t.Errorf("%s[%d] = %v, want %v", w.Name, i, g.Int[i], w.Int[i])
			}
		}
		for i := range w.Text {
			if w.Text[i] != g.Text[i] {
				t.Errorf("%s[%d] = %q, want %q", w.Name, i, g.Text[i], w.Text[i])
			}
		}
	}
}

func TestNPYThereAndBack(t *testing.T) {
	for _, c := range awkward().Columns {
		var b bytes.Buffer
		if err := WriteNPY(&b, New(c)); err != nil {
			t.Fatal(err)
		}
		got, err := Open("x", b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		c.Name = ""
		equalTables(t, New(c), got, false)
	}
	wide := &model.Tensor{Kind: model.Float64, Shape: []int{2, 3}, Float: []float64{1, 2, 3, 4, 5, 6}}
	var b bytes.Buffer
	if err := WriteNPY(&b, New(FromTensor("p", wide)...)); err != nil {
		t.Fatal(err)
	}
	got, err := Open("x", b.Bytes())
	if err != nil || !tensorOf(t, got).Same(wide) {
		t.Errorf("%v, %v", got, err)
	}
}
