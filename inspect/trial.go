package inspect

import (
	"sync"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// A trial reads a model, lowers it into each format and counts the bytes that would be written: what convert does, but
// for the proof. It costs about as much as a conversion, so it is made of small files only, unless the user asks.
const (
	trialNodes   = 1_000_000 // of all models together
	trialColumns = 100_000   // of all models together; a file may claim any number
	trialBytes   = 128 << 20 // of the file, packed and unpacked
)

// try fills in the conversions of models that can be read, and what only a read model tells. all[i] describes s.Found[i], by
// what heads[i] says of it.
func try(s *convert.Source, all []Model, heads []*sklearn.Summary, o Options) {
	nodes, columns := 0, 0
	for i := range all {
		if all[i].Refused == "" {
			nodes += all[i].Nodes
			columns += all[i].Features
		}
	}
	small := nodes <= trialNodes && columns <= trialColumns && max(s.Document.Size, int64(len(s.File.Data))) <= trialBytes
	for i := range all {
		switch m := &all[i]; {
		case m.Refused != "":
		case !o.NoTrial && (small || o.Full):
			m.try(s, s.Found[i], heads[i])
		default:
			for _, f := range convert.Formats {
				m.Convert = append(m.Convert, Conversion{Format: f.Name, Outcome: Untried})
			}
		}
	}
}

func (m *Model) try(s *convert.Source, found sklearn.Found, head *sklearn.Summary) {
	selected, err := s.Read(found)
	if err != nil {
		m.Refused = err.Error()
		return
	}
	head.Complete(selected.Model)
	m.take(head)
	if m.Depth == nil {
		m.Depth = depth(selected.Model)
	}
	m.Convert = make([]Conversion, len(convert.Formats))
	var all sync.WaitGroup
	for i, f := range convert.Formats {
		all.Go(func() { m.Convert[i] = attempt(f, selected.Model) })
	}
	all.Wait()
}

func attempt(f convert.Format, m *model.Model) Conversion {
	refused := func(err error) Conversion {
		return Conversion{Format: f.Name, Outcome: Refused, Reason: err.Error()}
	}
	lowered, err := f.Lower(m, convert.Options{})
	if err != nil {
		return refused(err)
	}
	var size counter
	if err := f.Write(&size, lowered, convert.Options{}); err != nil {
		return refused(err)
	}
	return Conversion{Format: f.Name, Outcome: Converts, Bytes: int64(size)}
}

// depth of the deepest tree; nil if there is none.
func depth(m *model.Model) *int {
	deepest := -1
	for _, op := range m.Ops {
		if e, ok := op.(*model.Ensemble); ok {
			for i := range e.Forest.Trees {
				deepest = max(deepest, e.Forest.Trees[i].Depth())
			}
		}
	}
	if deepest < 0 {
		return nil
	}
	return &deepest
}

// counter is a writer that keeps nothing.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
