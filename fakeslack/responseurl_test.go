package fakeslack_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

func answerURL(s *fakeslack.Server) string {
	return s.SlashForm(fakeslack.Slash{User: anna, Channel: support, Command: "/nps"}).Get("response_url")
}

func answer(t *testing.T, api *slack.Client, options ...slack.MsgOption) error {
	t.Helper()
	_, _, err := api.PostMessageContext(t.Context(), "", options...)
	return err
}

func TestCommandsAreAnswered(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	to := answerURL(s)
	text := func(v string) slack.MsgOption { return slack.MsgOptionText(v, false) }
	require.NoError(t, answer(t, api, text("NPS +42"), slack.MsgOptionBlocks(section("x")), slack.MsgOptionResponseURL(to, slack.ResponseTypeEphemeral)))
	require.Len(t, s.Ephemerals(anna), 1)
	assert.Equal(t, "NPS +42", s.Ephemerals(anna)[0].Text)
	assert.Empty(t, s.Messages(support))

	require.NoError(t, answer(t, api, text("NPS +43"), slack.MsgOptionReplaceOriginal(to)))
	require.Len(t, s.Ephemerals(anna), 1)
	assert.Equal(t, "NPS +43", s.Ephemerals(anna)[0].Text)

	require.NoError(t, answer(t, api, text("shared"), slack.MsgOptionResponseURL(to, slack.ResponseTypeInChannel)))
	assert.Equal(t, "shared", s.Messages(support)[0].Text)
	require.NoError(t, answer(t, api, slack.MsgOptionDeleteOriginal(to)))
	assert.Empty(t, s.Ephemerals(anna))
	require.NoError(t, answer(t, api, text("fifth"), slack.MsgOptionResponseURL(to, "")))
	status(http.StatusNotFound)(t, answer(t, api, text("sixth"), slack.MsgOptionResponseURL(to, "")))
	assert.Equal(t, "expired_url", s.Calls()[5].Outcome)
}

func TestClicksAreAnswered(t *testing.T) {
	s, api := workspace(t, now(t))
	ts := post(t, api, "red", slack.MsgOptionBlocks(slack.NewActionBlock("b", button("followup_claim", "f1"))))
	req, err := s.ClickRequest(t.Context(), appURL, fakeslack.Click{User: anna, Channel: support, MessageTS: ts, ActionID: "followup_claim"})
	to := parse(t, req, err).ResponseURL
	require.NoError(t, answer(t, api, slack.MsgOptionText("claimed", false), slack.MsgOptionReplaceOriginal(to)))
	m, _ := s.Message(support, ts)
	assert.Equal(t, "claimed", m.Text)
	require.NoError(t, answer(t, api, slack.MsgOptionDeleteOriginal(to)))
	assert.Empty(t, s.Messages(support))
}

func TestAnswersAreRefused(t *testing.T) {
	c := newClock()
	s, api := workspace(t, fakeslack.Options{Now: c.Now})
	to := answerURL(s)
	long := slack.MsgOptionBlocks(section(strings.Repeat("x", 3001)))
	status(http.StatusNotFound)(t, answer(t, api, slack.MsgOptionText("x", false), long, slack.MsgOptionResponseURL(to, "")))
	assert.Equal(t, "invalid_blocks", s.Calls()[0].Outcome)
	status(http.StatusNotFound)(t, answer(t, api, slack.MsgOptionResponseURL(to, "")))
	assert.Equal(t, "no_text", s.Calls()[1].Outcome)
	status(http.StatusNotFound)(t, answer(t, api, slack.MsgOptionText("x", false), slack.MsgOptionResponseURL(to, "loudly")))
	c.advance(30*time.Minute + time.Second)
	status(http.StatusNotFound)(t, answer(t, api, slack.MsgOptionText("x", false), slack.MsgOptionResponseURL(to, "")))
	assert.Equal(t, "expired_url", s.Calls()[3].Outcome)
	status(http.StatusNotFound)(t, answer(t, api, slack.MsgOptionText("x", false), slack.MsgOptionResponseURL(s.Options().BaseURL+"/response/x", "")))

	s.Fail(fakeslack.Fault{Method: "response_url", Kind: fakeslack.Status(500)})
	status(500)(t, answer(t, api, slack.MsgOptionText("x", false), slack.MsgOptionResponseURL(answerURL(s), "")))
}

func TestDeleteOriginalWithMore(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	to := answerURL(s)
	text := func(v string) slack.MsgOption { return slack.MsgOptionText(v, false) }
	status(http.StatusNotFound)(t, answer(t, api, slack.MsgOptionDeleteOriginal(to)))
	assert.Equal(t, "message_not_found", s.Calls()[0].Outcome, "nothing was said yet")
	require.NoError(t, answer(t, api, text("one"), slack.MsgOptionResponseURL(to, "")))
	require.NoError(t, answer(t, api, text("two"), slack.MsgOptionDeleteOriginal(to)))
	require.Len(t, s.Ephemerals(anna), 1)
	assert.Equal(t, "two", s.Ephemerals(anna)[0].Text, "more than the wish to delete is shown in its place")
	status(http.StatusNotFound)(t, answer(t, api, slack.MsgOptionDeleteOriginal(to)))
}

func TestBodiesOfAnswersAreChecked(t *testing.T) {
	s, _ := workspace(t, fakeslack.Options{})
	for _, c := range []struct{ contentType, body, want string }{
		{"application/x-www-form-urlencoded", "text=x", "invalid_post_type"},
		{"", `{"text":"x"}`, "invalid_post_type"},
		{"application/json", `{"text":`, "invalid_json"},
		{"application/json", `{"text":"x","colour":"red"}`, "invalid_arg_name"},
		{"application/json", `{"text":"x","response_type":"in_channel","thread_ts":"1.2"}`, "cannot_reply_to_message"},
		{"application/json", `{"text":"x","metadata":{"event_type":"","event_payload":null},"blocks":null}`, "ok"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, answerURL(s), strings.NewReader(c.body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", c.contentType)
		res, err := s.Transport().RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, c.want, s.Calls()[len(s.Calls())-1].Outcome)
	}
}
