package store

import (
	"os"
	"sync"
)

// unfinished are the temporary files that are neither committed nor aborted.
var unfinished struct {
	sync.Mutex
	names map[string]bool
}

func begun(name string) {
	unfinished.Lock()
	defer unfinished.Unlock()
	if unfinished.names == nil {
		unfinished.names = map[string]bool{}
	}
	unfinished.names[name] = true
}

func ended(name string) {
	unfinished.Lock()
	defer unfinished.Unlock()
	delete(unfinished.names, name)
}

// RemoveUnfinished removes what is being written, for a process that is about to end in the middle of it.
func RemoveUnfinished() {
	unfinished.Lock()
	defer unfinished.Unlock()
	for name := range unfinished.names {
		_ = os.Remove(name)
	}
}
