package pmml

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// slow is a file that says the same and that no part of is read quickly or ahead.
func slow(data []byte) []byte {
	for _, tag := range []string{"<Node ", "<Node>", "<Segment>", "<SimplePredicate ", "<MiningField "} {
		data = bytes.ReplaceAll(data, []byte(tag), []byte(tag[:len(tag)-1]+" "+tag[len(tag)-1:]))
	}
	return data
}

// files are written files of many kinds.
func files(t *testing.T) map[string][]byte {
	list := map[string][]byte{}
	add := func(name string, m *model.Model, o Options) {
		low, err := Lower(m, o)
		if err != nil {
			t.Fatal(name, err)
		}
		list[name] = bytes.Clone(written(t, low, o))
	}
	for _, v := range vectors(t) {
		add(v.Name, v.model(), Options{})
		add(v.Name+" sparse", v.model(), Options{Sparse: true})
	}
	for name, m := range oddModels() {
		add(name, m, Options{})
	}
	for _, classes := range []int{0, 2, 3, 40} {
		add(fmt.Sprintf("%d classes", classes), bigForest(7, 60, classes), Options{})
		add(fmt.Sprintf("%d classes, sparse", classes), bigForest(7, 60, classes), Options{Sparse: true})
	}
	return list
}

// Read as Write writes it, and as any XML, a file is the same model.
func TestQuick(t *testing.T) {
	for name, data := range files(t) {
		quick, err := Read(data, Limits{})
		if err != nil {
			t.Fatal(name, err)
		}
		any, err := Read(slow(data), Limits{})
		if err != nil {
			t.Fatal(name, err)
		}
		if err := model.Equal(quick, any); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// valueTexts are the attributes of a Node and of what is in it, with their values.
var valueTexts = regexp.MustCompile(` (?:score|field|operator|value|recordCount)="([^"]*)"`)

// A file with a wrong byte or a value that is empty, or one that exceeds a limit, is refused for the same reason, or taken for the same
// model, in both ways.
func TestQuickRefuses(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for name, data := range files(t) {
		if len(data) > 60_000 {
			continue
		}
		refused := 0
		begin := max(bytes.Index(data, []byte("<Segmentation")), bytes.Index(data, []byte("<MiningSchema")))
		for range 150 {
			bad := bytes.Clone(data)
			if values := valueTexts.FindAllSubmatchIndex(data[begin:], -1); r.IntN(3) == 0 {
				v := values[r.IntN(len(values))]
				bad = slices.Delete(bad, begin+v[2], begin+v[3])
			} else {
				for range 1 + r.IntN(2) {
					at := begin + r.IntN(len(data)-begin)
					bad[at] = data[r.IntN(len(data))]
				}
			}
			lim := Limits{Depth: 30, Cells: 1 + r.IntN(500), Nodes: 1 + r.IntN(2000)}
			quick, quickErr := Read(bad, lim)
			any, anyErr := Read(slow(bad), lim)
			switch {
			case (quickErr == nil) != (anyErr == nil) || quickErr != nil && fmt.Sprintf("%T", quickErr) != fmt.Sprintf("%T", anyErr):
				t.Fatalf("%s: %v, and %v\n%.20000s", name, quickErr, anyErr, bad)
			case quickErr != nil:
				refused++
			case model.Equal(quick, any) != nil:
				t.Fatalf("%s: %v\n%.20000s", name, model.Equal(quick, any), bad)
			}
		}
		if refused == 0 {
			t.Errorf("%s: no wrong byte is refused", name)
		}
	}
}

// Trees that are what is expected share its memory; others are read as they are.
func TestReadExpecting(t *testing.T) {
	for _, classes := range []int{0, 2, 3} {
		m, err := Lower(bigForest(5, 300, classes), Options{})
		if err != nil {
			t.Fatal(err)
		}
		data := written(t, m, Options{})
		for _, spoil := range []int{-1, 0, 3} {
			expected := *m
			if spoil >= 0 {
				expected.Ops = append([]model.Op{}, m.Ops...)
				for i, op := range m.Ops {
					if e, ok := op.(*model.Ensemble); ok {
						f := *e.Forest
						f.Trees = append([]forest.Tree{}, f.Trees...)
						f.Trees[spoil].Threshold = append([]float64{}, f.Trees[spoil].Threshold...)
						f.Trees[spoil].Threshold[0]++
						expected.Ops[i] = &model.Ensemble{X: e.X, Forest: &f}
					}
				}
			}
			back, err := ReadExpecting(data, Limits{}, &expected)
			if err != nil {
				t.Fatal(err)
			}
			if err := model.Equal(m, back); err != nil {
				t.Errorf("%d classes, tree %d other than expected: %v", classes, spoil, err)
			}
			want, got := forestsOf(&expected)[0], forestsOf(back)[0]
			for k := range got.Trees {
				if shared := &want.Trees[k].Feature[0] == &got.Trees[k].Feature[0]; shared != (k != spoil) {
					t.Errorf("%d classes, tree %d other than expected: tree %d is shared: %v", classes, spoil, k, shared)
				}
			}
		}
		for name, other := range map[string]*model.Model{"nothing": {}, "fewer trees": bigForest(2, 300, classes), "other leaves": bigForest(5, 10, classes), "other classes": bigForest(5, 300, classes+5)} {
			back, err := ReadExpecting(data, Limits{}, other)
			if err != nil {
				t.Fatal(err)
			}
			if err := model.Equal(m, back); err != nil {
				t.Errorf("%d classes, expecting %s: %v", classes, name, err)
			}
		}
	}
}

// All trees of a written forest are read ahead.
func TestAhead(t *testing.T) {
	m, err := Lower(bigForest(9, 50, 3), Options{})
	if err != nil {
		t.Fatal(err)
	}
	data := written(t, m, Options{})
	at := bytes.Index(data, []byte("<Segment>"))
	for range 9 {
		s, found := nextSegment(data, at)
		if at = s.to; !found {
			t.Fatal("a Segment is not found")
		}
	}
	if !bytes.HasPrefix(data[at:], []byte("\n</Segmentation>")) {
		t.Errorf("behind nine Segments stands %.40s", data[at:])
	}
	var idle atomic.Int64
	if _, err := Read(data, Limits{Idle: func(part []byte) { idle.Add(int64(len(part))) }}); err != nil || int(idle.Load()) < len(data)*19/10 {
		t.Errorf("%v; %d bytes of twice %d are told to be idle", err, idle.Load(), len(data))
	}
	cut := bytes.LastIndex(data, []byte("<Node")) // in the last tree
	for _, bad := range [][]byte{data[:cut], append(bytes.Clone(data[:cut]), "<<<"...)} {
		_, err := Read(bad, Limits{})
		if _, want := Read(slow(bad), Limits{}); err == nil || want == nil || fmt.Sprintf("%T", err) != fmt.Sprintf("%T", want) {
			t.Errorf("%v, not %v", err, want)
		}
	}
}
