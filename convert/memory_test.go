package convert

import (
	"bytes"

	"github.com/seed-2867d59c/treeport/store"
)

// OpenData is Open of bytes that no file holds.
func OpenData(data []byte, lim Limits) (*Source, error) {
	return open(&store.File{Name: "f", Data: data}, lim, false)
}

// ConvertData is Write into memory: lowered, written and proven.
func ConvertData(format Format, sel Selected, o Options) error {
	lowered, err := lower(format, sel.Model, o)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := format.Write(&b, lowered, o); err != nil {
		return err
	}
	proof := begin(format, sel.Model, lowered, o)
	defer proof.end()
	_, err = proof.data(b.Bytes(), func([]byte) {})
	return err
}
