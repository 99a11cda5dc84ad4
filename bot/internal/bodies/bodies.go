// Package bodies reads the bodies of requests whose sender is not proved yet, of all senders together
// within one [Budget] of memory.
//
// A body is read in chunks, and takes a chunk when its bytes arrive: what a client announces and does
// not send takes nothing. The first chunk of each body, which holds a usual webhook, has a share of its
// own, so that large bodies keep no usual one out. When the rest of the budget is taken, a body that
// has been on its way for more than a second gives its chunks up.
package bodies

import (
	"container/list"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	chunkSize = 8 << 10
	// maxFirst is how many bodies may be on their way: one for each connection of an address.
	maxFirst = 1024
	// maxMore is how many chunks all bodies may take after their first. With those it is 24 MiB: the
	// collector may keep as much again that was freed, and 64 MiB are promised.
	maxMore = 24<<20/chunkSize - maxFirst
	// maxWhole is how many bytes of bodies are proved, decoded and stored at a time. Decoding may take
	// thirty times the memory of a body.
	maxWhole = 4 << 20
	// slowAfter is how long a body may be on its way while others need its memory. Usual ones take
	// milliseconds.
	slowAfter = time.Second
	// maxWait is how long a whole body waits for those before it.
	maxWait = 5 * time.Second
)

// ErrFull says that other requests take the memory. The client may try again later.
var ErrFull = errors.New("other requests take the memory for bodies")

// A Budget is the memory for bodies. It may be used concurrently.
type Budget struct {
	whole *semaphore.Weighted

	mu          sync.Mutex
	first, more int        // chunks that are left
	large       *list.List // of *reading: those that hold more than one chunk, longest on their way first
}

// NewBudget returns a budget of 24 MiB for bodies on their way, and 4 MiB for those that are whole.
func NewBudget() *Budget {
	return &Budget{whole: semaphore.NewWeighted(maxWhole), first: maxFirst, more: maxMore, large: list.New()}
}

// Read reads the body of a request, at most so many bytes, which must be no more than 4 MiB. The caller
// calls release when the body is no longer needed. The error is [ErrFull], an [http.MaxBytesError], or
// that of the connection. After ErrFull the connection can only be closed. A whole body is returned also
// when its client has hung up by then.
func (b *Budget) Read(w http.ResponseWriter, r *http.Request, most int64) (body []byte, release func(), err error) {
	in := &reading{budget: b, began: time.Now(), interrupt: func() {
		_ = http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0))
	}}
	defer in.end()
	if err := in.fill(http.MaxBytesReader(w, r.Body, most)); err != nil {
		return nil, nil, err
	}
	if in.keep() {
		return nil, nil, ErrFull
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), maxWait)
	defer cancel()
	weight := int64(in.size)
	if b.whole.Acquire(ctx, weight) != nil {
		return nil, nil, ErrFull
	}
	return in.join(), func() { b.whole.Release(weight) }, nil
}

// Skip reads a body that is not needed, and keeps nothing of it. The errors are those of [Budget.Read]
// without ErrFull.
func Skip(w http.ResponseWriter, r *http.Request, most int64) error {
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, most))
	return err
}

// A chunk is a part of a body.
type chunk [chunkSize]byte

// chunks are used again, so that many bodies in a row leave no garbage.
var chunks = sync.Pool{New: func() any { return new(chunk) }} //nolint:gochecknoglobals // memory without a state

// A reading is a body on its way.
type reading struct {
	budget    *Budget
	began     time.Time
	interrupt func() // ends a read that is under way
	size      int    // in bytes

	// Guarded by the budget's mutex, except that the last chunk is the reader's.
	chunks  []*chunk
	large   *list.Element // in the budget's list, or nil
	evicted bool
}

// fill reads until the end of the body.
func (in *reading) fill(body io.Reader) error {
	for {
		c, err := in.grow()
		if err != nil {
			return err
		}
		for used := 0; used < len(c); {
			n, err := body.Read(c[used:])
			used += n
			in.size += n
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil && in.keep():
				return ErrFull
			case err != nil:
				return err
			}
		}
	}
}

// grow takes one more chunk out of the budget.
func (in *reading) grow() (*chunk, error) {
	b := in.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	left := &b.more
	if len(in.chunks) == 0 {
		left = &b.first
	}
	if in.evicted || *left == 0 && (left == &b.first || !b.evict(in)) {
		return nil, ErrFull
	}
	*left--
	c, _ := chunks.Get().(*chunk)
	in.chunks = append(in.chunks, c)
	if len(in.chunks) == 2 {
		in.large = b.large.PushBack(in)
	}
	return c, nil
}

// evict frees the chunks of the body that has been on its way longest, except the last one, which is
// being written. It returns false when none has been slow.
func (b *Budget) evict(incoming *reading) bool {
	for at := b.large.Front(); at != nil; at = at.Next() {
		slow, _ := at.Value.(*reading)
		if slow == incoming {
			continue
		}
		if time.Since(slow.began) < slowAfter {
			return false
		}
		slow.evicted = true
		last := len(slow.chunks) - 1
		b.free(slow.chunks[:last])
		slow.chunks = slow.chunks[last:]
		b.more += last
		b.large.Remove(at)
		slow.large = nil
		slow.interrupt()
		return true
	}
	return false
}

func (b *Budget) free(all []*chunk) {
	for _, c := range all {
		chunks.Put(c)
	}
}

// join is the whole body, which is kept.
func (in *reading) join() []byte {
	body := make([]byte, 0, in.size)
	for _, c := range in.chunks {
		body = append(body, c[:min(len(c), in.size-len(body))]...)
	}
	return body
}

// keep takes a body off the list of those that may be evicted, and reports whether it was evicted.
func (in *reading) keep() (evicted bool) {
	in.budget.mu.Lock()
	defer in.budget.mu.Unlock()
	if in.large != nil {
		in.budget.large.Remove(in.large)
		in.large = nil
	}
	return in.evicted
}

// end gives all chunks back.
func (in *reading) end() {
	in.keep()
	b := in.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(in.chunks) > 0 {
		b.free(in.chunks)
		b.first++
		b.more += len(in.chunks) - 1
		in.chunks = nil
	}
}
