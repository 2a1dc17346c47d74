package pipelines_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed-2867d59c/treeport/pipelines"
)

// Example converts every model that a configuration names.
func Example() {
	out, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(out)
	c, err := pipelines.Load("", map[string]any{
		"source.paths": []string{"../testdata/iris_forest.joblib"},
		"publish.to":   out,
		"emit":         []map[string]any{{"format": "onnx"}, {"format": "pmml"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	plan, err := pipelines.Make(ctx, c)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer plan.Close()
	outcome, err := plan.Run(ctx, pipelines.Watcher{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range outcome.Records {
		fmt.Println(filepath.Base(r.Source), r.Status)
		for _, a := range r.Artifact {
			fmt.Println(a.Name, a.Format)
		}
	}
	// Output:
	// iris_forest.joblib equal
	// iris_forest.onnx ONNX
	// iris_forest.pmml PMML
}
