package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/pipelines"
)

// action is action.yml.
type action struct {
	Inputs  map[string]struct{ Default string }
	Outputs map[string]struct{ Value string }
	Runs    struct {
		Steps []struct {
			ID, Uses, Shell, Run string
			Dir                  string `yaml:"working-directory"`
			Env                  map[string]string
		}
	}
}

var expression = regexp.MustCompile(`\$\{\{ *([a-z.-]+) *\}\}`)

// runner runs steps of the action as GitHub's does, but for those that use other actions.
type runner struct {
	action
	env []string
	dir string // of the job
}

// run runs the action, whose last step must end with this exit code, and answers its outputs.
func (r *runner) run(t *testing.T, code int, with map[string]string) map[string]string {
	t.Helper()
	values := map[string]string{}
	for name, input := range r.Inputs {
		values["inputs."+name] = input.Default
	}
	for name, value := range with {
		if _, ok := r.Inputs[name]; !ok {
			t.Errorf("the action has no input %s", name)
		}
		values["inputs."+name] = value
	}
	expand := func(s string) string {
		return expression.ReplaceAllStringFunc(s, func(e string) string {
			name := expression.FindStringSubmatch(e)[1]
			value, ok := values[name]
			if !ok && !strings.HasPrefix(name, "steps.") { // an output that a step did not come to is empty
				t.Errorf("%s has no value", e)
			}
			return value
		})
	}
	temp := t.TempDir()
	path := os.Getenv("PATH")
	for i, step := range r.Runs.Steps {
		if step.Uses != "" {
			continue
		}
		if step.Shell != "bash" || strings.Contains(step.Run, "${{") {
			t.Errorf("step %d: text of others may not stand in a script of bash", i)
		}
		outputs, paths := filepath.Join(temp, "outputs"), filepath.Join(temp, "paths")
		env := append(slices.Clone(r.env), "RUNNER_TEMP="+temp, "GITHUB_OUTPUT="+outputs, "GITHUB_PATH="+paths, "PATH="+path,
			"GITHUB_STEP_SUMMARY="+filepath.Join(r.dir, "step-summary.md"))
		for name, value := range step.Env {
			env = append(env, name+"="+expand(value))
		}
		want := 0
		if i == len(r.Runs.Steps)-1 {
			want = code
		}
		bash(t, want, filepath.Join(r.dir, expand(step.Dir)), env, step.Run)
		if added, err := os.ReadFile(paths); err == nil {
			path = strings.TrimSpace(string(added)) + ":" + os.Getenv("PATH")
		}
		if added, err := os.ReadFile(outputs); err == nil {
			lines := strings.Split(string(added), "\n")
			for i := 0; i < len(lines); i++ {
				name, value, _ := strings.Cut(lines[i], "=")
				if key, end, ok := strings.Cut(lines[i], "<<"); ok { // the lines up to that one
					n := slices.Index(lines[i+1:], end)
					name, value = key, strings.Join(lines[i+1:i+1+n], "\n")
					i += n + 1
				}
				values["steps."+step.ID+".outputs."+name] = value
			}
		}
	}
	out := map[string]string{}
	for name, output := range r.Outputs {
		out[name] = expand(output.Value)
	}
	return out
}

// told holds the counts that the action told against the manifest that it named.
func (r *runner) told(t *testing.T, dir string, out map[string]string) {
	t.Helper()
	counts := map[pipelines.Status]int{}
	if name := out["manifest"]; name != "" {
		text, err := os.ReadFile(filepath.Join(r.dir, dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var record pipelines.Record
			if err := json.Unmarshal([]byte(line), &record); err != nil {
				t.Fatal(err)
			}
			counts[record.Status]++
		}
	}
	for _, status := range []pipelines.Status{pipelines.Equal, pipelines.NotEqual, pipelines.Unsupported, pipelines.Broken, pipelines.TooBig, pipelines.Refused,
		pipelines.Failed} {
		if n := number(t, out[strings.ReplaceAll(string(status), " ", "-")]); n != counts[status] {
			t.Errorf("%d models are told to be %s; %q has %d", n, status, out["manifest"], counts[status])
		}
	}
	if out["left"] != "0" {
		t.Errorf("%q models are left", out["left"])
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Error(err)
	}
	return n
}

// testAction runs the steps of action.yml, with the inputs of examples/github.yml and others.
func testAction(t *testing.T, env []string) {
	r := runner{env: env, dir: t.TempDir()}
	readYAML(t, "action.yml", &r.action)
	stems := someModels(t, filepath.Join(r.dir, "models"))

	var example struct {
		Jobs struct {
			Convert struct {
				Strategy struct{ Matrix struct{ Shard []string } }
				Steps    []struct {
					Uses string
					With map[string]string
				}
			}
		}
	}
	readYAML(t, "examples/github.yml", &example)
	equal := 0
	for _, shard := range example.Jobs.Convert.Strategy.Matrix.Shard {
		with := map[string]string{}
		for _, step := range example.Jobs.Convert.Steps {
			if strings.HasPrefix(step.Uses, "seed-2867d59c/treeport@") {
				for name, value := range step.With {
					with[name] = strings.ReplaceAll(value, "${{ matrix.shard }}", shard)
				}
			}
		}
		out := r.run(t, 0, with)
		if out["exit-code"] != "0" {
			t.Errorf("shard %s: %v", shard, out)
		}
		r.told(t, "", out)
		equal += number(t, out["equal"])
		for _, report := range []string{"reports/junit.xml", "reports/treeport.sarif", "step-summary.md"} {
			if err := os.Remove(filepath.Join(r.dir, report)); err != nil {
				t.Errorf("shard %s: %v", shard, err)
			}
		}
	}
	converted(t, filepath.Join(r.dir, "converted"), stems, ".onnx", ".pmml")
	if equal != len(stems) {
		t.Errorf("the shards tell %d models, not %d", equal, len(stems))
	}

	r.run(t, 0, map[string]string{"models": "models/$(touch hacked).pkl\n\nmodels/--help.pkl\n", "to": "onnx", "out": "it's; \"$(touch hacked)\"", "args": "--exclude=* *\n"})
	converted(t, filepath.Join(r.dir, "it's; \"$(touch hacked)\""), []string{"$(touch hacked)", "--help"}, ".onnx")

	if err := os.WriteFile(filepath.Join(r.dir, "models", "treeport.yaml"), []byte("source: {paths: [.]}\nemit: [{format: pmml}]\npublish: {to: out}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	r.told(t, "models", r.run(t, 0, map[string]string{"working-directory": "models"}))
	converted(t, filepath.Join(r.dir, "models", "out"), stems, ".pmml")
	r.run(t, 0, map[string]string{"config": "models/treeport.yaml", "to": "onnx", "out": "other"})
	converted(t, filepath.Join(r.dir, "other", "models"), stems, ".onnx")

	if err := os.WriteFile(filepath.Join(r.dir, "models", "broken.pkl"), []byte("\x80\x04"), 0o666); err != nil {
		t.Fatal(err)
	}
	out := r.run(t, 5, map[string]string{"models": "models", "to": "onnx"})
	if out["exit-code"] != "5" || out["broken"] != "1" || out["equal"] != fmt.Sprint(len(stems)) || out["kept"] != "0" || out["not-equal"] != "0" {
		t.Errorf("of a broken file: %v", out)
	}
	r.told(t, "", out)
	if again := r.run(t, 5, map[string]string{"models": "models", "to": "onnx"}); again["kept"] != fmt.Sprint(len(stems)+1) || again["manifest"] != out["manifest"] {
		t.Errorf("the same again: %v", again)
	}
	converted(t, filepath.Join(r.dir, "converted"), stems, ".onnx")
	if out := r.run(t, 2, map[string]string{"models": "models", "config": "models/treeport.yaml"}); out["equal"] != "" || out["manifest"] != "" {
		t.Errorf("of nothing: %v", out)
	}

	for _, dir := range []string{"", "models"} {
		if _, err := os.Stat(filepath.Join(r.dir, dir, "hacked")); err == nil {
			t.Error("a name was run")
		}
	}
}
