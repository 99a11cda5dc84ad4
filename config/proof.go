package config

import (
	"encoding/base64"
	"strconv"
	"strings"
)

const (
	// fileSuffix makes of a secret's name the one that names its file.
	fileSuffix = "_FILE"

	// webhookSecretPrefix begins a secret of Standard Webhooks, see
	// https://github.com/standard-webhooks/standard-webhooks.
	webhookSecretPrefix = "whsec_"
	// minSecretBytes is the least a webhook secret holds once decoded.
	minSecretBytes = 16
	// minTokenLength is the least length of a bearer token, in characters.
	minTokenLength = 16

	cureBotToken      = "copy the Bot User OAuth Token (xoxb-…) from your Slack app's page OAuth & Permissions" //nolint:gosec // no token
	cureSigningSecret = "copy it from your Slack app's page Basic Information"
	cureWebhookSecret = `make one with: echo "whsec_$(openssl rand -base64 32)"`
	cureWebhookToken  = "make one with: openssl rand -base64 32"
)

// secret takes a secret from its variable or from the file that NAME_FILE
// names, and tells which of the two it was. Without either, or after a
// mistake, the text is "".
func (r *reader) secret(name, value, path string) (text, source string) {
	switch {
	case path == "":
		return value, name
	case value != "":
		r.mistakes.add(name, name+fileSuffix+" is set too", "unset one of them")
		return "", name
	}
	return r.file(name+fileSuffix, path), name + fileSuffix
}

// requiredSecret is secret of a setting that has no default.
func (r *reader) requiredSecret(name, value, path, cure string) (text, source string) {
	text, source = r.secret(name, value, path)
	if text == "" && !r.mistakes.about(name) {
		r.mistakes.add(name, "not set", cure)
	}
	return text, source
}

// botToken takes the token of a bot user, of which Slack says that it begins
// with xoxb-: https://docs.slack.dev/authentication/tokens.
func (r *reader) botToken(name, value, path string) Secret {
	const prefix = "xoxb-"
	text, source := r.requiredSecret(name, value, path, cureBotToken)
	if text != "" && (!strings.HasPrefix(text, prefix) || text == prefix || !isVisible(text)) {
		r.mistakes.add(source, "not a bot token, which begins with "+prefix, cureBotToken)
	}
	return NewSecret(text)
}

// signingSecret takes the key of Slack's request signatures.
func (r *reader) signingSecret(name, value, path string) Secret {
	text, source := r.requiredSecret(name, value, path, cureSigningSecret)
	if text != "" && !isVisible(text) {
		r.mistakes.add(source, "not a signing secret, which has no spaces or line breaks", cureSigningSecret)
	}
	return NewSecret(text)
}

// proofList takes a comma-separated list of secrets. The check of one returns
// what is wrong with it and the cure, or "".
func (r *reader) proofList(name, value, path string, check func(text string) (problem, cure string)) []Secret {
	list, source := r.secret(name, value, path)
	var secrets []Secret
	for i, text := range entries(list) {
		if problem, cure := check(text); problem != "" {
			r.mistakes.add(source, "entry "+strconv.Itoa(i+1)+": "+problem, cure)
			continue
		}
		secrets = append(secrets, NewSecret(text))
	}
	return secrets
}

// checkWebhookSecret takes whsec_ and the key in standard base64.
func checkWebhookSecret(text string) (problem, cure string) {
	encoded, found := strings.CutPrefix(text, webhookSecretPrefix)
	if !found {
		return "it does not begin with " + webhookSecretPrefix, cureWebhookSecret
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !isVisible(encoded) {
		return "what follows " + webhookSecretPrefix + " is not base64", cureWebhookSecret
	}
	if len(key) < minSecretBytes {
		return "shorter than " + strconv.Itoa(minSecretBytes) + " bytes", cureWebhookSecret
	}
	return "", ""
}

// checkWebhookToken takes what fits in an Authorization header and is too long
// to guess.
func checkWebhookToken(text string) (problem, cure string) {
	if !isVisible(text) {
		return "a space or character that a header cannot carry", cureWebhookToken
	}
	if len(text) < minTokenLength {
		return "shorter than " + strconv.Itoa(minTokenLength) + " characters", cureWebhookToken
	}
	return "", ""
}

// isVisible reports whether the text is visible ASCII without spaces.
func isVisible(text string) bool {
	for _, c := range []byte(text) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
