package conformance

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	onnxgo "github.com/owulveryck/onnx-go"
	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/simple"
	"gorgonia.org/tensor"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// TestONNXGo: an independent reader finds in files of ai.onnx.ml 1 the model's trees: their nodes, children, features,
// thresholds, ways of NaN, what the leaves add, and the tables that the answers are looked up in.
//
// onnx-go v0.5.0, which is archived, reads neither string nor bool tensors, so that files with such labels are written without them.
func TestONNXGo(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	files, nodes := int64(0), 0
	each(t, cases(t, all), func(o *opened) {
		for _, profile := range []string{"exact", "classifier"} {
			options := convert.Options{MLOpset: 1, Profile: profile}
			if profile == "exact" && hasOtherLabels(o.model) {
				options.Methods = []string{model.PredictProba}
			}
			a, err := o.convertTo("ONNX", options)
			if err != nil && profile == "classifier" && refused(err) {
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", o.name, err)
				continue
			}
			seen, err := readPeer(a.data)
			if err != nil {
				t.Errorf("%s, %s: onnx-go: %v", o.name, profile, err)
				continue
			}
			n, err := seen.holds(o.trees(), profile)
			if err != nil {
				t.Errorf("%s, %s: %v", o.name, profile, err)
			}
			mu.Lock()
			files++
			nodes += n
			mu.Unlock()
		}
	})
	t.Logf("%d files, %d nodes", files, nodes)
	peerResults.set("onnx-go v0.5.0, ml-opset 1", "what was seen", fmt.Sprintf("%s read, with all %d nodes", count(files, "file", "files"), nodes))
}

// hasOtherLabels tells models whose labels are text or booleans.
func hasOtherLabels(m *model.Model) bool {
	for _, op := range m.Ops {
		if lookup, ok := op.(*model.Lookup); ok && (lookup.Table.Kind == model.String || lookup.Table.Kind == model.Bool) {
			return true
		}
	}
	return false
}

// graphSeen is onnx-go's backend: it keeps the operators with their attributes, and the constants.
type graphSeen struct {
	*simple.WeightedDirectedGraph
	operators []onnxgo.Operation
	values    []*valueSeen
}

// valueSeen is a value of the graph. It is a carrier of data, so that onnx-go decodes constants into it.
type valueSeen struct {
	graph.Node
	name   string
	tensor tensor.Tensor
}

func (v *valueSeen) SetName(name string)                { v.name = name }
func (v *valueSeen) GetName() string                    { return v.name }
func (v *valueSeen) SetTensor(t tensor.Tensor) error    { v.tensor = t; return nil }
func (v *valueSeen) GetTensor() tensor.Tensor           { return v.tensor }
func (g *graphSeen) NewNode() graph.Node                { return &valueSeen{Node: g.WeightedDirectedGraph.NewNode()} }
func (g *graphSeen) SetWeightedEdge(graph.WeightedEdge) {} // who reads whom is not asked

func (g *graphSeen) AddNode(n graph.Node) {
	g.WeightedDirectedGraph.AddNode(n)
	g.values = append(g.values, n.(*valueSeen))
}

func (g *graphSeen) ApplyOperation(op onnxgo.Operation, _ ...graph.Node) error {
	g.operators = append(g.operators, op)
	return nil
}

func readPeer(data []byte) (seen *graphSeen, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	seen = &graphSeen{WeightedDirectedGraph: simple.NewWeightedDirectedGraph(0, 0)}
	return seen, onnxgo.NewModel(seen).UnmarshalBinary(data)
}

// holds compares the tree operator's attributes with the model's trees; it counts the nodes.
func (g *graphSeen) holds(f *forest.Forest, profile string) (nodes int, err error) {
	at := slices.IndexFunc(g.operators, func(op onnxgo.Operation) bool { return strings.HasPrefix(op.Name, "TreeEnsemble") })
	if at < 0 {
		return 0, fmt.Errorf("no tree operator among %d", len(g.operators))
	}
	attrs := g.operators[at].Attributes
	ints := func(name string) []int64 { list, _ := attrs[name].([]int64); return list }
	trees, ids, features := ints("nodes_treeids"), ints("nodes_nodeids"), ints("nodes_featureids")
	trues, falses, tracks := ints("nodes_truenodeids"), ints("nodes_falsenodeids"), ints("nodes_missing_value_tracks_true")
	modes, _ := attrs["nodes_modes"].([]string)
	values, _ := attrs["nodes_values"].([]float32)
	for _, n := range []int{len(trees), len(ids), len(features), len(trues), len(falses), len(modes), len(values)} {
		if n != f.Nodes() {
			return 0, fmt.Errorf("a list of %d nodes, the model has %d", n, f.Nodes())
		}
	}
	at = 0
	for k := range f.Trees {
		t := &f.Trees[k]
		for i := range int32(t.Len()) {
			where := fmt.Sprintf("tree %d, node %d", k, i)
			switch {
			case trees[at] != int64(k) || ids[at] != int64(i):
				return 0, fmt.Errorf("%s: stands as tree %d, node %d", where, trees[at], ids[at])
			case t.IsLeaf(i) != (modes[at] == "LEAF"):
				return 0, fmt.Errorf("%s: mode %s", where, modes[at])
			case t.IsLeaf(i):
			case tracks == nil && t.MissingLeft(i):
				// Mirrored: the split of the negated column, which NaN answers no to.
				if modes[at] != "BRANCH_LEQ" || features[at] != int64(t.Feature[i])+int64(f.Features) || trues[at] != int64(t.Right[i]) || falses[at] != int64(t.Left[i]) {
					return 0, fmt.Errorf("%s: %s feature %d, children %d and %d", where, modes[at], features[at], trues[at], falses[at])
				}
				if above := -math.Nextafter32(values[at], float32(math.Inf(1))); !between(above, t.Threshold[i]) {
					return 0, fmt.Errorf("%s: mirrored threshold %v, the model's is %v", where, values[at], t.Threshold[i])
				}
			case modes[at] != "BRANCH_LEQ" || features[at] != int64(t.Feature[i]) || trues[at] != int64(t.Left[i]) || falses[at] != int64(t.Right[i]):
				return 0, fmt.Errorf("%s: %s feature %d, children %d and %d", where, modes[at], features[at], trues[at], falses[at])
			case !between(values[at], t.Threshold[i]):
				return 0, fmt.Errorf("%s: threshold %v, the model's is %v", where, values[at], t.Threshold[i])
			case t.MissingLeft(i) != (tracks != nil && tracks[at] == 1):
				return 0, fmt.Errorf("%s: NaN goes the other way", where)
			}
			at++
		}
	}
	if profile == "exact" {
		return at, g.rows(attrs, f)
	}
	return at, nil
}

// between tells whether a float32 threshold asks of every float32 what the model's asks: it is the largest not above it.
func between(v float32, threshold float64) bool {
	if math.IsInf(threshold, 1) {
		return math.IsInf(float64(v), 1)
	}
	return float64(v) <= threshold && float64(math.Nextafter32(v, float32(math.Inf(1)))) > threshold
}

// rows checks what a leaf is looked up as: its row of the table of float64 numbers is the model's row. Without a table the leaves hold
// the numbers themselves, of two classes the second one's.
func (g *graphSeen) rows(attrs map[string]any, f *forest.Forest) error {
	trees, _ := attrs["target_treeids"].([]int64)
	leaves, _ := attrs["target_nodeids"].([]int64)
	targets, _ := attrs["target_ids"].([]int64)
	weights, _ := attrs["target_weights"].([]float32)
	var table []float64
	rows, turned := 0, false
	for _, v := range g.values {
		if v.tensor == nil || v.tensor.Dtype() != tensor.Float64 || !strings.HasSuffix(v.name, ".table") {
			continue
		}
		if values, ok := v.tensor.Data().([]float64); ok && len(values)%f.Outputs == 0 && table == nil {
			table, rows = values, len(values)/f.Outputs
		}
	}
	for _, op := range g.operators {
		turned = turned || op.Name == "GatherElements"
	}
	if len(leaves) != len(trees) || len(targets) != len(trees) || len(weights) != len(trees) {
		return fmt.Errorf("lists of %d, %d, %d and %d leaves", len(trees), len(leaves), len(targets), len(weights))
	}
	count := 0
	for k := range f.Trees {
		count += f.Trees[k].Leaves()
	}
	if len(trees) != count {
		return fmt.Errorf("%d leaves, the model has %d", len(trees), count)
	}
	met := map[[2]int64]bool{}
	for i, k := range trees {
		if k < 0 || k >= int64(len(f.Trees)) || !f.Trees[k].IsLeaf(int32(leaves[i])) || met[[2]int64{k, leaves[i]}] {
			return fmt.Errorf("a row for node %d of tree %d, which is no leaf or has one", leaves[i], k)
		}
		met[[2]int64{k, leaves[i]}] = true
		t := &f.Trees[k]
		row := t.Row(int32(leaves[i]), f.Outputs)
		if table == nil {
			if targets[i] != 0 || f.Outputs > 2 || float64(weights[i]) != row[f.Outputs-1] {
				return fmt.Errorf("tree %d, leaf %d: target %d, %v, the model's row is %v", k, leaves[i], targets[i], weights[i], row)
			}
			continue
		}
		number := int(weights[i])
		if targets[i] != k || float32(number) != weights[i] || number < 0 || number >= rows {
			return fmt.Errorf("tree %d, leaf %d: target %d, row %v", k, leaves[i], targets[i], weights[i])
		}
		for j, v := range row {
			at := number*f.Outputs + j
			if turned {
				at = j*rows + number
			}
			if math.Float64bits(table[at]) != math.Float64bits(v) {
				return fmt.Errorf("tree %d, leaf %d: %v, the model's row is %v", k, leaves[i], table[at], row)
			}
		}
	}
	return nil
}
