package bot

import (
	"container/list"
	"net"
	"net/http"
	"sync"
	"time"
)

// maxConnections is how many connections an address holds at a time, some 20 KiB each.
// Senders need a handful.
const maxConnections = 1024

// served is how long a request may last when others are to be let in. One that is answered
// takes some milliseconds; what lasts longer is mostly a body that does not come.
const served = time.Second

// A crowd is the connections of a server. When there are too many, those are closed that
// do nothing: first whoever has waited longest after an answer, then whoever has been
// slowest to begin, then whoever has been longest at one request. So nobody can keep a sender
// out by opening connections.
type crowd struct {
	most int

	mu                sync.Mutex
	all               map[net.Conn]*list.Element // in one of the lists, of members
	idle, fresh, busy *list.List                 // longest first
}

// A member is a connection, and since when it is in its list.
type member struct {
	net.Conn

	since time.Time
}

func newCrowd(most int) *crowd {
	return &crowd{most: most, all: make(map[net.Conn]*list.Element), idle: list.New(), fresh: list.New(), busy: list.New()}
}

// changed follows the connections, see [http.Server.ConnState].
func (c *crowd) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leave(conn)
	switch state {
	case http.StateNew:
		c.join(c.fresh, conn)
		if len(c.all) > c.most {
			out := c.spare(conn)
			c.leave(out)
			_ = out.Close()
		}
	case http.StateIdle:
		c.join(c.idle, conn)
	case http.StateActive:
		c.join(c.busy, conn)
	case http.StateClosed, http.StateHijacked:
	}
}

func (c *crowd) join(to *list.List, conn net.Conn) {
	c.all[conn] = to.PushBack(member{conn, time.Now()})
}

func (c *crowd) leave(conn net.Conn) {
	if at := c.all[conn]; at != nil {
		delete(c.all, conn)
		for _, from := range []*list.List{c.idle, c.fresh, c.busy} {
			from.Remove(at) // if it is there
		}
	}
}

// spare is whoever is shown out for somebody who has just come: that one itself, when all
// others are being served.
func (c *crowd) spare(come net.Conn) net.Conn {
	for _, waiting := range []*list.List{c.idle, c.fresh, c.busy} {
		first := waiting.Front()
		if first == nil {
			continue
		}
		m, ok := first.Value.(member)
		if ok && m.Conn != come && (waiting != c.busy || time.Since(m.since) >= served) {
			return m.Conn
		}
	}
	return come
}
