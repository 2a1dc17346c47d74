package sklearn

import (
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// RandomTreesEmbedding: sklearn/ensemble/_forest.py (forest.py until 0.21), transform: the numbers of the leaves, encoded by
// one_hot_encoder_.

func readTreesEmbedding(b *builder, e *object, x rows) (answers, error) {
	leaves, encoded, err := b.embed(e, x)
	if err != nil {
		return nil, err
	}
	matrix, err := b.matrix(encoded)
	if err != nil {
		return nil, e.unsupported("%v", err)
	}
	return answers{output(model.Transform, 0, matrix), output(model.Apply, 0, leaves)}, nil
}

func transformTreesEmbedding(b *builder, e *object, x rows) (rows, error) {
	_, encoded, err := b.embed(e, x)
	return encoded, err
}

func (b *builder) embed(e *object, x rows) (leaves model.Ref, encoded rows, err error) {
	matrix, err := b.matrix(x)
	if err != nil {
		return 0, rows{}, e.unsupported("%v", err)
	}
	trees, err := readTrees(e)
	if err != nil {
		return 0, rows{}, err
	}
	f := b.forest(e, trees[0], len(trees[0].classes))
	f.Trees = make([]forest.Tree, len(trees))
	if err := parallel.Each(len(trees), func(i int) error { return trees[i].regression(&f.Trees[i]) }); err != nil {
		return 0, rows{}, err
	}
	leaves = b.add(&model.Leaves{X: matrix, Forest: f})
	encoder, err := e.child("one_hot_encoder_")
	if err != nil {
		return 0, rows{}, err
	}
	encoded, err = b.transform(encoder, b.numbers(b.toFloat64(leaves)))
	return leaves, encoded, err
}
