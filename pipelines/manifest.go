package pipelines

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/seed-2867d59c/treeport/store"
)

// The manifest is JSON Lines beside the artifacts, a Record a line. Each shard has its own, so that no two machines write to one:
//
//	treeport.manifest.jsonl                  of a run that is not sharded
//	treeport.manifest.02-of-16.jsonl         of a shard
//	treeport.manifest.02-of-16.part-N-ID.jsonl
//	                                         what a run has added so far; when it ends, it goes into the shard's. N counts the runs
//	                                         that were killed: their parts stay, and the last record of a model is the one that counts
//
// Whatever moment a process is killed at, the file is whole, and the parts hold every model that was recorded; at most the last line of a
// part in a folder is cut off, and left out. All of them are read, and a later run with another number of shards goes on as well.
const manifestName = "treeport.manifest"

const (
	partAfter = 2 * time.Second // how long records wait to be written to a bucket
	partSize  = 500             // how many
)

// partNumber is the number of a run in the name of a part: runs may follow each other faster than clocks tell apart.
var partNumber = regexp.MustCompile(`\.part-(\d{6})-`)

// journal records what is done.
type journal struct {
	to    store.Bucket
	shard shard
	done  map[string][]Record // of earlier runs, by source
	ours  map[string]bool     // SHA-256 of artifacts, by key and digest

	mu      sync.Mutex
	lines   bytes.Buffer // not written yet, to a bucket
	waiting int
	since   time.Time
	file    *os.File // in a folder: the part
	part    string
	parts   int
	lock    *flock.Flock
}

// openJournal reads what earlier runs recorded.
func openJournal(ctx context.Context, to store.Bucket, s shard) (*journal, error) {
	j := &journal{to: to, shard: s, since: time.Now()}
	if f, ok := to.(*store.Folder); ok {
		if err := os.MkdirAll(f.Name(), 0o777); err != nil {
			return nil, err
		}
		j.lock = flock.New(f.Path("." + j.name("") + ".lock"))
		switch locked, err := j.lock.TryLock(); {
		case err != nil:
			return nil, err
		case !locked:
			return nil, &store.Error{Op: "writing to", Name: to.Name(), Err: errors.New("another run is at work there")}
		}
	}
	if err := j.load(ctx); err != nil {
		j.unlock()
		return nil, err
	}
	keys, err := j.keys(ctx, j.name(""))
	if err != nil {
		j.unlock()
		return nil, err
	}
	runs := 0
	for _, key := range keys {
		if m := partNumber.FindStringSubmatch(key); m != nil {
			runs = max(runs, int(number(m[1])))
		}
	}
	var id [6]byte
	rand.Read(id[:]) // never fails
	j.part = fmt.Sprintf("part-%06d-%x", runs+1, id)
	return j, nil
}

// readJournal reads what earlier runs recorded, to add nothing.
func readJournal(ctx context.Context, to store.Bucket) (*journal, error) {
	j := &journal{to: to}
	return j, j.load(ctx)
}

func (j *journal) load(ctx context.Context) error {
	j.done, j.ours = map[string][]Record{}, map[string]bool{}
	_, err := j.read(ctx, "", func(r Record) {
		j.done[r.Source] = append(j.done[r.Source], r)
		for _, a := range r.Artifact {
			j.ours[a.Name+" "+a.SHA256] = true
		}
	})
	return err
}

func (j *journal) unlock() {
	if j.lock != nil {
		_ = os.Remove(j.lock.Path())
		_ = j.lock.Unlock()
	}
}

// name is the key of the shard's manifest, or of a part of it.
func (j *journal) name(part string) string {
	parts := []string{manifestName}
	for _, p := range []string{j.shard.String(), part} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ".") + ".jsonl"
}

// read reads all manifests, or a shard's, and answers their keys. Files come before their parts, and these in the order of their runs.
func (j *journal) read(ctx context.Context, of string, yield func(Record)) ([]string, error) {
	for {
		keys, err := j.keys(ctx, of)
		if err != nil {
			return nil, err
		}
		var records []Record
		gone := false
		for _, key := range keys {
			f, err := j.to.Open(ctx, key)
			if store.IsNotExist(err) {
				gone = true // another shard has just come to its end, and made one file of its parts: look again
				break
			}
			if err != nil {
				return nil, err
			}
			err = parse(f.Data, func(r Record) { records = append(records, r) })
			_ = f.Close()
			if err != nil {
				return nil, &store.Error{Op: "reading", Name: j.to.Name() + "/" + key, Err: err}
			}
		}
		if gone {
			continue
		}
		for _, r := range records {
			yield(r)
		}
		return keys, nil
	}
}

// keys lists the manifests that read reads.
func (j *journal) keys(ctx context.Context, of string) ([]string, error) {
	var keys []string
	for o, err := range j.to.List(ctx, manifestName) {
		switch {
		case store.IsNotExist(err):
			return nil, nil
		case err != nil:
			return nil, err
		case strings.HasSuffix(o.Key, ".jsonl") && (of == "" || o.Key == of || strings.HasPrefix(o.Key, strings.TrimSuffix(of, "jsonl")+"part-")):
			keys = append(keys, o.Key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		isPart := func(k string) int { return strings.Count(k, ".part-") }
		return cmp.Or(isPart(a)-isPart(b), strings.Compare(a, b))
	})
	return keys, nil
}

// parse reads lines; one without an end was cut off by the end of its process.
func parse(data []byte, yield func(Record)) error {
	for n := 1; ; n++ {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			return nil
		}
		var r Record
		if err := json.Unmarshal(data[:end], &r); err != nil {
			return fmt.Errorf("line %d is no record: %w", n, err)
		}
		yield(r)
		data = data[end+1:]
	}
}

// add records a model. In a folder it is in the file when add returns; in a bucket it may wait for others for some seconds.
func (j *journal) add(ctx context.Context, r Record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	j.mu.Lock()
	defer j.mu.Unlock()
	if f, ok := j.to.(*store.Folder); ok {
		return j.append(f, line)
	}
	j.lines.Write(line)
	j.waiting++
	if j.waiting >= partSize || time.Since(j.since) >= partAfter {
		return j.flush(ctx)
	}
	return nil
}

// append writes a line at the end of the part, whole or not at all.
func (j *journal) append(f *store.Folder, line []byte) (err error) {
	if j.file == nil {
		if j.file, err = os.OpenFile(f.Path(j.name(j.part)), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o666); err != nil {
			return err
		}
	}
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if _, err := j.file.Write(line); err != nil {
		return errors.Join(err, j.file.Truncate(info.Size()))
	}
	return nil
}

// flush writes what waits as a part of its own.
func (j *journal) flush(ctx context.Context) error {
	if j.waiting == 0 {
		return nil
	}
	key := j.name(fmt.Sprintf("%s-%06d", j.part, j.parts))
	if err := j.to.Put(ctx, key, bytes.NewReader(j.lines.Bytes()), false); err != nil {
		return &store.Error{Op: "writing", Name: j.to.Name() + "/" + key, Err: err}
	}
	j.parts++
	j.waiting, j.since = 0, time.Now()
	j.lines.Reset()
	return nil
}

// close makes one file of the shard's file and its parts, with the last record of each model and its outputs.
func (j *journal) close(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	defer j.unlock()
	if err := j.flush(ctx); err != nil {
		return err
	}
	if j.file != nil {
		if err := j.file.Close(); err != nil {
			return err
		}
	}
	if f, ok := j.to.(*store.Folder); ok {
		if err := f.Sync(); err != nil { // all artifacts, before the manifest says so for good
			return err
		}
		f.Unsynced = false
	}
	last := map[string]Record{}
	keys, err := j.read(ctx, j.name(""), func(r Record) { last[r.id()] = r })
	if err != nil || len(keys) == 0 || len(keys) == 1 && keys[0] == j.name("") {
		return err
	}
	if err := j.write(ctx, last); err != nil {
		return err
	}
	for _, key := range keys {
		if key != j.name("") {
			if err := j.to.Delete(ctx, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes the shard's file anew.
func (j *journal) write(ctx context.Context, last map[string]Record) error {
	var sources []string
	for s := range last {
		sources = append(sources, s)
	}
	slices.Sort(sources)
	var text bytes.Buffer
	for _, s := range sources {
		line, err := json.Marshal(last[s])
		if err != nil {
			return err
		}
		text.Write(append(line, '\n'))
	}
	return j.to.Put(ctx, j.name(""), bytes.NewReader(text.Bytes()), true)
}
