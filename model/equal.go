package model

import "reflect"

// equalSettings is Equal for steps whose fields are plain settings.
func equalSettings(a, b Op) error {
	if !reflect.DeepEqual(a, b) {
		return differ(a, b)
	}
	return nil
}

// equalSlicesOf is Equal for steps of one list.
func equalSlicesOf[O Op](a O, other Op, list func(O) []int) error {
	if b, ok := other.(O); !ok || !equalSlices(list(a), list(b)) {
		return differ(a, other)
	}
	return nil
}
