package convert

import "runtime/debug"

// version is set by the linker in releases.
var version = ""

// Version is treeport's own version.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
