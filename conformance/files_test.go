package conformance

import (
	"os"
	"path/filepath"
	"testing"
)

// TestCIFiles: the checkers of their formats find nothing in the files for CIs, and do find what is wrong in other ones.
func TestCIFiles(t *testing.T) {
	t.Parallel()
	schema := func(name string) []string {
		return []string{checker(t, "check-jsonschema"), "--builtin-schema", "vendor." + name}
	}
	actionlint := []string{"go", "run", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"}
	zizmor := []string{checker(t, "zizmor"), "--quiet", "--offline", "--config", "conformance/scripts/zizmor.yml"} // finds text of others in scripts
	const injection = "name: x\ndescription: x\ninputs: {x: {description: x}}\nruns:\n  using: composite\n  steps:\n    - {shell: bash, run: 'echo ${{ inputs.x }}'}\n"
	for _, c := range []struct {
		file    string
		command []string
		wrong   string
		code    int // of what is wrong
	}{
		{"action.yml", schema("github-actions"), "name: x\n", 1},
		{"action.yml", zizmor, injection, 14},
		{"examples/github.yml", schema("github-workflows"), "on: push\njobs: {x: {steps: []}}\n", 1},
		{"examples/github.yml", actionlint, "on: push\njobs: {x: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ matrix.x }}'}]}}\n", 1},
		{"examples/github.yml", zizmor, "on: issues\njobs: {x: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ github.event.issue.title }}'}]}}\n", 14},
		{"examples/gitlab-ci.yml", schema("gitlab-ci"), "convert: {parallel: four, script: [x]}\n", 1},
		{"examples/kubernetes-job.yaml", []string{checker(t, "kubernetes-validate"), "--strict"}, "apiVersion: batch/v1\nkind: Job\nspec: {completion: 16}\n", 1},
		{"Dockerfile", []string{checker(t, "hadolint")}, "FROM golang\n", 1},
		{".pre-commit-hooks.yaml", []string{checker(t, "pre-commit"), "validate-manifest"}, "- id: x\n", 1},
	} {
		t.Run(c.file+" "+filepath.Base(c.command[len(c.command)-1]), func(t *testing.T) {
			t.Parallel()
			output(t, 0, root(), nil, c.command[0], append(c.command[1:], c.file)...)
			wrong := filepath.Join(t.TempDir(), filepath.Base(c.file))
			if err := os.WriteFile(wrong, []byte(c.wrong), 0o666); err != nil {
				t.Fatal(err)
			}
			output(t, c.code, root(), nil, c.command[0], append(c.command[1:], wrong)...)
		})
	}
}
