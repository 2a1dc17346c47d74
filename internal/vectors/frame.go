package vectors

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/table"
)

// frame reads rows whose columns are of several kinds: {"columns": [{"name", "kind", "values"}]}, kind one of text, float,
// int and bool, null a missing value.
func frame(t testing.TB, data []byte) *table.Table {
	t.Helper()
	var file struct {
		Columns []struct {
			Name, Kind string
			Values     []any
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var columns []table.Column
	for _, in := range file.Columns {
		c := table.Column{Name: in.Name, Missing: make([]bool, len(in.Values))}
		for i, v := range in.Values {
			c.Missing[i] = v == nil
			switch in.Kind {
			case "text":
				c.Kind = model.String
				s, _ := v.(string)
				c.Text = append(c.Text, s)
			case "bool":
				c.Kind = model.Bool
				c.Int = append(c.Int, 0)
				if v == true {
					c.Int[i] = 1
				}
			default: // float, int: a column of integers with missing ones is floats in pandas
				c.Float = append(c.Float, math.NaN())
				switch v := v.(type) {
				case float64:
					c.Float[i] = v
				case string: // what JSON has no number for
					c.Float[i] = map[string]float64{"inf": math.Inf(1), "-inf": math.Inf(-1), "nan": math.NaN()}[v]
				}
			}
		}
		columns = append(columns, c)
	}
	return table.New(columns...)
}
