package lightgbm

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// The bits of decision_type (include/LightGBM/tree.h).
const (
	categoricalMask = 1
	defaultLeftMask = 2
	missingNone     = 0 // in the bits above: NaN is taken for 0
	missingZero     = 1 // zero and NaN go the default way
	missingNaN      = 2 // NaN goes the default way
)

// zeroThreshold is kZeroThreshold (include/LightGBM/meta.h): what is no larger is zero. The C interface does not even hand
// such a value on to the trees (src/c_api.cpp, RowPairFunctionFromDenseMatric): they see 0.
const zeroThreshold = float64(float32(1e-35))

// Each feature may be seen in three ways. Until all trees are read, a split's feature is way*Features + feature.
const (
	asIs = iota
	truncated
	zeroed
)

// maxFeatures keeps way*Features + feature in an int32.
const maxFeatures = math.MaxInt32 / 3

// readTree reads one tree (Tree::Tree in src/io/tree.cpp), and the linear models in its leaves if it has some.
func readTree(t *forest.Tree, text string, number, features int, lim *forest.Budget) (*linearTree, error) {
	f := &fields{where: fault.In(fmt.Sprintf("model.trees[%d]", number)), values: map[string]string{}}
	for rest := text; rest != ""; {
		var l string
		l, rest = line(rest)
		key, value, _ := strings.Cut(l, "=")
		f.values[key] = value
	}
	if features > maxFeatures {
		return nil, fault.TooBigf(f.where, "max-features", "%d features", features)
	}
	leaves, err := f.count("num_leaves")
	if err != nil {
		return nil, err
	}
	r := &treeReader{fields: f, inner: leaves - 1, features: features}
	if leaves == 0 {
		return nil, f.broken("a tree without leaves")
	}
	if t.Value, err = r.floats("leaf_value", leaves); err != nil {
		return nil, err
	}
	if err := lim.Nodes(f.where, leaves+r.inner); err != nil {
		return nil, err
	}
	for k, v := range t.Value {
		if v-v != 0 {
			return nil, fault.Unsupportedf(f.where, "leaf %d: a value of %v", k, v)
		}
	}
	n := leaves + r.inner // at most twice as many as values that stand in the text
	t.Feature, t.Left, t.Right = make([]int32, n), make([]int32, n), make([]int32, n)
	t.Threshold, t.Flags = make([]float64, n), make([]uint8, n)
	for k := range leaves {
		t.Feature[r.inner+k], t.Left[r.inner+k] = forest.Leaf, int32(k)
	}
	if r.inner > 0 {
		if err := r.splits(t); err != nil {
			return nil, err
		}
	}
	return r.readLinear(leaves)
}

type treeReader struct {
	*fields
	inner    int // number of splits
	features int
}

func (r *treeReader) splits(t *forest.Tree) error {
	var columns [4][]int64
	for i, key := range []string{"split_feature", "left_child", "right_child", "decision_type"} {
		var err error
		if columns[i], err = r.ints(key, r.inner); err != nil {
			return err
		}
	}
	thresholds, err := r.floats("threshold", r.inner)
	if err != nil {
		return err
	}
	if err := r.sets(t); err != nil {
		return err
	}
	for i := range r.inner {
		feature, decision := columns[0][i], columns[3][i]
		if feature < 0 || feature >= int64(r.features) {
			return r.broken("split %d: feature %d of %d", i, feature, r.features)
		}
		if t.Left[i], err = r.child(columns[1][i]); err == nil {
			t.Right[i], err = r.child(columns[2][i])
		}
		if err != nil {
			return err
		}
		way := asIs
		if decision&categoricalMask != 0 {
			set := thresholds[i]
			if !(set >= 0 && set < float64(len(t.Sets))) || set != math.Trunc(set) {
				return r.broken("split %d: set of categories %v of %d", i, set, len(t.Sets))
			}
			t.Category[i] = int32(set)
			way = truncated
		} else if way, err = r.number(t, i, thresholds[i], decision); err != nil {
			return err
		}
		t.Feature[i] = int32(way*r.features + int(feature))
	}
	return nil
}

// child is the node that a child's number means: an inner node, or the complement of a leaf.
func (r *treeReader) child(c int64) (int32, error) {
	switch {
	case c > 0 && c < int64(r.inner):
		return int32(c), nil
	case c < 0 && ^c <= int64(r.inner):
		return int32(int64(r.inner) + ^c), nil
	}
	return 0, r.broken("child %d of %d splits", c, r.inner)
}

// number makes the split of node i by a number (Tree::NumericalDecision), and says which way it sees the feature.
func (r *treeReader) number(t *forest.Tree, i int, threshold float64, decision int64) (way int, err error) {
	// The trees see 0 for everything up to zeroThreshold, so a threshold in there is the same as one beside it.
	switch {
	case threshold-threshold != 0: // Common::AvoidInf in Tree::Split makes it 1e300
		return 0, r.broken("split %d: threshold %v", i, threshold)
	case threshold >= 0 && threshold < zeroThreshold:
		threshold = zeroThreshold
	case threshold < 0 && threshold >= -zeroThreshold:
		threshold = math.Nextafter(-zeroThreshold, math.Inf(-1))
	}
	t.Threshold[i] = threshold
	zeroLeft := threshold >= 0
	missingLeft := decision&defaultLeftMask != 0
	way = asIs
	switch decision >> 2 {
	case missingNone:
		missingLeft = zeroLeft
	case missingZero:
		if zeroLeft != missingLeft {
			way = zeroed
		}
	case missingNaN:
	default:
		return 0, r.broken("split %d: decision_type %d", i, decision)
	}
	if missingLeft {
		t.Flags[i] = forest.MissingLeft
	}
	return way, nil
}

// sets reads the sets of categories, bit sets of 32 to a word that follow each other.
func (r *treeReader) sets(t *forest.Tree) error {
	if r.values["num_cat"] == "0" {
		return nil
	}
	n, err := r.count("num_cat")
	if err != nil {
		return err
	}
	bounds, err := r.ints("cat_boundaries", n+1)
	if err != nil {
		return err
	}
	if bounds[0] != 0 {
		return r.broken("cat_boundaries begin at %d", bounds[0])
	}
	words, err := r.ints("cat_threshold", int(bounds[n]))
	if err != nil {
		return err
	}
	t.Category = slices.Repeat([]int32{forest.NoSet}, t.Len())
	t.Sets = make([][]float64, n)
	for k := range t.Sets {
		from, to := bounds[k], bounds[k+1]
		if from < 0 || from > to || to > int64(len(words)) {
			return r.broken("cat_boundaries %d to %d of %d words", from, to, len(words))
		}
		set := []float64{}
		for j, word := range words[from:to] {
			if word < 0 || word > math.MaxUint32 || j > math.MaxInt32/32 {
				return r.broken("cat_threshold %d", word)
			}
			for bit := range 32 {
				if word>>bit&1 != 0 {
					set = append(set, float64(32*j+bit))
				}
			}
		}
		t.Sets[k] = set
	}
	return nil
}

// ints are the n integers of a key.
func (f *fields) ints(key string, n int) ([]int64, error) {
	return values(f, key, n, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
}

// floats are the n numbers of a key. They stand there with 17 digits, and are read to the nearest float64.
func (f *fields) floats(key string, n int) ([]float64, error) {
	return values(f, key, n, func(s string) (float64, error) {
		v, err := strconv.ParseFloat(s, 64)
		if errors.Is(err, strconv.ErrRange) {
			err = nil // infinite, as C's strtod has it
		}
		return v, err
	})
}

// values reads the n values of a key, which stand apart by one blank.
func values[T any](f *fields, key string, n int, read func(string) (T, error)) ([]T, error) {
	text, ok := f.values[key]
	if !ok {
		return nil, f.broken("no %s", key)
	}
	text = strings.TrimSuffix(text, " ")
	if n < 0 || strings.Count(text, " ")+1 != n && !(n == 0 && text == "") {
		return nil, f.broken("%s has not %d values", key, n)
	}
	all := make([]T, n)
	for i := range all {
		var item string
		item, text, _ = strings.Cut(text, " ")
		v, err := read(item)
		if err != nil {
			return nil, f.broken("%s: %q is no number", key, item)
		}
		all[i] = v
	}
	return all, nil
}

// number gives the features that splits see in another way columns of their own, behind the features themselves.
func (b *Booster) number() {
	ways := [...]*[]int{truncated: &b.Truncated, zeroed: &b.Zeroed}
	used := map[int32]bool{}
	for k := range b.Forest.Trees {
		for _, f := range b.Forest.Trees[k].Feature {
			if int(f) >= b.Features {
				used[f] = true
			}
		}
	}
	codes := make([]int32, 0, len(used))
	for code := range used {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	columns := make(map[int32]int32, len(codes))
	for i, code := range codes {
		columns[code] = int32(b.Features + i)
		way := ways[int(code)/b.Features]
		*way = append(*way, int(code)%b.Features)
	}
	b.Forest.Features = b.Features + len(codes)
	for k := range b.Forest.Trees {
		for i, f := range b.Forest.Trees[k].Feature {
			if int(f) >= b.Features {
				b.Forest.Trees[k].Feature[i] = columns[f]
			}
		}
	}
}
