package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/config"
)

// prints shows a value in every way that something may be printed, by the
// name of the way.
func prints(t *testing.T, value any) map[string]string {
	t.Helper()
	printed := make(map[string]string)
	hidden := struct{ value any }{value} // fmt calls no method here
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%t", "%10.3s"} {
		printed[verb] = fmt.Sprintf(verb, value)
		printed[verb+" unexported"] = fmt.Sprintf(verb, hidden)
		printed[verb+" wrapped"] = fmt.Errorf("starting: "+verb, value).Error()
	}
	printed["Sprint"] = fmt.Sprint(value)
	encoded, err := json.Marshal(value)
	require.NoError(t, err)
	printed["JSON"] = string(encoded)
	for _, c := range []struct {
		name    string
		handler func(*bytes.Buffer) slog.Handler
	}{
		{"slog text", func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) }},
		{"slog JSON", func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) }},
	} {
		var log bytes.Buffer
		slog.New(c.handler(&log)).Info("starting", "value", value, "hidden", hidden, "in", []any{value})
		printed[c.name] = log.String()
	}
	return printed
}

func TestSecretIsNeverPrinted(t *testing.T) {
	secret := config.NewSecret(canary)
	for how, printed := range prints(t, secret) {
		assert.NotContains(t, printed, canary, how)
		assert.NotContains(t, printed, fmt.Sprintf("%x", canary), how)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		assert.Equal(t, "[redacted]", fmt.Sprintf(verb, secret), verb)
		assert.Contains(t, fmt.Sprintf(verb, &secret), "[redacted]", verb)
	}
	encoded, err := json.Marshal(map[string]any{"s": secret, "p": &secret})
	require.NoError(t, err)
	assert.JSONEq(t, `{"s": "[redacted]", "p": "[redacted]"}`, string(encoded))
	text, err := secret.MarshalText()
	require.NoError(t, err)
	assert.Equal(t, "[redacted]", string(text))
	assert.Equal(t, "[redacted]", secret.String())
	assert.Equal(t, "[redacted]", secret.LogValue().String())
	assert.Equal(t, canary, secret.Reveal())
	assert.Empty(t, config.Secret{}.Reveal())
}

func TestConfigIsPrintedWithoutSecrets(t *testing.T) {
	setenv(t, with(map[string]string{
		"SMILEYBOT_WEBHOOK_TOKENS": webhookToken,
		"SMILEYBOT_DATABASE":       "postgres://bot:" + canary + "@db.example.org/smileybot",
	}))
	c, err := load(config.All)
	require.NoError(t, err)
	require.Len(t, c.WebhookTokens, 1)
	for how, printed := range prints(t, c) {
		assert.NotContains(t, printed, canary, how)
		assert.NotContains(t, printed, fmt.Sprintf("%x", canary), how)
	}
	for how, printed := range prints(t, &c) {
		assert.NotContains(t, printed, canary, how)
	}
	assert.Contains(t, fmt.Sprintf("%+v", c), "SlackBotToken:[redacted]")
	assert.Contains(t, c.Database.Reveal(), canary)
}
