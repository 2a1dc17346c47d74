package pmml

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

// sklearn2pmml's files must answer what scikit-learn answered. It writes probabilities as record counts, which engines
// divide by their sum; so some are an ulp or two away.
func TestForeignFiles(t *testing.T) {
	for _, v := range vectorsIn(t, "testdata/sklearn2pmml") {
		t.Run(v.Name, func(t *testing.T) {
			data, err := os.ReadFile("testdata/sklearn2pmml/" + v.Name + ".pmml")
			if err != nil {
				t.Fatal(err)
			}
			m, err := Read(data, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			all, width := v.rows(), m.Inputs[0].Width
			x := model.NewTensor(model.Type{Kind: model.Float64, Row: []int{width}}, all.Rows())
			for j, name := range m.Inputs[0].Columns { // it leaves out features that no tree uses
				for row := range all.Rows() {
					x.Float[row*width+j] = all.Float[row*v.Features+slices.Index([]string{"x1", "x2", "x3"}, name)]
				}
			}
			answers, err := m.Run([]*model.Tensor{x})
			if err != nil {
				t.Fatal(err)
			}
			v.check(t, answers, 2)
		})
	}
}

// What is not known must be refused by its name.
func TestRefusals(t *testing.T) {
	good := string(written(t, lowered(t, vectorsIn(t, "testdata")[0], Options{}), Options{}))
	for _, c := range []struct{ old, new, says string }{
		{"<PMML", "<!DOCTYPE x><PMML", "document type"},
		{`version="4.4"`, `version="2.1"`, "version"},
		{`encoding="UTF-8"`, `encoding="ISO-8859-1"`, "encoding"},
		{`multipleModelMethod="average"`, `multipleModelMethod="majorityVote"`, "majorityVote"},
		{`operator="lessOrEqual"`, `operator="equal"`, `operator "equal"`},
		{`<MiningField name="x1"/>`, `<MiningField name="x1" missingValueReplacement="0"/>`, "missingValueReplacement"},
		{`<MiningField name="x1"/>`, `<MiningField name="x1" outliers="asExtremeValues"/>`, "outliers"},
		{`dataType="float"`, `dataType="integer"`, "integer"},
		{`<TreeModel functionName="classification">`, `<TreeModel functionName="classification" missingValueStrategy="weightedConfidence">`, "weightedConfidence"},
		{`feature="probability"`, `feature="entityId"`, "entityId"},
		{`</DataDictionary>`, `</DataDictionary><TransformationDictionary><DerivedField name="d"/></TransformationDictionary>`, "DerivedField"},
		{`recordCount="1`, `recordCount="-1`, "count"},
		{`value="-`, `value="0x`, "value"},
	} {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Errorf("the file has no %s", c.old)
		}
		if _, err := Read([]byte(bad), Limits{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, not %q", c.new, err, c.says)
		}
	}
	for _, lim := range []Limits{{Depth: 5}, {Nodes: 10}, {Cells: 10}} {
		if _, err := Read([]byte(good), lim); err == nil || !strings.Contains(err.Error(), "too big") {
			t.Errorf("limits %+v: %v", lim, err)
		}
	}
	for i := range len(good) {
		if i%97 == 0 || i > len(good)-50 && i < len(good)-1 {
			if _, err := Read([]byte(good[:i]), Limits{}); err == nil {
				t.Errorf("cut off at byte %d, it is read", i)
			}
		}
	}
}
