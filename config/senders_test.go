package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/config"
)

// TestSecretsTurnSendersOn checks that every SMILEYBOT_<NAME>_SECRETS turns a sender on, also
// alone.
func TestSecretsTurnSendersOn(t *testing.T) {
	setenv(t, with(map[string]string{
		"SMILEYBOT_WEBHOOK_SECRETS":      "",
		"SMILEYBOT_HELPSCOUT_SECRETS":    "old-secret, new-secret",
		"SMILEYBOT_FORMBRICKS_SECRETS":   webhookSecret,
		"SMILEYBOT_MY_DESK_SECRETS_FILE": write(t, "a-secret-of-the-desk\n"),
		"SMILEYBOT_ZENDESK_SECRETS":      " ",
		"SMILEYBOT_TYPEFORM_QUESTIONS":   "stars=csat",
		"SMILEYBOT_FORMBRICKS_QUESTIONS": "recommend=nps",
		"SMILEYBOT_MAPPINGS":             write(t, "senders: {}"),
	}))
	c, err := load(config.All)
	require.NoError(t, err)
	assert.Len(t, c.Senders, 3)
	assert.Equal(t, []string{"old-secret", "new-secret"}, reveal(c.Senders["helpscout"]))
	assert.Equal(t, []string{webhookSecret}, reveal(c.Senders["formbricks"]))
	assert.Equal(t, []string{"a-secret-of-the-desk"}, reveal(c.Senders["my_desk"]))
	assert.Equal(t, "stars=csat", c.Questions["typeform"])
	assert.Equal(t, "recommend=nps", c.Questions["formbricks"])
	assert.Equal(t, "senders: {}", string(c.MappingsText))
	for how, printed := range prints(t, c) {
		assert.NotContains(t, printed, "new-secret", how)
	}
}

// TestSenderMistakesNameTheVariable checks that each is reported by its variable's name.
func TestSenderMistakesNameTheVariable(t *testing.T) {
	const remedy = "; copy it from the sender's settings, or make one there with: openssl rand -hex 32"
	for _, test := range []struct{ name, value, line string }{
		{"SMILEYBOT_HELPSCOUT_SECRETS", "long-enough,short", ": entry 2: shorter than 8 characters" + remedy},
		{"SMILEYBOT_ZENDESK_SECRETS", canary + " " + canary, ": entry 1: a space or character that no secret has" + remedy},
		{"SMILEYBOT_TRUSTPILOT_SECRETS", canary + "/" + canary, ": entry 1: a character that an address cannot carry as it is" + remedy},
		{"SMILEYBOT_DESK_SECRETS", "fifteen-letters", ": entry 1: shorter than 16 characters" + remedy},
		{"SMILEYBOT_FORMBRICKS_SECRETS", canary, `: entry 1: it does not begin with whsec_; make one with: echo "whsec_$(openssl rand -base64 32)"`},
		{"SMILEYBOT_INTERCOM_SECRETS_FILE", "/nowhere/" + canary, ": the file does not exist; correct its path"},
		{"SMILEYBOT_MAPPINGS", "/nowhere/" + canary, ": no such file, or no permission to look; write the path of a file as docs/senders/mapping.md describes it"},
		{"SMILEYBOT_MAPPINGS", t.TempDir(), ": no such file, or no permission to look; write the path of a file as docs/senders/mapping.md describes it"},
	} {
		setenv(t, with(map[string]string{"SMILEYBOT_WEBHOOK_SECRETS": webhookSecret, test.name: test.value}))
		t.Setenv(test.name, test.value)
		_, err := load(config.All)
		require.EqualError(t, err, test.name+test.line)
		t.Setenv(test.name, "")
	}
}

// TestLoadAsksOthers checks that the mistakes of other packages are reported with the rest.
func TestLoadAsksOthers(t *testing.T) {
	setenv(t, with(map[string]string{"SMILEYBOT_TIMEZONE": "Mars/Olympus", "SMILEYBOT_TYPEFORM_QUESTIONS": "x"}))
	_, err := load(config.All, func(c config.Config) config.Mistakes {
		return config.Mistakes{{Name: "SMILEYBOT_TYPEFORM_QUESTIONS", Problem: c.Questions["typeform"] + " is wrong", Remedy: "correct it"}}
	})
	var mistakes config.Mistakes
	require.ErrorAs(t, err, &mistakes)
	require.Len(t, mistakes, 2)
	assert.Equal(t, "SMILEYBOT_TYPEFORM_QUESTIONS: x is wrong; correct it", mistakes[1].String())
}
