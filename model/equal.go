package model

import "reflect"

// equalSettings is Equal for steps whose fields are plain settings.
func equalSettings(a, b Op) error {
	if !reflect.DeepEqual(a, b) {
		return differ(a, b)
	}
	return nil
}
