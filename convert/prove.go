package convert

import (
	"math/bits"
	"sync"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/verify"
)

// proof is what a written file is held against: what was meant, and what the source answers to probes.
type proof struct {
	format          Format
	source, lowered *model.Model
	options         Options

	asking sync.WaitGroup
	asked  *verify.Asked // nil without probes
	err    error
}

// begin lets the source answer while the file is written and read back, since there is a core idle now and then. What was begun must be
// ended.
func begin(format Format, source, lowered *model.Model, o Options) *proof {
	p := &proof{format: format, source: source, lowered: lowered, options: o}
	if o.Probes >= 0 {
		p.asking.Go(p.ask)
	}
	return p
}

func (p *proof) end() { p.asking.Wait() }

func (p *proof) ask() {
	rows := p.options.Probes
	if rows == 0 {
		rows = probesOf(p.source)
	}
	probes, err := verify.Probes(p.source, rows)
	if err == nil {
		p.asked, err = verify.Ask(p.source, p.lowered, probes)
	}
	p.err = err
}

// file reads a written file and holds it against what was meant (structure) and against the source (probes). The error is
// a *fault.Mismatch where they differ.
func (p *proof) file(name string) (*verify.Report, error) {
	file, err := store.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return p.data(file.Data, file.Release)
}

// data is file of the bytes of one; idle is told of parts that were read.
func (p *proof) data(data []byte, idle func(part []byte)) (*verify.Report, error) {
	back, err := p.format.Read(data, forest.Unlimited, p.lowered, idle)
	if err != nil {
		return nil, fault.Mismatchf(fault.Where{}, "what was written can't be read back: %v", err)
	}
	if err := model.Equal(p.lowered, back); err != nil {
		return nil, err
	}
	report := &verify.Report{Checks: []verify.Check{verify.StructureCheck(nil)}}
	p.asking.Wait()
	if p.err != nil {
		return nil, p.err
	}
	if p.asked == nil {
		return report, nil
	}
	check, err := p.asked.Compare(back)
	if err != nil {
		return nil, err
	}
	if check.Rows == 0 && check.Refused > 0 {
		return nil, fault.Unsupportedf(fault.Where{}, "a model that refuses all of %d rows, so that no answer tells whether the file is equal: %s", check.Refused, check.Why)
	}
	report.Checks = append(report.Checks, check)
	if tolerance := p.format.Tolerance(back); !check.Equal(tolerance) {
		return nil, fault.Mismatchf(fault.Where{}, "%s", report.Text(tolerance))
	}
	return report, nil
}

// probesOf is how many probe rows are made of a model where nobody says: rows may take so many steps down its trees.
func probesOf(m *model.Model) int {
	const usual, most = 1 << 19, 1 << 24
	perRow := 1
	for _, op := range m.Ops {
		if e, ok := op.(*model.Ensemble); ok {
			for k := range e.Forest.Trees {
				perRow += depth(&e.Forest.Trees[k])
			}
		}
	}
	rows := min(max(usual/perRow, FewestProbes), DefaultProbes)
	return max(min(rows, most/perRow), 1) // of chains of a million splits
}

// depth is about how many splits a row meets in a tree, be it bushy or a chain.
func depth(t *forest.Tree) int {
	deepest := bits.Len(uint(t.Len()))
	for _, child := range [][]int32{t.Left, t.Right} {
		n := 0
		for i := int32(0); !t.IsLeaf(i); i = child[i] {
			n++
		}
		deepest = max(deepest, n)
	}
	return deepest
}
