package config_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/config"
	"smileybot/feedback"
	"smileybot/feedback/office"
)

// Secrets in these tests hold this word, so that a leak is found.
const canary = "c4n4ry"

const (
	botToken      = "xoxb-" + canary
	signingSecret = canary + "-signing"
	appToken      = "xapp-1-" + canary
	webhookSecret = "whsec_" + canary + "AAAAAAAAAAAAAAAAAA" // 18 bytes
	webhookToken  = canary + "-0123456789"
)

// least is the smallest complete environment.
func least() map[string]string {
	return map[string]string{
		"SLACK_BOT_TOKEN":           botToken,
		"SLACK_SIGNING_SECRET":      signingSecret,
		"SLACK_CHANNEL":             "C0SUPPORT",
		"SMILEYBOT_WEBHOOK_SECRETS": webhookSecret,
	}
}

// with is the smallest environment and these variables; "" unsets one.
func with(variables map[string]string) map[string]string {
	all := least()
	maps.Copy(all, variables)
	return all
}

// senders are ready-made senders of each sort.
func senders() []config.Sender {
	return []config.Sender{
		{Name: "helpscout", MinSecret: 8},
		{Name: "zendesk", MinSecret: 8},
		{Name: "formbricks", WebhookSecrets: true, QuestionsMeaning: "which question is what"},
		{Name: "typeform", MinSecret: 8, QuestionsMeaning: "the same for Typeform"},
		{Name: "trustpilot", InPath: true},
	}
}

// load reads the settings of the environment.
func load(need config.Need, checks ...func(config.Config) config.Mistakes) (config.Config, error) {
	return config.Load(need, senders(), checks...)
}

// setenv makes these variables the only settings of the process.
func setenv(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, s := range config.Describe(senders()) {
		t.Setenv(s.Name, "")
		t.Setenv(s.Name+"_FILE", "")
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

// write puts the text into a file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "setting")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func reveal(secrets []config.Secret) []string {
	var texts []string
	for _, s := range secrets {
		texts = append(texts, s.Reveal())
	}
	return texts
}

func TestLoadDefaults(t *testing.T) {
	setenv(t, least())
	c, err := load(config.All)
	require.NoError(t, err)

	assert.Equal(t, botToken, c.SlackBotToken.Reveal())
	assert.Equal(t, signingSecret, c.SlackSigningSecret.Reveal())
	assert.Empty(t, c.SlackAppToken.Reveal())
	assert.Equal(t, "C0SUPPORT", c.SlackChannel)
	assert.Equal(t, "https://slack.com/api/", c.SlackAPIURL)
	assert.Equal(t, ":8080", c.Listen)
	assert.Equal(t, "127.0.0.1:9090", c.AdminListen)
	assert.Equal(t, "smileybot.db", c.Database.Reveal())
	assert.Equal(t, []string{webhookSecret}, reveal(c.WebhookSecrets))
	assert.Empty(t, c.WebhookTokens)
	assert.Empty(t, c.Routes)
	assert.Equal(t, "C0SUPPORT", c.LeadChannel)
	assert.Equal(t, "Europe/Amsterdam", c.Location.String())
	assert.Equal(t, "en", c.Language)
	assert.Equal(t, 4*time.Hour, c.FollowUpDue)
	assert.Equal(t, time.Hour, c.FollowUpDueUrgent)
	assert.Zero(t, c.Retention)

	opened := time.Date(2026, 11, 20, 16, 0, 0, 0, c.Location) // a Friday
	assert.Equal(t, time.Date(2026, 11, 23, 12, 0, 0, 0, c.Location), c.OfficeHours.Add(opened, c.FollowUpDue))
}

func TestLoadEverySetting(t *testing.T) {
	setenv(t, map[string]string{
		"SLACK_BOT_TOKEN":               " " + botToken + " ",
		"SLACK_SIGNING_SECRET_FILE":     write(t, signingSecret+"\r\n"),
		"SLACK_APP_TOKEN_FILE":          write(t, appToken+"\n"),
		"SLACK_CHANNEL":                 "G0SUPPORT",
		"SLACK_API_URL":                 "http://127.0.0.1:4000/slack/api",
		"SMILEYBOT_LISTEN":              "[::1]:0",
		"SMILEYBOT_ADMIN_LISTEN":        "localhost:9999",
		"SMILEYBOT_DATABASE":            "/tmp/ratings?.db",
		"SMILEYBOT_WEBHOOK_SECRETS":     webhookSecret + " , whsec_MDEyMzQ1Njc4OWFiY2RlZg==,",
		"SMILEYBOT_WEBHOOK_TOKENS_FILE": write(t, webhookToken+", another-0123456789\n"),
		"SMILEYBOT_PUBLIC_URL":          "https://bot.example.org:8443/",
		"SMILEYBOT_ROUTES":              "chat=C0CHAT, panel = D0nps ,",
		"SMILEYBOT_LEAD_CHANNEL":        "C0LEADS",
		"SMILEYBOT_TIMEZONE":            "America/New_York",
		"SMILEYBOT_LANGUAGE":            "EN",
		"SMILEYBOT_GREEN":               "Digest",
		"SMILEYBOT_OFFICE_HOURS":        "Mon-Thu 08:30-12:00; Mon-Thu 13:00-17:00; Fri 09:00-12:00",
		"SMILEYBOT_HOLIDAYS":            "nl, +2026-11-23, -2026-12-25",
		"SMILEYBOT_FOLLOWUP_DUE":        "1h30m",
		"SMILEYBOT_FOLLOWUP_DUE_URGENT": "10m",
		"SMILEYBOT_OUT_URL":             "https://tickets.example.org/hooks/smileybot?team=1",
		"SMILEYBOT_OUT_SECRET_FILE":     write(t, webhookSecret+"\n"),
		"SMILEYBOT_RETENTION":           "730d",
	})
	c, err := load(config.All)
	require.NoError(t, err)

	assert.Equal(t, botToken, c.SlackBotToken.Reveal())
	assert.Equal(t, signingSecret, c.SlackSigningSecret.Reveal())
	assert.Equal(t, appToken, c.SlackAppToken.Reveal())
	assert.Equal(t, "G0SUPPORT", c.SlackChannel)
	assert.Equal(t, "http://127.0.0.1:4000/slack/api/", c.SlackAPIURL)
	assert.Equal(t, "[::1]:0", c.Listen)
	assert.Equal(t, "localhost:9999", c.AdminListen)
	assert.Equal(t, "/tmp/ratings?.db", c.Database.Reveal())
	assert.Equal(t, []string{webhookSecret, "whsec_MDEyMzQ1Njc4OWFiY2RlZg=="}, reveal(c.WebhookSecrets))
	assert.Equal(t, []string{webhookToken, "another-0123456789"}, reveal(c.WebhookTokens))
	assert.Equal(t, "https://bot.example.org:8443", c.PublicURL)
	assert.Equal(t, map[feedback.Channel]string{feedback.ChannelChat: "C0CHAT", feedback.ChannelPanel: "D0nps"}, c.Routes)
	assert.Equal(t, "C0LEADS", c.LeadChannel)
	assert.Equal(t, "America/New_York", c.Location.String())
	assert.Equal(t, "en", c.Language)
	assert.True(t, c.QuietGreen)
	assert.Equal(t, 90*time.Minute, c.FollowUpDue)
	assert.Equal(t, 10*time.Minute, c.FollowUpDueUrgent)
	assert.Equal(t, 730*24*time.Hour, c.Retention)
	assert.Equal(t, "https://tickets.example.org/hooks/smileybot?team=1", c.OutURL)
	assert.Equal(t, webhookSecret, c.OutSecret.Reveal())

	friday := time.Date(2026, 11, 20, 11, 45, 0, 0, c.Location) // Monday is a holiday
	assert.Equal(t, time.Date(2026, 11, 24, 9, 45, 0, 0, c.Location), c.OfficeHours.Add(friday, c.FollowUpDue))
	assert.False(t, c.OfficeHours.OfficeDay(office.Date(2027, 1, 1)), "a Dutch holiday")
	assert.True(t, c.OfficeHours.OfficeDay(office.Date(2026, 12, 25)), "taken away")
}

func TestLoadForTheBotAlone(t *testing.T) {
	setenv(t, map[string]string{
		"SLACK_BOT_TOKEN":    "wrong",
		"SLACK_APP_TOKEN":    "wrong",
		"SLACK_API_URL":      "wrong",
		"SMILEYBOT_ROUTES":   "chat=C0CHAT",
		"SMILEYBOT_DATABASE": "/tmp/smileybot.db",
	})
	c, err := load(config.Bot)
	require.NoError(t, err)
	assert.Equal(t, "/tmp/smileybot.db", c.Database.Reveal())
	assert.Empty(t, c.SlackBotToken.Reveal())
	assert.Empty(t, c.SlackAppToken.Reveal())
	assert.Empty(t, c.LeadChannel)

	t.Setenv("SMILEYBOT_TIMEZONE", "Mars/Olympus")
	t.Setenv("SMILEYBOT_WEBHOOK_TOKENS", "short")
	_, err = load(config.Bot)
	var mistakes config.Mistakes
	require.ErrorAs(t, err, &mistakes)
	require.Len(t, mistakes, 2)
	assert.Equal(t, "SMILEYBOT_WEBHOOK_TOKENS", mistakes[0].Name)
	assert.Equal(t, "SMILEYBOT_TIMEZONE", mistakes[1].Name)
}

// TestSocketModeNeedsNoSigningSecret: with the app token the signing secret may be left out.
func TestSocketModeNeedsNoSigningSecret(t *testing.T) {
	setenv(t, with(map[string]string{"SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN": " " + appToken + " "}))
	c, err := load(config.All)
	require.NoError(t, err)
	assert.Equal(t, appToken, c.SlackAppToken.Reveal())
	assert.Empty(t, c.SlackSigningSecret.Reveal())
}

func TestDescribeListsEverySetting(t *testing.T) {
	settings := config.Describe(senders())
	assert.Equal(t, config.Setting{
		Name: "SLACK_BOT_TOKEN", Required: true, Secret: true,
		Meaning: "the bot token of your Slack app, xoxb-…",
	}, settings[0])

	var names []string
	described := make(map[string]config.Setting)
	for _, s := range settings {
		assert.NotEmpty(t, s.Meaning, s.Name)
		names = append(names, s.Name)
		described[s.Name] = s
	}
	assert.Equal(t, []string{
		"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "SLACK_CHANNEL", "SLACK_API_URL",
		"SMILEYBOT_LISTEN", "SMILEYBOT_ADMIN_LISTEN", "SMILEYBOT_DATABASE",
		"SMILEYBOT_WEBHOOK_SECRETS", "SMILEYBOT_WEBHOOK_TOKENS",
		"SMILEYBOT_<NAME>_SECRETS", "SMILEYBOT_FORMBRICKS_QUESTIONS", "SMILEYBOT_TYPEFORM_QUESTIONS", "SMILEYBOT_MAPPINGS", "SMILEYBOT_PUBLIC_URL",
		"SMILEYBOT_ROUTES", "SMILEYBOT_LEAD_CHANNEL",
		"SMILEYBOT_TIMEZONE", "SMILEYBOT_LANGUAGE", "SMILEYBOT_GREEN", "SMILEYBOT_OFFICE_HOURS", "SMILEYBOT_HOLIDAYS",
		"SMILEYBOT_FOLLOWUP_DUE", "SMILEYBOT_FOLLOWUP_DUE_URGENT", "SMILEYBOT_OUT_URL", "SMILEYBOT_OUT_SECRET", "SMILEYBOT_RETENTION",
	}, names)
	assert.Equal(t, ":8080", described["SMILEYBOT_LISTEN"].Default)
	assert.Equal(t, "SLACK_APP_TOKEN", described["SLACK_SIGNING_SECRET"].Unless)
	assert.Equal(t, "SLACK_CHANNEL", described["SMILEYBOT_LEAD_CHANNEL"].Default)
	assert.True(t, described["SMILEYBOT_WEBHOOK_TOKENS"].Secret)
	assert.False(t, described["SMILEYBOT_ROUTES"].Secret)
}

func TestBothAddressesMayPickAPort(t *testing.T) {
	setenv(t, with(map[string]string{"SMILEYBOT_LISTEN": "127.0.0.1:0", "SMILEYBOT_ADMIN_LISTEN": "127.0.0.1:0"}))
	_, err := load(config.All)
	require.NoError(t, err)
}

// TestDescribeKnowsWhatIsRequired keeps the tags and the parsing together.
func TestDescribeKnowsWhatIsRequired(t *testing.T) {
	for _, s := range config.Describe(senders()) {
		setenv(t, with(map[string]string{s.Name: "", "SMILEYBOT_WEBHOOK_TOKENS": webhookToken}))
		_, err := load(config.All)
		assert.Equal(t, s.Required, err != nil, s.Name)
	}
}
