package fakeslack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// Slash is a command somebody types.
type Slash struct {
	User    string
	Channel string
	Command string // with its slash
	Text    string // what follows the command
	TeamID  string // another workspace than the server's, to be refused
}

// SlashForm returns the command as Slack sends it, with a fresh trigger_id and
// response_url.
func (s *Server) SlashForm(c Slash) url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := "directmessage"
	if ch, ok := s.channels[c.Channel]; ok {
		name = ch.Name
		if ch.Private {
			name = "privategroup"
		}
	}
	return url.Values{
		"token": {"deprecated"}, "team_id": {s.team(c.TeamID)}, "team_domain": {"fakeslack"},
		"channel_id": {c.Channel}, "channel_name": {name},
		"user_id": {c.User}, "user_name": {s.name(c.User)},
		"command": {c.Command}, "text": {c.Text}, "api_app_id": {s.opts.AppID},
		"is_enterprise_install": {"false"},
		"trigger_id":            {s.newTrigger(c.User)},
		"response_url":          {s.newResponseURL(c.User, c.Channel, nil)},
	}
}

// SlashRequest returns the command as a signed request to the app.
func (s *Server) SlashRequest(ctx context.Context, appURL string, c Slash) (*http.Request, error) {
	return s.signed(ctx, appURL, formType, []byte(s.SlashForm(c).Encode()))
}

// ClickRequest returns the click as a signed request to the app; see
// ClickPayload.
func (s *Server) ClickRequest(ctx context.Context, appURL string, c Click) (*http.Request, error) {
	payload, err := s.ClickPayload(c)
	if err != nil {
		return nil, err
	}
	return s.signed(ctx, appURL, formType, interactionForm(payload))
}

// SubmitRequest returns the submission as a signed request to the app; see
// SubmitPayload. Hand the app's answer to Answered.
func (s *Server) SubmitRequest(ctx context.Context, appURL string, f Submission) (*http.Request, error) {
	payload, err := s.SubmitPayload(f)
	if err != nil {
		return nil, err
	}
	return s.signed(ctx, appURL, formType, interactionForm(payload))
}

func interactionForm(payload []byte) []byte {
	return []byte(url.Values{"payload": {string(payload)}}.Encode())
}

// Event is something that happened, told through the Events API.
type Event struct {
	ID          string // the same for every delivery of one event; default: a new one
	Inner       any    // the event itself, such as map[string]any{"type": "app_home_opened", …}
	Retry       int    // 1 to 3 on a repeated delivery
	RetryReason string // such as "http_timeout"
	TeamID      string // another workspace than the server's, to be refused
}

// HomeOpened is the event that the user has opened the app's Home tab, or with the
// tab "messages" its other one.
func (s *Server) HomeOpened(user, tab string) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	inner := map[string]any{
		"type": "app_home_opened", "user": user, "channel": "D" + user, "tab": tab,
		"event_ts": formatTS(s.opts.Now().UnixMicro()),
	}
	if v, ok := s.homes[user]; ok && tab == "home" {
		inner["view"] = s.wireView(v, map[string]any{})
	}
	return Event{Inner: inner}
}

// EventPayload returns the event as Slack sends it.
func (s *Server) EventPayload(e Event) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.ID == "" {
		e.ID = s.id("Ev")
	}
	team := s.team(e.TeamID)
	raw, err := json.Marshal(map[string]any{
		"token": "deprecated", "type": "event_callback", "team_id": team, "api_app_id": s.opts.AppID,
		"event": e.Inner, "event_id": e.ID, "event_time": s.opts.Now().Unix(),
		"authorizations": []any{map[string]any{
			"enterprise_id": nil, "team_id": team, "user_id": s.opts.BotUserID, "is_bot": true, "is_enterprise_install": false,
		}},
	})
	if err != nil {
		return nil, fmt.Errorf("the event is no JSON: %w", err)
	}
	return raw, nil
}

// EventRequest returns the event as a signed request to the app.
func (s *Server) EventRequest(ctx context.Context, appURL string, e Event) (*http.Request, error) {
	payload, err := s.EventPayload(e)
	if err != nil {
		return nil, err
	}
	req, err := s.signed(ctx, appURL, jsonType, payload)
	if err != nil {
		return nil, err
	}
	if e.Retry > 0 {
		req.Header.Set("X-Slack-Retry-Num", strconv.Itoa(e.Retry))
		req.Header.Set("X-Slack-Retry-Reason", e.RetryReason)
	}
	return req, nil
}

// VerificationRequest returns the signed request with which Slack checks an
// events address; the app answers with the challenge.
func (s *Server) VerificationRequest(ctx context.Context, appURL, challenge string) (*http.Request, error) {
	payload, err := json.Marshal(map[string]string{
		"type": "url_verification", "token": "deprecated", "challenge": challenge,
	})
	if err != nil {
		return nil, err
	}
	return s.signed(ctx, appURL, jsonType, payload)
}

// team returns the workspace a request claims to come from.
func (s *Server) team(other string) string {
	if other != "" {
		return other
	}
	return s.opts.TeamID
}
