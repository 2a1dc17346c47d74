package verify

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// maxFirst is how many differing rows a Diff shows.
const maxFirst = 5

// Diff is how two tensors of the same rows differ. Numbers of different kinds are compared by value, which Notes say.
type Diff struct {
	Method string `json:"method,omitempty"`
	Target int    `json:"target"`
	Name   string `json:"name,omitempty"` // the artifact's output
	// Label says that values are labels, which must be equal whatever tolerance is given.
	Label bool `json:"label,omitempty"`

	Rows       int `json:"rows"`
	SameRows   int `json:"same_rows"` // rows in which every value is identical to the bit
	Values     int `json:"values"`
	SameValues int `json:"same_values"`
	// MaxULP is the largest distance in steps of float64; 0 and -0 are one step apart. MaxULP32 is the distance in steps of
	// float32, where one side is float32.
	MaxULP   uint64  `json:"max_ulp"`
	MaxULP32 uint64  `json:"max_ulp_float32,omitempty"`
	Float32  bool    `json:"float32,omitempty"` // one side is float32
	MaxAbs   float64 `json:"max_abs"`           // largest absolute difference of finite numbers
	// ULPHistogram counts pairs of numbers by their distance in ulp (of float32 where Float32 is set): those 0 apart, 1, 2, 3 to 4, 5 to
	// 8, and so on to 2^63+1 and more, without the zeros at the end. nil: all values are identical, or none has a distance.
	ULPHistogram []int `json:"ulp_histogram,omitempty"`
	// Within counts the values that are not identical, but no farther apart than two correct arithmetics may be behind an exp or a
	// product. Open counts the rows that stand right on a threshold there and differ, in which either answer is right; they are
	// left out of everything else.
	Within   int `json:"within,omitempty"`
	Open     int `json:"open_rows,omitempty"`
	NaN      int `json:"nan,omitempty"` // values that are NaN on one side only
	Infinite int `json:"infinite,omitempty"`
	Labels   int `json:"labels,omitempty"` // labels (text, integers, booleans) that differ
	// Ties counts the differing labels in rows where the largest probabilities are the same but for a rounding. They are
	// among Labels. Only callers that know the probabilities fill it in.
	Ties  int       `json:"ties,omitempty"`
	First []RowDiff `json:"first,omitempty"` // the first rows that differ
	Notes []string  `json:"notes,omitempty"`
	// Err says why the two could not be compared at all.
	Err string `json:"error,omitempty"`

	differing []int // every row that differs
}

// RowDiff is the first differing value of a row.
type RowDiff struct {
	Row    int    `json:"row"`
	Column int    `json:"column"`
	Want   string `json:"want"`
	Got    string `json:"got"`
}

// Compare compares two tensors value by value. A NaN equals a NaN. Where got is float32 and want is float64, a value
// counts as identical if it is want rounded to float32.
func Compare(want, got *model.Tensor) Diff { return CompareWithin(want, got, nil) }

// CompareWithin is Compare where numbers may be as far apart as bounds says of each (see Bounds), or two answers of as good an
// arithmetic from each other: twice that. nil: not at all.
func CompareWithin(want, got, bounds *model.Tensor) Diff {
	d := Diff{Rows: want.Rows()}
	if want.Rows() != got.Rows() || want.RowLen() != got.RowLen() {
		d.Err = fmt.Sprintf("answers of shape %v against %v", want.Shape, got.Shape)
		return d
	}
	if bounds != nil && bounds.Len() != want.Len() {
		bounds = nil
	}
	c := comparer{want: want, got: got, d: &d}
	c.notes()
	width := want.RowLen()
	d.Values = want.Len()
	for i := range d.Rows {
		if bounds != nil && width > 0 && math.IsInf(bounds.Float[i*width], 1) && c.differs(i*width, width) {
			d.Open++
			d.Values -= width
			continue
		}
		first := -1
		for j := range width {
			at := i*width + j
			if c.same(at) {
				d.SameValues++
				continue
			}
			if bounds != nil && want.Kind.IsFloat() && got.Kind.IsFloat() && math.Abs(want.Float[at]-got.Float[at]) <= 2*bounds.Float[at] {
				d.Within++
			}
			if first < 0 {
				first = j
			}
		}
		if first < 0 {
			d.SameRows++
			continue
		}
		d.differing = append(d.differing, i)
		if len(d.First) < maxFirst {
			at := i*width + first
			d.First = append(d.First, RowDiff{i, first, c.show(want, at), c.show(got, at)})
		}
	}
	if d.SameValues < d.Values {
		used := len(c.distances)
		for used > 0 && c.distances[used-1] == 0 {
			used--
		}
		d.ULPHistogram = slices.Clone(c.distances[:used])
	}
	return d
}

// bucket is where ULPHistogram counts a distance.
func bucket(ulp uint64) int {
	if ulp == 0 {
		return 0
	}
	return 1 + bits.Len64(ulp-1)
}

// ULPBucket is the smallest and the largest distance that ULPHistogram[i] counts.
func ULPBucket(i int) (least, most uint64) {
	switch {
	case i < 2:
		return uint64(i), uint64(i)
	case i > 64:
		return 1<<63 + 1, math.MaxUint64
	}
	return 1<<(i-2) + 1, 1 << (i - 1)
}

// differs tells whether n items from i on are not all identical, and keeps nothing of it.
func (c *comparer) differs(i, n int) bool {
	quiet := comparer{want: c.want, got: c.got, d: &Diff{Float32: c.d.Float32}}
	for j := i; j < i+n; j++ {
		if !quiet.same(j) {
			return true
		}
	}
	return false
}

// near tells whether all values are identical or within their bounds.
func (d *Diff) near() bool { return d.Err == "" && d.SameValues+d.Within == d.Values }

// Same tells whether every value is identical to the bit.
func (d *Diff) Same() bool { return d.Err == "" && d.SameValues == d.Values && d.Open == 0 }

type comparer struct {
	want, got *model.Tensor
	d         *Diff
	distances [66]int // the histogram
}

// show is an item as text; a float32 beside a float64 with all its digits, since 0.1 is not 0.1 then.
func (c *comparer) show(x *model.Tensor, i int) string {
	if c.d.Float32 && c.want.Kind != c.got.Kind {
		return fmt.Sprint(x.Float[i])
	}
	return fault.Printable(x.Item(i), 60)
}

func (c *comparer) notes() {
	w, g := c.want.Kind, c.got.Kind
	c.d.Float32 = w.IsFloat() && g.IsFloat() && (w == model.Float32 || g == model.Float32)
	switch {
	case w == g:
	case w == model.Float64 && g == model.Float32:
		c.d.Notes = append(c.d.Notes, "the answers are float32: identical means the wanted float64, rounded")
	default:
		c.d.Notes = append(c.d.Notes, fmt.Sprintf("%v compared with %v by value", w, g))
	}
}

// same compares item i and keeps the largest difference.
func (c *comparer) same(i int) bool {
	w, g := c.want, c.got
	switch {
	case w.Kind.IsFloat() && g.Kind.IsFloat():
		return c.sameFloat(w.Float[i], g.Float[i])
	case w.Kind == model.String && g.Kind == model.String:
		return c.label(w.Text[i] == g.Text[i])
	case w.Kind == model.String:
		return c.label(sameText(w.Text[i], g, i))
	case g.Kind == model.String:
		return c.label(sameText(g.Text[i], w, i))
	case w.Kind.IsFloat():
		return c.label(sameNumber(w.Float[i], g.Int[i]))
	case g.Kind.IsFloat():
		return c.label(sameNumber(g.Float[i], w.Int[i]))
	}
	return c.label(w.Int[i] == g.Int[i])
}

func (c *comparer) label(same bool) bool {
	if !same {
		c.d.Labels++
	}
	return same
}

// sameText compares a text with a number: as the number is written, or by value.
func sameText(text string, x *model.Tensor, i int) bool {
	if text == x.Item(i) {
		return true
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && !x.Kind.IsFloat() {
		return n == x.Int[i]
	}
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return false
	case x.Kind.IsFloat():
		return v == x.Float[i] || v != v && x.Float[i] != x.Float[i]
	}
	return sameNumber(v, x.Int[i])
}

// sameNumber compares without the rounding that a conversion of n would bring.
func sameNumber(v float64, n int64) bool {
	return v == math.Trunc(v) && v >= -(1<<63) && v < 1<<63 && int64(v) == n
}

func (c *comparer) sameFloat(w, g float64) bool {
	if w != w && g != g {
		c.distances[0]++
		return true
	}
	if w != w || g != g {
		c.d.NaN++
		return false
	}
	d := c.d
	ulp := ULP(w, g)
	d.MaxULP = max(d.MaxULP, ulp)
	same := math.Float64bits(w) == math.Float64bits(g)
	if d.Float32 {
		ulp = ULP32(float32(w), float32(g))
		d.MaxULP32 = max(d.MaxULP32, ulp)
		if c.got.Kind == model.Float32 {
			same = math.Float32bits(float32(w)) == math.Float32bits(float32(g))
		}
	}
	c.distances[bucket(ulp)]++
	if abs := math.Abs(w - g); !math.IsInf(w, 0) && !math.IsInf(g, 0) {
		d.MaxAbs = max(d.MaxAbs, min(abs, math.MaxFloat64))
	} else if w != g {
		d.Infinite++
	}
	return same
}

// ULP is how many float64 numbers one must step over to come from a to b. -0 stands just below 0. NaN has no distance.
func ULP(a, b float64) uint64 {
	x, y := order64(a), order64(b)
	if x < y {
		x, y = y, x
	}
	return x - y
}

// order64 numbers the float64 numbers in their order.
func order64(v float64) uint64 {
	if b := math.Float64bits(v); b>>63 == 0 {
		return b | 1<<63
	} else {
		return ^b
	}
}

// ULP32 is ULP for float32.
func ULP32(a, b float32) uint64 {
	x, y := order32(a), order32(b)
	if x < y {
		x, y = y, x
	}
	return uint64(x - y)
}

func order32(v float32) uint32 {
	if b := math.Float32bits(v); b>>31 == 0 {
		return b | 1<<31
	} else {
		return ^b
	}
}
