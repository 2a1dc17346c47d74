package convert

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/sklearn"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/verify"
)

// DefaultProbes is about how many probe rows are made of a model. A conversion makes fewer, but FewestProbes, of an ensemble so
// large that answering them would take longer than converting it.
const (
	DefaultProbes = 1000
	FewestProbes  = 128
)

// Artifact is a written and proven file.
type Artifact struct {
	Name   string         `json:"file"`
	Format string         `json:"format"`
	Path   string         `json:"model"` // of the model in the source
	What   string         `json:"what"`  // class and size of the model, for people
	Bytes  int64          `json:"bytes"`
	Report *verify.Report `json:"report"`
}

// large is the size of files in bytes from which on memory is given back in between, which takes some milliseconds.
const large = 64 << 20

// Write converts a model into one file per name, in the formats of their extensions, and proves each: it is read back and
// must equal in structure what was meant to be written, and answer what the model answers on probe rows. Nobody sees a
// file under its name before that. A file that fails the proof is deleted, and the error is a *fault.Mismatch.
func Write(s *Source, sel Selected, names []string, o Options) ([]Artifact, error) {
	var all []Artifact
	for _, name := range names {
		a, err := write(s, sel, name, o)
		if err != nil {
			return all, err
		}
		all = append(all, *a)
	}
	return all, nil
}

func write(s *Source, sel Selected, name string, o Options) (*Artifact, error) {
	staged, err := Stage(s, sel, name, o)
	if err != nil {
		return nil, err
	}
	if err := staged.Out.Commit(); err != nil {
		return nil, err
	}
	return &staged.Artifact, nil
}

// Staged is an artifact that is proven, in a file that does not have its name yet.
type Staged struct {
	Artifact
	Out *store.Writer // to Commit or to Abort
}

// Stage is Write of one file, up to the last step, which gives it its name.
func Stage(s *Source, sel Selected, name string, o Options) (*Staged, error) {
	format, err := ByName(name)
	if err != nil {
		return nil, err
	}
	o.at("converting to " + format.Name)
	lowered, err := lower(format, sel.Model, o)
	if err != nil {
		return nil, fault.InFile(fmt.Errorf("to %s: %w", format.Name, err), s.File.Name)
	}
	if o.Digest {
		lowered.Origin = lowered.Origin.With(model.KeySource, model.Property{Key: model.KeySHA256, Value: s.SHA256()})
	}
	out, err := store.Create(name, s.File)
	if err != nil {
		return nil, err
	}
	out.Unsynced = o.Unsynced
	staged := false
	defer func() {
		if !staged {
			_ = out.Abort()
		}
	}()
	proof := begin(format, sel.Model, lowered, o)
	defer proof.end()
	o.at("writing " + name)
	if err := format.Write(out, lowered, o); err != nil {
		return nil, fault.InFile(fmt.Errorf("to %s: %w", format.Name, err), s.File.Name)
	}
	out.BeginSync()
	if size, err := out.Seek(0, io.SeekCurrent); err == nil && size >= large {
		debug.FreeOSMemory() // what was needed to write a large file is not needed to prove it
	}
	o.at("proving " + name)
	report, err := proof.file(out.File.Name())
	if err != nil {
		return nil, fault.InFile(fmt.Errorf("proof of %s: %w", format.Name, err), name)
	}
	report.Artifact, report.Source = name, s.File.Name
	size, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	staged = true
	return &Staged{Artifact{Name: name, Format: format.Name, Path: sel.Path, What: summary(sel.Model), Bytes: size, Report: report}, out}, nil
}

// lower is the model as the format will say it, with the options among its origin.
func lower(format Format, m *model.Model, o Options) (*model.Model, error) {
	lowered, err := format.Lower(m, o)
	if err != nil {
		return nil, err
	}
	text, err := o.text()
	if err != nil {
		return nil, err
	}
	lowered.Origin = append(slices.Clip(lowered.Origin), model.Property{Key: model.KeyOptions, Value: text})
	return lowered, nil
}

// summary is a model in a few words.
func summary(m *model.Model) string {
	class := m.Origin.Get(model.KeyClass)
	class = class[strings.LastIndexByte(class, '.')+1:]
	trees, nodes := Size(m)
	if trees == 0 {
		return class + " without trees"
	}
	return fmt.Sprintf("%s of %s, %s", class, plural(trees, "tree"), plural(nodes, "node"))
}

// Size is how many trees a model has, and how many nodes all of them have.
func Size(m *model.Model) (trees, nodes int) {
	seen := map[*forest.Forest]bool{}
	for _, op := range m.Ops {
		if e, ok := op.(*model.Ensemble); ok && !seen[e.Forest] {
			seen[e.Forest] = true
			trees += len(e.Forest.Trees)
			nodes += e.Forest.Nodes()
		}
	}
	return trees, nodes
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Names are the output names for each of several models: model.onnx becomes model-PATH.onnx.
func Names(name string, found []sklearn.Found) []string {
	if len(found) == 1 {
		return []string{name}
	}
	ext := filepath.Ext(name)
	names := make([]string, len(found))
	taken := map[string]int{} // in lower case, since many file systems do not tell it from upper; how many names were made of it
	for i, f := range found {
		stem := strings.TrimSuffix(name, ext) + "-" + slug(f.Path)
		n, first := stem+ext, strings.ToLower(stem+ext)
		for taken[strings.ToLower(n)] > 0 {
			taken[first]++
			n = fmt.Sprintf("%s-%d%s", stem, taken[first], ext)
		}
		taken[strings.ToLower(n)]++
		names[i] = n
	}
	return names
}

// longestSlug is how much of a path is kept for a file name.
const longestSlug = 80

// slug is a path in an object as part of a file name: letters, digits, dots and dashes only.
func slug(path string) string {
	var b strings.Builder
	for _, r := range strings.TrimPrefix(path, "model") {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= longestSlug {
			break
		}
	}
	s := strings.Trim(b.String(), "-")
	if s == "" {
		return "model"
	}
	return s
}

// LoadedArtifact is an ONNX or PMML file that was read.
type LoadedArtifact struct {
	Name   string
	Format Format
	Model  *model.Model
	// Fields are the names under which runtimes of the format answer the columns of an output one by one, by the output's
	// name; nil where an output is answered whole.
	Fields map[string][]string
}

// LoadArtifact reads an ONNX or PMML file, told apart by their content.
func LoadArtifact(name string, lim Limits) (LoadedArtifact, error) {
	a := LoadedArtifact{Name: name}
	file, err := store.Open(name)
	if err != nil {
		return a, err
	}
	defer file.Close()
	if err := lim.CheckInput(name, len(file.Data)); err != nil {
		return a, err
	}
	format, ok := byContent(file.Data)
	if !ok {
		return a, fault.Brokenf(fault.Where{File: name}, "neither ONNX nor PMML")
	}
	a.Format = format
	if a.Model, err = format.Read(file.Data, lim.Model, nil, file.Release); err != nil {
		return a, fault.InFile(err, name)
	}
	if format.Fields != nil {
		a.Fields, err = format.Fields(a.Model)
	}
	return a, fault.InFile(err, name)
}

// Load reads a model from a file of any format: an artifact (ONNX, PMML) or what Open takes.
func Load(name, selection string, lim Limits) (*model.Model, error) {
	file, err := store.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := lim.CheckInput(name, len(file.Data)); err != nil {
		return nil, err
	}
	if format, ok := byContent(file.Data); ok {
		m, err := format.Read(file.Data, lim.Model, nil, file.Release)
		return m, fault.InFile(err, name)
	}
	s, err := open(file, lim, true)
	if err != nil {
		return nil, err
	}
	selected, err := s.Only(selection)
	return selected.Model, err
}
