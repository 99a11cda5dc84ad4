package config_test

import (
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/config"
)

// FuzzLoad gives Load any text for its settings: it takes them or says line by
// line what is wrong, and what it takes is what the rest of the bot builds on.
func FuzzLoad(f *testing.F) {
	f.Add("xoxb-1", "C0SUPPORT", "https://slack.com/api/", ":8080", webhookSecret, webhookToken, "chat=C0CHAT", "UTC", "Mon-Fri 09:00-17:00", "nl,+2026-12-24", "4h", "730d")
	f.Add("", "#support", "slack.com", "8080", "whsec_", "short", "chat=#chat,fax=C1", "Local", "9-5", "2026-12-24", "-4h", "36526d")
	f.Add("xoxb-1", "C0SUPPORT", "https://slack.com/api/", ":8080", webhookSecret, webhookToken, "", "Pacific/Apia", "Mon 09:00-09:01", "at,be,us", "8760h", "36525d")
	f.Fuzz(func(t *testing.T, token, channel, api, listen, secrets, tokens, routes, zone, hours, holidays, due, retention string) {
		variables := map[string]string{
			"SLACK_BOT_TOKEN": token, "SLACK_SIGNING_SECRET": signingSecret, "SLACK_CHANNEL": channel, "SLACK_API_URL": api,
			"SMILEYBOT_LISTEN": listen, "SMILEYBOT_WEBHOOK_SECRETS": secrets, "SMILEYBOT_WEBHOOK_TOKENS": tokens,
			"SMILEYBOT_ROUTES": routes, "SMILEYBOT_TIMEZONE": zone, "SMILEYBOT_OFFICE_HOURS": hours,
			"SMILEYBOT_HOLIDAYS": holidays, "SMILEYBOT_FOLLOWUP_DUE": due, "SMILEYBOT_RETENTION": retention,
		}
		for _, value := range variables {
			if strings.ContainsRune(value, 0) {
				t.Skip("no environment holds a NUL")
			}
		}
		setenv(t, variables)
		c, err := load(config.All)
		if err != nil {
			checkMistakes(t, err)
			return
		}
		checkConfig(t, c)
	})
}

func checkMistakes(t *testing.T, err error) {
	t.Helper()
	var mistakes config.Mistakes
	require.True(t, errors.As(err, &mistakes), "any other error is for a broken machine")
	require.NotEmpty(t, mistakes)
	line := regexp.MustCompile(`^(SLACK|SMILEYBOT)_[A-Z_]+: [^\n]+; [^\n]+$`)
	for _, m := range mistakes {
		assert.Regexp(t, line, m.String())
	}
}

func checkConfig(t *testing.T, c config.Config) {
	t.Helper()
	id := regexp.MustCompile(`^[CGD][A-Za-z0-9]+$`)
	assert.Regexp(t, id, c.SlackChannel)
	assert.Regexp(t, id, c.LeadChannel)
	for from, to := range c.Routes {
		assert.True(t, from.Known(), from)
		assert.Regexp(t, id, to)
	}
	assert.True(t, strings.HasPrefix(c.SlackBotToken.Reveal(), "xoxb-"))
	api, err := url.Parse(c.SlackAPIURL)
	require.NoError(t, err)
	assert.NotEmpty(t, api.Host)
	assert.True(t, strings.HasSuffix(api.Path, "/"), "a method's name is put behind it")
	_, _, err = net.SplitHostPort(c.Listen)
	require.NoError(t, err)
	assert.NotEmpty(t, append(c.WebhookSecrets, c.WebhookTokens...), "nothing is taken unproved")
	for _, s := range c.WebhookTokens {
		assert.GreaterOrEqual(t, len(s.Reveal()), 16)
	}
	assert.NotNil(t, c.Location)
	assert.Equal(t, c.Location, c.OfficeHours.Location())
	const year = 365 * 24 * time.Hour
	for _, due := range []time.Duration{c.FollowUpDue, c.FollowUpDueUrgent} {
		assert.True(t, due > 0 && due <= year, due)
		now := time.Now()
		assert.True(t, c.OfficeHours.Add(now, due).Before(now.AddDate(10, 0, 1)), due)
	}
	assert.True(t, c.Retention >= 0 && c.Retention <= 36525*24*time.Hour, c.Retention)
}
