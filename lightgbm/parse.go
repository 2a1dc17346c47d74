package lightgbm

import (
	"cmp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// Parse reads the text of a model: a file of Booster.save_model, or what a pickled lightgbm.basic.Booster holds as _handle
// (from 4.0 on) or handle. The errors are a *fault.Broken, *fault.Unsupported or *fault.TooBig.
func Parse(text string, lim Limits) (*Booster, error) {
	lim = lim.orDefault(len(text))
	b, head, trees, err := begin(text, lim.Model)
	if err != nil {
		return nil, err
	}
	blocks, rest := split(trees)
	if err := head.fits(blocks); err != nil {
		return nil, err
	}
	if err := b.trees(blocks, lim); err != nil {
		return nil, err
	}
	return b, b.Objective.date(b.Version, rest)
}

// ParseHead is Parse without the trees: just what the model takes.
func ParseHead(text string, lim Limits) (*Booster, error) {
	b, _, _, err := begin(text, lim.Model.Or())
	return b, err
}

// begin reads everything but the trees, whose text it hands on with the header's lines.
func begin(text string, lim *forest.Budget) (b *Booster, head *fields, trees string, err error) {
	if !Sniff([]byte(text[:min(len(text), sniffed)])) {
		return nil, nil, "", fault.Brokenf(fault.Where{}, "not the text of a LightGBM model")
	}
	head, at, err := header(text)
	if err != nil {
		return nil, nil, "", err
	}
	if b, err = head.booster(lim); err != nil {
		return nil, nil, "", err
	}
	categories, err := pandasCategories(text[at:])
	if err == nil {
		err = b.giveCategories(categories, strings.Fields(head.values["feature_infos"]))
	}
	return b, head, text[at:], err
}

// fields are the lines of a header or of a tree, by their key.
type fields struct {
	where  fault.Where
	values map[string]string
}

func (f *fields) broken(format string, args ...any) error {
	return fault.Brokenf(f.where, format, args...)
}

// line takes the first line off a text.
func line(text string) (line, rest string) {
	line, rest, _ = strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

// header reads the lines up to the first tree, and says where that begins.
func header(text string) (*fields, int, error) {
	f := &fields{values: map[string]string{}}
	for rest := text; rest != ""; {
		l, next := line(rest)
		if strings.HasPrefix(l, "Tree=") || l == "end of trees" {
			return f, len(text) - len(rest), nil
		}
		key, value, _ := strings.Cut(l, "=")
		if strings.Contains(value, "=") && key != "feature_names" && key != "monotone_constraints" {
			return nil, 0, f.broken("the line %q has more than one =", l)
		}
		f.values[key] = value
		rest = next
	}
	return f, len(text), nil
}

// count is a value that is a number of things.
func (f *fields) count(key string) (int, error) {
	n, err := strconv.ParseInt(f.values[key], 10, 32)
	if err != nil || n < 0 {
		return 0, f.broken("%s is %q, no number of things", key, f.values[key])
	}
	return int(n), nil
}

// booster is what the header says, without trees (GBDT::LoadModelFromString).
func (f *fields) booster(lim *forest.Budget) (*Booster, error) {
	b := &Booster{Version: f.values["version"]}
	switch b.Version {
	case "v2", "v3", "v4":
	case "":
		// Until 2.0 zero was another number, so that zeros went other ways (kZeroAsMissingValueRange).
		return nil, fault.Unsupportedf(fault.Where{}, "a LightGBM model without a version, written before 2.1")
	default:
		return nil, fault.Unsupportedf(fault.Where{}, "LightGBM's model version %q", b.Version)
	}
	classes, err := f.count("num_class")
	if err != nil {
		return nil, err
	}
	b.Outputs = classes
	if _, ok := f.values["num_tree_per_iteration"]; ok {
		if b.Outputs, err = f.count("num_tree_per_iteration"); err != nil {
			return nil, err
		}
	}
	if b.Outputs != classes || classes == 0 {
		return nil, fault.Unsupportedf(fault.Where{}, "%d trees per iteration for %d classes", b.Outputs, classes)
	}
	last, err := f.count("max_feature_idx")
	if err != nil {
		return nil, err
	}
	b.Features = last + 1
	if b.Names, err = f.names(b.Features); err != nil {
		return nil, err
	}
	if err := cmp.Or(lim.Features(f.where, b.Features), lim.Classes(f.where, classes)); err != nil {
		return nil, err
	}
	infos := strings.Fields(f.values["feature_infos"])
	if len(infos) != b.Features {
		return nil, f.broken("%d feature_infos for %d features", len(infos), b.Features)
	}
	b.Trees = len(strings.Fields(f.values["tree_sizes"]))
	_, b.Average = f.values["average_output"]
	b.Objective, err = readObjective(f.values["objective"], b.Outputs)
	return b, err
}

// names are the columns' names, or nil where LightGBM made them up.
func (f *fields) names(features int) ([]string, error) {
	names := strings.FieldsFunc(f.values["feature_names"], func(r rune) bool { return r == ' ' })
	if len(names) != features {
		return nil, f.broken("%d feature_names for %d features", len(names), features)
	}
	seen, madeUp := make(map[string]bool, features), true
	for i, name := range names {
		if seen[name] || !utf8.ValidString(name) {
			return nil, f.broken("the feature name %q is there twice, or is no text", name)
		}
		seen[name] = true
		madeUp = madeUp && name == "Column_"+strconv.Itoa(i)
	}
	if madeUp {
		return nil, nil
	}
	return names, nil
}

// split cuts the trees of a text apart, and hands on what follows them.
func split(text string) (trees []string, rest string) {
	for strings.HasPrefix(text, "Tree=") {
		end := 0
		for l, next := line(text); l != ""; l, next = line(next) {
			end = len(text) - len(next)
		}
		trees = append(trees, text[:end])
		text = strings.TrimLeft(text[end:], "\r\n")
	}
	return trees, text
}

// fits tells whether the trees are as many as the header says.
func (f *fields) fits(trees []string) error {
	sizes, ok := f.values["tree_sizes"]
	if n := len(strings.Fields(sizes)); ok && n != len(trees) {
		return f.broken("%d trees, the header announces %d", len(trees), n)
	}
	return nil
}

// trees reads all trees, each on whatever core is free.
func (b *Booster) trees(blocks []string, lim Limits) error {
	switch {
	case len(blocks) == 0:
		return fault.Unsupportedf(fault.Where{}, "a LightGBM model without trees")
	case len(blocks)%b.Outputs != 0:
		return fault.Brokenf(fault.Where{}, "%d trees for %d classes", len(blocks), b.Outputs)
	}
	if err := lim.Model.Trees(fault.Where{}, len(blocks)); err != nil {
		return err
	}
	f := &forest.Forest{Outputs: b.Outputs, Input: forest.Float64, Acc: forest.Float64, Combine: forest.Sum,
		Base: make([]float64, b.Outputs), Trees: make([]forest.Tree, len(blocks))}
	linear := make([]*linearTree, len(blocks))
	errs := make([]error, len(blocks))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(len(blocks), runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(blocks); i = int(next.Add(1)) - 1 {
				t := &f.Trees[i]
				linear[i], errs[i] = readTree(t, blocks[i], i, b.Features, lim.Model)
				t.Output = forest.AllOutputs
				if b.Outputs > 1 {
					t.Output = int32(i % b.Outputs)
				}
			}
		})
	}
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	b.Forest = f
	b.number()
	if err := f.Check("model"); err != nil {
		return err
	}
	if slices.ContainsFunc(linear, func(t *linearTree) bool { return t != nil }) {
		b.linear = linear
		return b.checkLinear(lim)
	}
	return nil
}
