package xgboost

import (
	"encoding/json"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
)

// jsonReader reads JSON as XGBoost writes it (src/common/json.cc, JsonReader): with NaN and Infinity, which encoding/json
// refuses, whole numbers apart from floats, and floats in float32.
type jsonReader struct {
	data   []byte
	at     int
	budget *budget
}

func (r *jsonReader) broken(format string, args ...any) error {
	return fault.Brokenf(fault.At(int64(r.at)), format, args...)
}

// peek is the next byte that is no blank; 0 at the end.
func (r *jsonReader) peek() byte {
	for ; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (r *jsonReader) expect(mark byte) error {
	if c := r.peek(); c != mark {
		return r.broken("%q in JSON where %q belongs", c, mark)
	}
	r.at++
	return nil
}

func (r *jsonReader) value(depth int) (value, error) {
	if depth > deepest {
		return nil, r.broken("values more than %d deep inside each other", deepest)
	}
	if err := r.budget.take(valueCost); err != nil {
		return nil, err
	}
	switch r.peek() {
	case '{':
		return r.object(depth)
	case '[':
		return r.list(depth)
	case '"':
		return r.text()
	}
	return r.word()
}

func (r *jsonReader) object(depth int) (value, error) {
	r.at++ // {
	o := object{}
	if r.peek() == '}' {
		r.at++
		return o, nil
	}
	for {
		if c := r.peek(); c != '"' {
			return nil, r.broken("%q in JSON where a key belongs", c)
		}
		key, err := r.text()
		if err != nil {
			return nil, err
		}
		if err := r.expect(':'); err != nil {
			return nil, err
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, there := o[key]; !there {
			o[key] = v
		}
		if r.peek() != ',' {
			return o, r.expect('}')
		}
		r.at++
	}
}

func (r *jsonReader) list(depth int) (value, error) {
	r.at++ // [
	all := list{}
	if r.peek() == ']' {
		r.at++
		return all, nil
	}
	for {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
		if r.peek() != ',' {
			return all, r.expect(']')
		}
		r.at++
	}
}

// text is a string with its escapes.
func (r *jsonReader) text() (string, error) {
	start := r.at
	for r.at++; r.at < len(r.data) && r.data[r.at] != '"'; r.at++ {
		if r.data[r.at] == '\\' {
			r.at++
		}
	}
	if r.at >= len(r.data) {
		r.at = start
		return "", r.broken("a text in JSON without end")
	}
	r.at++
	var s string
	if err := json.Unmarshal(r.data[start:r.at], &s); err != nil {
		return "", r.broken("a text in JSON: %v", err)
	}
	return s, r.budget.take(len(s) + valueCost)
}

// word is a number or one of the names.
func (r *jsonReader) word() (value, error) {
	start := r.at
	for r.at < len(r.data) && (r.data[r.at] >= '0' && r.data[r.at] <= '9' || r.data[r.at]|0x20 >= 'a' && r.data[r.at]|0x20 <= 'z' ||
		r.data[r.at] == '+' || r.data[r.at] == '-' || r.data[r.at] == '.') {
		r.at++
	}
	switch word := string(r.data[start:r.at]); word {
	case "null":
		return nil, nil
	case "true", "false":
		return word == "true", nil
	default:
		if i, err := strconv.ParseInt(word, 10, 64); err == nil {
			return i, nil
		}
		if f, err := strconv.ParseFloat(word, 32); err == nil {
			return f, nil
		}
		r.at = start
		return nil, r.broken("%q in JSON, which is no value", word)
	}
}
