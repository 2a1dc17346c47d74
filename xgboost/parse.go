package xgboost

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// Parse reads a model as Booster.predict answers it: of a .ubj or .json file, or what a pickled xgboost.core.Booster holds as
// handle. The errors are a *fault.Broken, *fault.Unsupported or *fault.TooBig.
func Parse(data []byte, lim Limits) (*Booster, error) { return parse(data, lim, asBooster) }

// ParseEstimator is Parse for the booster of an XGBModel, which from 1.4 on asks it by inplace_predict, and stops after
// BestIteration (python-package/xgboost/sklearn.py).
func ParseEstimator(data []byte, lim Limits) (*Booster, error) { return parse(data, lim, asEstimator) }

// ParseHead is Parse without the trees: the booster has no Forest, and nothing that hangs on trees.
func ParseHead(data []byte, lim Limits) (*Booster, error) { return parse(data, lim, asHead) }

// asked says who asks a booster.
type asked uint8

const (
	asBooster asked = iota
	asEstimator
	asHead
)

func parse(data []byte, lim Limits, by asked) (*Booster, error) {
	if lim.Memory <= 0 {
		lim.Memory = 16 << 30
	}
	left := budget(lim.Memory)
	var root value
	var err error
	switch format(data) {
	case ubjson:
		r := &ubjReader{data: data, budget: &left}
		root, err = r.value(0)
	case inJSON:
		r := &jsonReader{data: data, budget: &left}
		root, err = r.value(0)
	case binary:
		return nil, fault.Unsupportedf(fault.Where{}, "XGBoost's old binary format; load it in XGBoost before 3.1 and save_model to .ubj or .json")
	default:
		return nil, fault.Brokenf(fault.Where{}, "not a model of XGBoost")
	}
	if err != nil {
		return nil, err
	}
	top := node{v: root}
	config := top.get("Config")
	if top.has("Model") {
		top = top.get("Model")
	}
	return readModel(top, config, left, lim.Model.Or(), by)
}

func readModel(top, config node, left budget, lim *forest.Budget, by asked) (*Booster, error) {
	version, err := array(top.get("version"), 3, asInt)
	if err != nil {
		return nil, err
	}
	for _, v := range version {
		if v < 0 || v > 1000 {
			return nil, top.get("version").broken("XGBoost %v", version)
		}
	}
	b := &Booster{Version: Version{int(version[0]), int(version[1]), int(version[2])}, BestIteration: -1, by: by, budget: lim}
	b.spare.Store(int64(left))
	if !b.Version.Before(newest.Major, newest.Minor+1) {
		return nil, top.get("version").unsupported("a model of XGBoost %v: known are 1.0 to %d.%d", b.Version, newest.Major, newest.Minor)
	}
	learner := top.get("learner")
	if err := b.readColumns(learner); err != nil {
		return nil, err
	}
	if b.Objective, err = readObjective(learner.get("objective"), b.Version); err != nil {
		return nil, err
	}
	if b.Objective.link == rising && b.Outputs > mostSorted {
		return nil, learner.unsupported("%d quantiles of XGBoost %v", b.Outputs, b.Version)
	}
	if err := b.readBase(learner.get("learner_model_param")); err != nil {
		return nil, err
	}
	if best := learner.get("attributes").get("best_iteration"); best.v != nil {
		n, err := decimal(best)
		if err != nil {
			return nil, err
		}
		b.BestIteration = n
	}
	ensemble := learner.get("gradient_booster")
	if ensemble.has("gbtree") { // of dart
		ensemble = ensemble.get("gbtree")
	}
	b.Trees = ensemble.get("model").get("trees").len()
	if by == asHead {
		return b, nil
	}
	if err := b.readTrees(learner.get("gradient_booster")); err != nil {
		return nil, err
	}
	if err := b.Forest.Check("model"); err != nil {
		return nil, err
	}
	if by != asEstimator || b.BestIteration < 0 {
		return b, nil
	}
	if err := b.stop(learner, config); err != nil {
		return nil, err
	}
	return b, nil
}

// readColumns reads what X is, and how many outputs there are.
func (b *Booster) readColumns(learner node) (err error) {
	params := learner.get("learner_model_param")
	if b.Features, err = decimal(params.get("num_feature")); err != nil {
		return err
	}
	if b.Classes, err = decimal(params.get("num_class")); err != nil {
		return err
	}
	targets := 1
	if params.has("num_target") { // from 1.6 on
		if targets, err = decimal(params.get("num_target")); err != nil {
			return err
		}
	}
	b.Outputs = max(b.Classes, targets, 1)
	if b.Features < 1 {
		return params.broken("%d features", b.Features)
	}
	where := fault.In(params.path)
	if err := cmp.Or(b.budget.Features(where, b.Features), b.budget.Classes(where, b.Outputs)); err != nil {
		return err
	}
	if b.Names, err = b.texts(learner.get("feature_names")); err != nil {
		return err
	}
	b.Types, err = b.texts(learner.get("feature_types"))
	return err
}

// texts are an entry for each feature, or none at all (in old files not even the array).
func (b *Booster) texts(n node) ([]string, error) {
	if n.v == nil || n.len() == 0 {
		return nil, nil
	}
	return array(n, b.Features, asText)
}

// decimal is a whole number written as text, not negative.
func decimal(n node) (int, error) {
	s, err := n.text()
	if err != nil {
		return 0, err
	}
	i, err := strconv.ParseInt(s, 10, 32)
	if err != nil || i < 0 {
		return 0, n.broken("%q is no count", s)
	}
	return int(i), nil
}

// claims tells whether a count, where it is there, is the true one.
func (n node) claims(key string, count int) error {
	if !n.has(key) {
		return nil
	}
	if claimed, err := decimal(n.get(key)); err != nil || claimed != count {
		return n.broken("%s is %v, not %d", key, n.get(key).v, count)
	}
	return nil
}

// readBase reads base_score: one number or, from 3.1 on, a JSON array of one or of as many as there are outputs.
func (b *Booster) readBase(params node) error {
	n := params.get("base_score")
	s, err := n.text()
	if err != nil {
		return err
	}
	fields := []string{s}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		fields = strings.Split(strings.TrimSuffix(inner, "]"), ",")
	}
	if len(fields) != 1 && len(fields) != b.Outputs {
		return n.broken("%d base scores for %d outputs", len(fields), b.Outputs)
	}
	b.Base = make([]float32, b.Outputs)
	for i := range b.Base {
		v, err := strconv.ParseFloat(strings.TrimSpace(fields[min(i, len(fields)-1)]), 32)
		if err != nil {
			return n.broken("%q is no base score", s)
		}
		b.Base[i] = b.Objective.margin(float32(v), b.Version)
		if m := float64(b.Base[i]); math.IsNaN(m) || math.IsInf(m, 0) {
			return n.broken("base score %v for %s", v, b.Objective.Name)
		}
	}
	return nil
}
