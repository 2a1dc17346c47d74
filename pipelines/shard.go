package pipelines

import (
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"strings"
)

// shard is a part of the models: those whose names fall to part i of n, whatever other models there are.
type shard struct{ i, n int } // i from 0; n 0: all

// Variables by which machines tell their number, and what its first is: Kubernetes' indexed jobs, GitLab, CircleCI, Buildkite, AWS Batch.
var shardVariables = []struct {
	index, total string
	first        int
}{
	{"JOB_COMPLETION_INDEX", "", 0},
	{"CI_NODE_INDEX", "CI_NODE_TOTAL", 1},
	{"CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0},
	{"BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0},
	{"AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", 0},
}

// parseShard reads i/n with i from 1, auto/n and auto, whose numbers are the machine's.
func parseShard(s string) (shard, error) {
	if s == "" {
		return shard{}, nil
	}
	index, total, found := strings.Cut(s, "/")
	if index == "auto" {
		return autoShard(total)
	}
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(total)
	if !found || err1 != nil || err2 != nil || i < 1 || i > n {
		return shard{}, fmt.Errorf("%q; it must be i/n with i from 1 to n, such as 2/16, or auto/n", s)
	}
	return shard{i - 1, n}, nil
}

func autoShard(total string) (shard, error) {
	for _, v := range shardVariables {
		index := os.Getenv(v.index)
		if index == "" {
			continue
		}
		count := total
		if count == "" && v.total != "" {
			count = os.Getenv(v.total)
		}
		i, err1 := strconv.Atoi(index)
		n, err2 := strconv.Atoi(count)
		i -= v.first
		switch {
		case count == "":
			return shard{}, fmt.Errorf("%s says which part, but not of how many; write auto/n", v.index)
		case err1 != nil || err2 != nil || i < 0 || i >= n:
			return shard{}, fmt.Errorf("%s is %q, of %q parts", v.index, index, count)
		}
		return shard{i, n}, nil
	}
	var names []string
	for _, v := range shardVariables {
		names = append(names, v.index)
	}
	return shard{}, fmt.Errorf("auto, but none of %s is set", strings.Join(names, ", "))
}

// has tells whether a model is this shard's.
func (s shard) has(source string) bool {
	return s.n == 0 || ShardOf(source, s.n) == s.i
}

// ShardOf is the part of n, from 0, that a model falls to by its name.
func ShardOf(source string, n int) int {
	h := fnv.New64a()
	h.Write([]byte(source))
	return int(h.Sum64() % uint64(n))
}

// String names the shard in files: 02-of-16; empty for all.
func (s shard) String() string {
	if s.n == 0 {
		return ""
	}
	width := len(strconv.Itoa(s.n))
	return fmt.Sprintf("%0*d-of-%d", width, s.i+1, s.n)
}
