package bot

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// open runs a server with its limits changed, and returns its address.
func open(t *testing.T, change func(*http.Server)) (address string) {
	t.Helper()
	routes := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			w.WriteHeader(http.StatusRequestTimeout)
		}
	})
	s, err := listen(t.Context(), nil, "127.0.0.1:0", routes, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	for _, limit := range []time.Duration{s.http.ReadHeaderTimeout, s.http.ReadTimeout, s.http.WriteTimeout, s.http.IdleTimeout} {
		assert.Positive(t, limit)
	}
	assert.LessOrEqual(t, s.http.MaxHeaderBytes, 16<<10)
	change(s.http)
	ended := make(chan error, 1)
	go func() { ended <- s.serve() }()
	t.Cleanup(func() {
		assert.NoError(t, s.http.Close())
		assert.NoError(t, <-ended)
	})
	return s.listener.Addr().String()
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// ask sends a request and returns the status, 0 when the connection is closed without one.
func ask(t *testing.T, conn net.Conn) int {
	t.Helper()
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: bot\r\n\r\n")); err != nil {
		return 0
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

// TestConnLimiterClosesIdleConnections: connections that do nothing are closed, and keep no sender from being
// served.
func TestConnLimiterClosesIdleConnections(t *testing.T) {
	t.Parallel()
	address := open(t, func(s *http.Server) { s.ConnState = newConnLimiter(4).track })
	sender := dial(t, address)
	require.Equal(t, http.StatusOK, ask(t, sender))
	var strangers []net.Conn
	for range 4 {
		strangers = append(strangers, dial(t, address))
		require.Equal(t, http.StatusOK, ask(t, strangers[len(strangers)-1]))
	}
	assert.Zero(t, ask(t, sender), "the longest idle one had to go")
	for range 20 { // that say nothing at all
		dial(t, address)
	}
	for range 3 {
		assert.Equal(t, http.StatusOK, ask(t, dial(t, address)))
	}
	assert.Zero(t, ask(t, strangers[0]))
}

// TestConnLimiterKeepsActiveConnections: who is being served is not shown out; when all are, the next one is.
func TestConnLimiterKeepsActiveConnections(t *testing.T) {
	t.Parallel()
	c := newConnLimiter(2)
	ours, theirs := net.Pipe()
	other, _ := net.Pipe()
	next, end := net.Pipe()
	c.track(ours, http.StateNew)
	c.track(ours, http.StateActive)
	c.track(other, http.StateNew)
	c.track(other, http.StateActive)
	c.track(next, http.StateNew)
	_, err := end.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	c.track(ours, http.StateIdle)
	c.track(next, http.StateClosed)
	late, _ := net.Pipe()
	c.track(late, http.StateNew)
	_, err = theirs.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	c.track(other, http.StateClosed)
	c.track(late, http.StateClosed)
	assert.Empty(t, c.all)
}

// TestConnLimiterClosesSlowBodies: requests that begin and do not end keep no sender out either.
func TestConnLimiterClosesSlowBodies(t *testing.T) {
	t.Parallel()
	var begun atomic.Int64
	address := open(t, func(s *http.Server) {
		c := newConnLimiter(4)
		s.ConnState = func(conn net.Conn, state http.ConnState) {
			c.track(conn, state)
			if state == http.StateActive {
				begun.Add(1)
			}
		}
	})
	for n := range 4 {
		_, err := dial(t, address).Write([]byte("POST / HTTP/1.1\r\nHost: bot\r\nContent-Length: 10\r\n\r\nhalf"))
		require.NoError(t, err)
		require.Eventually(t, func() bool { return begun.Load() > int64(n) }, readTimeout/2, time.Millisecond)
	}
	assert.Eventually(t, func() bool { return ask(t, dial(t, address)) == http.StatusOK }, readTimeout/2, 100*time.Millisecond)
}

// TestConnLimiterUnderSlowloris: the server does not wait for slow clients.
func TestConnLimiterUnderSlowloris(t *testing.T) {
	t.Parallel()
	const soon = 50 * time.Millisecond
	for _, try := range []struct {
		name  string
		sends string
		limit func(*http.Server)
		says  string
	}{
		{"nothing", "", func(s *http.Server) { s.ReadHeaderTimeout = soon }, ""},
		{"half a header", "POST / HTTP/1.1\r\nHost: bot\r\nX-A", func(s *http.Server) { s.ReadHeaderTimeout = soon }, ""},
		{"half a body", "POST / HTTP/1.1\r\nHost: bot\r\nContent-Length: 10\r\n\r\nhalf", func(s *http.Server) { s.ReadTimeout = soon }, "HTTP/1.1 408"},
		{"half a chunk", "POST / HTTP/1.1\r\nHost: bot\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf", func(s *http.Server) { s.ReadTimeout = soon }, "HTTP/1.1 408"},
		{"nothing more", "GET / HTTP/1.1\r\nHost: bot\r\n\r\n", func(s *http.Server) { s.IdleTimeout = soon }, "HTTP/1.1 200"},
		{"half a request", "GET / HTTP/1.1\r\nHost: bot\r\n\r\nGET / HT", func(s *http.Server) { s.ReadHeaderTimeout = soon }, "HTTP/1.1 200"},
	} {
		t.Run(try.name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, open(t, try.limit))
			_, err := conn.Write([]byte(try.sends))
			require.NoError(t, err)
			said, err := io.ReadAll(conn) // until it is closed
			if err != nil {
				require.ErrorContains(t, err, "reset")
			}
			if try.says == "" {
				assert.NotContains(t, string(said), "200")
			} else {
				assert.True(t, strings.HasPrefix(string(said), try.says), "%s", said)
				assert.LessOrEqual(t, strings.Count(string(said), "HTTP/1.1 2"), 1)
			}
		})
	}
}
