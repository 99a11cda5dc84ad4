// Package config reads smileybot's settings from the environment.
//
// [Load] reports every mistake at once, by the variable's name and never by its value; secrets are
// a type that cannot be printed.
package config

import (
	"cmp"
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// Config is the settings of one smileybot, complete and checked. [Describe] has the meaning and the
// default of each variable.
type Config struct {
	SlackBotToken      Secret // SLACK_BOT_TOKEN, xoxb-…
	SlackSigningSecret Secret // SLACK_SIGNING_SECRET; when it is empty, Slack's requests are not served over HTTP
	SlackAppToken      Secret // SLACK_APP_TOKEN, xapp-…; turns Socket Mode on
	SlackChannel       string // SLACK_CHANNEL, an id
	SlackAPIURL        string // SLACK_API_URL, http or https, ends with a slash

	Listen      string // SMILEYBOT_LISTEN, host:port or unix:PATH; port 0 picks a free one
	AdminListen string // SMILEYBOT_ADMIN_LISTEN, the same
	Database    Secret // SMILEYBOT_DATABASE, a path, or a postgres:// URL with a password in it

	// WebhookSecrets is SMILEYBOT_WEBHOOK_SECRETS: whsec_ and base64 of at least 16 bytes.
	WebhookSecrets []Secret
	// WebhookTokens is SMILEYBOT_WEBHOOK_TOKENS: at least 16 visible ASCII characters each.
	WebhookTokens []Secret
	// Senders is SMILEYBOT_<NAME>_SECRETS by the name in lower case. A sender in it is on.
	Senders map[string][]Secret
	// Questions is SMILEYBOT_<NAME>_QUESTIONS by the name in lower case.
	Questions map[string]string
	Mappings  string // SMILEYBOT_MAPPINGS, the path of a file
	// MappingsText is the content of that file, nil when it could not be read.
	MappingsText []byte
	// PublicURL is SMILEYBOT_PUBLIC_URL without a slash at its end, "" when it is not set.
	PublicURL string

	// Routes is SMILEYBOT_ROUTES: the id of the Slack channel that shows a feedback channel. One that
	// is not in it is shown in SlackChannel.
	Routes      map[feedback.Channel]string
	LeadChannel string // SMILEYBOT_LEAD_CHANNEL, an id

	Location *time.Location // SMILEYBOT_TIMEZONE
	Language string         // SMILEYBOT_LANGUAGE, en or nl
	// QuietGreen is SMILEYBOT_GREEN=digest: green answers without a comment have no message.
	QuietGreen bool
	// OfficeHours is SMILEYBOT_OFFICE_HOURS without SMILEYBOT_HOLIDAYS, in Location.
	OfficeHours       office.Hours
	FollowUpDue       time.Duration // SMILEYBOT_FOLLOWUP_DUE, in office time
	FollowUpDueUrgent time.Duration // SMILEYBOT_FOLLOWUP_DUE_URGENT, in office time

	OutURL    string        // SMILEYBOT_OUT_URL; set together with OutSecret or not at all
	OutSecret Secret        // SMILEYBOT_OUT_SECRET, whsec_…
	Retention time.Duration // SMILEYBOT_RETENTION; 0 keeps personal data for ever
}

// Need says which settings a command uses.
type Need int

const (
	// All is every setting, for commands that call Slack and receive webhooks.
	All Need = iota
	// Bot is the SMILEYBOT_* settings, none of them required, for commands that need only the
	// database. SLACK_* is not read.
	Bot
)

// Load reads the settings that are needed from the environment and from the files it names. Senders
// are the ready-made ones. Checks find mistakes that only other packages can see, in what could be
// read. The error is [Mistakes], all of them, when settings are wrong.
func Load(need Need, senders []Sender, checks ...func(Config) Mistakes) (Config, error) {
	env, err := readEnvironment()
	if err != nil {
		return Config{}, err
	}
	var c Config
	var r reader
	r.repair(&env, need)
	if need == All {
		r.slack(&c, env)
	}
	r.server(&c, env)
	r.proofs(&c, env, need, senders)
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

// environment is what envconfig reads. Its tags give every setting its name, its default and its
// meaning, for mistakes, [Describe] and docs/configuration.md. A setting with the tag secret may
// also be in the file that NAME_FILE names.
type environment struct {
	SlackBotToken      variable `envconfig:"SLACK_BOT_TOKEN" needed:"true" secret:"true" meaning:"the bot token of your Slack app, xoxb-…"`
	SlackSigningSecret variable `envconfig:"SLACK_SIGNING_SECRET" needed:"true" unless:"SLACK_APP_TOKEN" secret:"true" meaning:"proves that a request comes from Slack"`
	SlackAppToken      variable `envconfig:"SLACK_APP_TOKEN" secret:"true" meaning:"Socket Mode: the app-level token of your Slack app, xapp-…, so that Slack needs no way in"`
	SlackChannel       variable `envconfig:"SLACK_CHANNEL" needed:"true" meaning:"the id of the support channel, C…"`
	SlackAPIURL        variable `envconfig:"SLACK_API_URL" default:"https://slack.com/api/" meaning:"the address of Slack's API"`

	Listen      variable `envconfig:"SMILEYBOT_LISTEN" default:":8080" meaning:"where webhooks and Slack's requests come in: host:port, or unix:PATH for a socket"`
	AdminListen variable `envconfig:"SMILEYBOT_ADMIN_LISTEN" default:"127.0.0.1:9090" meaning:"where /healthz, /readyz and /metrics are served"`
	Database    variable `envconfig:"SMILEYBOT_DATABASE" default:"smileybot.db" secret:"true" meaning:"the path of the SQLite file, or the postgres:// URL of a PostgreSQL database"`

	WebhookSecrets variable `envconfig:"SMILEYBOT_WEBHOOK_SECRETS" secret:"true" meaning:"comma-separated whsec_… secrets of senders that sign; any of them verifies. One of this, SMILEYBOT_WEBHOOK_TOKENS and SMILEYBOT_<NAME>_SECRETS must be set"`
	WebhookTokens  variable `envconfig:"SMILEYBOT_WEBHOOK_TOKENS" secret:"true" meaning:"comma-separated bearer tokens, 16 characters or more, for senders that cannot sign"`

	// Senders is here for its name: [senderNames] finds its variables. [Describe] puts the names of
	// the ready-made senders into its meaning, and their settings after it.
	Senders   variable `envconfig:"SMILEYBOT_<NAME>_SECRETS" secret:"true" meaning:"comma-separated secrets of the sender NAME, any of them verifies; it turns the sender on: <names> or one of SMILEYBOT_MAPPINGS"`
	Mappings  variable `envconfig:"SMILEYBOT_MAPPINGS" meaning:"the path of a file that describes other senders; see docs/senders/mapping.md"`
	PublicURL variable `envconfig:"SMILEYBOT_PUBLIC_URL" meaning:"where senders reach this bot, https://… without a path: what {url} begins with in the proof of a mapping"`

	Routes      variable `envconfig:"SMILEYBOT_ROUTES" meaning:"another Slack channel per feedback channel: chat=C0CHAT,panel=C0NPS"`
	LeadChannel variable `envconfig:"SMILEYBOT_LEAD_CHANNEL" fallback:"SLACK_CHANNEL" meaning:"the id of the team leads' channel"`

	Timezone    variable `envconfig:"SMILEYBOT_TIMEZONE" default:"Europe/Amsterdam" meaning:"the time zone of days, weeks and office hours"`
	Language    variable `envconfig:"SMILEYBOT_LANGUAGE" default:"en" meaning:"the language of everything the bot says in Slack: en or nl"`
	Green       variable `envconfig:"SMILEYBOT_GREEN" default:"post" meaning:"how green answers without a comment appear: post (a message each) or digest (none; the digest counts them)"`
	OfficeHours variable `envconfig:"SMILEYBOT_OFFICE_HOURS" default:"Mon-Fri 09:00-17:00" meaning:"when follow-up time runs; several stretches separated by ;"`
	Holidays    variable `envconfig:"SMILEYBOT_HOLIDAYS" meaning:"no office time on these days: a country's public holidays, plus and minus days, as in nl,+12-24,-2027-05-05"`

	FollowUpDue       variable `envconfig:"SMILEYBOT_FOLLOWUP_DUE" default:"4h" meaning:"office time until a follow-up is due, at most 8760h"`
	FollowUpDueUrgent variable `envconfig:"SMILEYBOT_FOLLOWUP_DUE_URGENT" default:"1h" meaning:"the same for tickets flagged urgent"`

	OutURL    variable `envconfig:"SMILEYBOT_OUT_URL" meaning:"where your ticket system gets the events of follow-ups, https://…; see docs/outgoing.md"`
	OutSecret variable `envconfig:"SMILEYBOT_OUT_SECRET" secret:"true" meaning:"the whsec_… secret that signs what is sent there"`

	Retention variable `envconfig:"SMILEYBOT_RETENTION" default:"0" meaning:"how long feedback keeps its personal data, as in 730d, at most 36525d; 0 keeps it for ever"`
}

// variable is one environment variable as it was read. It may hold a secret, so it is never printed.
type variable struct{ name, value string }

// Decode takes any text without the space around it. envconfig stops at the first value that it
// cannot decode and prints it, so it must never find one.
func (v *variable) Decode(value string) error {
	v.value = strings.TrimSpace(value)
	return nil
}

// readEnvironment reads the process's environment. An empty variable counts as not set, because an
// env_file has blank lines for optional settings.
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
	Name     string // of the variable
	Default  string // its value when it is not set, or the variable whose value it has then
	Meaning  string // a phrase
	Required bool   // smileybot does not start without it
	Unless   string // the variable that replaces a required one
	Secret   bool   // Name_FILE may name a file that holds it instead
}

// Describe lists the settings in the order of docs/configuration.md, with those of the ready-made
// senders.
func Describe(senders []Sender) []Setting {
	var names []string
	for _, s := range senders {
		names = append(names, strings.ToUpper(s.Name))
	}
	var settings []Setting
	for field := range reflect.TypeFor[environment]().Fields() {
		tag := field.Tag
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
