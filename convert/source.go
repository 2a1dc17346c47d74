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
	"github.com/seed-2867d59c/treeport/store"
)

// All is the selection of every model in a file.
const All = "all"

// Source is an opened file of models.
type Source struct {
	File     *store.File
	Document *pickle.Document
	Found    []sklearn.Found // every estimator in it
}

// SHA256 is the digest of the file's bytes, in hex.
func (s *Source) SHA256() string {
	h := sha256.Sum256(s.File.Data)
	return hex.EncodeToString(h[:])
}

// Open reads a pickle or joblib file, executing nothing of it.
func Open(name string, lim pickle.Limits) (*Source, error) {
	file, err := store.Open(name)
	if err != nil {
		return nil, err
	}
	s, err := open(file, lim)
	if err != nil {
		file.Close()
	}
	return s, err
}

func open(file *store.File, lim pickle.Limits) (*Source, error) {
	doc, err := pickle.Decode(source(file), lim)
	if err != nil {
		return nil, err
	}
	s := &Source{File: file, Document: doc, Found: sklearn.Find(doc.Root, "model")}
	for i, more := range doc.More {
		s.Found = append(s.Found, sklearn.Find(more, fmt.Sprintf("model@%d", i+2))...)
	}
	return s, nil
}

// source hands a file to the decoder, which opens the files beside it that the model names.
func source(f *store.File) pickle.Source {
	return pickle.Source{Name: f.Name, Data: f.Data, Sibling: func(name string) (pickle.Source, error) {
		sibling, err := f.Sibling(name)
		if err != nil {
			return pickle.Source{}, err
		}
		return source(sibling), nil
	}}
}

// Close gives up the file. Models that were read stay good.
func (s *Source) Close() error { return s.File.Close() }

// Selected is a model that was taken out of a file.
type Selected struct {
	Path  string
	Model *model.Model
}

// Select reads the models that a selection names: "" for the only one there is, a path for the one that stands there,
// All for each. Where there is no such one, or not only one, the error lists the paths.
func (s *Source) Select(selection string) ([]Selected, error) {
	found, err := s.choose(selection)
	if err != nil {
		return nil, err
	}
	sum := make(chan string, 1)
	go func() { sum <- s.SHA256() }()
	digest := sync.OnceValue(func() string { return <-sum })
	defer func() {
		digest() // the file's bytes are in use until then
		s.File.Unload()
	}()
	all := make([]Selected, len(found))
	for i, f := range found {
		m, err := sklearn.Read(f.Object, f.Path)
		if err != nil {
			return nil, s.inFile(err)
		}
		m.Origin = append(s.origin(f, digest()), m.Origin...)
		all[i] = Selected{f.Path, m}
	}
	return all, nil
}

func (s *Source) choose(selection string) ([]sklearn.Found, error) {
	where := fault.Where{File: s.File.Name}
	var free []sklearn.Found // those that nothing but containers stand around
	for _, f := range s.Found {
		if f.Path == selection || f.Path == "model"+selection {
			return []sklearn.Found{f}, nil
		}
		if f.Inside == "" {
			free = append(free, f)
		}
	}
	switch {
	case selection == All && len(free) > 0:
		return free, nil
	case selection != "" && selection != All:
		return nil, fault.Unsupportedf(where, "no model at %s; there are: %s", selection, paths(s.Found))
	case len(free) == 1:
		return free, nil
	case len(free) > 1:
		return nil, fault.Unsupportedf(where, "%d models, choose by --select PATH or --select all: %s", len(free), paths(free))
	case len(s.Found) > 0:
		return nil, fault.Unsupportedf(where, "%s holds models, but is none that can be converted itself; --select takes one of them: %s",
			s.Found[0].Inside, paths(s.Found))
	}
	return nil, fault.Unsupportedf(where, "no tree model in it: the file holds %s", describe(s.Document.Root))
}

func describe(v pickle.Value) string {
	if o, ok := v.(*pickle.Object); ok {
		return o.Class.String()
	}
	return pickle.Repr(v, 60)
}

func paths(found []sklearn.Found) string {
	all := make([]string, len(found))
	for i, f := range found {
		all[i] = f.Path + " (" + f.Object.Class.Name + ")"
	}
	return strings.Join(all, ", ")
}

func (s *Source) inFile(err error) error { return fault.InFile(err, s.File.Name) }

// origin is what the file itself says of where the model comes from.
func (s *Source) origin(f sklearn.Found, digest string) model.Origin {
	d := s.Document
	o := model.Origin{{Key: model.KeyProducer, Value: Version()}, {Key: model.KeySource, Value: filepath.Base(s.File.Name)}, {Key: model.KeySHA256, Value: digest}}
	if f.Path != "model" {
		o = append(o, model.Property{Key: model.KeyPath, Value: f.Path})
	}
	if len(d.Layers) > 0 {
		o = append(o, model.Property{Key: model.KeyContainer, Value: strings.Join(d.Layers, " ")})
	}
	o = append(o, model.Property{Key: model.KeyProtocol, Value: strconv.Itoa(d.Protocol)})
	for _, hint := range Hints(d) {
		o = append(o, model.Property{Key: hint.Key, Value: hint.Value})
	}
	return o
}
