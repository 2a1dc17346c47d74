package sklearn

import (
	"cmp"
	"slices"
	"sync"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/xgboost"
)

// file is what is known of a file while one of its estimators is read. Pickles share objects, and an object may hold itself:
// what a few bytes say may be very much work, which is bounded here.
type file struct {
	inputs map[*pickle.Object]inputsAnswer
	depth  int // estimators inside each other that are asked for their inputs
	budget *forest.Budget
	memory int64 // for the values of a booster of XGBoost
	// release is told of arrays that were read.
	release func(a *pickle.NDArray)
	thinner *Thinner // may be nil

	mu           sync.Mutex // of what follows: trees are read in parallel
	met          map[*pickle.Object]meeting
	first, again int // bytes that were read for the first time, and again
}

type inputsAnswer struct {
	inputs
	err error
}

// meeting is what is known of an object that was met.
type meeting uint8

const (
	wasRead    meeting = 1 << iota
	wasCounted         // its trees and nodes are in the budget
)

func newFile(o Options) *file {
	f := &file{inputs: map[*pickle.Object]inputsAnswer{}, met: map[*pickle.Object]meeting{}, budget: o.Limits.Budget(), memory: o.Memory, release: o.Release, thinner: o.Thinner}
	if f.release == nil {
		f.release = func(*pickle.NDArray) {}
	}
	return f
}

// counts tells whether the trees of an object are counted now: once, however often they are read.
func (f *file) counts(o *object) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	counted := f.met[o.Object]&wasCounted != 0
	f.met[o.Object] |= wasCounted
	return !counted
}

// countTree counts the tree that an object is, before it is read.
func (o *object) countTree(nodes int) error {
	trees := 1
	if !o.file.counts(o) {
		trees, nodes = 0, 0
	}
	return cmp.Or(o.file.budget.Trees(o.where(), trees), o.file.budget.Nodes(o.where(), nodes))
}

// budgetOf is the budget for a booster.
func (f *file) budgetOf(o *object) *forest.Budget {
	if !f.counts(o) {
		return forest.Unlimited.Budget()
	}
	return f.budget
}

// xgboostLimits are for the model in an object, or for the head of one where there is none.
func (f *file) xgboostLimits(holder *object) xgboost.Limits {
	lim := xgboost.Limits{Memory: f.memory, Model: f.budget}
	if holder != nil {
		lim.Model = f.budgetOf(holder)
	}
	return lim
}

// inputsOnce asks an estimator for its inputs, once however often it stands in the file.
func (f *file) inputsOnce(e *object, ask func() (inputs, error)) (inputs, error) {
	answer, asked := f.inputs[e.Object]
	if !asked {
		f.inputs[e.Object] = inputsAnswer{err: e.broken("it stands inside itself")} // as long as it is being asked
		if f.depth++; f.depth > maxDepth {
			answer.err = fault.TooBigf(e.where(), "", "estimators more than %d deep inside each other", maxDepth)
		} else {
			answer.inputs, answer.err = ask()
		}
		f.depth--
		f.inputs[e.Object] = answer
	}
	in := answer.inputs // who asks may change what is in it
	in.text, in.unused = slices.Clone(in.text), slices.Clone(in.unused)
	return in, answer.err
}

// What is read again may be so many bytes, beside so many times those that were read once: calibration, selection and the like
// ask one estimator several times.
const (
	mostAgain  = 1 << 26
	timesAgain = 8
)

// reads keeps account of bytes of an object that are read.
func (f *file) reads(e *object, bytes int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.met[e.Object]&wasRead != 0 {
		f.again += bytes
	} else {
		f.met[e.Object] |= wasRead
		f.first += bytes
	}
	if f.again > mostAgain+timesAgain*f.first {
		return fault.TooBigf(e.where(), "", "the same estimators stand too often inside others")
	}
	return nil
}

// weight is roughly how many bytes an object's own attributes are, without the objects in them.
func weight(v pickle.Value, depth int) int {
	switch v := v.(type) {
	case *pickle.NDArray:
		return 64 + len(v.Data) + 16*len(v.Objects)
	case *pickle.Dict:
		return 64 + weights(v.Values, depth)
	case *pickle.List:
		return 64 + weights(v.Items, depth)
	case *pickle.Tuple:
		return 64 + weights(v.Items, depth)
	case pickle.Bytes:
		return len(v)
	case pickle.Text:
		return len(v)
	}
	return 16
}

func weights(all []pickle.Value, depth int) (sum int) {
	if depth == 0 {
		return 16 * len(all)
	}
	for _, v := range all {
		sum += weight(v, depth-1)
	}
	return sum
}
