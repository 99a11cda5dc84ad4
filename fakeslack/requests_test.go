package fakeslack_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

const appURL = "https://bot.example.org/slack"

// proven checks the signature with slack-go and returns the body.
func proven(t *testing.T, req *http.Request) []byte {
	t.Helper()
	raw, err := io.ReadAll(req.Body)
	require.NoError(t, err)
	v, err := slack.NewSecretsVerifier(req.Header, "fake-signing-secret")
	require.NoError(t, err)
	_, err = v.Write(raw)
	require.NoError(t, err)
	require.NoError(t, v.Ensure())
	req.Body = io.NopCloser(bytes.NewReader(raw))
	return raw
}

func now(t *testing.T) fakeslack.Options {
	t.Helper()
	return fakeslack.Options{Now: time.Now} // slack-go compares signatures with the real time
}

func TestSlashCommandsAreSigned(t *testing.T) {
	s, _ := workspace(t, now(t))
	req, err := s.SlashRequest(t.Context(), appURL, fakeslack.Slash{User: anna, Channel: support, Command: "/nps", Text: "month"})
	require.NoError(t, err)
	proven(t, req)
	got, err := slack.SlashCommandParse(req)
	require.NoError(t, err)
	assert.Equal(t, "/nps", got.Command)
	assert.Equal(t, "month", got.Text)
	assert.Equal(t, anna, got.UserID)
	assert.Equal(t, "anna", got.UserName)
	assert.Equal(t, support, got.ChannelID)
	assert.Equal(t, "support", got.ChannelName)
	assert.Equal(t, "T0FAKE", got.TeamID)
	assert.NotEmpty(t, got.TriggerID)
	assert.Contains(t, got.ResponseURL, "https://slack.fake/response/")

	foreign := s.SlashForm(fakeslack.Slash{User: anna, TeamID: "T0OTHER"})
	assert.Equal(t, "T0OTHER", foreign.Get("team_id"))
}

func parse(t *testing.T, req *http.Request, err error) slack.InteractionCallback {
	t.Helper()
	require.NoError(t, err)
	proven(t, req)
	got, err := slack.InteractionCallbackParse(req)
	require.NoError(t, err)
	return got
}

func TestClicksAreSigned(t *testing.T) {
	s, api := workspace(t, now(t))
	users := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, nil, "assign")
	snooze := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "snooze",
		slack.NewOptionBlockObject("1h", slack.NewTextBlockObject("plain_text", "An hour", false, false), nil))
	ts := post(t, api, "red", slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "e", EventPayload: map[string]any{"a": "b"}}),
		slack.MsgOptionBlocks(slack.NewActionBlock("feedback:f1:1", button("followup_claim", "f1"), users, snooze)))
	_, _, _, err := api.UpdateMessageContext(t.Context(), support, ts, slack.MsgOptionText("red", false),
		slack.MsgOptionBlocks(slack.NewActionBlock("feedback:f1:2", button("followup_done", "f1"))))
	require.NoError(t, err)

	click := fakeslack.Click{User: anna, Channel: support, MessageTS: ts, ActionID: "followup_done"}
	req, err := s.ClickRequest(t.Context(), appURL, click)
	got := parse(t, req, err)
	assert.Equal(t, slack.InteractionTypeBlockActions, got.Type)
	assert.Equal(t, "T0FAKE", got.Team.ID)
	assert.Equal(t, anna, got.User.ID)
	assert.Equal(t, support, got.Channel.ID)
	assert.Equal(t, ts, got.Container.MessageTs)
	assert.Equal(t, ts, got.Message.Timestamp)
	assert.Equal(t, "b", got.Message.Metadata.EventPayload["a"])
	require.Len(t, got.ActionCallback.BlockActions, 1)
	action := got.ActionCallback.BlockActions[0]
	assert.Equal(t, "f1", action.Value)
	assert.Equal(t, "feedback:f1:2", action.BlockID)
	assert.Equal(t, "Claim Follow-Up", action.Text.Text)

	click.ActionID = "followup_claim"
	_, err = s.ClickPayload(click)
	require.ErrorContains(t, err, `no element with action_id "followup_claim"`)
	click.Revision = 1
	req, err = s.ClickRequest(t.Context(), appURL, click)
	got = parse(t, req, err)
	assert.Equal(t, "feedback:f1:1", got.ActionCallback.BlockActions[0].BlockID, "a click on what stood there before")

	click.ActionID, click.Picked = "assign", anna
	req, err = s.ClickRequest(t.Context(), appURL, click)
	got = parse(t, req, err)
	assert.Equal(t, anna, got.ActionCallback.BlockActions[0].SelectedUser)
	assert.Equal(t, anna, got.BlockActionState.Values["feedback:f1:1"]["assign"].SelectedUser)

	click.ActionID, click.Picked, click.Option = "snooze", "", "1h"
	req, err = s.ClickRequest(t.Context(), appURL, click)
	assert.Equal(t, "1h", parse(t, req, err).ActionCallback.BlockActions[0].SelectedOption.Value)
	click.Option = "2h"
	_, err = s.ClickPayload(click)
	require.ErrorContains(t, err, `no option "2h"`)

	click.Revision = 3
	_, err = s.ClickPayload(click)
	require.ErrorContains(t, err, "no revision 3")
	_, err = s.ClickPayload(fakeslack.Click{User: anna, Channel: support, MessageTS: "1.2", ActionID: "x"})
	require.ErrorContains(t, err, "no message")
}

func TestEventsAreSigned(t *testing.T) {
	s, _ := workspace(t, now(t))
	req, err := s.EventRequest(t.Context(), appURL, fakeslack.Event{
		ID: "Ev1", Retry: 2, RetryReason: "http_timeout",
		Inner: map[string]any{"type": "app_home_opened", "user": anna, "tab": "home"},
	})
	require.NoError(t, err)
	assert.Equal(t, "2", req.Header.Get("X-Slack-Retry-Num"))
	got, err := slackevents.ParseEvent(json.RawMessage(proven(t, req)), slackevents.OptionNoVerifyToken())
	require.NoError(t, err)
	assert.Equal(t, "app_home_opened", got.InnerEvent.Type)
	assert.Equal(t, "T0FAKE", got.TeamID)

	req, err = s.VerificationRequest(t.Context(), appURL, "3eZbrw1a")
	require.NoError(t, err)
	got, err = slackevents.ParseEvent(json.RawMessage(proven(t, req)), slackevents.OptionNoVerifyToken())
	require.NoError(t, err)
	assert.Equal(t, "3eZbrw1a", got.Data.(*slackevents.EventsAPIURLVerificationEvent).Challenge)
}

// app responds to every request with the same body.
func app(status int, body string) *http.Client {
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	})}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSendAppliesTheResponse(t *testing.T) {
	s, api := workspace(t, now(t))
	req, err := s.SlashRequest(t.Context(), appURL, fakeslack.Slash{User: anna, Channel: support, Command: "/nps"})
	require.NoError(t, err)
	status, body, err := s.Send(app(401, "no"), req)
	require.NoError(t, err)
	assert.Equal(t, 401, status)
	assert.Equal(t, "no", string(body))

	opened, err := api.OpenViewContext(t.Context(), trigger(s), outcomeModal())
	require.NoError(t, err)
	filled := fakeslack.Submission{ViewID: opened.ID, Values: map[string]string{"outcome": "guide_fixed"}}
	for _, c := range []struct {
		status int
		body   string
		open   int
	}{{500, "", 1}, {200, `{"response_action":"errors","errors":{"note":"?"}}`, 1}, {200, "", 0}} {
		req, err = s.SubmitRequest(t.Context(), appURL, filled)
		require.NoError(t, err)
		_, _, err = s.Send(app(c.status, c.body), req)
		require.NoError(t, err)
		assert.Len(t, s.Views(anna), c.open)
	}
}
