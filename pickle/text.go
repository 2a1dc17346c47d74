package pickle

import (
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"
)

// unquote reads the argument of STRING: what Python's repr made of a byte string, in single or double quotes. Bytes
// without escapes alias the line. It says false where Python would raise.
func unquote(line []byte) ([]byte, bool) {
	n := len(line)
	if n < 2 || line[0] != line[n-1] || line[0] != '\'' && line[0] != '"' {
		return nil, false
	}
	line = line[1 : n-1]
	first := 0
	for first < len(line) && line[first] != '\\' {
		first++
	}
	if first == len(line) {
		return line, true
	}
	out := append(make([]byte, 0, len(line)), line[:first]...)
	for i := first; i < len(line); i++ {
		if line[i] != '\\' {
			out = append(out, line[i])
			continue
		}
		i++
		if i == len(line) {
			return nil, false
		}
		switch c := line[i]; c {
		case '\n':
		case '\\', '\'', '"':
			out = append(out, c)
		case 'a':
			out = append(out, '\a')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'v':
			out = append(out, '\v')
		case 'x':
			v, ok := hexNumber(line[i+1:], 2)
			if !ok {
				return nil, false
			}
			out = append(out, byte(v))
			i += 2
		case '0', '1', '2', '3', '4', '5', '6', '7':
			v := 0
			for k := 0; k < 3 && i < len(line) && line[i] >= '0' && line[i] <= '7'; k++ {
				v = v*8 + int(line[i]-'0')
				i++
			}
			i--
			out = append(out, byte(v))
		default:
			out = append(out, '\\', c)
		}
	}
	return out, true
}

// rawUnicode reads the argument of UNICODE: Python's raw-unicode-escape, in which every byte is a Latin-1 character but
// for \uXXXX and \UXXXXXXXX.
func rawUnicode(line []byte) (string, bool) {
	out := make([]byte, 0, len(line))
	for i := 0; i < len(line); i++ {
		c := line[i]
		if c != '\\' || i+1 == len(line) {
			out = utf8.AppendRune(out, rune(c))
			continue
		}
		i++
		digits := 0
		switch line[i] {
		case 'u':
			digits = 4
		case 'U':
			digits = 8
		default:
			out = utf8.AppendRune(append(out, '\\'), rune(line[i]))
			continue
		}
		v, ok := hexNumber(line[i+1:], digits)
		if !ok || v > utf8.MaxRune {
			return "", false
		}
		out = appendRune(out, rune(v))
		i += digits
	}
	return string(out), true
}

// appendRune is utf8.AppendRune, but for surrogates, which become their three bytes as Python's surrogatepass has them.
func appendRune(out []byte, r rune) []byte {
	if r >= 0xd800 && r < 0xe000 {
		return append(out, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(out, r)
}

// ValidText says whether bytes are UTF-8, lone surrogates allowed.
func ValidText(b []byte) bool {
	for !utf8.Valid(b) {
		i := 0
		for {
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n <= 1 {
				break
			}
			i += n
		}
		if len(b) < i+3 || b[i] != 0xed || b[i+1] < 0xa0 || b[i+1] > 0xbf || b[i+2] < 0x80 || b[i+2] > 0xbf {
			return false
		}
		b = b[i+3:]
	}
	return true
}

// latin1 is what text.encode('latin1') gives.
func latin1(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return nil, false
		}
		out = append(out, byte(r))
	}
	return out, true
}

func hexNumber(b []byte, digits int) (uint32, bool) {
	if len(b) < digits {
		return 0, false
	}
	v := uint32(0)
	for _, c := range b[:digits] {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | uint32(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = v<<4 | uint32(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}

// maxDigits is the longest decimal integer that Python itself reads without being told to (sys.int_info).
const maxDigits = 4300

// decimal reads an integer of INT or LONG.
func decimal(line []byte) (Value, bool) {
	for len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
		line = line[1:]
	}
	for n := len(line); n > 0 && (line[n-1] == ' ' || line[n-1] == '\r' || line[n-1] == '\t'); n-- {
		line = line[:n-1]
	}
	digits := line
	if len(digits) > 0 && (digits[0] == '-' || digits[0] == '+') {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > maxDigits {
		return nil, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return nil, false
		}
	}
	if n, err := strconv.ParseInt(string(line), 10, 64); err == nil {
		return n, true
	}
	n, ok := new(big.Int).SetString(string(line), 10)
	return n, ok
}

// float reads the argument of FLOAT, which Python's repr wrote.
func float(line []byte) (float64, bool) {
	switch string(line) {
	case "inf":
		return math.Inf(1), true
	case "-inf":
		return math.Inf(-1), true
	case "nan", "-nan":
		return math.Float64frombits(0x7ff8 << 48), true // the bits of Python's
	}
	for _, c := range line {
		if (c < '0' || c > '9') && c != '+' && c != '-' && c != '.' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(string(line), 64)
	return v, err == nil || math.IsInf(v, 0)
}

// long reads the argument of LONG1 and LONG4: two's complement, least significant byte first.
func long(b []byte) Value {
	if len(b) == 0 {
		return int64(0)
	}
	if len(b) <= 8 {
		v := uint64(0)
		for i, c := range b {
			v |= uint64(c) << (8 * i)
		}
		shift := 64 - 8*len(b)
		return int64(v<<shift) >> shift
	}
	reversed := make([]byte, len(b))
	for i, c := range b {
		reversed[len(b)-1-i] = c
	}
	n := new(big.Int).SetBytes(reversed)
	if b[len(b)-1] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return whole(n)
}

// whole is an integer as the Value it belongs in.
func whole(n *big.Int) Value {
	if n.IsInt64() {
		return n.Int64()
	}
	return n
}
