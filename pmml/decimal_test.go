package pmml

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// What decimal reads, strconv reads as the same number; and what strconv does not read, decimal does not take to its end.
func TestDecimal(t *testing.T) {
	texts := []string{"", "-", ".", "0", "-0", "-0.0", "5.", ".5", "+5", "1e", "1e+", "e5", "1e5", "1E-5", "1e+022", "1e0022", "1.5e-400", "0e999", "1-2",
		"9007199254740993", "9007199254740992.5", "9007199254740993e1", "18446744073709551615", "18446744073709551616", "9999999999999999999", "99999999999999999999",
		"0.0000000000000000001", "0.00000000000000000001", "1.9999999999999999999", "0.99999999999999999", "0x1p3", "1_000", "inf", "nan",
		"4503599627370496.5", "4503599627370497.5", "0.1000000000000000055", "00000000000000000000000001.5", "0.000000000000000000000000015"}
	r := rand.New(rand.NewPCG(11, 12))
	for i := range 300_000 {
		v := math.Float64frombits(r.Uint64())
		if i%2 == 0 {
			v = r.NormFloat64() * math.Pow(10, float64(r.IntN(12)-6))
		}
		format := "feg"[r.IntN(3)]
		if math.Abs(v) > 1e30 || math.Abs(v) < 1e-30 {
			format = 'e'
		}
		texts = append(texts, strconv.FormatFloat(v, format, r.IntN(22)-1, 64))
		if w := r.Uint64() >> r.IntN(64); i%10 == 0 { // halves between two numbers, and what is near them
			texts = append(texts, strconv.FormatUint(w, 10)[:1]+"."+strconv.FormatUint(w, 10)+"5")
			half := w>>11<<11 | 1<<10
			for near := half - 1; near != half+2; near++ {
				text := strconv.FormatUint(near, 10)
				at := r.IntN(len(text))
				texts = append(texts, text, text[:at]+"."+text[at:])
			}
		}
	}
	quick := 0
	for _, text := range texts {
		want, err := strconv.ParseFloat(text, 64)
		v, n := decimal([]byte(text))
		if n == 0 {
			continue
		}
		if n == len(text) {
			quick++
			if err != nil || math.Float64bits(v) != math.Float64bits(want) {
				t.Fatalf("%s is %v, not %v (%v)", text, v, want, err)
			}
		}
		if after, m := decimal([]byte(text[:n] + `"/>`)); m != n || math.Float64bits(after) != math.Float64bits(v) {
			t.Fatalf("%s is %v of %d bytes, then %v of %d", text, v, n, after, m)
		}
	}
	if quick < len(texts)/3 {
		t.Errorf("only %d of %d are read", quick, len(texts))
	}
}

// appendFloat writes what strconv writes.
func TestAppendFloat(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for i := range 500_000 {
		v := r.NormFloat64() * math.Pow(10, float64(r.IntN(13)-4))
		switch i % 6 {
		case 0: // of few digits
			v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'e', r.IntN(16), 64), 64)
		case 1:
			v = shorten(v)
		case 2: // whose digits end, so that two shorter decimals may be as near
			v = float64(r.Uint64()>>(11+r.IntN(40))) / float64(uint64(1)<<r.IntN(20))
		case 3: // near a power of two or of ten
			v = math.Float64frombits(math.Float64bits(math.Pow([]float64{2, 10}[i/6%2], float64(r.IntN(14)-4))) + r.Uint64N(5) - 2)
		}
		want := strconv.FormatFloat(v, 'e', -1, 64)
		if abs := math.Abs(v); abs >= 1e-3 && abs < 1e9 || v == 0 {
			want = strconv.FormatFloat(v, 'f', -1, 64)
		}
		if got := string(appendFloat([]byte("x"), v)); got != "x"+want {
			t.Fatalf("%v is written %s, not %s", v, got[1:], want)
		}
	}
}

// shorten finds no longer decimal than trying all lengths does.
func TestShortenIsShortest(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for i := range 100_000 {
		v := r.NormFloat64() * math.Pow(10, float64(r.IntN(40)-16))
		if i%3 == 0 {
			v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'e', r.IntN(10), 64), 64)
		}
		f := float32(v)
		if float64(f) > v {
			f = math.Nextafter32(f, float32(math.Inf(-1)))
		}
		lo, hi := float64(f), float64(math.Nextafter32(f, float32(math.Inf(1))))
		shortest := shortenSlowly(lo, lo+(hi-lo)/2)
		if a, b := digitsOf(shorten(v)), digitsOf(shortest); a > b {
			t.Fatalf("%v becomes %v of %d digits, not %v of %d", v, shorten(v), a, shortest, b)
		}
	}
}

func digitsOf(v float64) int {
	mantissa, _, _ := strings.Cut(strconv.FormatFloat(math.Abs(v), 'e', -1, 64), "e")
	return len(strings.Replace(mantissa, ".", "", 1))
}
