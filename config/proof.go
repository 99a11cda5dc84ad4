package config

import (
	"encoding/base64"
	"strconv"
	"strings"
)

const (
	// webhookSecretPrefix begins a secret of Standard Webhooks, see
	// https://github.com/standard-webhooks/standard-webhooks.
	webhookSecretPrefix = "whsec_"
	// minSecretBytes is the least a webhook secret holds once decoded.
	minSecretBytes = 16
	// minTokenLength is the least length of a bearer token, in characters.
	minTokenLength = 16

	cureBotToken      = "copy the Bot User OAuth Token (xoxb-…) from your Slack app's page OAuth & Permissions" //nolint:gosec // no token
	cureSigningSecret = "copy it from your Slack app's page Basic Information, or set SLACK_APP_TOKEN for Socket Mode"
	cureAppToken      = "make one on your Slack app's page Basic Information, App-Level Tokens, with the scope connections:write"
	cureWebhookSecret = `make one with: echo "whsec_$(openssl rand -base64 32)"`
	cureWebhookToken  = "make one with: openssl rand -base64 32"
)

// secret takes a secret from its variable or from the file that NAME_FILE
// names. It returns the name of the one that holds it, for mistakes, and the
// secret: "" without either, or after a mistake.
func (r *reader) secret(v, file variable) (source variable) {
	switch {
	case file.value == "":
		return v
	case v.value != "":
		r.mistakes.add(v, file.name+" is set too", "unset one of them")
		return variable{name: v.name}
	}
	return variable{name: file.name, value: r.file(file)}
}

// requiredSecret is secret of a setting that has no default.
func (r *reader) requiredSecret(v, file variable, cure string) (source variable) {
	source = r.secret(v, file)
	if source.value == "" && !r.mistakes.about(v, file) {
		r.mistakes.add(v, "not set", cure)
	}
	return source
}

// botToken takes the token of a bot user, of which Slack says that it begins
// with xoxb-: https://docs.slack.dev/authentication/tokens.
func (r *reader) botToken(v, file variable) Secret {
	return r.token(r.requiredSecret(v, file, cureBotToken), "a bot token", "xoxb-", cureBotToken)
}

// appToken takes an app-level token, which begins with xapp- (the same page).
func (r *reader) appToken(v, file variable) Secret {
	return r.token(r.secret(v, file), "an app-level token", "xapp-", cureAppToken)
}

// token takes one of Slack's tokens of a kind, if there is one.
func (r *reader) token(source variable, kind, prefix, cure string) Secret {
	text := source.value
	if text != "" && (!strings.HasPrefix(text, prefix) || text == prefix || !isVisible(text)) {
		r.mistakes.add(source, "not "+kind+", which begins with "+prefix, cure)
	}
	return NewSecret(text)
}

// signingSecret takes the key of Slack's request signatures, if there is one.
func (r *reader) signingSecret(v, file variable, required bool) Secret {
	take := r.secret
	if required {
		take = func(v, file variable) variable { return r.requiredSecret(v, file, cureSigningSecret) }
	}
	source := take(v, file)
	if !isVisible(source.value) {
		r.mistakes.add(source, "not a signing secret, which has no spaces or line breaks", cureSigningSecret)
	}
	return NewSecret(source.value)
}

// proofList takes a comma-separated list of secrets. The check of one returns
// what is wrong with it and the cure, or "".
func (r *reader) proofList(v, file variable, check func(text string) (problem, cure string)) []Secret {
	source := r.secret(v, file)
	var secrets []Secret
	for i, text := range entries(source.value) {
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
