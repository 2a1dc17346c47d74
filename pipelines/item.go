package pipelines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/inspect"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/scan"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/verify"
)

// item does one model file, or finds that it is done. The error is only of what stops a run.
func (r *runner) item(ctx context.Context, item *Item) (Record, error) {
	rec := Record{Source: item.Source, Size: item.Size, Version: item.found.object.Version, Family: item.name.family, Outputs: item.Outputs, Artifact: []Artifact{},
		Config: r.digest, Treeport: convert.Version()}
	var err error
	if rec.Beside, err = besideDigest(ctx, item.found); err != nil {
		rec.problem(err, "", "")
		return rec, nil
	}
	if rec.Version != "" {
		// The object's version says without its content that nothing changed.
		if done, ok := r.kept(ctx, func(d *Record) bool { return d.Version == rec.Version && d.Beside == rec.Beside }, item); ok {
			return done, nil
		}
	}
	file, err := item.found.bucket.Open(ctx, item.found.object.Key)
	if err != nil {
		rec.problem(&store.Error{Op: "reading", Name: item.Source, Err: err}, "", "")
		return rec, nil
	}
	file.Name = item.Source
	closing := file.Close
	defer func() { _ = closing() }()
	if file.Version != "" && file.Version != rec.Version {
		rec.Version = "" // it was written over since it was listed, and may be again with what it was then
	}
	rec.Size, rec.VersionID = int64(len(file.Data)), file.VersionID
	rec.SHA256 = digestOf(file.Data)
	if done, ok := r.kept(ctx, func(d *Record) bool { return d.SHA256 == rec.SHA256 && d.Beside == rec.Beside }, item); ok {
		return done, nil
	}
	r.scan(&rec, file)
	if rec.refused() {
		rec.settle()
		return rec, nil
	}
	source, err := convert.OpenFile(file, r.config.Read.limits())
	if err != nil {
		rec.problem(err, "", "")
		return rec, nil
	}
	closing = source.Close
	if err := r.locks(ctx, &rec, item, source); err != nil {
		rec.problem(err, "", "")
	}
	if rec.refused() {
		rec.settle()
		return rec, nil
	}
	rows, err := r.recorded(ctx, item)
	if err != nil {
		rec.problem(err, "", "")
		return rec, nil
	}
	defer rows.close()
	chosen, err := source.Choose(r.config.Select.Model)
	if err != nil {
		rec.problem(err, "", "")
		return rec, nil
	}
	names := make([][]string, len(chosen)) // of each model
	for _, key := range item.Outputs {
		for i, n := range convert.Names(key, chosen) {
			names[i] = append(names[i], n)
		}
	}
	for i, f := range chosen {
		if err := ctx.Err(); err != nil && len(rec.Artifact) == 0 {
			rec.problem(err, f.Path, "")
			break
		}
		selected, err := source.Read(f)
		if err != nil {
			rec.problem(err, f.Path, "")
			continue
		}
		described := describe(selected)
		if r.config.Report.HTML != "" {
			described.Sketch = inspect.SketchOf(selected.Model)
		}
		rec.Models = append(rec.Models, described)
		for k, key := range names[i] {
			if err := r.artifact(ctx, &rec, item, source, selected, r.config.Emit[k], key, rows); err != nil {
				rec.problem(err, f.Path, key)
			}
		}
	}
	rec.settle()
	return rec, nil
}

// besideDigest is of all that is read beside a model: joblib's arrays, recorded rows and answers, lock files. Empty if there is nothing.
func besideDigest(ctx context.Context, f found) (string, error) {
	var text strings.Builder
	for _, o := range append(slices.Clone(f.beside), f.locks...) {
		base := path.Base(o.Key)
		if o.Key == f.object.Key || !strings.Contains(base, ".npy") && !isTable(base) && !inspect.IsLock(base) {
			continue
		}
		content := o.Version
		if content == "" {
			file, err := f.bucket.Open(ctx, o.Key)
			if err != nil {
				return "", &store.Error{Op: "reading", Name: f.bucket.Name() + "/" + o.Key, Err: err}
			}
			content = digestOf(file.Data)
			if err := file.Close(); err != nil {
				return "", err
			}
		}
		fmt.Fprintf(&text, "%q %s\n", o.Key, content)
	}
	if text.Len() == 0 {
		return "", nil
	}
	return digestOf([]byte(text.String())), nil
}

// kept finds a record of an earlier run that stands, with all its artifacts.
func (r *runner) kept(ctx context.Context, same func(*Record) bool, item *Item) (Record, bool) {
	if r.config.Run.Again {
		return Record{}, false
	}
	for _, d := range r.journal.done[item.Source] {
		if d.final() && d.Config == r.digest && d.Treeport == convert.Version() && same(&d) && r.stands(ctx, &d) {
			d.Kept = true
			return d, true
		}
	}
	return Record{}, false
}

// stands tells whether all artifacts of a record are there: in a bucket as long as they were, in a folder, where a machine that lost its
// power may have left something else, with the content that they had.
func (r *runner) stands(ctx context.Context, d *Record) bool {
	if _, ok := r.to.(*store.Folder); !ok {
		sizes := r.there(ctx)
		for _, a := range d.Artifact {
			if size, ok := sizes[a.Name]; !ok || size != a.Bytes {
				return false
			}
			if _, ok := sizes[a.Certificate]; !ok && a.Certificate != "" {
				return false
			}
		}
		return true
	}
	for _, a := range d.Artifact {
		if there, err := r.digestAt(ctx, a.Name); err != nil || there != a.SHA256 {
			return false
		}
		if a.Certificate != "" {
			if _, err := r.to.Stat(ctx, a.Certificate); err != nil {
				return false
			}
		}
	}
	return true
}

// there lists what was in the bucket of publication when the run began: one list is a thousandth of as many calls as objects. Where it
// can't be listed nothing is there, and is done again.
func (r *runner) there(ctx context.Context) map[string]int64 {
	r.listed.Do(func() {
		sizes := map[string]int64{}
		for o, err := range r.to.List(ctx, "") {
			if err != nil {
				return
			}
			sizes[o.Key] = o.Size
		}
		r.sizes = sizes
	})
	return r.sizes
}

// problem adds an error.
func (r *Record) problem(err error, model, to string) {
	p := Problem{Kind: convert.KindOf(err), What: fault.Printable(err.Error(), 300), Model: model, To: to}
	var u *unequal
	if errors.As(err, &u) {
		p.Report = u.report
	}
	r.Problems = append(r.Problems, p)
	r.settle()
}

// unequal is a mismatch with all that was found.
type unequal struct {
	error
	report *verify.Report
}

func (e *unequal) Unwrap() error { return e.error }

func (r *Record) refused() bool {
	for _, f := range r.Findings {
		if f.Policy == Fail {
			return true
		}
	}
	return false
}

// scan looks at what loading the file would run, if that is asked for.
func (r *runner) scan(rec *Record, file *store.File) {
	policy := r.config.Check.Scan
	if policy == "" || policy == Off {
		return
	}
	report := scan.OpenedFile(file, r.config.Read.limits().Limits)
	for _, f := range report.Findings {
		if f.Level != scan.Note {
			rec.Findings = append(rec.Findings, Finding{Check: "scan", Rule: f.Rule, What: f.What, Policy: policy})
		}
	}
}

// describe says what is known of a model.
func describe(s convert.Selected) Model {
	m := Model{Path: s.Path, Class: s.Model.Origin.Get(model.KeyClass), Release: s.Model.Origin.Get(model.KeyRelease)}
	m.Features = int(number(s.Model.Origin.Get(model.KeyFeatures)))
	m.Trees, m.Nodes = convert.Size(s.Model)
	if taken := s.Model.Origin.Get(model.KeyTakenFor); taken != "" {
		m.Warnings = append(m.Warnings, "the release is not known; taken for "+taken)
	}
	return m
}

// artifact writes one artifact, proves and publishes it.
func (r *runner) artifact(ctx context.Context, rec *Record, item *Item, source *convert.Source, selected convert.Selected, e Emit, key string, rows *recordedRows) error {
	if other, taken := r.taken.LoadOrStore(key, rec.Source+" "+selected.Path); taken && other != rec.Source+" "+selected.Path {
		return &ClashError{Output: r.to.Name() + "/" + key, First: other.(string), Second: rec.Source + " " + selected.Path}
	}
	name := key
	folder, local := r.to.(*store.Folder)
	if local {
		name = folder.Path(key)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
	} else {
		name = filepath.Join(r.staging, digestOf([]byte(key))[:16]+filepath.Ext(key))
	}
	o := e.options(r.config.Verify)
	o.Unsynced = true
	staged, err := convert.Stage(source, selected, name, o)
	if err != nil {
		return err
	}
	defer staged.Out.Abort()
	a := Artifact{Name: key, Model: selected.Path, Format: staged.Format, Bytes: staged.Bytes, Report: staged.Report}
	a.Report.Artifact, a.Report.Source = key, rec.Source
	if staged.Format == "ONNX" {
		a.Profile = e.Profile
	}
	if a.SHA256, err = digestOfFile(staged.Out); err != nil {
		return err
	}
	if err := r.verify(&a, selected, staged, rows); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil && len(rec.Artifact) == 0 {
		return err
	}
	ctx = context.WithoutCancel(ctx) // of a model whose first artifact is published all are, and recorded
	if err := r.publish(ctx, staged, a, local); err != nil {
		return err
	}
	if r.config.Publish.DVC {
		if err := r.addToDVC(ctx, name); err != nil {
			return &store.Error{Op: "adding to DVC", Name: name, Err: err}
		}
	}
	if !r.config.Publish.NoCertificates {
		if a.Certificate, err = r.certify(ctx, rec, item.found.object.Key, a, e); err != nil {
			return err
		}
	}
	rec.Artifact = append(rec.Artifact, a)
	return nil
}

// publish gives an artifact its name. One that is there with the same bytes stays; another one is written over only if it is an earlier
// run's own, or if that is wanted.
func (r *runner) publish(ctx context.Context, staged *convert.Staged, a Artifact, local bool) error {
	place := r.to.Name() + "/" + a.Name
	overwrite := r.config.Publish.Overwrite
	if !overwrite {
		there, err := r.digestAt(ctx, a.Name)
		switch {
		case store.IsNotExist(err):
		case err != nil:
			return &store.Error{Op: "reading", Name: place, Err: err}
		case there == a.SHA256:
			return nil
		case r.journal.ours[a.Name+" "+there]:
			overwrite = true
		default:
			return &store.Error{Op: "writing", Name: place, Err: errThere}
		}
	}
	var err error
	switch {
	case local && overwrite:
		err = staged.Out.Commit()
	case local:
		err = staged.Out.CommitNew()
	default:
		if _, err = staged.Out.Seek(0, io.SeekStart); err == nil {
			err = r.to.Put(ctx, a.Name, staged.Out.File, overwrite)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		// Another process wrote it in between: the same, or something else.
		if there, again := r.digestAt(ctx, a.Name); again == nil && there == a.SHA256 {
			return nil
		}
		err = errThere
	}
	if err != nil {
		return &store.Error{Op: "writing", Name: place, Err: err}
	}
	return nil
}

var errThere = errors.New("another file of this name is there, which no earlier run wrote; --overwrite writes over it")

// digestAt is the SHA-256 of what is published under a key.
func (r *runner) digestAt(ctx context.Context, key string) (string, error) {
	if _, err := r.to.Stat(ctx, key); err != nil {
		return "", err
	}
	f, err := r.to.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return digestOf(f.Data), nil
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func digestOfFile(f io.ReadSeeker) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// verify holds an artifact against recorded answers and runtimes, and all that was found against what is allowed.
func (r *runner) verify(a *Artifact, selected convert.Selected, staged *convert.Staged, rows *recordedRows) error {
	if rows == nil && len(r.runtimes) == 0 {
		return nil
	}
	loaded, err := convert.LoadArtifact(staged.Out.File.Name(), convert.Unlimited)
	if err != nil {
		return err
	}
	if rows != nil {
		checks, err := rows.check(selected.Model, loaded.Model)
		if err != nil {
			return err
		}
		a.Report.Checks = append(a.Report.Checks, checks...)
	}
	for _, rt := range r.runtimes {
		if only, ok := runtimeFormats[rt.Name()]; ok && only != a.Format {
			continue
		}
		c, err := r.ask(rt, selected.Model, staged, loaded)
		if err != nil {
			return err
		}
		a.Report.Checks = append(a.Report.Checks, c)
	}
	tolerance := loaded.Format.Tolerance(loaded.Model)
	tolerance.MaxULP = max(tolerance.MaxULP, r.config.Verify.MaxULP, verify.Arithmetic(selected.Model).MaxULP)
	if !a.Report.Equal(tolerance) {
		return &unequal{fault.Mismatchf(fault.Where{File: a.Name}, "%s", a.Report.Why(tolerance)), a.Report}
	}
	return nil
}

// runtimeFormats are the formats of runtimes that load one only; a command of the user's is asked of all.
var runtimeFormats = map[string]string{"onnxruntime": "ONNX", "jpmml": "PMML"}

// ask lets a runtime answer the probes.
func (r *runner) ask(rt verify.Runtime, m *model.Model, staged *convert.Staged, loaded convert.LoadedArtifact) (verify.Check, error) {
	r.asking.Lock()
	defer r.asking.Unlock()
	probes, err := verify.Probes(m, convert.FewestProbes)
	if err != nil {
		return verify.Check{}, err
	}
	file, err := store.Open(staged.Out.File.Name())
	if err != nil {
		return verify.Check{}, err
	}
	defer file.Close()
	artifact := verify.Artifact{Name: staged.Out.File.Name(), Data: file.Data, Model: loaded.Model, Fields: loaded.Fields}
	c, err := verify.Run(rt, artifact, m, probes, 1)
	if err != nil {
		return c, fmt.Errorf("%s: %w", rt.Name(), err)
	}
	return c, nil
}
