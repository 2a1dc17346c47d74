package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-2867d59c/treeport/internal/buckets"
	"github.com/seed-2867d59c/treeport/store"
)

var errBusy = errors.New("busy")

// faulty fails a part of all calls: half of those before it did the work, half after it.
type faulty struct {
	store.Bucket
	mu     sync.Mutex
	random *rand.Rand
	part   float64
	calls  int
	failed int
}

func (b *faulty) draw() (before, after bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	x := b.random.Float64()
	if x < b.part {
		b.failed++
	}
	return x < b.part/2, x < b.part
}

func faults[T any](b *faulty, do func() (T, error)) (T, error) {
	var none T
	before, after := b.draw()
	if before {
		return none, errBusy
	}
	v, err := do()
	if err == nil && after {
		if c, ok := any(v).(io.Closer); ok {
			c.Close()
		}
		return none, errBusy
	}
	return v, err
}

func (b *faulty) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		for o, err := range b.Bucket.List(ctx, prefix) {
			before, after := b.draw()
			if before {
				yield(store.Object{}, errBusy)
				return
			}
			if !yield(o, err) {
				return
			}
			if after {
				yield(store.Object{}, errBusy)
				return
			}
		}
	}
}

func (b *faulty) Stat(ctx context.Context, key string) (store.Object, error) {
	return faults(b, func() (store.Object, error) { return b.Bucket.Stat(ctx, key) })
}

func (b *faulty) Open(ctx context.Context, key string) (*store.File, error) {
	return faults(b, func() (*store.File, error) { return b.Bucket.Open(ctx, key) })
}

func (b *faulty) Put(ctx context.Context, key string, content io.ReadSeeker, overwrite bool) error {
	_, err := faults(b, func() (any, error) { return nil, b.Bucket.Put(ctx, key, content, overwrite) })
	return err
}

func (b *faulty) Delete(ctx context.Context, key string) error {
	_, err := faults(b, func() (any, error) { return nil, b.Bucket.Delete(ctx, key) })
	return err
}

var quick = store.Retry{First: time.Microsecond, Longest: time.Millisecond, Total: time.Minute}

// TestRetrying holds a bucket that fails a fifth of all calls to what every bucket must do.
func TestRetrying(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			calls, failed := 0, 0
			buckets.Check(t, func(t *testing.T) store.Bucket {
				b := &faulty{Bucket: store.NewFolder(t.TempDir()), random: rand.New(rand.NewPCG(seed, 1)), part: 0.2}
				t.Cleanup(func() { calls, failed = calls+b.calls, failed+b.failed })
				return store.Retrying(b, quick)
			})
			if failed*20 < calls || failed == 0 {
				t.Errorf("%d of %d calls failed", failed, calls)
			}
		})
	}
}

// always fails every call with one error, and counts.
type always struct {
	store.Bucket
	err   error
	calls int
}

func (b *always) Stat(context.Context, string) (store.Object, error) {
	b.calls++
	return store.Object{}, b.err
}

func TestRetryingEnds(t *testing.T) {
	for _, err := range []error{fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, fs.ErrInvalid, context.Canceled} {
		b := &always{err: fmt.Errorf("k: %w", err)}
		if _, got := store.Retrying(b, quick).Stat(t.Context(), "k"); !errors.Is(got, err) || b.calls != 1 {
			t.Errorf("%v after %d calls", got, b.calls)
		}
	}
	b := &always{err: errBusy}
	short := store.Retry{First: time.Millisecond, Longest: time.Millisecond, Total: 20 * time.Millisecond}
	if _, err := store.Retrying(b, short).Stat(t.Context(), "k"); !errors.Is(err, errBusy) || b.calls < 2 {
		t.Errorf("%v after %d calls", err, b.calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Retrying(b, store.Retry{}).Stat(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// lost does the work of its first Put and loses the answer, letting another writer come between.
type lost struct {
	store.Bucket
	other string // what the other writes; empty: there is none
	calls int
}

func (b *lost) Put(ctx context.Context, key string, content io.ReadSeeker, overwrite bool) error {
	b.calls++
	if b.calls > 1 {
		return b.Bucket.Put(ctx, key, content, overwrite)
	}
	if b.other != "" {
		content = strings.NewReader(b.other)
	}
	return errors.Join(errBusy, b.Bucket.Put(ctx, key, content, overwrite))
}

// TestLostAnswer writes once although the answer was lost, and says so where it is another's object that is there, or was before.
func TestLostAnswer(t *testing.T) {
	for _, c := range []struct {
		other string
		is    error
	}{{"", nil}, {"another's", fs.ErrExist}, {"mine, or", fs.ErrExist}, {"mine, or not", fs.ErrExist}} {
		content := strings.NewReader("...mine, or no")
		content.Seek(3, io.SeekStart)
		b := &lost{Bucket: store.NewFolder(t.TempDir()), other: c.other}
		if err := store.Retrying(b, quick).Put(t.Context(), "k", content, false); !errors.Is(err, c.is) || b.calls != 2 {
			t.Errorf("%q: %v after %d calls", c.other, err, b.calls)
		}
	}
	b := store.Retrying(store.NewFolder(t.TempDir()), quick)
	for i, is := range []error{nil, fs.ErrExist} { // equal bytes, but written by a call before
		if err := b.Put(t.Context(), "k", strings.NewReader("same"), false); !errors.Is(err, is) {
			t.Error(i, err)
		}
	}
}
