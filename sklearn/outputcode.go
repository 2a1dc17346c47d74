package sklearn

import (
	"slices"

	"github.com/seed-2867d59c/treeport/model"
)

// OutputCodeClassifier: sklearn/multiclass.py. Each class has a word of a number per binary estimator in code_book_; the class
// whose word is nearest to the estimators' scores is the answer, the first of several.
func readOutputCode(b *builder, e *object, x rows) (answers, error) {
	classes, err := classLabels(e)
	if err != nil {
		return nil, err
	}
	members, err := b.binaryMembers(e, x)
	if err != nil {
		return nil, err
	}
	book, ok := attrArray(e, "code_book_")
	if !ok || len(book.Shape) != 2 || book.Shape[0] != classes.Rows() || book.Shape[1] != len(members) {
		return nil, e.broken("code_book_ is no matrix of %d classes and %d estimators", classes.Rows(), len(members))
	}
	words, err := book.Float64s()
	if err != nil {
		return nil, e.broken("code_book_: %v", err)
	}
	if !e.rel.has(evenProducts) && haveEqual(words, len(members)) {
		return nil, e.unsupported("classes with equal words in code_book_: old BLAS tells them apart by rounding errors")
	}
	scores := make([]model.Ref, len(members))
	for i, m := range members {
		scores[i] = m.score
	}
	score := b.beside(scores)
	// The squared distance is that of the score from 0, less twice the product with the word, and that of the word from 0.
	var products []model.Ref
	squares := make([]float64, classes.Rows())
	for k := range squares {
		word := words[k*len(members) : (k+1)*len(members)]
		twice := make([]float64, len(word))
		for i, v := range word {
			twice[i] = -2 * v
			squares[k] += v * v
		}
		product := b.binary(model.Mul, model.Value(score), model.Vector(twice...))
		products = append(products, b.add(&model.Reduce{Fn: model.ReduceSum, X: product}))
	}
	var square model.Ref
	switch nearest := e.rel.has(nearestByBLAS); {
	case nearest && len(members) >= longestTail:
		return nil, e.unsupported("%d estimators: BLAS adds up so many squares in an order of its own", len(members))
	case nearest: // sklearn.metrics.pairwise_distances_argmin
		square = b.fusedSquares(score)
	default: // euclidean_distances; the scores lie in memory column by column, so that numpy.einsum adds in their order
		square = b.add(&model.Reduce{Fn: model.ReduceSum, X: b.binary(model.Mul, model.Value(score), model.Value(score))})
	}
	distance := b.binary(model.Add, model.Value(b.beside(products)), model.Value(square))
	distance = b.binary(model.Add, model.Value(distance), model.Vector(squares...))
	negative := b.binary(model.Less, model.Value(distance), model.Scalar(0))
	distance = b.where(negative, model.Scalar(0), model.Value(distance))
	if !e.rel.has(nearestByBLAS) {
		distance = b.unary(model.Sqrt, distance)
	}
	label := b.labelOfLargest(b.unary(model.Neg, distance), classes)
	return answers{output(model.Predict, 0, label)}, nil
}

// haveEqual tells whether two words of a length are the same.
func haveEqual(words []float64, length int) bool {
	var seen [][]float64
	for word := range slices.Chunk(words, length) {
		if slices.ContainsFunc(seen, func(other []float64) bool { return slices.Equal(word, other) }) {
			return true
		}
		seen = append(seen, word)
	}
	return false
}

// longestTail is from how many numbers on OpenBLAS's ddot no longer adds one by one on any machine of today.
const longestTail = 32

// fusedSquares adds up the squares of each row as OpenBLAS's ddot does with few numbers: from the first to the last, each
// square and sum rounded only once (a fused multiply-add). Equally near words are told apart by its last bit. The steps are
// Dekker's and Knuth's, which compute the rounding errors of products and sums.
func (b *builder) fusedSquares(x model.Ref) model.Ref {
	add := func(x, y model.Ref) model.Ref { return b.binary(model.Add, model.Value(x), model.Value(y)) }
	sub := func(x, y model.Ref) model.Ref { return b.binary(model.Sub, model.Value(x), model.Value(y)) }
	mul := func(x, y model.Ref) model.Ref { return b.binary(model.Mul, model.Value(x), model.Value(y)) }
	twoSum := func(x, y model.Ref) (sum, rest model.Ref) {
		sum = add(x, y)
		of := sub(sum, x)
		return sum, add(sub(x, sub(sum, of)), sub(y, of))
	}
	wide := b.binary(model.Mul, model.Value(x), model.Scalar(1<<27+1))
	high := sub(wide, sub(wide, x))
	low := sub(x, high)
	square, cross := mul(x, x), mul(high, low)
	rest := add(add(sub(mul(high, high), square), add(cross, cross)), mul(low, low))
	var total model.Ref
	for j := range b.width(x) {
		p, q := b.column(b.numbers(square), j), b.column(b.numbers(rest), j)
		if j == 0 {
			total = p
			continue
		}
		inner, lost := twoSum(total, q)
		outer, left := twoSum(p, inner)
		total = add(outer, add(lost, left))
	}
	return total
}
