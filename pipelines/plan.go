package pipelines

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/store"
)

// Plan is what a run will do.
type Plan struct {
	Items []Item
	// Left counts what was found and is not done: other versions, other shards' models.
	OtherVersions, OtherShards int

	config *Config
	to     store.Bucket
	stores *stores
	shard  shard
}

// Item is a model file and the artifacts that are made of it.
type Item struct {
	Source  string   // as the manifest names it
	Size    int64    // bytes
	Memory  int64    // that converting it takes by estimate, bytes
	Seconds float64  // that it takes one core by estimate
	Outputs []string // keys in the place of publication, one for each Config.Emit
	found   found
	name    name
}

// ErrNothing says that no model was found, which is not what anybody asks for.
var ErrNothing = errors.New("nothing matched")

// ClashError says that two models would be written to the same place.
type ClashError struct{ Output, First, Second string }

func (e *ClashError) Error() string {
	return fmt.Sprintf("%s and %s would both be written to %s; a name such as {dir}/{name}.{format} keeps them apart", e.First, e.Second, e.Output)
}

// Make lists the models of a configuration and names their outputs. Errors: a *ClashError, ErrNothing, a *ConfigError, and those of stores.
func Make(ctx context.Context, c *Config) (*Plan, error) {
	p := &Plan{config: c, stores: newStores(c.Run.Retry)}
	if err := p.make(ctx); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Close gives up the stores.
func (p *Plan) Close() { p.stores.close() }

func (p *Plan) make(ctx context.Context) (err error) {
	c := p.config
	if len(c.Source.Paths) == 0 {
		return &ConfigError{Key: "source.paths", What: "no models are named"}
	}
	if c.Publish.To == "" {
		return &ConfigError{Key: "publish.to", What: "no folder or bucket is named"}
	}
	if p.shard, err = parseShard(c.Run.Shard); err != nil {
		return &ConfigError{Key: "run.shard", What: err.Error()}
	}
	if p.to, err = p.stores.any(ctx, c.Publish.To); err != nil {
		return err
	}
	if _, local := p.to.(*store.Folder); c.Publish.DVC && !local {
		return &ConfigError{Key: "publish.dvc", What: "DVC keeps what is in a folder, not in a bucket"}
	}
	seen := map[string]bool{}
	for _, path := range c.Source.Paths {
		place, err := p.stores.place(ctx, path)
		if err != nil {
			return err
		}
		models, err := p.stores.list(ctx, c, place)
		if err != nil {
			return err
		}
		for _, f := range models {
			if !seen[f.source()] {
				seen[f.source()] = true
				memory, seconds := estimate(f.bucket, f.object)
				p.Items = append(p.Items, Item{Source: f.source(), Size: max(f.object.Size, 0), Memory: memory, Seconds: seconds, found: f, name: parseName(f.object.Key)})
			}
		}
	}
	if len(p.Items) == 0 {
		return fmt.Errorf("%w: no model in %s", ErrNothing, strings.Join(c.Source.Paths, ", "))
	}
	p.selectVersions()
	if len(p.Items) == 0 {
		return fmt.Errorf("%w: no model of %d is of %s or later", ErrNothing, p.OtherVersions, c.Select.Since)
	}
	if err := p.nameOutputs(ctx); err != nil {
		return err
	}
	all := len(p.Items)
	p.Items = slices.DeleteFunc(p.Items, func(i Item) bool { return !p.shard.has(i.Source) })
	p.OtherShards = all - len(p.Items)
	return nil
}

// selectVersions leaves the versions that Config.Select names.
func (p *Plan) selectVersions() {
	all := len(p.Items)
	switch p.config.Select.Versions {
	case "latest":
		newest := map[string]*Item{}
		for i := range p.Items {
			item := &p.Items[i]
			family := item.found.bucket.Name() + "/" + item.name.family
			best := newest[family]
			if best == nil || newerItem(item, best) > 0 {
				newest[family] = item
			}
		}
		var kept []Item
		for i := range p.Items {
			if newest[p.Items[i].found.bucket.Name()+"/"+p.Items[i].name.family] == &p.Items[i] {
				kept = append(kept, p.Items[i])
			}
		}
		p.Items = kept
	case "since":
		since, _ := p.config.since() // was checked
		p.Items = slices.DeleteFunc(p.Items, func(i Item) bool {
			when := i.name.when
			if when.IsZero() {
				when = i.found.object.Modified
			}
			return when.Before(since)
		})
	}
	p.OtherVersions = all - len(p.Items)
}

// newerItem orders versions by what their names say, and by when they were modified where that is the same.
func newerItem(a, b *Item) int {
	return cmp.Or(a.name.newer(b.name), a.found.object.Modified.Compare(b.found.object.Modified))
}

// nameOutputs expands the templates.
func (p *Plan) nameOutputs(ctx context.Context) error {
	templates := p.config.templates()
	if slices.ContainsFunc(templates, needsReading) {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(runtime.GOMAXPROCS(0))
		for i := range p.Items {
			group.Go(func() error { return p.nameItem(ctx, &p.Items[i], templates) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	} else {
		for i := range p.Items {
			if err := p.nameItem(ctx, &p.Items[i], templates); err != nil {
				return err
			}
		}
	}
	first := map[string]string{}
	for _, item := range p.Items {
		for _, key := range item.Outputs {
			if other, taken := first[key]; taken {
				return &ClashError{Output: p.to.Name() + "/" + key, First: other, Second: item.Source}
			}
			first[key] = item.Source
			if item.found.bucket.Name() == p.to.Name() && key == item.found.object.Key {
				return &ClashError{Output: p.to.Name() + "/" + key, First: item.Source, Second: "its own artifact"}
			}
		}
	}
	return nil
}

// templates are those of the artifacts.
func (c *Config) templates() []string {
	usual := c.Publish.Name
	if usual == "" {
		usual = "{dir}/{stem}.{ext}"
		taken := map[string]bool{}
		for _, e := range c.Emit {
			if taken[e.Format] { // several of one format
				usual = "{dir}/{stem}.{profile}.{ext}"
			}
			taken[e.Format] = true
		}
	}
	all := make([]string, len(c.Emit))
	for i, e := range c.Emit {
		all[i] = cmp.Or(e.Name, usual)
	}
	return all
}

func (p *Plan) nameItem(ctx context.Context, item *Item, templates []string) error {
	var digest, release string
	if slices.ContainsFunc(templates, needsReading) {
		file, err := item.found.bucket.Open(ctx, item.found.object.Key)
		if err != nil {
			return err
		}
		source, err := convert.OpenFile(file, p.config.Read.limits())
		if err != nil {
			_ = file.Close()
			// Its outputs need a name, though there will be none: the run says what is wrong with the file.
			digest, release = "broken", "unknown"
		} else {
			digest = source.SHA256()
			release = releaseOf(source)
			if err := source.Close(); err != nil {
				return err
			}
		}
	}
	item.Outputs = make([]string, len(templates))
	for i, t := range templates {
		e := p.config.Emit[i]
		key, err := item.name.expand(t, map[string]string{"{ext}": e.Format, "{format}": e.Format, "{profile}": cmp.Or(e.Profile, "exact"),
			"{sha256}": digest, "{sklearn}": release})
		if err != nil {
			return &ConfigError{Key: "publish.name", What: err.Error()}
		}
		if _, err := convert.ByName(key); err != nil {
			return &ConfigError{Key: "publish.name", What: fault.Printable(key, 100) + " ends in no format's extension"}
		}
		item.Outputs[i] = key
	}
	return nil
}

// releaseOf is the scikit-learn release that wrote a file, or unknown.
func releaseOf(s *convert.Source) string {
	for _, f := range s.Found {
		if sum, err := s.Summarise(f); err == nil && sum.Release != "" {
			return sum.Release
		}
	}
	return "unknown"
}

// Done tells for each item whether an earlier run did it, as far as that can be told without reading models: their sizes and, in buckets,
// versions are as recorded, and the artifacts are there.
func (p *Plan) Done(ctx context.Context) ([]bool, error) {
	j, err := readJournal(ctx, p.to)
	if err != nil {
		return nil, err
	}
	r := &runner{Plan: p, digest: p.config.digest(), journal: j}
	done := make([]bool, len(p.Items))
	for i := range p.Items {
		item := &p.Items[i]
		_, done[i] = r.kept(ctx, func(d *Record) bool { return d.Size == item.Size && d.Version == item.found.object.Version }, item)
	}
	return done, nil
}
