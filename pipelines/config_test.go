package pipelines

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// TestExample loads the commented configuration as it is and with every comment that is a key taken for one: all keys are in it, none is
// misspelled, and the schema agrees.
func TestExample(t *testing.T) {
	var all []string
	for _, line := range strings.Split(string(Example), "\n") {
		if at := strings.Index(line, "# "); at >= 2 && strings.TrimSpace(line[:at]) == "" && keyLine.MatchString(line[at+2:]) {
			line = line[:at] + line[at+2:]
		}
		all = append(all, line)
	}
	full := strings.Join(all, "\n")
	full = strings.Replace(full, "versions: all", "versions: since", 1)
	full = strings.Replace(full, "shard: 1/4", "shard: 3/4", 1)
	schema := compileSchema(t)
	for name, text := range map[string]string{"plain.yaml": string(Example), "full.yaml": full} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(file, nil); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(plain(t, value)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "full.yaml" {
			missing := map[string]bool{}
			for _, key := range keys(reflect.TypeFor[Config](), "") {
				missing[key] = true
			}
			walkKeys(value, "", func(key string) { delete(missing, key) })
			for key := range missing {
				t.Errorf("the example has no %s", key)
			}
		}
	}
}

// plain makes of a YAML value what JSON would give.
func plain(t *testing.T, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	back, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func walkKeys(value any, above string, yield func(string)) {
	switch v := value.(type) {
	case map[string]any:
		for k, inner := range v {
			yield(above + k)
			walkKeys(inner, above+k+".", yield)
		}
	case []any:
		for _, inner := range v {
			walkKeys(inner, above, yield)
		}
	case time.Time:
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", value); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchema fails where the published schema is not that of Config: go generate writes it anew.
func TestSchema(t *testing.T) {
	made, err := exec.Command("go", "run", "./schema").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, Schema) {
		t.Error("treeport.schema.json is not what ./schema makes of Config")
	}
	schema := compileSchema(t)
	for _, bad := range []string{`{"sources": {}}`, `{"emit": [{"format": "onyx"}]}`, `{"run": {"jobs": "many"}}`, `{"source": {"paths": "models"}}`} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(value) == nil {
			t.Errorf("%s is right by the schema", bad)
		}
	}
}

func TestLoad(t *testing.T) {
	write := func(name, text string) string {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	yaml := write("c.yaml", "source: {paths: [a, b]}\nread: {max_input: 2MiB}\nrun: {memory: 1GB, retry: 90s, jobs: 3}\npublish: {to: out}\ncheck: {scan: off}\n")
	toml := write("c.toml", "[source]\npaths = [\"a\", \"b\"]\n[read]\nmax_input = 2097152\n[run]\nmemory = \"1GB\"\nretry = \"90s\"\njobs = 3\n[publish]\nto = \"out\"\n[check]\nscan = \"off\"\n")
	js := write("c.json", `{"source": {"paths": ["a", "b"]}, "read": {"max_input": "2097152"}, "run": {"memory": 1000000000, "retry": "1m30s", "jobs": 3}, "publish": {"to": "out"}, "check": {"scan": "off"}}`)
	want := &Config{Source: Source{Paths: []string{"a", "b"}}, Read: Read{MaxInput: 2 << 20}, Emit: []Emit{{Format: "onnx"}}, Publish: Publish{To: "out"},
		Check: Check{Scan: Off}, Run: Running{Memory: 1e9, Retry: 90 * time.Second, Jobs: 3}}
	for _, file := range []string{yaml, toml, js} {
		got, err := Load(file, nil)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v: %v", filepath.Base(file), got, want, err)
		}
	}
	t.Setenv("TREEPORT_PUBLISH_TO", "elsewhere")
	t.Setenv("TREEPORT_SOURCE_PATHS", "x,y")
	t.Setenv("TREEPORT_RUN_FAIL_FAST", "true")
	t.Setenv("TREEPORT_RUN_MEMORY", "3GiB")
	got, err := Load(yaml, map[string]any{"run.jobs": 7, "publish.name": "{stem}.onnx"})
	if err != nil || got.Publish.To != "elsewhere" || !reflect.DeepEqual(got.Source.Paths, []string{"x", "y"}) || !got.Run.FailFast || got.Run.Memory != 3<<30 ||
		got.Run.Jobs != 7 || got.Publish.Name != "{stem}.onnx" {
		t.Errorf("%+v %v", got, err)
	}
	for text, want := range map[string]string{
		"sourze: {paths: [a]}":                     "sourze: there is no such key; did you mean source?",
		"publish: {too: a}":                        "publish.too: there is no such key; did you mean publish.to?",
		"emit: [{format: onnx}, {frmat: x}]":       "emit[1].frmat: there is no such key; did you mean emit.format?",
		"emit: [{format: onnxx}]":                  `emit[0].format: "onnxx"; there are onnx and pmml`,
		"emit: [{format: onnx, profile: precise}]": `emit[0]: --profile: "precise"`,
		"publish: {name: '{stem'}":                 "publish.name: a brace without its other one",
		"run: {shard: 5/4}":                        "run.shard",
		"read: {max_input: much}":                  "max_input",
		"select: {since: 2024-01-01}":              "select.since: goes with select.versions: since",
		"source: [a":                               "c.yaml",
	} {
		_, err := Load(write("c.yaml", text), nil)
		var wrong *ConfigError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// keyLine is a commented key of the example.
var keyLine = regexp.MustCompile(`^[a-z_0-9]+: `)
