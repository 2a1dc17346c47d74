package mutate_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/mutate"
	"github.com/seed-2867d59c/treeport/pickle"
)

const folder = "../../testdata/py311-sk1.7.2/rf_clf/"

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(folder + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Mutants are those of the seed, and the file that they are made of stays as it is.
func TestMutate(t *testing.T) {
	data, other := read(t, "p5.pkl"), read(t, "p0.pkl")
	was := bytes.Clone(data)
	a, b := mutate.New(1), mutate.New(1)
	same := 0
	met := map[string]bool{}
	for range 1000 {
		x, what := a.Mutate(data, other)
		if y, _ := b.Mutate(data, other); !bytes.Equal(x, y) {
			t.Fatalf("%s: another mutant of the same seed", what)
		}
		if bytes.Equal(x, data) {
			same++
		}
		for _, kind := range []string{"flipped", "taken out", "twice", "replaced", "length", "cut"} {
			met[kind] = met[kind] || strings.Contains(what, kind)
		}
	}
	if !bytes.Equal(data, was) {
		t.Error("the file itself was changed")
	}
	if same > 20 || len(met) != 6 {
		t.Errorf("%d of 1000 are no mutants; %v", same, met)
	}
	for kind, was := range met {
		if !was {
			t.Errorf("none is %s", kind)
		}
	}
}

// What is packed again can be unpacked: nothing is wrong but what is inside.
func TestInside(t *testing.T) {
	for _, name := range []string{"zlib.joblib", "gzip.joblib", "bz2.joblib", "xz.joblib", "lzma.joblib", "lz4.joblib", "../skops/ada_clf_multi.skops"} {
		m := mutate.New(2)
		data := read(t, name)
		decoded := 0
		for range 100 {
			mutant, what, ok := m.Inside(data, data)
			if !ok || bytes.Equal(mutant, data) {
				t.Fatalf("%s: no mutant", name)
			}
			if _, err := pickle.Decode(pickle.Source{Data: mutant}, pickle.Limits{}); err == nil {
				decoded++
			} else if text := err.Error(); strings.Contains(text, "checksum") || strings.Contains(text, "damaged") {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		if decoded == 0 && !strings.HasSuffix(name, ".skops") {
			t.Errorf("%s: no mutant decodes", name)
		}
	}
	if _, _, ok := mutate.New(3).Inside(read(t, "p5.pkl"), nil); ok {
		t.Error("a pickle is taken for a container")
	}
}
