package inspect_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/seed-2867d59c/treeport/inspect"
)

// unprintable is where a text has a character that a terminal might act upon; -1 if nowhere.
func unprintable(text string) int {
	return strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
}

func fromBytes(t *testing.T, pickle string) *inspect.Info {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.pkl")
	if err := os.WriteFile(path, []byte(pickle), 0o600); err != nil {
		t.Fatal(err)
	}
	info := describe(t, path, inspect.Options{})
	info.Lock = inspect.NewLock(info)
	return info
}

// Names, keys and values of a file may hold anything: escape sequences, C1 controls, text that runs from right to left.
func TestTerminal(t *testing.T) {
	const evil = "\x1b[2J\xc2\x9b31m\xe2\x80\xae"
	uni := func(s string) string { return "X" + string([]byte{byte(len(s)), 0, 0, 0}) + s }
	info := fromBytes(t, "\x80\x02}("+uni(evil)+uni(evil)+ // a dict with a key and a value
		uni("o")+"csklearn."+evil+"\nRandomForest"+evil+"\n)R}"+uni("_sklearn_version")+uni("1.0\n--index-url "+evil)+"sbu.")
	checkText(t, "evil", info)
	if len(info.Releases) != 1 {
		t.Fatalf("releases %v", info.Releases)
	}
	for _, line := range strings.Split(info.Lock.Text(), "\n") {
		if strings.Contains(line, "index-url") && !strings.HasPrefix(line, "#") {
			t.Errorf("the file wrote a line of requirements: %s", line)
		}
	}
}

// A list that holds itself is shown once.
func TestCycle(t *testing.T) {
	info := fromBytes(t, "\x80\x02]q\x00h\x00a.")
	if at := info.Object.Children[0].SeenAt; at != "model" {
		t.Errorf("seen at %q", at)
	}
	if !strings.Contains(info.Text(), "[0]  list of 1 list, the same as model") {
		t.Errorf("text:\n%s", info.Text())
	}
}

// Without an estimator a file is described all the same.
func TestNoEstimator(t *testing.T) {
	info := fromBytes(t, "\x80\x02K\x07.")
	if text := info.Text(); !strings.Contains(text, "no estimator in it") || !strings.Contains(text, "model  7") {
		t.Errorf("text:\n%s", text)
	}
	if len(info.Lock.Requirements) != 0 {
		t.Errorf("requirements %+v", info.Lock.Requirements)
	}
}

// Of many alike one is shown, and of many different ones the first.
func TestManyChildren(t *testing.T) {
	alike := fromBytes(t, "\x80\x02("+strings.Repeat("]", 1000)+"l.").Object
	if len(alike.Children) != 1 || alike.Omitted != 999 || alike.Value != "1000 list" {
		t.Errorf("%d children, %d omitted, %q", len(alike.Children), alike.Omitted, alike.Value)
	}
	different := fromBytes(t, "\x80\x02("+strings.Repeat("]}", 1000)+"l.").Object
	if len(different.Children)+different.Omitted != 2000 || len(different.Children) > 100 {
		t.Errorf("%d children, %d omitted", len(different.Children), different.Omitted)
	}
}

// Models in a container are listed with the path that --select takes; those inside of something foreign are marked.
func TestSeveralModels(t *testing.T) {
	info := describe(t, "../testdata/py311-sk1.7.2/wrapped/dict.pkl", inspect.Options{})
	if len(info.Models) != 1 || info.Models[0].Path != "model['model']" || info.Models[0].Inside != "" {
		t.Errorf("models %+v", info.Models)
	}
	info = describe(t, "../testdata/py311-sk1.7.2/wrapped/list.pkl", inspect.Options{})
	if len(info.Models) < 2 || info.Models[1].Path != "model[1]" {
		t.Errorf("models %+v", info.Models)
	}
	// own.Thing(forest), an object of a class that nobody knows.
	foreign := fromBytes(t, "\x80\x02cown\nThing\n(csklearn.ensemble._forest\nRandomForestClassifier\n)R}X\x10\x00\x00\x00_sklearn_versionX\x05\x00\x00\x001.7.2sbtR.")
	if len(foreign.Models) != 1 || foreign.Models[0].Inside != "model" || foreign.Models[0].Refused == "" {
		t.Errorf("models %+v", foreign.Models)
	}
}
