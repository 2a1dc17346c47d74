package scan_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/scan"
)

const runs = "cos\nsystem\n(S'ls'\ntR."

// npy is an array as numpy.save writes it.
func npy(descr, items string) string {
	header := "{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,), }\n"
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(header)))) + header + items
}

// zipped is an archive of names and contents, which alternate.
func zipped(t testing.TB, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: members[i], Method: uint16(i / 2 % 2 * 8)}) // stored and deflated in turn
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestMembers: whatever numpy.load, torch.load or a program's own loader would run is found, and told with the member that holds it.
func TestMembers(t *testing.T) {
	object, number := npy("'|O'", runs), npy("'<f8'", "12345678")
	inner := zipped(t, "a.npy", object)
	for _, c := range []struct {
		name, data string
		verdict    scan.Verdict
		members    []string // with findings of calls
	}{
		{"numbers", number, scan.Clean, nil},
		{"objects", object, scan.Dangerous, []string{""}},
		{"records", npy("[('x', '<i8'), ('y', '|O')]", runs), scan.Dangerous, []string{""}},
		{"objects behind numbers", npy("'<f8', 'descr': '|O'", runs), scan.Unreadable, nil},
		{"a dtype that numpy knows", npy("'object'", runs), scan.Unreadable, nil},
		{"npz of numbers", zipped(t, "x.npy", number, "y.npy", number), scan.Clean, nil},
		{"npz", zipped(t, "x.npy", number, "y.npy", object, "z.npy", object), scan.Dangerous, []string{"y.npy", "z.npy"}},
		{"torch", zipped(t, "m/data.pkl", "\x80\x02N.", "m/data/0", "\x80\x02garbage", "m/version", "3\n"), scan.Clean, nil},
		{"beside torch's", zipped(t, "m/data.pkl", "\x80\x02N.", "m/extra/x.PKL", runs), scan.Dangerous, []string{"m/extra/x.PKL"}},
		{"without a name", zipped(t, "a.pkl", "N.", "notes", "\x80\x02"+runs), scan.Dangerous, []string{"notes"}},
		{"the only one", zipped(t, "anything", runs), scan.Dangerous, []string{"anything"}},
		{"in an archive", zipped(t, "text", "words", "a.npz", inner), scan.Dangerous, []string{"a.npz!a.npy"}},
		{"compressed", zipped(t, "a", "text", "in", inner), scan.Dangerous, []string{"in!a.npy"}},
		{"two of a name", zipped(t, "a.pkl", "N.", "a.pkl", runs), scan.Dangerous, []string{"a.pkl"}},
		{"beside skops", zipped(t, "schema.json", `{"__class__": "", "__module__": ""}`, "a.npy", object), scan.Dangerous, []string{"a.npy"}},
		{"no pickle", zipped(t, "a", "text", "b", "text"), scan.Unreadable, nil},
		{"a broken one", zipped(t, "a.pkl", "N.", "b.pkl", "\xff"), scan.Suspicious, nil},
		{"nothing but broken ones", zipped(t, "a.pkl", "\xff", "b.pkl", "\xff"), scan.Unreadable, nil},
	} {
		r := scan.File(pickle.Source{Name: "f", Data: []byte(c.data)}, pickle.Limits{})
		var members []string
		for _, f := range r.Findings {
			if f.Rule == "unknown-call" {
				members = append(members, f.Member)
			}
		}
		if r.Verdict != c.verdict || !slices.Equal(members, c.members) {
			t.Errorf("%s: %s, %+v", c.name, r.Verdict, r.Findings)
		}
	}
}

// TestMembersOfNumpy: arrays of objects that numpy saved are honest, alone and in an .npz.
func TestMembersOfNumpy(t *testing.T) {
	files, err := filepath.Glob("../pickle/testdata/vectors/py27old-objects-joblib/*.npy")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var members []string
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, filepath.Base(name), string(data))
		r, err := scan.Open(name, pickle.Limits{})
		if err != nil || r.Verdict != scan.Clean || r.Names == 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	r := scan.File(pickle.Source{Name: "f", Data: []byte(zipped(t, members...))}, pickle.Limits{})
	if r.Verdict != scan.Clean || r.Names < len(files) {
		t.Errorf("%+v", r)
	}
}

// TestMembersTogether: the members of an archive share one set of limits, and after one is reached nothing more is read.
func TestMembersTogether(t *testing.T) {
	long := "\x80\x02" + strings.Repeat("N0", 1000) + "N."
	var members []string
	for range 20 {
		members = append(members, "text", "", "a.pkl", long)
	}
	for limit, lim := range map[string]pickle.Limits{"max-opcodes": {MaxOpcodes: 5000}, "max-inflated": {MaxInflated: 5000}, "max-memory": {MaxMemory: 200_000}} {
		r := scan.File(pickle.Source{Name: "f", Data: []byte(zipped(t, members...))}, lim)
		if len(r.Findings) != 1 || !strings.Contains(r.Findings[0].What, limit) || r.Verdict != scan.Suspicious {
			t.Errorf("%s: %s, %+v", limit, r.Verdict, r.Findings)
		}
	}
	deep := runs
	for range 10 {
		deep = zipped(t, "a.pkl", deep)
	}
	if r := scan.File(pickle.Source{Name: "f", Data: []byte(deep)}, pickle.Limits{}); r.Verdict == scan.Clean {
		t.Errorf("%+v", r)
	}
}
