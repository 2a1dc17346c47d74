package scan

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/store"
)

// allowlist.txt has a line for each use of a name in honest files, its parts separated by tabs: the name, how it is used, and, of
// scikit-learn's own names, the first and the last release whose files have it. The command learn writes it.
//
//go:embed allowlist.txt
var allowlist string

// entry is what is known of a use: the releases of scikit-learn whose files have it; empty where no file named one.
type entry struct{ from, to string }

// allowed is read when it is first asked for: programs that scan nothing need not wait for it.
var allowed = sync.OnceValue(func() map[Use]entry { return parse(allowlist) })

func parse(text string) map[Use]entry {
	all := map[Use]entry{}
	for line := range strings.Lines(text) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) < 2 || strings.HasPrefix(line, "#") {
			continue
		}
		var e entry
		if len(parts) == 4 {
			e = entry{parts[2], parts[3]}
		}
		all[Use{parts[0], parts[1]}] = e
	}
	return all
}

// Learner makes an allowlist of honest files.
type Learner struct {
	all map[Use]entry
}

// Learn adds what a file holds; of one that can't be read to its end, which is the error, what comes before.
func (l *Learner) Learn(name string) error {
	f, err := store.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if l.all == nil {
		l.all = map[Use]entry{}
	}
	for _, p := range record(pickle.Source{Name: f.Name, Data: f.Data, Idle: f.Release, Sibling: f.Sibling}, pickle.Limits{}) {
		l.learn(p.recorder)
		err = errors.Join(err, p.err)
	}
	return err
}

func (l *Learner) learn(r *recorder) {
	for _, u := range r.order {
		if foreign(u) {
			continue
		}
		e, known := l.all[u]
		if at, ok := minor(r.release); ok && strings.HasPrefix(u.Name, "sklearn.") {
			short := fmt.Sprintf("%d.%d", at/1000, at%1000)
			if from, ok := minor(e.from); !ok || at < from {
				e.from = short
			}
			if to, ok := minor(e.to); !ok || at > to {
				e.to = short
			}
		}
		if !known || e != l.all[u] {
			l.all[u] = e
		}
	}
}

// foreign tells of what honest files may hold and no list can answer for: code of their authors, cloudpickle's functions, which make
// functions and classes of whatever code the file holds, and calls that have no name.
func foreign(u Use) bool {
	for _, part := range []string{"cloudpickle", "mycompany_models", "cases."} {
		if strings.Contains(u.Name, part) {
			return true
		}
	}
	return u.How == unnamed || u.How == classState || u.How == persistent
}

// Write writes allowlist.txt, sorted.
func (l *Learner) Write(w io.Writer) error {
	if _, err := fmt.Fprint(w, "# What honest model files use: name, how, and of scikit-learn the first and last release. Written by scan/learn.\n"); err != nil {
		return err
	}
	uses := slices.SortedFunc(maps.Keys(l.all), func(a, b Use) int {
		return strings.Compare(a.Name+"\t"+a.How, b.Name+"\t"+b.How)
	})
	for _, u := range uses {
		line := u.Name + "\t" + u.How
		if e := l.all[u]; e.from != "" {
			line += "\t" + e.from + "\t" + e.to
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
