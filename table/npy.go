package table

import (
	"encoding/binary"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// The npy format (numpy.lib.format, versions 1.0 to 3.0):
//
//	"\x93NUMPY" major minor
//	length of the header: uint16 (1.0) or uint32 (2.0 and 3.0), little endian
//	header: a Python dict of descr, fortran_order and shape, padded with spaces, then a newline
//	items
const npyMagic = "\x93NUMPY"

// npyOrder is the byte order that is written.
var npyOrder = binary.LittleEndian

var (
	npyDescr   = regexp.MustCompile(`['"]descr['"]\s*:\s*['"]([^'"]*)['"]`)
	npyFortran = regexp.MustCompile(`['"]fortran_order['"]\s*:\s*(True|False)`)
	npyShape   = regexp.MustCompile(`['"]shape['"]\s*:\s*\(([0-9L,\s]*)\)`)
	npyType    = regexp.MustCompile(`^([<>|=]?)([a-zA-Z])([0-9]*)$`)
)

// npyHeader is what the header of an npy file says.
type npyHeader struct {
	order   binary.ByteOrder
	letter  byte // kind of the items, numpy's dtype.kind
	size    int  // bytes of an item
	fortran bool
	shape   []int64
	at      int // where the items begin
}

func readNPY(data []byte) (*Table, error) {
	h, err := readNPYHeader(data)
	if err != nil {
		return nil, err
	}
	rows, width := int64(1), int64(1)
	switch len(h.shape) {
	case 0:
	case 1:
		rows = h.shape[0]
	case 2:
		rows, width = h.shape[0], h.shape[1]
	default:
		if h.fortran {
			return nil, fault.Unsupportedf(fault.At(0), "an array of %d dimensions in Fortran order", len(h.shape))
		}
		// A row is an array itself, as what gradient boosting's apply answers: its items become columns.
		rows = h.shape[0]
		for _, d := range h.shape[1:] {
			if d > 0 && width > math.MaxInt32/d {
				return nil, fault.TooBigf(fault.At(0), "", "an array of shape %v", h.shape)
			}
			width *= d
		}
	}
	if width == 0 {
		return nil, fault.Brokenf(fault.At(0), "an array without columns")
	}
	if err := cells(rows, width); err != nil {
		return nil, err
	}
	body := data[h.at:]
	if need := rows * width * int64(h.size); need > int64(len(body)) || h.size == 0 && rows > 0 {
		return nil, fault.Brokenf(fault.At(int64(len(data))), "the array ends early: %d of %d bytes", len(body), need)
	}
	t := &Table{rows: int(rows), Flat: len(h.shape) < 2, Columns: make([]Column, width)}
	for j := range t.Columns {
		start, step := j, int(width)
		if h.fortran {
			start, step = j*int(rows), 1
		}
		if t.Columns[j], err = h.column(body, start, step, int(rows)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func readNPYHeader(data []byte) (h npyHeader, err error) {
	if len(data) < 12 {
		return h, fault.Brokenf(fault.At(int64(len(data))), "the npy header ends early")
	}
	length, at := int(binary.LittleEndian.Uint16(data[8:])), 10
	switch data[6] {
	case 1:
	case 2, 3:
		length, at = int(binary.LittleEndian.Uint32(data[8:])), 12
	default:
		return h, fault.Unsupportedf(fault.At(6), "npy format %d.%d; there are 1.0 to 3.0", data[6], data[7])
	}
	if length > len(data)-at {
		return h, fault.Brokenf(fault.At(8), "an npy header of %d bytes in a file of %d", length, len(data))
	}
	h.at = at + length
	text := string(data[at:h.at])
	descr, fortran, shape := npyDescr.FindStringSubmatch(text), npyFortran.FindStringSubmatch(text), npyShape.FindStringSubmatch(text)
	if descr == nil && strings.Contains(text, "descr") && strings.Contains(text, "[(") {
		return h, fault.Unsupportedf(fault.At(int64(at)), "an array of records")
	}
	if descr == nil || fortran == nil || shape == nil {
		return h, fault.Brokenf(fault.At(int64(at)), "an npy header without descr, fortran_order or shape")
	}
	h.fortran = fortran[1] == "True"
	for _, field := range strings.Split(shape[1], ",") {
		field = strings.TrimSuffix(strings.TrimSpace(field), "L") // Python 2 wrote long integers so
		if field == "" {
			continue
		}
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return h, fault.Brokenf(fault.At(int64(at)), "shape (%s)", shape[1])
		}
		h.shape = append(h.shape, n)
	}
	return h, h.dtype(descr[1], int64(at))
}

// dtype reads a descr such as <f8.
func (h *npyHeader) dtype(descr string, at int64) error {
	m := npyType.FindStringSubmatch(descr)
	if m == nil {
		return fault.Unsupportedf(fault.At(at), "an array of dtype %q", descr)
	}
	h.order = binary.LittleEndian
	if m[1] == ">" {
		h.order = binary.BigEndian
	}
	h.letter = m[2][0]
	h.size, _ = strconv.Atoi(m[3])
	ok := false
	switch h.letter {
	case 'f':
		ok = h.size == 2 || h.size == 4 || h.size == 8
	case 'i', 'u':
		ok = h.size == 1 || h.size == 2 || h.size == 4 || h.size == 8
	case 'b':
		ok = h.size == 1
	case 'S', 'U':
		ok = h.size < 1<<20
		if h.letter == 'U' {
			h.size *= 4
		}
	case 'O':
		return fault.Unsupportedf(fault.At(at), "an array of Python objects (a pickle); save it with dtype str or a number")
	}
	if !ok {
		return fault.Unsupportedf(fault.At(at), "an array of dtype %q", descr)
	}
	return nil
}

// column reads n items from body, every step-th from item start on.
func (h *npyHeader) column(body []byte, start, step, n int) (Column, error) {
	item := func(i int) []byte {
		at := (start + i*step) * h.size
		return body[at : at+h.size]
	}
	var c Column
	switch h.letter {
	case 'f':
		c.Kind, c.Float = model.Float32, make([]float64, n)
		if h.size == 8 {
			c.Kind = model.Float64
		}
		for i := range c.Float {
			c.Float[i] = h.float(item(i))
		}
	case 'i', 'u', 'b':
		c.Kind, c.Int = model.Int64, make([]int64, n)
		if h.letter == 'b' {
			c.Kind = model.Bool
		}
		for i := range c.Int {
			v := h.integer(item(i))
			switch {
			case h.letter == 'u' && v < 0:
				return c, fault.Unsupportedf(fault.Where{}, "row %d: %d does not fit int64", i, uint64(v))
			case h.letter == 'b' && v != 0:
				v = 1
			}
			c.Int[i] = v
		}
	case 'S':
		c.Kind, c.Text = model.String, make([]string, n)
		for i := range c.Text {
			c.Text[i] = strings.TrimRight(string(item(i)), "\x00")
		}
	case 'U':
		c.Kind, c.Text = model.String, make([]string, n)
		for i := range c.Text {
			c.Text[i] = h.text(item(i))
		}
	}
	return c, nil
}

func (h *npyHeader) float(b []byte) float64 {
	switch len(b) {
	case 2:
		return half(h.order.Uint16(b))
	case 4:
		return float64(math.Float32frombits(h.order.Uint32(b)))
	}
	return math.Float64frombits(h.order.Uint64(b))
}

// half is the value of an IEEE half float: 1 sign bit, 5 of exponent, 10 of fraction.
func half(bits uint16) float64 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	var v float64
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 31:
		v = math.Inf(1)
		if fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(fraction+1024, exponent-25)
	}
	if bits>>15 != 0 {
		v = -v
	}
	return v
}

// integer widens an item; of uint64 it is the bits.
func (h *npyHeader) integer(b []byte) int64 {
	signed := h.letter == 'i'
	switch len(b) {
	case 1:
		if signed {
			return int64(int8(b[0]))
		}
		return int64(b[0])
	case 2:
		if v := h.order.Uint16(b); !signed {
			return int64(v)
		} else {
			return int64(int16(v))
		}
	case 4:
		if v := h.order.Uint32(b); !signed {
			return int64(v)
		} else {
			return int64(int32(v))
		}
	}
	return int64(h.order.Uint64(b))
}

// text is an item of UTF-32; what stands after the last character is zeros.
func (h *npyHeader) text(b []byte) string {
	for len(b) >= 4 && h.order.Uint32(b[len(b)-4:]) == 0 {
		b = b[:len(b)-4]
	}
	var s strings.Builder
	for ; len(b) >= 4; b = b[4:] {
		s.WriteRune(rune(h.order.Uint32(b)))
	}
	return s.String()
}
