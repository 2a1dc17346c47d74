package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testGitLab runs the scripts of examples/gitlab-ci.yml in each of its jobs.
func testGitLab(t *testing.T, env []string) {
	var example struct {
		Convert struct {
			Parallel     int
			Variables    map[string]string
			BeforeScript []string `yaml:"before_script"`
			Script       []string
			Artifacts    struct{ Reports struct{ JUnit string } }
		}
	}
	readYAML(t, "examples/gitlab-ci.yml", &example)
	dir := t.TempDir()
	stems := someModels(t, filepath.Join(dir, "models"))
	for name, value := range example.Convert.Variables {
		env = append(env, name+"="+strings.ReplaceAll(value, "$CI_PROJECT_DIR", dir))
	}
	bash(t, 0, dir, env, strings.Join(example.Convert.BeforeScript, "\n"))
	count := fmt.Sprint(example.Convert.Parallel)
	for i := range example.Convert.Parallel {
		bash(t, 0, dir, append(env, fmt.Sprint("CI_NODE_INDEX=", i+1), "CI_NODE_TOTAL="+count), strings.Join(example.Convert.Script, "\n"))
		if err := os.Remove(filepath.Join(dir, example.Convert.Artifacts.Reports.JUnit)); err != nil {
			t.Errorf("job %d: %v", i+1, err)
		}
	}
	converted(t, filepath.Join(dir, "converted"), stems, ".onnx", ".pmml")
}
