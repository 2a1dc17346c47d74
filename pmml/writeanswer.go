package pmml

import "github.com/seed-2867d59c/treeport/model"

// result is the answer whose first column is the target.
func (s *sheet) result() *answered {
	for i := range s.answers {
		if s.answers[i].Method == model.Predict {
			return &s.answers[i]
		}
	}
	return &s.answers[0]
}

// answer writes the last segment.
func (w *sheetWriter) answer(function string) {
	kind := "RegressionModel"
	if w.labels != nil {
		kind = "TreeModel"
	}
	w.text("<Segment><True/><", kind, ` functionName="`, function, `"><MiningSchema>`)
	w.targetField()
	seen := map[*term]bool{}
	see := func(t *term) {
		if t.value == nil && !seen[t] {
			seen[t] = true
			w.miningField(w.name[t], "")
		}
	}
	see(w.result)
	for _, a := range w.s.answers {
		for _, t := range a.columns {
			see(t)
		}
	}
	w.text("</MiningSchema><Output>\n")
	for i, a := range w.s.answers {
		for j, t := range a.columns {
			op := "continuous"
			if a.label {
				op = "categorical"
			}
			w.text("<OutputField")
			w.attr("name", w.output[i][j])
			w.text(` optype="`, op, `" dataType="`, dataTypeOfTerm(t.kind), `" feature="transformedValue"><Extension`)
			w.attr("name", a.Method)
			w.attr("value", a.Name)
			w.text("/>")
			w.expression(w.s.reference(t, w.name))
			w.text("</OutputField>\n")
		}
	}
	w.text("</Output>")
	w.targetIs()
	w.text("</", kind, "></Segment>\n")
}

// targetIs writes what the target is.
func (w *sheetWriter) targetIs() {
	t := w.result
	switch {
	case w.labels == nil && (t.value != nil || t.kind == model.String || t.kind == model.Bool):
		w.text(`<RegressionTable intercept="0"/>`)
	case w.labels == nil:
		w.text(`<RegressionTable intercept="0"><NumericPredictor`)
		w.attr("name", w.name[t])
		w.text(` coefficient="1"/></RegressionTable>`)
	default:
		w.text("<Node><True/>")
		for _, label := range w.labels {
			w.text("<Node")
			w.attr("score", label)
			if t.value != nil {
				w.text("><True/></Node>")
				continue
			}
			w.text("><SimplePredicate")
			w.attr("field", w.name[t])
			w.text(` operator="equal"`)
			w.attr("value", label)
			w.text("/></Node>\n")
		}
		w.text("</Node>")
	}
}
