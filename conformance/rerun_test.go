package conformance

import (
	"bytes"
	"sync/atomic"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
)

// TestRerun: converting a file again gives the same bytes, in every format and form.
func TestRerun(t *testing.T) {
	t.Parallel()
	ways := []struct {
		format  string
		options convert.Options
	}{
		{"ONNX", convert.Options{}}, {"ONNX", convert.Options{MLOpset: 3}}, {"ONNX", convert.Options{MLOpset: 1, Inputs: "columns"}},
		{"ONNX", convert.Options{Profile: "classifier"}}, {"PMML", convert.Options{}}, {"PMML", convert.Options{SparsePMML: true}},
	}
	var files atomic.Int64
	each(t, cases(t, all), func(o *opened) {
		again := open(t, o.vector)
		for _, second := range again {
			if second.name != o.name {
				continue // another model of the same file
			}
			for _, way := range ways {
				a, err1 := o.convertTo(way.format, way.options)
				b, err2 := second.convertTo(way.format, way.options)
				switch {
				case refused(err1) && refused(err2) && err1.Error() == err2.Error():
					continue
				case err1 != nil || err2 != nil:
					t.Errorf("%s, %s %+v: %v, %v", o.name, way.format, way.options, err1, err2)
					continue
				case !bytes.Equal(a.data, b.data):
					t.Errorf("%s, %s %+v: other bytes the second time", o.name, way.format, way.options)
				}
				files.Add(1)
			}
		}
	})
	t.Logf("%d files the same", files.Load())
}
