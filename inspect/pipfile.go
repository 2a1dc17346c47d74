package inspect

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Pipfile.lock of pipenv: JSON, with the Python in _meta.requires and the packages by name in default and develop.

func parsePipfile(text []byte, _ string) ([]pin, error) {
	type packages map[string]struct {
		Version string `json:"version"`
		Markers string `json:"markers"`
	}
	var lock struct {
		Meta struct {
			Requires map[string]string `json:"requires"`
		} `json:"_meta"`
		Default packages `json:"default"`
		Develop packages `json:"develop"`
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, err
	}
	line := func(key string) int {
		return 1 + bytes.Count(text[:max(0, bytes.Index(text, []byte(`"`+key+`"`)))], []byte("\n"))
	}
	var all []pin
	for _, section := range []packages{lock.Default, lock.Develop} {
		for name, p := range section {
			if !slices.Contains(judged, normal(name)) {
				continue
			}
			all = append(all, pin{normal(name), p.Version, line(name), p.Markers})
		}
	}
	slices.SortFunc(all, func(a, b pin) int { return a.line - b.line })
	for _, key := range []string{"python_full_version", "python_version"} {
		if v := lock.Meta.Requires[key]; v != "" {
			spec := "==" + v
			if key == "python_version" {
				spec += ".*"
			}
			all = append(all, pin{pythonName, spec, line(key), ""})
			break
		}
	}
	return all, nil
}
