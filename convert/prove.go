package convert

import (
	"math/bits"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/verify"
)

// prove reads a written file and holds it against what was meant (structure) and against the source (probes). The error is
// a *fault.Mismatch where they differ.
func prove(format Format, name string, source, lowered *model.Model, o Options) (*verify.Report, error) {
	file, err := store.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return proveData(format, file.Data, file.Release, source, lowered, o)
}

// proveData is prove of the bytes of a file; idle is told of parts that were read.
func proveData(format Format, data []byte, idle func(part []byte), source, lowered *model.Model, o Options) (*verify.Report, error) {
	back, err := format.Read(data, forest.Unlimited, lowered, idle)
	if err != nil {
		return nil, fault.Mismatchf(fault.Where{}, "what was written can't be read back: %v", err)
	}
	if err := model.Equal(lowered, back); err != nil {
		return nil, err
	}
	report := &verify.Report{Checks: []verify.Check{verify.StructureCheck(nil)}}
	if o.Probes < 0 {
		return report, nil
	}
	rows := o.Probes
	if rows == 0 {
		rows = probesOf(source)
	}
	probes, err := verify.Probes(source, rows)
	if err != nil {
		return nil, err
	}
	check, err := verify.Models(source, back, probes)
	if err != nil {
		return nil, err
	}
	if check.Rows == 0 && check.Refused > 0 {
		return nil, fault.Unsupportedf(fault.Where{}, "a model that refuses all of %d rows, so that no answer tells whether the file is equal: %s", check.Refused, check.Why)
	}
	report.Checks = append(report.Checks, check)
	if tolerance := format.Tolerance(back); !check.Equal(tolerance) {
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
