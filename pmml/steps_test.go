package pmml

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/steps"
	"github.com/seed-2867d59c/treeport/model"
)

// Every step must come back as it was lowered, and answer what it answered; but for the signs of zeros, which engines do not
// keep, and which whole numbers lose.
func TestSteps(t *testing.T) {
	refused := map[string]string{
		"weighted median": "weighted median of what may be missing",
		"power":           "the power of two numbers",
	}
	for _, c := range steps.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			m := *c.Model
			m.Outputs = nil
			for _, out := range c.Model.Outputs {
				if _, ok := m.Op(out.Value).(*model.Leaves); !ok { // PMML has none
					out.Target = len(m.Outputs)
					m.Outputs = append(m.Outputs, out)
				}
			}
			o := Options{Methods: model.Methods(&m)}
			low, err := Lower(&m, o)
			if says := refused[strings.Split(c.Name, " of ")[0]]; says != "" {
				var u *fault.Unsupported
				if !errors.As(err, &u) || !strings.Contains(err.Error(), says) {
					t.Errorf("%v, not %q", err, says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			back, err := Read(written(t, low, o), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if err := model.Equal(low, back); err != nil {
				t.Fatal(err)
			}
			want, err := m.Run(c.Rows)
			if err != nil {
				t.Fatal(err)
			}
			got, err := back.Run(steps.RowsFor(back, c.Rows))
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if text := steps.Differs(want[i], got[i], max(1, c.ULP)); text != "" {
					t.Errorf("%s: %s", m.Outputs[i].Name, text)
				}
			}
		})
	}
}

// What the original refuses as unknown does not get an answer.
func TestUnknownCategory(t *testing.T) {
	c := steps.Unknown()
	o := Options{Methods: model.Methods(c.Model)}
	low, err := Lower(c.Model, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := low.Run(steps.RowsFor(low, c.Rows)); err == nil {
		t.Error("an unknown category was answered")
	}
}
