package fakeslack

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// The limits of Socket Mode, from docs.slack.dev/apis/events-api/using-socket-mode.
const (
	linkPath     = "/link/"
	maxSockets   = 10               // of an app
	pingEvery    = 10 * time.Second // clients disconnect after 30 s without a ping
	warningTime  = 10 * time.Second // from the warning to the end of the connection
	maxAck       = 20 << 10         // bytes; Slack ignores a larger frame
	socketQueue  = 256              // frames that wait for a slow client
	closingGrace = time.Second      // for the last frames of a connection that ends
)

// socket is one Socket Mode connection. Only its writer writes to it.
type socket struct {
	conn   *websocket.Conn
	out    chan frame
	over   chan struct{} // closed at the end of reading
	silent bool          // it sends no pings
	dead   bool          // it sends nothing
	ending bool          // it has had a fault
}

// frame is what the writer sends to the client.
type frame struct {
	text []byte
	last bool // the connection closes after it
}

// openConnection returns the address of a new connection, which works once.
func (s *Server) openConnection(args) (result, *failure) {
	if len(s.sockets)+s.foreign >= maxSockets {
		return nil, refuse("too_many_websockets")
	}
	ticket := s.id("ticket-")
	s.tickets[ticket] = true
	query := url.Values{"ticket": {ticket}, "app_id": {s.opts.AppID}}
	return result{"url": "ws" + strings.TrimPrefix(s.opts.BaseURL, "http") + linkPath + "?" + query.Encode()}, nil
}

// serveSocket serves one connection, from its handshake to its end. A fault for the method "socket"
// fails the handshake.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	n, fault := s.begin(Call{Method: "socket"})
	if fault != nil && !fault.play(r.Context(), w) {
		return
	}
	if !s.useTicket(r.URL.Query().Get("ticket")) {
		s.finish(n, "invalid_ticket")
		http.Error(w, "the ticket is unknown or was used", http.StatusUnauthorized)
		return
	}
	anyOrigin := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // its clients are not browsers
	conn, err := anyOrigin.Upgrade(w, r, nil)
	if err != nil { // Upgrade has sent the response
		s.finish(n, "no_websocket")
		return
	}
	k := &socket{conn: conn, out: make(chan frame, socketQueue), over: make(chan struct{})}
	var writing sync.WaitGroup
	writing.Go(func() { s.write(k) })
	s.addSocket(k)
	s.read(k)
	_ = conn.Close()
	close(k.over)
	s.removeSocket(k)
	writing.Wait()
}

func (s *Server) useTicket(ticket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.tickets[ticket]
	delete(s.tickets, ticket)
	return known
}

// addSocket adds a connection, greets it and sends the waiting envelopes.
func (s *Server) addSocket(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = append(s.sockets, k)
	if !s.welcome.NoHello {
		s.send(k, result{
			"type": "hello", "num_connections": len(s.sockets) + s.foreign, "connection_info": result{"app_id": s.opts.AppID},
			"debug_info": debugInfo(),
		})
	}
	k.silent, k.dead = s.welcome.Dead, s.welcome.Dead
	if reason := s.welcome.Disconnect; reason != "" {
		k.ending = true
		s.disconnect(k, reason)
	}
	s.dispatch()
	s.wake()
}

// Welcome is what is odd about new connections.
type Welcome struct {
	NoHello    bool   // they get no greeting
	Dead       bool   // they get nothing after it, not even pings, and stay open: what is sent there is lost
	Disconnect string // Slack asks them to end, for this reason
}

// Welcome sets what is odd about connections from now on; nothing when it is zero.
func (s *Server) Welcome(w Welcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.welcome = w
}

// ForeignSockets sets how many connections other programs hold with the same token. They count for
// the greeting and for the limit; envelopes do not go there.
func (s *Server) ForeignSockets(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.foreign = n
}

func debugInfo() result {
	return result{"host": "fakeslack", "build_number": 1, "approximate_connection_time": 18060}
}

// removeSocket removes a connection. Its unacknowledged envelopes go to another one.
func (s *Server) removeSocket(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = slices.DeleteFunc(s.sockets, func(other *socket) bool { return other == k })
	for _, e := range s.envelopes {
		if e.on == k && !e.Acked {
			s.requeue(e, "connection_closed")
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

// read processes acknowledgements until the connection ends.
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

// send queues a frame. It closes the connection of a client that is too slow.
func (s *Server) send(k *socket, body result) {
	if !k.dead {
		s.queue(k, frame{text: mustJSON(body)})
	}
}

func (s *Server) queue(k *socket, f frame) {
	select {
	case k.out <- f:
	default:
		_ = k.conn.Close()
	}
}

// mustJSON returns the JSON of a body that the server builds itself.
func mustJSON(body result) []byte {
	raw, err := json.Marshal(body)
	if err != nil {
		panic("fakeslack: " + err.Error())
	}
	return raw
}

// Sockets returns the number of open Socket Mode connections.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}

// errNoSocket is returned when every connection has had a fault.
var errNoSocket = errors.New("no Socket Mode connection without a fault")

// disturb applies a fault to the oldest connection without one.
func (s *Server) disturb(how func(*socket)) error {
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

// Disconnect asks the oldest connection to end, as Slack does when it refreshes its machines.
// "warning" leaves it ten seconds; "refresh_requested" and "link_disabled" (Socket Mode was turned
// off), "too_many_websockets" and any other close it immediately, with whatever is in flight. It
// fails when every connection has had a fault, like DropLine and StopPings.
func (s *Server) Disconnect(reason string) error {
	return s.disturb(func(k *socket) { s.disconnect(k, reason) })
}

func (s *Server) disconnect(k *socket, reason string) {
	last := reason != "warning"
	s.queue(k, frame{mustJSON(result{"type": "disconnect", "reason": reason, "debug_info": debugInfo()}), last})
	if !last {
		time.AfterFunc(warningTime, func() { _ = k.conn.Close() })
	}
}

// DropLine cuts the oldest connection without a close frame.
func (s *Server) DropLine() error {
	return s.disturb(func(k *socket) { _ = k.conn.Close() })
}

// StopPings stops the pings of the oldest connection, which remains open until the client gives up.
func (s *Server) StopPings() error {
	return s.disturb(func(k *socket) { k.silent = true })
}

// The types of envelopes.
const (
	EnvelopeCommand     = "slash_commands"
	EnvelopeInteractive = "interactive"
	EnvelopeEvent       = "events_api"
)

// ackTime is how long Slack waits for an acknowledgement.
const ackTime = 3 * time.Second

// Envelope is a request to the app over Socket Mode.
type Envelope struct {
	IDs     []string // its envelope_ids: one, and one more for each missed acknowledgement
	Type    string   // EnvelopeCommand, EnvelopeInteractive or EnvelopeEvent
	Payload json.RawMessage
	Sent    int // how often it was sent
	Acked   bool
	Ack     json.RawMessage // the payload of the acknowledgement, nil without one
	Err     error           // of Ack, as Answered returns it
}

type envelope struct {
	Envelope

	view   string  // the id of the modal that it submits
	reason string  // for the retry
	on     *socket // nil while it waits for a connection
	last   *socket
	sentTo map[string]*socket // by envelope_id
	timer  *time.Timer
}

// PushSlash sends a command over Socket Mode and returns the index of its envelope, for
// [Server.Envelope].
//
// An envelope goes to any connection. An unacknowledged one is sent again, to another connection if
// there is one: immediately and unchanged when its connection ends, and with a new envelope_id
// after 3 s, until it is acknowledged. Slack itself gives up after a while, and fails a command
// immediately when there is no connection; here it waits, so that a test can see what was lost.
func (s *Server) PushSlash(c Slash) int {
	body := map[string]any{}
	for name, values := range s.SlashForm(c) {
		body[name] = values[0] // is_enterprise_install is a string, too
	}
	return s.push(EnvelopeCommand, mustJSON(body), "")
}

// PushClick sends a click over Socket Mode; see ClickPayload and PushSlash.
func (s *Server) PushClick(c Click) (int, error) {
	payload, err := s.ClickPayload(c)
	if err != nil {
		return 0, err
	}
	return s.push(EnvelopeInteractive, payload, ""), nil
}

// PushSubmission sends a submission over Socket Mode and applies the acknowledgement; see
// SubmitPayload, Answered and PushSlash.
func (s *Server) PushSubmission(f Submission) (int, error) {
	payload, err := s.SubmitPayload(f)
	if err != nil {
		return 0, err
	}
	return s.push(EnvelopeInteractive, payload, f.ViewID), nil
}

// PushEvent sends an event over Socket Mode; see EventPayload and PushSlash.
func (s *Server) PushEvent(e Event) (int, error) {
	payload, err := s.EventPayload(e)
	if err != nil {
		return 0, err
	}
	return s.push(EnvelopeEvent, payload, ""), nil
}

// Push sends any payload in an envelope of any type; see PushSlash.
func (s *Server) Push(kind string, payload json.RawMessage) int { return s.push(kind, payload, "") }

func (s *Server) push(kind string, payload []byte, view string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envelopes = append(s.envelopes, &envelope{
		Envelope: Envelope{IDs: []string{s.id("envelope-")}, Type: kind, Payload: payload},
		view:     view, sentTo: map[string]*socket{},
	})
	s.dispatch()
	return len(s.envelopes) - 1
}

// Envelope returns the present state of an envelope.
func (s *Server) Envelope(n int) Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.envelopes[n].Envelope
	e.IDs = slices.Clone(e.IDs)
	return e
}

// Unacked returns the number of unacknowledged envelopes.
func (s *Server) Unacked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, e := range s.envelopes {
		if !e.Acked {
			n++
		}
	}
	return n
}

// LoseAcks loses the next n acknowledgements.
func (s *Server) LoseAcks(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lostAcks = n
}

// dispatch sends the waiting envelopes.
func (s *Server) dispatch() {
	for _, e := range s.envelopes {
		if k := s.connectionFor(e); k != nil {
			s.transmit(e, k)
		}
	}
}

// connectionFor returns the next connection in turn, other than the last one of the envelope if
// possible. It returns nil when the envelope needs no connection now, or there is none.
func (s *Server) connectionFor(e *envelope) *socket {
	if e.Acked || e.on != nil || len(s.sockets) == 0 {
		return nil
	}
	s.turn++
	k := s.sockets[s.turn%len(s.sockets)]
	if k == e.last {
		k = s.sockets[(s.turn+1)%len(s.sockets)]
	}
	return k
}

func (e *envelope) id() string { return e.IDs[len(e.IDs)-1] }

// transmit sends an envelope over a connection and waits for its acknowledgement.
func (s *Server) transmit(e *envelope, k *socket) {
	id := e.id()
	body := result{
		"envelope_id": id, "type": e.Type, "payload": e.Payload,
		"accepts_response_payload": e.Type != EnvelopeEvent,
	}
	if e.Type == EnvelopeEvent {
		body["retry_attempt"], body["retry_reason"] = e.Sent, e.reason
	}
	e.on, e.last, e.sentTo[id] = k, k, k
	e.Sent++
	e.timer = time.AfterFunc(ackTime, func() { s.ackTimedOut(e, id, k) })
	s.send(k, body)
}

// ackTimedOut sends an envelope again when it was not acknowledged in time.
func (s *Server) ackTimedOut(e *envelope, id string, k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Acked || e.on != k || e.id() != id {
		return
	}
	s.requeue(e, "timeout")
	e.IDs = append(e.IDs, e.IDs[0]+"-"+strconv.Itoa(len(e.IDs)))
	s.dispatch()
}

// requeue takes an envelope off its connection, to send it again.
func (s *Server) requeue(e *envelope, reason string) {
	e.timer.Stop()
	e.on, e.reason = nil, reason
}

// acknowledged processes an acknowledgement, which counts only on a connection that the envelope
// was sent over.
func (s *Server) acknowledged(k *socket, text []byte) {
	var ack struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload"`
	}
	if len(text) >= maxAck || json.Unmarshal(text, &ack) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.envelopes, func(e *envelope) bool { return !e.Acked && e.sentTo[ack.ID] == k })
	if i < 0 {
		return
	}
	if s.lostAcks > 0 {
		s.lostAcks--
		return
	}
	e := s.envelopes[i]
	e.timer.Stop()
	e.Acked, e.Ack = true, ack.Payload
	if e.view != "" {
		e.Err = s.answered(e.view, ack.Payload)
	}
	s.wake()
}
