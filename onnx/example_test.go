package onnx_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/onnx"
)

// Lower says what ONNX can say, Write encodes it, Read gives it back.
func Example() {
	m, err := convert.Load("../testdata/iris_forest.joblib", "", convert.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	options := onnx.Options{MLOpset: 1, Methods: []string{"predict"}}
	lowered, err := onnx.Lower(m, options)
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := onnx.Write(&file, lowered, options); err != nil {
		log.Fatal(err)
	}
	back, err := onnx.Read(file.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	for _, op := range back.Ops {
		fmt.Println(op.Name())
	}
	// Output:
	// tree ensemble
	// sum of rows
	// divide
	// argmax
	// lookup
}
