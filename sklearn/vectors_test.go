package sklearn_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
	"github.com/seed-2867d59c/treeport/store"
)

// decode opens a vector's file and lists the estimators in it.
func decode(t *testing.T, v *vectors.Vector) []sklearn.Found {
	t.Helper()
	file, err := store.Open(v.File())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	doc, err := vectors.Decode(vectors.Source(file))
	if err != nil {
		t.Fatal(err)
	}
	found := sklearn.Find(doc.Root, "model")
	for _, more := range doc.More {
		found = append(found, sklearn.Find(more, "more")...)
	}
	return found
}

// unreadable tells vectors that no reader of this package is for: the one file that its own writer can't load.
func unreadable(v *vectors.Vector) bool {
	return strings.Contains(strings.Join(v.Notes, " "), "cannot load it")
}

// refused tells vectors of what can't be converted, which must be said.
func refused(v *vectors.Vector) bool {
	return strings.Contains(strings.Join(v.Notes, " "), "to be refused")
}

// TestForeignAttributes puts things into a real model's attributes that no scikit-learn wrote: they are refused by their place.
func TestForeignAttributes(t *testing.T) {
	deep := pickle.Value(int64(1))
	for range 200 {
		deep = &pickle.List{Items: []pickle.Value{deep}}
	}
	call := &pickle.Object{Class: pickle.Global{Module: "os", Name: "system"}, Args: []pickle.Value{pickle.Text("true")}}
	for name, c := range map[string]struct {
		value pickle.Value
		want  string
	}{
		"a call":             {call, "os.system"},
		"a call in a list":   {&pickle.List{Items: []pickle.Value{int64(1), call}}, "extra_[1]"},
		"eval":               {&pickle.Object{Class: pickle.Global{Module: "builtins", Name: "eval"}}, "builtins.eval"},
		"too deep":           {deep, "deep inside each other"},
		"an array, harmless": {&pickle.NDArray{DType: pickle.DType{Kind: 'f', Size: 8}, Shape: []int{1}, Data: make([]byte, 8)}, ""},
	} {
		v := vectors.Load(t, func(v *vectors.Vector) bool { return v.Path == "py311-sk1.7.2/rf_clf/default.pkl" })[0]
		obj := decode(t, v)[0].Object
		state := obj.State.(*pickle.Dict)
		state.Keys, state.Values = append(state.Keys, pickle.Text("extra_")), append(state.Values, c.value)
		_, err := sklearn.Read(obj, "model")
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAnswersOfTheOriginals holds the reference evaluator against what the originals themselves answered: to the bit, but
// for what goes through exp and the like, which may be as far off as its bounds say (model.RunWithin); every file of every release and format, every method that was recorded. There
// is a subtest for each class.
func TestAnswersOfTheOriginals(t *testing.T) {
	byClass := map[string][]*vectors.Vector{}
	for _, v := range vectors.Load(t, func(v *vectors.Vector) bool { return !unreadable(v) }) {
		class := v.Class[strings.LastIndexByte(v.Class, '.')+1:]
		byClass[class] = append(byClass[class], v)
	}
	for _, class := range slices.Sorted(maps.Keys(byClass)) {
		t.Run(class, func(t *testing.T) {
			files, total := 0, tally{}
			for _, v := range byClass[class] {
				found := decode(t, v)
				recorded := v.Answers(t)
				if slices.ContainsFunc(v.Notes, func(note string) bool { return strings.HasPrefix(note, "tuple (scaler, model)") }) {
					total.add(scaledAnswers(t, v, found, recorded[0]))
					continue
				}
				if len(found) != len(recorded) {
					t.Errorf("%s: %d estimators found, %d answered", v.Name(), len(found), len(recorded))
					continue
				}
				for i, f := range found {
					m, err := sklearn.Read(f.Object, f.Path)
					if err != nil {
						if u := (*fault.Unsupported)(nil); !refused(v) || !errors.As(err, &u) {
							t.Errorf("%s: %v", v.Name(), err)
						}
						continue
					}
					total.add(answersAsRecorded(t, v, m, recorded[i]))
				}
				files++
			}
			t.Logf("%d files, %d answers, the farthest %d ulp off", files, total.answers, total.ulp)
		})
	}
}

// scaledAnswers is of a file with a scaler and a model, whose answers to scaled rows were recorded: two models to choose from,
// since nobody knows that they belong together.
func scaledAnswers(t *testing.T, v *vectors.Vector, found []sklearn.Found, recorded vectors.Answers) (all tally) {
	t.Helper()
	if len(found) != 2 {
		t.Errorf("%s: %d estimators found", v.Name(), len(found))
		return all
	}
	var x []*model.Tensor
	for i, f := range found {
		m, err := sklearn.Read(f.Object, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if x, err = v.Rows(t).Inputs(m); err != nil {
				t.Fatal(err)
			}
		}
		got, err := m.Run(x)
		if err != nil {
			t.Fatal(err)
		}
		for j, out := range m.Outputs {
			if want := recorded.Of(t, out.Method, out.Target); i == 1 && want != nil {
				vectors.Compare(t, v.Name()+" "+out.Name, want, got[j], out.Target)
				all.answers++
			}
		}
		x = got[:1]
	}
	return all
}

// tally counts answers.
type tally struct {
	answers int
	ulp     uint64 // of the farthest
}

func (t *tally) add(u tally) {
	t.answers += u.answers
	t.ulp = max(t.ulp, u.ulp)
}

// dependsOnCall tells of answers that no program can give row by row: until 0.20 OneVsOneClassifier.decision_function scales
// each row by the largest of all rows of a call.
func dependsOnCall(m *model.Model, method string) bool {
	return method == model.DecisionFunction && strings.HasSuffix(m.Origin.Get(model.KeyClass), ".OneVsOneClassifier")
}

// evaluatorAgrees holds the fast evaluation of a program, trees compiled and not, against the plain one, to the bit.
func evaluatorAgrees(t *testing.T, name string, m *model.Model, in, want []*model.Tensor) {
	t.Helper()
	for _, rows := range []int{0, 1} {
		e, err := model.NewEvaluator(m, rows)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		got, err := e.Run(in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		for j, out := range m.Outputs {
			if !got[j].Same(want[j]) {
				t.Errorf("%s, %s: the Evaluator answers otherwise than Run", name, out.Name)
			}
		}
	}
}

// answersAsRecorded holds a model's answers against those of the original. Everything that was recorded must be answered.
func answersAsRecorded(t *testing.T, v *vectors.Vector, m *model.Model, recorded vectors.Answers) (all tally) {
	t.Helper()
	in, err := v.Rows(t).Inputs(m)
	if err != nil {
		t.Errorf("%s: %v", v.Name(), err)
		return all
	}
	got, bounds, err := m.RunWithin(in)
	if err != nil {
		t.Errorf("%s: %v", v.Name(), err)
		return all
	}
	evaluatorAgrees(t, v.Name(), m, in, got)
	answered := model.Methods(m)
	for _, method := range recorded.Methods() {
		if !slices.Contains(answered, method) && !dependsOnCall(m, method) {
			t.Errorf("%s: %s was recorded, the model has %v", v.Name(), method, answered)
		}
	}
	for j, out := range m.Outputs {
		want := recorded.Of(t, out.Method, out.Target)
		if want == nil {
			continue // an old release that raises an error for several targets of text
		}
		all.add(tally{1, vectors.CompareWithin(t, v.Name()+" "+out.Name, want, got[j], out.Target, bounds[j])})
	}
	return all
}
