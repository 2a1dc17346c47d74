package verify

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// libraryNames are the file names of onnxruntime's library, as patterns.
func libraryNames() []string {
	switch runtime.GOOS {
	case "windows":
		return []string{"onnxruntime.dll"}
	case "darwin":
		return []string{"libonnxruntime.dylib", "libonnxruntime.*.dylib"}
	}
	return []string{"libonnxruntime.so", "libonnxruntime.so.*"}
}

// under are the places below a folder in which a library may be: the folder itself, an unpacked release, a Python
// environment (or the folder of its programs), or its site-packages.
var under = []string{
	"", "lib", "lib64", "capi", "onnxruntime/capi",
	"lib/python*/site-packages/onnxruntime/capi", "Lib/site-packages/onnxruntime/capi",
	"../lib/python*/site-packages/onnxruntime/capi", "../Lib/site-packages/onnxruntime/capi",
}

// FindONNXRuntime finds the library of onnxruntime. place is its path, or a folder to look in; empty: what
// TREEPORT_ONNXRUNTIME says, else the usual places: beside this program, the active Python environment, the system's
// folders. Wheels of onnxruntime 1.19 and later hold the library, those of 1.15 and earlier do not.
func FindONNXRuntime(place string) (string, error) {
	if place == "" {
		place = os.Getenv(LibraryVariable)
	}
	if place != "" {
		info, err := os.Stat(place)
		if err != nil {
			return "", err
		}
		if !info.IsDir() {
			return place, nil
		}
		if library := libraryIn(place); library != "" {
			return library, nil
		}
		return "", fmt.Errorf("no library of onnxruntime in %s (Python wheels of 1.15 and earlier hold none)", place)
	}
	var places []string
	if program, err := os.Executable(); err == nil {
		places = append(places, filepath.Dir(program))
	}
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if env := os.Getenv(variable); env != "" {
			places = append(places, env)
		}
	}
	places = append(places, filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))...)
	places = append(places, "/usr/local", "/usr", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/opt/homebrew", "/opt/onnxruntime")
	for _, place := range places {
		if library := libraryIn(place); library != "" {
			return library, nil
		}
	}
	return "", fmt.Errorf("no onnxruntime found; %s names its library, or a folder or Python environment that holds it", LibraryVariable)
}

// libraryIn finds the library below a folder; of several the last by name.
func libraryIn(folder string) string {
	for _, place := range under {
		var found []string
		for _, name := range libraryNames() {
			files, _ := filepath.Glob(filepath.Join(folder, filepath.FromSlash(place), name)) // the patterns are constant
			found = append(found, files...)
		}
		if len(found) > 0 {
			return slices.Max(found)
		}
	}
	return ""
}
