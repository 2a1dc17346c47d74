package pmml

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
)

// Decimals as Write prints them are read and printed here without strconv, which is several times slower on most; what is
// beyond 19 digits, or needs a power of ten that is not exact, is left to it. Both ways give the same numbers and texts.

// tens holds the powers of ten that fit into 64 bits.
var tens = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// decimal reads the number that text begins with: -?digits(.digits)?(e[+-]?digits)?. n is how many bytes that takes; 0 where
// there is none, or none of up to 19 digits whose rounding is a single operation.
func decimal(text []byte) (v float64, n int) {
	i, w := 0, uint64(0)
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		i++
	}
	first := i
	for ; i < len(text) && text[i]-'0' <= 9; i++ {
		w = w*10 + uint64(text[i]-'0')
	}
	whole := i - first
	if whole == 0 {
		return 0, 0
	}
	places := 0
	if i < len(text) && text[i] == '.' {
		i++
		point := i
		for len(text)-i >= 8 {
			eight, ok := eightDigits(binary.LittleEndian.Uint64(text[i:]))
			if !ok {
				break
			}
			w = w*1e8 + eight
			i += 8
		}
		for ; i < len(text) && text[i]-'0' <= 9; i++ {
			w = w*10 + uint64(text[i]-'0')
		}
		if places = i - point; places == 0 {
			return 0, 0
		}
	}
	if whole+places > 19 && whole+places-zeros(text[first:i]) > 19 { // w may have run over
		return 0, 0
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		e, size := exponent(text[i+1:])
		if size == 0 {
			return 0, 0
		}
		i += 1 + size
		places -= e
	}
	switch {
	case w == 0:
	case w <= 1<<53 && places >= 0 && places < len(pow10):
		v = float64(w) / pow10[places]
	case w <= 1<<53 && places < 0 && -places < len(pow10):
		v = float64(w) * pow10[-places]
	case places >= 0 && places < len(tens):
		v = quotient(w, tens[places])
	default:
		return 0, 0
	}
	if negative {
		v = -v
	}
	return v, i
}

// eightDigits is the number that eight bytes spell, and whether all are digits. The first byte is the lowest.
func eightDigits(b uint64) (uint64, bool) {
	const ones = 0x0101010101010101
	if (b&(ones*0xF0))|(b+ones*6)&(ones*0xF0)>>4 != ones*0x33 {
		return 0, false
	}
	b -= ones * '0'
	b = b*10 + b>>8 // pairs, in every other byte
	const mask = 0x000000FF000000FF
	return (b&mask*(100+1e6<<32) + b>>16&mask*(1+1e4<<32)) >> 32, true
}

// zeros counts the zeros that a number begins with.
func zeros(text []byte) int {
	n := 0
	for _, c := range text {
		switch c {
		case '0':
			n++
		case '.':
		default:
			return n
		}
	}
	return n
}

// exponent reads a whole number of up to three digits; size is how many bytes it takes, 0 where there is none.
func exponent(text []byte) (e, size int) {
	i := 0
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		i++
	}
	first := i
	for ; i < len(text) && text[i]-'0' <= 9; i++ {
		if e = e*10 + int(text[i]-'0'); i-first == 3 {
			return 0, 0
		}
	}
	if i == first {
		return 0, 0
	}
	if text[0] == '-' {
		e = -e
	}
	return e, i
}

// quotient is a/b, rounded to the nearest float64, to even where two are as near. Neither is 0.
func quotient(a, b uint64) float64 {
	za, zb := bits.LeadingZeros64(a), bits.LeadingZeros64(b)
	a, b = a<<za, b<<zb
	high, low, shift := a, uint64(0), 64
	if a >= b {
		high, low, shift = a>>1, a<<63, 63
	}
	q, rest := bits.Div64(high, low, b) // 64 bits of a/b, the first of them set
	m := q >> 11
	if dropped := q & (1<<11 - 1); dropped > 1<<10 || dropped == 1<<10 && (rest != 0 || m&1 != 0) {
		m++
	}
	scale := 11 - shift + zb - za
	return float64(m) * math.Float64frombits(uint64(1023+scale)<<52)
}

// appendFloat appends the shortest decimal that reads back to v, in Java's and XML's common grammar.
func appendFloat(b []byte, v float64) []byte {
	switch abs := math.Abs(v); {
	case v == math.Trunc(v) && v != 0 && abs < 1e9:
		return strconv.AppendInt(b, int64(v), 10)
	case abs >= 1e-3 && abs < 1e4:
		return appendPlaces(b, v, abs)
	case abs < 1e9 && abs >= 1e4 || v == 0:
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	case math.IsInf(v, -1):
		return append(b, "-1e999"...) // every parser rounds it to -infinity
	}
	return strconv.AppendFloat(b, v, 'e', -1, 64)
}

// mostPlaces is how many digits behind the point appendPlaces tries. Numbers below 1e4 then have 15 digits in all, and of
// all decimals of 15 digits only one reads back to the number.
const mostPlaces = 11

// appendPlaces is appendFloat for numbers from 0.001 to 10,000 that are not whole.
func appendPlaces(b []byte, v, abs float64) []byte {
	m := uint64(abs*pow10[mostPlaces] + 0.5)
	if float64(m)/pow10[mostPlaces] != abs {
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	if v < 0 {
		b = append(b, '-')
	}
	whole, part := m/tens[mostPlaces], m%tens[mostPlaces]
	b = strconv.AppendUint(b, whole, 10)
	places := mostPlaces
	for part%10 == 0 {
		part /= 10
		places--
	}
	at := len(b)
	b = append(b, ".00000000000"[:1+places]...)
	for i := at + places; i > at; i-- {
		b[i] = '0' + byte(part%10)
		part /= 10
	}
	return b
}
