package fakeslack

import (
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
