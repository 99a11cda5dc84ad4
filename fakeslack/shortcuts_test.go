package fakeslack_test

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// TestShortcutsHaveSlacksFormat checks both payloads with slack-go, and what only one of them has
// (docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload).
func TestShortcutsHaveSlacksFormat(t *testing.T) {
	s, api := workspace(t, now(t))
	ts := post(t, api, "of a message")
	for _, c := range []struct {
		use     fakeslack.Shortcut
		kind    slack.InteractionType
		message string
	}{
		{fakeslack.Shortcut{User: anna, CallbackID: "find"}, slack.InteractionTypeShortcut, ""},
		{fakeslack.Shortcut{User: anna, CallbackID: "snooze", Channel: support, MessageTS: ts}, slack.InteractionTypeMessageAction, "of a message"},
	} {
		request, err := s.ShortcutRequest(t.Context(), appURL, c.use)
		require.NoError(t, err)
		form, err := url.ParseQuery(string(proven(t, request)))
		require.NoError(t, err)
		var got slack.InteractionCallback
		require.NoError(t, json.Unmarshal([]byte(form.Get("payload")), &got))
		assert.Equal(t, c.kind, got.Type)
		assert.Equal(t, []string{anna, c.use.CallbackID, c.message, c.use.MessageTS, c.use.Channel}, []string{got.User.ID, got.CallbackID, got.Message.Text, got.MessageTs, got.Channel.ID})
		assert.Equal(t, c.message == "", got.ResponseURL == "", "only a message has an address for answers")
		assert.NotEmpty(t, got.TriggerID)
		assert.NotEmpty(t, got.ActionTs)
	}
	_, err := s.ShortcutPayload(fakeslack.Shortcut{User: anna, CallbackID: "snooze", Channel: support, MessageTS: "1.2"})
	assert.ErrorContains(t, err, "no message 1.2")
}

// TestPlainTextIsInThePeoplesLanguage checks Slack's own words and dates.
func TestPlainTextIsInThePeoplesLanguage(t *testing.T) {
	c := newClock()
	for _, test := range []struct{ language, today, long, edited string }{
		{"", "today", "Friday, November 20, 2026", "(edited)"},
		{"nl", "vandaag", "vrijdag 20 november 2026", "(bewerkt)"},
	} {
		s, api := workspace(t, fakeslack.Options{Language: test.language, Now: c.Now})
		ts := post(t, api, "x")
		_, _, _, err := api.UpdateMessageContext(t.Context(), support, ts, slack.MsgOptionText("<!date^1795170660^{date_pretty} {date_long}|x>", false))
		require.NoError(t, err)
		assert.Equal(t, int64(1795170660), c.Now().Truncate(time.Minute).Unix(), "the clock's day")
		text := s.Text(support)
		for _, words := range []string{test.today, test.long, test.edited} {
			assert.Contains(t, text, words)
		}
	}
}
