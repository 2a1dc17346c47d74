//go:build !((linux || darwin || windows) && (amd64 || arm64)) || noonnxruntime

package verify

import (
	"runtime"

	"github.com/seed-2867d59c/treeport/fault"
)

// OpenONNXRuntime says that this build has no way to load a library.
func OpenONNXRuntime(string) (Runtime, error) {
	return nil, fault.Unsupportedf(fault.Where{}, "onnxruntime in this build (%s/%s); cmd:COMMAND runs one elsewhere", runtime.GOOS, runtime.GOARCH)
}
