// Command learn writes scan/allowlist.txt: what the honest model files of some folders use. Files below a folder named hostile are
// left out, and those named odd_*, in which testdata/everything.py saves functions that turn into anything; what can't be read is named.
//
//	go run ./scan/learn testdata FOLDER... > allowlist.txt
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-2867d59c/treeport/scan"
)

func main() {
	var l scan.Learner
	files := 0
	for _, folder := range os.Args[1:] {
		err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case e.IsDir() && e.Name() == "hostile":
				return filepath.SkipDir
			case e.IsDir() || !model(path):
				return nil
			}
			files++
			if err := l.Learn(path); err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			}
			return nil
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	fmt.Fprintf(os.Stderr, "%d files\n", files)
	if err := l.Write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// model tells whether a file is one of models by its name; of compressed ones, the extension may come before the last.
func model(path string) bool {
	name := filepath.Base(path)
	return !strings.HasPrefix(name, "odd_") && (strings.Contains(name, ".pkl") && !strings.Contains(name, ".npy") || strings.Contains(name, ".joblib") || strings.HasSuffix(name, ".skops") || strings.HasSuffix(name, ".pickle"))
}
