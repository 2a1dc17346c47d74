// Command beam runs the same pipeline as treeport run on Apache Beam, for more models than one machine is to do: in this process (Prism, the
// default), on a Prism server with workers in other processes, or on Flink, Spark or Dataflow, as Beam's own flags say.
//
//	beam --config treeport.yaml
//	beam --worker_pool 50000 &
//	beam --config treeport.yaml --runner=universal --endpoint=localhost:8073 --environment_type=EXTERNAL --environment_config=localhost:50000 --worker_binary=beam
//
// The models are listed and named here, before the pipeline begins, and handed out as tasks. Where a worker dies, the engine hands its bundle
// out again: a task that is done twice writes the same bytes. The manifests are written last, one for each part, so that every model stands in
// them once, whatever was done twice.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"github.com/seed-2867d59c/treeport/pipelines"
)

var (
	config = flag.String("config", "", "configuration of treeport run; every worker must see the same places")
	parts  = flag.Int("parts", 16, "how many manifests are written")
	pool   = flag.Int("worker_pool", 0, "be workers of jobs that other processes submit with --environment_type=EXTERNAL, on this port of the machine")
)

func main() {
	flag.Parse()
	beam.Init() // where an engine started this process as a worker, it works here, and does not return
	if *pool != 0 {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		workers, err := extworker.StartLoopback(ctx, *pool)
		if err != nil {
			fmt.Fprintln(os.Stderr, "treeport-beam:", err)
			os.Exit(1)
		}
		<-ctx.Done()
		_ = workers.Stop(context.Background())
		return
	}
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "treeport-beam:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	name := *config
	if name == "" {
		name = pipelines.Find()
	}
	if name == "" {
		return errors.New("no configuration: name one by --config")
	}
	c, err := pipelines.Load(name, nil)
	if err != nil {
		return err
	}
	if *parts < 1 {
		return fmt.Errorf("--parts %d; it must be 1 or more", *parts)
	}
	plan, err := pipelines.Make(ctx, c)
	if err != nil {
		return err
	}
	defer plan.Close()
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	tasks := []string{}
	for _, t := range plan.Tasks() {
		task, err := json.Marshal(t)
		if err != nil {
			return err
		}
		tasks = append(tasks, string(task))
	}
	p, s := beam.NewPipelineWithRoot()
	build(s, tasks, string(text), *parts)
	result, err := beamx.RunWithMetrics(ctx, p)
	if err != nil {
		return err
	}
	return tell(result)
}

// tell prints how many models came to which end.
func tell(result beam.PipelineResult) error {
	counts := map[string]int64{}
	if result != nil {
		for _, c := range result.Metrics().AllMetrics().Counters() {
			if status, ok := strings.CutPrefix(c.Name(), counterPrefix); ok {
				counts[status] += c.Result()
			}
		}
	}
	text, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	fmt.Println(string(text))
	for status, n := range counts {
		if status != string(pipelines.Equal) && n > 0 {
			return fmt.Errorf("%d models: %s", n, status)
		}
	}
	return nil
}
