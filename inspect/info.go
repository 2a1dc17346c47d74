// Package inspect tells what a model file holds without converting it: its container and protocol, what wrote it, the
// object as a tree, the estimators, what a conversion would do, every name in the file, and what would have to be
// installed to load it with Python.
//
// Describe makes an Info, Info.Text prints it for people, encoding/json for programs; NewLock and Lock.Text are the
// requirements. Whatever the size of the file, Describe looks at no node and no byte that decoding left alone, unless
// the models are small or the caller asks for it (see Options).
//
// Everything that Text prints of a file went through fault.Printable.
package inspect

// Info is what there is to say of a file. The names in JSON are part of the interface.
type Info struct {
	File      string   `json:"file"`
	Bytes     int64    `json:"bytes"`             // of the file
	SHA256    string   `json:"sha256,omitempty"`  // of the file's bytes, where it was asked for
	Container []string `json:"container"`         // layers around the pickle, outermost first; empty for a plain one; skops alone for a skops file
	Unpacked  int64    `json:"unpacked_bytes"`    // of the stream inside all layers
	Trailing  int64    `json:"trailing_bytes"`    // after the last pickle
	Pickles   int      `json:"pickles"`           // one after the other in the stream; Python's load returns the first
	Protocol  int      `json:"protocol"`          // the highest that is used; of a skops file, skops' own; 0 of a booster's own
	Library   string   `json:"library,omitempty"` // whose own format a booster's file has
	Joblib    *Joblib  `json:"joblib"`            // null where joblib did not write it (or wrote no array)
	Releases  []Count  `json:"scikit_learn"`      // releases that the objects name, the most frequent first
	WrittenBy Writers  `json:"written_by"`
	Models    []Model  `json:"models"`
	MoreModel int      `json:"more_models,omitempty"` // models that are not in Models, there being too many
	Object    *Node    `json:"object"`
	Globals   []Global `json:"globals"` // in the order of the file
	Lock      *Lock    `json:"lock,omitempty"`
}

// Joblib is how joblib wrote the file.
type Joblib struct {
	Module  string `json:"module"`  // of its wrapper class
	Layout  string `json:"layout"`  // 0.8, 0.9 or 0.10+
	Aligned bool   `json:"aligned"` // arrays lie at multiples of 16, as from joblib 1.2 on
	Arrays  int    `json:"arrays"`  // outside of the pickle proper
}

// Count is a release and how many objects name it.
type Count struct {
	Release string `json:"release"`
	Objects int    `json:"objects"`
}

// Writers are version ranges, in pip's notation, of what wrote the file, as far as the file gives them away.
type Writers struct {
	Python string `json:"python"`
	Numpy  string `json:"numpy,omitempty"`
	Joblib string `json:"joblib,omitempty"`
	Skops  string `json:"skops,omitempty"`
}

// Model is an estimator in the file.
type Model struct {
	Path   string `json:"path"`
	Class  string `json:"class"`
	Inside string `json:"inside,omitempty"` // path of the object of another kind that holds it
	// Release is the scikit-learn release it names, TakenFor the one whose behaviour is assumed where that is none or an
	// unknown one.
	Release    string       `json:"scikit_learn"`
	TakenFor   string       `json:"taken_for,omitempty"`
	Parameters []Parameter  `json:"parameters"`
	Features   int          `json:"features,omitempty"`
	Names      []string     `json:"feature_names,omitempty"`
	Text       []TextColumn `json:"text_columns,omitempty"`
	// Inputs is how a converted model takes the features: matrix (one of all), or columns (an input each, where some are text).
	Inputs   string       `json:"inputs,omitempty"`
	Steps    int          `json:"steps,omitempty"`    // of a pipeline
	Parts    []string     `json:"parts,omitempty"`    // classes of the estimators inside, each once
	Boosters []Booster    `json:"boosters,omitempty"` // of other libraries
	Classes  [][]any      `json:"classes,omitempty"`  // labels of each target: numbers, booleans, text
	Targets  int          `json:"targets,omitempty"`
	Trees    int          `json:"trees,omitempty"`
	Nodes    int          `json:"nodes,omitempty"` // of all trees
	Depth    *int         `json:"depth,omitempty"` // of the deepest tree; absent where that is unknown
	Refused  string       `json:"refused,omitempty"`
	Convert  []Conversion `json:"conversions,omitempty"`
}

// TextColumn is a feature that is text.
type TextColumn struct {
	Name       string `json:"name"`
	Categories int    `json:"categories,omitempty"` // that are told apart; absent where the model was not read
}

// Booster is the library of a booster in the model, and the release that wrote it. LightGBM names none but its format.
type Booster struct {
	Library string `json:"library"`
	Release string `json:"release,omitempty"`
	Format  string `json:"format,omitempty"`
}

// Parameter is one parameter that an estimator was made with, its value as Python writes it.
type Parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Outcomes of a Conversion.
const (
	Converts = "converts"  // it was read and lowered
	Refused  = "refused"   // and this failed
	Untried  = "not tried" // its class and its head are fine, its nodes were not looked at
)

// Conversion is what a conversion into a format, without options, would do.
type Conversion struct {
	Format  string `json:"format"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"`
	Bytes   int64  `json:"bytes,omitempty"` // of the artifact, but for the few that name the options
}

// Global is a name in the file.
type Global struct {
	Module string `json:"module"`
	Name   string `json:"name"`
	Called bool   `json:"called"` // Python would call it, or make an instance of it
	Offset int64  `json:"offset"` // of the first opcode that names it, in the unpacked stream
}
