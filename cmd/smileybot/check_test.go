package main

import (
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

// signingSecret has the shape of Slack's.
const signingSecret = "0123456789abcdef0123456789abcdef"

// workspace is a stand-in for Slack over a socket, and the settings for it.
func workspace(t *testing.T) (*fakeslack.Server, map[string]string) {
	t.Helper()
	slack := fakeslack.New(fakeslack.Options{BotToken: "xoxb-" + canary, SigningSecret: signingSecret})
	bot := slack.Options().BotUserID
	slack.AddUser(fakeslack.User{ID: "U0BART", Name: "bart", RealName: "Bart"})
	slack.AddChannel(fakeslack.Channel{ID: "C0SUPPORT", Name: "support", Members: []string{bot, "U0BART"}})
	slack.AddChannel(fakeslack.Channel{ID: "C0CHAT", Name: "chat", Members: []string{bot}})
	server := httptest.NewServer(slack)
	t.Cleanup(server.Close)
	slack.SetBaseURL(server.URL)
	return slack, map[string]string{
		"SLACK_BOT_TOKEN":           "xoxb-" + canary,
		"SLACK_SIGNING_SECRET":      signingSecret,
		"SLACK_CHANNEL":             "C0SUPPORT",
		"SLACK_API_URL":             slack.APIURL(),
		"SMILEYBOT_ROUTES":          "chat=C0CHAT,panel=C0CHAT",
		"SMILEYBOT_WEBHOOK_SECRETS": testSecret,
		"SMILEYBOT_DATABASE":        filepath.Join(t.TempDir(), "smileybot.db"),
		"SMILEYBOT_LISTEN":          "127.0.0.1:0",
		"SMILEYBOT_ADMIN_LISTEN":    "127.0.0.1:0",
	}
}

func TestCheckAllWell(t *testing.T) {
	slack, settings := workspace(t)
	setenv(t, settings)
	done := call(t, "check", "--post")
	assert.Zero(t, done.status, done.stdout+done.stderr)
	assert.Equal(t, `ok    settings: language en, time zone Europe/Amsterdam, follow-ups due after 4h of office time (urgent 1h), 1 webhook secret and 0 tokens
ok    SLACK_SIGNING_SECRET
ok    database `+settings["SMILEYBOT_DATABASE"]+`: 'smileybot serve' will create it
ok    free space: N MB in `+filepath.Dir(settings["SMILEYBOT_DATABASE"])+`
ok    slack token: @smileybot in workspace Fake Team
ok    slack scopes
ok    clock
ok    slack channel C0SUPPORT (SLACK_CHANNEL): #support
ok    slack channel C0CHAT (SMILEYBOT_ROUTES): #chat
ok    test message: posted in C0SUPPORT
`, regexp.MustCompile(`space: \d+ MB`).ReplaceAllString(done.stdout, "space: N MB"))
	posted := slack.Messages("C0SUPPORT")
	require.Len(t, posted, 1)
	assert.Equal(t, "smileybot_notice", posted[0].Metadata.EventType)
	assert.NotEmpty(t, posted[0].Metadata.EventPayload["key"])
	assert.NoFileExists(t, settings["SMILEYBOT_DATABASE"])
}

func TestCheckPostsInDutch(t *testing.T) {
	slack, settings := workspace(t)
	settings["SMILEYBOT_LANGUAGE"] = "nl"
	setenv(t, settings)
	require.Zero(t, call(t, "check", "--post").status)
	require.Len(t, slack.Messages("C0SUPPORT"), 1)
	assert.Contains(t, slack.Messages("C0SUPPORT")[0].Text, "smileybot kan hier berichten plaatsen.")
}

func TestCheckTellsTheCure(t *testing.T) {
	for name, tc := range map[string]struct {
		harm func(*fakeslack.Server)
		line string
	}{
		"not a member": {
			func(s *fakeslack.Server) { s.Leave("C0CHAT", s.Options().BotUserID) },
			"FAIL  slack channel C0CHAT (SMILEYBOT_ROUTES): the bot is not in it; invite me with /invite @smileybot in that channel\n",
		},
		"archived": {
			func(s *fakeslack.Server) { s.Archive("C0CHAT", true) },
			"FAIL  slack channel C0CHAT (SMILEYBOT_ROUTES): it is archived; unarchive it, or set another channel\n",
		},
		"unknown": {
			func(s *fakeslack.Server) { s.RemoveChannel("C0CHAT") },
			"FAIL  slack channel C0CHAT (SMILEYBOT_ROUTES): channel_not_found; the bot cannot see channel C0CHAT: check the id, and type /invite @smileybot in it if it is private\n",
		},
		"scopes": {
			func(s *fakeslack.Server) {
				s.SetScopes("chat:write", "commands", "channels:read", "groups:read", "channels:history")
			},
			"FAIL  slack scopes: the token lacks groups:history, users:read; update the app from 'smileybot manifest' and install it again in Slack\n",
		},
		"token": {
			func(s *fakeslack.Server) { s.Fail(fakeslack.Fault{Kind: fakeslack.ErrorCode("token_revoked")}) },
			"FAIL  slack token: token_revoked; install the app in Slack again, set SLACK_BOT_TOKEN to its new Bot User OAuth Token and restart\n",
		},
		"rate limit": {
			func(s *fakeslack.Server) { s.Fail(fakeslack.Fault{Kind: fakeslack.RateLimited(7 * time.Second)}) },
			"FAIL  slack token: Slack asks to wait 7s; run 'smileybot check' again then\n",
		},
		"cut": {
			func(s *fakeslack.Server) { s.Fail(fakeslack.Fault{Kind: fakeslack.CutBefore()}) },
			"FAIL  slack token: EOF; is the way to the internet open, and SLACK_API_URL right?\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			slack, settings := workspace(t)
			setenv(t, settings)
			tc.harm(slack)
			done := call(t, "check")
			assert.Equal(t, 1, done.status)
			assert.Contains(t, done.stdout, tc.line)
			assert.Empty(t, done.stderr)
		})
	}
}

func TestCheckListsRefusedDeliveries(t *testing.T) {
	_, settings := workspace(t)
	setenv(t, settings)
	s, err := sqlite.Open(t.Context(), settings["SMILEYBOT_DATABASE"], storetest.Options(t))
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.RecordRejected(t.Context(), store.RejectedDelivery{
		Sender: "feedback", Status: 422, Detail: "score must be a whole number", ReceivedAt: time.Date(2026, 11, 20, 9, 31, 0, 0, time.UTC),
	}))
	done := call(t, "check")
	assert.Zero(t, done.status, done.stdout)
	assert.Contains(t, done.stdout, "ok    database "+settings["SMILEYBOT_DATABASE"]+"\n")
	assert.Contains(t, done.stdout, "      2026-11-20 10:31:00  feedback  422  score must be a whole number\n")
}

func TestCheckDatabaseFolder(t *testing.T) {
	_, settings := workspace(t)
	settings["SMILEYBOT_DATABASE"] = filepath.Join(t.TempDir(), "none", "smileybot.db")
	setenv(t, settings)
	done := call(t, "check")
	assert.Equal(t, 2, done.status)
	assert.Contains(t, done.stderr, "SMILEYBOT_DATABASE: its folder does not exist; make the folder")
}

func TestCheckClock(t *testing.T) {
	now := time.Date(2026, 11, 20, 10, 31, 0, 0, time.UTC)
	for date, failed := range map[string]bool{
		"": false, "Fri, 20 Nov 2026 10:30:01 GMT": false, "Fri, 20 Nov 2026 10:29:59 GMT": true, "Fri, 20 Nov 2026 10:32:01 GMT": true,
	} {
		r := &checklist{out: t.Output()}
		r.clock(map[string][]string{"Date": {date}}, now)
		assert.Equal(t, failed, r.failed, date)
	}
}
