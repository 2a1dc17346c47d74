package convert_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/model"
)

// Convert a model to ONNX and PMML, both proven.
func Example() {
	source, err := convert.Open("../testdata/iris_forest.joblib", convert.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	defer source.Close()
	selected, err := source.Only("")
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	names := []string{filepath.Join(dir, "iris.onnx"), filepath.Join(dir, "iris.pmml")}
	artifacts, err := convert.Write(source, selected, names, convert.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range artifacts {
		fmt.Println(a.Format, a.What)
	}
	// Output:
	// ONNX RandomForestClassifier of 20 trees, 352 nodes
	// PMML RandomForestClassifier of 20 trees, 352 nodes
}

// Score rows with a model of any format: a pickle, an ONNX or a PMML file.
func ExampleLoad() {
	m, err := convert.Load("../testdata/iris_forest.joblib", "", convert.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	if m, err = m.Select([]string{"predict", "predict_proba"}); err != nil {
		log.Fatal(err)
	}
	answers, err := m.Run(rows(6.0, 2.7, 5.1, 1.6))
	if err != nil {
		log.Fatal(err)
	}
	// scikit-learn answers the same.
	fmt.Println(answers[0].Text[0], answers[1].Float)
	// Output:
	// versicolor [0 0.7 0.3]
}

// rows is a matrix of one row.
func rows(x ...float64) []*model.Tensor {
	return []*model.Tensor{{Kind: model.Float64, Shape: []int{1, len(x)}, Float: x}}
}
