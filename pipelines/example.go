package pipelines

import (
	_ "embed"
	"os"
)

// Example is a commented configuration, with every key.
//
//go:embed treeport.example.yaml
var Example []byte

// Schema is the JSON Schema of configurations.
//
//go:generate sh -c "go run ./schema > schema.tmp && mv schema.tmp treeport.schema.json"
//go:embed treeport.schema.json
var Schema []byte

// Find is the configuration in the working folder; empty if there is none.
func Find() string {
	for _, name := range DefaultFiles {
		if _, err := os.Stat(name); err == nil {
			return name
		}
	}
	return ""
}
