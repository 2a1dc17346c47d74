package inspect

import "github.com/seed-2867d59c/treeport/pickle"

// walk visits every value below v, each container once, however often it is shared. visit answers whether to go on below
// an object. budget is how many values may be visited, and is counted down; false says that it ran out.
func walk(v pickle.Value, budget *int, visit func(*pickle.Object) bool) bool {
	seen := map[pickle.Value]bool{}
	var stack []pickle.Value
	push := func(items []pickle.Value) {
		for _, item := range items {
			if !isEmpty(item) {
				stack = append(stack, item)
			}
		}
		*budget -= len(items)
	}
	push([]pickle.Value{v})
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[v] {
			continue
		}
		if *budget <= 0 {
			return false
		}
		seen[v] = true
		switch v := v.(type) {
		case *pickle.List:
			push(v.Items)
		case *pickle.Tuple:
			push(v.Items)
		case *pickle.Set:
			push(v.Items)
		case *pickle.NDArray:
			push(v.Objects)
		case *pickle.Persistent:
			push([]pickle.Value{v.ID})
		case *pickle.Dict:
			push(v.Keys)
			push(v.Values)
		case *pickle.Object:
			if visit(v) {
				push(parts(v))
			}
		}
	}
	return true
}

// isEmpty tells whether there is nothing below a value.
func isEmpty(v pickle.Value) bool {
	switch v := v.(type) {
	case *pickle.List:
		return len(v.Items) == 0
	case *pickle.Tuple:
		return len(v.Items) == 0
	case *pickle.Dict:
		return len(v.Keys) == 0
	case *pickle.Set:
		return len(v.Items) == 0
	case *pickle.NDArray:
		return len(v.Objects) == 0
	case *pickle.Object, *pickle.Persistent:
		return false
	}
	return true
}

// parts are the values an object is made of.
func parts(o *pickle.Object) []pickle.Value {
	all := append([]pickle.Value{o.Call, o.State}, o.Args...)
	all = append(all, o.Items...)
	for _, d := range []*pickle.Dict{o.Named, o.Dict} {
		if d != nil {
			all = append(all, d)
		}
	}
	return all
}
