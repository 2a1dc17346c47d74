package model

// Exact tells of every value whether it is the same to the bit wherever IEEE 754 is followed: nothing that it is made of
// goes through exp, log, powers, or sums whose order is open.
func (m *Model) Exact() []bool {
	exact := make([]bool, len(m.Inputs), len(m.Inputs)+len(m.Ops))
	for i := range exact {
		exact[i] = true
	}
	for _, op := range m.Ops {
		is := true
		switch op := op.(type) {
		case *Unary:
			is = op.Fn.Exact()
		case *Binary:
			is = op.Fn != Pow
		case *MatMul:
			is = false
		case *Ensemble:
			is = !op.Forest.Near
		}
		for _, r := range op.Reads() {
			is = is && exact[r]
		}
		exact = append(exact, is)
	}
	return exact
}
