package vectors

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// HostileFile is a file that no honest program wrote.
type HostileFile struct {
	Path   string
	Expect string // refuse: no model comes out of it; survive: any answer does; safe: it decodes
	What   string
}

// Hostile lists the hostile files of all Folders.
func Hostile(t testing.TB) []HostileFile {
	t.Helper()
	var all []HostileFile
	for _, folder := range Folders() {
		text, err := os.ReadFile(filepath.Join(folder, "hostile", "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		var manifest struct{ Files []HostileFile }
		if err := json.Unmarshal(text, &manifest); err != nil {
			t.Fatal(err)
		}
		if len(manifest.Files) == 0 {
			t.Fatalf("%s: no hostile files", folder)
		}
		for _, f := range manifest.Files {
			f.Path = filepath.Join(folder, f.Path)
			all = append(all, f)
		}
	}
	return all
}
