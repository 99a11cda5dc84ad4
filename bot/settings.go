package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/command"
	"smileybot/bot/duty"
	"smileybot/bot/message"
	"smileybot/bot/outbox"
	"smileybot/bot/pull"
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
		_, ofPulls := PullSenders(c)
		return append(mistakes, ofPulls...)
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
	pulls, _ := PullSenders(c)
	return selfcheck.Options{
		Pulls:   func(ctx context.Context, report func(selfcheck.Result)) { checkPulls(ctx, pulls, report) },
		Duties:  checkDuties,
		Unknown: UnknownResults(c), Language: c.Language, Store: StoreOptions(c), Database: c.Database.Reveal(), Listen: c.Listen, AdminListen: c.AdminListen,
		WebhookSecrets: len(c.WebhookSecrets), WebhookTokens: len(c.WebhookTokens), Senders: senders,
		BotToken: c.SlackBotToken.Reveal(), AppToken: c.SlackAppToken.Reveal(), SigningSecret: c.SlackSigningSecret.Reveal(),
		SlackAPIURL: c.SlackAPIURL, Channel: c.SlackChannel, LeadChannel: c.LeadChannel, Routes: c.Routes,
		Scopes: command.Scopes(), HomeScope: command.ScopeEmail, Renderer: Renderer(c),
	}
}

// checkPulls asks each sender that is asked once, and stores nothing.
func checkPulls(ctx context.Context, senders []pull.Sender, report func(selfcheck.Result)) {
	err := pull.Check(ctx, senders, nil, "check", func(t pull.Trial) {
		name := "pull " + t.Sender
		switch {
		case t.Failure != nil:
			report(selfcheck.Result{Failed: true, Text: name + ": " + t.Failure.Reason, Remedy: pull.Remedy(t.Failure.Reason)})
		case t.Warnings > 0:
			report(selfcheck.Result{
				Warning: true, Text: fmt.Sprintf("%s: %d reviews on the first page, and %d fields or reviews that cannot be read", name, t.Reviews, t.Warnings),
				Remedy: "compare the page of the site in docs/senders, or your mapping, with what the site sends",
			})
		default:
			report(selfcheck.Result{Text: fmt.Sprintf("%s: %d reviews on the first page", name, t.Reviews)})
		}
	})
	if err != nil {
		report(selfcheck.Result{Failed: true, Text: "pull: " + err.Error()})
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
	alone := func(ctx context.Context, run func(ctx, held context.Context, s *store.Store)) error {
		return postAlone(ctx, c.Database.Reveal(), s, client.Clock().Now, log, run)
	}
	failed, err = d.Erase(ctx, alone, progress)
	if len(failed) > 0 {
		own, _ = client.Workspace(ctx)
	}
	return failed, own, err
}

// postAlone runs run once no bot posts, with the lock of the file and the duty of posting.
func postAlone(ctx context.Context, setting string, s *store.Store, now func() time.Time, log *slog.Logger,
	run func(ctx, held context.Context, s *store.Store),
) error {
	held, err := database.LockExisting(ctx, setting, math.MaxInt64)
	if ctx.Err() != nil && err != nil {
		return nil //nolint:nilerr // a bot held the lock to the end
	}
	if err != nil {
		return err
	}
	keeper, err := duty.New(duty.Options{
		Store: s, Bot: processName(), Parts: []duty.Part{{Duty: duty.Slack, Run: run}}, Now: now, Registry: prometheus.NewRegistry(), Log: log,
	})
	if err == nil {
		keeper.Run(ctx)
	}
	return errors.Join(err, held.Release())
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
