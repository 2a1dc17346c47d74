package pipelines

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/table"
	"github.com/seed-2867d59c/treeport/verify"
)

// Answers of the original stand beside a model by convention: STEM.X.npy holds rows, and STEM.y.npy what predict answered to them,
// STEM.predict_proba.npy (or another method's name) what that did. They may be npy, npz (of one array), csv or parquet files.
const (
	rowsPart   = "X"
	answerPart = "y" // of predict
)

var tableExtensions = []string{".npy", ".npz", ".csv", ".parquet"}

// answerMethods are those whose answers may be recorded.
var answerMethods = []string{model.Predict, model.PredictProba, "decision_function", "score_samples", "transform", "apply", "raw_score"}

// part tells what a file beside a model is, X, y or a method's name; empty: no such file.
func part(key, stem string) string {
	rest, ok := strings.CutPrefix(path.Base(key), stem+".")
	ext := path.Ext(rest)
	name := strings.TrimSuffix(rest, ext)
	if !ok || !slices.Contains(tableExtensions, strings.ToLower(ext)) || name != rowsPart && name != answerPart && !slices.Contains(answerMethods, name) {
		return ""
	}
	return name
}

// isTable tells whether a key is of rows or answers, and so no model.
func isTable(key string) bool {
	return slices.Contains(tableExtensions, strings.ToLower(path.Ext(key)))
}

// recordedRows are rows, and what the original answered to them.
type recordedRows struct {
	rowsName string
	rows     *table.Table
	answers  []recordedAnswer
	files    []*store.File
}

type recordedAnswer struct {
	method string
	values *model.Tensor
}

// recorded reads what is recorded beside a model; nil: nothing.
func (r *runner) recorded(ctx context.Context, item *Item) (*recordedRows, error) {
	if r.config.Verify.IgnoreRecorded {
		return nil, nil
	}
	parts := map[string]string{}
	for _, o := range item.found.beside {
		if p := part(o.Key, item.name.stem); p != "" {
			if other, twice := parts[p]; twice {
				return nil, fault.Unsupportedf(fault.Where{File: item.Source}, "answers are recorded twice: %s and %s", path.Base(other), path.Base(o.Key))
			}
			parts[p] = o.Key
		}
	}
	if parts[rowsPart] == "" {
		if len(parts) > 0 {
			return nil, fault.Unsupportedf(fault.Where{File: item.Source}, "answers are recorded beside it, but not the rows: %s.%s.npy", item.name.stem, rowsPart)
		}
		return nil, nil
	}
	all := &recordedRows{rowsName: path.Base(parts[rowsPart])}
	for _, p := range append([]string{rowsPart, answerPart}, answerMethods...) {
		key := parts[p]
		if key == "" {
			continue
		}
		t, err := all.open(ctx, item.found.bucket, key)
		if err != nil {
			all.close()
			return nil, err
		}
		if p == rowsPart {
			all.rows = t
			continue
		}
		values, err := t.Tensor()
		if err != nil {
			all.close()
			return nil, fault.InFile(err, key)
		}
		method := p
		if p == answerPart {
			method = model.Predict
		}
		all.answers = append(all.answers, recordedAnswer{method, values})
	}
	return all, nil
}

func (r *recordedRows) open(ctx context.Context, b store.Bucket, key string) (*table.Table, error) {
	file, err := b.Open(ctx, key)
	if err != nil {
		return nil, &store.Error{Op: "reading", Name: b.Name() + "/" + key, Err: err}
	}
	r.files = append(r.files, file)
	return table.Open(key, file.Data)
}

// close gives up the files. A nil receiver has none.
func (r *recordedRows) close() {
	if r == nil {
		return
	}
	var errs []error
	for _, f := range r.files {
		errs = append(errs, f.Close())
	}
	_ = errors.Join(errs...) // they were only read
}

// check compares a model and its artifact on the rows, and both with the recorded answers.
func (r *recordedRows) check(m, artifact *model.Model) ([]verify.Check, error) {
	rows, err := r.rows.Inputs(m)
	if err != nil {
		return nil, fault.InFile(err, r.rowsName)
	}
	c, err := verify.Models(m, artifact, rows)
	if err != nil {
		return nil, err
	}
	c.Against = "rows of " + r.rowsName
	checks := []verify.Check{c}
	var expected []verify.Expected
	for _, a := range r.answers {
		expected = append(expected, verify.Expect(m, a.method, a.values)...)
	}
	if len(expected) == 0 {
		return checks, nil
	}
	for _, side := range []struct {
		name string
		m    *model.Model
	}{{"the model as treeport reads it", m}, {"the artifact", artifact}} {
		c, err := verify.ArtifactAnswers(m, side.m, rows, expected)
		if err != nil {
			return nil, err
		}
		c.Against = side.name
		checks = append(checks, c)
	}
	return checks, nil
}
