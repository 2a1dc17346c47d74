package pipelines

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/verify"
)

// Certificate is an in-toto statement (https://in-toto.io/Statement/v1) on one artifact: whose bytes it is about, and what was proven. It
// holds no times, so that the same conversion gives the same bytes.
type Certificate struct {
	Type          string    `json:"_type"`
	Subject       []Digest  `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     Predicate `json:"predicate"`
}

// StatementType and PredicateType are what a Certificate says it is.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PredicateType = "https://github.com/seed-2867d59c/treeport/conversion/v1"
)

// Digest names something by its content.
type Digest struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"` // sha256, in hex
}

// Predicate is what is said of the artifact.
type Predicate struct {
	Source   Digest         `json:"source"` // its name is the key in its folder or bucket, which is the same on every machine
	Model    Model          `json:"model"`
	Format   string         `json:"format"`
	Options  Emit           `json:"options"`
	Checks   []verify.Check `json:"checks"` // all found equal
	Locks    []Lock         `json:"locks,omitempty"`
	Treeport string         `json:"treeport"`
}

func certificateKey(artifact string) string { return artifact + ".certificate.json" }

// certify writes the certificate of an artifact, and answers its key.
func (r *runner) certify(ctx context.Context, rec *Record, source string, a Artifact, e Emit) (string, error) {
	c := Certificate{Type: StatementType, PredicateType: PredicateType, Subject: []Digest{{a.Name, map[string]string{"sha256": a.SHA256}}},
		Predicate: Predicate{Source: Digest{source, map[string]string{"sha256": rec.SHA256}}, Format: a.Format, Options: e, Checks: a.Report.Checks,
			Locks: rec.Locks, Treeport: rec.Treeport}}
	for _, m := range rec.Models {
		if m.Path == a.Model {
			c.Predicate.Model = m
		}
	}
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return "", err
	}
	key := certificateKey(a.Name)
	if err := r.to.Put(ctx, key, bytes.NewReader(append(text, '\n')), true); err != nil {
		return "", &store.Error{Op: "writing", Name: r.to.Name() + "/" + key, Err: err}
	}
	return key, nil
}
