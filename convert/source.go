// Package convert is one conversion, from an opened source to a proven artifact. It is the only package that knows every
// format: formats.go lists them.
package convert

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
	"github.com/seed-2867d59c/treeport/skops"
	"github.com/seed-2867d59c/treeport/store"
)

// All is the selection of every model in a file.
const All = "all"

// Source is an opened file of models.
type Source struct {
	File     *store.File
	Document *pickle.Document
	Found    []sklearn.Found // every estimator in it

	once   sync.Once
	digest string
	hashed sync.WaitGroup // of Hash

	lim Limits
	// thinner dropped what conversions mostly don't read; nil: the document is whole.
	thinner *sklearn.Thinner
}

// hashedAtATime is how many bytes are hashed before the memory that they took is given back.
const hashedAtATime = 1 << 20

// SHA256 is the digest of the file's bytes, in hex.
func (s *Source) SHA256() string {
	s.once.Do(func() {
		h := sha256.New()
		for rest := s.File.Data; len(rest) > 0; {
			part := rest[:min(len(rest), hashedAtATime)]
			h.Write(part)
			s.File.Release(part)
			rest = rest[len(part):]
		}
		s.digest = hex.EncodeToString(h.Sum(nil))
	})
	return s.digest
}

// Hash begins to compute SHA256 in the background, for a conversion that will ask for it.
func (s *Source) Hash() { s.hashed.Go(func() { s.SHA256() }) }

// Open reads a pickle, joblib or skops file, or a booster's own, executing nothing of it.
func Open(name string, lim Limits) (*Source, error) { return openNamed(name, lim, false) }

// OpenThin is Open for who only converts. Of trees in compressed files, which take memory once they are inflated, it keeps what
// conversions mostly read, and decodes the file again for one that reads more.
func OpenThin(name string, lim Limits) (*Source, error) { return openNamed(name, lim, true) }

func openNamed(name string, lim Limits, thin bool) (*Source, error) {
	file, err := store.Open(name)
	if err != nil {
		return nil, err
	}
	s, err := open(file, lim, thin)
	if err != nil {
		file.Close()
	}
	return s, err
}

// OpenFile is OpenThin of a file that is open already, which the Source closes; where there is an error, the file stays open.
func OpenFile(file *store.File, lim Limits) (*Source, error) { return open(file, lim, true) }

func open(file *store.File, lim Limits, thin bool) (*Source, error) {
	s := &Source{File: file, lim: lim}
	if thin {
		s.thinner = &sklearn.Thinner{}
	}
	return s, s.decode()
}

// decode reads the file's bytes into values.
func (s *Source) decode() error {
	if err := s.lim.CheckInput(s.File.Name, len(s.File.Data)); err != nil {
		return err
	}
	s.Document, s.Found = sklearn.OwnFormat(s.File.Data), nil
	if s.Document == nil {
		decode, from := pickle.Decode, pickle.Source{Name: s.File.Name, Data: s.File.Data, Idle: s.File.Release, Sibling: s.File.Sibling}
		if skops.Sniff(s.File.Data) {
			decode = skops.Decode
		}
		if s.thinner != nil {
			from.Built = s.thinner.Built
		}
		var err error
		if s.Document, err = decode(from, s.lim.Limits); err != nil {
			return err
		}
		s.File.Unload() // of what was decoded the arrays at most are read again
	}
	for i, root := range append([]pickle.Value{s.Document.Root}, s.Document.More...) {
		s.Found = append(s.Found, sklearn.Find(root, rootName(i))...)
	}
	return nil
}

// Close gives up the file. Models that were read stay good.
func (s *Source) Close() error {
	s.hashed.Wait()
	return s.File.Close()
}

// Selected is a model that was taken out of a file.
type Selected struct {
	Path  string
	Model *model.Model
}

// mostPaths is how many models a ChoiceError lists.
const mostPaths = 50

// ChoiceError says that a selection names no model, or not only one.
type ChoiceError struct {
	Err   error // a *fault.Unsupported
	Paths []string
}

func (e *ChoiceError) Error() string { return e.Err.Error() }
func (e *ChoiceError) Unwrap() error { return e.Err }

// Choose finds what a selection names: "" for the only model there is, a path for the one that stands there, be it inside
// another (see sklearn.Part), All for each that is no other's part.
// Where there is no such one, or not only one, the error is a *ChoiceError.
func (s *Source) Choose(selection string) ([]sklearn.Found, error) {
	var free []sklearn.Found // those that nothing but containers stand around
	quoted := strings.ReplaceAll(selection, `"`, "'")
	for _, f := range s.Found {
		for _, path := range []string{selection, quoted} {
			if path != "" && (f.Path == path || f.Path == "model"+path) {
				return []sklearn.Found{f}, nil
			}
		}
		if f.Inside == "" {
			free = append(free, f)
		}
	}
	refuse := func(format string, args ...any) error {
		e := &ChoiceError{Err: fault.Unsupportedf(fault.Where{File: s.File.Name}, format, args...)}
		listed := free
		if len(free) == 0 {
			listed = s.Found
		}
		for _, f := range listed[:min(len(listed), mostPaths)] {
			e.Paths = append(e.Paths, f.Path+" ("+f.Object.Class.Name+")")
		}
		if more := len(listed) - len(e.Paths); more > 0 {
			e.Paths = append(e.Paths, fmt.Sprintf("and %d more", more))
		}
		return e
	}
	switch {
	case selection == All && len(free) > 0, selection == "" && len(free) == 1:
		return free, nil
	case selection != "" && selection != All:
		if part, ok := s.part(selection); ok {
			return []sklearn.Found{part}, nil
		}
		return nil, refuse("no model at %s", selection)
	case len(free) > 1:
		return nil, refuse("%d models; choose by --select PATH, or --select all", len(free))
	case len(s.Found) > 0:
		return nil, refuse("%s is none that can be converted, though it holds models; --select PATH takes one", s.Found[0].Inside)
	}
	return nil, refuse("no tree model in it: the file holds %s", describe(s.Document.Root))
}

// part finds the object at a path inside an estimator.
func (s *Source) part(path string) (sklearn.Found, bool) {
	for i, root := range append([]pickle.Value{s.Document.Root}, s.Document.More...) {
		for _, whole := range []string{path, "model" + path} {
			if part, ok := sklearn.Part(root, rootName(i), whole); ok {
				return part, true
			}
		}
	}
	return sklearn.Found{}, false
}

// rootName is how paths name the i-th of the pickles in a file.
func rootName(i int) string {
	if i == 0 {
		return "model"
	}
	return fmt.Sprintf("model@%d", i+1)
}

// Read makes a model of what was chosen, and gives back the memory of the file, tree by tree and in the end.
func (s *Source) Read(f sklearn.Found) (Selected, error) {
	m, err := sklearn.ReadWith(f.Object, f.Path, s.options())
	if s.thinned() && s.thinner.Missed.Load() {
		s.thinner = nil
		if err := s.decode(); err != nil {
			return Selected{}, err
		}
		again, err := s.Choose(f.Path)
		if err != nil {
			return Selected{}, err
		}
		return s.Read(again[0])
	}
	s.File.Unload()
	if err != nil {
		return Selected{}, fault.InFile(err, s.File.Name)
	}
	m.Origin = append(s.origin(f), m.Origin...)
	return Selected{f.Path, m}, nil
}

// Summarise reads the head of what was chosen.
func (s *Source) Summarise(f sklearn.Found) (*sklearn.Summary, error) {
	return sklearn.SummariseWith(f.Object, f.Path, s.options())
}

func (s *Source) options() sklearn.Options {
	return sklearn.Options{Limits: s.lim.Model, Memory: s.lim.MaxMemory, Release: s.release, Thinner: s.thinner}
}

// release gives back the memory of an array that was read.
func (s *Source) release(a *pickle.NDArray) {
	s.File.Release(a.Data)
	if s.thinned() {
		a.Drop(&s.thinner.Missed)
	}
}

func (s *Source) thinned() bool { return s.thinner != nil && s.thinner.Trees > 0 }

// Only reads the one model that a selection names.
func (s *Source) Only(selection string) (Selected, error) {
	found, err := s.Choose(selection)
	if err != nil {
		return Selected{}, err
	}
	if len(found) != 1 {
		return Selected{}, fault.Unsupportedf(fault.Where{File: s.File.Name}, "%d models are selected, one is needed", len(found))
	}
	return s.Read(found[0])
}

func describe(v pickle.Value) string {
	if o, ok := v.(*pickle.Object); ok {
		return o.Class.String()
	}
	return pickle.Repr(v, 60)
}

// origin is what the file itself says of where the model comes from.
func (s *Source) origin(f sklearn.Found) model.Origin {
	d := s.Document
	o := model.Origin{{Key: model.KeyProducer, Value: Version()}, {Key: model.KeySource, Value: filepath.Base(s.File.Name)}}
	if f.Path != "model" {
		o = append(o, model.Property{Key: model.KeyPath, Value: f.Path})
	}
	if len(d.Layers) > 0 {
		o = append(o, model.Property{Key: model.KeyContainer, Value: strings.Join(d.Layers, " ")})
	}
	if d.Library == "" {
		o = append(o, model.Property{Key: model.KeyProtocol, Value: strconv.Itoa(d.Protocol)})
	}
	for _, hint := range Hints(d) {
		o = append(o, model.Property{Key: hint.Key, Value: hint.Value})
	}
	return o
}
