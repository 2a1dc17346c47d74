package onnx

import (
	"fmt"

	"github.com/seed-2867d59c/treeport/model"
)

// step encodes step i, and says how many of the following ones it has encoded along with it.
func (e *encoder) step(i int) (fused int, err error) {
	out := e.names[len(e.m.Inputs)+i]
	in := func(refs ...model.Ref) (names []string) {
		for _, r := range refs {
			names = append(names, e.names[r])
		}
		return names
	}
	simple := func(op string, x model.Ref, constant *model.Tensor, what string, attrs ...*message) {
		names := in(x)
		if constant != nil {
			names = append(names, e.constant(out, what, constant))
		}
		e.node("", op, names, []string{out}, attrs...)
	}
	operand := func(a model.Operand, what string) string {
		if a.Row != nil {
			return e.constant(out, what, a.Row)
		}
		return e.names[a.Ref]
	}
	switch op := e.m.Ops[i].(type) {
	case *model.Ensemble:
		return e.ensemble(i, op)
	case *model.Cast:
		simple("Cast", op.X, nil, "", intAttr("to", elemType(op.To)))
	case *model.Lookup:
		e.node("", "Gather", []string{e.table(out, op.Table), e.names[op.X]}, []string{out}, intAttr("axis", 0))
	case *model.RowSum:
		e.rowSum(op, out)
	case *model.CumSum:
		simple("CumSum", op.X, scalar(model.Int64, 1), "axis")
	case *model.Pick:
		simple("Gather", op.X, scalar(model.Int64, float64(op.Index)), "index", intAttr("axis", 1))
	case *model.Take:
		simple("Gather", op.X, vector(wide(op.Columns)...), "columns", intAttr("axis", 1))
	case *model.Div:
		simple("Div", op.X, scalar(e.types[op.X].Kind, op.By), "by")
	case *model.Offset:
		simple("Add", op.X, vector(op.By...), "by")
	case *model.ArgMax:
		simple("ArgMax", op.X, nil, "", intAttr("axis", 1), intAttr("keepdims", 0))
	case *model.Order:
		n := e.types[op.X].Row[0]
		e.node("", "TopK", append(in(op.X), e.constant(out, "k", vector(int64(n)))), []string{e.free(out + ".sorted"), out},
			intAttr("axis", 1), intAttr("largest", 0), intAttr("sorted", 1))
	case *model.Slice:
		e.node("", "Slice", append(in(op.X), e.constant(out, "starts", vector(int64(op.From))), e.constant(out, "ends", vector(int64(op.To))),
			e.constant(out, "axes", vector(1))), []string{out})
	case *model.Concat:
		e.node("", "Concat", in(op.Xs...), []string{out}, intAttr("axis", 1))
	case *model.Reshape:
		simple("Reshape", op.X, vector(append([]int64{0}, wide(op.Row)...)...), "shape") // 0: as many rows as before
	case *model.Unary:
		name := functions[op.Fn]
		if name == "" {
			return 0, fmt.Errorf("no ONNX operator")
		}
		simple(name, op.X, nil, "")
	case *model.Binary:
		name := operations[op.Fn]
		if name == "" {
			return 0, fmt.Errorf("no ONNX operator")
		}
		e.node("", name, []string{operand(op.A, "a"), operand(op.B, "b")}, []string{out})
	case *model.Where:
		e.node("", "Where", []string{e.names[op.Cond], operand(op.A, "a"), operand(op.B, "b")}, []string{out})
	case *model.Reduce:
		if op.Fn != model.ReduceMax {
			return 0, fmt.Errorf("no ONNX operator that keeps the order of sums")
		}
		simple("ReduceMax", op.X, nil, "", signedInts("axes", []int64{-1}), intAttr("keepdims", 1))
	case *model.MatMul:
		simple("MatMul", op.X, op.W, "w")
	case *model.Index:
		if op.Keys.Kind != model.String || op.Refuses {
			return 0, fmt.Errorf("no ONNX operator")
		}
		e.node(mlOpset, "LabelEncoder", in(op.X), []string{out}, e.labelEncoder(op)...)
	default:
		return 0, fmt.Errorf("no ONNX operator")
	}
	return 0, nil
}

func wide(items []int) []int64 {
	all := make([]int64, len(items))
	for i, v := range items {
		all[i] = int64(v)
	}
	return all
}

// labelEncoder are the attributes of a LabelEncoder from text to places; ai.onnx.ml 1 knows places only, from 2 on any integers.
func (e *encoder) labelEncoder(op *model.Index) []*message {
	keys := op.Keys.Text
	otherwise := intAttr("default_int64", op.Unknown)
	if e.o.MLOpset == 1 {
		return []*message{stringsAttr("classes_strings", keys), otherwise}
	}
	return []*message{stringsAttr("keys_strings", keys), signedInts("values_int64s", counting(0, op.Keys.Len()).Int), otherwise}
}
