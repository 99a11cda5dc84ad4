package storetest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Sessions keep the sessions of a server for the next client, because the server takes some 30 ms of
// processor time to begin one and most tests open several. They listen in the place of the server.
//
// A session is kept when its client has ended it in order and the server has then discarded what
// belonged to it. Others end with their client.
type sessions struct {
	server   string // host and port
	listener net.Listener
	running  sync.WaitGroup

	mu     sync.Mutex
	all    map[*session]bool
	closed bool
}

// A session is one session of the server, for one client after another.
type session struct {
	of       string // see parameters
	database string
	server   net.Conn
	// greeting is what the server says from the end of the authentication to its readiness.
	greeting []byte
	process  uint32 // of the server, as in pg_stat_activity

	mu     sync.Mutex
	client net.Conn // nil when there is none
	kept   bool     // ready for the next client
	// settled is closed when a session without a client is kept, or over.
	settled chan struct{}
}

const (
	// longestStartup is the server's own limit of a first message, in bytes.
	longestStartup = 10000
	// requests is the major version of a first message that begins no session.
	requests = 1234
	// header is the size of a message's kind and length, in bytes.
	header = 5
)

// The kinds of messages.
const (
	authentication = 'R'
	processKey     = 'K'
	ready          = 'Z'
	terminate      = 'X'
	complete       = 'C'
	failed         = 'E'
)

// discard is the query that discards what belongs to a session, and discarded what the server answers.
//
//nolint:gochecknoglobals // constants
var (
	discard   = []byte("Q\x00\x00\x00\x10DISCARD ALL\x00")
	discarded = "DISCARD ALL\x00"
)

var errNotAMessage = errors.New("not a message of PostgreSQL")

// keepSessions listens in the place of a server.
func keepSessions(server string) (*sessions, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return nil, err
	}
	k := &sessions{server: server, listener: l, all: make(map[*session]bool)}
	k.running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			k.running.Go(func() {
				defer client.Close()
				_ = k.serve(client) // the client sees that it is over
			})
		}
	})
	return k, nil
}

// through is the URL of a database by way of the sessions.
func (k *sessions) through(address *url.URL) string {
	u := *address
	u.Host = k.listener.Addr().String()
	return u.String()
}

// close ends all sessions.
func (k *sessions) close() error {
	err := k.listener.Close()
	k.mu.Lock()
	k.closed = true
	for s := range k.all {
		s.end()
	}
	k.mu.Unlock()
	k.running.Wait()
	return err
}

// settle waits for the sessions of a database whose clients have gone, and returns the processes of those
// that are kept.
func (k *sessions) settle(database string) (processes []uint32) {
	for _, s := range k.of(database) {
		s.mu.Lock()
		settled := s.settled
		s.mu.Unlock()
		if settled != nil {
			<-settled
		}
		s.mu.Lock()
		if s.kept {
			processes = append(processes, s.process)
		}
		s.mu.Unlock()
	}
	return processes
}

// forget ends the sessions of a database.
func (k *sessions) forget(database string) {
	for _, s := range k.of(database) {
		s.end()
	}
}

func (k *sessions) of(database string) (found []*session) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for s := range k.all {
		if s.database == database {
			found = append(found, s)
		}
	}
	return found
}

// serve passes on what a client sends.
func (k *sessions) serve(client net.Conn) error {
	from := bufio.NewReaderSize(client, 1<<16)
	startup, err := firstMessage(from)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint16([]byte(startup)) == requests {
		return k.pipe(client, startup)
	}
	s, err := k.session(client, startup)
	if err != nil {
		return err
	}
	to := bufio.NewWriterSize(s.server, 1<<16)
	for {
		kind, size, err := peek(from)
		if err != nil {
			s.end()
			return err
		}
		if kind == terminate {
			return s.leave()
		}
		if _, err = io.CopyN(to, from, size); err == nil && from.Buffered() == 0 {
			err = to.Flush()
		}
		if err != nil {
			s.end()
			return err
		}
	}
}

// pipe passes on a request that begins no session, such as one to cancel a query.
func (k *sessions) pipe(client net.Conn, request string) error {
	server, err := net.Dial("tcp", k.server) //nolint:noctx // at once
	if err != nil {
		return err
	}
	defer server.Close()
	if _, err := io.WriteString(server, withLength(request)); err != nil {
		return err
	}
	_, err = io.Copy(client, server)
	return err
}

// session returns a session for a client: one that is kept, or a new one.
func (k *sessions) session(client net.Conn, startup string) (*session, error) {
	of, database := parameters(startup)
	if s := k.reuse(client, of); s != nil {
		_, err := client.Write(s.greeting)
		return s, err
	}
	server, err := net.Dial("tcp", k.server) //nolint:noctx // at once
	if err != nil {
		return nil, err
	}
	s := &session{of: of, database: database, server: server, client: client}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil, errors.Join(net.ErrClosed, server.Close())
	}
	k.all[s] = true
	k.running.Go(func() {
		_ = s.answer() // the client sees that it is over
		s.end()
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.all, s)
	})
	_, err = io.WriteString(server, withLength(startup))
	return s, err
}

func (k *sessions) reuse(client net.Conn, of string) *session {
	k.mu.Lock()
	defer k.mu.Unlock()
	for s := range k.all {
		if s.of == of && s.take(client) {
			return s
		}
	}
	return nil
}

// take gives a session to a client if it is kept.
func (s *session) take(client net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.kept {
		return false
	}
	s.kept, s.client, s.settled = false, client, nil
	return true
}

// leave has the server discard what belonged to a client that has gone.
func (s *session) leave() error {
	s.mu.Lock()
	s.client, s.settled = nil, make(chan struct{})
	s.mu.Unlock()
	_, err := s.server.Write(discard)
	if err != nil {
		s.end()
	}
	return err
}

// keep makes a session ready for the next client.
func (s *session) keep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settled != nil { // it is not over
		s.kept = true
		close(s.settled)
	}
}

// end ends a session.
func (s *session) end() {
	_ = s.server.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client != nil {
		_ = s.client.Close()
		s.client = nil
	}
	if s.settled != nil && !s.kept {
		close(s.settled)
	}
	s.kept, s.settled = false, nil
}

// answer passes on what the server sends, until the session is over.
func (s *session) answer() error {
	from := bufio.NewReaderSize(s.server, 1<<16)
	greeted, clean := false, false
	var out []byte // for the client
	for {
		kind, size, err := peek(from)
		if err != nil {
			return err
		}
		begin := len(out)
		out = append(out, make([]byte, size)...)
		message := out[begin:]
		if _, err := io.ReadFull(from, message); err != nil {
			return err
		}
		if !greeted {
			greeted = s.greet(kind, message)
		}
		s.mu.Lock()
		client, idle := s.client, s.kept
		s.mu.Unlock()
		switch {
		case client != nil:
			if from.Buffered() > 0 && len(out) < 1<<16 {
				continue
			}
			if _, err := client.Write(out); err != nil {
				return err
			}
		case idle || kind == failed:
			return net.ErrClosed
		case kind == complete:
			clean = string(message[header:]) == discarded
		case kind == ready && clean:
			clean = false
			s.keep()
		}
		out = out[:0]
	}
}

// greet remembers a message of the greeting, and reports whether it was the last.
func (s *session) greet(kind byte, message []byte) bool {
	switch {
	case kind == authentication && binary.BigEndian.Uint32(message[header:]) != 0:
		return false
	case kind == processKey:
		s.process = binary.BigEndian.Uint32(message[header:])
	}
	s.greeting = append(s.greeting, message...)
	return kind == ready
}

// firstMessage reads the first message of a client, which has no kind.
func firstMessage(from io.Reader) (string, error) {
	var length [4]byte
	if _, err := io.ReadFull(from, length[:]); err != nil {
		return "", err
	}
	size := int(binary.BigEndian.Uint32(length[:])) - len(length)
	if size < len(length) || size > longestStartup {
		return "", errNotAMessage
	}
	message := make([]byte, size)
	_, err := io.ReadFull(from, message)
	return string(message), err
}

// parameters are those of a first message in an order of their own, and the database among them.
func parameters(first string) (sorted, database string) {
	const version = 4 // bytes
	fields := strings.Split(first[version:], "\x00")
	var pairs []string
	for pair := range slices.Chunk(fields, 2) {
		pairs = append(pairs, strings.Join(pair, "="))
		if pair[0] == "database" && len(pair) > 1 {
			database = pair[1]
		}
	}
	slices.Sort(pairs)
	return first[:version] + strings.Join(pairs, "\x00"), database
}

func withLength(first string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(first)+4))) + first //nolint:gosec // up to longestStartup
}

// peek returns the kind and the whole size of the next message.
func peek(from *bufio.Reader) (kind byte, size int64, err error) {
	head, err := from.Peek(header)
	if err != nil {
		return 0, 0, err
	}
	if size = int64(binary.BigEndian.Uint32(head[1:])) + 1; size < header {
		return 0, 0, fmt.Errorf("%w: its size is %d", errNotAMessage, size)
	}
	return head[0], size, nil
}
