package sklearn_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"path"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// Of inf and negative numbers in leaves nothing is said here: scikit-learn itself writes them, of targets near 1e308 and of
// negative weights.

// spoilt is the nodes of a tree of a real model, about to be spoilt. Both kinds of records have their own names of the fields.
type spoilt struct {
	t              *testing.T
	tree           *pickle.Object
	nodes          *pickle.NDArray
	left, right    string
	feature, limit string
}

func newSpoilt(t *testing.T, tree *pickle.Object) *spoilt {
	s := &spoilt{t: t, tree: tree, left: "left_child", right: "right_child", feature: "feature", limit: "threshold"}
	v, _ := tree.Attr("nodes")
	a := *v.(*pickle.NDArray)
	a.Data = bytes.Clone(a.Data) // the file is mapped
	s.nodes = &a
	if tree.Class.Name == "TreePredictor" {
		s.left, s.right, s.feature, s.limit = "left", "right", "feature_idx", "num_threshold"
	}
	put(t, tree, "nodes", s.nodes)
	return s
}

func (s *spoilt) field(node int, name string) []byte {
	for _, f := range s.nodes.DType.Fields {
		if f.Name == name {
			return s.nodes.Data[node*s.nodes.DType.Size+f.Offset:][:f.DType.Size]
		}
	}
	s.t.Fatalf("no field %s", name)
	return nil
}

func (s *spoilt) set(node int, name string, v int64) {
	if f := s.field(node, name); len(f) == 8 {
		binary.LittleEndian.PutUint64(f, uint64(v))
	} else {
		binary.LittleEndian.PutUint32(f, uint32(v))
	}
}

func (s *spoilt) get(node int, name string) int64 {
	f := s.field(node, name)
	if len(f) == 8 {
		return int64(binary.LittleEndian.Uint64(f))
	}
	return int64(int32(binary.LittleEndian.Uint32(f)))
}

func (s *spoilt) threshold(v float64) {
	binary.LittleEndian.PutUint64(s.field(0, s.limit), math.Float64bits(v))
}

// put replaces an attribute.
func put(t *testing.T, o *pickle.Object, name string, v pickle.Value) {
	t.Helper()
	dicts := []pickle.Value{o.State}
	if both, ok := o.State.(*pickle.Tuple); ok {
		dicts = both.Items
	}
	for _, d := range dicts {
		if d, ok := d.(*pickle.Dict); ok {
			for i, k := range d.Keys {
				if key, _ := pickle.AsString(k); key == name {
					d.Values[i] = v
					return
				}
			}
		}
	}
	t.Fatalf("%v has no %s", o.Class, name)
}

// treesIn are the trees in a value.
func treesIn(v pickle.Value, seen map[any]bool) (all []*pickle.Object) {
	if seen[v] {
		return nil
	}
	var inside []pickle.Value
	switch v := v.(type) {
	case *pickle.Object:
		seen[v] = true
		if _, ok := v.Attr("nodes"); ok {
			return []*pickle.Object{v}
		}
		inside = []pickle.Value{v.State}
	case *pickle.Dict:
		inside = v.Values
	case *pickle.List:
		inside = v.Items
	case *pickle.Tuple:
		inside = v.Items
	case *pickle.NDArray:
		inside = v.Objects
	}
	for _, item := range inside {
		all = append(all, treesIn(item, seen)...)
	}
	return all
}

// realModels loads the one model of a case, anew each time.
func realModels(t *testing.T) func(name string) *pickle.Object {
	all := map[string]*vectors.Vector{}
	for _, v := range vectors.Load(t, vectors.Pickled(func(*vectors.Vector) bool { return true })) {
		all[path.Dir(v.Path)] = v
	}
	return func(name string) *pickle.Object {
		if all[name] == nil {
			t.Fatalf("no case %s", name)
		}
		return decode(t, all[name])[0].Object
	}
}

// TestBrokenTrees spoils the last tree of a real model of each kind that has trees, in one place at a time.
func TestBrokenTrees(t *testing.T) {
	spoils := map[string]func(s *spoilt){
		"a child too far":           func(s *spoilt) { s.set(0, s.left, int64(s.nodes.Len())) },
		"a child beyond 2^31":       func(s *spoilt) { s.set(0, s.right, 1<<32-5) },
		"a leaf that needs 33 bits": func(s *spoilt) { s.set(s.nodes.Len()-1, s.left, 1<<32-1) }, // -1 in the lower 32
		"a negative child":          func(s *spoilt) { s.set(0, s.left, -2) },
		"half a leaf":               func(s *spoilt) { s.set(0, s.right, -1) },
		"the root as a child":       func(s *spoilt) { s.set(0, s.right, 0) },
		"a child of two":            func(s *spoilt) { s.set(0, s.left, s.get(0, s.right)) },
		"a feature too far":         func(s *spoilt) { s.set(0, s.feature, 1000) },
		"a negative feature":        func(s *spoilt) { s.set(0, s.feature, -3) },
		"a threshold of NaN":        func(s *spoilt) { s.threshold(math.NaN()) },
		"a threshold of -infinity":  func(s *spoilt) { s.threshold(math.Inf(-1)) },
		"a node less": func(s *spoilt) {
			s.nodes.Shape = []int{s.nodes.Len() - 1}
			s.nodes.Data = s.nodes.Data[:len(s.nodes.Data)-s.nodes.DType.Size]
		},
		"no nodes": func(s *spoilt) { s.nodes.Shape, s.nodes.Data = []int{0}, nil },
		"a cycle": func(s *spoilt) { // of the children of a node that is no other's any more
			inner := s.get(0, s.left)
			for _, child := range []string{s.left, s.right} {
				if s.get(int(inner), s.left) > 0 {
					break
				}
				inner = s.get(0, child)
			}
			s.set(int(inner), s.left, inner)
		},
		"a node count": func(s *spoilt) {
			if s.tree.Class.Name == "Tree" {
				put(s.t, s.tree, "node_count", int64(s.nodes.Len()+1))
			} else {
				s.nodes.Shape = []int{s.nodes.Len(), 1}
			}
		},
	}
	real := realModels(t)
	models := []string{"dt_clf", "dt_reg", "rf_clf", "rf_reg", "et_clf", "extra_tree_reg", "gb_clf_multi", "gb_reg", "hgb_clf_multi", "hgb_reg", "iforest",
		"ada_clf_multi", "ada_reg_linear", "bag_clf", "bag_reg", "voting_soft", "stacking_clf_multi", "calibrated_boosting", "ovr_multi", "multioutput_reg", "rte", "pipe_standard"}
	for _, model := range models {
		for _, release := range []string{"py311-sk1.7.2", "py37-sk0.24.2"} {
			for name, spoil := range spoils {
				obj := real(release + "/" + model)
				trees := treesIn(obj, map[any]bool{})
				if len(trees) == 0 {
					t.Fatalf("%s has no trees", model)
				}
				s := newSpoilt(t, trees[len(trees)-1])
				if s.tree.Class.Name == "TreePredictor" && (name == "a threshold of -infinity" || name == "a leaf that needs 33 bits") {
					continue // its features may be infinite, and its leaves' children mean nothing
				}
				spoil(s)
				_, err := sklearn.Read(obj, "model")
				if broken := (*fault.Broken)(nil); !errors.As(err, &broken) {
					t.Errorf("%s of %s, %s: %v", model, release, name, err)
				}
			}
		}
	}
}

// TestBrokenEnsembles: what real ensembles say of their members is made untrue.
func TestBrokenEnsembles(t *testing.T) {
	attr := func(o *pickle.Object, path ...string) pickle.Value {
		var v pickle.Value
		for _, name := range path {
			v, _ = o.Attr(name)
			o, _ = v.(*pickle.Object)
		}
		return v
	}
	items := func(v pickle.Value) []pickle.Value {
		switch v := v.(type) {
		case *pickle.List:
			return v.Items
		case *pickle.Tuple:
			return v.Items
		case *pickle.NDArray:
			return v.Objects
		}
		return nil
	}
	// array is an array of the values of another kind.
	array := func(kind byte, shape []int, bits ...uint64) *pickle.NDArray {
		a := &pickle.NDArray{DType: pickle.DType{Kind: kind, Size: 8}, Shape: shape}
		for _, b := range bits {
			a.Data = binary.LittleEndian.AppendUint64(a.Data, b)
		}
		return a
	}
	shorter := func(v pickle.Value) pickle.Value {
		if a, ok := v.(*pickle.NDArray); ok {
			c := *a
			c.Shape = append([]int{a.Shape[0] - 1}, a.Shape[1:]...)
			if c.Objects != nil {
				c.Objects = a.Objects[:c.Len()]
			} else {
				c.Data = a.Data[:c.Len()*a.DType.Size]
			}
			return &c
		}
		all := items(v)
		return &pickle.List{Items: all[:len(all)-1]}
	}
	shorten := func(name string) func(*testing.T, *pickle.Object) {
		return func(t *testing.T, o *pickle.Object) { put(t, o, name, shorter(attr(o, name))) }
	}
	member := func(o *pickle.Object) *pickle.Object {
		all := items(attr(o, "estimators_"))
		return all[len(all)-1].(*pickle.Object)
	}
	arg := func(i int, v pickle.Value) func(*testing.T, *pickle.Object) {
		return func(_ *testing.T, o *pickle.Object) { attr(member(o), "tree_").(*pickle.Object).Args[i] = v }
	}
	// first replaces the first item of a list of arrays.
	first := func(name string, v pickle.Value) func(*testing.T, *pickle.Object) {
		return func(_ *testing.T, o *pickle.Object) { items(attr(o, name))[0] = v }
	}
	real := realModels(t)
	nan := math.Float64bits(math.NaN())
	for _, c := range []struct {
		model, name string
		spoil       func(*testing.T, *pickle.Object)
	}{
		{"rf_clf", "a tree of more features", arg(0, int64(5))},
		{"rf_clf", "a tree of more classes", arg(1, array('i', []int{1}, 4))},
		{"rf_clf", "a tree of no classes", arg(1, array('i', []int{1}, 0))},
		{"rf_reg", "a tree of more outputs", arg(2, int64(2))},
		{"rf_clf", "fewer labels", shorten("classes_")},
		{"rf_clf", "no trees", func(t *testing.T, o *pickle.Object) { put(t, o, "estimators_", &pickle.List{}) }},
		{"rf_clf", "more columns than the trees have", func(t *testing.T, o *pickle.Object) { put(t, o, "n_features_in_", int64(5)) }},
		{"rf_clf", "values of fewer nodes", func(t *testing.T, o *pickle.Object) {
			tree := attr(member(o), "tree_").(*pickle.Object)
			put(t, tree, "values", shorter(attr(tree, "values")))
		}},
		{"dt_clf_multioutput", "labels of fewer targets", shorten("classes_")},
		{"gb_clf_multi", "a tree a stage", func(t *testing.T, o *pickle.Object) {
			a := *attr(o, "estimators_").(*pickle.NDArray)
			a.Shape = []int{a.Len(), 1}
			put(t, o, "estimators_", &a)
		}},
		{"gb_clf_multi", "fewer labels", shorten("classes_")},
		{"gb_clf_multi", "a tree of more features", arg(0, int64(5))},
		{"gb_reg", "a classifier's tree", arg(1, array('i', []int{1}, 2))},
		{"hgb_clf_multi", "fewer trees in a stage", func(_ *testing.T, o *pickle.Object) {
			all := items(attr(o, "_predictors"))
			all[0] = shorter(all[0])
		}},
		{"hgb_clf_multi", "fewer trees per stage", func(t *testing.T, o *pickle.Object) { put(t, o, "n_trees_per_iteration_", int64(1)) }},
		{"hgb_clf_multi", "fewer labels", shorten("classes_")},
		{"hgb_clf_multi", "a longer baseline", func(t *testing.T, o *pickle.Object) {
			put(t, o, "_baseline_prediction", array('f', []int{4, 1}, 0, 0, 0, 0))
		}},
		{"hgb_clf_cat", "fewer sets", func(t *testing.T, o *pickle.Object) {
			for _, stage := range items(attr(o, "_predictors")) {
				put(t, items(stage)[0].(*pickle.Object), "raw_left_cat_bitsets", array('u', []int{0, 8}))
			}
		}},
		{"iforest", "fewer trees with lengths", shorten("_average_path_length_per_tree")},
		{"iforest", "lengths of fewer nodes", first("_average_path_length_per_tree", array('f', []int{1}, 0))},
		{"iforest", "depths of fewer nodes", first("_decision_path_lengths", array('f', []int{1}, 0))},
		{"iforest", "a length of NaN", func(_ *testing.T, o *pickle.Object) {
			all := items(attr(o, "_average_path_length_per_tree"))
			a := *all[0].(*pickle.NDArray)
			a.Data = bytes.Clone(a.Data)
			binary.LittleEndian.PutUint64(a.Data, nan)
			all[0] = &a
		}},
		{"iforest", "other depths", func(_ *testing.T, o *pickle.Object) {
			all := items(attr(o, "_decision_path_lengths"))
			a := *all[0].(*pickle.NDArray)
			a.Data = bytes.Clone(a.Data)
			for i := range a.Len() {
				a.Data[a.DType.Size*i+a.DType.Size-1] ^= 1 // of int64, or of float64
			}
			all[0] = &a
		}},
		{"iforest_max_features", "columns of fewer trees", shorten("estimators_features_")},
		{"ada_clf_multi", "fewer weights", func(t *testing.T, o *pickle.Object) { put(t, o, "estimator_weights_", array('f', []int{1}, 0)) }},
		{"ada_clf_multi", "a weight of NaN", func(t *testing.T, o *pickle.Object) {
			a := *attr(o, "estimator_weights_").(*pickle.NDArray)
			a.Data = bytes.Clone(a.Data)
			binary.LittleEndian.PutUint64(a.Data, nan)
			put(t, o, "estimator_weights_", &a)
		}},
		{"ada_clf_multi", "a member of fewer features", arg(0, int64(3))},
		{"ada_reg_linear", "a member of fewer features", arg(0, int64(3))},
		{"bag_clf", "columns of fewer members", shorten("estimators_features_")},
		{"bag_clf", "a column too far", first("estimators_features_", array('i', []int{4}, 0, 1, 2, 9))},
		{"bag_clf", "a negative column", first("estimators_features_", array('i', []int{4}, 0, 1, 2, 1<<64-1))},
		{"bag_clf", "fewer columns", first("estimators_features_", array('i', []int{1}, 0))},
		{"bag_clf", "fewer labels", shorten("classes_")},
		{"voting_soft_weights", "fewer weights", func(t *testing.T, o *pickle.Object) {
			put(t, o, "weights", &pickle.List{Items: []pickle.Value{int64(1)}})
		}},
		{"stacking_clf_multi", "a member less", shorten("estimators_")},
		{"multioutput_clf", "fewer targets", shorten("estimators_")},
	} {
		obj := real("py311-sk1.7.2/" + c.model)
		if _, err := sklearn.Read(obj, "model"); err != nil {
			t.Fatalf("%s as it is: %v", c.model, err)
		}
		c.spoil(t, obj)
		_, err := sklearn.Read(obj, "model")
		if broken := (*fault.Broken)(nil); !errors.As(err, &broken) {
			t.Errorf("%s, %s: %v", c.model, c.name, err)
		}
	}
}

// TestRegressorOfClasses: a classifier's tree in a regressor, which would answer a matrix where its number is expected.
func TestRegressorOfClasses(t *testing.T) {
	real := realModels(t)
	for _, model := range []string{"dt_reg", "rf_reg", "gb_reg"} {
		obj := real("py311-sk1.7.2/" + model)
		for _, tree := range treesIn(obj, map[any]bool{}) {
			classes := *tree.Args[1].(*pickle.NDArray)
			classes.Data = bytes.Clone(classes.Data)
			classes.Data[0] = 2
			tree.Args[1] = &classes
			v, _ := tree.Attr("values")
			values := *v.(*pickle.NDArray)
			values.Shape = []int{values.Shape[0], 1, 2}
			values.Data = bytes.Repeat(values.Data, 2)
			put(t, tree, "values", &values)
		}
		_, err := sklearn.Read(obj, "model")
		if broken := (*fault.Broken)(nil); !errors.As(err, &broken) {
			t.Errorf("%s: %v", model, err)
		}
	}
}
