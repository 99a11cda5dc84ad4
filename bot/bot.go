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
	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"

	"smileybot/bot/command"
	"smileybot/bot/message"
	"smileybot/bot/outbox"
	"smileybot/bot/outgoing"
	"smileybot/bot/schedule"
	"smileybot/bot/webhook"
	"smileybot/config"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/sqlite"
)

// lockPatience is how long a second bot waits for the first to go, as in a
// rolling restart.
const lockPatience = 15 * time.Second

// Options are what a bot is made of.
type Options struct {
	Config config.Config
	// Listener and AdminListener are used instead of the configured addresses
	// when they are not nil. The bot closes them.
	Listener, AdminListener net.Listener
	// SlackTransport is used instead of the default one when it is not nil.
	SlackTransport http.RoundTripper
	// OutTransport is used instead of the default one for the outgoing webhook when it is
	// not nil.
	OutTransport http.RoundTripper
	// SlackDial is used instead of TCP and TLS for Socket Mode when it is not nil.
	SlackDial func(ctx context.Context, network, address string) (net.Conn, error)
	// Signals tell, if it is not nil, that another program has changed the database, see
	// [sqlite.Watch].
	Signals <-chan struct{}
	// Pace is Slack's when zero.
	Pace    outbox.Pace
	Log     *slog.Logger
	Version string
}

// Bot is smileybot, ready to run.
type Bot struct {
	log       *slog.Logger
	store     *store.Store
	release   func() error
	deliverer *outbox.Deliverer
	clock     *schedule.Clock
	teller    *outgoing.Teller // nil without an outgoing webhook
	people    *people
	socket    *socketDoor // nil without Socket Mode
	public    *server
	admin     *server
	signals   <-chan struct{}
}

// StoreOptions are the store's rules as the settings have them.
func StoreOptions(c config.Config) store.Options {
	return store.Options{
		Location: c.Location,
		Policy:   followup.Policy{Hours: c.OfficeHours, Due: c.FollowUpDue, DueUrgent: c.FollowUpDueUrgent},
		Outgoing: c.OutURL != "",
	}
}

// Speaker says things as the settings have it: language and time zone.
func Speaker(c config.Config) *message.Renderer {
	return message.NewRenderer(message.Options{Zone: c.Location, Language: message.Language(c.Language)})
}

// New takes the database's lock, waiting up to 15 s for another bot to go, opens
// the database, counts the scores anew where the settings ask for it, and
// listens. Slack is not asked for anything yet.
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

// assemble makes the parts and puts them together.
func (b *Bot) assemble(ctx context.Context, o Options, speaker *message.Renderer) (err error) {
	registry := prometheus.NewRegistry()
	count, err := slackRequests(registry)
	if err != nil {
		return err
	}
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	api := slackAPI(o.SlackTransport)
	client := slackClient(o.Config, api)

	b.deliverer, err = outbox.New(outbox.Options{
		Store: b.store, Slack: client, Channel: o.Config.SlackChannel, Lead: o.Config.LeadChannel, Routes: o.Config.Routes,
		Speaker: speaker, Pace: o.Pace, Count: count, Registry: registry, Log: o.Log, Posted: b.waitingChanged,
	})
	if err != nil {
		return err
	}
	b.clock = schedule.New(schedule.Options{
		Store: b.store, Hours: o.Config.OfficeHours, Retention: o.Config.Retention, Registry: registry, Log: o.Log,
		Wake: b.taken,
	})
	if o.Config.OutURL != "" {
		b.teller, err = outgoing.New(outgoing.Options{
			Store: b.store, URL: o.Config.OutURL, Secret: o.Config.OutSecret.Reveal(), Transport: o.OutTransport,
			Registry: registry, Log: o.Log, Version: o.Version,
		})
		if err != nil {
			return err
		}
	}
	health := &health{store: b.store, troubles: b.troubles, operator: speaker.With(message.Options{})}
	if err := registerGauges(registry, b.store); err != nil {
		return err
	}
	handler := command.New(command.Options{
		Store: b.store, Slack: client, HTTP: api, Speaker: speaker, Hours: o.Config.OfficeHours,
		SupportChannel: o.Config.SlackChannel, LeadChannel: o.Config.LeadChannel,
		Log: o.Log, Registry: registry, Count: count, Wake: b.stirred, Version: o.Version, Health: health.forPeople,
	})
	senders, mistakes := Senders(o.Config)
	if len(mistakes) > 0 {
		return mistakes
	}
	door, err := webhook.New(webhook.Options{
		Store: b.store, Senders: senders, Secrets: reveal(o.Config.WebhookSecrets), Tokens: reveal(o.Config.WebhookTokens),
		Registry: registry, Log: o.Log, Taken: b.taken,
	})
	if err != nil {
		return err
	}
	b.people = &people{handler: handler, log: o.Log}
	if o.Config.SlackAppToken.Reveal() != "" {
		if b.socket, err = b.openSocket(o, api, count, registry); err != nil {
			return err
		}
	}
	var overHTTP *slackDoor
	if o.Config.SlackSigningSecret.Reveal() != "" {
		overHTTP = &slackDoor{secret: o.Config.SlackSigningSecret, people: b.people, log: o.Log}
	}
	if b.public, err = listen(ctx, o.Listener, o.Config.Listen, publicRoutes(door, overHTTP), o.Log); err != nil {
		return fmt.Errorf("SMILEYBOT_LISTEN: %w", err)
	}
	if b.admin, err = listen(ctx, o.AdminListener, o.Config.AdminListen, adminRoutes(health, registry), o.Log); err != nil {
		return fmt.Errorf("SMILEYBOT_ADMIN_LISTEN: %w", err)
	}
	return nil
}

// openSocket makes the door for Socket Mode. Nothing is connected yet.
func (b *Bot) openSocket(o Options, api *http.Client, count func(method, outcome string), registry prometheus.Registerer) (*socketDoor, error) {
	state, err := newSocketState(registry, o.Log)
	if err != nil {
		return nil, err
	}
	client := slack.New(o.Config.SlackBotToken.Reveal(), slack.OptionAppLevelToken(o.Config.SlackAppToken.Reveal()),
		slack.OptionAPIURL(o.Config.SlackAPIURL), slack.OptionHTTPClient(newPaced(api)))
	return &socketDoor{people: b.people, api: client, dialer: socketDialer(o.SlackDial), state: state, count: count, log: o.Log}, nil
}

// The stop's share of ten seconds: requests that are open, then what people
// wait for, then the operator's requests. Calls of the deliverer have six seconds
// beside all three, and two to note how they went.
const (
	requestsGrace = 1500 * time.Millisecond
	peopleGrace   = 3 * time.Second
)

// Run serves until ctx ends, then stops in order. It may be called once.
func (b *Bot) Run(ctx context.Context) error {
	b.log.Info("smileybot serves", "listen", b.public.listener.Addr().String(), "admin", b.admin.listener.Addr().String())
	group, ctx := errgroup.WithContext(ctx)
	hearing, deafen := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(b.public.serve)
	group.Go(b.admin.serve)
	group.Go(func() error { return b.deliverer.Run(ctx) })
	group.Go(func() error { b.people.handler.KeepHomes(ctx); return nil })
	group.Go(func() error { b.clock.Run(ctx); return nil })
	group.Go(func() error { b.hearSignals(ctx); return nil })
	group.Go(func() error {
		if b.teller != nil {
			b.teller.Run(ctx)
		}
		return nil
	})
	group.Go(func() error {
		if b.socket != nil {
			b.socket.run(hearing)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		b.log.Info("smileybot stops")
		stopping := context.WithoutCancel(ctx)
		err := b.public.stop(stopping, requestsGrace)
		b.people.stop(peopleGrace)
		deafen() // only now, so that no acknowledgement is cut off that was under way when an answer began
		return errors.Join(err, b.admin.stop(stopping, requestsGrace))
	})
	return errors.Join(group.Wait(), b.close())
}

// close lets go of everything that is not running.
func (b *Bot) close() error {
	var errs []error
	for _, s := range []*server{b.public, b.admin} {
		if s != nil {
			errs = append(errs, s.close())
		}
	}
	return errors.Join(append(errs, b.store.Close(), b.release())...)
}

// stay refuses redirects: the token goes to the configured address only.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func reveal(secrets []config.Secret) []string {
	revealed := make([]string, len(secrets))
	for i, s := range secrets {
		revealed[i] = s.Reveal()
	}
	return revealed
}
