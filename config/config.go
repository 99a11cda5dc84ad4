// Package config reads smileybot's settings from the environment.
//
// [Load] reports every mistake at once, by the variable's name and never by
// its value; secrets are a type that cannot be printed.
package config

import (
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// Config is the settings of one smileybot, complete and checked.
type Config struct {
	// SlackBotToken is SLACK_BOT_TOKEN, xoxb-…. Required.
	SlackBotToken Secret
	// SlackSigningSecret is SLACK_SIGNING_SECRET; with it every request that
	// Slack makes over HTTP is checked. Required without SlackAppToken; when it
	// is empty, Slack's requests are not served over HTTP.
	SlackSigningSecret Secret
	// SlackAppToken is SLACK_APP_TOKEN, xapp-…: with it Slack's requests come
	// over Socket Mode. Default none.
	SlackAppToken Secret
	// SlackChannel is SLACK_CHANNEL, the id of the support channel. Required.
	SlackChannel string
	// SlackAPIURL is SLACK_API_URL, http or https, with a slash at its end.
	// Default https://slack.com/api/.
	SlackAPIURL string

	// Listen is SMILEYBOT_LISTEN, the host:port of webhooks and of Slack's
	// requests; port 0 picks a free one. Default :8080.
	Listen string
	// AdminListen is SMILEYBOT_ADMIN_LISTEN, the host:port of /healthz,
	// /readyz and /metrics. Default 127.0.0.1:9090.
	AdminListen string
	// Database is SMILEYBOT_DATABASE, the path of the SQLite file. Default
	// smileybot.db.
	Database string

	// WebhookSecrets is SMILEYBOT_WEBHOOK_SECRETS: whsec_ and base64 of at
	// least 16 bytes; any of them verifies. Loading for [All] takes at least
	// one of these or of WebhookTokens. Default none.
	WebhookSecrets []Secret
	// WebhookTokens is SMILEYBOT_WEBHOOK_TOKENS: bearer tokens of at least 16
	// visible ASCII characters. Default none.
	WebhookTokens []Secret

	// Senders are the secrets of SMILEYBOT_<NAME>_SECRETS by the name in lower case: of
	// senders with formats of their own, on when it is set. Default none.
	Senders map[string][]Secret
	// FormbricksQuestions and TypeformQuestions are SMILEYBOT_FORMBRICKS_QUESTIONS and
	// SMILEYBOT_TYPEFORM_QUESTIONS: which question of a survey is a rating. Default
	// none; the sender needs it.
	FormbricksQuestions, TypeformQuestions string
	// Mappings is SMILEYBOT_MAPPINGS, the path of a file that describes other senders.
	// Default none.
	Mappings string

	// Routes is SMILEYBOT_ROUTES: the id of the Slack channel that shows a
	// feedback channel; one that is not in it is shown in SlackChannel.
	// Default none.
	Routes map[feedback.Channel]string
	// LeadChannel is SMILEYBOT_LEAD_CHANNEL, the id of the team leads'
	// channel. Default SlackChannel.
	LeadChannel string

	// Location is SMILEYBOT_TIMEZONE, in which days, weeks and office hours
	// are reckoned. Default Europe/Amsterdam.
	Location *time.Location
	// Language is SMILEYBOT_LANGUAGE, of all that the bot says in Slack: en
	// or nl. Default en.
	Language string
	// OfficeHours is SMILEYBOT_OFFICE_HOURS without SMILEYBOT_HOLIDAYS, in
	// Location: when follow-up time runs. Default Mon-Fri 09:00-17:00 and no
	// holidays.
	OfficeHours office.Hours

	// FollowUpDue is SMILEYBOT_FOLLOWUP_DUE, office time until a follow-up is
	// due. Default 4h.
	FollowUpDue time.Duration
	// FollowUpDueUrgent is SMILEYBOT_FOLLOWUP_DUE_URGENT, the same for tickets
	// flagged urgent. Default 1h.
	FollowUpDueUrgent time.Duration

	// OutURL is SMILEYBOT_OUT_URL, where the ticket system is told of follow-ups;
	// OutSecret is SMILEYBOT_OUT_SECRET, a whsec_ one to sign with. Both or none.
	// Default none.
	OutURL    string
	OutSecret Secret

	// Retention is SMILEYBOT_RETENTION, after which feedback loses what it tells of its
	// customer; 0 keeps it for ever. Default 0.
	Retention time.Duration
}

// Need says which settings a command uses.
type Need int

const (
	// All is every setting, for what talks to Slack and takes webhooks.
	All Need = iota
	// Bot is the SMILEYBOT_* settings, none of them required, for what works
	// on the database alone. SLACK_* is not looked at.
	Bot
)

// Load reads the settings that are needed from the environment and from the
// files it names. Checks look at what only others understand of them, as far as they
// could be read. The error is [Mistakes], all of them, when they are wrong.
func Load(need Need, checks ...func(Config) Mistakes) (Config, error) {
	env, err := readEnvironment()
	if err != nil {
		return Config{}, err
	}
	var c Config
	var r reader
	if need == All {
		r.slack(&c, env)
	}
	r.server(&c, env)
	r.proofs(&c, env, need)
	r.channels(&c, env)
	r.office(&c, env)
	r.outgoing(&c, env)
	c.Retention = r.retention(env.Retention)
	for _, check := range checks {
		r.mistakes = append(r.mistakes, check(c)...)
	}
	if len(r.mistakes) > 0 {
		return Config{}, r.mistakes
	}
	return c, nil
}

// slack reads how to reach Slack.
func (r *reader) slack(c *Config, env environment) {
	c.SlackBotToken = r.botToken(env.SlackBotToken, env.SlackBotTokenFile)
	socketMode := env.SlackAppToken.value != "" || env.SlackAppTokenFile.value != ""
	c.SlackSigningSecret = r.signingSecret(env.SlackSigningSecret, env.SlackSigningSecretFile, !socketMode)
	c.SlackAppToken = r.appToken(env.SlackAppToken, env.SlackAppTokenFile)
	c.SlackChannel = r.requiredChannelID(env.SlackChannel)
	c.SlackAPIURL = r.apiURL(env.SlackAPIURL)
}

// server reads where smileybot listens and keeps.
func (r *reader) server(c *Config, env environment) {
	c.Listen = r.address(env.Listen)
	c.AdminListen = r.address(env.AdminListen)
	if c.Listen != "" && c.Listen == c.AdminListen && !picksPort(c.Listen) {
		r.mistakes.add(env.AdminListen, "that is also "+env.Listen.name, "give it another port")
	}
	c.Database = r.databasePath(env.Database)
}

// proofs reads what senders prove themselves with. Nothing is ever accepted
// unproved, so without any there is nothing to serve.
func (r *reader) proofs(c *Config, env environment, need Need) {
	secrets, tokens := env.WebhookSecrets, env.WebhookTokens
	c.WebhookSecrets = r.proofList(secrets, env.WebhookSecretsFile, checkWebhookSecret)
	c.WebhookTokens = r.proofList(tokens, env.WebhookTokensFile, checkWebhookToken)
	r.senders(c, env)
	if need == Bot || r.hasProof(c, env) {
		return
	}
	r.mistakes.add(secrets, "no sender can prove itself: neither this, "+tokens.name+" nor "+env.Senders.name+" is set", cureWebhookSecret)
}

// channels reads where feedback is shown.
func (r *reader) channels(c *Config, env environment) {
	c.Routes = r.routes(env.Routes)
	c.LeadChannel = c.SlackChannel
	if env.LeadChannel.value != "" {
		c.LeadChannel = r.channelID(env.LeadChannel)
	}
}
