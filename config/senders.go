package config

import (
	"cmp"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	remedySenderSecret = "copy it from the sender's settings, or make one there with: openssl rand -hex 32"
	remedyOutURL       = "set it to an address such as https://tickets.example.org/hooks/smileybot"
	remedyPublicURL    = "set it to an address such as https://bot.example.org"
	remedyOutSecret    = remedyWebhookSecret + ", and give the receiver the same"
)

// Sender is the rules for the settings of a ready-made sender.
type Sender struct {
	Name             string // in lower case
	WebhookSecrets   bool   // its secrets are whsec_… ones
	MinSecret        int    // the least length of other secrets, in characters; 0 is the default, 16
	InPath           bool   // a secret is the last part of an address
	QuestionsMeaning string // describes SMILEYBOT_<NAME>_QUESTIONS, "" for a sender without them
}

// SendersSetting is the variable with the secrets of a sender with a format of its own.
func SendersSetting(name string) string { return "SMILEYBOT_" + strings.ToUpper(name) + "_SECRETS" }

// QuestionsSetting is the variable with the meanings of a survey's questions.
func QuestionsSetting(name string) string { return "SMILEYBOT_" + strings.ToUpper(name) + "_QUESTIONS" }

// Questions are the meanings of a survey's questions as the environment has them, of a sender in
// lower case.
func Questions(name string) string { return getenv(QuestionsSetting(name)).value }

// SenderSecrets are the secrets of a sender as the environment has them. The error is [Mistakes].
func SenderSecrets(name string, readyMade []Sender) ([]Secret, error) {
	var r reader
	var c Config
	if r.senders(&c, []string{name}, readyMade); len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	return c.Senders[name], nil
}

// senders reads the settings of the named senders with formats of their own. Those that are not
// ready-made have the default rules.
func (r *reader) senders(c *Config, names []string, readyMade []Sender) {
	c.Senders, c.Questions = make(map[string][]Secret), make(map[string]string)
	for _, name := range names {
		s := Sender{Name: name}
		if i := slices.IndexFunc(readyMade, func(s Sender) bool { return s.Name == name }); i >= 0 {
			s = readyMade[i]
		}
		check, remedy := s.check, remedySenderSecret
		if s.WebhookSecrets {
			check, remedy = checkWebhookSecret, remedyWebhookSecret
		}
		if secrets := r.proofList(r.repaired(getenv(SendersSetting(name))), remedy, check); len(secrets) > 0 {
			c.Senders[name] = secrets
		}
	}
	for _, s := range readyMade {
		if text := Questions(s.Name); s.QuestionsMeaning != "" && text != "" {
			c.Questions[s.Name] = text
		}
	}
}

// senderNames lists the senders with secrets in an environment, sorted, in lower case.
func senderNames(environ []string) []string {
	names := make(map[string]bool)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		found := secretsSetting.FindStringSubmatch(name)
		if found != nil && found[1] != "WEBHOOK" && strings.TrimSpace(value) != "" {
			names[strings.ToLower(found[1])] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// secretsSetting matches the variables with the secrets of any sender.
var secretsSetting = regexp.MustCompile(`^SMILEYBOT_([A-Z][A-Z0-9_]*)_SECRETS(_FILE)?$`)

// check takes a secret that the sender signs with, or sends as it is.
func (s Sender) check(text string) (problem string) {
	least := cmp.Or(s.MinSecret, minTokenLength)
	switch {
	case s.InPath && !FitsPath(text):
		return "a character that an address cannot carry as it is"
	case !isVisible(text):
		return "a space or character that no secret has"
	case len(text) < least:
		return "shorter than " + strconv.Itoa(least) + " characters"
	}
	return ""
}

// FitsPath reports whether a secret can be the last part of an address: letters, digits and - . _ ~
// (RFC 3986, section 2.3).
func FitsPath(secret string) bool {
	return regexp.MustCompile(`^[A-Za-z0-9._~-]*$`).MatchString(secret)
}

// mappings reads the file that describes other senders.
func (r *reader) mappings(c *Config, env environment) {
	if c.Mappings = env.Mappings.value; c.Mappings == "" {
		return
	}
	text, err := os.ReadFile(c.Mappings)
	if err != nil {
		r.wrong(env.Mappings, "no such file, or no permission to look", "write the path of a file as docs/senders/mapping.md describes it")
		return
	}
	c.MappingsText = text
}

// publicURL reads where senders reach the bot.
func (r *reader) publicURL(c *Config, env environment) {
	address := strings.TrimSuffix(env.PublicURL.value, "/")
	u, err := url.Parse(address)
	switch {
	case address == "":
	case err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil:
		r.wrong(env.PublicURL, "not an https address with a host and without a user", remedyPublicURL)
	case u.Scheme+"://"+u.Host != address:
		r.wrong(env.PublicURL, "more in it than a host and a port", remedyPublicURL)
	default:
		c.PublicURL = address
	}
}

// outgoing reads where the events of follow-ups are posted.
func (r *reader) outgoing(c *Config, env environment) {
	address, secret := env.OutURL, r.secret(env.OutSecret)
	if address.value != "" && !isPostable(address.value) {
		r.wrong(address, "not an http or https address with a host and without a user", remedyOutURL)
	}
	if secret.value != "" {
		if problem := checkWebhookSecret(secret.value); problem != "" {
			r.wrong(secret, problem, remedyOutSecret)
		}
	}
	switch {
	case r.hasWrong(address) || r.hasWrong(env.OutSecret):
	case address.value == "" && secret.value != "":
		r.wrong(address, "not set, and "+secret.name+" is", remedyOutURL)
	case address.value != "" && secret.value == "":
		r.wrong(env.OutSecret, "not set, and "+address.name+" is", remedyOutSecret)
	default:
		c.OutURL, c.OutSecret = address.value, NewSecret(secret.value)
	}
}

// isPostable reports whether a webhook can be posted to an address.
func isPostable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}
