package config

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
)

// redacted is all that is ever printed of a secret.
const redacted = "[redacted]"

// Secret is a token or key that no printing shows: every fmt verb, JSON, text and slog give
// [redacted].
//
// It holds a pointer and not the text itself, because fmt calls no method on an unexported field and
// on a verb it cannot apply, such as %p. There it prints what it finds, which here is an address.
type Secret struct{ text *string }

// NewSecret returns the text as a Secret.
func NewSecret(text string) Secret { return Secret{text: &text} }

// Reveal returns the secret itself, "" for the zero Secret.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Format implements [fmt.Formatter] for every verb and flag.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String implements [fmt.Stringer].
func (Secret) String() string { return redacted }

// MarshalText implements [encoding.TextMarshaler], which JSON uses too.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements [slog.LogValuer].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

const (
	// webhookSecretPrefix begins a secret of Standard Webhooks, see
	// https://github.com/standard-webhooks/standard-webhooks.
	webhookSecretPrefix = "whsec_"
	// minSecretBytes is the least length of a webhook secret once it is decoded.
	minSecretBytes = 16
	// minTokenLength is the least length of a bearer token, in characters.
	minTokenLength = 16

	remedyBotToken      = "copy the Bot User OAuth Token (xoxb-…) from your Slack app's page OAuth & Permissions" //nolint:gosec // no token
	remedyRotation      = "make the app again from 'smileybot manifest', without token rotation, which Slack does not turn off again"
	remedySigningSecret = "copy it from your Slack app's page Basic Information, or set SLACK_APP_TOKEN for Socket Mode"
	remedyAppToken      = "make one on your Slack app's page Basic Information, App-Level Tokens, with the scope connections:write"
	remedyWebhookSecret = `make one with: echo "whsec_$(openssl rand -base64 32)"`
	remedyWebhookToken  = "make one with: openssl rand -base64 32"
)

// slack reads how to reach Slack. Of the prefixes see https://docs.slack.dev/authentication/tokens.
func (r *reader) slack(c *Config, env environment) {
	socketMode := env.SlackAppToken.value != "" || env.SlackAppToken.file().value != ""
	c.SlackBotToken = r.slackSecret(env.SlackBotToken, true, "xoxb-", "not a bot token, which begins with xoxb-", remedyBotToken)
	c.SlackSigningSecret = r.slackSecret(env.SlackSigningSecret, !socketMode, "",
		"not a signing secret, which has no spaces or line breaks", remedySigningSecret)
	c.SlackAppToken = r.slackSecret(env.SlackAppToken, false, "xapp-", "not an app-level token, which begins with xapp-", remedyAppToken)
	c.SlackChannel = r.channelID(env.SlackChannel)
	c.SlackAPIURL = r.apiURL(env.SlackAPIURL)
}

// slackSecret takes a secret of Slack's. The problem is reported of one that lacks the prefix or has
// a character that is not visible.
func (r *reader) slackSecret(v variable, required bool, prefix, problem, remedy string) Secret {
	source := r.secret(v)
	text := source.value
	if text == "" && required && !r.hasWrong(v) {
		r.wrong(v, "not set", remedy)
	}
	other := otherSecret(text, prefix)
	switch {
	case text == "":
	case strings.HasPrefix(other, "xoxe"):
		r.wrong(source, "the app rotates its tokens, which end after 12 hours", remedyRotation)
	case other != "":
		r.wrong(source, other+", by how it begins", remedy)
	case !strings.HasPrefix(text, prefix) || text == prefix || !isVisible(text):
		r.wrong(source, problem, remedy)
	}
	return NewSecret(text)
}

// otherSecret says which secret a text is by how it begins. It is "" when it begins as wanted, or in
// no known way.
func otherSecret(text, wanted string) string {
	if wanted != "" && strings.HasPrefix(text, wanted) {
		return ""
	}
	for _, other := range []struct{ prefix, name string }{
		{"xoxb-", "that is a bot token, of SLACK_BOT_TOKEN"},
		{"xapp-", "that is an app-level token, of SLACK_APP_TOKEN"},
		{"whsec_", "that is a webhook secret, of SMILEYBOT_WEBHOOK_SECRETS"},
		{"xoxp-", "that is a user token"},
		{"xoxe", "xoxe"},
		{"xox", "that is another kind of token"},
	} {
		if strings.HasPrefix(text, other.prefix) {
			return other.name
		}
	}
	return ""
}

// secret takes a secret from its variable or from the file that NAME_FILE names. It returns the
// variable that has it; its value is "" when neither is set, or after a mistake.
func (r *reader) secret(v variable) variable {
	file := r.repaired(v.file())
	switch {
	case file.value == "":
		return v
	case v.value != "":
		r.wrong(v, file.name+" is set too", "unset one of them")
		return variable{name: v.name}
	}
	return r.repaired(variable{name: file.name, value: r.readFile(file)})
}

// file is the variable that names the file of a secret.
func (v variable) file() variable { return getenv(v.name + "_FILE") }

func getenv(name string) variable {
	return variable{name: name, value: strings.TrimSpace(os.Getenv(name))}
}

// proofs reads the secrets of all senders. Nothing is accepted without a proof, so one is required.
func (r *reader) proofs(c *Config, env environment, need Need, readyMade []Sender) {
	secrets, tokens := env.WebhookSecrets, env.WebhookTokens
	c.WebhookSecrets = r.proofList(secrets, remedyWebhookSecret, checkWebhookSecret)
	c.WebhookTokens = r.proofList(tokens, remedyWebhookToken, checkWebhookToken)
	names := senderNames(os.Environ())
	r.senders(c, names, readyMade)
	r.mappings(c, env)
	r.publicURL(c, env)
	proved := len(c.WebhookSecrets)+len(c.WebhookTokens)+len(names) > 0 || r.hasWrong(secrets) || r.hasWrong(tokens)
	if need == All && !proved {
		r.wrong(secrets, "no sender can prove itself: neither this, "+tokens.name+" nor "+env.Senders.name+" is set", remedyWebhookSecret)
	}
}

// proofList takes a comma-separated list of secrets. The check returns what is wrong with one, or "".
func (r *reader) proofList(v variable, remedy string, check func(text string) (problem string)) []Secret {
	source := r.secret(v)
	var secrets []Secret
	for i, text := range entries(source.value) {
		if problem := check(text); problem != "" {
			r.wrong(source, "entry "+strconv.Itoa(i+1)+": "+problem, remedy)
			continue
		}
		secrets = append(secrets, NewSecret(text))
	}
	return secrets
}

// checkWebhookSecret takes whsec_ and the key in standard base64.
func checkWebhookSecret(text string) (problem string) {
	encoded, found := strings.CutPrefix(text, webhookSecretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	switch {
	case !found:
		return "it does not begin with " + webhookSecretPrefix
	case err != nil || !isVisible(encoded):
		return "what follows " + webhookSecretPrefix + " is not base64"
	case len(key) < minSecretBytes:
		return "shorter than " + strconv.Itoa(minSecretBytes) + " bytes"
	}
	return ""
}

// checkWebhookToken takes what fits in an Authorization header and is too long to guess.
func checkWebhookToken(text string) (problem string) {
	switch {
	case !isVisible(text):
		return "a space or character that a header cannot carry"
	case len(text) < minTokenLength:
		return "shorter than " + strconv.Itoa(minTokenLength) + " characters"
	}
	return ""
}

// isVisible reports whether the text is visible ASCII without spaces.
func isVisible(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' })
}
