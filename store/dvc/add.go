package dvc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/store"
)

// Add does with a file what `dvc add` does: its content goes into the cache, its MD5 into a .dvc file beside it, and its name into the
// .gitignore of the folder. Like DVC it leaves the file where it is. A .dvc file that says more than DVC's own is refused.
func Add(ctx context.Context, name string) error {
	r, err := findRepo(filepath.Dir(name))
	if err != nil {
		return err
	}
	f, err := store.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := ctx.Err(); err != nil {
		return err
	}
	base, sum := filepath.Base(name), sumOf(f.Data)
	text, err := render(base, sum, int64(len(f.Data)))
	if err != nil {
		return err
	}
	if err := replaceable(name+".dvc", base); err != nil {
		return err
	}
	key := content{md5: sum}.places()[0]
	if err := put(ctx, r.cache(), key, f.Data); err != nil {
		return err
	}
	// What may be written to has to be hashed again each time, DVC says.
	if err := os.Chmod(r.cache().Path(key), 0o444); err != nil {
		return err
	}
	if !strings.EqualFold(r.config["core"]["no_scm"], "true") {
		if err := ignore(filepath.Join(filepath.Dir(name), ".gitignore"), base); err != nil {
			return err
		}
	}
	return write(name+".dvc", text)
}

// Push copies what Add added of a file to the default remote, as `dvc push` does.
func Push(ctx context.Context, name string) error {
	r, err := findRepo(filepath.Dir(name))
	if err != nil {
		return err
	}
	f, err := store.Open(name + ".dvc")
	if err != nil {
		return err
	}
	defer f.Close()
	outs, err := parse(f.Name, f.Data)
	if err != nil {
		return fault.InFile(err, f.Name)
	}
	if len(outs) != 1 || outs[0].Path != filepath.Base(name) || !isMD5(outs[0].MD5) {
		return fault.Unsupportedf(fault.Where{File: f.Name}, "outputs other than the one file %s", filepath.Base(name))
	}
	remote, err := r.remote(ctx, outs[0].Remote, true)
	if err != nil {
		return fmt.Errorf("pushing %s: %w", name, err)
	}
	c := content{md5: outs[0].MD5}
	local, err := r.cache().Open(ctx, c.places()[0])
	if err == nil {
		defer local.Close()
		if err = c.check(local.Name, local.Data); err == nil {
			err = put(ctx, remote, c.places()[0], local.Data)
		}
	}
	return errors.Join(err, remote.Close())
}

// put writes content under its MD5, where there may be the same already.
func put(ctx context.Context, b store.Bucket, key string, data []byte) error {
	if o, err := b.Stat(ctx, key); err == nil && o.Size == int64(len(data)) {
		return nil
	}
	return b.Put(ctx, key, bytes.NewReader(data), true)
}

// render is the .dvc file of a file, byte by byte as DVC writes it; but for names such as yes, which it does not quote, and for some of more
// than 80 characters, which it folds.
func render(path, sum string, size int64) ([]byte, error) {
	quoted, err := yaml.Marshal(path)
	if err != nil {
		return nil, err
	}
	// DVC quotes the other way where nothing has to be escaped either way.
	switch single := strings.Contains(path, "'"); {
	case !single && string(quoted) == `"`+path+"\"\n":
		quoted = []byte("'" + path + "'\n")
	case single && quoted[0] == '\'' && !strings.ContainsAny(path, `"\`):
		quoted = []byte(`"` + path + "\"\n")
	}
	return fmt.Appendf(nil, "outs:\n- md5: %s\n  size: %d\n  hash: md5\n  path: %s", sum, size, quoted), nil
}

// replaceable refuses a .dvc file with something in it that a new one would lose.
func replaceable(name, path string) error {
	old, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	outs, err := parse(name, old)
	if err != nil {
		return fault.InFile(err, name)
	}
	if len(outs) == 1 && outs[0].Size != nil {
		if again, err := render(path, outs[0].MD5, *outs[0].Size); err == nil && bytes.Equal(again, old) {
			return nil
		}
	}
	return fault.Unsupportedf(fault.Where{File: name}, "a .dvc file with more in it than dvc add writes; use dvc add")
}

// ignore adds a file to a .gitignore, escaped as DVC does it.
func ignore(gitignore, name string) error {
	entry := "/" + strings.NewReplacer("[", `\[`, "]", `\]`, "!", `\!`, "*", `\*`, "#", `\#`, "?", `\?`).Replace(name)
	old, err := os.ReadFile(gitignore)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for line := range strings.Lines(string(old)) {
		if strings.TrimRight(line, "\r\n") == entry {
			return nil
		}
	}
	if len(old) > 0 && old[len(old)-1] != '\n' {
		old = append(old, '\n')
	}
	return write(gitignore, append(old, entry+"\n"...))
}

func write(name string, data []byte) error {
	w, err := store.Create(name)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.Copy(w, bytes.NewReader(data)); err != nil {
		return err
	}
	return w.Commit()
}
