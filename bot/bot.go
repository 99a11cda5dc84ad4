// Package bot puts the parts of smileybot together: it opens the store, starts the
// webhooks, the outbox, the schedule and the commands, serves the routes, and stops all
// of them in order.
//
// docs/architecture.md is the tour of all packages: what is where, how a rating, a change
// and a click travel, and who guarantees what. CONTRIBUTING.md says where a new
// line goes.
//
// [New] takes the database's lock before it opens anything, so two bots never serve one
// database. [Bot.Run] stops in order: no new requests, answers to people finished, calls
// of Slack ended or cut off, and the store closed last, all within ten seconds.
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
	"smileybot/bot/internal/bodies"
	"smileybot/bot/message"
	"smileybot/bot/outbox"
	"smileybot/bot/outgoing"
	"smileybot/bot/schedule"
	"smileybot/bot/slackapi"
	"smileybot/bot/webhook"
	"smileybot/config"
	"smileybot/feedback/office"
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

// New takes the database's lock, waiting up to 15 s for another bot to exit, opens the database, recounts
// the scores where the settings ask for it, and listens. Slack is not called yet.
func New(ctx context.Context, o Options) (*Bot, error) {
	renderer := make(chan *message.Renderer, 1)
	go func() { renderer <- Renderer(o.Config) }() // reads the catalogues while the database is opened
	release, err := sqlite.Lock(ctx, o.Config.Database, lockPatience)
	if err != nil {
		return nil, err
	}
	s, err := sqlite.Open(ctx, o.Config.Database, StoreOptions(o.Config))
	if err != nil {
		return nil, errors.Join(err, release())
	}
	b := &Bot{log: o.Log, store: s, release: release, signals: o.Signals}
	if o.Config.OfficeHours.MissesLastMinute() {
		o.Log.Warn("check SMILEYBOT_OFFICE_HOURS", "reason", office.LastMinuteMissed)
	}
	if err := recount(ctx, s, o.Log); err != nil {
		return nil, errors.Join(err, b.close())
	}
	if err := b.assemble(ctx, o, <-renderer); err != nil {
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
func (b *Bot) assemble(ctx context.Context, o Options, renderer *message.Renderer) (err error) {
	registry := prometheus.NewRegistry()
	count, err := slackRequests(registry)
	if err != nil {
		return err
	}
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), gauges{b.store})
	client := slackClient(o.Config, slackapi.Options{Transport: o.SlackTransport, Dial: o.SlackDial, Count: count})

	b.outbox, err = newOutbox(o.Config, outbox.Options{
		Store: b.store, Slack: client, Renderer: renderer, Pace: o.Pace, Registry: registry, Log: o.Log, Posted: b.onQueueChanged,
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
	health := &health{store: b.store, failures: b.failures, operator: renderer.With(message.Options{})}
	b.dispatcher = &dispatcher{log: o.Log, handler: command.New(command.Options{
		Store: b.store, Slack: client, Renderer: renderer, Hours: o.Config.OfficeHours,
		SupportChannel: o.Config.SlackChannel, LeadChannel: o.Config.LeadChannel,
		Log: o.Log, Registry: registry, Wake: b.onStoreChanged, Version: o.Version, Health: health.forPeople,
	})}
	senders, mistakes := Senders(o.Config)
	if len(mistakes) > 0 {
		return mistakes
	}
	unproved := bodies.NewBudget()
	intake, err := webhook.New(webhook.Options{
		Bodies: unproved,
		Store:  b.store, Senders: senders, Secrets: reveal(o.Config.WebhookSecrets), Tokens: reveal(o.Config.WebhookTokens),
		Registry: registry, Log: o.Log, Stored: b.onFeedbackStored,
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
	outside, err := newFront(intake, registry)
	if err != nil {
		return err
	}
	if secret := o.Config.SlackSigningSecret.Reveal(); secret != "" {
		outside.serveSlack(client.NewEndpoint(slackapi.EndpointOptions{
			SigningSecret: secret, Receiver: b.dispatcher, Bodies: unproved, Rejected: outside.rejectedSlack, Log: o.Log,
		}))
	}
	if b.public, err = listen(ctx, o.Listener, o.Config.Listen, outside, o.Log); err != nil {
		return fmt.Errorf("SMILEYBOT_LISTEN: %w", err)
	}
	if b.admin, err = listen(ctx, o.AdminListener, o.Config.AdminListen, adminRoutes(health, registry), o.Log); err != nil {
		return fmt.Errorf("SMILEYBOT_ADMIN_LISTEN: %w", err)
	}
	return nil
}

// How the ten seconds of a stop are divided: requestsGrace for open requests, answersGrace for answers
// to people, requestsGrace for the admin server. Meanwhile open calls of the outbox get six seconds,
// and two more to record their results.
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
	run := func(ctx context.Context, part func(context.Context)) {
		group.Go(func() error { part(ctx); return nil })
	}
	run(ctx, b.dispatcher.handler.KeepHomes)
	run(ctx, b.scheduler.Run)
	run(ctx, b.listenForSignals)
	if b.notifier != nil {
		run(ctx, b.notifier.Run)
	}
	if b.socket != nil {
		run(connected, b.socket.Run)
	}
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

// onFeedbackStored wakes everything that a new rating concerns.
func (b *Bot) onFeedbackStored() {
	b.onStoreChanged()
	b.onQueueChanged()
}

// onStoreChanged wakes everything that a change concerns: there may be something to show, and something
// may be due earlier.
func (b *Bot) onStoreChanged() {
	b.outbox.Wake()
	b.scheduler.Reschedule()
	if b.notifier != nil {
		b.notifier.Wake()
	}
}

// onQueueChanged wakes what shows the Home tabs.
func (b *Bot) onQueueChanged() { b.dispatcher.handler.WaitingChanged() }

// listenForSignals waits for changes of the database by another program.
func (b *Bot) listenForSignals(ctx context.Context) {
	for {
		select {
		case <-b.signals:
			b.onFeedbackStored()
		case <-ctx.Done():
			return
		}
	}
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
