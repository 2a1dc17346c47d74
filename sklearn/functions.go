package sklearn

import (
	"math"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// FunctionTransformer: sklearn/preprocessing/_function_transformer.py. Nothing is called: a function of numpy is known by its
// name, others are refused.

func transformFunction(b *builder, e *object, x rows) (rows, error) {
	if pass, ok := e.Attr("pass_y"); ok && pass == true {
		return rows{}, e.unsupported("pass_y")
	}
	validate, _ := e.Attr("validate")
	if _, none := validate.(pickle.None); none && !e.rel.has(unvalidatedFunctions) || validate == true {
		matrix, err := b.matrix(x)
		if err != nil {
			return rows{}, e.unsupported("%v", err)
		}
		x = b.numbers(b.add(&model.Finite{X: b.toFloat64(matrix)}))
	}
	return b.function(e, "func", "kw_args", x)
}

// function applies the function in an attribute to the rows; None is the identity.
func (b *builder) function(e *object, attr, arguments string, x rows) (rows, error) {
	if !e.has(attr) {
		return x, nil
	}
	if d, _ := e.Attr(arguments); d != nil {
		if d, ok := d.(*pickle.Dict); ok && len(d.Keys) > 0 {
			return rows{}, e.unsupported("arguments %s", pickle.Repr(d, 60))
		}
	}
	v, _ := e.Attr(attr)
	name, ok := numpyFunction(v)
	fn := numpyFunctions[name]
	if ok && fn == nil {
		return rows{}, e.unsupported("the function numpy.%s", name)
	}
	if !ok {
		return rows{}, e.unsupported("the function %s", pickle.Repr(v, 60))
	}
	matrix, err := b.matrix(x)
	if err != nil {
		return rows{}, e.unsupported("%v", err)
	}
	y := b.numbers(fn(b, b.toFloat64(matrix)))
	y.names = x.names
	return y, nil
}

// numpyFunction is the name of a function of numpy: a global (numpy log, numpy.core._multiarray_umath log), or what
// numpy.core._ufunc_reconstruct("numpy.core...", "log") would find.
func numpyFunction(v pickle.Value) (string, bool) {
	switch v := v.(type) {
	case pickle.Global:
		return v.Name, v.Module == "numpy" || strings.HasPrefix(v.Module, "numpy.")
	case *pickle.Object:
		if v.Class.Name != "_ufunc_reconstruct" || len(v.Args) != 2 {
			return "", false
		}
		// The module is the first one in which Python 2 met a ufunc of that name.
		module, ok1 := pickle.AsString(v.Args[0])
		name, ok2 := pickle.AsString(v.Args[1])
		top, _, _ := strings.Cut(module, ".")
		return name, ok1 && ok2 && slices.Contains([]string{"numpy", "scipy", "sklearn", "pandas"}, top)
	}
	return "", false
}

// numpyFunctions are those of numpy's functions of one array that a program can say.
var numpyFunctions = map[string]func(b *builder, x model.Ref) model.Ref{
	"absolute": one(model.Abs), "abs": one(model.Abs), "fabs": one(model.Abs), "negative": one(model.Neg), "sign": one(model.Sign),
	"floor": one(model.Floor), "ceil": one(model.Ceil), "rint": one(model.Rint), "trunc": one(model.Trunc), "fix": one(model.Trunc),
	"sqrt": one(model.Sqrt), "exp": one(model.Exp), "expm1": one(model.Expm1), "log": one(model.Log), "log1p": one(model.Log1p),
	"sin": one(model.Sin), "cos": one(model.Cos), "tan": one(model.Tan), "tanh": one(model.Tanh),
	"positive": func(_ *builder, x model.Ref) model.Ref { return x },
	"square": func(b *builder, x model.Ref) model.Ref {
		return b.binary(model.Mul, model.Value(x), model.Value(x))
	},
	"reciprocal": func(b *builder, x model.Ref) model.Ref {
		return b.binary(model.Quotient, model.Scalar(1), model.Value(x))
	},
	"exp2": func(b *builder, x model.Ref) model.Ref {
		return b.binary(model.Pow, model.Scalar(2), model.Value(x))
	},
	"log2":  logarithm(math.Ln2),
	"log10": logarithm(math.Ln10),
	"deg2rad": func(b *builder, x model.Ref) model.Ref {
		return b.binary(model.Mul, model.Value(x), model.Scalar(math.Pi/180))
	},
}

func one(fn model.Function) func(b *builder, x model.Ref) model.Ref {
	return func(b *builder, x model.Ref) model.Ref { return b.unary(fn, x) }
}

// logarithm is the logarithm to the base e^scale.
func logarithm(scale float64) func(b *builder, x model.Ref) model.Ref {
	return func(b *builder, x model.Ref) model.Ref {
		return b.binary(model.Quotient, model.Value(b.unary(model.Log, x)), model.Scalar(scale))
	}
}
