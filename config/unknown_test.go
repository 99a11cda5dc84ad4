package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/config"
)

// TestUnknownVariables: what nothing reads is named, with the setting that was probably meant.
func TestUnknownVariables(t *testing.T) {
	for _, test := range []struct{ name, nearest string }{
		{"SMILEYBOT_LEADCHANNEL", "SMILEYBOT_LEAD_CHANNEL"},
		{"SMILEYBOT_TIMZONE", "SMILEYBOT_TIMEZONE"},
		{"SMILEYBOT_TIME_ZONE", "SMILEYBOT_TIMEZONE"},
		{"smileybot_timezone", "SMILEYBOT_TIMEZONE"},
		{"SLACK_TIMEZONE", "SMILEYBOT_TIMEZONE"},
		{"SMILEYBOT_ZENDESK_SECRET", "SMILEYBOT_ZENDESK_SECRETS"},
		{"SMILEYBOT_ZENDESK_SECRET_FILE", "SMILEYBOT_ZENDESK_SECRETS_FILE"},
		{"SMILEYBOT_MYSHOP_SECRET", "SMILEYBOT_MYSHOP_SECRETS"},
		{"SMILEYBOT_TYPEFORM_QUESTION", "SMILEYBOT_TYPEFORM_QUESTIONS"},
		{"SMILEYBOT_WEBHOOK_SECRET", "SMILEYBOT_WEBHOOK_SECRETS"},
		{"SMILEYBOT_WEBHOOK_TOKEN_FILE", "SMILEYBOT_WEBHOOK_TOKENS_FILE"},
		{"SMILEYBOT_OFFICEHOURS", "SMILEYBOT_OFFICE_HOURS"},
		{"SMILEYBOT_HOLIDAY", "SMILEYBOT_HOLIDAYS"},
		{"SMILEYBOT_FOLLOW_UP_DUE", "SMILEYBOT_FOLLOWUP_DUE"},
		{"SMILEYBOT_URGENT_FOLLOWUP_DUE", "SMILEYBOT_FOLLOWUP_DUE_URGENT"},
		{"SMILEYBOT_LISTEN_ADMIN", "SMILEYBOT_ADMIN_LISTEN"},
		{"SMILEYBOT_MAPPING", "SMILEYBOT_MAPPINGS"},
		{"SMILEYBOT_ROUTE", "SMILEYBOT_ROUTES"},
		{"SMILEYBOT_DB", "SMILEYBOT_DATABASE"},
		{"SMILEYBOT_SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN"},
		{"SMILEYBOT_CHANNEL", "SLACK_CHANNEL"},
		{"SLACK_LEAD_CHANNEL", "SMILEYBOT_LEAD_CHANNEL"},
		{"SLACK_TOKEN", "SLACK_BOT_TOKEN"},
		{"SLACK_BOTTOKEN", "SLACK_BOT_TOKEN"},
		{"SLACK_BOT_TOKEN_FIEL", "SLACK_BOT_TOKEN_FILE"},
		{"SLACK_SECRET", "SLACK_SIGNING_SECRET"},
		{"SLACK_SIGNING_SECRETS", "SLACK_SIGNING_SECRET"},
		{"SLACK_CHANNEL_ID", "SLACK_CHANNEL"},
		{"SLACK_CHANNEL_FILE", "SLACK_CHANNEL"},
		{"SLACK_CHANEL", "SLACK_CHANNEL"},
		{"SLACKBOT_TOKEN", "SLACK_BOT_TOKEN"},
		{"SMILEBOT_TIMEZONE", "SMILEYBOT_TIMEZONE"},
		{"SMILEYBOTTIMEZONE", "SMILEYBOT_TIMEZONE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			setenv(t, map[string]string{test.name: canary})
			unknown := config.Unknown(senders(), []string{"myshop"})
			require.Len(t, unknown, 1)
			assert.Equal(t, test.name, unknown[0].Name)
			assert.Contains(t, unknown[0].Remedy+" ", " "+test.nearest, "what was probably meant")
			assert.Regexp(t, test.nearest+`\??$`, unknown[0].Remedy)
			assert.NotContains(t, unknown[0].String(), canary)
		})
	}
}

// TestNotUnknown: settings, what is empty, and what others set.
func TestNotUnknown(t *testing.T) {
	variables := map[string]string{
		"SMILEYBOT_TIMZONE": " ", "SMILEYBOT_MYSHOP_SECRETS": "x", "SMILEYBOT_MYSHOP_SECRETS_FILE": "x", "SLACKWARE": "1", "TIMEZONE": "x",
		"SMILEYBOT_NEW_SECRETS": "x", // a mistake already: no sender is called that
		// a service in Kubernetes that is called smileybot, and another one
		"SMILEYBOT_PORT": "tcp://10.0.0.1:8080", "SMILEYBOT_SERVICE_HOST": "10.0.0.1", "SMILEYBOT_SERVICE_PORT": "8080", "SMILEYBOT_SERVICE_PORT_HTTP": "8080",
		"SMILEYBOT_PORT_8080_TCP": "tcp://10.0.0.1:8080", "SMILEYBOT_PORT_8080_TCP_PROTO": "tcp", "SMILEYBOT_PORT_8080_TCP_PORT": "8080",
		"SMILEYBOT_PORT_8080_TCP_ADDR": "10.0.0.1", "SMILEYBOT_ADMIN_SERVICE_HOST": "10.0.0.1", "SLACK_PROXY_PORT": "udp://10.0.0.1:53",
	}
	for _, s := range config.Describe(senders()) {
		variables[s.Name] = "x"
		if s.Secret {
			variables[s.Name+"_FILE"] = "x"
		}
	}
	delete(variables, "SMILEYBOT_<NAME>_SECRETS")
	delete(variables, "SMILEYBOT_<NAME>_SECRETS_FILE")
	for _, s := range senders() {
		variables[config.SendersSetting(s.Name)] = "x"
		variables[config.SendersSetting(s.Name)+"_FILE"] = "x"
	}
	setenv(t, variables)
	assert.Empty(t, config.Unknown(senders(), nil))
	setenv(t, map[string]string{"SMILEYBOT_PORT": "8080"})
	assert.Len(t, config.Unknown(senders(), nil), 1, "an operator set this one")
}
