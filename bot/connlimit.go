package bot

import (
	"container/list"
	"net"
	"net/http"
	"sync"
	"time"
)

// maxConns is how many connections an address holds at a time, some 20 KiB each. Senders need a
// handful.
const maxConns = 1024

// slowAfter is how long a request may take while others wait for its connection. A normal request takes
// milliseconds; a longer one is mostly a body that does not come.
const slowAfter = time.Second

// A connLimiter limits the connections of a server. When there are too many, it closes one that does
// nothing: first the one that has been idle longest after an answer, then the one that has been slowest
// to begin a request, then the one that has been longest at one request. So no one can keep a sender
// out by opening connections.
type connLimiter struct {
	max int

	mu                sync.Mutex
	all               map[net.Conn]*list.Element // in one of the lists, of trackedConn
	idle, fresh, busy *list.List                 // longest first
}

// A trackedConn is a connection, and since when it is in its list.
type trackedConn struct {
	net.Conn

	since time.Time
}

func newConnLimiter(most int) *connLimiter {
	return &connLimiter{max: most, all: make(map[net.Conn]*list.Element), idle: list.New(), fresh: list.New(), busy: list.New()}
}

// track follows the connections, see [http.Server.ConnState].
func (l *connLimiter) track(conn net.Conn, state http.ConnState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(conn)
	switch state {
	case http.StateNew:
		l.add(l.fresh, conn)
		if len(l.all) > l.max {
			v := l.victim(conn)
			l.remove(v)
			_ = v.Close()
		}
	case http.StateIdle:
		l.add(l.idle, conn)
	case http.StateActive:
		l.add(l.busy, conn)
	case http.StateClosed, http.StateHijacked:
	}
}

func (l *connLimiter) add(to *list.List, conn net.Conn) {
	l.all[conn] = to.PushBack(trackedConn{conn, time.Now()})
}

func (l *connLimiter) remove(conn net.Conn) {
	if at := l.all[conn]; at != nil {
		delete(l.all, conn)
		for _, from := range []*list.List{l.idle, l.fresh, l.busy} {
			from.Remove(at) // if it is there
		}
	}
}

// victim returns the connection to close so that incoming fits, or incoming itself if every other
// connection is active.
func (l *connLimiter) victim(incoming net.Conn) net.Conn {
	for _, waiting := range []*list.List{l.idle, l.fresh, l.busy} {
		first := waiting.Front()
		if first == nil {
			continue
		}
		c, ok := first.Value.(trackedConn)
		if ok && c.Conn != incoming && (waiting != l.busy || time.Since(c.since) >= slowAfter) {
			return c.Conn
		}
	}
	return incoming
}
