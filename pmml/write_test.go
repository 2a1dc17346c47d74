package pmml

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

func lowered(t testing.TB, v *vector, o Options) *model.Model {
	t.Helper()
	m, err := Lower(v.model(), o)
	if err != nil {
		t.Fatal(v.Name, err)
	}
	return m
}

func written(t testing.TB, m *model.Model, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, m, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What Lower makes must answer what scikit-learn answered.
func TestLowerAnswersAsScikitLearn(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			answers, err := v.model().Run([]*model.Tensor{v.rows()})
			if err != nil {
				t.Fatal(err)
			}
			v.check(t, answers, 0)
			answers, err = lowered(t, v, Options{}).Run([]*model.Tensor{v.rows()})
			if err != nil {
				t.Fatal(err)
			}
			v.check(t, answers, 0)
			answers, err = lowered(t, v, Options{Near: true}).Run([]*model.Tensor{v.rows()})
			if err != nil {
				t.Fatal(err)
			}
			v.check(t, answers, 2)
		})
	}
}

// The schema is the file pmml.xsd in the Maven artifact org.jpmml:pmml-model; TREEPORT_PMML_XSD says where it is.
func TestSchema(t *testing.T) {
	xsd := os.Getenv("TREEPORT_PMML_XSD")
	xmllint, err := exec.LookPath("xmllint")
	if xsd == "" || err != nil {
		t.Skip("TREEPORT_PMML_XSD is not set, or there is no xmllint")
	}
	dir := os.Getenv("TREEPORT_PMML_KEEP") // the files stay there, for a look
	if dir == "" {
		dir = t.TempDir()
	}
	for _, v := range vectors(t) {
		path := filepath.Join(dir, v.Name+".pmml")
		if err := os.WriteFile(path, written(t, lowered(t, v, Options{}), Options{Version: "1"}), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(xmllint, "--noout", "--huge", "--schema", xsd, path).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", v.Name, out)
		}
	}
}
