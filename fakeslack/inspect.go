package fakeslack

import (
	"context"
	"slices"
	"time"
)

// Call is one request the app made.
type Call struct {
	Method  string            // such as "chat.postMessage", or "response_url"
	Channel string            // the channel in its arguments
	At      time.Time         // its arrival
	Outcome string            // "ok", Slack's error code, or the fault, such as "http_503", "cut", "hang"
	Done    bool              // the work was done, even if the response says otherwise
	Args    map[string]string // the arguments without the token; JSON for values that are not strings
}

// Calls returns every call so far, in order of arrival.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Messages returns the messages of the channel that are not deleted, oldest first, with thread
// replies.
func (s *Server) Messages(channelID string) []Message {
	return s.pick(channelID, func(*message) bool { return true })
}

// Thread returns the replies of the thread that are not deleted, oldest first.
func (s *Server) Thread(channelID, ts string) []Message {
	return s.pick(channelID, func(m *message) bool { return m.IsReply() && m.ThreadTS == ts })
}

// Message returns one message of the channel, deleted or not.
func (s *Server) Message(channelID, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[channelID]
	if !ok {
		return Message{}, false
	}
	m := c.lookup(ts)
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

// Ephemerals returns the ephemeral messages that the user sees in all channels, oldest first.
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

// Views returns the open modals of the user, the topmost last.
func (s *Server) Views(user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []View
	for _, v := range s.stacks[user] {
		out = append(out, v.snapshot())
	}
	return out
}

// Home returns the home tab of the user, and whether one was published.
func (s *Server) Home(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.homes[user]
	if !ok {
		return View{}, false
	}
	return v.snapshot(), true
}

// ChangeKind is the kind of a change.
type ChangeKind string

// The kinds of changes.
const (
	Posted         ChangeKind = "posted"         // a message is in a channel
	Edited         ChangeKind = "edited"         // a message has a new revision
	Deleted        ChangeKind = "deleted"        // a message was deleted
	EphemeralShown ChangeKind = "ephemeral"      // one user sees a message
	ModalShown     ChangeKind = "modal"          // a modal was opened or changed
	ModalClosed    ChangeKind = "modal_closed"   // a modal was closed
	HomeShown      ChangeKind = "home"           // a home tab was published
	EphemeralGone  ChangeKind = "ephemeral_gone" // an ephemeral message was deleted
	EphemeralEdit  ChangeKind = "ephemeral_edit" // an ephemeral message has a new revision
)

// Change is one change that people in Slack can see.
type Change struct {
	Kind    ChangeKind
	Message Message // of a message, after the change
	View    View    // of a modal or a home tab
}

// Feed returns changes in order. The server does not wait for its reader, and a slow reader misses
// no change.
type Feed struct {
	server *Server
	next   int
}

// Subscribe returns a feed of later changes.
func (s *Server) Subscribe() *Feed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Feed{server: s, next: len(s.changes)}
}

// Next waits for the next change and returns it. The only error is that of ctx. A feed has one
// reader.
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

// Wait waits until the condition holds. It evaluates the condition immediately and after every call
// and change. The only error is that of ctx. The condition may call any method of the server except
// Wait.
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

// wake makes every Wait evaluate its condition.
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
