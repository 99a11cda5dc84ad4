package bot

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/slackapi"
	"smileybot/config"
)

// TestRefusalsHaveRemedies: each kind of refused request has a remedy of its own; only those that mean a
// wrong set-up are failures, and only what Slack signed is logged, once.
func TestRefusalsHaveRemedies(t *testing.T) {
	t.Parallel()
	const plain = "8f742231b10e8888abcd99yyyzzz85a5"
	for _, row := range []struct {
		at, reason, secret, remedy string
		failure, logged            bool
	}{
		{slackCommands, reasonForeign, plain, "install it in one workspace only", true, true},
		{slackCommands, reasonSecret, plain, "set SLACK_SIGNING_SECRET to the Signing Secret", true, false},
		{slackEvents, "proof", plain, "no recent signature", false, false},
		{slackOther, "address", plain, "/slack/commands, /slack/interactions and /slack/events", false, false},
		{slackCommands, "address", "", "turn on Socket Mode", false, false},
		{"zendesk", "address", plain, "set SMILEYBOT_ZENDESK_SECRETS and restart", false, false},
		{"feedback", "address", plain, "single slashes", false, false},
		{"/webhooks/", "address", plain, "the name of a sender that is on", false, false},
		{"feedback", "proof", plain, "SMILEYBOT_WEBHOOK_SECRETS", false, false},
		{"zendesk", "proof", plain, "one of SMILEYBOT_ZENDESK_SECRETS", false, false},
		{"feedback", "too_large", plain, "nothing to do", false, false},
	} {
		var log strings.Builder
		r := newRefusals(config.Config{SlackSigningSecret: config.NewSecret(row.secret)}, []string{"feedback", "zendesk"}, slog.New(slog.NewTextHandler(&log, nil)), time.Now)
		for range 3 {
			r.note(row.at, row.reason)
		}
		name := row.at + " " + row.reason
		list := r.list()
		require.Len(t, list, 1, name)
		assert.Equal(t, 3, list[0].Count, name)
		assert.Contains(t, list[0].Remedy, row.remedy, name)
		assert.Len(t, r.failures(), map[bool]int{true: 1}[row.failure], name)
		assert.Equal(t, map[bool]int{true: 1}[row.logged], strings.Count(log.String(), "\n"), name)
	}
}

// TestRefusalsPass: a proved request shows that the secret is right, and another workspace is forgotten.
func TestRefusalsPass(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := newRefusals(config.Config{}, nil, slog.New(slog.DiscardHandler), func() time.Time { return now })
	r.note(slackCommands, reasonSecret)
	r.note(slackCommands, reasonForeign)
	assert.Len(t, r.failures(), 2)
	r.noteProved()
	assert.Len(t, r.failures(), 1)
	now = now.Add(foreignShown)
	assert.Empty(t, r.failures())
	assert.Len(t, r.list(), 2, "they stay listed")
}

// TestNamesInAddresses: an unproved address is never repeated, only the name of a known sender.
func TestNamesInAddresses(t *testing.T) {
	t.Parallel()
	r := newRefusals(config.Config{}, []string{"feedback", "zendesk"}, slog.New(slog.DiscardHandler), time.Now)
	for path, want := range map[string]string{
		"/webhooks/zendesk": "zendesk", "/webhooks/zendesk/secret": "zendesk", "/webhooks/feedback": "feedback",
		"/webhooks/hunter2": "/webhooks/", "/webhooks": "/webhooks/",
	} {
		assert.Equal(t, want, r.nameIn(path), path)
	}
}

// TestFailureKeepsWhatRemediesNeed of a failure.
func TestFailureKeepsWhatRemediesNeed(t *testing.T) {
	t.Parallel()
	f := fault(slackapi.Failure{Method: slackapi.MethodOpenSocket, Channel: "C1", Reason: "x", Scope: "s", Count: 2})
	assert.True(t, f.Socket)
	assert.Equal(t, []any{"C1", "x", "s", 2}, []any{f.Channel, f.Reason, f.Scope, f.Count})
}

// TestOrgWideInstallIsLoggedOnce and shown until the app is installed in one workspace.
func TestOrgWideInstallIsLoggedOnce(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	b := &Bot{log: slog.New(slog.NewTextHandler(&log, nil)), clock: &clockWatch{clock: slackapi.New(slackapi.Options{}).Clock()}}
	for range 3 {
		b.onIdentity(slackapi.Workspace{ID: "E0ORG", OrgWide: true})
	}
	require.NotNil(t, b.orgWide.Load())
	assert.Contains(t, b.orgWide.Load().Remedy, "install the app in one workspace")
	assert.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
	b.onIdentity(slackapi.Workspace{ID: "T0TEAM"})
	assert.Nil(t, b.orgWide.Load())
}
