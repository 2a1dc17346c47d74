package fault_test

import (
	"encoding/json"
	"testing"
	"unicode"

	"github.com/seed-2867d59c/treeport/fault"
)

func TestJSONIsPrintableAndMeansTheSame(t *testing.T) {
	want := map[string]string{"a\u009b31m\x1b\x7f\n": "\u202e\u2066\u200f\ufeff\u2028\U000e0001 <ä€😀>"}
	text, err := fault.JSON(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range string(text) {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%q in %q", r, text)
		}
	}
	var got map[string]string
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
