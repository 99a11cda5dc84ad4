package postgres_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/postgres"
	"smileybot/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func noon() time.Time { return time.Date(2026, time.November, 20, 11, 0, 0, 0, time.UTC) }

func open(tb testing.TB, address string) *store.Store {
	tb.Helper()
	s, err := postgres.Open(tb.Context(), address, storetest.Options(tb))
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// take stores a rating and returns its error.
func take(tb testing.TB, s *store.Store, id string) error {
	tb.Helper()
	delivery := store.Delivery{Sender: "feedback", ID: "d-" + id, Body: []byte("{}"), ReceivedAt: noon()}
	_, err := s.Ingest(tb.Context(), delivery, storetest.Smiley(id, feedback.Red, noon()))
	return err
}

// query runs a statement next to the store and returns its only value, if it has one.
func query(tb testing.TB, address, statement string) (n int64) {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), address)
	require.NoError(tb, err)
	defer conn.Close(tb.Context())
	rows, err := conn.Query(tb.Context(), statement)
	require.NoError(tb, err)
	for rows.Next() {
		require.NoError(tb, rows.Scan(&n))
	}
	require.NoError(tb, rows.Err())
	return n
}

// A proxy is between a store and its server, and cuts connections.
type proxy struct {
	server string

	mu sync.Mutex
	// cut, if it is not nil, is asked about what a client sends. It returns whether the connection ends
	// before the server gets it, or after the server has answered.
	cut func(sent []byte) (before, after bool)
	// away refuses connections.
	away bool
	all  map[net.Conn]bool
}

// through returns the URL of a database by way of a new proxy.
func through(tb testing.TB, address string) (*proxy, string) {
	tb.Helper()
	u, err := url.Parse(address)
	require.NoError(tb, err)
	p := &proxy{server: u.Host, all: make(map[net.Conn]bool)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.serve(client) })
		}
	})
	tb.Cleanup(func() {
		require.NoError(tb, l.Close())
		p.setAway(true)
		running.Wait()
	})
	u.Host = l.Addr().String()
	return p, u.String()
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	if !p.keep(client, server) {
		return
	}
	defer p.forget(client, server)
	answered := make(chan struct{}) // closed when an answer must not pass
	var once sync.Once
	go func() {
		defer client.Close()
		defer server.Close()
		buffer := make([]byte, 1<<16)
		for {
			n, err := server.Read(buffer)
			if err != nil {
				return
			}
			select {
			case <-answered:
				return
			default:
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		before, after := p.judge(buffer[:n])
		if before {
			return
		}
		if after {
			once.Do(func() { close(answered) })
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
		if after {
			_, _ = io.Copy(io.Discard, client) // until the other side has seen the answer and closed both
			return
		}
	}
}

func (p *proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.all[c] = true
	}
	return !p.away
}

func (p *proxy) forget(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		delete(p.all, c)
	}
}

func (p *proxy) judge(sent []byte) (before, after bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut == nil {
		return false, false
	}
	return p.cut(sent)
}

func (p *proxy) setCut(cut func(sent []byte) (before, after bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
}

// setAway cuts all connections and refuses new ones, or lets them again.
func (p *proxy) setAway(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
	if away {
		for c := range p.all {
			_ = c.Close()
		}
	}
}

// isCommit reports whether a message commits a transaction that writes.
func isCommit(sent []byte) bool { return bytes.Contains(sent, []byte("commit\x00")) }
