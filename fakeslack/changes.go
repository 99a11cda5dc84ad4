package fakeslack

import "context"

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
