// Command schema prints the JSON Schema of configurations, made of pipelines.Config and its comments. Run it in the folder of that package.
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/seed-2867d59c/treeport/pipelines"
)

func main() {
	r := &jsonschema.Reflector{ExpandedStruct: true, DoNotReference: true, RequiredFromJSONSchemaTags: true}
	if err := r.AddGoComments("github.com/seed-2867d59c/treeport/pipelines", "."); err != nil {
		log.Fatal(err)
	}
	for at, text := range r.CommentMap {
		r.CommentMap[at] = strings.Join(strings.Fields(text), " ")
	}
	s := r.Reflect(&pipelines.Config{})
	s.ID = "https://github.com/seed-2867d59c/treeport/pipelines/treeport.schema.json"
	s.Title = "Configuration of treeport run"
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		log.Fatal(err)
	}
	if _, err := os.Stdout.Write(out.Bytes()); err != nil {
		log.Fatal(err)
	}
}
