package slackapi_test

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"

	"smileybot/bot/slackapi"
)

func TestTroubles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		channel slackapi.Channel
		want    []string
	}{
		{"as it should be", slackapi.Channel{IsMember: true}, nil},
		{"a direct message", slackapi.Channel{IsDirect: true}, nil},
		{"archived", slackapi.Channel{IsArchived: true}, []string{"is_archived"}},
		{"not in it", slackapi.Channel{}, []string{"not_in_channel"}},
		{"shared", slackapi.Channel{IsMember: true, IsShared: true}, []string{"is_ext_shared"}},
		{"about to be shared", slackapi.Channel{IsMember: true, IsPendingShared: true}, []string{"is_ext_shared"}},
		{"several", slackapi.Channel{IsMember: true, IsReadOnly: true, IsThreadOnly: true, IsFrozen: true}, []string{"is_frozen", "is_read_only", "is_thread_only"}},
	} {
		assert.Equal(t, test.want, test.channel.Troubles(), test.name)
	}
}

// TestPerhapsDone: only a code that names what is wrong says that nothing was done.
func TestPerhapsDone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code string
		want bool
	}{
		{"ratelimited", true},
		{"rate_limited", true},
		{"message_limit_exceeded", true},
		{"internal_error", true},
		{"fatal_error", true},
		{"unheard_of", true},
		{"channel_not_found", false},
		{"not_in_channel", false},
		{"is_archived", false},
		{"restricted_action", false},
		{"restricted_action_thread_locked", false},
		{"no_permission", false},
		{"invalid_auth", false},
		{"missing_scope", false},
		{"invalid_blocks", false},
		{"cannot_reply_to_message", false},
	} {
		assert.Equal(t, test.want, slackapi.Classify(slack.SlackErrorResponse{Err: test.code}).PerhapsDone(), test.code)
	}
	assert.True(t, slackapi.Classify(&slack.RateLimitedError{}).PerhapsDone(), "429")
	assert.False(t, slackapi.Classify(nil).PerhapsDone(), "done")
}

// TestWrote: a message is the bot's own by its bot id, or by its user where it has none.
func TestWrote(t *testing.T) {
	t.Parallel()
	own := slackapi.Workspace{BotID: "B1", UserID: "U1"}
	for _, test := range []struct {
		name         string
		m            slack.Msg
		wrote, known bool
	}{
		{"the bot's", slack.Msg{BotID: "B1", User: "U2"}, true, true},
		{"another bot's", slack.Msg{BotID: "B2", User: "U1"}, false, true},
		{"the bot's user's", slack.Msg{User: "U1"}, true, true},
		{"a person's", slack.Msg{User: "U2"}, false, true},
		{"no writer", slack.Msg{}, false, false},
	} {
		wrote, known := own.Wrote(slack.Message{Msg: test.m})
		assert.Equal(t, []bool{test.wrote, test.known}, []bool{wrote, known}, test.name)
	}
}
