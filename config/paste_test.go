package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/config"
)

// TestWhatPastingLeaves: quotation marks, comments and invisible characters are named, and nothing that
// follows from them.
func TestWhatPastingLeaves(t *testing.T) {
	const (
		quoted    = "the quotation marks around it count as part of it; leave them out, as Docker and Kubernetes keep them"
		commented = "the comment after it counts as part of it; put the comment on a line of its own"
		invisible = "an invisible character in it; type it instead of pasting it; save a file as UTF-8 without a byte order mark"
	)
	for _, test := range []struct {
		name, value string
		problems    []string
	}{
		{"SLACK_BOT_TOKEN", `"` + botToken + `"`, []string{quoted}},
		{"SLACK_BOT_TOKEN", "“" + botToken + "”", []string{quoted}},
		{"SLACK_BOT_TOKEN", `""`, []string{quoted}},
		{"SLACK_BOT_TOKEN", botToken + "\u200b", []string{invisible}},
		{"SLACK_SIGNING_SECRET", `"` + signingSecret + `"`, []string{quoted}},
		{"SLACK_APP_TOKEN", "'" + appToken + "'", []string{quoted}},
		{"SLACK_CHANNEL", `"C0SUPPORT"`, []string{quoted}},
		{"SLACK_CHANNEL", "'C0SUPPORT'\r", []string{quoted}},
		{"SLACK_CHANNEL", "C0SUPPORT # support", []string{commented}},
		{"SLACK_CHANNEL", `"C0SUPPORT" # support`, []string{commented, quoted}},
		{"SLACK_CHANNEL", "# support", []string{commented}},
		{"SLACK_CHANNEL", "\ufeffC0SUPPORT", []string{invisible}},
		{"SLACK_CHANNEL", `"#support"`, []string{quoted, "that is a name; paste the channel's id, found at the bottom of the channel's details"}},
		{"SMILEYBOT_TIMEZONE", `"UTC"`, []string{quoted}},
		{"SMILEYBOT_LANGUAGE", `''`, []string{quoted}},
		{"SMILEYBOT_ROUTES", `"chat=C0CHAT"`, []string{quoted}},
		{"SMILEYBOT_WEBHOOK_TOKENS", `"` + webhookToken + `"`, []string{quoted}},
		{"SMILEYBOT_ZENDESK_SECRETS", `"` + webhookToken + `"`, []string{quoted}},
		{"SMILEYBOT_DATABASE", `"s.db"`, []string{quoted}},
		{"SMILEYBOT_WEBHOOK_TOKENS_FILE", write(t, "\ufeff"+webhookToken), []string{invisible}},
		{"SMILEYBOT_WEBHOOK_TOKENS_FILE", write(t, `"`+webhookToken+`"`+"\r\n"), []string{quoted}},
		{"SMILEYBOT_WEBHOOK_TOKENS_FILE", `"` + write(t, webhookToken) + `"`, []string{quoted}},
	} {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			setenv(t, with(map[string]string{test.name: test.value}))
			_, err := load(config.All)
			var mistakes config.Mistakes
			require.ErrorAs(t, err, &mistakes)
			var problems []string
			for _, m := range mistakes {
				assert.Equal(t, test.name, m.Name)
				problems = append(problems, m.Problem+"; "+m.Remedy)
			}
			assert.Equal(t, test.problems, problems)
			assert.NotContains(t, err.Error(), canary)
		})
	}
}

// TestWhatPastingMayLeave: white space at both ends, as Windows leaves it, is no mistake.
func TestWhatPastingMayLeave(t *testing.T) {
	setenv(t, map[string]string{
		"SLACK_BOT_TOKEN": botToken + "\r", "SLACK_SIGNING_SECRET_FILE": write(t, signingSecret+" \r\n"),
		"SLACK_CHANNEL": "C0SUPPORT \t\r\n", "SMILEYBOT_WEBHOOK_SECRETS": " " + webhookSecret + "\u00a0", "SMILEYBOT_DATABASE": t.TempDir() + "/a # b.db",
	})
	c, err := load(config.All)
	require.NoError(t, err)
	assert.Equal(t, "C0SUPPORT", c.SlackChannel)
	assert.Equal(t, botToken, c.SlackBotToken.Reveal())
	assert.Equal(t, signingSecret, c.SlackSigningSecret.Reveal())
}
