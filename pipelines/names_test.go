package pipelines

import (
	"slices"
	"testing"
	"time"
)

func TestParseName(t *testing.T) {
	day := func(y int, m time.Month, d, h, min, s int) time.Time {
		return time.Date(y, m, d, h, min, s, 0, time.UTC)
	}
	for _, c := range []struct {
		key, family, stem, ext, version, timestamp string
		when                                       time.Time
	}{
		{"prod/rf_model_v1_20240131_120000.joblib", "prod/rf_model", "rf_model_v1_20240131_120000", ".joblib", "v1", "20240131_120000", day(2024, 1, 31, 12, 0, 0)},
		{"rf.pkl.gz", "rf", "rf", ".pkl.gz", "", "", time.Time{}},
		{"rf-1.2.10.pkl", "rf", "rf-1.2.10", ".pkl", "1.2.10", "", time.Time{}},
		{"churn-2024-01-31.pkl", "churn", "churn-2024-01-31", ".pkl", "", "2024-01-31", day(2024, 1, 31, 0, 0, 0)},
		{"churn_2024-01-31T08-30_v2.pkl", "churn", "churn_2024-01-31T08-30_v2", ".pkl", "v2", "2024-01-31T08-30", day(2024, 1, 31, 8, 30, 0)},
		{"20240131_rf.pkl", "rf", "20240131_rf", ".pkl", "", "20240131", day(2024, 1, 31, 0, 0, 0)},
		{"model_V12.sav", "model", "model_V12", ".sav", "V12", "", time.Time{}},
		{"depth3.pkl", "depth3", "depth3", ".pkl", "", "", time.Time{}},
		{"rf_20241399.pkl", "rf_20241399", "rf_20241399", ".pkl", "", "", time.Time{}},
		{".hidden", ".hidden", ".hidden", "", "", "", time.Time{}},
		{"noext", "noext", "noext", "", "", "", time.Time{}},
	} {
		n := parseName(c.key)
		if n.family != c.family || n.stem != c.stem || n.ext != c.ext || n.version != c.version || n.timestamp != c.timestamp || !n.when.Equal(c.when) {
			t.Errorf("%s: %+v", c.key, n)
		}
	}
	order := []string{"rf.pkl", "rf_20230101.pkl", "rf_v1_20240101.pkl", "rf_v1_20240301.pkl", "rf_v2.pkl", "rf_v2.1.pkl", "rf_v10_20200101.pkl"}
	if !slices.IsSortedFunc(order, func(a, b string) int { return parseName(a).newer(parseName(b)) }) {
		t.Error("versions are not in order")
	}
}

func TestExpand(t *testing.T) {
	n := parseName("a/b/rf_v1_20240131.joblib")
	values := map[string]string{"{ext}": "onnx", "{format}": "onnx", "{profile}": "exact", "{sha256}": "ab", "{sklearn}": "1.7.2"}
	for template, want := range map[string]string{
		"{dir}/{stem}.{profile}.{ext}":   "a/b/rf_v1_20240131.exact.onnx",
		"{family}/{version}-{timestamp}": "rf/v1-20240131",
		"{name}.{format}":                "rf_v1_20240131.joblib.onnx",
		"/{sklearn}//{sha256}.onnx":      "1.7.2/ab.onnx",
		"../../{stem}":                   "rf_v1_20240131", // never above the place of publication
	} {
		if got, err := n.expand(template, values); err != nil || got != want {
			t.Errorf("%s: %s, want %s: %v", template, got, want, err)
		}
	}
	if got, err := parseName("rf.pkl").expand("{version}.onnx", values); err == nil {
		t.Errorf("a name without a version gives %s", got)
	}
	if got, err := parseName("rf.pkl").expand("{dir}/{stem}.{ext}", values); err != nil || got != "rf.onnx" {
		t.Error(got, err)
	}
}

// TestShards gives every model to one shard, and much the same number to each.
func TestShards(t *testing.T) {
	const n = 16
	counts := make([]int, n)
	for i := range 10000 {
		source := "s3://bucket/models/m" + time.Unix(int64(i), 0).UTC().Format("150405") + ".pkl"
		had := 0
		for k := range n {
			if (shard{k, n}).has(source) {
				counts[k]++
				had++
			}
		}
		if had != 1 {
			t.Fatalf("%s is of %d shards", source, had)
		}
	}
	if least, most := slices.Min(counts), slices.Max(counts); least < 500 || most > 750 {
		t.Error(counts)
	}
}

func TestAutoShard(t *testing.T) {
	for _, v := range shardVariables {
		t.Setenv(v.index, "")
	}
	if _, err := parseShard("auto/4"); err == nil {
		t.Error("auto without any variable")
	}
	t.Setenv("CI_NODE_INDEX", "3")
	t.Setenv("CI_NODE_TOTAL", "5")
	if s, err := parseShard("auto"); err != nil || s != (shard{2, 5}) {
		t.Error(s, err)
	}
	t.Setenv("JOB_COMPLETION_INDEX", "3")
	if s, err := parseShard("auto/4"); err != nil || s != (shard{3, 4}) {
		t.Error(s, err)
	}
	for _, bad := range []string{"auto", "auto/3", "auto/x", "0/4", "5/4", "1", "a/b"} {
		if s, err := parseShard(bad); err == nil {
			t.Errorf("%s: %v", bad, s)
		}
	}
}
