package conformance

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"

	gopickle "github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/pickle"
)

// TestGopickle: another decoder finds the same values in every plain pickle of protocols 1 to 5: the same containers of the
// same length, keys, numbers, text, classes, states, and the same bytes in every array.
//
// Of protocol 0 gopickle 0.2.0 does not undo the escapes of text and byte strings, so that arrays of Python 2 come out as
// other bytes; those files only show that it still does.
func TestGopickle(t *testing.T) {
	t.Parallel()
	list := vectors.Load(t, func(v *vectors.Vector) bool {
		return strings.HasPrefix(strings.TrimPrefix(v.Format, "c"), "pickle") && !strings.Contains(v.Format, " ") && !unreadable(v)
	})
	agree, zero, differ := 0, 0, 0
	c := &comparison{}
	for _, v := range list {
		data, err := os.ReadFile(v.File())
		if err != nil {
			t.Fatal(err)
		}
		doc, err := pickle.Decode(pickle.Source{Name: v.File(), Data: data}, pickle.Limits{})
		if err != nil {
			t.Errorf("%s: %v", v.Name(), err)
			continue
		}
		theirs, err := decodePeer(data)
		if err == nil {
			c.met = map[[2]any]bool{}
			err = c.same(doc.Root, theirs)
		}
		switch {
		case doc.Protocol == 0:
			zero++
			if err != nil {
				differ++
			}
		case err != nil:
			t.Errorf("%s: %v", v.Name(), err)
		default:
			agree++
		}
	}
	t.Logf("%d files agree, %d values, %d arrays of %d bytes; of %d files of protocol 0 gopickle reads %d otherwise, or not at all", agree, c.values, c.arrays, c.bytes, zero, differ)
	if agree == 0 {
		t.Error("no file of protocols 1 to 5")
	}
	peerResults.set("gopickle 0.2.0", "what was seen", fmt.Sprintf("%d files of protocols 1 to 5 decoded alike; of %d files of protocol 0 it reads %d otherwise, or not at all", agree, zero, differ))
}

// decodePeer lets gopickle decode, with classes that keep what is done to them.
func decodePeer(data []byte) (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("gopickle: %v", r)
		}
	}()
	u := gopickle.NewUnpickler(bytes.NewReader(data))
	u.FindClass = func(module, name string) (any, error) { return &peerClass{module, name}, nil }
	return u.Load()
}

// peerClass is a class or function in gopickle's world.
type peerClass struct{ module, name string }

func (c *peerClass) is(names ...string) bool {
	for _, name := range names {
		if c.module+"."+c.name == name {
			return true
		}
	}
	return false
}

// peerObject is what a peerClass was called to make.
type peerObject struct {
	class *peerClass
	args  []any
	state any
	built bool
	items []any
	dict  types.Dict
}

var errCall = errors.New("a call that the test does not know")

// Call makes an object of whatever is called, but for what only says how to make one.
func (c *peerClass) Call(args ...any) (any, error) {
	switch {
	case c.is("_codecs.encode") && len(args) == 2: // how protocols up to 2 hold the bytes of Python 3
		text, ok := args[0].(string)
		if !ok || args[1] != "latin1" {
			return nil, errCall
		}
		var b []byte
		for _, r := range text {
			b = append(b, byte(r))
		}
		return b, nil
	case c.is("copyreg._reconstructor") && len(args) == 3:
		class, ok := args[0].(*peerClass)
		if !ok {
			return nil, errCall
		}
		return class.PyNew()
	case c.is("__builtin__.bytes", "builtins.bytes", "__builtin__.bytearray", "builtins.bytearray") && len(args) < 2:
		if len(args) == 0 {
			return []byte{}, nil
		}
		return args[0], nil
	case c.is("__builtin__.set", "builtins.set") && len(args) == 1: // as protocols up to 3 hold it
		list, ok := args[0].(*types.List)
		if !ok {
			return nil, errCall
		}
		set := types.NewSetFromSlice(*list)
		return set, nil
	}
	return c.PyNew(args...)
}

func (c *peerClass) PyNew(args ...any) (any, error) { return &peerObject{class: c, args: args}, nil }

func (o *peerObject) PySetState(state any) error { o.state, o.built = state, true; return nil }
func (o *peerObject) Append(v any)               { o.items = append(o.items, v) }
func (o *peerObject) Add(v any)                  { o.items = append(o.items, v) }
func (o *peerObject) Set(key, value any)         { o.dict.Set(key, value) }

// comparison walks what both decoders made.
type comparison struct {
	met                   map[[2]any]bool // pairs of pointers that were compared: values may refer to themselves
	values, arrays, bytes int
}

func unlike(ours, theirs any) error {
	return fmt.Errorf("%.80s against %.80s", pickle.Repr(ours, 80), fmt.Sprintf("%T %v", theirs, theirs))
}

// same says where the two differ.
func (c *comparison) same(ours pickle.Value, theirs any) error {
	c.values++
	switch o := ours.(type) {
	case pickle.None:
		if theirs == nil {
			return nil
		}
	case bool:
		if v, ok := plain(theirs).(bool); ok && v == o {
			return nil
		}
	case int64:
		if v, ok := plain(theirs).(int); ok && int64(v) == o {
			return nil
		}
	case *big.Int:
		if v, ok := theirs.(*big.Int); ok && v.Cmp(o) == 0 {
			return nil
		}
	case float64:
		if v, ok := plain(theirs).(float64); ok && math.Float64bits(v) == math.Float64bits(o) {
			return nil
		}
	case pickle.Text:
		if v, ok := plain(theirs).(string); ok && v == string(o) {
			return nil
		}
	case pickle.Bytes:
		if v, ok := bytesOf(theirs); ok && bytes.Equal(v, o) {
			return nil
		}
	case pickle.Global:
		if v, ok := theirs.(*peerClass); ok && v.module == o.Module && v.name == o.Name {
			return nil
		}
		if _, ok := theirs.(*types.OrderedDictClass); ok && o.Module == "collections" && o.Name == "OrderedDict" {
			return nil
		}
	case *pickle.DType:
		if v, ok := theirs.(*peerObject); ok {
			return c.dtype(*o, v)
		}
	default:
		key := [2]any{ours, theirs}
		if c.met[key] {
			return nil
		}
		c.met[key] = true
		return c.container(ours, theirs)
	}
	return unlike(ours, theirs)
}

func (c *comparison) container(ours pickle.Value, theirs any) error {
	switch o := ours.(type) {
	case *pickle.Tuple:
		if v, ok := theirs.(*types.Tuple); ok {
			return c.list(o.Items, *v)
		}
	case *pickle.List:
		if v, ok := theirs.(*types.List); ok {
			return c.list(o.Items, *v)
		}
	case *pickle.Dict:
		if v, ok := theirs.(*types.Dict); ok {
			return c.dict(o, *v)
		}
	case *pickle.Set:
		if v, ok := theirs.(*types.Set); ok && len(*v) == len(o.Items) {
			return nil // their set has lost the order
		}
	case *pickle.NDArray:
		return c.array(o, theirs)
	case *pickle.Object:
		if v, ok := theirs.(*types.OrderedDict); ok {
			var entries types.Dict
			for e := v.List.Front(); e != nil; e = e.Next() {
				entry := e.Value.(*types.OrderedDictEntry)
				entries.Set(entry.Key, entry.Value)
			}
			if o.Class.Name != "OrderedDict" || o.Dict == nil && v.Len() > 0 {
				return unlike(ours, theirs)
			}
			if o.Dict == nil {
				return nil
			}
			return c.dict(o.Dict, entries)
		}
		v, ok := theirs.(*peerObject)
		if !ok {
			break
		}
		if v.class.module != o.Class.Module || v.class.name != o.Class.Name {
			return fmt.Errorf("an object of %s against %s.%s", o.Class, v.class.module, v.class.name)
		}
		if err := c.list(o.Args, v.args); err != nil {
			return fmt.Errorf("%s's arguments: %w", o.Class.Name, err)
		}
		if err := c.list(o.Items, v.items); err != nil {
			return fmt.Errorf("%s's items: %w", o.Class.Name, err)
		}
		if o.Dict != nil || v.dict != nil {
			if err := c.dict(o.Dict, v.dict); err != nil {
				return err
			}
		}
		if v.built != (o.State != nil) {
			return fmt.Errorf("%s: with a state, and without one", o.Class)
		}
		if v.built {
			if err := c.same(o.State, v.state); err != nil {
				return fmt.Errorf("%s.%w", o.Class.Name, err)
			}
		}
		return nil
	}
	return unlike(ours, theirs)
}

func (c *comparison) list(ours []pickle.Value, theirs []any) error {
	if len(ours) != len(theirs) {
		return fmt.Errorf("%d items against %d", len(ours), len(theirs))
	}
	for i := range ours {
		if err := c.same(ours[i], theirs[i]); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return nil
}

func (c *comparison) dict(ours *pickle.Dict, theirs types.Dict) error {
	if ours == nil || len(ours.Keys) != len(theirs) {
		return fmt.Errorf("dicts of other lengths: %d keys", len(theirs))
	}
	for i, entry := range theirs {
		if err := c.same(ours.Keys[i], entry.Key); err != nil {
			return fmt.Errorf("key %d: %w", i, err)
		}
		if err := c.same(ours.Values[i], entry.Value); err != nil {
			return fmt.Errorf("%v: %w", entry.Key, err)
		}
	}
	return nil
}

// bytesOf is a byte string: gopickle has those of Python 2 as Go strings.
func bytesOf(v any) ([]byte, bool) {
	switch v := plain(v).(type) {
	case []byte:
		return v, true
	case string:
		return []byte(v), true
	case *types.ByteArray:
		return *v, true
	}
	return nil, false
}

const (
	multiarrayOld = "numpy.core.multiarray."
	multiarrayNew = "numpy._core.multiarray."
)

// plain is a scalar of numpy as the number or text that it stands for; everything else stays as it is.
func plain(v any) any {
	o, ok := v.(*peerObject)
	if !ok || !o.class.is(multiarrayOld+"scalar", multiarrayNew+"scalar") || len(o.args) != 2 {
		return v
	}
	dtype, ok := o.args[0].(*peerObject)
	data, ok2 := bytesOf(o.args[1])
	if !ok || !ok2 || len(dtype.args) == 0 {
		return v
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if state, ok := dtype.state.(*types.Tuple); ok && state.Get(1) == ">" {
		order = binary.BigEndian
	}
	switch code, _ := dtype.args[0].(string); code {
	case "f8":
		return math.Float64frombits(order.Uint64(data))
	case "f4":
		return float64(math.Float32frombits(order.Uint32(data)))
	case "i8", "u8":
		return int(order.Uint64(data))
	case "i4":
		return int(int32(order.Uint32(data)))
	case "u4":
		return int(order.Uint32(data))
	case "i1":
		return int(int8(data[0]))
	case "u1":
		return int(data[0])
	case "b1":
		return data[0] != 0
	default:
		if strings.HasPrefix(code, "U") {
			var b strings.Builder
			for ; len(data) >= 4; data = data[4:] {
				if r := order.Uint32(data); r != 0 {
					b.WriteRune(rune(r))
				}
			}
			return b.String()
		}
		if strings.HasPrefix(code, "S") {
			return data
		}
	}
	return v
}

// array compares arrays. In protocols up to 4 it is _reconstruct with a state (version, shape, dtype, is_fortran, data), in
// protocol 5 _frombuffer(data, dtype, shape, order).
func (c *comparison) array(ours *pickle.NDArray, theirs any) error {
	v, ok := theirs.(*peerObject)
	if !ok {
		return unlike(ours, theirs)
	}
	var shape, dtype, data any
	fortran := false
	state, built := v.state.(*types.Tuple)
	switch {
	case v.class.is(multiarrayOld+"_reconstruct", multiarrayNew+"_reconstruct") && built && state.Len() == 5:
		shape, dtype, data = state.Get(1), state.Get(2), state.Get(4)
		fortran = state.Get(3) == true || state.Get(3) == 1
	case v.class.is("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer") && len(v.args) >= 4:
		data, dtype, shape = v.args[0], v.args[1], v.args[2]
		fortran = v.args[3] == "F"
	case v.class.is(multiarrayOld+"scalar", multiarrayNew+"scalar"):
		return unlike(ours, theirs)
	default:
		return fmt.Errorf("an array against %s.%s", v.class.module, v.class.name)
	}
	c.arrays++
	dims, ok := shape.(*types.Tuple)
	if !ok || dims.Len() != len(ours.Shape) {
		return fmt.Errorf("an array of shape %v against %v", ours.Shape, shape)
	}
	for i, n := range ours.Shape {
		if dims.Get(i) != n {
			return fmt.Errorf("an array of shape %v against %v", ours.Shape, *dims)
		}
	}
	if dt, ok := dtype.(*peerObject); !ok {
		return unlike(ours, dtype)
	} else if err := c.dtype(ours.DType, dt); err != nil {
		return err
	}
	if ours.DType.Kind == 'O' {
		list, ok := data.(*types.List)
		if !ok {
			return unlike(ours, data)
		}
		return c.list(ours.Objects, *list)
	}
	if ours.Fortran != (fortran && dims.Len() > 1) {
		return fmt.Errorf("an array in Fortran's order: %v against %v", ours.Fortran, fortran)
	}
	b, ok := bytesOf(data)
	c.bytes += len(b)
	if !ok || !bytes.Equal(ours.Data, b) {
		return fmt.Errorf("an array of %d other bytes (%d)", len(ours.Data), len(b))
	}
	return nil
}

// dtype compares a dtype: its code, byte order and fields.
func (c *comparison) dtype(ours pickle.DType, theirs *peerObject) error {
	state, ok := theirs.state.(*types.Tuple)
	if !theirs.class.is("numpy.dtype") || len(theirs.args) == 0 || !ok || state.Len() < 7 {
		return unlike(&ours, theirs)
	}
	code, _ := theirs.args[0].(string)
	if code == "" || code[0] != ours.Kind {
		return fmt.Errorf("dtype %s against %s", ours, code)
	}
	if (state.Get(1) == ">") != ours.BigEndian {
		return fmt.Errorf("dtype %s against byte order %v", ours, state.Get(1))
	}
	if names, ok := state.Get(3).(*types.Tuple); ok || ours.Fields != nil {
		fields, ok2 := state.Get(4).(*types.Dict)
		if !ok || !ok2 || names.Len() != len(ours.Fields) {
			return fmt.Errorf("dtype %s against other fields", ours)
		}
		for i, f := range ours.Fields {
			field, ok := fields.Get(names.Get(i))
			pair, ok2 := field.(*types.Tuple)
			if names.Get(i) != f.Name || !ok || !ok2 || pair.Get(1) != f.Offset {
				return fmt.Errorf("field %s at %d against %v", f.Name, f.Offset, field)
			}
			dt, ok := pair.Get(0).(*peerObject)
			if !ok {
				return fmt.Errorf("field %s without a dtype", f.Name)
			}
			if err := c.dtype(f.DType, dt); err != nil {
				return fmt.Errorf("field %s: %w", f.Name, err)
			}
		}
		return nil
	}
	if digits := strings.TrimLeft(code[1:], "?"); digits != "" && ours.Kind != 'O' {
		size := ours.Size
		if ours.Kind == 'U' {
			size /= 4
		}
		if digits != fmt.Sprint(size) && digits != "0" {
			return fmt.Errorf("dtype %s against %s", ours, code)
		}
	}
	return nil
}
