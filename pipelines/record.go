package pipelines

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/inspect"
	"github.com/seed-2867d59c/treeport/verify"
)

// Status is what became of a model file.
type Status string

const (
	Equal       Status = "equal"         // all artifacts are written, and proven equal
	NotEqual    Status = "not equal"     // at least one is not equal, and was not written
	Unsupported Status = "not supported" // something in the model can't be converted
	Broken      Status = "broken"        // the file does not follow its format
	TooBig      Status = "too big"       // over a limit
	Refused     Status = "findings"      // a check with the policy error found something
	Failed      Status = "failed"        // a store, or treeport itself, failed: the next run tries again
)

// Record is a line of the manifest: a model file and what became of it.
type Record struct {
	Source    string     `json:"source"`
	SHA256    string     `json:"sha256,omitempty"`     // of the file's bytes
	Size      int64      `json:"size"`                 // bytes
	Version   string     `json:"version,omitempty"`    // of the object, in a bucket: other content, another one
	VersionID string     `json:"version_id,omitempty"` // names the version of the object that was read, where the bucket keeps several
	Beside    string     `json:"beside,omitempty"`     // digest of the files that are read beside it
	Status    Status     `json:"status"`
	Family    string     `json:"family"`
	Outputs   []string   `json:"outputs"`          // keys that were to be written
	Models    []Model    `json:"models,omitempty"` // that were read
	Artifact  []Artifact `json:"artifacts"`
	Problems  []Problem  `json:"problems,omitempty"`
	Findings  []Finding  `json:"findings,omitempty"`
	Locks     []Lock     `json:"locks,omitempty"` // lock files beside the model
	Config    string     `json:"config"`          // digest of what the configuration says of conversions
	Treeport  string     `json:"treeport"`        // version that did it
	// Kept tells that an earlier run did it. It is not in the manifest.
	Kept bool `json:"-"`
}

// Model is what is known of a model in a file.
type Model struct {
	Path     string   `json:"path"`  // in the file
	Class    string   `json:"class"` // of the estimator, with its module
	Release  string   `json:"scikit_learn,omitempty"`
	Features int      `json:"features"`
	Trees    int      `json:"trees"`
	Nodes    int      `json:"nodes"`
	Warnings []string `json:"warnings,omitempty"`
	// Sketch is made where a report has pictures. It is not in the manifest, so that models of earlier runs have none.
	Sketch *inspect.Sketch `json:"-"`
}

// ShortClass is the class without its module.
func (m Model) ShortClass() string { return m.Class[strings.LastIndexByte(m.Class, '.')+1:] }

// Artifact is a file that was written.
type Artifact struct {
	Name        string         `json:"file"`  // key in the place of publication
	Model       string         `json:"model"` // path in the source
	Format      string         `json:"format"`
	Profile     string         `json:"profile,omitempty"`
	Bytes       int64          `json:"bytes"`
	SHA256      string         `json:"sha256"`
	Certificate string         `json:"certificate,omitempty"` // key
	Report      *verify.Report `json:"report"`
}

// Problem is why something was not converted.
type Problem struct {
	Kind  convert.Kind `json:"kind"`
	What  string       `json:"what"`
	Model string       `json:"model,omitempty"` // path in the source; empty: the file
	To    string       `json:"to,omitempty"`    // the artifact it is about; empty: all
	// Report is what was found of an artifact that a runtime, or recorded answers, tell to be not equal.
	Report *verify.Report `json:"report,omitempty"`
}

// checks are all that were done, of artifacts that were written and of those that were not.
func (r *Record) checks() []verify.Check {
	var all []verify.Check
	for _, a := range r.Artifact {
		all = append(all, a.Report.Checks...)
	}
	for _, p := range r.Problems {
		if p.Report != nil {
			all = append(all, p.Report.Checks...)
		}
	}
	return all
}

// Finding is what a check found.
type Finding struct {
	Check  string `json:"check"` // scan or locks
	Rule   string `json:"rule"`
	What   string `json:"what"`
	Policy Policy `json:"policy"` // warn or error
}

// Lock is a file of requirements beside a model.
type Lock struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
	Agrees bool   `json:"agrees"`
}

// statuses of the kinds of problems, the worst first.
var statuses = []struct {
	kind   convert.Kind
	status Status
}{
	{convert.KindInternal, Failed}, {convert.KindIO, Failed}, {convert.KindUsage, Failed}, {convert.KindNotEqual, NotEqual},
	{convert.KindBroken, Broken}, {convert.KindTooBig, TooBig}, {convert.KindUnsupported, Unsupported},
}

// settle sets the status by the problems and findings.
func (r *Record) settle() {
	r.Status = Equal
	if slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Policy == Fail }) {
		r.Status = Refused
	}
	for _, s := range statuses {
		if slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Kind == s.kind }) {
			r.Status = s.status
			return
		}
	}
}

// id is the same for the records of which the last one counts: of the same model and outputs. Runs to other formats stand beside each other.
func (r *Record) id() string { return r.Source + "\x00" + strings.Join(r.Outputs, "\x00") }

// final tells whether a run with the same input would do the same again.
func (r *Record) final() bool { return r.Status != Failed }

// digest is of all in a configuration that changes what becomes of a model.
func (c *Config) digest() string {
	text, err := json.Marshal(struct {
		Model     string
		Read      Read
		Check     Check
		Emit      []Emit
		Verify    Verify
		Templates []string
		Plain     bool
	}{c.Select.Model, c.Read, c.Check, c.Emit, c.Verify, c.templates(), c.Publish.NoCertificates})
	if err != nil {
		panic(err) // all of it are plain values
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
