package convert

import (
	"strings"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Hints are what a file tells of the Python, numpy, joblib and skops that wrote it, as version ranges in pip's notation. A
// file names none of them but skops; what it says is in its protocol and in the modules it names. A booster's own file says
// nothing of them.
func Hints(d *pickle.Document) []model.Property {
	if d.Library != "" {
		return nil
	}
	hints := []model.Property{{Key: model.KeyPython, Value: python(d)}}
	if v := numpy(d); v != "" {
		hints = append(hints, model.Property{Key: model.KeyNumpy, Value: v})
	}
	if v := joblib(d); v != "" {
		hints = append(hints, model.Property{Key: model.KeyJoblib, Value: v})
	}
	if d.Skops != "" {
		hints = append(hints, model.Property{Key: model.KeySkops, Value: "==" + d.Skops})
	}
	return hints
}

func python(d *pickle.Document) string {
	switch {
	case d.Python2:
		return "<3"
	case d.Skops != "":
		return ">=3.7" // what skops 0.3 needs
	case d.Protocol >= 5:
		return ">=3.8"
	case d.Protocol >= 4:
		return ">=3.4"
	}
	return ">=3"
}

func numpy(d *pickle.Document) string {
	for _, use := range d.Globals {
		switch module := use.Global.Module; {
		case module == "numpy._core" || strings.HasPrefix(module, "numpy._core."):
			return ">=2"
		case module == "numpy.core" || strings.HasPrefix(module, "numpy.core."):
			return "<2"
		}
	}
	return ""
}

func joblib(d *pickle.Document) string {
	switch {
	case d.Joblib == nil:
		return ""
	case d.Joblib.Aligned:
		return ">=1.2"
	case d.Joblib.Layout == "0.10+":
		return ">=0.10,<1.2"
	}
	return "<0.10"
}
