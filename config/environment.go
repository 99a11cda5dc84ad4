package config

import (
	"cmp"
	"errors"
	"reflect"
	"strings"

	"github.com/kelseyhightower/envconfig"
)

// variable is one environment variable as it was read. It may hold a secret,
// so it is never printed.
type variable struct{ name, value string }

// Decode takes any text, so that envconfig has none to refuse: it stops at the
// first value that it cannot take and prints it. Space around it goes.
func (v *variable) Decode(value string) error {
	v.value = strings.TrimSpace(value)
	return nil
}

// environment is what envconfig reads.
//
// Its tags give every setting its name, its default and its meaning; mistakes
// and [Describe] take them from here. The table of docs/configuration.md and the comments of
// [Config] repeat them for people. Those without a meaning are not for the
// table: the files of the secrets, and settings that are only refused yet.
type environment struct {
	SlackBotToken          variable `envconfig:"SLACK_BOT_TOKEN" needed:"true" secret:"true" meaning:"the bot token of your Slack app, xoxb-…"`
	SlackBotTokenFile      variable `envconfig:"SLACK_BOT_TOKEN_FILE"`
	SlackSigningSecret     variable `envconfig:"SLACK_SIGNING_SECRET" needed:"true" unless:"SLACK_APP_TOKEN" secret:"true" meaning:"proves that a request comes from Slack"`
	SlackSigningSecretFile variable `envconfig:"SLACK_SIGNING_SECRET_FILE"`
	SlackAppToken          variable `envconfig:"SLACK_APP_TOKEN" secret:"true" meaning:"Socket Mode: the app-level token of your Slack app, xapp-…, so that Slack needs no way in"`
	SlackAppTokenFile      variable `envconfig:"SLACK_APP_TOKEN_FILE"`
	SlackChannel           variable `envconfig:"SLACK_CHANNEL" needed:"true" meaning:"the id of the support channel, C…"`
	SlackAPIURL            variable `envconfig:"SLACK_API_URL" default:"https://slack.com/api/" meaning:"the address of Slack's API"`

	Listen      variable `envconfig:"SMILEYBOT_LISTEN" default:":8080" meaning:"where webhooks and Slack's requests come in"`
	AdminListen variable `envconfig:"SMILEYBOT_ADMIN_LISTEN" default:"127.0.0.1:9090" meaning:"where /healthz, /readyz and /metrics are served"`
	Database    variable `envconfig:"SMILEYBOT_DATABASE" default:"smileybot.db" meaning:"the path of the SQLite file"`

	WebhookSecrets     variable `envconfig:"SMILEYBOT_WEBHOOK_SECRETS" secret:"true" meaning:"comma-separated whsec_… secrets of senders that sign; any of them verifies. One of this, SMILEYBOT_WEBHOOK_TOKENS and SMILEYBOT_<NAME>_SECRETS must be set"`
	WebhookSecretsFile variable `envconfig:"SMILEYBOT_WEBHOOK_SECRETS_FILE"`
	WebhookTokens      variable `envconfig:"SMILEYBOT_WEBHOOK_TOKENS" secret:"true" meaning:"comma-separated bearer tokens, 16 characters or more, for senders that cannot sign"`
	WebhookTokensFile  variable `envconfig:"SMILEYBOT_WEBHOOK_TOKENS_FILE"`

	// Senders is here for its name: [senderNames] finds its variables. [Describe] puts the names of
	// the ready-made senders into its meaning, and their settings after it.
	Senders  variable `envconfig:"SMILEYBOT_<NAME>_SECRETS" secret:"true" meaning:"comma-separated secrets of the sender NAME, any of them verifies; it turns the sender on: <names> or one of SMILEYBOT_MAPPINGS"`
	Mappings variable `envconfig:"SMILEYBOT_MAPPINGS" meaning:"the path of a file that describes other senders; see docs/senders/mapping.md"`

	Routes      variable `envconfig:"SMILEYBOT_ROUTES" meaning:"another Slack channel per feedback channel: chat=C0CHAT,panel=C0NPS"`
	LeadChannel variable `envconfig:"SMILEYBOT_LEAD_CHANNEL" fallback:"SLACK_CHANNEL" meaning:"the id of the team leads' channel"`

	Timezone    variable `envconfig:"SMILEYBOT_TIMEZONE" default:"Europe/Amsterdam" meaning:"the time zone of days, weeks and office hours"`
	Language    variable `envconfig:"SMILEYBOT_LANGUAGE" default:"en" meaning:"the language of everything the bot says in Slack: en or nl"`
	OfficeHours variable `envconfig:"SMILEYBOT_OFFICE_HOURS" default:"Mon-Fri 09:00-17:00" meaning:"when follow-up time runs; several stretches separated by ;"`
	Holidays    variable `envconfig:"SMILEYBOT_HOLIDAYS" meaning:"no office time on these days: a country's public holidays, plus and minus days, as in nl,+2026-12-24,-2027-05-05"`

	FollowUpDue       variable `envconfig:"SMILEYBOT_FOLLOWUP_DUE" default:"4h" meaning:"office time until a follow-up is due"`
	FollowUpDueUrgent variable `envconfig:"SMILEYBOT_FOLLOWUP_DUE_URGENT" default:"1h" meaning:"the same for tickets flagged urgent"`

	OutURL        variable `envconfig:"SMILEYBOT_OUT_URL" meaning:"where your ticket system gets the events of follow-ups, https://…; see docs/outgoing.md"`
	OutSecret     variable `envconfig:"SMILEYBOT_OUT_SECRET" secret:"true" meaning:"the whsec_… secret that signs what is sent there"`
	OutSecretFile variable `envconfig:"SMILEYBOT_OUT_SECRET_FILE"`

	Retention variable `envconfig:"SMILEYBOT_RETENTION" default:"0" meaning:"how long feedback keeps its personal data, as in 730d; 0 keeps it for ever"`
}

// readEnvironment reads the process's environment. A variable that is set to
// nothing counts as not set, as an env_file with blank lines for the optional
// settings would have it.
func readEnvironment() (environment, error) {
	var env environment
	if err := envconfig.Process("", &env); err != nil {
		return environment{}, errors.New("config: the environment cannot be read") // envconfig's own words hold values
	}
	for field, value := range reflect.ValueOf(&env).Elem().Fields() {
		v, ok := reflect.TypeAssert[*variable](value.Addr())
		if !ok {
			return environment{}, errors.New("config: the field " + field.Name + " is no variable")
		}
		v.name = field.Tag.Get("envconfig")
		v.value = cmp.Or(v.value, field.Tag.Get("default"))
	}
	return env, nil
}

// Setting describes one environment variable, for docs/configuration.md and the help.
type Setting struct {
	// Name is the environment variable.
	Name string
	// Default is its value when it is not set, or the name of the variable
	// whose value it then has; "" when it has none.
	Default string
	// Meaning is what it sets, in a phrase.
	Meaning string
	// Required says that smileybot does not start without it.
	Required bool
	// Unless is the setting that makes up for a required one, "" when none does.
	Unless string
	// Secret says that Name_FILE may name a file that holds it instead.
	Secret bool
}

// Describe lists the settings in the order of the table of docs/configuration.md, with those of the ready-made
// senders.
func Describe(senders []Sender) []Setting {
	var names []string
	for _, s := range senders {
		names = append(names, strings.ToUpper(s.Name))
	}
	fields := reflect.TypeFor[environment]()
	var settings []Setting
	for field := range fields.Fields() {
		tag := field.Tag
		if tag.Get("meaning") == "" {
			continue
		}
		settings = append(settings, Setting{
			Name:     tag.Get("envconfig"),
			Default:  tag.Get("default") + tag.Get("fallback"),
			Meaning:  strings.Replace(tag.Get("meaning"), "<names>", strings.Join(names, ", "), 1),
			Required: tag.Get("needed") == "true",
			Unless:   tag.Get("unless"),
			Secret:   tag.Get("secret") == "true",
		})
		if field.Name != "Senders" {
			continue
		}
		for _, s := range senders {
			if s.QuestionsMeaning != "" {
				settings = append(settings, Setting{Name: QuestionsSetting(s.Name), Meaning: s.QuestionsMeaning})
			}
		}
	}
	return settings
}
