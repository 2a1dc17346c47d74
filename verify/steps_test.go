package verify_test

import (
	"math"
	"regexp"
	"testing"

	real "github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

// unseen are the cases in which a fault need not show: forests that see few numbers only, between which a threshold may stand
// anywhere, and tables so long that two rows of them hardly count.
var unseen = map[string]*regexp.Regexp{
	"thresholds": regexp.MustCompile("onehot|ordinal|bins|target_encoder|binarizer|function_minmax|columns_by_number"),
	"tables":     regexp.MustCompile("quantile|ordinal_given"),
}

// What a broken converter does behind steps is found too: the thresholds of a forest behind a scaler off by one number, two
// rows of a table of categories exchanged. Every kind of pipeline in testdata is broken so.
func TestProbesFindFaultsBehindSteps(t *testing.T) {
	faults := map[string]func(m *model.Model) bool{ // whether the fault can show
		"thresholds": func(m *model.Model) (can bool) {
			for _, op := range m.Ops {
				e, ok := op.(*model.Ensemble)
				if !ok {
					continue
				}
				for k := range e.Forest.Trees {
					tree := &e.Forest.Trees[k]
					for i := range tree.Feature {
						if tree.Feature[i] >= 0 && tree.Set(int32(i)) == nil && !math.IsInf(tree.Threshold[i], 0) {
							tree.Threshold[i] = float64(math.Nextafter32(float32(tree.Threshold[i]), float32(math.Inf(1))))
							can = true
						}
					}
				}
			}
			return can
		},
		"tables": func(m *model.Model) (can bool) {
			for _, op := range m.Ops {
				l, ok := op.(*model.Lookup)
				if ok && l.Table.Kind.IsFloat() && l.Table.Rows() > 1 {
					w := l.Table.RowLen()
					for j := range w {
						l.Table.Float[j], l.Table.Float[w+j] = l.Table.Float[w+j], l.Table.Float[j]
						can = can || l.Table.Float[j] != l.Table.Float[w+j]
					}
				}
			}
			return can
		},
	}
	for name, fault := range faults {
		shown, found := 0, 0
		for _, v := range real.EachCase(t, real.Classes("Pipeline")) {
			m, broken := v.Model(t), v.Model(t)
			if unseen[name].MatchString(v.Case) || !fault(broken) {
				continue
			}
			probes, err := verify.Probes(m, 1000)
			if err != nil {
				t.Fatal(err)
			}
			shown++
			check, err := verify.Models(m, broken, probes)
			if err == nil && check.Equal(verify.Tolerance{}) {
				t.Errorf("%s: not found in %s", name, v.Name())
				continue
			}
			found++
		}
		t.Logf("%s: found in %d of %d models", name, found, shown)
		if shown < 30 {
			t.Errorf("%s: only %d models", name, shown)
		}
	}
}
