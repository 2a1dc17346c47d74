package inspect

import "github.com/seed-2867d59c/treeport/fault"

// MarshalJSON is the description with everything escaped that a terminal might act upon.
func (i *Info) MarshalJSON() ([]byte, error) {
	type plain Info
	return fault.JSON((*plain)(i))
}
