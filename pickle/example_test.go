package pickle_test

import (
	"fmt"
	"log"

	"github.com/seed-2867d59c/treeport/pickle"
)

// What would run a command when Python loads it is data here: an object that says what would be called.
func ExampleDecode() {
	data := []byte("cposix\nsystem\n(S'echo hello'\ntR.")
	doc, err := pickle.Decode(pickle.Source{Name: "example.pkl", Data: data}, pickle.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	call := doc.Root.(*pickle.Object)
	fmt.Println(call.Class, pickle.Repr(call.Args[0], 80))
	// Output: posix.system b"echo hello"
}
