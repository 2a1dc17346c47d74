package convert

import (
	"encoding/json"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

// Structure holds an artifact against what a conversion of the source with the same options gives, node by node. ok is false
// for an artifact that treeport did not write, of which that can't be said.
func Structure(source *model.Model, loaded LoadedArtifact) (check verify.Check, ok bool) {
	artifact := loaded.Model
	text := artifact.Origin.Get(model.KeyOptions)
	if text == "" || artifact.Origin.Get(model.KeyProducer) == "" {
		return check, false
	}
	var o Options
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return verify.StructureCheck(err), true
	}
	lowered, err := loaded.Format.Lower(source, o)
	if err != nil {
		return verify.StructureCheck(err), true
	}
	// Origins may differ in the file's name and treeport's version without a difference in what is answered.
	a, b := *lowered, *artifact
	a.Origin, b.Origin = nil, nil
	return verify.StructureCheck(model.Equal(&a, &b)), true
}
