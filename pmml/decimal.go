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
	case abs >= 1e-3 && abs < 1e9:
		return appendPlaces(b, v, abs)
	case v == 0:
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	case math.IsInf(v, -1):
		return append(b, "-1e999"...) // every parser rounds it to -infinity
	}
	return strconv.AppendFloat(b, v, 'e', -1, 64)
}

// mostPlaces is how many digits behind the point appendPlaces tries first. Numbers below 1e4 then have 15 digits in all, and of
// all decimals of 15 digits only one reads back to the number.
const mostPlaces = 11

// appendPlaces is appendFloat for numbers from 0.001 to a billion that are not whole.
func appendPlaces(b []byte, v, abs float64) []byte {
	digits, places := uint64(abs*pow10[mostPlaces]+0.5), mostPlaces
	if abs >= 1e4 || float64(digits)/pow10[mostPlaces] != abs {
		if digits, places = shortestDigits(abs); places == 0 {
			return strconv.AppendFloat(b, v, 'f', -1, 64)
		}
	}
	if v < 0 {
		b = append(b, '-')
	}
	whole, part := digits/tens[places], digits%tens[places]
	b = append(strconv.AppendUint(b, whole, 10), '.')
	for ; places > 16; places-- {
		first := tens[places-1]
		b = append(b, '0'+byte(part/first))
		part %= first
	}
	at := len(b)
	b = append(b, "0123456789012345"...) // room
	part *= tens[16-places]
	high, low := spelled(part/1e8), spelled(part%1e8)
	binary.LittleEndian.PutUint64(b[at:], high)
	binary.LittleEndian.PutUint64(b[at+8:], low)
	if low != zeroDigits {
		return b[:at+16-bits.LeadingZeros64(low-zeroDigits)/8]
	}
	return b[:at+8-bits.LeadingZeros64(high-zeroDigits)/8]
}

// zeroDigits spells 0 in eight digits.
const zeroDigits = 0x3030303030303030

// spelled are the eight digits of a number, as eightDigits reads them.
func spelled(n uint64) uint64 {
	const low = 1<<32 | 1
	n = n/1e4 | n%1e4<<32
	hundreds := n * 10486 >> 20 & (0x7F * low) // n/100 in both halves
	n = hundreds | (n-100*hundreds)<<16
	first := n * 103 >> 10 & (0x000F000F * low)
	return zeroDigits | first | (n-10*first)<<8
}

// shortestDigits is the shortest decimal, digits/10^places, that reads back to v: of several the nearest, which is what strconv
// prints. v is from 0.001 to a billion; places is 0 where none was found.
//
// v is m/2^s. All that lies between (2m-1)/2^(s+1) and (2m+1)/2^(s+1) reads back to it; times 10^k, where v has 17 digits before the
// point, that is more than one wide, and exact in 128 bits. No decimal lies on its ends, since s is more than k.
func shortestDigits(v float64) (digits uint64, places int) {
	b := math.Float64bits(v)
	m, s := b&(1<<52-1), uint(1075-b>>52)
	if m == 0 {
		return 0, 0 // the number below a power of two is nearer than the one above
	}
	m |= 1 << 52
	k := 16 - magnitude(v)
	low, up := scaled(2*m-1, k, s+1), scaled(2*m+1, k, s+1)
	j := 0
	for low/10 < up/10 {
		low, up = low/10, up/10
		j++
	}
	if j == k {
		return 0, 0
	}
	high, rest := bits.Mul64(m, tens[k])
	digits = high<<(64-s) | rest>>s
	rest &= 1<<s - 1
	half := uint64(1) << (s - 1)
	if j > 0 {
		sticky := uint64(0)
		if rest != 0 {
			sticky = 1
		}
		digits, rest = digits/tens[j], 2*(digits%tens[j])+sticky
		half = tens[j]
	}
	if rest > half || rest == half && digits&1 != 0 {
		digits++
	}
	return digits, k - j
}

// scaled is m*10^k/2^s, rounded down.
func scaled(m uint64, k int, s uint) uint64 {
	high, low := bits.Mul64(m, tens[k])
	return high<<(64-s) | low>>s
}
