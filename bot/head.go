package bot

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
)

// maxHeadLines is how many lines of a head are read before its end. The HTTP server bounds a head in
// bytes only, and keeps the shortest headers in twenty times their bytes.
const maxHeadLines = maxHeaders + 1

// headListener watches the heads of the requests on its connections.
//
// The HTTP server accepts some heads that other servers read in another way, and hides that from the
// handler: of two lengths it drops one, it joins folded lines, and it takes a line feed alone for the
// end of a line. A watcher sees the bytes before the server does. It changes none.
type headListener struct {
	net.Listener

	notHTTP func(line string) // is called for a head that the HTTP server refused
}

// Accept waits for the next connection.
func (l headListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &headConn{Conn: conn, notHTTP: l.notHTTP, watching: true}, nil
}

// A headConn is a connection whose bytes are watched from the end of one request to the end of the next
// one's head. A client that waits for answers sends no byte of a head earlier, except that the server
// may have read the first one already, which no check needs.
type headConn struct {
	net.Conn

	notHTTP func(line string)

	mu       sync.Mutex
	watching bool
	head     head
}

type headKey struct{}

// connContext keeps a connection for [headOf], see [http.Server.ConnContext].
func connContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, headKey{}, conn)
}

// headOf is the connection of a request, nil when it is not watched.
func headOf(r *http.Request) *headConn {
	conn, _ := r.Context().Value(headKey{}).(*headConn)
	return conn
}

// track watches for the next head, see [http.Server.ConnState].
func (c *headConn) track(state http.ConnState) {
	if state == http.StateIdle {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.watching, c.head = true, head{}
	}
}

// end stops watching, and returns what was seen. Without a connection that is watched nothing is wrong.
func (c *headConn) end() head {
	if c == nil {
		return head{ended: true}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watching = false
	return c.head
}

// Read reads. A head with too many lines is answered as one with too many bytes: the server gets what
// has no lines until its own limit.
func (c *headConn) Read(p []byte) (int, error) {
	if c.tooLong() {
		for i := range p {
			p[i] = ' '
		}
		return len(p), nil
	}
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watching {
		c.head.watch(p[:n])
	}
	return n, err
}

func (c *headConn) tooLong() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.watching && !c.head.ended && c.head.lines > maxHeadLines
}

// Write writes. What is written before a handler runs is the server's own refusal.
func (c *headConn) Write(p []byte) (int, error) {
	if line, refused := c.refused(); refused {
		c.notHTTP(line)
	}
	return c.Conn.Write(p)
}

func (c *headConn) refused() (line string, refused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	refused, c.watching = c.watching, false
	return string(c.head.first), refused
}

// CloseWrite closes the way to the client, where the connection can. The server does so before it
// closes a connection with bytes that it has not read.
func (c *headConn) CloseWrite() error {
	if tcp, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return tcp.CloseWrite()
	}
	return nil
}

// A head is what is known of the lines of one head.
type head struct {
	ended  bool // by an empty line
	lines  int  // that have ended
	length int  // of the line so far
	last   byte

	name  []byte // the header's, in lower case, as far as it matters
	named bool   // the name has ended

	lengths, codings int  // headers Content-Length and Transfer-Encoding
	folded           bool // a line begins with white space, or does not end with CR LF

	first []byte // the beginning of the first line
}

// What a head keeps: the name of the longest header that matters, and the longest address that is counted.
const (
	maxName  = len("transfer-encoding")
	maxFirst = 64
)

// watch looks at the next bytes.
func (h *head) watch(p []byte) {
	for _, b := range p {
		if h.ended {
			return
		}
		h.see(b)
	}
}

func (h *head) see(b byte) {
	defer func() { h.last = b }()
	if h.lines == 0 && len(h.first) < maxFirst {
		h.first = append(h.first, b)
	}
	if b == '\n' {
		h.folded = h.folded || h.last != '\r'
		h.ended = h.length == 0
		h.lines++
		h.length, h.named, h.name = 0, false, h.name[:0]
		return
	}
	h.folded = h.folded || h.last == '\r'
	if b == '\r' {
		return
	}
	if h.length == 0 {
		h.folded = h.folded || b == ' ' || b == '\t'
	}
	h.length++
	switch {
	case h.named || h.lines == 0:
	case b == ':':
		h.named = true
		switch strings.ToLower(string(h.name)) {
		case "content-length":
			h.lengths++
		case "transfer-encoding":
			h.codings++
		}
	case len(h.name) <= maxName:
		h.name = append(h.name, b)
	}
}

// ambiguous reports whether another server could read the request in another way. A head whose end was
// not seen was sent before the answer to the request before it.
func (h head) ambiguous(r *http.Request) bool {
	return !h.ended || h.folded || h.lengths > 1 || h.codings > 0 && (h.lengths > 0 || !r.ProtoAtLeast(1, 1))
}
