// Package bot puts the parts of smileybot together: it opens the store, starts the
// webhooks, the outbox, the schedule and the commands, serves the routes, and stops all
// of them in order.
//
// docs/architecture.md is the tour of all packages: what is where, how a rating, a change
// and a click travel, and who guarantees what. CONTRIBUTING.md says where a new
// line goes.
//
// [New] takes the database's lock before it opens it, so two bots never serve one
// database, and answers while it opens it. [Bot.Run] stops in order: no new requests, answers to people finished, calls
// of Slack ended or cut off, and the store closed last, all within ten seconds.
package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"smileybot/bot/command"
	"smileybot/bot/duty"
	"smileybot/bot/internal/bodies"
	"smileybot/bot/internal/loop"
	"smileybot/bot/message"
	"smileybot/bot/outbox"
	"smileybot/bot/outgoing"
	"smileybot/bot/pull"
	"smileybot/bot/schedule"
	"smileybot/bot/slackapi"
	"smileybot/bot/webhook"
	"smileybot/config"
	"smileybot/feedback/office"
	"smileybot/store"
	"smileybot/store/database"
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
	// PullTransport is used instead of the default one for review sites when it is not nil.
	PullTransport http.RoundTripper
	// SlackDial is used instead of TCP and TLS for Socket Mode when it is not nil.
	SlackDial func(ctx context.Context, network, address string) (net.Conn, error)
	// Open opens the database, if it is not nil, instead of the file of the settings with its lock.
	Open func(ctx context.Context, o store.Options) (*store.Store, error)
	// Signals signal, if it is not nil, that another program has changed the database, see [store.Watch].
	Signals <-chan struct{}
	// Machine is the machine's clock, [time.Now] when nil.
	Machine func() time.Time
	// WatchDatabase is how often the file of the database is looked at, in addition to each use. Zero is
	// never, for fake time.
	WatchDatabase time.Duration
	// Pace is Slack's when zero.
	Pace outbox.Pace
	Log  *slog.Logger
	// LogDropped returns, if it is not nil, how many lines of the log were dropped.
	LogDropped func() uint64
	// Version and Commit are those of the program.
	Version, Commit string
}

// Bot is smileybot, ready to run.
type Bot struct {
	name       string // of this process, for the other bots and for people
	log        *slog.Logger
	store      *store.Store
	release    func() error
	outbox     *outbox.Deliverer
	scheduler  *schedule.Scheduler
	notifier   *outgoing.Notifier // nil without an outgoing webhook
	puller     *pull.Puller       // nil without a sender that is asked
	keeper     *duty.Keeper
	follower   *follower // nil where no other bot can be
	health     *health
	dispatcher *dispatcher
	socket     *slackapi.Socket // nil without Socket Mode
	startup    *startup
	clock      *clockWatch
	places     *placeWatch
	public     *server
	admin      *server
	client     *slackapi.Client
	refusals   *refusals
	losses     *losses
	orgWide    atomic.Pointer[slackapi.Failure] // while the app is installed for a whole organisation
	pulled     []pull.Sender
	signals    <-chan struct{}
	watch      time.Duration // see [Options.WatchDatabase]
}

// New starts the bot: it takes the database's lock, waiting up to 15 s for another bot to exit, opens the
// database, brings its schema up to date, and recounts the scores where the settings ask for it. Slack
// is not called yet.
//
// It answers meanwhile: the admin address at once, unless another bot that is about to exit has it, and
// the public one once it has the lock, before it changes anything. Webhooks get 503 until [Bot.Run],
// which follows at once.
func New(ctx context.Context, o Options) (*Bot, error) {
	renderer := sync.OnceValue(func() *message.Renderer { return Renderer(o.Config) })
	go renderer() // reads the catalogues while the database is opened
	b := &Bot{name: processName(), log: o.Log, signals: o.Signals, watch: o.WatchDatabase, startup: &startup{log: o.Log}}
	b.dispatcher = &dispatcher{log: o.Log, stopped: true}
	if o.Config.OfficeHours.MissesLastMinute() {
		o.Log.Warn("check SMILEYBOT_OFFICE_HOURS", "reason", office.LastMinuteMissed)
	}
	if err := b.start(ctx, o, renderer); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

// start answers, opens the store and makes the parts.
func (b *Bot) start(ctx context.Context, o Options, renderer func() *message.Renderer) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "smileybot_build_info", Help: "Always 1; its labels say what was built.",
		ConstLabels: prometheus.Labels{"version": o.Version, "commit": o.Commit, "goversion": runtime.Version()},
	}, func() float64 { return 1 }))
	if o.LogDropped != nil {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "smileybot_log_dropped_total",
			Help: "Lines of the log that were dropped because nothing read them.",
		}, func() float64 { return float64(o.LogDropped()) }))
	}
	count, err := slackRequests(registry)
	if err != nil {
		return err
	}
	client := slackClient(o.Config, slackapi.Options{
		Transport: o.SlackTransport, Dial: o.SlackDial, Machine: o.Machine, Count: count, Refused: b.onRefusedCall, OnIdentity: b.onIdentity,
	})
	b.client = client
	b.clock = &clockWatch{clock: client.Clock(), log: o.Log}
	b.places = newPlaceWatch(o.Config, client, o.Log)
	b.places.messages = func(ctx context.Context) (map[string]int, error) { return b.store.MessagesByChannel(ctx) }
	b.places.refused = func() []slackapi.Failure { return b.outbox.Failures() }
	outside, err := b.front(o, registry, client, renderer)
	if err != nil {
		return err
	}
	h := &health{bot: b.name, startup: b.startup, clock: b.clock, failures: b.failures, refused: b.refusals.list, lost: b.losses.list, left: b.places.leftBehind, operator: message.NewRenderer(message.Options{})}
	b.health = h
	answer := func(at **server, setting string, open net.Listener, address string, routes http.Handler) error {
		s, err := listen(ctx, open, address, routes, o.Log)
		if err != nil {
			return fmt.Errorf("%s: %w", setting, err)
		}
		*at = s
		s.start()
		return nil
	}
	answerAdmin := func() error {
		return answer(&b.admin, "SMILEYBOT_ADMIN_LISTEN", o.AdminListener, o.Config.AdminListen, adminRoutes(h, registry))
	}
	b.startup.set("waiting for another smileybot on this database to stop", 0, 0) // before anyone can ask
	if err := answerAdmin(); err != nil && !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	open, err := b.lockDatabase(ctx, o)
	if err != nil {
		return err
	}
	if b.admin == nil { // the other bot had the address
		if err := answerAdmin(); err != nil {
			return err
		}
	}
	// Not before it has the lock: what arrives until then is for the other bot.
	if err := answer(&b.public, "SMILEYBOT_LISTEN", o.Listener, o.Config.Listen, outside); err != nil {
		return err
	}
	if err := b.openStore(ctx, open, o.Config); err != nil {
		return err
	}
	if err := b.assemble(o, registry, client, renderer(), h); err != nil {
		return err
	}
	outside.intake.Begin(b.store)
	h.store, h.duties = b.store, b.keeper.States
	b.startup.end()
	return nil
}

// front returns what receives webhooks and Slack's requests. It has no store yet.
func (b *Bot) front(o Options, registry *prometheus.Registry, client *slackapi.Client, renderer func() *message.Renderer) (*front, error) {
	senders, mistakes := Senders(o.Config)
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	if b.pulled, mistakes = PullSenders(o.Config); len(mistakes) > 0 {
		return nil, mistakes
	}
	names, err := SenderNames(o.Config)
	if err != nil {
		return nil, err
	}
	b.refusals = newRefusals(o.Config, names, o.Log, client.Clock().Now)
	b.losses = newLosses(o.Log, client.Clock().Now, b.refusals)
	unproved := bodies.NewBudget()
	intake, err := webhook.New(webhook.Options{
		NoneNeeded: len(b.pulled) > 0, Senders: senders, Secrets: reveal(o.Config.WebhookSecrets), Tokens: reveal(o.Config.WebhookTokens), Bodies: unproved,
		Registry: registry, Log: o.Log, Now: client.Clock().Arrival, Stored: b.onFeedbackStored,
		Refused: b.refusals.noteSender, Lost: b.losses.note,
	})
	if err != nil {
		return nil, err
	}
	f, err := newFront(intake, b.refusals, registry)
	if err != nil {
		return nil, err
	}
	if secret := o.Config.SlackSigningSecret.Reveal(); secret != "" {
		f.serveSlack(client.NewEndpoint(slackapi.EndpointOptions{
			SigningSecret: secret, Receiver: b.dispatcher, Bodies: unproved, Rejected: f.rejectedSlack, Proved: b.refusals.noteProved, Log: o.Log,
			Decline: func() string {
				if b.startup.ended() {
					return ""
				}
				return renderer().Starting()
			},
		}))
	}
	return f, nil
}

// lockDatabase returns how to open the database, once this bot may serve it.
func (b *Bot) lockDatabase(ctx context.Context, o Options) (open func(context.Context, store.Options) (*store.Store, error), err error) {
	if o.Open != nil {
		return o.Open, nil
	}
	b.startup.set("waiting for another smileybot on this database to stop", 0, 0)
	held, err := database.Lock(ctx, o.Config.Database.Reveal(), lockPatience)
	if err != nil {
		return nil, err
	}
	b.release = held.Release
	return held.Open, nil
}

// openStore opens the database and brings it up to date.
func (b *Bot) openStore(ctx context.Context, open func(context.Context, store.Options) (*store.Store, error), c config.Config) (err error) {
	options := StoreOptions(c)
	b.startup.set("opening the database", 0, 0)
	options.Migrating = b.startup.step("migrating the schema")
	if b.store, err = open(ctx, options); err != nil {
		return err
	}
	latest, err := b.store.LatestArrival(ctx)
	if err != nil {
		return err
	}
	b.clock.clock.NotBefore(latest)
	return b.recount(ctx)
}

// recount recounts the scores when they were counted by other settings: after a change of the time zone
// or the office hours, and after an update to a version that counts more. It runs before anyone asks
// for them. Of several bots that start, one recounts and the others wait for it.
func (b *Bot) recount(ctx context.Context) error {
	if counted, err := b.store.Counted(ctx); err != nil || counted {
		return err
	}
	const step = "recounting the scores"
	b.startup.set(step, 0, 0)
	var failed error
	recounting, done := context.WithCancel(ctx)
	defer done()
	keeper, err := duty.New(duty.Options{
		Store: b.store, Bot: b.name, Now: b.clock.clock.Now, Registry: prometheus.NewRegistry(), Log: b.log,
		Parts: []duty.Part{{Duty: duty.Recount, Run: func(ctx, _ context.Context, s *store.Store) {
			working, end := context.WithCancel(recounting)
			defer end()
			defer context.AfterFunc(ctx, end)()
			if err := b.recountAlone(working, s, b.startup.step(step)); !errors.Is(err, store.ErrSuperseded) && working.Err() == nil {
				failed = err
				done()
			}
		}}},
	})
	if err != nil {
		return err
	}
	keeper.Run(recounting)
	return errors.Join(failed, ctx.Err())
}

// recountAlone recounts the scores unless another bot just has.
func (b *Bot) recountAlone(ctx context.Context, s *store.Store, progress func(done, total int64)) error {
	if counted, err := s.Counted(ctx); err != nil || counted {
		return err
	}
	rebuilt, err := s.Rebuild(ctx, progress)
	if err == nil {
		b.log.Info("recounted the scores", "feedback", rebuilt.Feedback, "moved_to_another_day", rebuilt.Moved, "tallies_changed", rebuilt.Different, "service_changed", rebuilt.Service)
	}
	return err
}

// assemble makes the parts that need the store, and puts them together.
func (b *Bot) assemble(o Options, registry *prometheus.Registry, client *slackapi.Client, renderer *message.Renderer, h *health) (err error) {
	clock := b.clock.clock
	registry.MustRegister(gauges{store: b.store, clock: clock})
	b.outbox, err = newOutbox(o.Config, outbox.Options{
		Store: b.store, Slack: client, Renderer: renderer, Pace: o.Pace, Registry: registry, Log: o.Log, Posted: b.onQueueChanged,
	})
	if err != nil {
		return err
	}
	b.scheduler = schedule.New(schedule.Options{
		Hours: o.Config.OfficeHours, Clock: clock, Retention: o.Config.Retention, Registry: registry, Log: o.Log,
		Wake: b.onFeedbackStored, ReportLosses: b.losses.report,
		Belongs: func(ctx context.Context, user, slackChannel string) (bool, error) {
			return b.dispatcher.handler.Belongs(ctx, user, slackChannel)
		},
	})
	if o.Config.OutURL != "" {
		b.notifier, err = outgoing.New(outgoing.Options{
			URL: o.Config.OutURL, Secret: o.Config.OutSecret.Reveal(), Transport: o.OutTransport,
			Now: clock.Now, ClockAgrees: clock.Agrees,
			Registry: registry, Log: o.Log, Version: o.Version,
		})
		if err != nil {
			return err
		}
	}
	if len(b.pulled) > 0 {
		b.puller, err = pull.New(pull.Options{
			Senders: b.pulled, Store: b.store, Transport: o.PullTransport, Now: clock.Now, Stored: b.onFeedbackStored,
			Lost: b.losses.notePulled, Registry: registry, Log: o.Log, Version: o.Version,
		})
		if err != nil {
			return err
		}
		h.pulls = b.puller.Statuses
	}
	b.dispatcher.begin(command.New(command.Options{
		Store: b.store, Slack: client, Renderer: renderer, Hours: o.Config.OfficeHours,
		SupportChannel: o.Config.SlackChannel, LeadChannel: o.Config.LeadChannel, Now: clock.Now,
		Log: o.Log, Registry: registry, Wake: b.onStoreChanged, Version: o.Version, Health: h.forPeople,
	}))
	if !b.store.Exclusive() {
		b.follower = &follower{store: b.store, log: o.Log, now: clock.Now, changed: b.onFeedbackStored}
	}
	b.keeper, err = duty.New(duty.Options{Store: b.store, Bot: b.name, Parts: b.duties(), Now: clock.Now, Registry: registry, Log: o.Log})
	if err != nil {
		return err
	}
	if o.Config.SlackAppToken.Reveal() != "" {
		b.socket, err = client.NewSocket(slackapi.SocketOptions{
			Receiver: b.dispatcher, Registry: registry, Log: o.Log, Bots: b.keeper.Bots,
			Foreign: func(kind string) { b.refusals.note(socketRequests[kind], reasonForeign) },
			Remedy:  func(f slackapi.Failure) string { return h.operator.Remedy(fault(f)) },
		})
	}
	return err
}

// How the ten seconds of a stop are divided: requestsGrace for open requests, answersGrace for answers
// to people, requestsGrace for the admin server. Meanwhile open calls of the outbox get six seconds,
// and two more to record their results. Where other bots can serve, drain comes first: /readyz says
// already that this one stops, so that requests go to the others.
const (
	drain         = 2 * time.Second
	requestsGrace = 1500 * time.Millisecond
	answersGrace  = 3 * time.Second
)

// Run serves until ctx ends, then stops in order. It may be called once.
func (b *Bot) Run(ctx context.Context) error {
	b.log.Info("listening", "listen", b.public.listener.Addr().String(), "admin", b.admin.listener.Addr().String())
	group, ctx := errgroup.WithContext(ctx)
	connected, disconnect := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(b.public.wait)
	group.Go(b.admin.wait)
	run := func(ctx context.Context, part func(context.Context)) {
		group.Go(func() error { part(ctx); return nil })
	}
	run(ctx, b.keeper.Run)
	run(ctx, b.listenForSignals)
	if b.follower != nil {
		run(ctx, b.follower.run)
	}
	run(ctx, b.places.run)
	run(ctx, func(ctx context.Context) { b.clock.run(ctx, func() { b.onClockKnown(ctx) }) })
	if b.watch > 0 {
		run(ctx, func(ctx context.Context) { b.watchDatabase(ctx, b.watch) })
	}
	if b.socket != nil {
		run(connected, func(ctx context.Context) {
			b.keeper.Announced(ctx) // so that no other bot takes its connections for those of a stranger
			b.socket.Run(ctx)
		})
	}
	group.Go(func() error {
		<-ctx.Done()
		b.log.Info("shutting down")
		stopping := context.WithoutCancel(ctx)
		b.health.stop()
		if !b.store.Exclusive() {
			loop.Sleep(stopping, drain)
		}
		err := b.public.stop(stopping, requestsGrace)
		b.dispatcher.stop(answersGrace)
		disconnect() // only now, so that no acknowledgement is cut off that was under way when an answer began
		return errors.Join(err, b.admin.stop(stopping, requestsGrace))
	})
	return errors.Join(group.Wait(), b.close())
}

// onClockKnown corrects what came while the clock ran ahead, and wakes the schedule, which waited for
// Slack's time.
func (b *Bot) onClockKnown(ctx context.Context) {
	now := b.clock.clock.Now()
	if err := b.store.CorrectArrivals(ctx, now); err != nil && ctx.Err() == nil {
		b.log.Warn("could not correct deliveries that arrived while the clock ran ahead; will retry at the next start", "error", err)
	}
	n, err := b.store.CorrectOpenings(ctx, now)
	switch {
	case err != nil && ctx.Err() == nil:
		b.log.Warn("could not correct follow-ups that opened while the clock ran ahead; will retry at the next start", "error", err)
	case n > 0:
		b.log.Info("corrected follow-ups that opened while the clock ran ahead", "feedback", n)
		b.outbox.Wake()
	}
	b.scheduler.Reschedule()
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

// close closes everything that is not running.
func (b *Bot) close() error {
	var errs []error
	for _, s := range []*server{b.public, b.admin} {
		if s != nil {
			errs = append(errs, s.close())
		}
	}
	if b.store != nil {
		errs = append(errs, b.store.Close())
	}
	if b.release != nil {
		errs = append(errs, b.release())
	}
	return errors.Join(errs...)
}

func reveal(secrets []config.Secret) []string {
	revealed := make([]string, len(secrets))
	for i, s := range secrets {
		revealed[i] = s.Reveal()
	}
	return revealed
}
