// Package pmml turns models into PMML 4.4 and back. Lower rewrites a model into what PMML can say, Write encodes that one
// to one, Read decodes it; Read(Write(Lower(m))) is Lower(m) to the bit.
//
// What the files say, and what engines make of it (JPMML-Evaluator 1.7.7, PMML4S 1.5.8):
//
//   - Splits: the child that a NaN does not take stands first with a comparison, the other one second with <True/>. With
//     PMML's missingValueStrategy "none", which is the default, a comparison with a missing value is not true, so NaN goes
//     where the original sends it, without ids and default children. Where the second child is a split, its children stand
//     in its place: a Node's children are comparisons, tried in order, and at last one that is true.
//   - A split at +infinity ("has a value") is written isMissing or isNotMissing. No infinity and no NaN is ever printed.
//   - Features are dataType "float" where the original rounds X to float32. JPMML-Evaluator rounds what it is given;
//     PMML4S does not, so its caller must.
//   - Probabilities are written as record counts. Both engines answer count / sum of the leaf's counts, in document order,
//     and average leaf answers in document order; counts are chosen so that each quotient is the original's probability
//     to the bit (see counts.go). The probability attribute would be renormalised by JPMML-Evaluator. Where there are no
//     such counts, there is a forest of numbers for each class.
//   - A leaf lists every class, in the order of the classes: PMML4S answers NaN for a class that is left out, and on ties
//     JPMML-Evaluator answers the class that the first tree's leaf lists first.
//   - Forests of two classes with pure leaves are sums of numbers instead, in the second way (see twoclasses.go).
//
// That is the way of forests right on the input. Any other program is taken apart into columns of numbers and text, each a
// field, in a chain of models (sheet.go, writesheet.go): steps become expressions (formula.go) of DerivedFields and, behind
// the ensembles that they read, of OutputFields; each output of an ensemble is a regression of its own; the last model
// repeats what is answered. Of that, JPMML-Evaluator makes:
//
//   - Fields of dataType "float" hold float32 numbers, whatever makes them. PMML4S rounds none of them: it answers programs
//     of float64 alone as they are, and rounds rows less where columns are made before they come to trees of float32.
//   - What is missing is NaN, and an empty text: columns of text have "" among their missing values. What arithmetic makes of
//     a missing value is missing; see formula.go for what needs a guard.
//   - Arithmetic of infinities that is NaN is an error, and so are whole numbers beyond 32 bits. 0 has no sign.
//   - Functions like exp are Java's, an ulp or two from numpy's; sums of weighted fields (matrix products) are added in
//     Java's order.
//   - Where the original refuses NaN or an unknown category, the fields do: missingValueTreatment="returnInvalid", and the
//     values that a DataField lists. It knows only columns that are read, and categories of the columns themselves.
//
// Every label and every bit of 613 models of scikit-learn 0.17 to 1.9 came out equal in both engines, on rows that stand on
// thresholds and rows with NaN. What is left: JPMML-Evaluator does not load labels beyond 32-bit integers; see also
// testdata/engine-faults.
package pmml

import (
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Options says what to write. The zero value is fine.
type Options struct {
	// Methods are scikit-learn's methods to answer. nil: predict and predict_proba, as far as the model has them, or else all
	// but apply, which PMML can't answer.
	Methods []string
	// Version is treeport's version, for the header. Empty: none is given.
	Version string
	// Near writes probabilities that no record counts stand for as near as counts come, within a few ulp, and labels where
	// the two largest are as near as that may differ. Without it such a forest (scikit-learn 1.3 and later makes them of
	// weighted samples) is written once for each class, exactly. Models of several targets are always written so.
	Near bool
	// Sparse leaves classes without records out of all leaves but the first tree's. That makes files of forests with many
	// classes several times smaller; JPMML-Evaluator answers the same, PMML4S answers NaN.
	Sparse bool
}

func (o Options) methods() (predict, proba bool, err error) {
	if o.Methods == nil {
		return true, true, nil
	}
	for _, m := range o.Methods {
		switch m {
		case model.Predict:
			predict = true
		case model.PredictProba:
			proba = true
		default:
			return false, false, fault.Unsupportedf(fault.Where{}, "PMML has no answer for the method %s", m)
		}
	}
	return predict, proba, nil
}

// Limits bound what Read accepts, and what it holds. A zero field means its default.
type Limits struct {
	Depth int // elements inside one another; default 100,000
	Cells int // leaf values of all trees; default 1<<26, or what a file of this size has where it leaves no class out
	// Nodes, Trees, Features and Classes are those of forest.Limits, copies of trees for further targets included.
	Nodes, Trees, Features, Classes int
	// Idle is told of parts of the data that are not needed for a while, so that a mapped file can give back their memory. It
	// may be called by several goroutines at the same time; default: nobody is told.
	Idle func(part []byte)
}

func (l Limits) withDefaults(size int) Limits {
	if l.Depth == 0 {
		l.Depth = 100_000
	}
	m := l.model().Limits()
	l.Nodes, l.Trees, l.Features, l.Classes = m.Nodes, m.Trees, m.Features, m.Classes
	if l.Cells == 0 {
		l.Cells = max(1<<26, size/len(`<ScoreDistribution value="" recordCount=""/>`))
	}
	if l.Idle == nil {
		l.Idle = func([]byte) {}
	}
	return l
}

// model are the limits of the model, from which nothing was taken.
func (l Limits) model() *forest.Budget {
	return forest.Limits{Nodes: l.Nodes, Trees: l.Trees, Features: l.Features, Classes: l.Classes}.Budget()
}

// inputName is the name of the one input: PMML names only its columns.
const inputName = "X"

// defaultColumn is sklearn2pmml's name for feature i where the model knows no names. Keeping to it lets the two tools'
// files be fed by the same code.
func defaultColumn(i int) string { return "x" + strconv.Itoa(i+1) }
