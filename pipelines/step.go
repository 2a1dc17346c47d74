package pipelines

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
)

const (
	// stepSummary names the file that GitHub's runners show as the summary of a step.
	stepSummary = "GITHUB_STEP_SUMMARY"
	// longestSummary is how many bytes of it they take.
	longestSummary = 1 << 20
	// stepOutput names the file of the outputs of a step, which later ones may use.
	stepOutput = "GITHUB_OUTPUT"
)

// addToStep adds to the summary and the outputs of a step of GitHub Actions, if there is one.
func (s *Summary) addToStep() error {
	return errors.Join(
		addTo(os.Getenv(stepSummary), func(size int) []byte { return s.markdown(max(longestSummary-size, 0)) }),
		addTo(os.Getenv(stepOutput), func(int) []byte { return s.outputs() }))
}

// addTo adds to a file, if one is named, what text makes for its size.
func addTo(name string, text func(size int) []byte) error {
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.Write(text(int(info.Size())))
	}
	return errors.Join(err, f.Close())
}

// outputs are the outputs of a step: the manifest, and how many models there are of each status.
func (s *Summary) outputs() []byte {
	var b bytes.Buffer
	end := rand.Text() // which no name of a manifest holds
	fmt.Fprintf(&b, "manifest<<%s\n%s\n%s\n", end, s.Manifest, end)
	for _, status := range worstFirst {
		fmt.Fprintf(&b, "%s=%d\n", strings.ReplaceAll(string(status), " ", "-"), s.Counts[status])
	}
	fmt.Fprintf(&b, "kept=%d\nleft=%d\n", s.Kept, s.Left)
	return b.Bytes()
}
