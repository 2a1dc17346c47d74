package pipelines

import (
	"time"

	"github.com/dustin/go-humanize"

	"github.com/seed-2867d59c/treeport/convert"
)

// Config says what a run does. The zero value of every field is its default.
type Config struct {
	Source  Source  `mapstructure:"source" json:"source,omitempty" jsonschema:"nullable"`
	Select  Select  `mapstructure:"select" json:"select,omitempty" jsonschema:"nullable"`
	Read    Read    `mapstructure:"read" json:"read,omitempty" jsonschema:"nullable"`
	Check   Check   `mapstructure:"check" json:"check,omitempty" jsonschema:"nullable"`
	Emit    []Emit  `mapstructure:"emit" json:"emit,omitempty" jsonschema:"nullable"`
	Verify  Verify  `mapstructure:"verify" json:"verify,omitempty" jsonschema:"nullable"`
	Publish Publish `mapstructure:"publish" json:"publish,omitempty" jsonschema:"nullable"`
	Report  Report  `mapstructure:"report" json:"report,omitempty" jsonschema:"nullable"`
	Run     Running `mapstructure:"run" json:"run,omitempty" jsonschema:"nullable"`
}

// Source says where models are.
type Source struct {
	// Files, folders, globs (with ** for any folders) and URLs of buckets (s3://, gs://, azblob://), and .dvc and dvc.lock files.
	Paths []string `mapstructure:"paths" json:"paths,omitempty"`
	// Globs of the names that are taken in folders, such as *.joblib or prod/**; those of model files if empty.
	Include []string `mapstructure:"include" json:"include,omitempty"`
	// Globs of names that are left out.
	Exclude []string `mapstructure:"exclude" json:"exclude,omitempty"`
}

// Select says which of the models are taken.
type Select struct {
	// Which of several versions of a model, told apart by their names: all, latest, or since.
	Versions string `mapstructure:"versions" json:"versions,omitempty" jsonschema:"enum=all,enum=latest,enum=since"`
	// The first day of versions: since, such as 2024-01-31.
	Since string `mapstructure:"since" json:"since,omitempty"`
	// Which model of a file: empty for the only one, a path such as model['clf'], or all.
	Model string `mapstructure:"model" json:"model,omitempty"`
}

// Read bounds what reading a file may cost.
type Read struct {
	// Bytes of one file, such as 2GiB.
	MaxInput Bytes `mapstructure:"max_input" json:"max_input,omitempty" jsonschema:"oneof_type=string;integer"`
	// Bytes that compressed data may become.
	MaxInflated Bytes `mapstructure:"max_inflated" json:"max_inflated,omitempty" jsonschema:"oneof_type=string;integer"`
	// Inflated bytes for each byte of the file.
	MaxRatio int64 `mapstructure:"max_ratio" json:"max_ratio,omitempty"`
	// Bytes allocated for decoded values.
	MaxMemory Bytes `mapstructure:"max_memory" json:"max_memory,omitempty" jsonschema:"oneof_type=string;integer"`
	// Pickle opcodes.
	MaxOpcodes int64 `mapstructure:"max_opcodes" json:"max_opcodes,omitempty"`
	// Bytes of an xz or lzma dictionary.
	MaxDictionary Bytes `mapstructure:"max_dictionary" json:"max_dictionary,omitempty" jsonschema:"oneof_type=string;integer"`
	// Containers inside each other.
	MaxDepth int64 `mapstructure:"max_depth" json:"max_depth,omitempty"`
	// Memo entries.
	MaxMemo int64 `mapstructure:"max_memo" json:"max_memo,omitempty"`
	// Items of one list, dict, set or tuple.
	MaxItems int64 `mapstructure:"max_items" json:"max_items,omitempty"`
	// Nodes of all trees of a model.
	MaxNodes int `mapstructure:"max_nodes" json:"max_nodes,omitempty"`
	// Trees of a model.
	MaxTrees int `mapstructure:"max_trees" json:"max_trees,omitempty"`
	// Columns of a model's input.
	MaxFeatures int `mapstructure:"max_features" json:"max_features,omitempty"`
	// Classes of one target.
	MaxClasses int `mapstructure:"max_classes" json:"max_classes,omitempty"`
}

// Check says what is looked at besides the model.
type Check struct {
	// What loading the file with Python would run (treeport scan): off, warn (it is a finding), or error (the model is not converted).
	Scan Policy `mapstructure:"scan" json:"scan,omitempty" jsonschema:"enum=off,enum=warn,enum=error"`
	// Whether lock files beside the model (requirements.txt, conda and pip locks, uv.lock, poetry.lock) agree with it: off, warn, or error.
	Locks Policy `mapstructure:"locks" json:"locks,omitempty" jsonschema:"enum=off,enum=warn,enum=error"`
}

// Policy is what follows from a finding.
type Policy string

const (
	Off  Policy = "off"
	Warn Policy = "warn"
	Fail Policy = "error"
)

// Emit is one artifact of every model.
type Emit struct {
	// The format: onnx or pmml.
	Format string `mapstructure:"format" json:"format,omitempty" jsonschema:"enum=onnx,enum=pmml"`
	// The name of the artifact, as publish.name; that if empty.
	Name string `mapstructure:"name" json:"name,omitempty"`
	// Methods to answer, such as predict, predict_proba and apply.
	Methods []string `mapstructure:"methods" json:"methods,omitempty"`
	// ONNX: exact (answers equal to the bit) or classifier (a lone tree ensemble in float32).
	Profile string `mapstructure:"profile" json:"profile,omitempty" jsonschema:"enum=exact,enum=classifier"`
	// ONNX: version of ai.onnx.ml: 5, 3 or 1.
	MLOpset int `mapstructure:"ml_opset" json:"ml_opset,omitempty" jsonschema:"enum=1,enum=3,enum=5"`
	// ONNX: the runtime that will load it, such as onnxruntime=1.15.
	For string `mapstructure:"for" json:"for,omitempty"`
	// ONNX: type that callers hold: float or double.
	Input string `mapstructure:"input" json:"input,omitempty" jsonschema:"enum=float,enum=double"`
	// ONNX: type of the answers: double or float.
	Output string `mapstructure:"output" json:"output,omitempty" jsonschema:"enum=float,enum=double"`
	// ONNX: matrix (one input X), or columns (one input per column).
	Inputs string `mapstructure:"inputs" json:"inputs,omitempty" jsonschema:"enum=matrix,enum=columns"`
	// PMML: leave classes of no weight out of the leaves.
	Sparse bool `mapstructure:"sparse" json:"sparse,omitempty"`
	// PMML: probabilities of weighted forests within a few ulp in one forest.
	Near bool `mapstructure:"near" json:"near,omitempty"`
	// Write the model file's SHA-256 into the artifact.
	SHA256 bool `mapstructure:"sha256" json:"sha256,omitempty"`
}

// Verify says what every artifact is held against, besides its structure.
type Verify struct {
	// Probe rows; 0: 128; negative: none.
	Probes int `mapstructure:"probes" json:"probes,omitempty"`
	// Whether answers recorded beside the model (STEM.X.npy with STEM.y.npy or STEM.predict_proba.npy; or csv, parquet, npz) are not used.
	IgnoreRecorded bool `mapstructure:"ignore_recorded" json:"ignore_recorded,omitempty"`
	// Runtimes that answer, too, as treeport verify --runtime names them.
	Runtimes []string `mapstructure:"runtimes" json:"runtimes,omitempty"`
	// How far values may be off, in ulp; 0: what the model's own arithmetic leaves open.
	MaxULP uint64 `mapstructure:"max_ulp" json:"max_ulp,omitempty"`
}

// Publish says where artifacts go.
type Publish struct {
	// A folder, or the URL of a bucket.
	To string `mapstructure:"to" json:"to,omitempty"`
	// The template of names, of {dir} {name} {stem} {ext} {profile} {format} {family} {version} {timestamp} {sklearn} {sha256}.
	Name string `mapstructure:"name" json:"name,omitempty"`
	// Whether other files of the same names may be written over.
	Overwrite bool `mapstructure:"overwrite" json:"overwrite,omitempty"`
	// Whether no certificates are written beside the artifacts.
	NoCertificates bool `mapstructure:"no_certificates" json:"no_certificates,omitempty"`
	// Whether artifacts are added to DVC, as dvc add would.
	DVC bool `mapstructure:"dvc" json:"dvc,omitempty"`
}

// Report names the reports that are written, each only if it is named.
type Report struct {
	// One JSON object of the whole run.
	JSON string `mapstructure:"json" json:"json,omitempty"`
	// JUnit XML: one test case for each model and check.
	JUnit string `mapstructure:"junit" json:"junit,omitempty"`
	// SARIF 2.1.0: what is not equal, not supported or broken, and findings.
	SARIF string `mapstructure:"sarif" json:"sarif,omitempty"`
	// A summary in Markdown. Where GITHUB_STEP_SUMMARY is set, it is added there, too.
	Markdown string `mapstructure:"markdown" json:"markdown,omitempty"`
	// One page with pictures, without any other file.
	HTML string `mapstructure:"html" json:"html,omitempty"`
}

// Running says how a run goes.
type Running struct {
	// Models at a time; 0: one for each processor core.
	Jobs int `mapstructure:"jobs" json:"jobs,omitempty"`
	// Memory that all models in work may take together by estimate, such as 4GiB; half of the machine's if empty.
	Memory Bytes `mapstructure:"memory" json:"memory,omitempty" jsonschema:"oneof_type=string;integer"`
	// Stop at the first model that fails.
	FailFast bool `mapstructure:"fail_fast" json:"fail_fast,omitempty"`
	// The part of the models that this process takes, i/n, or auto/n with i from the environment.
	Shard string `mapstructure:"shard" json:"shard,omitempty"`
	// Do again what the manifest says is done.
	Again bool `mapstructure:"again" json:"again,omitempty"`
	// How long calls of a store that fail are tried again, such as 1m.
	Retry time.Duration `mapstructure:"retry" json:"retry,omitempty" jsonschema:"type=string"`
}

// Bytes is a size; as text with a unit, such as 512MiB.
type Bytes int64

func (b *Bytes) UnmarshalText(text []byte) error {
	n, err := humanize.ParseBytes(string(text))
	*b = Bytes(n)
	return err
}

// options are those of a conversion.
func (e Emit) options(v Verify) convert.Options {
	if v.Probes == 0 {
		v.Probes = convert.FewestProbes // of many models; the structure of each is proven whole
	}
	return convert.Options{Methods: e.Methods, MLOpset: e.MLOpset, For: e.For, Profile: e.Profile, Input: e.Input, Output: e.Output,
		Inputs: e.Inputs, SparsePMML: e.Sparse, NearPMML: e.Near, Digest: e.SHA256, Probes: v.Probes}
}

// EmitOf is an Emit of no format yet with the options of a conversion.
func EmitOf(o convert.Options) Emit {
	return Emit{Methods: o.Methods, MLOpset: o.MLOpset, For: o.For, Profile: o.Profile, Input: o.Input, Output: o.Output,
		Inputs: o.Inputs, Sparse: o.SparsePMML, Near: o.NearPMML, SHA256: o.Digest}
}

// limits are those of reading.
func (r Read) limits() convert.Limits {
	var l convert.Limits
	l.MaxInput, l.MaxInflated, l.MaxRatio, l.MaxMemory = int64(r.MaxInput), int64(r.MaxInflated), r.MaxRatio, int64(r.MaxMemory)
	l.MaxOpcodes, l.MaxDictionary, l.MaxDepth, l.MaxMemo, l.MaxItems = r.MaxOpcodes, int64(r.MaxDictionary), r.MaxDepth, r.MaxMemo, r.MaxItems
	l.Model.Nodes, l.Model.Trees, l.Model.Features, l.Model.Classes = r.MaxNodes, r.MaxTrees, r.MaxFeatures, r.MaxClasses
	return l
}

// ReadOf is the Read of limits.
func ReadOf(l convert.Limits) Read {
	return Read{MaxInput: Bytes(l.MaxInput), MaxInflated: Bytes(l.MaxInflated), MaxRatio: l.MaxRatio, MaxMemory: Bytes(l.MaxMemory),
		MaxOpcodes: l.MaxOpcodes, MaxDictionary: Bytes(l.MaxDictionary), MaxDepth: l.MaxDepth, MaxMemo: l.MaxMemo, MaxItems: l.MaxItems,
		MaxNodes: l.Model.Nodes, MaxTrees: l.Model.Trees, MaxFeatures: l.Model.Features, MaxClasses: l.Model.Classes}
}
