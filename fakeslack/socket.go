package fakeslack

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Socket Mode as docs.slack.dev/apis/events-api/using-socket-mode has it.
const (
	linkPath     = "/link/"
	maxSockets   = 10               // connections an app may have
	pingEvery    = 10 * time.Second // clients give up after 30 s without one
	warningTime  = 10 * time.Second // from the warning to the end of the connection
	maxAck       = 20 << 10         // bytes; Slack overlooks a larger frame
	socketQueue  = 256              // frames a slow client may be behind
	closingGrace = time.Second      // for the last frames of a connection that ends
)

// socket is one Socket Mode connection. Only its writer writes to it.
type socket struct {
	conn   *websocket.Conn
	out    chan frame
	over   chan struct{} // closed when nothing is read any more
	silent bool          // it pings no more
	ending bool          // a fault was done to it
}

// frame is what the writer sends.
type frame struct {
	text []byte
	last bool // then it closes the connection
}

// openConnection gives out the address of a connection, which works once.
func (s *Server) openConnection(args) (result, *failure) {
	if len(s.sockets) >= maxSockets {
		return nil, refuse("too_many_websockets")
	}
	ticket := s.id("ticket-")
	s.tickets[ticket] = true
	query := url.Values{"ticket": {ticket}, "app_id": {s.opts.AppID}}
	return result{"url": "ws" + strings.TrimPrefix(s.opts.BaseURL, "http") + linkPath + "?" + query.Encode()}, nil
}

// serveSocket is one connection, from its handshake to its end. A fault for the
// method "socket" spoils the handshake.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	n, fault := s.begin(Call{Method: "socket"})
	if fault != nil && !fault.play(r.Context(), w) {
		return
	}
	if !s.useTicket(r.URL.Query().Get("ticket")) {
		s.finish(n, "invalid_ticket")
		http.Error(w, "no such ticket, or it was used", http.StatusUnauthorized)
		return
	}
	anyOrigin := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // no browser comes here
	conn, err := anyOrigin.Upgrade(w, r, nil)
	if err != nil { // it has answered
		s.finish(n, "no_websocket")
		return
	}
	k := &socket{conn: conn, out: make(chan frame, socketQueue), over: make(chan struct{})}
	var writing sync.WaitGroup
	writing.Go(func() { s.write(k) })
	s.enter(k)
	s.read(k)
	_ = conn.Close()
	close(k.over)
	s.leave(k)
	writing.Wait()
}

func (s *Server) useTicket(ticket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.tickets[ticket]
	delete(s.tickets, ticket)
	return known
}

// enter greets a connection and gives it what waits.
func (s *Server) enter(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = append(s.sockets, k)
	s.send(k, result{
		"type": "hello", "num_connections": len(s.sockets), "connection_info": result{"app_id": s.opts.AppID},
		"debug_info": debugInfo(),
	})
	s.dispatch()
	s.wake()
}

func debugInfo() result {
	return result{"host": "fakeslack", "build_number": 1, "approximate_connection_time": 18060}
}

// leave takes a connection out; what it was sent and did not acknowledge is for
// another one.
func (s *Server) leave(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = slices.DeleteFunc(s.sockets, func(other *socket) bool { return other == k })
	for _, e := range s.envelopes {
		if e.on == k && !e.Acked {
			s.again(e, "connection_closed")
		}
	}
	s.dispatch()
	s.wake()
}

// write sends frames and pings until the connection ends.
func (s *Server) write(k *socket) {
	pings := time.NewTicker(pingEvery)
	defer pings.Stop()
	for {
		select {
		case <-k.over:
			return
		case <-pings.C:
			s.ping(k)
		case f := <-k.out:
			err := k.conn.WriteMessage(websocket.TextMessage, f.text)
			if err == nil && f.last {
				bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
				_ = k.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(closingGrace))
			}
			if err != nil || f.last {
				_ = k.conn.Close()
			}
		}
	}
}

func (s *Server) ping(k *socket) {
	s.mu.Lock()
	silent := k.silent
	s.mu.Unlock()
	if !silent {
		_ = k.conn.WriteControl(websocket.PingMessage, []byte("Ping from fakeslack"), time.Now().Add(closingGrace))
	}
}

// read takes acknowledgements until the connection ends.
func (s *Server) read(k *socket) {
	k.conn.SetReadLimit(maxBody)
	for {
		_, text, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		s.acknowledged(k, text)
	}
}

// send queues a frame. A client that is too far behind is cut off.
func (s *Server) send(k *socket, body result) { s.queue(k, frame{text: mustJSON(body)}) }

func (s *Server) queue(k *socket, f frame) {
	select {
	case k.out <- f:
	default:
		_ = k.conn.Close()
	}
}

// mustJSON is the JSON of what the server itself puts together.
func mustJSON(body result) []byte {
	raw, err := json.Marshal(body)
	if err != nil {
		panic("fakeslack: " + err.Error())
	}
	return raw
}

// Sockets counts the Socket Mode connections that stand.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}

// errNoSocket is returned when there is no connection to do something to.
var errNoSocket = errors.New("no sound Socket Mode connection stands")

// spoil does a fault to the oldest connection that none was done to yet.
func (s *Server) spoil(how func(*socket)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.sockets, func(k *socket) bool { return !k.ending })
	if i < 0 {
		return errNoSocket
	}
	s.sockets[i].ending = true
	how(s.sockets[i])
	return nil
}

// Disconnect tells the oldest sound connection to go, as Slack does when it
// refreshes its machines: "warning" leaves it ten seconds, "refresh_requested"
// and "link_disabled" (Socket Mode was turned off) close it behind the words,
// with whatever is under way on it. It fails when there is no such connection,
// like DropLine and StopPings.
func (s *Server) Disconnect(reason string) error {
	return s.spoil(func(k *socket) {
		last := reason != "warning"
		s.queue(k, frame{mustJSON(result{"type": "disconnect", "reason": reason, "debug_info": debugInfo()}), last})
		if !last {
			time.AfterFunc(warningTime, func() { _ = k.conn.Close() })
		}
	})
}

// DropLine cuts the oldest sound connection without a word.
func (s *Server) DropLine() error {
	return s.spoil(func(k *socket) { _ = k.conn.Close() })
}

// StopPings pings the oldest sound connection no more; it stands until the client
// finds it dead.
func (s *Server) StopPings() error {
	return s.spoil(func(k *socket) { k.silent = true })
}
