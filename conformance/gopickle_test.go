package conformance

import (
	"bytes"
	"errors"
	"fmt"
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
