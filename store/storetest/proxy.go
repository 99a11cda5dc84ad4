package storetest

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A Cut is when a proxy ends a connection.
type Cut int

// The moments around what a client sends.
const (
	NotCut Cut = iota
	// CutBefore ends it before the server gets what was sent.
	CutBefore
	// CutAt passes what was sent on and ends both sides at once: the server may run it or not.
	CutAt
	// CutUnanswered ends it when the server has answered, before the client gets the answer.
	CutUnanswered
	// CutAfter ends it when the client has got the answer.
	CutAfter
	// CutLate ends the client's side at once, and passes what was sent on a little later, as a network does
	// that still has it on the way.
	CutLate
)

// lateness is how long what was sent is on its way after [CutLate]: longer than a client needs to connect again
// and to ask a question.
const lateness = 300 * time.Millisecond

// A Proxy is between a store and its server. It cuts and delays connections, and lets nothing through.
type Proxy struct {
	server string

	mu    sync.Mutex
	cut   func(sent []byte) Cut
	delay time.Duration
	// away cuts connections and refuses new ones.
	away bool
	held chan struct{} // closed when what is sent passes again; nil when it passes
	all  map[net.Conn]bool
}

// Through returns the URL of a database by way of a new proxy, which ends with the test.
func Through(tb testing.TB, address string) (*Proxy, string) {
	tb.Helper()
	u, err := url.Parse(address)
	require.NoError(tb, err)
	p := &Proxy{server: u.Host, all: make(map[net.Conn]bool)}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
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
		p.SetAway(true)
		p.release()
		running.Wait()
	})
	u.Host = l.Addr().String()
	return p, u.String()
}

// SetCut has cut asked about everything that a client sends; nil cuts nothing.
func (p *Proxy) SetCut(cut func(sent []byte) Cut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
}

// SetDelay delays everything that a client sends, and so each round trip.
func (p *Proxy) SetDelay(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

// SetAway cuts all connections and refuses new ones, or lets them again.
func (p *Proxy) SetAway(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
	if away {
		for c := range p.all {
			_ = c.Close()
		}
	}
}

// Hold lets nothing through, as a network that loses everything, until the returned function is called.
func (p *Proxy) Hold() (pass func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		p.held = make(chan struct{})
	}
	return p.release
}

// release lets everything through again.
func (p *Proxy) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil {
		close(p.held)
		p.held = nil
	}
}

// IsCommit reports whether what a client sends commits a transaction that writes.
func IsCommit(sent []byte) bool { return bytes.Contains(sent, []byte("commit\x00")) }

func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server) //nolint:noctx // at once
	if err != nil {
		return
	}
	defer server.Close()
	if !p.keep(client, server) {
		return
	}
	defer p.forget(client, server)
	var mu sync.Mutex
	cut := NotCut // what becomes of the next answer
	var answering sync.WaitGroup
	answering.Go(func() {
		defer client.Close()
		defer server.Close()
		buffer := make([]byte, 1<<16)
		for {
			n, err := server.Read(buffer)
			if err != nil {
				return
			}
			p.pass(0)
			mu.Lock()
			end := cut
			mu.Unlock()
			if end == CutUnanswered {
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil || end == CutAfter {
				return
			}
		}
	})
	defer answering.Wait()
	defer server.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		p.pass(p.delayed())
		end := p.judge(buffer[:n])
		if end == CutBefore {
			return
		}
		if end == CutLate {
			_ = client.Close()
			p.pass(lateness)
			_, _ = server.Write(buffer[:n])
			return
		}
		mu.Lock()
		cut = max(cut, end)
		mu.Unlock()
		if _, err := server.Write(buffer[:n]); err != nil || end == CutAt {
			return
		}
	}
}

// pass waits for a delay, and while the proxy is held.
func (p *Proxy) pass(delay time.Duration) {
	time.Sleep(delay)
	p.mu.Lock()
	held := p.held
	p.mu.Unlock()
	if held != nil {
		<-held
	}
}

func (p *Proxy) delayed() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.delay
}

func (p *Proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.all[c] = true
	}
	return !p.away
}

func (p *Proxy) forget(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		delete(p.all, c)
	}
}

func (p *Proxy) judge(sent []byte) Cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut == nil {
		return NotCut
	}
	return p.cut(sent)
}
