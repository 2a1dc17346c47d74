package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// Attributes of a node as they are read: single values, and lists item by item.

func (n *node) int(name string, otherwise int64) (int64, error) {
	a, ok := n.attrs[name]
	if !ok {
		return otherwise, nil
	}
	err := fields(a, func(f number, v uint64, _ []byte) error {
		if f == attrI {
			otherwise = int64(v)
		}
		return nil
	})
	return otherwise, err
}

func (n *node) text(name, otherwise string) (string, error) {
	a, ok := n.attrs[name]
	if !ok {
		return otherwise, nil
	}
	err := fields(a, func(f number, _ uint64, b []byte) error {
		if f == attrS {
			otherwise = string(b)
		}
		return nil
	})
	return otherwise, err
}

func (n *node) strings(name string) ([]string, error) {
	var all []string
	err := fields(n.attrs[name], func(f number, _ uint64, b []byte) error {
		if f == attrStrings {
			all = append(all, string(b))
		}
		return nil
	})
	return all, err
}

// listOf is a list of integers as a constant.
func listOf(l *list) *model.Tensor {
	t := &model.Tensor{Kind: model.Int64}
	for {
		v, ok := l.next()
		if !ok {
			t.Shape = []int{len(t.Int)}
			return t
		}
		t.Int = append(t.Int, int64(v))
	}
}

// list is a list of numbers that is read item by item, from an attribute or from the raw data of a tensor in it. Every list
// of a forest is as long as the forest, so none is ever decoded as a whole.
type list struct {
	data  []byte // fields that are still to be read
	run   []byte // rest of a packed field
	field number
	size  int // bytes of an item; 0 for varints
	bad   bool
}

// ints is the list of integers of an attribute; nil if there is none.
func (n *node) ints(name string) *list { return n.list(name, attrInts, 0) }

func (n *node) list(name string, field number, size int) *list {
	a, ok := n.attrs[name]
	if !ok {
		return nil
	}
	return &list{data: a, field: field, size: size}
}

// floats is the list of numbers of an attribute, or of the tensor in the attribute name+suffix; nil if there is none.
func (n *node) floats(name, suffix string) (*list, error) {
	if l := n.list(name, attrFloats, 4); l != nil && !l.empty() {
		return l, nil
	}
	return n.tensorList(name + suffix)
}

// tensorList is the content of an attribute that is a tensor of numbers (or uint8).
func (n *node) tensorList(name string) (*list, error) {
	a, ok := n.attrs[name]
	if !ok {
		return nil, nil
	}
	l := &list{size: -1}
	err := fields(a, func(f number, _ uint64, b []byte) error {
		if f != attrT {
			return nil
		}
		var elem int64
		err := fields(b, func(f number, v uint64, b []byte) error {
			switch f {
			case tensorType:
				elem = int64(v)
			case tensorRaw:
				l.run = b
			case tensorExternal:
				return fault.Unsupportedf(fault.Where{}, "constants in a file beside the model")
			}
			return nil
		})
		if err != nil {
			return err
		}
		switch elem {
		case elemFloat:
			l.size, l.field = 4, tensorFloats
		case elemDouble:
			l.size, l.field = 8, tensorDoubles
		case elemUint8:
			l.size, l.field = 1, tensorInt32s
		}
		if l.run == nil {
			l.data = b
			if elem == elemUint8 {
				l.size = 0
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if l.size < 0 {
		return nil, fault.Unsupportedf(fault.Where{}, "attribute %s of another type", name)
	}
	return l, nil
}

// empty tells whether nothing is left.
func (l *list) empty() bool {
	for len(l.run) == 0 && len(l.data) > 0 {
		n, typ, size := protowire.ConsumeTag(l.data)
		if size < 0 {
			l.bad = true
			return true
		}
		if n == l.field {
			if typ == bytesT {
				b, m := protowire.ConsumeBytes(l.data[size:])
				if m < 0 {
					l.bad = true
					return true
				}
				l.run, l.data = b, l.data[size+m:]
				continue
			}
			return false
		}
		m := protowire.ConsumeFieldValue(n, typ, l.data[size:])
		if m < 0 {
			l.bad = true
			return true
		}
		l.data = l.data[size+m:]
	}
	return len(l.run) == 0
}

// rest is how many items are left, none of which is taken.
func (l *list) rest() (n int) {
	if l == nil {
		return 0
	}
	ahead := *l
	for !ahead.empty() && !ahead.bad {
		switch run := ahead.run; {
		case len(run) == 0:
			ahead.next()
			n++
		case ahead.size == 0:
			for _, b := range run {
				n += int(^b >> 7) // as many varints as bytes without a sequel
			}
			ahead.run = nil
		default:
			n += len(run) / ahead.size
			ahead.run = nil
		}
	}
	return n
}

// ended tells whether all items were taken, and were whole.
func (l *list) ended() bool { return l == nil || l.empty() && !l.bad }

// next is the next item, as the bits of the list's type; false at the end.
func (l *list) next() (uint64, bool) {
	if l == nil || l.bad || len(l.run) == 0 && l.empty() {
		return 0, false
	}
	if len(l.run) == 0 { // a list that is not packed: one field per item
		_, _, size := protowire.ConsumeTag(l.data)
		l.data = l.data[size:]
		v, m := l.item(l.data)
		l.data = l.data[m:]
		return v, !l.bad
	}
	v, m := l.item(l.run)
	l.run = l.run[m:]
	return v, !l.bad
}

// uint32s are the items that are left, none of which may be larger.
func (l *list) uint32s() ([]uint32, error) {
	if l == nil {
		return nil, nil
	}
	l.empty() // goes to the first run
	n := 0
	for _, b := range l.run {
		n += int(^b >> 7)
	}
	return l.appendTo(make([]uint32, 0, n)) // as many varints as bytes without a sequel; what is not packed follows
}

func (l *list) appendTo(out []uint32) ([]uint32, error) {
	for {
		if l.size == 0 {
			out, l.run = appendUint32s(out, l.run)
		}
		v, ok := l.next()
		if !ok {
			return out, l.end()
		}
		if v > math.MaxUint32 {
			return nil, fmt.Errorf("the number %d in a list", v)
		}
		out = append(out, uint32(v))
	}
}

// appendUint32s decodes varints of up to four bytes, until one is longer or only a few bytes are left.
func appendUint32s(out []uint32, run []byte) ([]uint32, []byte) {
	for len(run) >= 8 {
		word := binary.LittleEndian.Uint32(run)
		switch {
		case word&0x80 == 0:
			out, run = append(out, word&0x7f), run[1:]
		case word&0x8000 == 0:
			out, run = append(out, word&0x7f|word>>1&0x3f80), run[2:]
		case word&0x800000 == 0:
			out, run = append(out, word&0x7f|word>>1&0x3f80|word>>2&0x1fc000), run[3:]
		case word&0x80000000 == 0:
			out, run = append(out, word&0x7f|word>>1&0x3f80|word>>2&0x1fc000|word>>3&0xfe00000), run[4:]
		default:
			return out, run
		}
	}
	return out, run
}

// errUnpacked says that a list of varints does not stand in one piece.
var errUnpacked = errors.New("a list in several pieces")

// starts are where the items begin that have the given numbers, in rising order, and behind them where the list ends. The list must
// stand in one piece.
func (l *list) starts(items []uint32) ([]int, error) {
	if l == nil || l.size != 0 {
		return nil, errUnpacked
	}
	l.empty()
	if whole := *l; len(l.run) > 0 {
		if whole.run = nil; !whole.empty() || whole.bad {
			return nil, errUnpacked
		}
	}
	run, at, item := l.run, 0, uint32(0)
	out := make([]int, 0, len(items)+1)
	for _, next := range items {
		for item < next && at < len(run) {
			if len(run)-at >= 8 { // an item ends with each byte whose highest bit is not set
				word := binary.LittleEndian.Uint64(run[at:])
				if ends := uint32(bits.OnesCount64(^word & 0x8080808080808080)); item+ends < next {
					item, at = item+ends, at+8
					continue
				}
			}
			if run[at] < 0x80 {
				item++
			}
			at++
		}
		out = append(out, at)
	}
	return append(out, len(run)), nil
}

// between decodes the varints that stand between two places of starts.
func (l *list) between(out []uint32, from, to int) ([]uint32, error) {
	part := list{run: l.run[from:to]}
	return part.appendTo(out)
}

// flags are the items that are left, none of which may be larger than 127. They alias the file where that is possible.
func (l *list) flags() ([]byte, error) {
	if l == nil {
		return nil, nil
	}
	l.empty()
	if whole := *l; l.size <= 1 && len(l.run) > 0 && below128(l.run) {
		whole.run = nil
		if whole.empty() {
			return l.run, whole.end()
		}
	}
	var out []byte
	for {
		v, ok := l.next()
		if !ok {
			return out, l.end()
		}
		if v > 127 {
			return nil, fmt.Errorf("the number %d in a list", v)
		}
		out = append(out, byte(v))
	}
}

// below128 tells whether no byte is larger.
func below128(run []byte) bool {
	all := uint64(0)
	for ; len(run) >= 8; run = run[8:] {
		all |= binary.LittleEndian.Uint64(run)
	}
	for _, b := range run {
		all |= uint64(b)
	}
	return all&0x8080808080808080 == 0
}

// end is the error of a list that ended early.
func (l *list) end() error {
	if l.bad {
		return fault.Brokenf(fault.Where{}, "a list that ends in the middle of an item")
	}
	return nil
}

// numbers are floating point numbers in the bytes of a file, of 4 or 8 bytes.
type numbers struct {
	data []byte
	size int
}

// numbers are the items that are left; they alias the file where they stand in one piece.
func (l *list) numbers() (numbers, error) {
	if l == nil {
		return numbers{size: 8}, nil
	}
	if l.size != 4 && l.size != 8 {
		return numbers{}, fault.Unsupportedf(fault.Where{}, "numbers of another type")
	}
	l.empty()
	whole := *l
	if whole.run = nil; whole.empty() {
		return numbers{l.run, l.size}, whole.end()
	}
	out := numbers{size: l.size}
	for {
		v, ok := l.next()
		if !ok {
			return out, l.end()
		}
		if l.size == 8 {
			out.data = binary.LittleEndian.AppendUint64(out.data, v)
		} else {
			out.data = binary.LittleEndian.AppendUint32(out.data, uint32(v))
		}
	}
}

func (n numbers) len() int { return len(n.data) / n.size }

func (n numbers) at(i int) float64 {
	if n.size == 8 {
		return math.Float64frombits(binary.LittleEndian.Uint64(n.data[8*i:]))
	}
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(n.data[4*i:])))
}

func (l *list) item(b []byte) (v uint64, size int) {
	if len(b) < max(1, l.size) {
		l.bad = true
		return 0, len(b)
	}
	if l.size == 0 {
		if b[0] < 0x80 {
			return uint64(b[0]), 1
		}
		v, size = protowire.ConsumeVarint(b)
		if size < 0 {
			l.bad = true
			return 0, len(b)
		}
		return v, size
	}
	switch l.size {
	case 8:
		return binary.LittleEndian.Uint64(b), 8
	case 4:
		return uint64(binary.LittleEndian.Uint32(b)), 4
	}
	return uint64(b[0]), 1
}

// number is the next item as a floating point number; false at the end.
func (l *list) number() (float64, bool) {
	v, ok := l.next()
	if l != nil && l.size == 8 {
		return math.Float64frombits(v), ok
	}
	return float64(math.Float32frombits(uint32(v))), ok
}
