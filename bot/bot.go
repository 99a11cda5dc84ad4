package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"smileybot/bot/command"
	"smileybot/bot/message"
	"smileybot/bot/outbox"
	"smileybot/bot/outgoing"
	"smileybot/bot/schedule"
	"smileybot/bot/slackapi"
	"smileybot/bot/webhook"
	"smileybot/config"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/sqlite"
)

// lockPatience is how long a second bot waits for the first to exit, as in a rolling restart.
const lockPatience = 15 * time.Second

// Options are what a Bot is made of.
type Options struct {
	Config config.Config
	// Listener and AdminListener are used instead of the configured addresses when they are not nil. The
	// bot closes them.
	Listener, AdminListener net.Listener
	// SlackTransport is used instead of the default one when it is not nil.
	SlackTransport http.RoundTripper
	// OutTransport is used instead of the default one for the outgoing webhook when it is not nil.
	OutTransport http.RoundTripper
	// SlackDial is used instead of TCP and TLS for Socket Mode when it is not nil.
	SlackDial func(ctx context.Context, network, address string) (net.Conn, error)
	// Signals signal, if it is not nil, that another program has changed the database, see [store.Watch].
	Signals <-chan struct{}
	// Pace is Slack's when zero.
	Pace    outbox.Pace
	Log     *slog.Logger
	Version string
}

// Bot is smileybot, ready to run.
type Bot struct {
	log        *slog.Logger
	store      *store.Store
	release    func() error
	outbox     *outbox.Deliverer
	scheduler  *schedule.Scheduler
	notifier   *outgoing.Notifier // nil without an outgoing webhook
	dispatcher *dispatcher
	socket     *slackapi.Socket // nil without Socket Mode
	public     *server
	admin      *server
	signals    <-chan struct{}
}

// StoreOptions are the options of the store that the settings ask for.
func StoreOptions(c config.Config) store.Options {
	return store.Options{
		Location: c.Location,
		Policy:   followup.Policy{Hours: c.OfficeHours, Due: c.FollowUpDue, DueUrgent: c.FollowUpDueUrgent},
		Outgoing: c.OutURL != "",
	}
}

// Speaker returns a Speaker of the language and the time zone in the settings.
func Speaker(c config.Config) *message.Renderer {
	return message.NewRenderer(message.Options{Zone: c.Location, Language: message.Language(c.Language)})
}

// New takes the database's lock, waiting up to 15 s for another bot to exit, opens the database, recounts
// the scores where the settings ask for it, and listens. Slack is not called yet.
func New(ctx context.Context, o Options) (*Bot, error) {
	speaking := make(chan *message.Renderer, 1)
	go func() { speaking <- Speaker(o.Config) }() // reads the catalogues while the database is opened
	release, err := sqlite.Lock(ctx, o.Config.Database, lockPatience)
	if err != nil {
		return nil, err
	}
	s, err := sqlite.Open(ctx, o.Config.Database, StoreOptions(o.Config))
	if err != nil {
		return nil, errors.Join(err, release())
	}
	b := &Bot{log: o.Log, store: s, release: release, signals: o.Signals}
	if err := recount(ctx, s, o.Log); err != nil {
		return nil, errors.Join(err, b.close())
	}
	if err := b.assemble(ctx, o, <-speaking); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

// recount recounts the scores when they were counted by other settings: after a change of the time zone
// or the office hours, and after an update to a version that counts more. It runs before anyone asks
// for them, and logs its progress by tenths.
func recount(ctx context.Context, s *store.Store, log *slog.Logger) error {
	if counted, err := s.Counted(ctx); err != nil || counted {
		return err
	}
	log.Info("recounting the scores for the configured time zone and office hours")
	logged := int64(0)
	rebuilt, err := s.Rebuild(ctx, func(done, total int64) {
		const tenths = 10
		if now := tenths * done / max(total, 1); now > logged {
			logged = now
			log.Info("recounting the scores", "percent", tenths*now)
		}
	})
	if err != nil {
		return err
	}
	log.Info("recounted the scores", "feedback", rebuilt.Feedback, "moved_to_another_day", rebuilt.Moved, "tallies_changed", rebuilt.Different, "service_changed", rebuilt.Service)
	return nil
}

// assemble makes the parts and puts them together.
func (b *Bot) assemble(ctx context.Context, o Options, speaker *message.Renderer) (err error) {
	registry := prometheus.NewRegistry()
	count, err := slackRequests(registry)
	if err != nil {
		return err
	}
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	client := slackClient(o.Config, slackapi.Options{Transport: o.SlackTransport, Dial: o.SlackDial, Count: count})

	b.outbox, err = newOutbox(o.Config, outbox.Options{
		Store: b.store, Slack: client, Speaker: speaker, Pace: o.Pace, Registry: registry, Log: o.Log, Posted: b.onQueueChanged,
	})
	if err != nil {
		return err
	}
	b.scheduler = schedule.New(schedule.Options{
		Store: b.store, Hours: o.Config.OfficeHours, Retention: o.Config.Retention, Registry: registry, Log: o.Log,
		Wake: b.onFeedbackStored,
	})
	if o.Config.OutURL != "" {
		b.notifier, err = outgoing.New(outgoing.Options{
			Store: b.store, URL: o.Config.OutURL, Secret: o.Config.OutSecret.Reveal(), Transport: o.OutTransport,
			Registry: registry, Log: o.Log, Version: o.Version,
		})
		if err != nil {
			return err
		}
	}
	health := &health{store: b.store, failures: b.failures, operator: speaker.With(message.Options{})}
	if err := registerGauges(registry, b.store); err != nil {
		return err
	}
	b.dispatcher = &dispatcher{log: o.Log, handler: command.New(command.Options{
		Store: b.store, Slack: client, Renderer: speaker, Hours: o.Config.OfficeHours,
		SupportChannel: o.Config.SlackChannel, LeadChannel: o.Config.LeadChannel,
		Log: o.Log, Registry: registry, Wake: b.onStoreChanged, Version: o.Version, Health: health.forPeople,
	})}
	senders, mistakes := Senders(o.Config)
	if len(mistakes) > 0 {
		return mistakes
	}
	door, err := webhook.New(webhook.Options{
		Store: b.store, Senders: senders, Secrets: reveal(o.Config.WebhookSecrets), Tokens: reveal(o.Config.WebhookTokens),
		Registry: registry, Log: o.Log, Taken: b.onFeedbackStored,
	})
	if err != nil {
		return err
	}
	if o.Config.SlackAppToken.Reveal() != "" {
		operator := message.NewRenderer(message.Options{})
		b.socket, err = client.NewSocket(slackapi.SocketOptions{
			Receiver: b.dispatcher, Registry: registry, Log: o.Log,
			Remedy: func(reason string) string { return operator.Remedy(message.Fault{Reason: reason, Socket: true}) },
		})
		if err != nil {
			return err
		}
	}
	var endpoint *slackapi.Endpoint
	if secret := o.Config.SlackSigningSecret.Reveal(); secret != "" {
		endpoint = slackapi.NewEndpoint(client, secret, b.dispatcher, o.Log)
	}
	if b.public, err = listen(ctx, o.Listener, o.Config.Listen, publicRoutes(door, endpoint), o.Log); err != nil {
		return fmt.Errorf("SMILEYBOT_LISTEN: %w", err)
	}
	if b.admin, err = listen(ctx, o.AdminListener, o.Config.AdminListen, adminRoutes(health, registry), o.Log); err != nil {
		return fmt.Errorf("SMILEYBOT_ADMIN_LISTEN: %w", err)
	}
	return nil
}

// slackClient returns a client with the tokens and the address in the settings.
func slackClient(c config.Config, o slackapi.Options) *slackapi.Client {
	o.Token, o.AppToken, o.URL = c.SlackBotToken.Reveal(), c.SlackAppToken.Reveal(), c.SlackAPIURL
	return slackapi.New(o)
}

// newOutbox returns a Deliverer to the channels in the settings.
func newOutbox(c config.Config, o outbox.Options) (*outbox.Deliverer, error) {
	o.Channel, o.Lead, o.Routes = c.SlackChannel, c.LeadChannel, c.Routes
	return outbox.New(o)
}

// DrainOptions are what [Drain] needs. The caller holds the database's lock.
type DrainOptions struct {
	Config config.Config
	Store  *store.Store
	// SlackTransport is used instead of the default one when it is not nil.
	SlackTransport http.RoundTripper
	Log            *slog.Logger
	// Done is called now and then, and reports whether enough is delivered.
	Done func(context.Context) (bool, error)
}

// Drain brings Slack up to date without serving, until enough is delivered or ctx ends. It returns what
// was wrong with Slack at the end.
func Drain(ctx context.Context, o DrainOptions) ([]slackapi.Failure, error) {
	d, err := newOutbox(o.Config, outbox.Options{
		Store: o.Store, Slack: slackClient(o.Config, slackapi.Options{Transport: o.SlackTransport}),
		Speaker: Speaker(o.Config), Registry: prometheus.NewRegistry(), Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	return d.Drain(ctx, o.Done)
}

// The shares of the ten seconds of a stop: open requests, then the answers that people wait for, then the
// operator's requests. Calls of the outbox have six seconds next to all three, and two to record how they
// went.
const (
	requestsGrace = 1500 * time.Millisecond
	answersGrace  = 3 * time.Second
)

// Run serves until ctx ends, then stops in order. It may be called once.
func (b *Bot) Run(ctx context.Context) error {
	b.log.Info("listening", "listen", b.public.listener.Addr().String(), "admin", b.admin.listener.Addr().String())
	group, ctx := errgroup.WithContext(ctx)
	connected, disconnect := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(b.public.serve)
	group.Go(b.admin.serve)
	group.Go(func() error { return b.outbox.Run(ctx) })
	group.Go(func() error { b.dispatcher.handler.KeepHomes(ctx); return nil })
	group.Go(func() error { b.scheduler.Run(ctx); return nil })
	group.Go(func() error { b.listenForSignals(ctx); return nil })
	group.Go(func() error {
		if b.notifier != nil {
			b.notifier.Run(ctx)
		}
		return nil
	})
	group.Go(func() error {
		if b.socket != nil {
			b.socket.Run(connected)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		b.log.Info("shutting down")
		stopping := context.WithoutCancel(ctx)
		err := b.public.stop(stopping, requestsGrace)
		b.dispatcher.stop(answersGrace)
		disconnect() // only now, so that no acknowledgement is cut off that was under way when an answer began
		return errors.Join(err, b.admin.stop(stopping, requestsGrace))
	})
	return errors.Join(group.Wait(), b.close())
}

// close closes everything that is not running.
func (b *Bot) close() error {
	var errs []error
	for _, s := range []*server{b.public, b.admin} {
		if s != nil {
			errs = append(errs, s.close())
		}
	}
	return errors.Join(append(errs, b.store.Close(), b.release())...)
}

func reveal(secrets []config.Secret) []string {
	revealed := make([]string, len(secrets))
	for i, s := range secrets {
		revealed[i] = s.Reveal()
	}
	return revealed
}
