package bot

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// maxConnections is how many connections an address holds at a time, some 20 KiB each.
// Senders need a handful.
const maxConnections = 1024

// A crowd is the connections of a server. When there are too many, those are closed that
// do nothing: first whoever has waited longest after an answer, then whoever has been
// slowest to begin. So nobody can keep a sender out by opening connections.
type crowd struct {
	most int

	mu          sync.Mutex
	all         map[net.Conn]*list.Element // in idle or fresh, nil when it is being served
	idle, fresh *list.List                 // longest first
}

func newCrowd(most int) *crowd {
	return &crowd{most: most, all: make(map[net.Conn]*list.Element), idle: list.New(), fresh: list.New()}
}

// changed follows the connections, see [http.Server.ConnState].
func (c *crowd) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.all[conn]; at != nil {
		c.idle.Remove(at)
		c.fresh.Remove(at)
	}
	switch state {
	case http.StateNew:
		c.all[conn] = c.fresh.PushBack(conn)
		c.makeRoom()
	case http.StateIdle:
		c.all[conn] = c.idle.PushBack(conn)
	case http.StateActive:
		c.all[conn] = nil
	case http.StateClosed, http.StateHijacked:
		delete(c.all, conn)
	}
}

// makeRoom closes a connection when there are too many. When all are being served, it is
// the one that has just come.
func (c *crowd) makeRoom() {
	if len(c.all) <= c.most {
		return
	}
	for _, waiting := range []*list.List{c.idle, c.fresh} {
		if first := waiting.Front(); first != nil {
			if conn, ok := waiting.Remove(first).(net.Conn); ok {
				delete(c.all, conn)
				_ = conn.Close()
			}
			return
		}
	}
}
