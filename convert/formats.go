package convert

import (
	"bytes"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
	"github.com/seed-2867d59c/treeport/pmml"
	"github.com/seed-2867d59c/treeport/verify"
)

// Format is a format that models are written in.
type Format struct {
	Name       string
	Extensions []string
	// Lower rewrites a model into what the format can say; Write encodes that one to one; Read decodes it. What it reads may share
	// the memory of want, the model that the file should hold, as far as the two are found equal; nil: it is not known. idle is told of
	// parts of the data that were read.
	Lower func(m *model.Model, o Options) (*model.Model, error)
	Write func(w io.Writer, m *model.Model, o Options) error
	Read  func(data []byte, lim forest.Limits, want *model.Model, idle func(part []byte)) (*model.Model, error)
	// Tolerance is how far an artifact's answers may be off the original's by the format's own arithmetic.
	Tolerance func(artifact *model.Model) verify.Tolerance
	// Fields are LoadedArtifact's; nil: none.
	Fields func(m *model.Model) (map[string][]string, error)
	// Sniff tells whether bytes look like the format.
	Sniff func(data []byte) bool
}

// Formats is the visible list.
var Formats = []Format{
	{
		Name: "ONNX", Extensions: []string{".onnx"},
		Lower: func(m *model.Model, o Options) (*model.Model, error) {
			oo, err := o.onnx()
			if err != nil {
				return nil, err
			}
			return onnx.Lower(m, oo)
		},
		Write: func(w io.Writer, m *model.Model, o Options) error {
			oo, err := o.onnx()
			if err != nil {
				return err
			}
			return onnx.Write(w, m, oo)
		},
		Tolerance: float32Sums,
		Read: func(data []byte, lim forest.Limits, want *model.Model, _ func([]byte)) (*model.Model, error) {
			return onnx.ReadExpecting(data, lim, want)
		},
		// A file begins with its IR version, field 1; no pickle begins with this byte.
		Sniff: func(data []byte) bool { return len(data) > 1 && data[0] == 0x08 },
	},
	{
		Name: "PMML", Extensions: []string{".pmml", ".xml"},
		Lower: func(m *model.Model, o Options) (*model.Model, error) { return pmml.Lower(m, o.pmml()) },
		Write: func(w io.Writer, m *model.Model, o Options) error { return pmml.Write(w, m, o.pmml()) },
		Read: func(data []byte, lim forest.Limits, want *model.Model, idle func([]byte)) (*model.Model, error) {
			own := pmml.Limits{Nodes: lim.Nodes, Trees: lim.Trees, Features: lim.Features, Classes: lim.Classes, Idle: idle}
			return pmml.ReadExpecting(data, own, want)
		},
		Fields: pmml.Fields, Tolerance: nearProbabilities,
		Sniff: func(data []byte) bool {
			data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
			return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("<"))
		},
	},
}

// ByName finds the format of an output file by its extension.
func ByName(name string) (Format, error) {
	ext := strings.ToLower(filepath.Ext(name))
	var known []string
	for _, f := range Formats {
		if slices.Contains(f.Extensions, ext) {
			return f, nil
		}
		known = append(known, f.Extensions...)
	}
	return Format{}, fault.Unsupportedf(fault.Where{File: name}, "no format has the extension %q; there are %s", ext, strings.Join(known, ", "))
}

// byContent finds the format of an artifact by its first bytes.
func byContent(data []byte) (Format, bool) {
	for _, f := range Formats {
		if f.Sniff(data) {
			return f, true
		}
	}
	return Format{}, false
}
