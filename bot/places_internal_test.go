package bot

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/bot/message"
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
	w := newPlaceWatch(config.Config{SlackChannel: "C1", LeadChannel: "C1"}, nil, client, slog.New(slog.DiscardHandler))
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
		{"a scope is lacking, so Slack does not say", func() { s.SetScopes("chat:write") }, []string{"not_in_channel"}, "/invite @smileybot"},
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
			assert.Equal(t, found, w.failures(found), "named once")
		}
	}
}

// TestOneFaultOfAChannelIsNamedOnce: what a refused post and a look at the channel say in two ways is one
// fault, with one remedy.
func TestOneFaultOfAChannelIsNamedOnce(t *testing.T) {
	t.Parallel()
	remedy := func(reason string) string {
		return message.NewRenderer(message.Options{}).Remedy(message.Fault{Reason: reason, Channel: "C1"})
	}
	for _, row := range []struct{ refused, found, names string }{
		{"restricted_action", "is_frozen", "is_frozen"},
		{"restricted_action_read_only_channel", "is_read_only", "is_read_only"},
		{"restricted_action_thread_only_channel", "is_thread_only", "is_thread_only"},
		{"restricted_action", "is_ext_shared", ""},
	} {
		w := &placeWatch{found: []slackapi.Failure{{Channel: "C1", Reason: row.found, Remedy: remedy(row.found)}}}
		elsewhere := slackapi.Failure{Channel: "C2", Reason: row.refused, Remedy: remedy(row.refused)}
		all := w.failures([]slackapi.Failure{elsewhere, {Channel: "C1", Reason: row.refused, Remedy: remedy(row.refused)}})
		assert.Equal(t, elsewhere, all[0])
		if row.names == "" {
			assert.Len(t, all, 3, row.found)
			continue
		}
		assert.Equal(t, []slackapi.Failure{{Channel: "C1", Reason: row.refused, Remedy: remedy(row.names)}}, all[1:], row.found)
	}
}
