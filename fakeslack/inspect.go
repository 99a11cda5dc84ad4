package fakeslack

import (
	"context"
	"slices"
	"time"
)

// Call is one request the app made.
type Call struct {
	Method  string            // such as "chat.postMessage", or "response_url"
	Channel string            // the channel it named
	At      time.Time         // its arrival
	Outcome string            // "ok", Slack's error code, or what the fault was: "http_503", "cut", "hang"
	Done    bool              // the work was done, whatever the app was told
	Args    map[string]string // the arguments without the token; values that are no strings as JSON
}

// Calls returns every call so far, in order of arrival.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Messages returns the messages that stand in the channel, oldest first, thread
// replies included.
func (s *Server) Messages(channelID string) []Message {
	return s.pick(channelID, func(*message) bool { return true })
}

// Thread returns the replies that stand in the thread, oldest first.
func (s *Server) Thread(channelID, ts string) []Message {
	return s.pick(channelID, func(m *message) bool { return m.IsReply() && m.ThreadTS == ts })
}

// Message returns one message of the channel, also a deleted one.
func (s *Server) Message(channelID, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[channelID]
	if !ok {
		return Message{}, false
	}
	m := c.remembered(ts)
	if m == nil {
		return Message{}, false
	}
	return m.snapshot(), true
}

func (s *Server) pick(channelID string, wanted func(*message) bool) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[channelID]
	if !ok {
		return nil
	}
	var out []Message
	for _, m := range c.messages {
		if !m.Deleted && wanted(m) {
			out = append(out, m.snapshot())
		}
	}
	return out
}

// Ephemerals returns what only this user sees, oldest first, in all channels.
func (s *Server) Ephemerals(user string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.ephemeral {
		if m.To == user && !m.Deleted {
			out = append(out, m.snapshot())
		}
	}
	return out
}

// Views returns the modals the user has open, the topmost last.
func (s *Server) Views(user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []View
	for _, v := range s.stacks[user] {
		out = append(out, v.snapshot())
	}
	return out
}

// Home returns the user's home tab, and whether one was published.
func (s *Server) Home(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.homes[user]
	if !ok {
		return View{}, false
	}
	return v.snapshot(), true
}

// ChangeKind says what happened.
type ChangeKind string

// What can happen.
const (
	Posted         ChangeKind = "posted"         // a message stands in a channel
	Edited         ChangeKind = "edited"         // a message shows something new
	Deleted        ChangeKind = "deleted"        // a message is gone
	EphemeralShown ChangeKind = "ephemeral"      // one person sees a message
	ModalShown     ChangeKind = "modal"          // a modal was opened or changed
	ModalClosed    ChangeKind = "modal_closed"   // a modal was closed
	HomeShown      ChangeKind = "home"           // a home tab was published
	EphemeralGone  ChangeKind = "ephemeral_gone" // an ephemeral message was taken back
	EphemeralEdit  ChangeKind = "ephemeral_edit" // an ephemeral message shows something new
)

// Change is one thing that people in Slack would see happen.
type Change struct {
	Kind    ChangeKind
	Message Message // of messages, as they stood then
	View    View    // of modals and home tabs
}

// Feed hands out changes in order. It holds nothing up: the server never waits
// for a reader, and a slow reader misses nothing.
type Feed struct {
	server *Server
	next   int
}

// Subscribe returns a feed of the changes from now on.
func (s *Server) Subscribe() *Feed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Feed{server: s, next: len(s.changes)}
}

// Next returns the next change, waiting for it if need be. It fails only with
// the context's error. A feed has one reader.
func (f *Feed) Next(ctx context.Context) (Change, error) {
	var out Change
	err := f.server.Wait(ctx, func(s *Server) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if f.next == len(s.changes) {
			return false
		}
		out = s.changes[f.next]
		f.next++
		return true
	})
	return out, err
}

// Wait returns when the condition holds. It looks at once and again after every
// call and every change, without polling; it fails only with the context's
// error. The condition may call any method of the server but Wait.
func (s *Server) Wait(ctx context.Context, condition func(*Server) bool) error {
	for {
		signal := s.nextChange()
		if condition(s) {
			return nil
		}
		select {
		case <-signal:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Server) nextChange() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// wake tells everybody who waits to look again.
func (s *Server) wake() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

func (s *Server) record(c Change) {
	s.changes = append(s.changes, c)
	s.wake()
}
