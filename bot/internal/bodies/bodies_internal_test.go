package bodies

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const mostOfTests = 1 << 20

// post is a request with a body.
func post(tb testing.TB, body io.Reader) *http.Request {
	tb.Helper()
	return httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "/", body)
}

// assertAllBack checks that everything was given back.
func assertAllBack(tb testing.TB, b *Budget) {
	tb.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	assert.Equal(tb, maxFirst, b.first)
	assert.Equal(tb, maxMore, b.more)
	assert.Zero(tb, b.large.Len())
	assert.True(tb, b.whole.TryAcquire(maxWhole))
}

func TestBudgetIs24MiB(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 24<<20, (maxFirst+maxMore)*chunkSize)
}

func TestReadReadsWhatWasSent(t *testing.T) {
	t.Parallel()
	b := NewBudget()
	for _, size := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3*chunkSize + 5, mostOfTests} {
		sent := bytes.Repeat([]byte("0123456789\n"), size/11+1)[:size]
		for name, body := range map[string]io.Reader{
			"at once":       bytes.NewReader(sent),
			"in halves":     iotest.HalfReader(bytes.NewReader(sent)),
			"with its end":  iotest.DataErrReader(bytes.NewReader(sent)),
			"in a zigzag":   io.MultiReader(bytes.NewReader(sent[:size/3]), bytes.NewReader(sent[size/3:])),
			"without a gap": io.MultiReader(strings.NewReader(""), bytes.NewReader(sent)),
		} {
			got, release, err := b.Read(httptest.NewRecorder(), post(t, body), mostOfTests)
			require.NoError(t, err, "%d %s", size, name)
			require.Len(t, got, size, name)
			require.Equal(t, sent, append([]byte{}, got...), "%d %s", size, name)
			release()
		}
	}
	assertAllBack(t, b)
}

func TestReadFails(t *testing.T) {
	t.Parallel()
	b := NewBudget()
	long := strings.Repeat("x", mostOfTests+1)
	_, _, err := b.Read(httptest.NewRecorder(), post(t, strings.NewReader(long)), mostOfTests)
	var over *http.MaxBytesError
	require.ErrorAs(t, err, &over)
	require.ErrorAs(t, Skip(httptest.NewRecorder(), post(t, strings.NewReader(long)), mostOfTests), &over)
	broken := errors.New("broken off")
	_, _, err = b.Read(httptest.NewRecorder(), post(t, io.MultiReader(strings.NewReader(long[:99_999]), iotest.ErrReader(broken))), mostOfTests)
	require.ErrorIs(t, err, broken)
	assertAllBack(t, b)
}

// A client sends a body slowly. It is the request's body and the writer of its answer.
type client struct {
	*httptest.ResponseRecorder
	*io.PipeReader

	sender *io.PipeWriter
	err    chan error
}

// begin begins to read a body.
func begin(tb testing.TB, b *Budget) *client {
	tb.Helper()
	c := &client{ResponseRecorder: httptest.NewRecorder(), err: make(chan error, 1)}
	c.PipeReader, c.sender = io.Pipe()
	go func() {
		_, release, err := b.Read(c, post(tb, c), mostOfTests)
		_ = c.Close() // the server reads no more
		if err == nil {
			release()
		}
		c.err <- err
	}()
	return c
}

// send sends so many bytes and waits until they are read, or refused.
func (c *client) send(n int) {
	_, _ = c.sender.Write(make([]byte, n))
	synctest.Wait()
}

// SetReadDeadline ends a read.
func (c *client) SetReadDeadline(time.Time) error { return c.CloseWithError(os.ErrDeadlineExceeded) }

func (c *client) Read(p []byte) (int, error) {
	n, err := c.PipeReader.Read(p)
	if errors.Is(err, io.ErrClosedPipe) {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}

// TestBudgetIsShared: large bodies that are not sent to their end take what there is and no more, keep
// no small one out, and give way to others after a second.
func TestBudgetIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget()
		const large = mostOfTests - 1
		var slow []*client
		for b.more >= large/chunkSize {
			slow = append(slow, begin(t, b))
			slow[len(slow)-1].send(large)
		}
		assert.Len(t, slow, 16, "with 8 KiB more for each of 1,024")

		refused := begin(t, b)
		refused.send(large)
		require.ErrorIs(t, <-refused.err, ErrFull)
		small := begin(t, b)
		small.send(chunkSize - 1)
		require.NoError(t, small.sender.Close())
		require.NoError(t, <-small.err)

		time.Sleep(slowAfter)
		next := begin(t, b)
		next.send(large)
		require.ErrorIs(t, <-slow[0].err, ErrFull, "the first had to go")
		require.NoError(t, next.sender.Close())
		require.NoError(t, <-next.err)
		require.Len(t, slow[1].err, 0, "the second may stay")

		for _, c := range slow[1:] {
			require.NoError(t, c.sender.CloseWithError(io.ErrUnexpectedEOF))
			require.ErrorIs(t, <-c.err, io.ErrUnexpectedEOF)
		}
		assertAllBack(t, b)
	})
}

// TestEachBodyHasItsFirstChunk: of bodies at a time there may be as many as an address has connections.
func TestEachBodyHasItsFirstChunk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget()
		var all []*client
		for range maxFirst {
			all = append(all, begin(t, b))
		}
		synctest.Wait()
		over := begin(t, b)
		require.ErrorIs(t, <-over.err, ErrFull)
		for _, c := range all {
			require.NoError(t, c.sender.Close())
			require.NoError(t, <-c.err)
		}
		assertAllBack(t, b)
	})
}

// TestWholeBodiesWait: what is being stored is bounded, too.
func TestWholeBodiesWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget()
		read := func() (func(), error) {
			_, release, err := b.Read(httptest.NewRecorder(), post(t, bytes.NewReader(make([]byte, mostOfTests))), mostOfTests)
			return release, err
		}
		var releases []func()
		for range maxWhole / mostOfTests {
			release, err := read()
			require.NoError(t, err)
			releases = append(releases, release)
		}
		began := time.Now()
		_, err := read()
		require.ErrorIs(t, err, ErrFull)
		assert.Equal(t, maxWait, time.Since(began))
		time.AfterFunc(time.Second, releases[0])
		release, err := read()
		require.NoError(t, err)
		for _, release := range append(releases[1:], release) {
			release()
		}
		assertAllBack(t, b)
	})
}

// TestBudgetLeaksNothing: whatever becomes of many requests at a time, over real connections, in the
// end everything is back.
func TestBudgetLeaksNothing(t *testing.T) {
	t.Parallel()
	b := NewBudget()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, release, err := b.Read(w, r, mostOfTests)
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		defer release()
		if int64(len(body)) != r.ContentLength && r.ContentLength >= 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	var clients sync.WaitGroup
	for range 100 {
		clients.Go(func() {
			for range 3 {
				size := rand.IntN(mostOfTests + 2)
				kept := min(size, rand.IntN(2*size+1))                    // half of them break off
				parts := []io.Reader{bytes.NewReader(make([]byte, kept))} // all of it, or
				if kept < size {
					parts = append(parts, iotest.ErrReader(errors.New("hung up")))
				}
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, io.MultiReader(parts...))
				if err != nil {
					t.Error(err)
					return
				}
				if size%2 == 0 && size > 0 {
					r.ContentLength = int64(size)
				}
				answer, err := server.Client().Do(r)
				if err != nil {
					continue
				}
				if answer.StatusCode == http.StatusInternalServerError {
					t.Error("a body was cut")
				}
				_ = answer.Body.Close()
			}
		})
	}
	clients.Wait()
	server.CloseClientConnections()
	server.Close() // when all handlers have ended
	assertAllBack(t, b)
}
