package onnx

import "github.com/seed-2867d59c/treeport/model"

// ONNX's operators of one item and of two. Functions that are not here are put together from these in Lower.
var (
	functions = map[model.Function]string{
		model.Neg: "Neg", model.Abs: "Abs", model.Sign: "Sign", model.Floor: "Floor", model.Ceil: "Ceil", model.Rint: "Round",
		model.Sqrt: "Sqrt", model.Exp: "Exp", model.Log: "Log", model.Sin: "Sin", model.Cos: "Cos", model.Tan: "Tan",
		model.Tanh: "Tanh", model.IsNaN: "IsNaN", model.Not: "Not",
	}
	operations = map[model.Operation]string{
		model.Add: "Add", model.Sub: "Sub", model.Mul: "Mul", model.Quotient: "Div", model.Pow: "Pow",
		model.Less: "Less", model.LessOrEqual: "LessOrEqual", model.Greater: "Greater", model.GreaterOrEqual: "GreaterOrEqual",
		model.Equals: "Equal", model.And: "And", model.Or: "Or",
	}
	functionOf  = inverse(functions)
	operationOf = inverse(operations)
)

func inverse[K, V comparable](m map[K]V) map[V]K {
	n := make(map[V]K, len(m))
	for k, v := range m {
		n[v] = k
	}
	return n
}
