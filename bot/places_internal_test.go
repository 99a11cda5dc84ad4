package bot

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/bot/slackapi"
	"smileybot/config"
	"smileybot/fakeslack"
)

// TestOddChannelsAreNamed: each channel of the settings that is not fit for customers' words is named
// with its remedy, until it is.
func TestOddChannelsAreNamed(t *testing.T) {
	t.Parallel()
	s := fakeslack.New(fakeslack.Options{})
	bot := []string{s.Options().BotUserID}
	client := slackapi.New(slackapi.Options{Token: s.Options().BotToken, URL: s.APIURL(), Transport: s.Transport()})
	w := newPlaceWatch(config.Config{SlackChannel: "C1", LeadChannel: "C1"}, client, nil, slog.New(slog.DiscardHandler))
	for _, test := range []struct {
		name     string
		change   func()
		reasons  []string
		mentions string
	}{
		{"gone", func() {}, []string{"channel_not_found"}, "cannot see channel C1"},
		{"well", func() { s.AddChannel(fakeslack.Channel{ID: "C1", Members: bot}) }, nil, ""},
		{"archived", func() { s.Archive("C1", true) }, []string{"is_archived"}, "unarchive channel C1"},
		{"shared and read-only", func() {
			s.AddChannel(fakeslack.Channel{ID: "C1", Members: bot, Shared: true, ReadOnly: true})
		}, []string{"is_ext_shared", "is_read_only"}, "another company can read channel C1"},
		{"Slack does not answer", func() { s.Fail(fakeslack.Fault{Kind: fakeslack.Status(503)}) }, []string{"is_ext_shared", "is_read_only"}, "another company"},
		{"the bot is not in it", func() { s.AddChannel(fakeslack.Channel{ID: "C1"}) }, []string{"not_in_channel"}, "/invite @smileybot"},
		{"no scope", func() { s.SetScopes("chat:write") }, []string{"missing_scope"}, "smileybot manifest"},
		{"well again", func() {
			s.SetScopes(fakeslack.DefaultScopes()...)
			s.Join("C1", bot[0])
		}, nil, ""},
	} {
		test.change()
		w.look(t.Context())
		var reasons []string
		found := w.failures(nil)
		for _, f := range found {
			reasons = append(reasons, f.Reason)
		}
		assert.Equal(t, test.reasons, reasons, test.name)
		if len(found) > 0 {
			assert.Contains(t, found[0].Remedy, test.mentions, test.name)
			assert.Empty(t, w.failures([]slackapi.Failure{{Channel: "C1", Reason: found[0].Reason}, {Channel: "C1", Reason: "is_read_only"}}), "said already")
		}
	}
}

// TestChannelsLeftBehindAreNamed: those that the settings name no more, and in which the bot cannot edit what
// it posted.
func TestChannelsLeftBehindAreNamed(t *testing.T) {
	t.Parallel()
	s := fakeslack.New(fakeslack.Options{})
	bot := []string{s.Options().BotUserID}
	client := slackapi.New(slackapi.Options{Token: s.Options().BotToken, URL: s.APIURL(), Transport: s.Transport()})
	counted := func(context.Context) (map[string]int, error) {
		return map[string]int{"C1": 1, "C2": 2, "C3": 3, "C4": 4, "C5": 5}, nil
	}
	w := newPlaceWatch(config.Config{SlackChannel: "C1", LeadChannel: "C1"}, client, counted, slog.New(slog.DiscardHandler))
	for _, id := range []string{"C1", "C2", "C3", "C4"} {
		s.AddChannel(fakeslack.Channel{ID: id, Members: bot, Frozen: id == "C4"})
	}
	s.Archive("C1", true)
	s.Archive("C3", true)
	w.lookBack(t.Context())
	found := w.leftBehind()
	var named []any
	for _, l := range found {
		named = append(named, l.Channel, l.Messages, l.Reason)
		assert.Contains(t, l.Remedy, "channel "+l.Channel)
	}
	assert.Equal(t, []any{"C3", 3, "is_archived", "C4", 4, "is_frozen", "C5", 5, "channel_not_found"}, named)
	assert.Empty(t, client.Failures(), "nothing has to be done")
	s.Fail(fakeslack.Fault{Kind: fakeslack.Status(503), Times: -1})
	w.lookBack(t.Context())
	assert.Empty(t, w.leftBehind(), "while Slack does not say")
}
