package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// perWorker is how many pieces may be finished, or in work, for each worker.
const perWorker = 2

// Ordered makes n pieces of bytes on all cores and hands them on in their order: produce appends piece i to b, which is empty, and
// consume is called with one piece after the other, on the caller's goroutine. No more pieces than a few per core are held at a
// time, in buffers that are used again. The answer is consume's first error, after which nothing is consumed.
func Ordered(n int, produce func(i int, b []byte) []byte, consume func(b []byte) error) error {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		var b []byte
		for i := range n {
			b = produce(i, b[:0])
			if err := consume(b); err != nil {
				return err
			}
		}
		return nil
	}
	window := perWorker * workers
	free := make(chan []byte, window)
	for range window {
		free <- nil
	}
	// A worker takes a buffer before it takes a number, so that never more than a window of numbers is out, and each has a place.
	done := make([]chan []byte, window)
	for i := range done {
		done[i] = make(chan []byte, 1)
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for b := range free {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				done[i%window] <- produce(i, b[:0])
			}
		})
	}
	var err error
	for i := 0; i < n && err == nil; i++ {
		b := <-done[i%window]
		if err = consume(b); err == nil {
			free <- b
		}
	}
	close(free)
	all.Wait()
	return err
}
