package pmml

import (
	"bytes"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

func lowered(t testing.TB, v *vector, o Options) *model.Model {
	t.Helper()
	m, err := Lower(v.model(), o)
	if err != nil {
		t.Fatal(v.Name, err)
	}
	return m
}

func written(t testing.TB, m *model.Model, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, m, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What Lower makes must answer what scikit-learn answered.
func TestLowerAnswersAsScikitLearn(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			answers, err := v.model().Run([]*model.Tensor{v.rows()})
			if err != nil {
				t.Fatal(err)
			}
			v.check(t, answers, 0)
			answers, err = lowered(t, v, Options{}).Run([]*model.Tensor{v.rows()})
			if err != nil {
				t.Fatal(err)
			}
			v.check(t, answers, 0)
			answers, err = lowered(t, v, Options{Near: true}).Run([]*model.Tensor{v.rows()})
			if err != nil {
				t.Fatal(err)
			}
			v.check(t, answers, 2)
		})
	}
}
