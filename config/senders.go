package config

import (
	"cmp"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	cureSenderSecret = "copy it from the sender's settings, or make one there with: openssl rand -hex 32"
	cureMappings     = "write the path of a file as docs/senders/mapping.md describes it"
)

// Sender is what the settings of a ready-made sender are like.
type Sender struct {
	// Name is in lower case.
	Name string
	// WebhookSecrets says that its secrets are whsec_… ones.
	WebhookSecrets bool
	// MinSecret is the least length of other secrets, in characters. Zero is the default, 16.
	MinSecret int
	// InPath says that a secret is the last part of an address.
	InPath bool
	// QuestionsMeaning describes SMILEYBOT_<NAME>_QUESTIONS, "" for a sender without them.
	QuestionsMeaning string
}

// SendersSetting is the variable with the secrets of a sender with a format of its own.
func SendersSetting(name string) string { return "SMILEYBOT_" + strings.ToUpper(name) + "_SECRETS" }

// QuestionsSetting is the variable with the meanings of a survey's questions.
func QuestionsSetting(name string) string { return "SMILEYBOT_" + strings.ToUpper(name) + "_QUESTIONS" }

// Questions are the meanings of a survey's questions as the environment has them, of a sender in
// lower case.
func Questions(name string) string { return strings.TrimSpace(os.Getenv(QuestionsSetting(name))) }

// senders reads the settings of the senders with formats of their own. Every
// SMILEYBOT_<NAME>_SECRETS is one; those that are not ready-made have the default rules.
func (r *reader) senders(c *Config, env environment, readyMade []Sender) {
	for _, name := range senderNames(os.Environ()) {
		variables := senderVariables(name)
		s := Sender{Name: name}
		if i := slices.IndexFunc(readyMade, func(s Sender) bool { return s.Name == name }); i >= 0 {
			s = readyMade[i]
		}
		if secrets := r.proofList(variables[0], variables[1], s.check); len(secrets) > 0 {
			if c.Senders == nil {
				c.Senders = make(map[string][]Secret)
			}
			c.Senders[name] = secrets
		}
	}
	for _, s := range readyMade {
		if text := Questions(s.Name); s.QuestionsMeaning != "" && text != "" {
			if c.Questions == nil {
				c.Questions = make(map[string]string)
			}
			c.Questions[s.Name] = text
		}
	}
	r.mappings(c, env)
}

func (r *reader) mappings(c *Config, env environment) {
	if c.Mappings = env.Mappings.value; c.Mappings == "" {
		return
	}
	text, err := os.ReadFile(c.Mappings)
	if err != nil {
		r.mistakes.add(env.Mappings, "no such file, or no permission to look", cureMappings)
		return
	}
	c.MappingsText = text
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

// check takes a secret that the sender signs with, or sends as it is.
func (s Sender) check(text string) (problem, cure string) {
	least := cmp.Or(s.MinSecret, minTokenLength)
	switch {
	case s.WebhookSecrets:
		return checkWebhookSecret(text)
	case s.InPath && !FitsPath(text):
		return "a character that an address cannot carry as it is", cureSenderSecret
	case !isVisible(text):
		return "a space or character that no secret has", cureSenderSecret
	case len(text) < least:
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
