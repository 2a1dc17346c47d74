package sklearn_test

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// TestHostileValues puts wrong values in the place of the attributes of a real estimator of each class and of what is inside,
// one at a time: it is read or refused, without a panic, and in memory that follows the file.
func TestHostileValues(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range vectors.Load(t, vectors.Pickled(func(v *vectors.Vector) bool { return !unreadable(v) })) {
		class := v.Class[strings.LastIndexByte(v.Class, '.')+1:] // modules were renamed
		if seen[class] {
			continue
		}
		seen[class] = true
		t.Run(class, func(t *testing.T) {
			found := decode(t, v)
			for _, f := range found {
				h := hostile{t: t, name: v.Name(), root: f.Object}
				h.places(f.Object, f.Object)
				h.all()
			}
		})
	}
}

type hostile struct {
	t      *testing.T
	name   string
	root   *pickle.Object
	seen   []any
	counts map[string]int
	swaps  []swap
}

type swap struct {
	owner *pickle.Object
	name  string
	was   pickle.Value
	set   func(pickle.Value)
}

func (h *hostile) add(s swap) {
	if h.counts == nil {
		h.counts = map[string]int{}
	}
	key := s.owner.Class.Name + "." + s.name
	if h.counts[key]++; h.counts[key] <= 1 {
		h.swaps = append(h.swaps, s)
	}
}

func (h *hostile) places(v pickle.Value, owner *pickle.Object) {
	switch v := v.(type) {
	case *pickle.Object, *pickle.Dict, *pickle.List, *pickle.Tuple, *pickle.NDArray:
		if slices.Contains(h.seen, any(v)) || len(h.seen) > 3000 {
			return
		}
		h.seen = append(h.seen, v)
	}
	items := func(what string, items []pickle.Value) {
		for i, item := range items {
			if i >= 4 {
				break
			}
			h.add(swap{owner, fmt.Sprintf("%s[%d]", what, i), item, func(v pickle.Value) { items[i] = v }})
			h.places(item, owner)
		}
	}
	switch v := v.(type) {
	case *pickle.Object:
		items("args", v.Args)
		items("items", v.Items)
		h.add(swap{v, "state", v.State, func(n pickle.Value) { v.State = n }})
		owner = v
		h.places(v.State, v)
		if v.Dict != nil {
			h.places(v.Dict, v)
		}
	case *pickle.Dict:
		for i, k := range v.Keys {
			name, _ := pickle.AsString(k)
			h.add(swap{owner, name, v.Values[i], func(n pickle.Value) { v.Values[i] = n }})
			h.places(v.Values[i], owner)
		}
	case *pickle.List:
		items(fmt.Sprint("list", len(v.Items)), v.Items)
	case *pickle.Tuple:
		items(fmt.Sprint("tuple", len(v.Items)), v.Items)
	case *pickle.NDArray:
		items("array", v.Objects)
	}
}

func (h *hostile) all() {
	base := h.read("as it is")
	for i, s := range h.swaps {
		all := wrongValues(h.root, s.owner, s.was)
		for j, what := range slices.Sorted(maps.Keys(all)) {
			if (i+j)%8 != 0 { // an eighth of them, other ones at each place
				continue
			}
			s.set(all[what])
			name := fmt.Sprintf("%s.%s %s", s.owner.Class.Name, s.name, what)
			if n := h.read(name); n > 20*base+1<<26 {
				h.t.Errorf("%s, %s: %d MB, %d as it is", h.name, name, n>>20, base>>20)
			}
		}
		s.set(s.was)
	}
}

// read answers how many bytes were allocated.
func (h *hostile) read(what string) uint64 {
	h.t.Helper()
	defer func() {
		if r := recover(); r != nil {
			h.t.Errorf("%s, %s: %v", h.name, what, r)
		}
	}()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := sklearn.Summarise(h.root, "model")
	h.fault(what, err)
	m, err := sklearn.Read(h.root, "model")
	h.fault(what, err)
	runtime.ReadMemStats(&after)
	if err != nil || len(m.Inputs) > 1000 || m.Inputs[0].Width > 1000 {
		return after.TotalAlloc - before.TotalAlloc
	}
	var in []*model.Tensor
	for _, i := range m.Inputs {
		in = append(in, model.NewTensor(model.Type{Kind: i.Kind, Row: []int{i.Width}}, 2))
	}
	_, err = m.Run(in)
	var mm *fault.Mismatch
	if err != nil && !strings.Contains(err.Error(), "row") && !errors.As(err, &mm) {
		h.t.Errorf("%s, %s: can't be asked: %v", h.name, what, err)
	}
	return after.TotalAlloc - before.TotalAlloc
}

func (h *hostile) fault(what string, err error) {
	h.t.Helper()
	var broken *fault.Broken
	var unsupported *fault.Unsupported
	var big *fault.TooBig
	if err != nil && !errors.As(err, &broken) && !errors.As(err, &unsupported) && !errors.As(err, &big) {
		h.t.Errorf("%s, %s: %T %v", h.name, what, err, err)
	}
}

func wrongValues(root, owner *pickle.Object, was pickle.Value) map[string]pickle.Value {
	numbers := func(kind byte, shape ...int) *pickle.NDArray {
		n := 8
		for _, d := range shape {
			n *= d
		}
		return &pickle.NDArray{DType: pickle.DType{Kind: kind, Size: 8}, Shape: shape, Data: make([]byte, n)}
	}
	list := func(v ...pickle.Value) *pickle.List { return &pickle.List{Items: v} }
	cycle := list()
	cycle.Items = append(cycle.Items, cycle, pickle.Text("a"))
	all := map[string]pickle.Value{
		"None": pickle.None{}, "nil": nil, "text": pickle.Text("drop"), "-1": int64(-1), "0": int64(0), "2": int64(2), "2^31-1": int64(1<<31 - 1), "2^40": int64(1 << 40),
		"1000000": int64(1000000), "1e300": 1e300, "true": true, "empty": list(), "tuple": &pickle.Tuple{Items: []pickle.Value{int64(1), pickle.None{}}},
		"huge list": list(int64(1<<40), int64(1<<31-1)),
		"objects0":  &pickle.NDArray{DType: pickle.DType{Kind: 'O', Size: 8}, Shape: []int{0}}, "ints0": numbers('i', 0), "ints3": numbers('i', 3), "ints2x1x1": numbers('i', 2, 1, 1),
		"ints0x3": numbers('i', 0, 3), "floats1": numbers('f', 1), "floats3x0": numbers('f', 3, 0), "floats1x1": numbers('f', 1, 1), "scalar array": numbers('f'),
		"cycle": cycle, "root": root, "owner": owner, "roots": list(root, root), "step": list(&pickle.Tuple{Items: []pickle.Value{pickle.Text("a"), root}}),
		"stepc":     list(&pickle.Tuple{Items: []pickle.Value{pickle.Text("a"), root, list(int64(0))}}),
		"dict":      &pickle.Dict{},
		"very long": numbers('i', 100000),
	}
	switch v := was.(type) {
	case *pickle.NDArray:
		if v.Len() == 0 {
			break
		}
		with := func(shape ...int) *pickle.NDArray {
			c := *v
			c.Shape = shape
			return &c
		}
		all["flat"] = with(v.Len())
		all["column"] = with(v.Len(), 1)
		all["row"] = with(1, v.Len())
		all["3d"] = with(1, v.Len(), 1)
		f := with(v.Shape...)
		f.Fortran = true
		all["fortran"] = f
		if len(v.Shape) > 0 {
			shape := slices.Clone(v.Shape)
			shape[0]--
			c := with(shape...)
			if v.Data != nil {
				c.Data = v.Data[:c.Len()*v.DType.Size]
			} else {
				c.Objects = v.Objects[:c.Len()]
			}
			all["shorter"] = c
			shape = slices.Clone(v.Shape)
			shape[0] *= 2
			d := with(shape...)
			d.Data, d.Objects = slices.Concat(v.Data, v.Data), slices.Concat(v.Objects, v.Objects)
			all["twice"] = d
		}
		if v.DType.Kind == 'i' || v.DType.Kind == 'f' {
			d := with(v.Shape...)
			d.Data = slices.Repeat([]byte{0xff}, len(v.Data))
			all["ones"] = d
			e := with(v.Shape...)
			e.Data = slices.Repeat([]byte{0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0}, len(v.Data)/8+1)[:len(v.Data)]
			all["maxint32"] = e
			g := with(v.Shape...)
			g.Data = slices.Repeat([]byte{0x40, 0x42, 0xf, 0, 0, 0, 0, 0}, len(v.Data)/8+1)[:len(v.Data)]
			all["million"] = g
		}
	case *pickle.List:
		all["twice"] = list(slices.Concat(v.Items, v.Items)...)
		if len(v.Items) > 0 {
			all["shorter"] = list(v.Items[1:]...)
		}
	}
	return all
}
