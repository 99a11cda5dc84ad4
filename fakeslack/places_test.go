package fakeslack_test

import (
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// TestStatesOfAChannel refuse a message or a reply with Slack's codes.
func TestStatesOfAChannel(t *testing.T) {
	for _, test := range []struct {
		state         fakeslack.Channel
		first, second string // the code for a message, and for a reply; empty when it is taken
	}{
		{fakeslack.Channel{}, "", ""},
		{fakeslack.Channel{Shared: true}, "", ""},
		{fakeslack.Channel{Archived: true}, "is_archived", "is_archived"},
		{fakeslack.Channel{ReadOnly: true}, "restricted_action_read_only_channel", "restricted_action_read_only_channel"},
		{fakeslack.Channel{ThreadOnly: true}, "restricted_action_thread_only_channel", ""},
		{fakeslack.Channel{Threadless: true}, "", "restricted_action_non_threadable_channel"},
		{fakeslack.Channel{Restricted: true}, "restricted_action", "restricted_action"},
		{fakeslack.Channel{Frozen: true}, "restricted_action", "restricted_action"},
	} {
		s := fakeslack.New(fakeslack.Options{})
		members := []string{s.Options().BotUserID}
		s.AddChannel(fakeslack.Channel{ID: "C1", Members: members})
		ts := s.PostAs("C1", "U1", "hello", "")
		test.state.ID, test.state.Members = "C1", members
		s.AddChannel(test.state)
		for thread, want := range map[string]string{"": test.first, ts: test.second} {
			_, _, err := client(s).PostMessageContext(t.Context(), "C1", slack.MsgOptionText("x", false), slack.MsgOptionTS(thread))
			if want == "" {
				require.NoError(t, err)
				continue
			}
			require.EqualError(t, err, want)
		}
	}
}

// TestMove: the former id is unknown from then on.
func TestMove(t *testing.T) {
	s := fakeslack.New(fakeslack.Options{})
	s.AddChannel(fakeslack.Channel{ID: "C1", Members: []string{s.Options().BotUserID}})
	ts := s.PostAs("C1", "U1", "hello", "")
	s.Move("C1", "C2")
	_, _, err := client(s).PostMessageContext(t.Context(), "C1", slack.MsgOptionText("x", false))
	require.EqualError(t, err, "channel_not_found")
	moved, found := s.Message("C2", ts)
	assert.True(t, found)
	assert.Equal(t, "C2", moved.Channel)
}

// TestHistoryQuota: a page is small, the next call too soon is refused, and the metadata are left out.
func TestHistoryQuota(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := fakeslack.New(fakeslack.Options{Now: func() time.Time { return now }})
	s.AddChannel(fakeslack.Channel{ID: "C1", Members: []string{s.Options().BotUserID}})
	_, _, err := client(s).PostMessageContext(t.Context(), "C1", slack.MsgOptionText("x", false),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "t", EventPayload: map[string]any{"k": "v"}}))
	require.NoError(t, err)
	for range 20 {
		s.PostAs("C1", "U1", "hello", "")
	}
	s.LimitHistory(15, time.Minute)
	read := func(cursor string) (*slack.GetConversationHistoryResponse, error) {
		return client(s).GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{
			ChannelID: "C1", Limit: 999, Cursor: cursor, IncludeAllMetadata: true,
		})
	}
	first, err := read("")
	require.NoError(t, err)
	assert.Len(t, first.Messages, 15)
	now = now.Add(40 * time.Second)
	_, err = read(first.ResponseMetaData.NextCursor)
	var limited *slack.RateLimitedError
	require.ErrorAs(t, err, &limited)
	assert.Equal(t, 20*time.Second, limited.RetryAfter)
	now = now.Add(20 * time.Second)
	s.ShowMetadata(fakeslack.ShownType)
	rest, err := read(first.ResponseMetaData.NextCursor)
	require.NoError(t, err)
	require.Len(t, rest.Messages, 6)
	assert.Equal(t, "t", rest.Messages[5].Metadata.EventType)
	assert.Empty(t, rest.Messages[5].Metadata.EventPayload)
}
