package sklearn_test

import (
	"fmt"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// TestBrokenEnsembles puts wrong values in the place of every attribute of real ensembles and of what is inside, one at a
// time: they are read or refused, without a panic.
func TestBrokenEnsembles(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range vectors.Load(t, vectors.Classes("IsolationForest", "RandomTreesEmbedding", "AdaBoostClassifier", "AdaBoostRegressor",
		"BaggingClassifier", "BaggingRegressor", "VotingClassifier", "VotingRegressor", "StackingClassifier", "StackingRegressor",
		"CalibratedClassifierCV", "IsotonicRegression")) {
		if v.Format != "pickle" || seen[v.Class] {
			continue
		}
		seen[v.Class] = true
		root := decode(t, v)[0].Object
		for _, place := range places(root, map[any]bool{}, nil) {
			was := place.dict.Values[place.at]
			for _, wrong := range wrongValues() {
				place.dict.Values[place.at] = wrong
				readWithoutPanic(t, root, fmt.Sprintf("%s, %v as %v", v.Name(), place.dict.Keys[place.at], wrong))
			}
			place.dict.Values[place.at] = was
		}
	}
}

func readWithoutPanic(t *testing.T, root *pickle.Object, what string) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("%s: %v", what, r)
		}
	}()
	_, _ = sklearn.Read(root, "model")
}

func wrongValues() []pickle.Value {
	numbers := func(shape ...int) *pickle.NDArray {
		n := 8
		for _, d := range shape {
			n *= d
		}
		return &pickle.NDArray{DType: pickle.DType{Kind: 'i', Size: 8}, Shape: shape, Data: make([]byte, n)}
	}
	return []pickle.Value{
		pickle.None{}, int64(-1), int64(1) << 40, pickle.Text("drop"), &pickle.List{}, &pickle.Tuple{Items: []pickle.Value{int64(1), pickle.None{}}},
		&pickle.NDArray{DType: pickle.DType{Kind: 'O', Size: 8}, Shape: []int{0}}, numbers(0), numbers(3), numbers(2, 1, 1),
	}
}

// place is a value in a dict.
type place struct {
	dict *pickle.Dict
	at   int
}

// places are those of all attributes in a value, the first 100 of them.
func places(v pickle.Value, seen map[any]bool, all []place) []place {
	if len(all) >= 100 {
		return all
	}
	switch v := v.(type) {
	case *pickle.Object:
		if !seen[v] {
			seen[v] = true
			all = places(v.State, seen, all)
		}
	case *pickle.Dict:
		if !seen[v] {
			seen[v] = true
			for i := range v.Keys {
				all = append(all, place{v, i})
			}
			for _, item := range v.Values {
				all = places(item, seen, all)
			}
		}
	case *pickle.List:
		for _, item := range v.Items {
			all = places(item, seen, all)
		}
	case *pickle.Tuple:
		for _, item := range v.Items {
			all = places(item, seen, all)
		}
	case *pickle.NDArray:
		for _, item := range v.Objects {
			all = places(item, seen, all)
		}
	}
	return all
}
