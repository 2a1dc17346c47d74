package convert_test

import (
	"errors"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// FuzzConvert converts whatever models bytes hold: what can't be done is refused before it is, since a proof that fails is a
// mistake of ours.
func FuzzConvert(f *testing.F) {
	vectors.Seed(f, 3, 20_000)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := convert.OpenData(data, convert.Limits{Limits: pickle.Limits{MaxMemory: 1 << 26}})
		if err == nil {
			_, err = convertAll(s)
		}
		if wrong(err) != nil {
			t.Error(err)
		}
	})
}

// convertAll converts the first small models of a source into every format, in memory, and tells how many models could be read. What is
// wrong with its bytes is no error.
func convertAll(s *convert.Source) (models int, _ error) {
	for _, found := range s.Found[:min(len(s.Found), 5)] {
		sel, err := s.Read(found)
		if wrong(err) != nil {
			return models, err
		}
		if err != nil {
			continue
		}
		models++
		if !small(sel.Model) {
			continue
		}
		for _, format := range convert.Formats {
			if err := convert.ConvertData(format, sel, convert.Options{Probes: 50}); wrong(err) != nil {
				return models, err
			}
		}
	}
	return models, nil
}

// wrong is the error if it is none that bytes may cause. That an artifact is not its model is none.
func wrong(err error) error {
	var broken *fault.Broken
	var unsupported *fault.Unsupported
	var big *fault.TooBig
	if errors.As(err, &broken) || errors.As(err, &unsupported) || errors.As(err, &big) {
		return nil
	}
	return err
}

// small tells whether a model is converted in some milliseconds.
func small(m *model.Model) bool {
	cells := 0
	for _, in := range m.Inputs {
		cells += in.Width
	}
	for _, op := range m.Ops {
		if e, ok := op.(*model.Ensemble); ok {
			for k := range e.Forest.Trees {
				cells += e.Forest.Trees[k].Len() + len(e.Forest.Trees[k].Value)
			}
		}
	}
	return cells < 5000 && len(m.Ops) < 500
}
