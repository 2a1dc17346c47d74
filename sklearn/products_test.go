package sklearn_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

// A matrix product's sums have no certain order: BLAS adds as suits the machine. How far its answers may be off is a matter of its
// largest terms, not of its sum, and what it does to the answers of the whole a matter of the steps behind it. So the
// program is run again with every product off by its bound, to either side.

// shifted is a matrix product that is off by times its bound.
type shifted struct {
	*model.MatMul
	times float64
}

func (o *shifted) Moved(to []model.Ref) model.Op {
	return &shifted{o.MatMul.Moved(to).(*model.MatMul), o.times}
}

func (o *shifted) Eval(in []*model.Tensor) (*model.Tensor, error) {
	out, err := o.MatMul.Eval(in)
	if err != nil {
		return nil, err
	}
	terms := &model.MatMul{W: magnitudes(o.W)}
	bound, err := terms.Eval([]*model.Tensor{magnitudes(in[0])})
	if err != nil {
		return nil, err
	}
	step := 0x1p-53
	if out.Kind == model.Float32 {
		step = 0x1p-24
	}
	for i := range out.Float {
		out.Float[i] += o.times * bound.Float[i] * step * float64(o.W.Shape[0])
	}
	return out, nil
}

func magnitudes(t *model.Tensor) *model.Tensor {
	u := *t
	u.Float = slices.Clone(t.Float)
	for i, v := range u.Float {
		u.Float[i] = math.Abs(v)
	}
	return &u
}

// forgiveProducts makes answers the recorded ones where they are no farther off than products may be.
func forgiveProducts(t *testing.T, m *model.Model, in, got []*model.Tensor, recorded func(model.Output) *model.Tensor) {
	t.Helper()
	var sides [2][]*model.Tensor
	for i, times := range []float64{1, -1} {
		off := *m
		off.Ops = slices.Clone(m.Ops)
		found := false
		for j, op := range off.Ops {
			if product, ok := op.(*model.MatMul); ok {
				off.Ops[j], found = &shifted{product, times}, true
			}
		}
		if !found {
			return
		}
		var err error
		if sides[i], err = off.Run(in); err != nil {
			t.Fatal(err)
		}
	}
	for j, out := range m.Outputs {
		want := recorded(out)
		if want == nil || want.Len() != got[j].Len() {
			continue
		}
		high, low := sides[0][j], sides[1][j]
		for i := range want.Len() {
			switch {
			case !got[j].Kind.IsFloat() && high.Item(i) != low.Item(i) && want.Kind == got[j].Kind: // on the edge
				if want.Kind == model.String {
					got[j].Text[i] = want.Text[i]
				} else {
					got[j].Int[i] = want.Int[i]
				}
			case got[j].Kind.IsFloat() && want.Kind == got[j].Kind:
				slack := math.Max(math.Abs(high.Float[i]-got[j].Float[i]), math.Abs(low.Float[i]-got[j].Float[i]))
				if off := math.Abs(want.Float[i] - got[j].Float[i]); off <= 2*slack+nearULP*0x1p-53*math.Abs(want.Float[i]) { // the steps behind round as well
					got[j].Float[i] = want.Float[i]
				}
			}
		}
	}
}
