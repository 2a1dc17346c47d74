package onnx

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// members are the splits by categories of a forest, lowered. Each set of a feature becomes a column of its own behind X,
// looked up in a table: -1 where the feature's value is a member, 0 where it is not, NaN where it is missing. A split then
// asks whether that column is at most -0.5, which every version of the tree operators can ask, and routes NaN as before.
type members struct {
	columns map[string]int32 // by feature and set
}

func setKey(feature int32, set []float64) string {
	key := binary.LittleEndian.AppendUint32(nil, uint32(feature))
	for _, v := range set {
		key = binary.LittleEndian.AppendUint64(key, math.Float64bits(v))
	}
	return string(key)
}

// members adds the columns; wide is x with them.
func (l *lowering) members(f *forest.Forest, x model.Ref) (wide model.Ref, m *members, err error) {
	m = &members{columns: map[string]int32{}}
	sets := make([][][]float64, f.Features)
	for k := range f.Trees {
		t := &f.Trees[k]
		if t.Category == nil {
			continue
		}
		for i := range int32(t.Len()) {
			if t.IsLeaf(i) || t.Set(i) == nil {
				continue
			}
			key := setKey(t.Feature[i], t.Set(i))
			if _, known := m.columns[key]; !known {
				m.columns[key] = int32(len(sets[t.Feature[i]]))
				sets[t.Feature[i]] = append(sets[t.Feature[i]], t.Set(i))
			}
		}
	}
	parts := []model.Ref{x}
	width := f.Features
	for feature, all := range sets {
		if all == nil {
			continue
		}
		for _, set := range all {
			m.columns[setKey(int32(feature), set)] += int32(width)
		}
		width += len(all)
		columns, err := l.memberColumns(x, feature, all)
		if err != nil {
			return 0, nil, err
		}
		parts = append(parts, columns)
	}
	if len(parts) == 1 {
		return x, m, nil
	}
	return l.to.add(&model.Concat{Xs: parts}), m, nil
}

// largestMembers is the most items of a table of members: as many float64 as a file can hold.
const largestMembers = math.MaxInt32 / 8

// memberColumns looks up which of the sets the value of a feature is a member of.
func (l *lowering) memberColumns(x model.Ref, feature int, sets [][]float64) (model.Ref, error) {
	kind := l.to.types[x].Kind
	missing := float64(float32(math.NaN())) // the same bits in either precision
	var keys []float64
	for _, set := range sets {
		for _, v := range set {
			if kind != model.Float32 || float64(float32(v)) == v { // else no x equals it
				keys = append(keys, v+0) // -0 is 0
			}
		}
	}
	slices.Sort(keys)
	keys = append(slices.Compact(keys), missing)
	n, width := len(keys), len(sets)
	if n >= largestMembers/width {
		return 0, fault.TooBigf(fault.Where{}, "", "%d sets of %d categories for feature %d", width, n-1, feature)
	}
	rows := &model.Tensor{Kind: kind, Shape: []int{n + 1, width}, Float: make([]float64, (n+1)*width)}
	for j, set := range sets {
		for _, v := range set {
			if at, ok := slices.BinarySearch(keys[:n-1], v); ok {
				rows.Float[at*width+j] = -1
			}
		}
		rows.Float[(n-1)*width+j] = missing
	}
	column := l.to.add(&model.Slice{X: x, From: feature, To: feature + 1})
	place := l.place(column, &model.Tensor{Kind: kind, Shape: []int{n}, Float: keys}, int64(n))
	return l.to.add(&model.Reshape{X: l.to.add(&model.Lookup{X: place, Table: rows}), Row: []int{width}}), nil
}

// lower puts comparisons in the place of the splits by categories.
func (m *members) lower(from, to *forest.Tree) {
	if from.Category == nil {
		return
	}
	to.Feature, to.Threshold = slices.Clone(from.Feature), slices.Clone(to.Threshold)
	for i := range from.Feature {
		if set := from.Set(int32(i)); !from.IsLeaf(int32(i)) && set != nil {
			to.Feature[i], to.Threshold[i] = m.columns[setKey(from.Feature[i], set)], -0.5
		}
	}
}
