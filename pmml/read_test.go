package pmml

import (
	"bytes"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

func TestRoundTrip(t *testing.T) {
	for _, v := range vectors(t) {
		for name, o := range map[string]Options{"": {}, "sparse": {Sparse: true}, "near": {Near: true}, "labels": {Methods: []string{model.Predict}}, "probabilities": {Methods: []string{model.PredictProba}}} {
			if v.Classes == nil && name == "probabilities" {
				continue
			}
			t.Run(v.Name+" "+name, func(t *testing.T) {
				m := lowered(t, v, o)
				data := written(t, m, o)
				back, err := Read(data, Limits{})
				if err != nil {
					t.Fatal(err)
				}
				if err := model.Equal(m, back); err != nil {
					t.Fatal(err)
				}
				if again := written(t, back, o); !bytes.Equal(data, again) {
					t.Error("written again, other bytes")
				}
			})
		}
	}
}
