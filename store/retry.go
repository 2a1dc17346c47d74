package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Retry says how long Retrying goes on. What is zero is taken from DefaultRetry.
type Retry struct {
	First   time.Duration // the pause after the first failure; each one later is half as long again, give or take a half
	Longest time.Duration // the longest pause
	Total   time.Duration // when no new try begins any more
}

// DefaultRetry fits a service that is busy, or restarting.
var DefaultRetry = Retry{First: 200 * time.Millisecond, Longest: 10 * time.Second, Total: 2 * time.Minute}

// Retrying is a bucket whose calls are done again where they fail, but for what stays as it is: an object that is not there or there
// already, a permission that is missing, a key that can't be, a context that ended.
func Retrying(b Bucket, r Retry) Bucket {
	or := func(d, other time.Duration) time.Duration {
		if d == 0 {
			return other
		}
		return d
	}
	return &retrying{b, Retry{or(r.First, DefaultRetry.First), or(r.Longest, DefaultRetry.Longest), or(r.Total, DefaultRetry.Total)}}
}

type retrying struct {
	Bucket
	retry Retry
}

// lasting are the errors that another try does not heal.
var lasting = []error{fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, fs.ErrInvalid, errors.ErrUnsupported, context.Canceled, context.DeadlineExceeded}

// again does something until it succeeds or nothing is to be hoped for. The error is that of the last try.
func again[T any](ctx context.Context, r Retry, do func() (T, error)) (T, error) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = r.First, r.Longest
	return backoff.Retry(ctx, func() (T, error) {
		v, err := do()
		for _, last := range lasting {
			if errors.Is(err, last) {
				return v, backoff.Permanent(err)
			}
		}
		return v, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxElapsedTime(r.Total))
}

// List begins again after the last key that came.
func (b *retrying) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		last, any, stopped := "", false, false
		_, err := again(ctx, b.retry, func() (struct{}, error) {
			for o, err := range b.Bucket.List(ctx, prefix) {
				if err != nil {
					return struct{}{}, err
				}
				if any && o.Key <= last {
					continue
				}
				if last, any = o.Key, true; !yield(o, nil) {
					stopped = true
					break
				}
			}
			return struct{}{}, nil
		})
		if err != nil && !stopped {
			yield(Object{}, err)
		}
	}
}

func (b *retrying) Stat(ctx context.Context, key string) (Object, error) {
	return again(ctx, b.retry, func() (Object, error) { return b.Bucket.Stat(ctx, key) })
}

func (b *retrying) Open(ctx context.Context, key string) (*File, error) {
	return b.open(ctx, func() (*File, error) { return b.Bucket.Open(ctx, key) })
}

// open lets siblings be fetched as what they are beside.
func (b *retrying) open(ctx context.Context, do func() (*File, error)) (*File, error) {
	f, err := again(ctx, b.retry, do)
	if err != nil {
		return nil, err
	}
	if fetch := f.fetch; fetch != nil {
		f.fetch = func(name string) (*File, error) {
			return b.open(ctx, func() (*File, error) { return fetch(name) })
		}
	}
	return f, nil
}

// noting remembers an error of what it reads, which is not the bucket's.
type noting struct {
	io.ReadSeeker
	err error
}

func (n *noting) Read(p []byte) (int, error) {
	k, err := n.ReadSeeker.Read(p)
	if err != nil && err != io.EOF {
		n.err = err
	}
	return k, err
}

// Put may have succeeded where it failed: the answer was lost. The next try then finds an object, which is this one if its bytes are.
func (b *retrying) Put(ctx context.Context, key string, content io.ReadSeeker, overwrite bool) error {
	start, err := content.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	tries := 0
	_, err = again(ctx, b.retry, func() (struct{}, error) {
		if _, err := content.Seek(start, io.SeekStart); err != nil {
			return struct{}{}, backoff.Permanent(err)
		}
		tries++
		source := &noting{ReadSeeker: content}
		err := b.Bucket.Put(ctx, key, source, overwrite)
		if source.err != nil {
			return struct{}{}, backoff.Permanent(err)
		}
		if tries > 1 && !overwrite && errors.Is(err, fs.ErrExist) {
			if _, err := content.Seek(start, io.SeekStart); err != nil {
				return struct{}{}, backoff.Permanent(err)
			}
			same, failed := b.holds(ctx, key, content)
			if failed != nil {
				return struct{}{}, failed
			}
			if same {
				err = nil
			}
		}
		return struct{}{}, err
	})
	return err
}

// holds says whether an object is equal to what comes of a reader.
func (b *retrying) holds(ctx context.Context, key string, content io.Reader) (bool, error) {
	f, err := b.Open(ctx, key)
	if err != nil {
		return false, err
	}
	defer f.Close()
	rest, piece := f.Data, make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(content, piece)
		if !bytes.HasPrefix(rest, piece[:n]) {
			return false, nil
		}
		rest = rest[n:]
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return len(rest) == 0, nil
		default:
			return false, err
		}
	}
}

func (b *retrying) Delete(ctx context.Context, key string) error {
	_, err := again(ctx, b.retry, func() (struct{}, error) { return struct{}{}, b.Bucket.Delete(ctx, key) })
	return err
}
