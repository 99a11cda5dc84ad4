package fakeslack_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

func TestUpdateKeepsWhatItLeavesOut(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	meta := slack.SlackMetadata{EventType: "smileybot_feedback", EventPayload: map[string]any{"feedback_id": "f1", "revision": 1}}
	ts := post(t, api, "Red from Jan", slack.MsgOptionBlocks(section("*red*")), slack.MsgOptionMetadata(meta))
	assert.Equal(t, "1795170660.000000", ts)
	second := post(t, api, "Green from Piet")
	assert.Greater(t, second, ts, "timestamps rise although the clock does not move")

	_, _, _, err := api.UpdateMessageContext(t.Context(), support, ts, slack.MsgOptionText("Red, explained", false))
	require.NoError(t, err)

	all := s.Messages(support)
	require.Len(t, all, 2)
	m := all[0]
	assert.Equal(t, "Red, explained", m.Text)
	assert.Contains(t, string(m.Blocks), "*red*", "blocks left out stay")
	assert.True(t, m.Edited)
	assert.Equal(t, "smileybot_feedback", m.Metadata.EventType, "metadata left out stays")
	assert.Equal(t, map[string]any{"feedback_id": "f1", "revision": 1.0}, m.Metadata.EventPayload)
	require.Len(t, m.Revisions, 2)
	assert.Equal(t, "Red from Jan", m.Revisions[0].Text)

	_, _, _, err = api.UpdateMessageContext(t.Context(), support, ts, slack.MsgOptionText("plain", false), slack.MsgOptionBlocks())
	require.NoError(t, err)
	m, _ = s.Message(support, ts)
	assert.Nil(t, m.Blocks, "an empty list takes the blocks away")
}

func TestEveryBlockGetsAnID(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	post(t, api, "x", slack.MsgOptionBlocks(section("a"), slack.NewActionBlock("mine", button("a", "1"))))
	assert.Regexp(t, `"block_id":"b[0-9A-Z]+".*"block_id":"mine"`, string(s.Messages(support)[0].Blocks))
}

func TestDeletedMessagesAreGone(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	ts := post(t, api, "x")
	_, _, err := api.DeleteMessageContext(t.Context(), support, ts)
	require.NoError(t, err)
	assert.Empty(t, s.Messages(support))
	_, _, err = api.DeleteMessageContext(t.Context(), support, ts)
	assert.Equal(t, "message_not_found", refusal(t, err).Err)
	m, ok := s.Message(support, ts)
	assert.True(t, ok && m.Deleted, "it is remembered")
}

func TestPostsAreRefused(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	s.AddChannel(fakeslack.Channel{ID: "CPUBLIC", Name: "other"})
	s.AddChannel(fakeslack.Channel{ID: "CSECRET", Name: "secret", Private: true})
	s.AddChannel(fakeslack.Channel{ID: "COLD", Name: "old", Archived: true, Members: []string{bot}})
	text := slack.MsgOptionText("x", false)
	for _, c := range []struct {
		name, channel, want string
		options             []slack.MsgOption
	}{
		{"unknown channel", "CNONE", "channel_not_found", []slack.MsgOption{text}},
		{"private channel of others", "CSECRET", "channel_not_found", []slack.MsgOption{text}},
		{"not a member", "CPUBLIC", "not_in_channel", []slack.MsgOption{text}},
		{"archived", "COLD", "is_archived", []slack.MsgOption{text}},
		{"nothing to show", support, "no_text", nil},
		{"no blocks and no text", support, "no_text", []slack.MsgOption{slack.MsgOptionBlocks()}},
		{"unknown thread", support, "cannot_reply_to_message", []slack.MsgOption{text, slack.MsgOptionTS("1.2")}},
		{
			"long block", support, "invalid_blocks",
			[]slack.MsgOption{text, slack.MsgOptionBlocks(section(strings.Repeat("x", 3001)))},
		},
		{
			"too much text", support, "msg_blocks_too_long",
			[]slack.MsgOption{text, slack.MsgOptionBlocks(
				section(strings.Repeat("x", 3000)), section(strings.Repeat("x", 3000)),
				section(strings.Repeat("x", 3000)), section(strings.Repeat("x", 2001)),
			)},
		},
		{
			"metadata without type", support, "invalid_metadata_format",
			[]slack.MsgOption{text, slack.MsgOptionMetadata(slack.SlackMetadata{EventPayload: map[string]any{}})},
		},
		{
			"metadata with depth", support, "invalid_metadata_format",
			[]slack.MsgOption{text, slack.MsgOptionMetadata(slack.SlackMetadata{
				EventType: "x", EventPayload: map[string]any{"deep": map[string]any{"a": 1}},
			})},
		},
		{"attachments", support, "invalid_arguments", []slack.MsgOption{text, slack.MsgOptionAttachments(slack.Attachment{Text: "x"})}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := api.PostMessageContext(t.Context(), c.channel, c.options...)
			assert.Equal(t, c.want, refusal(t, err).Err)
		})
	}
	assert.Empty(t, s.Messages(support))
}

func TestRefusalHasSlacksFormat(t *testing.T) {
	_, api := workspace(t, fakeslack.Options{})
	_, _, err := api.PostMessageContext(t.Context(), support, slack.MsgOptionBlocks(section(strings.Repeat("x", 3001))))
	got := refusal(t, err)
	const want = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
	require.Len(t, got.Errors, 1)
	assert.Equal(t, want, *got.Errors[0].Message)
	assert.Equal(t, []string{"[ERROR] " + want}, got.ResponseMetadata.Messages)
}

func TestUpdatesAreRefused(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	ours, theirs := post(t, api, "x"), s.PostAs(support, anna, "hello", "")
	for _, c := range []struct{ name, ts, text, want string }{
		{"unknown", "1.000001", "y", "message_not_found"},
		{"another user's", theirs, "y", "cant_update_message"},
		{"too many bytes", ours, strings.Repeat("é", 2001), "msg_too_long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, _, err := api.UpdateMessageContext(t.Context(), support, c.ts, slack.MsgOptionText(c.text, false))
			assert.Equal(t, c.want, refusal(t, err).Err)
		})
	}
	_, _, _, err := api.UpdateMessageContext(t.Context(), support, ours, slack.MsgOptionText(strings.Repeat("é", 2000), false))
	require.NoError(t, err, "4,000 bytes fit")
	s.Archive(support, true)
	_, _, _, err = api.UpdateMessageContext(t.Context(), support, ours, slack.MsgOptionText("y", false))
	assert.Equal(t, "is_inactive", refusal(t, err).Err)
}

func TestLongTextIsCutWithAWarning(t *testing.T) {
	s, _ := workspace(t, fakeslack.Options{})
	body := call(t, s, "chat.postMessage", url.Values{"channel": {support}, "text": {strings.Repeat("x", 40_001)}})
	assert.Contains(t, body, `"warning":"message_truncated"`)
	assert.Len(t, s.Messages(support)[0].Text, 40_000)
}

func TestRepliesJoinTheirThread(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	root := post(t, api, "root")
	reply := post(t, api, "reply", slack.MsgOptionTS(root))
	loud := post(t, api, "loud", slack.MsgOptionTS(root), slack.MsgOptionBroadcast())
	require.Len(t, s.Thread(support, root), 2)
	assert.Equal(t, reply, s.Thread(support, root)[0].TS)

	_, _, err := api.PostMessageContext(t.Context(), support, slack.MsgOptionText("x", false), slack.MsgOptionTS(reply))
	assert.Equal(t, "cannot_reply_to_message", refusal(t, err).Err)

	h, err := api.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: support})
	require.NoError(t, err)
	require.Len(t, h.Messages, 2, "replies are no part of the history, broadcast ones are")
	assert.Equal(t, loud, h.Messages[0].Timestamp)
	assert.Equal(t, "thread_broadcast", h.Messages[0].SubType)
	assert.Equal(t, 2, h.Messages[1].ReplyCount)
}

func TestEphemeralMessagesHaveOneReader(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	_, err := api.PostEphemeralContext(t.Context(), support, anna, slack.MsgOptionText("only you", false))
	require.NoError(t, err)
	assert.Empty(t, s.Messages(support))
	require.Len(t, s.Ephemerals(anna), 1)
	assert.Equal(t, "only you", s.Ephemerals(anna)[0].Text)
	_, err = api.PostEphemeralContext(t.Context(), support, guest, slack.MsgOptionText("x", false))
	assert.Equal(t, "user_not_in_channel", refusal(t, err).Err)
}

func TestPostsTooSoonAreRateLimited(t *testing.T) {
	c := newClock()
	s, api := workspace(t, fakeslack.Options{Now: c.Now, PostInterval: time.Second})
	post(t, api, "one")
	c.advance(999 * time.Millisecond)
	_, _, err := api.PostMessageContext(t.Context(), support, slack.MsgOptionText("two", false))
	var limited *slack.RateLimitedError
	require.ErrorAs(t, err, &limited)
	assert.Equal(t, time.Second, limited.RetryAfter)
	c.advance(time.Millisecond)
	post(t, api, "three")

	calls := s.Calls()
	require.Len(t, calls, 3)
	assert.Equal(t, "ratelimited", calls[1].Outcome)
	assert.Equal(t, support, calls[1].Channel)
	assert.NotContains(t, calls[1].Args, "token")
}

func TestPermalinkNamesTheMessage(t *testing.T) {
	_, api := workspace(t, fakeslack.Options{})
	ts := post(t, api, "x")
	link, err := api.GetPermalinkContext(t.Context(), &slack.PermalinkParameters{Channel: support, Ts: ts})
	require.NoError(t, err)
	assert.Equal(t, "https://fakeslack.slack.com/archives/C0SUPPORT/p1795170660000000", link)
}

// call sends a form as another client would and returns the body of the response.
func call(t *testing.T, s *fakeslack.Server, method string, form url.Values) string {
	t.Helper()
	form.Set("token", "xoxb-fake")
	return send(t, s, method, "application/x-www-form-urlencoded", form.Encode(), "")
}

func send(t *testing.T, s *fakeslack.Server, method, contentType, body, token string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.APIURL()+method, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", contentType)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := s.Transport().RoundTrip(req)
	require.NoError(t, err)
	defer res.Body.Close()
	return read(t, res.Body)
}
