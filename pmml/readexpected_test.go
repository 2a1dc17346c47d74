package pmml

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

// Trees that are what is expected are followed, and never read for themselves.
func TestFollow(t *testing.T) {
	for _, c := range []struct{ trees, classes int }{{1, 0}, {3, 0}, {3, 2}, {3, 40}} {
		given := bigForest(c.trees, 300, c.classes)
		for _, f := range forestsOf(given) {
			for k := range f.Trees {
				f.Trees[k].Flags = nil // so that a Node may stand before a leaf
			}
		}
		m, err := Lower(given, Options{})
		if err != nil {
			t.Fatal(err)
		}
		data := bytes.ReplaceAll(written(t, m, Options{}), []byte("<Segment>"), []byte("<Segment >")) // none is read ahead, by a reader of its own
		for _, expected := range []*model.Model{m, nil} {
			lim := Limits{}.withDefaults(len(data))
			r := &reader{scanner: scanner{data: data, depth: lim.Depth, idle: lim.Idle}, lim: lim, expected: forestsOf(expected)}
			if _, err := r.file(); err != nil {
				t.Fatal(err)
			}
			if followed := cap(r.tree.tree.Feature) == 0; followed != (expected != nil) {
				t.Errorf("%d trees, %d classes: followed is %v", c.trees, c.classes, followed)
			}
		}
	}
}

// A file that was changed after it was written is the same model, or refused for the same reason, whatever is expected.
func TestFollowRefuses(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	changes := map[string]func(part []byte) []byte{
		"a byte": func(part []byte) []byte {
			part[r.IntN(len(part))] = part[r.IntN(len(part))]
			return part
		},
		"a side": func(part []byte) []byte {
			return swapped(r, part, comparisonLE, comparisonGT)
		},
		"an end": func(part []byte) []byte {
			return swapped(r, part, nodeEnd, nodeEnd+nodeEnd)
		},
		"no predicate": func(part []byte) []byte {
			return swapped(r, part, alwaysTrue, "")
		},
		"a leaf elsewhere": func(part []byte) []byte {
			leaves := leafTexts.FindAllIndex(part, -1)
			from, to := leaves[r.IntN(len(leaves))], leaves[r.IntN(len(leaves))]
			leaf := bytes.Clone(part[from[0]:from[1]])
			without := slices.Concat(part[:from[0]], part[from[1]:])
			if to[0] > from[0] {
				to[0] -= len(leaf)
			}
			return slices.Insert(without, to[0], leaf...)
		},
		"a leaf within a node": func(part []byte) []byte {
			leaves := leafTexts.FindAllSubmatchIndex(part, -1)
			l := leaves[r.IntN(len(leaves))]
			predicate, rest := bytes.Clone(part[l[2]:l[3]]), bytes.Clone(part[l[3]:])
			return slices.Concat(part[:l[0]], []byte(nodeStart), predicate, part[l[0]:l[2]], []byte(alwaysTrue), rest[:l[1]-l[3]], []byte(nodeEnd), rest[l[1]-l[3]:])
		},
		"a node more": func(part []byte) []byte {
			return swapped(r, part, nodeEnd, nodeEnd+`<Node score="1"><True/></Node>`)
		},
		"another number": func(part []byte) []byte {
			return swapped(r, part, `="1`, `="-1`)
		},
		"another feature": func(part []byte) []byte {
			return swapped(r, part, `field="x1`, `field="x`)
		},
		"another count": func(part []byte) []byte {
			return swapped(r, part, `Count="1`, `Count="2`)
		},
		"nothing": slices.Clone[[]byte],
	}
	for _, classes := range []int{0, 2, 3} {
		m, err := Lower(bigForest(4, 25, classes), Options{})
		if err != nil {
			t.Fatal(err)
		}
		data := written(t, m, Options{})
		begin := bytes.Index(data, []byte(segmentStart))
		for _, name := range slices.Sorted(maps.Keys(changes)) { // in one order, so that what is found is found again
			different := 0
			for range 150 {
				changed := slices.Concat(data[:begin], changes[name](bytes.Clone(data[begin:])))
				var lim Limits
				limited := r.IntN(4) == 0
				if limited {
					lim = Limits{Depth: 10 + r.IntN(20), Cells: 1 + r.IntN(400*max(1, classes)), Nodes: 1 + r.IntN(800)}
				}
				expecting, err := ReadExpecting(changed, lim, m)
				any, anyErr := Read(slow(changed), lim)
				switch {
				case fmt.Sprintf("%T", err) != fmt.Sprintf("%T", anyErr):
					t.Fatalf("%d classes, %s: %v, and %v\n%s", classes, name, err, anyErr, changed)
				case err == nil && model.Equal(expecting, any) != nil:
					t.Fatalf("%d classes, %s: %v\n%s", classes, name, model.Equal(expecting, any), changed)
				case !limited && (err != nil || model.Equal(any, m) != nil):
					different++
				}
			}
			if harmless := name == "nothing" || name == "another count" && classes == 0; harmless != (different == 0) {
				t.Errorf("%d classes, %s: %d are refused or another model", classes, name, different)
			}
		}
	}
}

var leafTexts = regexp.MustCompile(`<Node score="[^"]*">(<True/>|<SimplePredicate [^>]*/>)(<ScoreDistribution [^>]*/>)*</Node>`)

// swapped is a part with one text in the place of another, somewhere; as it was where there is none.
func swapped(r *rand.Rand, part []byte, old, with string) []byte {
	places := bytes.Count(part, []byte(old))
	if places == 0 {
		return part
	}
	at := 0
	for range 1 + r.IntN(places) {
		at += 1 + bytes.Index(part[at+1:], []byte(old))
	}
	return slices.Concat(part[:at], []byte(with), part[at+len(old):])
}
