package fakeslack

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

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
	IDs     []string // its envelope_ids: one, and one more for each time it was not acknowledged in time
	Type    string   // EnvelopeCommand, EnvelopeInteractive or EnvelopeEvent
	Payload json.RawMessage
	Sent    int // how often it was put on a connection
	Acked   bool
	Ack     json.RawMessage // what the acknowledgement carried; nil: nothing
	Err     error           // what was wrong with Ack, as for Answered
}

type envelope struct {
	Envelope

	view   string  // the modal that it submits
	reason string  // why it is sent again
	on     *socket // nil: it waits for a connection
	last   *socket
	sentTo map[string]*socket // by envelope_id
	timer  *time.Timer
}

// PushSlash sends a command over Socket Mode and returns the number of its
// envelope, for [Server.Envelope].
//
// An envelope goes to any connection. What is not acknowledged is sent again, to
// another one if there is one: at once and as it was when its connection ends,
// and under a new envelope_id after 3 s, until it is acknowledged. Slack itself
// gives up after a while, and fails a command at once while no connection
// stands; here it waits for one, so that a test can tell what was lost.
func (s *Server) PushSlash(c Slash) int {
	body := map[string]any{}
	for name, values := range s.SlashForm(c) {
		body[name] = values[0] // is_enterprise_install too is text here
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

// PushSubmission sends a submitted modal over Socket Mode, and does what the
// acknowledgement says; see SubmitPayload, Answered and PushSlash.
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

// Envelope returns an envelope as it stands.
func (s *Server) Envelope(n int) Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.envelopes[n].Envelope
	e.IDs = slices.Clone(e.IDs)
	return e
}

// Unacked counts the envelopes that are not acknowledged.
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

// LoseAcks loses the next n acknowledgements on their way.
func (s *Server) LoseAcks(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lostAcks = n
}

// dispatch puts what is on no connection on one.
func (s *Server) dispatch() {
	for _, e := range s.envelopes {
		if k := s.connectionFor(e); k != nil {
			s.carry(e, k)
		}
	}
}

// connectionFor picks a connection in turn, another one than the last time when
// there is one; nil when the envelope needs none now.
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

// carry puts an envelope on a connection and waits for its acknowledgement.
func (s *Server) carry(e *envelope, k *socket) {
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
	e.timer = time.AfterFunc(ackTime, func() { s.late(e, id, k) })
	s.send(k, body)
}

// late sends an envelope again that was not acknowledged in time.
func (s *Server) late(e *envelope, id string, k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Acked || e.on != k || e.id() != id {
		return
	}
	s.again(e, "timeout")
	e.IDs = append(e.IDs, e.IDs[0]+"-"+strconv.Itoa(len(e.IDs)))
	s.dispatch()
}

// again takes an envelope off its connection, to be sent again.
func (s *Server) again(e *envelope, reason string) {
	e.timer.Stop()
	e.on, e.reason = nil, reason
}

// acknowledged takes one frame of a client. It counts on the connection that
// the envelope came over.
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
