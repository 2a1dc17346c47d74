package main

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/seed-2867d59c/treeport/pipelines"
)

// build is the pipeline: tasks, handed out; converted; their records by part; a manifest for each.
func build(s beam.Scope, tasks []string, config string, parts int) {
	all := beam.Reshuffle(s, beam.CreateList(s, tasks)) // so that every worker gets some
	records := beam.ParDo(s.Scope("convert"), &convertFn{Config: config, Parts: parts}, all)
	byPart := beam.GroupByKey(s, records)
	beam.ParDo0(s.Scope("manifest"), &manifestFn{Config: config, Parts: parts}, byPart)
}

func init() {
	register.DoFn3x1[context.Context, string, func(int, string), error](&convertFn{})
	register.DoFn3x1[context.Context, int, func(*string) bool, error](&manifestFn{})
	register.Emitter2[int, string]()
	register.Iter1[string]()
}

// counterPrefix is what the counters of statuses begin with.
const counterPrefix = "models: "

// workers of this process, by configuration: bundles are many, and share one.
var workers struct {
	sync.Mutex
	byConfig map[string]*pipelines.Worker
}

func workerOf(ctx context.Context, config string) (*pipelines.Worker, error) {
	workers.Lock()
	defer workers.Unlock()
	if w, ok := workers.byConfig[config]; ok {
		return w, nil
	}
	c := &pipelines.Config{}
	if err := json.Unmarshal([]byte(config), c); err != nil {
		return nil, err
	}
	w, err := pipelines.NewWorker(context.WithoutCancel(ctx), c)
	if err != nil {
		return nil, err
	}
	if workers.byConfig == nil {
		workers.byConfig = map[string]*pipelines.Worker{}
	}
	workers.byConfig[config] = w
	return w, nil
}

// convertFn does one task, and answers its record by the part of its manifest.
type convertFn struct {
	Config string
	Parts  int
}

func (f *convertFn) ProcessElement(ctx context.Context, task string, emit func(int, string)) error {
	w, err := workerOf(ctx, f.Config)
	if err != nil {
		return err
	}
	var t pipelines.Task
	if err := json.Unmarshal([]byte(task), &t); err != nil {
		return err
	}
	record, err := w.Do(ctx, t)
	if err != nil {
		return err
	}
	beam.NewCounter("treeport", counterPrefix+string(record.Status)).Inc(ctx, 1)
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	emit(pipelines.ShardOf(t.Source, f.Parts), string(text))
	return nil
}

// manifestFn writes a part's manifest.
type manifestFn struct {
	Config string
	Parts  int
}

func (f *manifestFn) ProcessElement(ctx context.Context, part int, next func(*string) bool) error {
	w, err := workerOf(ctx, f.Config)
	if err != nil {
		return err
	}
	var records []pipelines.Record
	for text := ""; next(&text); {
		var r pipelines.Record
		if err := json.NewDecoder(strings.NewReader(text)).Decode(&r); err != nil {
			return err
		}
		records = append(records, r)
	}
	return w.WriteManifest(ctx, part, f.Parts, records)
}
