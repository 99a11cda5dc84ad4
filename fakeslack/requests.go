package fakeslack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// Slash is a typed slash command.
type Slash struct {
	User    string
	Channel string
	Command string // including the slash
	Text    string // the text after the command
	TeamID  string // another workspace than the server's, which the app must refuse
}

// SlashForm returns the command in Slack's format, with a new trigger_id and response_url.
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
	form := url.Values{
		"token": {"deprecated"}, "team_id": {s.team(c.TeamID)}, "team_domain": {"fakeslack"},
		"channel_id": {c.Channel}, "channel_name": {name},
		"user_id": {c.User}, "user_name": {s.name(c.User)},
		"command": {c.Command}, "text": {c.Text}, "api_app_id": {s.opts.AppID},
		"is_enterprise_install": {strconv.FormatBool(s.opts.OrgWide)},
		"trigger_id":            {s.newTrigger(c.User)},
		"response_url":          {s.newResponseURL(c.User, c.Channel, nil)},
	}
	if s.opts.EnterpriseID != "" {
		form.Set("enterprise_id", s.opts.EnterpriseID)
		form.Set("enterprise_name", "Fake Organisation")
	}
	return form
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

// SubmitRequest returns the submission as a signed request to the app; see SubmitPayload. Pass the
// response of the app to Answered.
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

// Event is an event of the Events API.
type Event struct {
	ID          string // the same for every delivery of the event; default: a new id
	Inner       any    // the event itself, such as map[string]any{"type": "app_home_opened", …}
	Retry       int    // 1 to 3 on a repeated delivery
	RetryReason string // such as "http_timeout"
	TeamID      string // another workspace than the server's, which the app must refuse
}

// HomeOpened returns the event that the user has opened a tab of the app's home: "home" or
// "messages".
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

// EventPayload returns the event in Slack's format.
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
			"enterprise_id": orNull(s.opts.EnterpriseID), "team_id": s.home(e.TeamID), "user_id": s.opts.BotUserID, "is_bot": true, "is_enterprise_install": s.opts.OrgWide,
		}},
	})
	if err != nil {
		return nil, fmt.Errorf("the event is not JSON: %w", err)
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

// VerificationRequest returns the signed request with which Slack verifies the address for events.
// The app must respond with the challenge.
func (s *Server) VerificationRequest(ctx context.Context, appURL, challenge string) (*http.Request, error) {
	payload, err := json.Marshal(map[string]string{
		"type": "url_verification", "token": "deprecated", "challenge": challenge,
	})
	if err != nil {
		return nil, err
	}
	return s.signed(ctx, appURL, jsonType, payload)
}

// team returns the workspace that a request claims to come from.
func (s *Server) team(other string) string {
	if other != "" {
		return other
	}
	return s.opts.TeamID
}

// Sign sets the two headers that authenticate a request of Slack: the time in Unix seconds, and
// "v0=" with the hex HMAC-SHA256 of "v0:" + time + ":" + body.
func Sign(h http.Header, secret string, at time.Time, body []byte) {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + seconds + ":"))
	mac.Write(body)
	h.Set("X-Slack-Request-Timestamp", seconds)
	h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

// signed returns a signed POST of the body.
func (s *Server) signed(ctx context.Context, appURL, contentType string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, appURL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	o := s.Options()
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	Sign(req.Header, o.SigningSecret, o.Now(), body)
	return req, nil
}

// Send sends a request to the app with the client, as Slack does, and applies the response to a
// submission (see Answered). Responses to commands are not shown: their answers come through the
// response_url.
func (s *Server) Send(client *http.Client, req *http.Request) (status int, body []byte, err error) {
	submitted := submittedView(req)
	res, err := client.Do(req) //nolint:gosec // the test or the demo chose the address
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	if body, err = io.ReadAll(io.LimitReader(res.Body, maxBody)); err != nil {
		return res.StatusCode, nil, fmt.Errorf("read the app's response: %w", err)
	}
	if submitted != "" && res.StatusCode == http.StatusOK {
		err = s.Answered(submitted, body)
	}
	return res.StatusCode, body, err
}

// submittedView returns the id of the modal that a request submits, which is empty for other
// requests.
func submittedView(req *http.Request) string {
	if req.GetBody == nil {
		return ""
	}
	body, err := req.GetBody()
	if err != nil {
		return ""
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return ""
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return ""
	}
	var payload struct {
		Type string `json:"type"`
		View struct {
			ID string `json:"id"`
		} `json:"view"`
	}
	if json.Unmarshal([]byte(form.Get("payload")), &payload) != nil || payload.Type != "view_submission" {
		return ""
	}
	return payload.View.ID
}
