package catboost

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

func broken(format string, args ...any) error { return fault.Brokenf(fault.Where{}, format, args...) }
func unsupported(format string, args ...any) error {
	return fault.Unsupportedf(fault.Where{}, format, args...)
}

// Parse reads a model: of a .cbm file, or what a pickled CatBoost estimator holds as __model. The errors are a *fault.Broken,
// *fault.Unsupported or *fault.TooBig.
func Parse(data []byte, lim Limits) (*Booster, error) {
	b, err := parse(data, lim, true)
	if err != nil {
		return nil, err
	}
	if err := b.Forest.Check("model"); err != nil {
		return nil, err
	}
	return b, nil
}

// ParseHead is Parse without the trees: the booster has no Forest.
func ParseHead(data []byte, lim Limits) (*Booster, error) { return parse(data, lim, false) }

func parse(data []byte, lim Limits, trees bool) (*Booster, error) {
	if !Sniff(data) {
		return nil, broken("not a model of CatBoost")
	}
	const head = 8
	if len(data) < head+4 {
		return nil, broken("a CatBoost model that is cut off")
	}
	size := uint64(binary.LittleEndian.Uint32(data[4:]))
	if size < 4 || size > uint64(len(data)-head) {
		return nil, broken("a CatBoost model that is cut off")
	}
	f := &flat{data: data[head : head+int(size)], base: head}
	core := f.table(f.u32(0))
	b, err := readCore(f, core, lim.Model.Or(), trees)
	if f.err != nil { // the first fault; what was read after it was zeros
		return nil, f.err
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

func readCore(f *flat, core table, lim *forest.Budget, whole bool) (*Booster, error) {
	// It is spelled so in catboost/libs/model/model.cpp.
	if version := core.text(0); version != "FlabuffersModel_v1" {
		return nil, unsupported("CatBoost's model format %q", version)
	}
	if _, parts := core.vector(3, 4); parts > 0 {
		return nil, unsupported("a CatBoost model with categorical, text or embedding features")
	}
	at := core.points(1)
	if at == 0 {
		return nil, broken("a CatBoost model without trees")
	}
	trees := f.table(at)
	for _, other := range []struct {
		field int
		what  string
	}{{4, "categorical features"}, {6, "categorical features"}, {7, "categorical features"}, {12, "text features"}, {13, "estimated features"}, {18, "embedding features"}} {
		if _, n := trees.vector(other.field, 1); n > 0 {
			return nil, unsupported("a CatBoost model with %s", other.what)
		}
	}
	b := &Booster{Outputs: trees.int(0, 0)}
	_, b.Trees = trees.vector(2, 4)
	if _, values := trees.vector(8, 8); b.Outputs < 1 || b.Outputs > values {
		return nil, broken("%d outputs, to which %d leaf values add", b.Outputs, values)
	}
	splits, err := b.readFeatures(trees)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(lim.Features(fault.Where{}, b.Features), lim.Classes(fault.Where{}, b.Outputs)); err != nil {
		return nil, err
	}
	if whole {
		if err := b.readTrees(trees, splits, lim); err != nil {
			return nil, err
		}
	}
	if err := b.readScale(trees); err != nil {
		return nil, err
	}
	info := map[string]string{}
	for _, pair := range core.tables(2) {
		info[pair.text(0)] = pair.text(1)
	}
	if f.err != nil {
		return nil, f.err
	}
	if err := b.readInfo(info); err != nil {
		return nil, err
	}
	if b.Classes != nil {
		return b, lim.Classes(fault.Where{}, b.Classes.Len())
	}
	return b, nil
}

// split is one question that trees ask: whether a feature is greater than a border.
type split struct {
	feature int32
	border  float64
	// nanRight is set where NaN counts as greater than all: HasNans and NanValueTreatment AsTrue (BinarizeFeatures in
	// cpu/quantization.h). Otherwise it counts as less, or as NaN itself, which is greater than nothing.
	nanRight bool
}

// readFeatures lists all splits in the order in which trees number them: those of the features in their order, each one's
// borders rising (TModelTrees::CalcBinFeatures in model.cpp).
func (b *Booster) readFeatures(trees table) ([]split, error) {
	var splits []split
	features := trees.tables(5)
	column := make([]int, len(features))
	names := make([]string, len(features))
	named := true
	for i, feature := range features {
		column[i] = feature.int(2, -1)
		if column[i] < 0 || column[i] > math.MaxInt32-1 {
			return nil, broken("feature %d is column %d", i, column[i])
		}
		b.Features = max(b.Features, column[i]+1)
		names[i] = feature.text(4)
		named = named && names[i] != ""
		treatment := feature.byte(5)
		if treatment > 2 {
			return nil, unsupported("CatBoost's treatment of NaN number %d", treatment)
		}
		borders := feature.singles(3)
		for k, border := range borders {
			if border != border || k > 0 && border <= borders[k-1] {
				return nil, broken("feature %d: border %v out of order", i, border)
			}
			splits = append(splits, split{int32(column[i]), float64(border), treatment == 2 && feature.byte(0) != 0})
		}
	}
	if b.Features == 0 {
		return nil, unsupported("a CatBoost model without features of numbers")
	}
	seen := map[int]bool{}
	for _, c := range column {
		if seen[c] {
			return nil, broken("two features are column %d", c)
		}
		seen[c] = true
	}
	if named && len(features) == b.Features {
		b.Names = make([]string, b.Features)
		for i, c := range column {
			b.Names[c] = names[i]
		}
	}
	return splits, nil
}

// readScale reads what comes after the sum (scale_and_bias.h): Bias until 0.24, MultiBias from then on.
func (b *Booster) readScale(trees table) error {
	b.Scale = trees.float(14, 1)
	bias := trees.doubles(16)
	if len(bias) == 0 {
		bias = []float64{trees.float(15, 0)}
	}
	if len(bias) == 1 && bias[0] == 0 {
		bias = make([]float64, b.Outputs)
	}
	if len(bias) != b.Outputs {
		return broken("%d biases for %d outputs", len(bias), b.Outputs)
	}
	for _, v := range append([]float64{b.Scale}, bias...) {
		if v-v != 0 {
			return broken("scale or bias %v", v)
		}
	}
	b.Bias = bias
	return nil
}

// readInfo reads the texts that say what the values mean.
func (b *Booster) readInfo(info map[string]string) error {
	var params struct {
		Loss struct {
			Type string `json:"type"`
		} `json:"loss_function"`
	}
	if text, ok := info["params"]; !ok {
		return unsupported("a CatBoost model that does not say what it was trained for")
	} else if err := json.Unmarshal([]byte(text), &params); err != nil {
		return broken("its params: %v", err)
	}
	var err error
	if b.Loss, err = lossOf(params.Loss.Type); err != nil {
		return err
	}
	if b.Loss.isClasses() {
		if b.Classes, err = readClasses(info); err != nil {
			return err
		}
		if n := b.Classes.Len(); n != b.Outputs && !(n == 2 && b.Outputs == 1) {
			return broken("%d classes and %d outputs", n, b.Outputs)
		}
		if b.Outputs == 1 && b.Loss.link != logistic || b.Outputs > 1 && b.Loss.link == logistic {
			return unsupported("CatBoost's %s with %d outputs", b.Loss.Name, b.Outputs)
		}
	}
	if text, ok := info["binclass_probability_threshold"]; ok {
		p, err := strconv.ParseFloat(text, 64)
		if err != nil || !(p > 0 && p < 1) {
			return broken("binclass_probability_threshold %q", text)
		}
		b.Threshold = -math.Log(1/p - 1) // eval_processing.cpp
	}
	if _, rest, ok := strings.Cut(info["catboost_version_info"], "CatBoost Release "); ok {
		b.Release, _, _ = strings.Cut(strings.Fields(rest + " ")[0], "commit_hash")
		b.Release = strings.TrimSuffix(b.Release, ".")
	}
	return nil
}

// readClasses reads class_params: the labels, and the classes that the outputs stand for.
func readClasses(info map[string]string) (*model.Tensor, error) {
	text, ok := info["class_params"]
	if !ok {
		return nil, unsupported("a CatBoost classifier without class_params")
	}
	var params struct {
		Type    string            `json:"class_label_type"`
		Names   []json.RawMessage `json:"class_names"`
		Classes []float64         `json:"class_to_label"`
	}
	if err := json.Unmarshal([]byte(text), &params); err != nil {
		return nil, broken("its class_params: %v", err)
	}
	for i, c := range params.Classes {
		if c != float64(i) {
			return nil, unsupported("CatBoost classes that stand for others")
		}
	}
	if len(params.Names) == 0 && params.Type == "Integer" { // CrossEntropy has no names: its classes are their own
		for i := range params.Classes {
			params.Names = append(params.Names, json.RawMessage(strconv.Itoa(i)))
		}
	}
	if len(params.Names) != len(params.Classes) || len(params.Names) == 0 {
		return nil, unsupported("%d CatBoost classes with %d names", len(params.Classes), len(params.Names))
	}
	t := &model.Tensor{Shape: []int{len(params.Names)}}
	for _, raw := range params.Names {
		var err error
		switch params.Type {
		case "Integer":
			t.Kind = model.Int64
			t.Int, err = appended(t.Int, raw)
		case "Float":
			t.Kind = model.Float64
			t.Float, err = appended(t.Float, raw)
		case "String":
			t.Kind = model.String
			t.Text, err = appended(t.Text, raw)
		case "Boolean":
			var yes []bool
			t.Kind = model.Bool
			if yes, err = appended(yes, raw); err == nil {
				n := int64(0)
				if yes[0] {
					n = 1
				}
				t.Int = append(t.Int, n)
			}
		default:
			return nil, unsupported("CatBoost's labels of type %q", params.Type)
		}
		if err != nil {
			return nil, broken("class label %s of type %s", raw, params.Type)
		}
	}
	return t, nil
}

func appended[T any](all []T, raw json.RawMessage) ([]T, error) {
	var v T
	err := json.Unmarshal(raw, &v)
	return append(all, v), err
}

func (b *Booster) newForest(trees int) *forest.Forest {
	return &forest.Forest{Features: b.Features, Outputs: b.Outputs, Input: forest.Float32, Acc: forest.Float64,
		Base: make([]float64, b.Outputs), Trees: make([]forest.Tree, trees)}
}
