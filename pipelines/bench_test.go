package pipelines

import (
	"context"
	"testing"
)

// BenchmarkRun converts 100 small models of three kinds to ONNX, with proofs and certificates.
func BenchmarkRun(b *testing.B) {
	source := copies(b, 100)
	for b.Loop() {
		c := &Config{Source: Source{Paths: []string{source}}, Publish: Publish{To: b.TempDir()}}
		if out, err := runConfig(context.Background(), c); err != nil || out.Count(Equal) != 100 {
			b.Fatal(out, err)
		}
	}
}
