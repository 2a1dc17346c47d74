package model_test

import (
	"fmt"
	"log"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/model"
)

// Answer rows one at a time, without allocating, and many at once on all cores.
func ExampleEvaluator() {
	m, err := convert.Load("../testdata/iris_forest.joblib", "", convert.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	if m, err = m.Select([]string{"predict", "predict_proba"}); err != nil {
		log.Fatal(err)
	}
	e, err := model.NewEvaluator(m, 0)
	if err != nil {
		log.Fatal(err)
	}
	in := m.Inputs[0]
	row := model.NewTensor(model.Type{Kind: in.Kind, Row: []int{in.Width}}, 1)
	for _, x := range [][]float64{{6.0, 2.7, 5.1, 1.6}, {5.1, 3.5, 1.4, 0.2}} {
		copy(row.Float, x)
		answers, err := e.Run([]*model.Tensor{row})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(answers[0].Text[0], answers[1].Float)
	}
	rows := model.NewTensor(model.Type{Kind: in.Kind, Row: []int{in.Width}}, 1000)
	answers, err := e.RunAll([]*model.Tensor{rows}, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answers[0].Rows())
	// Output:
	// versicolor [0 0.7 0.3]
	// setosa [1 0 0]
	// 1000
}
