package model

import (
	"math"
	"testing"
)

// TestAccuracy asks numpy 2, whose answers these are, where package math is off by many ulp.
func TestAccuracy(t *testing.T) {
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"power", pow(0.5707151533369612, 3.874380600243179), 0.11383506601751951},
		{"power", pow(1.276205787460381, -108.95037966447964), 2.8833572565891798e-12},
		{"power", pow(1.000001513822407, -9571821.781603195), 5.094025232733839e-07},
		{"power", pow(-0.2852079659826972, 6), 0.00053823248779429},
		{"power", pow(-2.6919451015494276, -3), -0.05126269136796045},
		{"power", pow(1.2491729650764335e+41, 7.49741147471976), 1.3130754380095076e+308},
		{"power", pow(2, 0.5), math.Sqrt2},
		{"exp", ExpOf(709.5), 1.3549863193146328e+308},
		{"log", LogOf(5e-324), -744.4400719213812},
		{"sin", sin(4 * math.Pi), -4.898587196589413e-16},
		{"cos", cos(1.5 * math.Pi), -1.8369701987210297e-16},
		{"sin", sin(1.7e9), 0.9992359103362586},
		{"tan", tan(math.Pi), -1.2246467991473532e-16},
	} {
		if far := int64(math.Float64bits(c.got)) - int64(math.Float64bits(c.want)); far < -4 || far > 4 {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
}
