package inspect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Options of Describe. The zero value is the default.
type Options struct {
	Depth  int  // of the object's tree; 0: DefaultDepth, negative: the root alone
	Digest bool // compute the file's SHA-256
	Full   bool // try the conversion of every model, whatever its size
	// NoTrial tries none.
	NoTrial bool
}

// DefaultDepth shows an object's attributes and theirs.
const DefaultDepth = 2

// mostValues bounds the walks over the values of a file, and so the time that a file of many values costs.
const mostValues = 20_000_000

// Describe tells what is in a file. It has no errors: what can't be converted is described as well.
func Describe(s *convert.Source, o Options) *Info {
	d := s.Document
	info := &Info{
		File:      s.File.Name,
		Bytes:     int64(len(s.File.Data)),
		Container: append([]string{}, d.Layers...),
		Unpacked:  d.Size,
		Trailing:  d.Trailing,
		Pickles:   1 + len(d.More),
		Protocol:  d.Protocol,
		Library:   d.Library,
		Globals:   make([]Global, len(d.Globals)),
		WrittenBy: writers(d),
	}
	if d.Joblib != nil {
		info.Joblib = &Joblib{d.Joblib.Module, d.Joblib.Layout, d.Joblib.Aligned, d.Joblib.Arrays}
	}
	for i, use := range d.Globals {
		info.Globals[i] = Global{use.Global.Module, use.Global.Name, use.Called, use.Offset}
	}
	if o.Digest {
		info.SHA256 = s.SHA256()
	}
	info.Releases = releases(d)
	info.Object = objectTree(d, o.Depth)
	info.Models, info.MoreModel = describeModels(s, o)
	return info
}

func writers(d *pickle.Document) Writers {
	var w Writers
	for _, hint := range convert.Hints(d) {
		switch hint.Key {
		case model.KeyPython:
			w.Python = hint.Value
		case model.KeyNumpy:
			w.Numpy = hint.Value
		case model.KeyJoblib:
			w.Joblib = hint.Value
		case model.KeySkops:
			w.Skops = hint.Value
		}
	}
	return w
}

// releases counts what the objects of the file say in _sklearn_version, which estimators have from 0.18 on.
func releases(d *pickle.Document) []Count {
	counts := map[string]int{}
	budget := mostValues
	for _, root := range roots(d) {
		walk(root, &budget, func(o *pickle.Object) bool {
			if v, ok := o.Attr(releaseAttribute); ok {
				if text, ok := pickle.AsString(v); ok {
					counts[text]++
				}
			}
			return true
		})
	}
	all := []Count{}
	for text, n := range counts {
		all = append(all, Count{text, n})
	}
	slices.SortFunc(all, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Objects, a.Objects), strings.Compare(a.Release, b.Release))
	})
	return all
}

// releaseAttribute is where sklearn/base.py, BaseEstimator.__getstate__, puts the release.
const releaseAttribute = "_sklearn_version"

func roots(d *pickle.Document) []pickle.Value {
	return append([]pickle.Value{d.Root}, d.More...)
}
