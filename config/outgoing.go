package config

import "net/url"

const (
	cureOutURL    = "set it to an address such as https://tickets.example.org/hooks/smileybot"
	cureOutSecret = cureWebhookSecret + ", and give the receiver the same"
)

// outgoing reads where the ticket system is told of follow-ups.
func (r *reader) outgoing(c *Config, env environment) {
	source := r.secret(env.OutSecret, env.OutSecretFile)
	if env.OutURL.value != "" && !isPostable(env.OutURL.value) {
		r.mistakes.add(env.OutURL, "not an http or https address with a host and without a user", cureOutURL)
	}
	if source.value != "" {
		if problem, _ := checkWebhookSecret(source.value); problem != "" {
			r.mistakes.add(source, problem, cureOutSecret)
		}
	}
	switch {
	case r.mistakes.about(env.OutURL, env.OutSecret, env.OutSecretFile):
	case env.OutURL.value == "" && source.value != "":
		r.mistakes.add(env.OutURL, "not set, and "+source.name+" is", cureOutURL)
	case env.OutURL.value != "" && source.value == "":
		r.mistakes.add(env.OutSecret, "not set, and "+env.OutURL.name+" is", cureOutSecret)
	default:
		c.OutURL, c.OutSecret = env.OutURL.value, NewSecret(source.value)
	}
}

// isPostable reports whether something can be posted to an address.
func isPostable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}
