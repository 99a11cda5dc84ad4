package config

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// minSenderSecret is the least length of a secret that a sender signs with, in
// characters. Some systems make them themselves.
const minSenderSecret = 8

const (
	cureSenderSecret = "copy it from the sender's settings, or make one there with: openssl rand -hex 32"
	cureMappings     = "write the path of a file as docs/senders/mapping.md describes it"
)

// SendersSetting is the variable with the secrets of a sender with a format of its own.
func SendersSetting(name string) string { return "SMILEYBOT_" + strings.ToUpper(name) + "_SECRETS" }

// senders reads the secrets of the senders with formats of their own, and what is known
// of these formats. Which senders there are the settings do not know: every
// SMILEYBOT_<NAME>_SECRETS is one.
func (r *reader) senders(c *Config, env environment) {
	for _, name := range senderNames(os.Environ()) {
		variables := senderVariables(name)
		check := func(text string) (problem, cure string) { return checkSenderSecret(name, text) }
		if secrets := r.proofList(variables[0], variables[1], check); len(secrets) > 0 {
			if c.Senders == nil {
				c.Senders = make(map[string][]Secret)
			}
			c.Senders[name] = secrets
		}
	}
	c.FormbricksQuestions, c.TypeformQuestions = env.FormbricksQuestions.value, env.TypeformQuestions.value
	if c.Mappings = env.Mappings.value; c.Mappings == "" {
		return
	}
	if file, err := os.Stat(c.Mappings); err != nil || file.IsDir() {
		r.mistakes.add(env.Mappings, "no such file, or no permission to look", cureMappings)
	}
}

// senderVariables are the two variables of a sender, in one of which its secrets are.
func senderVariables(name string) [2]variable {
	setting := SendersSetting(name)
	read := func(name string) variable {
		return variable{name: name, value: strings.TrimSpace(os.Getenv(name))}
	}
	return [2]variable{read(setting), read(setting + "_FILE")}
}

// senderNames lists the senders of an environment, sorted, in lower case.
func senderNames(environ []string) []string {
	setting := regexp.MustCompile(`^SMILEYBOT_([A-Z][A-Z0-9_]*)_SECRETS(_FILE)?$`)
	names := make(map[string]bool)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		found := setting.FindStringSubmatch(name)
		if found != nil && found[1] != "WEBHOOK" && strings.TrimSpace(value) != "" {
			names[strings.ToLower(found[1])] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// checkSenderSecret takes what the sender signs with, or sends as it is. Formbricks
// signs as Standard Webhooks describes.
func checkSenderSecret(name, text string) (problem, cure string) {
	least := minTokenLength
	switch name {
	case "formbricks":
		return checkWebhookSecret(text)
	case "chatwoot", "helpscout", "intercom", "typeform", "zendesk":
		least = minSenderSecret
	}
	if name == "trustpilot" && !FitsPath(text) {
		return "a character that an address cannot carry as it is", cureSenderSecret
	}
	if !isVisible(text) {
		return "a space or character that no secret has", cureSenderSecret
	}
	if len(text) < least {
		return "shorter than " + strconv.Itoa(least) + " characters", cureSenderSecret
	}
	return "", ""
}

// FitsPath reports whether a secret can be the last part of an address: letters, digits
// and - . _ ~ (RFC 3986, section 2.3).
func FitsPath(secret string) bool {
	return regexp.MustCompile(`^[A-Za-z0-9._~-]*$`).MatchString(secret)
}

// hasProof reports whether any sender can prove itself, or was meant to.
func (r *reader) hasProof(c *Config, env environment) bool {
	if len(c.WebhookSecrets)+len(c.WebhookTokens)+len(c.Senders) > 0 || len(senderNames(os.Environ())) > 0 {
		return true
	}
	return r.mistakes.about(env.WebhookSecrets, env.WebhookSecretsFile, env.WebhookTokens, env.WebhookTokensFile)
}
