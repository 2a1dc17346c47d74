package conformance

import (
	"bytes"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/sklearn"
	"github.com/seed-2867d59c/treeport/verify"
)

// unreadable are vectors that are no models: the one file that its own writer can't load, and those of a scaler and a model
// whose answers to scaled rows were recorded.
func unreadable(v *vectors.Vector) bool {
	notes := strings.Join(v.Notes, " ")
	return strings.Contains(notes, "cannot load it") || strings.HasPrefix(notes, "tuple (scaler, model)")
}

// small tells the vectors of testdata/ from those of TREEPORT_CORPUS.
func small(v *vectors.Vector) bool {
	return strings.HasPrefix(v.File(), vectors.Folders()[0])
}

// cases is one file per environment and case of trees and forests.
func cases(t testing.TB, keep func(*vectors.Vector) bool) []*vectors.Vector {
	t.Helper()
	return casesOf(t, func(v *vectors.Vector) bool { return vectors.TreesAndForests(v) && keep(v) })
}

// casesOf is one file per environment and case, a plain pickle where there is one: the other files of a case hold the same
// model, and reading them is tested where they are read.
func casesOf(t testing.TB, keep func(*vectors.Vector) bool) []*vectors.Vector {
	t.Helper()
	all := vectors.Load(t, func(v *vectors.Vector) bool { return !unreadable(v) && keep(v) })
	key := func(v *vectors.Vector) string { return v.Env + "/" + v.Case + "/" + folder(v) }
	chosen := map[string]*vectors.Vector{}
	for _, v := range all {
		if best := chosen[key(v)]; best == nil || best.Format != "pickle" && v.Format == "pickle" {
			chosen[key(v)] = v
		}
	}
	var list []*vectors.Vector
	for _, v := range all {
		if chosen[key(v)] == v {
			list = append(list, v)
		}
	}
	return list
}

func all(*vectors.Vector) bool { return true }

// folder is the folder of the vector's manifest.
func folder(v *vectors.Vector) string {
	return strings.TrimSuffix(v.File(), filepath.FromSlash(v.Path))
}

// opened is one model of a vector, and what its original answered.
type opened struct {
	t       testing.TB
	vector  *vectors.Vector
	name    string
	x       string       // path of X.npy
	model   *model.Model // nil: it is refused
	refusal error
	classes []string // of the estimators in it that are rows of estimatorResults
	answers vectors.Answers
	bounds  []*model.Tensor // of the model's outputs, see model.RunWithin
}

// open reads every model of a vector's file.
func open(t testing.TB, v *vectors.Vector) []*opened {
	t.Helper()
	source, err := convert.Open(v.File(), convert.Limits{})
	if err != nil {
		t.Error(err)
		return nil
	}
	defer source.Close()
	recorded := v.Answers(t)
	if len(recorded) != len(source.Found) {
		t.Errorf("%s: %d models, %d answered", v.Name(), len(source.Found), len(recorded))
		return nil
	}
	var list []*opened
	for i, f := range source.Found {
		o := &opened{t: t, vector: v, name: v.Env + "/" + v.Case, x: filepath.Join(folder(v), v.X), answers: recorded[i]}
		for i, class := range sklearn.Inside(f.Object) {
			if i == 0 || !isTree(class) {
				o.classes = append(o.classes, class)
			}
		}
		s, err := source.Read(f)
		switch {
		case refused(err):
			o.refusal = err
		case err != nil:
			t.Errorf("%s: %v", v.Name(), err)
			return nil
		}
		o.model = s.Model
		if len(source.Found) > 1 {
			o.name += " " + f.Path
		}
		list = append(list, o)
	}
	return list
}

// each calls do with every model of the vectors; one that is refused fails.
func each(t testing.TB, list []*vectors.Vector, do func(o *opened)) {
	t.Helper()
	survey(t, list, func(o *opened) {
		if o.refusal != nil {
			t.Errorf("%s: %v", o.name, o.refusal)
			return
		}
		do(o)
	})
}

// survey calls do with every model of the vectors, the refused ones too, on as many of them at once as there are processors:
// while a runtime answers one, the next is converted.
func survey(t testing.TB, list []*vectors.Vector, do func(o *opened)) {
	t.Helper()
	var next atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				for _, o := range open(t, list[i]) {
					do(o)
				}
			}
		})
	}
	wait.Wait()
}

// artifact is a model in a format: the bytes, and the program that they say, for the names of the outputs.
type artifact struct {
	data    []byte
	lowered *model.Model
}

// convertTo writes a model in a format of convert.Formats.
func (o *opened) convertTo(format string, options convert.Options) (*artifact, error) {
	for _, f := range convert.Formats {
		if f.Name != format {
			continue
		}
		lowered, err := f.Lower(o.model, options)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		if err := f.Write(&out, lowered, options); err != nil {
			return nil, err
		}
		return &artifact{out.Bytes(), lowered}, nil
	}
	return nil, errors.New("no format " + format)
}

// refused tells whether a model has no place in a format, by name, from any other failure.
func refused(err error) bool {
	var u *fault.Unsupported
	return errors.As(err, &u)
}

// recorded is what the original answered to a method for a target; nil where that was not recorded. Labels of several
// targets were recorded as the columns of one matrix.
func (o *opened) recorded(method string, target int) *model.Tensor {
	values := o.answers.Of(o.t, method, target)
	if values == nil || method != model.Predict {
		return values
	}
	if expected := verify.Expect(o.model, method, values); len(expected) > 1 {
		return expected[target].Values
	}
	return values
}

// differences compares what a runtime answered, by the names of the artifact's outputs, with what the original did. It
// counts the answers that were compared; the text names each that is not identical.
func (o *opened) differences(a *artifact, got map[string]*model.Tensor) (compared int, text []string) {
	for _, out := range a.lowered.Outputs {
		want := o.recorded(out.Method, out.Target)
		if want == nil {
			continue // an old release that raises an error there
		}
		if got[out.Name] == nil {
			text = append(text, out.Name+" is not answered")
			continue
		}
		compared++
		if d := verify.Compare(want, got[out.Name]); !d.Same() {
			text = append(text, out.Name+": "+describe(&d))
		}
	}
	return compared, text
}
