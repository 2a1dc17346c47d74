package inspect

import (
	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
)

const (
	// mostModels is how many estimators of a file are described.
	mostModels = 1000
	// mostMembers is how many trees' heads are looked at in all, so that models which share their trees cost no more.
	mostMembers = 5_000_000
)

func describeModels(s *convert.Source, o Options) (all []Model, more int) {
	all = []Model{}
	found := s.Found
	if len(found) > mostModels {
		found, more = found[:mostModels], len(found)-mostModels
	}
	members, values := mostMembers, mostValues
	heads := make([]*sklearn.Summary, len(found))
	for i, f := range found {
		m := Model{Path: f.Path, Class: f.Object.Class.String(), Inside: f.Inside, Parameters: parameters(f.Object, s.Document.Python2)}
		if members -= membersOf(f.Object); members < 0 {
			m.Refused = "not looked at: too many models in one file"
			all = append(all, m)
			continue
		}
		sum, err := s.Summarise(f)
		if err != nil {
			m.Refused = err.Error()
			m.guess(f.Object, &values)
		} else {
			m.take(sum)
			heads[i] = sum
		}
		all = append(all, m)
	}
	try(s, all, heads, o)
	return all, more
}

// take copies what an estimator that can be read says of itself.
func (m *Model) take(s *sklearn.Summary) {
	m.Release, m.TakenFor = s.Release, s.TakenFor
	m.Features, m.Names, m.Targets = s.Features, s.Names, s.Targets
	m.Steps, m.Parts = s.Steps, s.Parts
	m.Trees, m.Nodes = s.Trees, s.Nodes
	if s.Depth >= 0 {
		m.Depth = &s.Depth
	}
	m.Inputs = "matrix"
	if s.Apart {
		m.Inputs = "columns"
	}
	m.Text, m.Boosters, m.Classes = nil, nil, nil
	for _, c := range s.Text {
		m.Text = append(m.Text, TextColumn(c))
	}
	for _, b := range s.Boosters {
		m.Boosters = append(m.Boosters, Booster{b.Library, b.Release, b.Format})
	}
	for _, labels := range s.Classes {
		m.Classes = append(m.Classes, plain(labels))
	}
}

// guess fills in what can be said of an estimator that can't be read: the trees are counted wherever they stand in it.
func (m *Model) guess(o *pickle.Object, budget *int) {
	v, _ := o.Attr(releaseAttribute)
	m.Release, _ = pickle.AsString(v)
	for _, name := range []string{"n_features_in_", "n_features_", "_n_features"} {
		if v, ok := o.Attr(name); ok {
			if n, ok := v.(int64); ok && n > 0 {
				m.Features = int(n)
				break
			}
		}
	}
	deepest := -1
	whole := walk(o, budget, func(o *pickle.Object) bool {
		if o.Class != (pickle.Global{Module: "sklearn.tree._tree", Name: "Tree"}) {
			return true
		}
		nodes, _ := o.Attr("nodes")
		if a, ok := nodes.(*pickle.NDArray); ok && len(a.Shape) == 1 {
			m.Trees++
			m.Nodes += a.Shape[0]
			if v, ok := o.Attr("max_depth"); ok {
				if n, ok := v.(int64); ok {
					deepest = max(deepest, int(n))
				}
			}
		}
		return false
	})
	if !whole {
		m.Trees, m.Nodes = 0, 0
	} else if deepest >= 0 {
		m.Depth = &deepest
	}
}

// membersOf is how many parts Summarise looks at.
func membersOf(o *pickle.Object) int {
	v, _ := o.Attr("estimators_")
	switch v := v.(type) {
	case *pickle.List:
		return 1 + len(v.Items)
	case *pickle.Tuple:
		return 1 + len(v.Items)
	case *pickle.NDArray:
		return 1 + len(v.Objects)
	}
	return 1
}

// parameters are those of sklearn.Parameters. The texts of Python 2 are bytes in a pickle, and shown as the texts they are.
func parameters(o *pickle.Object, python2 bool) []Parameter {
	all := sklearn.Parameters(o)
	out := make([]Parameter, len(all))
	for i, p := range all {
		out[i] = Parameter{p.Key, p.Value}
		if v, ok := o.Attr(p.Key); ok && python2 {
			if text, ok := v.(pickle.Bytes); ok {
				out[i].Value = pickle.Repr(pickle.Text(text), longestValue)
			}
		}
	}
	return out
}
