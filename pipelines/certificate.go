package pipelines

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/seed-2867d59c/treeport/fault"
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

// ReadCertificate reads a certificate. The error is a *fault.Broken, or a *fault.Unsupported for a statement of another kind.
func ReadCertificate(text []byte) (*Certificate, error) {
	c := &Certificate{}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fault.Brokenf(fault.Where{}, "no certificate: %v", err)
	}
	if c.Type != StatementType || c.PredicateType != PredicateType || len(c.Subject) != 1 {
		return nil, fault.Unsupportedf(fault.Where{}, "a statement of the type %s on %d subjects, not of %s on one", c.PredicateType, len(c.Subject), PredicateType)
	}
	return c, nil
}

// Covers tells whether a certificate is of a model file and an artifact, by their SHA-256. The error is a *fault.Mismatch.
func (c *Certificate) Covers(source, artifact string) error {
	for _, d := range []struct {
		what string
		Digest
		is string
	}{{"model", c.Predicate.Source, source}, {"artifact", c.Subject[0], artifact}} {
		if want := d.Digest.Digest["sha256"]; want != d.is {
			return fault.Mismatchf(fault.Where{}, "the certificate is of another %s: of %s with the SHA-256 %s, not %s", d.what, d.Name, want, d.is)
		}
	}
	return nil
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
