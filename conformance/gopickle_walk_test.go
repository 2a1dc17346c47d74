package conformance

import (
	"bytes"
	"fmt"
	"math"
	"math/big"

	"github.com/nlpodyssey/gopickle/types"

	"github.com/seed-2867d59c/treeport/pickle"
)

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
		switch v := theirs.(type) {
		case *types.Dict:
			return c.dict(o, *v)
		case *types.OrderedDict:
			var entries types.Dict
			for e := v.List.Front(); e != nil; e = e.Next() {
				entry := e.Value.(*types.OrderedDictEntry)
				entries.Set(entry.Key, entry.Value)
			}
			return c.dict(o, entries)
		}
	case *pickle.Set:
		if v, ok := theirs.(*types.Set); ok && len(*v) == len(o.Items) {
			return nil // their set has lost the order
		}
	case *pickle.NDArray:
		return c.array(o, theirs)
	case *pickle.Object:
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
