package sklearn

import (
	"slices"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// PolynomialFeatures: sklearn/preprocessing/_polynomial.py (_data.py until 0.24, data.py until 0.21). The columns are the products
// of 1 to degree columns in lexicographic order, each made of one with a factor less: until 0.21 the last factor is multiplied
// last, from 0.22 on the first one.

// maxTerms bounds the products, whose number is exponential in the degree, maxPower the degree.
const (
	maxTerms = 1 << 20
	maxPower = 1000
)

// polynomial is what the parameters say.
type polynomial struct {
	low, high int // degrees
	bias      bool
	repeats   bool // a column may be a factor more than once
}

func polynomialOf(e *object) (p polynomial, err error) {
	v, err := e.attr("degree")
	if err != nil {
		return p, err
	}
	if items, ok := asItems(v); ok && len(items) == 2 {
		low, ok1 := asInt(items[0])
		high, ok2 := asInt(items[1])
		if !ok1 || !ok2 {
			return p, e.broken("degree %s", pickle.Repr(v, 40))
		}
		p.low, p.high = low, high
	} else if p.high, ok = asInt(v); !ok {
		return p, e.broken("degree %s", pickle.Repr(v, 40))
	}
	if p.low < 0 || p.high < p.low {
		return p, e.broken("degree %s", pickle.Repr(v, 40))
	}
	if p.high > maxPower {
		return p, e.unsupported("degree %d", p.high)
	}
	bias, _ := e.Attr("include_bias")
	only, _ := e.Attr("interaction_only")
	p.bias, p.repeats = bias == true, only != true
	return p, nil
}

func transformPolynomial(b *builder, e *object, x rows) (rows, error) {
	p, err := polynomialOf(e)
	if err != nil {
		return rows{}, err
	}
	matrix, err := b.matrix(x)
	if err != nil {
		return rows{}, e.unsupported("%v", err)
	}
	if x.width > maxTerms {
		return rows{}, e.unsupported("over %d columns", maxTerms)
	}
	matrix = b.add(&model.Finite{X: b.toFloat64(matrix)})
	var parts []rows
	if p.bias {
		parts = append(parts, b.numbers(b.add(&model.Repeat{Like: matrix, Row: model.Vector(1).Row})))
	}
	count, terms, products := len(parts), [][]int{}, matrix
	for j := range x.width {
		terms = append(terms, []int{j})
	}
	for degree := 1; degree <= p.high && len(terms) > 0; degree++ {
		if degree > 1 {
			terms, products = b.raised(e, p, terms, products, matrix)
		}
		if count+len(terms) > maxTerms {
			return rows{}, e.unsupported("over %d products", maxTerms)
		}
		if degree >= p.low && len(terms) > 0 {
			parts = append(parts, b.numbers(products))
			count += len(terms)
		}
	}
	if e.has("n_output_features_") {
		if n, err := e.count("n_output_features_"); err != nil || n != count {
			return rows{}, e.broken("n_output_features_ is not %d, the number of products", count)
		}
	}
	return b.joined(e, parts)
}

// raised makes the terms with a factor more: of terms, which are products of columns of x. No terms: there are none, or more
// than maxTerms.
func (b *builder) raised(e *object, p polynomial, terms [][]int, products, x model.Ref) ([][]int, model.Ref) {
	width := b.width(x)
	// In lexicographic order of the new terms: which old term each is made of, and by which factor.
	var longer [][]int
	var from, factor []int
	add := func(term []int, old, by int) {
		longer, from, factor = append(longer, term), append(from, old), append(factor, by)
	}
	if e.rel.has(firstFactorLast) {
		for by := range width {
			for i, term := range terms {
				if term[0] > by || term[0] == by && p.repeats {
					add(append([]int{by}, term...), i, by)
				}
				if len(longer) > maxTerms {
					return longer, products
				}
			}
		}
	} else {
		for i, term := range terms {
			for by := term[len(term)-1]; by < width; by++ {
				if by > term[len(term)-1] || p.repeats {
					add(append(slices.Clone(term), by), i, by)
				}
				if len(longer) > maxTerms {
					return longer, products
				}
			}
		}
	}
	if len(longer) == 0 {
		return nil, products
	}
	left, right := b.add(&model.Take{X: products, Columns: from}), b.add(&model.Take{X: x, Columns: factor})
	return longer, b.binary(model.Mul, model.Value(left), model.Value(right))
}

// polynomialInputs counts the columns, which releases before 0.23 call n_input_features_.
func polynomialInputs(e *object) (in inputs, err error) {
	if in.features, err = e.count("n_features_in_", "n_input_features_"); err != nil {
		return in, err
	}
	in.names, err = featureNames(e, in.features)
	return in, err
}
