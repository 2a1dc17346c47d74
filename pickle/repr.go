package pickle

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Repr writes a value much as Python's repr would, at most limit bytes of it; what is longer ends in "...". Objects are
// their class followed by (...), arrays their shape and dtype. It is for people, and safe for values that hold themselves.
func Repr(v Value, limit int) string {
	r := repr{limit: limit}
	r.value(v)
	if r.full() {
		text := r.b.String()
		return strings.ToValidUTF8(text[:max(0, limit-3)], "") + "..."
	}
	return r.b.String()
}

type repr struct {
	b     strings.Builder
	limit int
	depth int
}

// full tells whether nothing more will be seen: it is what ends a walk over a value that holds itself.
func (r *repr) full() bool { return r.b.Len() > r.limit || r.depth > 50 }

func (r *repr) value(v Value) {
	if r.full() {
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	switch v := v.(type) {
	case nil, None:
		r.b.WriteString("None")
	case bool:
		r.b.WriteString(map[bool]string{true: "True", false: "False"}[v])
	case int64:
		r.b.WriteString(strconv.FormatInt(v, 10))
	case *big.Int:
		r.b.WriteString(v.String())
	case float64:
		r.b.WriteString(reprFloat(v))
	case complex128:
		fmt.Fprintf(&r.b, "%v", v)
	case Text:
		r.b.WriteString(quote(cut(string(v), r.limit)))
	case Bytes:
		r.b.WriteString("b" + strconv.QuoteToASCII(cut(string(v), r.limit)))
	case Global:
		r.b.WriteString(v.String())
	case *Tuple:
		r.items("(", v.Items, ")")
	case *List:
		r.items("[", v.Items, "]")
	case *Set:
		r.items("{", v.Items, "}")
	case *Dict:
		r.b.WriteByte('{')
		for i, k := range v.Keys {
			if i > 0 {
				r.b.WriteString(", ")
			}
			if r.full() {
				return
			}
			r.value(k)
			r.b.WriteString(": ")
			r.value(v.Values[i])
		}
		r.b.WriteByte('}')
	case *Object:
		r.b.WriteString(v.Class.Name + "(...)")
	case *NDArray:
		dtype := v.DType
		if v.thin != nil && v.thin.dtype.Fields != nil {
			dtype = v.thin.dtype
		}
		fmt.Fprintf(&r.b, "array(shape=%v, dtype=%v)", v.Shape, dtype)
	default:
		fmt.Fprintf(&r.b, "<%T>", v)
	}
}

func (r *repr) items(open string, items []Value, end string) {
	r.b.WriteString(open)
	for i, item := range items {
		if i > 0 {
			r.b.WriteString(", ")
		}
		if r.full() {
			return
		}
		r.value(item)
	}
	if open == "(" && len(items) == 1 {
		r.b.WriteByte(',')
	}
	r.b.WriteString(end)
}

func cut(s string, limit int) string {
	if len(s) > limit+1 {
		return s[:limit+1]
	}
	return s
}

// quote quotes text in single quotes, or in double ones where it holds a single quote, as Python does.
func quote(s string) string {
	q := strconv.Quote(s)
	if strings.Contains(s, "'") {
		return q
	}
	return "'" + strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`) + "'"
}

func reprFloat(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	case math.IsNaN(v):
		return "nan"
	}
	text := strconv.FormatFloat(v, 'g', -1, 64)
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(v, 'e', -1, 64)
	} else if a < 1e16 {
		text = strconv.FormatFloat(v, 'f', -1, 64)
	}
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
