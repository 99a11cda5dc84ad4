package fakeslack

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
)

// Shortcut is the use of a shortcut: of a message, or a global one without a message.
type Shortcut struct {
	User       string
	CallbackID string
	Channel    string // of the message
	MessageTS  string // empty for a global shortcut
	TeamID     string // another workspace than the server's, which the app must refuse
}

// ShortcutPayload returns the message_action or shortcut payload in Slack's format. It fails when the
// user cannot see the message; people have no shortcuts on ephemeral ones.
func (s *Server) ShortcutPayload(c Shortcut) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kind := "shortcut"
	if c.MessageTS != "" {
		kind = "message_action"
	}
	body := s.interaction(kind, c.User, c.TeamID)
	maps.Copy(body, map[string]any{"callback_id": c.CallbackID, "action_ts": formatTS(s.opts.Now().UnixMicro())})
	if c.MessageTS == "" {
		return json.Marshal(body)
	}
	ch, ok := s.channels[c.Channel]
	if !ok || ch.lookup(c.MessageTS) == nil {
		return nil, fmt.Errorf("no message %s in %s", c.MessageTS, c.Channel)
	}
	m := ch.lookup(c.MessageTS)
	maps.Copy(body, map[string]any{
		"channel": map[string]any{"id": m.Channel, "name": ch.Name}, "message_ts": m.TS,
		"message": s.wire(m.Message, true), "response_url": s.newResponseURL(c.User, m.Channel, m),
	})
	return json.Marshal(body)
}

// ShortcutRequest returns the use of a shortcut as a signed request to the app; see ShortcutPayload.
func (s *Server) ShortcutRequest(ctx context.Context, appURL string, c Shortcut) (*http.Request, error) {
	payload, err := s.ShortcutPayload(c)
	if err != nil {
		return nil, err
	}
	return s.signed(ctx, appURL, formType, interactionForm(payload))
}
