package conformance

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/store/dvc"
)

// dvcRepo is a git repository with the real DVC in it.
type dvcRepo struct {
	t           *testing.T
	python, dir string
}

func newDVCRepo(t *testing.T) *dvcRepo {
	python, err := Python("dvc")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CONFIG_DIRS": home, "XDG_CACHE_HOME": home, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": home,
		"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
	} {
		t.Setenv(name, value)
	}
	r := &dvcRepo{t, python, t.TempDir()}
	r.run("git", "init", "-q")
	r.dvc("init", "-q")
	return r
}

func (r *dvcRepo) run(program string, arguments ...string) string {
	r.t.Helper()
	cmd := exec.Command(program, arguments...)
	cmd.Dir = r.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

func (r *dvcRepo) dvc(arguments ...string) string {
	r.t.Helper()
	return r.run(r.python, append([]string{"-m", "dvc"}, arguments...)...)
}

func (r *dvcRepo) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

func (r *dvcRepo) write(files map[string][]byte) {
	r.t.Helper()
	for name, data := range files {
		if err := errors.Join(os.MkdirAll(filepath.Dir(r.path(name)), 0o777), os.WriteFile(r.path(name), data, 0o666)); err != nil {
			r.t.Fatal(err)
		}
	}
}

// remotes are a folder, and a server of each cloud, which is started before a repository changes where caches are.
var remotes = map[string]func(t *testing.T) (configure func(r *dvcRepo)){
	"folder": func(t *testing.T) func(*dvcRepo) {
		return func(r *dvcRepo) { r.dvc("remote", "add", "-d", "Far", t.TempDir()) }
	},
	"s3": func(t *testing.T) func(*dvcRepo) {
		address, _ := clouds["versitygw"](t)
		return func(r *dvcRepo) {
			r.dvc("remote", "add", "-d", "far", "s3://models/some/prefix")
			r.dvc("remote", "modify", "far", "endpointurl", "http://"+address)
		}
	},
	"gs": func(t *testing.T) func(*dvcRepo) {
		address, at := clouds["fake-gcs-server"](t)
		at(address)
		t.Setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false") // asks by gRPC, which the server does not speak
		return func(r *dvcRepo) {
			r.dvc("remote", "add", "-d", "far", "gs://models/some/prefix")
			r.dvc("remote", "modify", "far", "allow_anonymous_login", "true")
		}
	},
	"azure": func(t *testing.T) func(*dvcRepo) {
		address, _ := clouds["azurite"](t)
		t.Setenv("AZURE_STORAGE_CONNECTION_STRING", "DefaultEndpointsProtocol=http;AccountName="+AzuriteAccount+";AccountKey="+AzuriteKey+
			";BlobEndpoint=http://"+address+"/"+AzuriteAccount+";")
		t.Setenv("AZURE_STORAGE_IS_LOCAL_EMULATOR", "true")
		t.Setenv("AZURE_STORAGE_DOMAIN", address)
		return func(r *dvcRepo) { r.dvc("remote", "add", "-d", "far", "azure://models/some/prefix") }
	},
}

func random(size int) []byte {
	data := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(size)}).Read(data)
	return data
}

// TestDVCRead reads what the real DVC added, made and pushed, from the cache and, where that is gone, from the remote.
func TestDVCRead(t *testing.T) {
	for name, start := range remotes {
		t.Run(name, func(t *testing.T) {
			configure := start(t)
			r := newDVCRepo(t)
			configure(r)
			outs := map[string]map[string][]byte{
				"models/m.pkl.dvc": {"m.pkl": random(300_000)},
				"models/tree.dvc":  {"tree/a.npy": random(10), "tree/sub/é b.bin": random(70_000), "tree/same": random(10), "tree/empty": nil},
				"dvc.lock":         {"made/out.txt": []byte("made\n")},
			}
			for file, all := range outs {
				if file == "dvc.lock" {
					continue
				}
				here := map[string][]byte{}
				for key, data := range all {
					here["models/"+key] = data
				}
				r.write(here)
				r.dvc("add", "-q", strings.TrimSuffix(file, ".dvc"))
			}
			r.write(map[string][]byte{"made/.gitignore": nil, "dvc.yaml": []byte("stages:\n  make:\n    cmd: echo made > out.txt\n    wdir: made\n    outs: [out.txt]\n")})
			r.dvc("repro", "-q")
			r.dvc("push", "-q")
			read := func(from string) {
				for file, all := range outs {
					b, err := dvc.Open(t.Context(), r.path(file))
					if err != nil {
						t.Errorf("%s, from the %s: %v", file, from, err)
						continue
					}
					var keys []string
					for o, err := range b.List(t.Context(), "") {
						if err != nil {
							t.Fatal(err)
						}
						keys = append(keys, o.Key)
					}
					if want := slices.Sorted(maps.Keys(all)); !slices.Equal(keys, want) {
						t.Errorf("%s, from the %s: %q, want %q", file, from, keys, want)
					}
					for key, want := range all {
						f, err := b.Open(t.Context(), key)
						if err != nil || !bytes.Equal(f.Data, want) {
							t.Errorf("%s in %s, from the %s: other bytes; %v", key, file, from, err)
							continue
						}
						f.Close()
					}
					if err := b.Close(); err != nil {
						t.Error(err)
					}
				}
			}
			read("working tree")
			for _, gone := range []string{"models/m.pkl", "models/tree", "made/out.txt"} {
				if err := os.RemoveAll(r.path(gone)); err != nil {
					t.Fatal(err)
				}
			}
			read("cache")
			if err := os.RemoveAll(r.path(".dvc/cache")); err != nil {
				t.Fatal(err)
			}
			read("remote")
		})
	}
}

// TestDVCAdd adds files of odd names: their .dvc files and .gitignore have the bytes that the real DVC's have, it finds nothing to do, and
// pulls what was pushed into a clone.
func TestDVCAdd(t *testing.T) {
	names := []string{"m.pkl", "two words.onnx", "é.pmml", "#a: 'q'.bin", "a[1]!*?.x", "1.0", "true", "null", "~", "- x", "x'y", `x"y`, "2020-01-01", "0x1F", "a: b",
		"1e3", "010", "yes", "&a", "%x", "@x", "`x", "a #b", "{x}", " x ", strings.Repeat("long ", 30) + "name", "empty"}
	for name, start := range remotes {
		t.Run(name, func(t *testing.T) {
			configure := start(t)
			real, ours := newDVCRepo(t), newDVCRepo(t)
			configure(ours)
			files := map[string][]byte{}
			for i, name := range names {
				files["d/"+name] = random(i * 1000)
			}
			files["d/empty"] = nil
			real.write(files)
			ours.write(files)
			for _, name := range names {
				if err := errors.Join(dvc.Add(t.Context(), ours.path("d/"+name)), dvc.Push(t.Context(), ours.path("d/"+name))); err != nil {
					t.Errorf("%q: %v", name, err)
				}
			}
			real.dvc(append([]string{"add", "-q"}, slices.Sorted(maps.Keys(files))...)...)
			for _, file := range append(slices.Clone(names), ".gitignore") {
				if file == "yes" || len(file) > 80 {
					continue // written in another way that reads the same
				}
				if file != ".gitignore" {
					file += ".dvc"
				}
				want, err := os.ReadFile(real.path("d/" + file))
				if err != nil {
					t.Fatal(err)
				}
				got, err := os.ReadFile(ours.path("d/" + file))
				if file == ".gitignore" { // in the order in which they were added
					got, want = sortedLines(got), sortedLines(want)
				}
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s: %v\n%s\nDVC's:\n%s", file, err, got, want)
				}
			}
			if said := ours.dvc("status"); !strings.Contains(said, "Data and pipelines are up to date") {
				t.Error(said)
			}
			if said := ours.dvc("status", "--cloud"); !strings.Contains(said, "are in sync") {
				t.Error(said)
			}
			ours.run("git", "add", ".")
			ours.run("git", "commit", "-q", "-m", "models")
			clone := &dvcRepo{t, ours.python, filepath.Join(t.TempDir(), "clone")}
			ours.run("git", "clone", "-q", ours.dir, clone.dir)
			clone.dvc("pull", "-q")
			for name, want := range files {
				if got, err := os.ReadFile(clone.path(name)); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s: other bytes were pulled; %v", name, err)
				}
			}
		})
	}
}

func sortedLines(text []byte) []byte {
	lines := slices.Collect(bytes.Lines(text))
	slices.SortFunc(lines, bytes.Compare)
	return bytes.Join(lines, nil)
}
