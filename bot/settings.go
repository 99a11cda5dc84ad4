package bot

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/command"
	"smileybot/bot/message"
	"smileybot/bot/outbox"
	"smileybot/bot/selfcheck"
	"smileybot/bot/slackapi"
	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
	"smileybot/config"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/database"
)

// LoadConfig reads the settings that are needed, with those of the ready-made senders. The error is
// [config.Mistakes].
func LoadConfig(need config.Need) (config.Config, error) {
	check := func(c config.Config) config.Mistakes {
		if need != config.All {
			return nil
		}
		_, mistakes := Senders(c)
		return mistakes
	}
	return config.Load(need, senderSettings(), check)
}

// UnknownVariables lists the variables that look like settings and are none, see [config.Unknown].
func UnknownVariables(c config.Config) config.Mistakes {
	return config.Unknown(senderSettings(), Mapped(c))
}

// UnknownResults are the warnings of the self-check of UnknownVariables.
func UnknownResults(c config.Config) []selfcheck.Result {
	var results []selfcheck.Result
	for _, m := range UnknownVariables(c) {
		results = append(results, selfcheck.Result{Warning: true, Text: m.Name + ": " + m.Problem, Remedy: m.Remedy})
	}
	return results
}

// DescribeConfig lists all settings, with those of the ready-made senders.
func DescribeConfig() []config.Setting { return config.Describe(senderSettings()) }

// senderSettings are the rules for the settings of the ready-made senders.
func senderSettings() []config.Sender {
	var all []config.Sender
	for _, s := range senders.All() {
		kind := s.Proof.Kind
		rules := config.Sender{
			Name: s.Name, QuestionsMeaning: s.QuestionsMeaning,
			WebhookSecrets: kind == sender.StandardWebhooks, InPath: kind == sender.PathSecret,
		}
		if kind == sender.Signature {
			rules.MinSecret = 8 // the sender makes these secrets, of a length that it chooses
		}
		all = append(all, rules)
	}
	return all
}

// StoreOptions are the options of the store that the settings ask for.
func StoreOptions(c config.Config) store.Options {
	return store.Options{
		Location: c.Location,
		Policy:   followup.Policy{Hours: c.OfficeHours, Due: c.FollowUpDue, DueUrgent: c.FollowUpDueUrgent},
		Outgoing: c.OutURL != "",
	}
}

// Renderer returns a renderer in the language and the time zone of the settings.
func Renderer(c config.Config) *message.Renderer {
	return message.NewRenderer(message.Options{Zone: c.Location, Language: message.Language(c.Language)})
}

// NothingSet reports whether none of the required settings is set.
func NothingSet() bool {
	set := func(name string) bool { return os.Getenv(name) != "" || os.Getenv(name+"_FILE") != "" }
	return !slices.ContainsFunc(DescribeConfig(), func(s config.Setting) bool { return s.Required && (set(s.Name) || set(s.Unless)) })
}

// AdminListen returns SMILEYBOT_ADMIN_LISTEN, or its default, and reads no other setting.
func AdminListen() string {
	const name = "SMILEYBOT_ADMIN_LISTEN"
	address := strings.TrimSpace(os.Getenv(name))
	for _, s := range DescribeConfig() {
		if s.Name == name {
			address = cmp.Or(address, s.Default)
		}
	}
	return address
}

// SelfCheckOptions returns what the self-check needs of the settings.
func SelfCheckOptions(c config.Config) selfcheck.Options {
	var senders []selfcheck.Sender
	for _, name := range slices.Sorted(maps.Keys(c.Senders)) {
		senders = append(senders, selfcheck.Sender{Name: name, Secrets: len(c.Senders[name])})
	}
	for _, name := range Mapped(c) {
		if len(c.Senders[name]) == 0 {
			senders = append(senders, selfcheck.Sender{Name: name, Setting: config.SendersSetting(name)})
		}
	}
	return selfcheck.Options{
		Unknown: UnknownResults(c), Language: c.Language, Store: StoreOptions(c), Database: c.Database, Listen: c.Listen, AdminListen: c.AdminListen,
		WebhookSecrets: len(c.WebhookSecrets), WebhookTokens: len(c.WebhookTokens), Senders: senders,
		BotToken: c.SlackBotToken.Reveal(), AppToken: c.SlackAppToken.Reveal(), SigningSecret: c.SlackSigningSecret.Reveal(),
		SlackAPIURL: c.SlackAPIURL, Channel: c.SlackChannel, LeadChannel: c.LeadChannel, Routes: c.Routes,
		Scopes: command.Scopes(), HomeScope: command.ScopeEmail, Renderer: Renderer(c),
	}
}

// EraseInSlack removes erased data from the messages in Slack, see [outbox.Deliverer.Erase]. It returns
// the messages that can be neither edited nor deleted, and, if there are any, their workspace, which
// makes links of them; it is zero when Slack does not name it.
func EraseInSlack(ctx context.Context, c config.Config, s *store.Store, log *slog.Logger, progress func(done, total int64)) (
	failed []store.Remnant, own slackapi.Workspace, err error,
) {
	client := slackClient(c, slackapi.Options{})
	d, err := newOutbox(c, outbox.Options{Store: s, Slack: client, Renderer: Renderer(c), Registry: prometheus.NewRegistry(), Log: log})
	if err != nil {
		return nil, own, err
	}
	lock := func(ctx context.Context) (func() error, error) {
		held, err := database.LockExisting(ctx, c.Database, math.MaxInt64)
		if err != nil {
			return nil, err
		}
		return held.Release, nil
	}
	failed, err = d.Erase(ctx, lock, progress)
	if len(failed) > 0 {
		own, _ = client.Workspace(ctx)
	}
	return failed, own, err
}

// slackClient returns a client with the tokens and the address in the settings.
func slackClient(c config.Config, o slackapi.Options) *slackapi.Client {
	o.Scopes = command.Scopes()
	o.Token, o.AppToken, o.URL = c.SlackBotToken.Reveal(), c.SlackAppToken.Reveal(), c.SlackAPIURL
	return slackapi.New(o)
}

// newOutbox returns a Deliverer to the channels in the settings.
func newOutbox(c config.Config, o outbox.Options) (*outbox.Deliverer, error) {
	o.QuietGreen = c.QuietGreen
	o.Channel, o.Lead, o.Routes = c.SlackChannel, c.LeadChannel, c.Routes
	return outbox.New(o)
}
