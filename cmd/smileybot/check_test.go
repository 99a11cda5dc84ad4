package main

import (
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/fakeslack"
)

// signingSecret has the shape of Slack's.
const signingSecret = "0123456789abcdef0123456789abcdef"

// workspace starts a stand-in for Slack and returns the settings for it.
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

func TestCheckPrintsEachResult(t *testing.T) {
	slack, settings := workspace(t)
	settings["SMILEYBOT_ZENDESK_SECRETS"] = "a-secret-of-" + canary
	settings["SMILEYBOT_TIMZONE"] = canary
	setenv(t, settings)
	done := call(t, "check", "--post")
	assert.Zero(t, done.status, done.stdout+done.stderr)
	assert.Equal(t, `ok    settings: language en, time zone Europe/Amsterdam, follow-ups due after 4h of office time (urgent 1h), 1 webhook secret and 0 tokens
warn  SMILEYBOT_TIMZONE: not a setting of smileybot, so nothing reads it; did you mean SMILEYBOT_TIMEZONE?
ok    holidays: none
ok    sender zendesk: on, with 1 secret
ok    SLACK_SIGNING_SECRET
ok    database `+settings["SMILEYBOT_DATABASE"]+`: 'smileybot serve' will create it
ok    free space: N MB in `+filepath.Dir(settings["SMILEYBOT_DATABASE"])+`
ok    slack token: @smileybot in workspace Fake Team
ok    slack scopes; Slack does not say which shortcuts the app has: if My follow-ups is missing, update the app from 'smileybot manifest'
ok    clock
ok    slack channel C0SUPPORT (SLACK_CHANNEL): #support
ok    slack channel C0CHAT (SMILEYBOT_ROUTES): #chat
ok    test message: posted in C0SUPPORT
ok    test message: read back, with its metadata
`, regexp.MustCompile(`space: \d+ MB`).ReplaceAllString(done.stdout, "space: N MB"))
	assert.Len(t, slack.Messages("C0SUPPORT"), 1)
}

// TestCheckFails checks that a failure is printed with its remedy, and sets the exit code.
func TestCheckFails(t *testing.T) {
	slack, settings := workspace(t)
	setenv(t, settings)
	slack.Leave("C0CHAT", slack.Options().BotUserID)
	done := call(t, "check", "--url", "http://127.0.0.1:1/")
	assert.Equal(t, exitFailed, done.status)
	assert.Contains(t, done.stdout, "FAIL  slack channel C0CHAT (SMILEYBOT_ROUTES): the bot is not in it; type /invite @smileybot in channel C0CHAT\n")
	assert.Contains(t, done.stdout, "FAIL  webhooks at http://127.0.0.1:1/webhooks/feedback: the connection is refused; start the proxy, or the bot")
	assert.Empty(t, done.stderr)
}

func TestCheckDatabaseFolder(t *testing.T) {
	_, settings := workspace(t)
	settings["SMILEYBOT_DATABASE"] = filepath.Join(t.TempDir(), "none", "smileybot.db")
	setenv(t, settings)
	done := call(t, "check")
	assert.Equal(t, exitUsage, done.status)
	assert.Contains(t, done.stderr, "SMILEYBOT_DATABASE: its folder does not exist; make the folder")
}

func TestCheckWrongURL(t *testing.T) {
	for _, wrong := range []string{"bot.example.org", "ftp://bot.example.org", "https://", "https://a:b@bot.example.org", "https://bot.example.org/?x"} {
		done := call(t, "check", "--url", wrong)
		assert.Equal(t, exitUsage, done.status, wrong)
		assert.Contains(t, done.stderr, "for example 'smileybot check --url https://bot.example.org'")
	}
}
