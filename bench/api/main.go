// Command api times predictions by the Go library: api MODEL ROWS.npy. It prints the medians of 2000 calls with one row and of
// 20 calls with all rows, in seconds, as JSON. As everywhere, GOMAXPROCS says how many cores take part.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/table"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: api MODEL ROWS.npy")
		os.Exit(2)
	}
	answer, err := measure(os.Args[1], os.Args[2])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(answer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

type times struct {
	OneRow  float64 `json:"one_row"`
	AllRows float64 `json:"thousand_rows"`
}

func measure(modelName, rowsName string) (times, error) {
	m, err := convert.Load(modelName, "", convert.Limits{})
	if err != nil {
		return times{}, err
	}
	answered := []string{model.Predict} // and probabilities, as an artifact answers; not the leaves
	if slices.Contains(model.Methods(m), model.PredictProba) {
		answered = append(answered, model.PredictProba)
	}
	if m, err = m.Select(answered); err != nil {
		return times{}, err
	}
	data, err := os.ReadFile(rowsName)
	if err != nil {
		return times{}, err
	}
	t, err := table.Open(rowsName, data)
	if err != nil {
		return times{}, err
	}
	rows, err := t.Inputs(m)
	if err != nil {
		return times{}, err
	}
	e, err := model.NewEvaluator(m, 0)
	if err != nil {
		return times{}, err
	}
	all, err := median(20, func(int) error {
		_, err := e.RunAll(rows, 0)
		return err
	})
	if err != nil {
		return times{}, err
	}
	single := make([][]*model.Tensor, rows[0].Rows())
	for i := range single {
		single[i] = []*model.Tensor{rows[0].Part(i, i+1)}
	}
	one, err := median(2000, func(i int) error {
		_, err := e.Run(single[i%len(single)])
		return err
	})
	return times{one, all}, err
}

// median calls once to warm up, then often, and answers the median of the seconds.
func median(often int, call func(i int) error) (float64, error) {
	seconds := make([]float64, often)
	for i := -1; i < often; i++ {
		began := time.Now()
		if err := call(max(i, 0)); err != nil {
			return 0, err
		}
		if i >= 0 {
			seconds[i] = time.Since(began).Seconds()
		}
	}
	slices.Sort(seconds)
	return seconds[often/2], nil
}
