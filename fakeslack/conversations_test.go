package fakeslack_test

import (
	"net/url"
	"strconv"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

func TestHistoryIsPaged(t *testing.T) {
	_, api := workspace(t, fakeslack.Options{PageSize: 2})
	var posted []string
	for i := range 5 {
		posted = append(posted, post(t, api, "x", slack.MsgOptionMetadata(slack.SlackMetadata{
			EventType: "smileybot_feedback", EventPayload: map[string]any{"feedback_id": strconv.Itoa(i)},
		})))
	}
	p := &slack.GetConversationHistoryParameters{ChannelID: support, Limit: 200, IncludeAllMetadata: true, Oldest: posted[0]}
	var seen []string
	pages := 0
	for ; ; pages++ {
		h, err := api.GetConversationHistoryContext(t.Context(), p)
		require.NoError(t, err)
		for _, m := range h.Messages {
			seen = append(seen, m.Metadata.EventPayload["feedback_id"].(string))
		}
		if !h.HasMore {
			break
		}
		p.Cursor = h.ResponseMetaData.NextCursor
	}
	assert.Equal(t, []string{"4", "3", "2", "1"}, seen, "newest first, the oldest end excluded")
	assert.Equal(t, 1, pages)
}

func TestHistoryIsBoundedByTime(t *testing.T) {
	_, api := workspace(t, fakeslack.Options{})
	a, b := post(t, api, "a"), post(t, api, "b")
	for _, c := range []struct {
		name string
		p    slack.GetConversationHistoryParameters
		want int
	}{
		{"all", slack.GetConversationHistoryParameters{}, 2},
		{"after a", slack.GetConversationHistoryParameters{Oldest: a}, 1},
		{"from a", slack.GetConversationHistoryParameters{Oldest: a, Inclusive: true}, 2},
		{"before b", slack.GetConversationHistoryParameters{Latest: b}, 1},
		{"only b", slack.GetConversationHistoryParameters{Oldest: b, Latest: b, Inclusive: true}, 1},
		{"whole seconds", slack.GetConversationHistoryParameters{Oldest: "1795170660", Inclusive: true}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.p.ChannelID = support
			h, err := api.GetConversationHistoryContext(t.Context(), &c.p)
			require.NoError(t, err)
			assert.Len(t, h.Messages, c.want)
		})
	}
	for _, c := range []struct {
		want string
		p    slack.GetConversationHistoryParameters
	}{
		{"invalid_ts_oldest", slack.GetConversationHistoryParameters{Oldest: "yesterday"}},
		{"invalid_ts_latest", slack.GetConversationHistoryParameters{Latest: "1.23456789"}},
		{"invalid_cursor", slack.GetConversationHistoryParameters{Cursor: "x"}},
		{"invalid_limit", slack.GetConversationHistoryParameters{Limit: -1}},
		{"channel_not_found", slack.GetConversationHistoryParameters{}},
	} {
		c.p.ChannelID = support
		if c.want == "channel_not_found" {
			c.p.ChannelID = "CNONE"
		}
		_, err := api.GetConversationHistoryContext(t.Context(), &c.p)
		assert.Equal(t, c.want, refusal(t, err).Err)
	}
}

func TestCursorsAreChecked(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	post(t, api, "a")
	for _, c := range []struct{ name, cursor, want string }{
		{"of a deleted message", "bmV4dDoxLjAwMDAwMQ==", `"messages":[]`},
		{"of another format", "bm9uZQ==", `"invalid_cursor"`},
		{"not in base64", "next:1", `"invalid_cursor"`},
	} {
		assert.Contains(t, call(t, s, "conversations.history", url.Values{"channel": {support}, "cursor": {c.cursor}}), c.want, c.name)
	}
}

func TestHistoryShowsMetadataOnlyWhenAsked(t *testing.T) {
	_, api := workspace(t, fakeslack.Options{})
	post(t, api, "x", slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "e", EventPayload: map[string]any{"a": 1}}))
	h, err := api.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: support})
	require.NoError(t, err)
	assert.Equal(t, "e", h.Messages[0].Metadata.EventType)
	assert.Empty(t, h.Messages[0].Metadata.EventPayload)
}

func TestHistoryNeedsMembership(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	s.Leave(support, bot)
	_, err := api.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: support})
	assert.Equal(t, "not_in_channel", refusal(t, err).Err)
	s.Join(support, bot)
	_, err = api.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: support})
	require.NoError(t, err)
}

func TestRepliesListTheThread(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{PageSize: 2})
	root := post(t, api, "root")
	reply := post(t, api, "one", slack.MsgOptionTS(root))
	post(t, api, "two", slack.MsgOptionTS(root))
	p := &slack.GetConversationRepliesParameters{ChannelID: support, Timestamp: root}
	first, more, cursor, err := api.GetConversationRepliesContext(t.Context(), p)
	require.NoError(t, err)
	assert.True(t, more)
	assert.Equal(t, []string{"root", "one"}, []string{first[0].Text, first[1].Text})
	p.Cursor = cursor
	rest, more, _, err := api.GetConversationRepliesContext(t.Context(), p)
	require.NoError(t, err)
	assert.False(t, more)
	assert.Equal(t, "two", rest[0].Text)

	p = &slack.GetConversationRepliesParameters{ChannelID: support, Timestamp: "1.000001"}
	_, _, _, err = api.GetConversationRepliesContext(t.Context(), p)
	assert.Equal(t, "thread_not_found", refusal(t, err).Err)

	assert.True(t, s.Delete(support, root))
	p.Timestamp = root
	left, _, _, err := api.GetConversationRepliesContext(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, "tombstone", left[0].SubType, "a deleted first message leaves a tombstone while it has replies")
	assert.Equal(t, reply, left[1].Timestamp)
}

func TestInfoDescribesChannelsAndPeople(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{PageSize: 1})
	info, err := api.GetConversationInfoContext(t.Context(), &slack.GetConversationInfoInput{ChannelID: support})
	require.NoError(t, err)
	assert.Equal(t, "support", info.Name)
	assert.True(t, info.IsMember)

	first, cursor, err := api.GetUsersInConversationContext(t.Context(), &slack.GetUsersInConversationParameters{ChannelID: support})
	require.NoError(t, err)
	assert.Equal(t, []string{bot}, first)
	second, cursor, err := api.GetUsersInConversationContext(t.Context(), &slack.GetUsersInConversationParameters{ChannelID: support, Cursor: cursor})
	require.NoError(t, err)
	assert.Equal(t, []string{anna}, second)
	assert.Empty(t, cursor)

	u, err := api.GetUserInfoContext(t.Context(), guest)
	require.NoError(t, err)
	assert.True(t, u.IsRestricted && u.IsUltraRestricted)
	u, err = api.GetUserInfoContext(t.Context(), anna)
	require.NoError(t, err)
	assert.Equal(t, "anna@example.net", u.Profile.Email)
	_, err = api.GetUserInfoContext(t.Context(), "UNONE")
	assert.Equal(t, "user_not_found", refusal(t, err).Err)

	s.RemoveChannel(support)
	_, err = api.GetConversationInfoContext(t.Context(), &slack.GetConversationInfoInput{ChannelID: support})
	assert.Equal(t, "channel_not_found", refusal(t, err).Err)
}
