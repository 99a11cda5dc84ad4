package demo

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"smileybot/bot"
	"smileybot/bot/message"
	"smileybot/bot/outbox"
	"smileybot/config"
	"smileybot/demo/page"
	"smileybot/fakeslack"
	"smileybot/feedback/office"
)

// followUpDue is how long a follow-up may take, in office hours.
const followUpDue = 4 * time.Hour

// The channels of the demo.
const (
	supportChannel = "C0SUPPORT"
	leadChannel    = "C0LEADS"
)

// channels are those that the page shows, the support channel first.
func channels() []page.Channel {
	return []page.Channel{{ID: supportChannel, Name: "support"}, {ID: leadChannel, Name: "leads"}}
}

// A stage is what a demo runs on: the real bot, the stand-in for Slack, a database and the page.
type stage struct {
	ctx   context.Context //nolint:containedctx // ends with the bot
	fail  context.CancelCauseFunc
	words words
	clock *clock
	// moving is held while the clock moves, and shared by who signs a request and waits for its answer.
	moving   sync.RWMutex
	skips    int // Mondays that visitors skipped to; moving guards it and the history
	history  *history
	signals  chan struct{} // that the demo changed the database
	slack    *fakeslack.Server
	client   *http.Client
	address  string // of the page and the webhooks, http://127.0.0.1:1234
	bot      string // base address for Slack's requests
	gate     gate
	page     *page.Page
	settings config.Config
	secret   string // of the webhooks
	signer   *standardwebhooks.Webhook
	folder   string
	front    *http.Server
	public   net.Listener
	admin    net.Listener
	ended    chan error // receives the result of the bot; nil before it runs
}

// openStage starts everything, with a history of perDay ratings a working day. The caller closes
// the stage unless an error is returned.
func openStage(ctx context.Context, o Options, perDay int, pace outbox.Pace) (*stage, error) {
	s := &stage{words: wordsIn(o.Language), client: &http.Client{Transport: &http.Transport{}, Timeout: requestTimeout}, signals: make(chan struct{}, 1)}
	s.ctx, s.fail = context.WithCancelCause(ctx)
	if err := s.open(o, perDay, pace); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *stage) open(o Options, perDay int, pace outbox.Pace) error {
	settings, err := s.botSettings(o.Language)
	if err != nil {
		return err
	}
	if s.signer, err = standardwebhooks.NewWebhook(s.secret); err != nil {
		return err
	}
	now := time.Now().In(settings.Location)
	s.clock = newClock(settings.Location, prologueBegins(now))
	s.slack = newWorkspace(settings, s.clock.Now)
	if err := s.listen(o.Listen, o.Language); err != nil {
		return err
	}
	settings.SlackAPIURL = s.slack.APIURL()
	if s.folder, err = os.MkdirTemp("", "smileybot-demo-*"); err != nil {
		return fmt.Errorf("the demo needs a temporary folder: %w", err)
	}
	settings.Database = config.NewSecret(filepath.Join(s.folder, "smileybot.db"))
	s.settings, s.history = settings, newHistory(o.Seed, perDay, now, o.Language)
	first := mondayMorning(now, -prologueWeeks)
	s.history.dip(first.AddDate(0, 0, -7), first, badWeek)
	began := s.clock.Now()
	if err := fill(s.ctx, settings, s.history.until(began), began, true); err != nil {
		return err
	}
	return s.start(settings, o.Version, o.Log, pace)
}

// botSettings returns the bot's settings, with new secrets. The environment is not read.
func (s *stage) botSettings(language message.Language) (config.Config, error) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		return config.Config{}, err
	}
	hours, err := office.ParseHours(fmt.Sprintf("Mon-Fri %02d:00-17:00", officeOpens), zone, office.Holidays{})
	if err != nil {
		return config.Config{}, err
	}
	random := make([]byte, 24) // the length of the examples of Standard Webhooks
	_, _ = rand.Read(random)   // never fails
	s.secret = "whsec_" + base64.StdEncoding.EncodeToString(random)
	return config.Config{
		SlackBotToken:      config.NewSecret("xoxb-demo"),
		SlackSigningSecret: config.NewSecret(rand.Text()),
		SlackChannel:       supportChannel,
		WebhookSecrets:     []config.Secret{config.NewSecret(s.secret)},
		LeadChannel:        leadChannel,
		Location:           zone,
		Language:           string(language),
		OfficeHours:        hours,
		FollowUpDue:        followUpDue,
		FollowUpDueUrgent:  time.Hour,
	}, nil
}

// newWorkspace makes a Slack workspace with the team in its support channel.
func newWorkspace(settings config.Config, now func() time.Time) *fakeslack.Server {
	slack := fakeslack.New(fakeslack.Options{
		BotToken:      settings.SlackBotToken.Reveal(),
		SigningSecret: settings.SlackSigningSecret.Reveal(),
		Now:           now,
		Language:      settings.Language,
	})
	members := []string{slack.Options().BotUserID}
	for _, c := range team() {
		slack.AddUser(fakeslack.User{ID: c.user, Name: c.name, RealName: c.name, Email: c.email()})
		members = append(members, c.user)
	}
	support, leads := channels()[0], channels()[1]
	slack.AddChannel(fakeslack.Channel{ID: support.ID, Name: support.Name, Members: members})
	slack.AddChannel(fakeslack.Channel{ID: leads.ID, Name: leads.Name, Members: []string{slack.Options().BotUserID, lead()}})
	return slack
}

// listen opens the listeners and serves the page.
func (s *stage) listen(address string, language message.Language) error {
	var l net.ListenConfig
	front, err := l.Listen(s.ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%w; give another address with --listen", err)
	}
	s.address = "http://" + callable(front.Addr())
	if s.public, err = l.Listen(s.ctx, "tcp", "127.0.0.1:0"); err != nil {
		return errors.Join(err, front.Close())
	}
	s.bot = "http://" + s.public.Addr().String()
	if s.admin, err = l.Listen(s.ctx, "tcp", "127.0.0.1:0"); err != nil {
		return errors.Join(err, front.Close())
	}
	return s.serve(front, language)
}

// start runs the bot until the stage is closed.
func (s *stage) start(settings config.Config, version string, log *slog.Logger, pace outbox.Pace) error {
	b, err := bot.New(s.ctx, bot.Options{
		Config: settings, Listener: s.public, AdminListener: s.admin, SlackTransport: s.slack.Transport(), Pace: pace,
		Machine: s.clock.Now, Signals: s.signals, Log: log, Version: version,
	})
	if err != nil {
		return err
	}
	s.ended = make(chan error, 1)
	go func() {
		err := b.Run(s.ctx)
		s.fail(err)
		s.ended <- err
	}()
	return nil
}

// callable returns the address of a listener as a client on this machine uses it: an unspecified
// host becomes the loopback address.
func callable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// close stops the bot and removes the database.
func (s *stage) close() error {
	s.fail(nil)
	var err error
	if s.front != nil {
		err = s.front.Close() // ends open pages, too
	}
	if s.ended != nil {
		err = errors.Join(err, <-s.ended)
	}
	for _, listener := range []net.Listener{s.public, s.admin} {
		if listener != nil {
			_ = listener.Close() // a bot that ran has closed it
		}
	}
	s.client.CloseIdleConnections()
	if s.folder == "" {
		return err
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}
