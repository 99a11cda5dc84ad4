package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"smileybot/bot"
	"smileybot/bot/outbox"
	"smileybot/fakeslack"
	"smileybot/demo/page"
	"smileybot/bot/message"
	"smileybot/bot/schedule"
	"smileybot/config"
	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/sqlite"
)

// The channels of the demo.
const (
	demoChannel = "C0SUPPORT"
	demoLeads   = "C0LEADS"
)

type stageOptions struct {
	listen   string
	language message.Language
	seed     uint64
	perDay   int // answers on a working day of the history
	pace     outbox.Pace
	log      io.Writer
}

// A stage is where the demo plays: the real bot, a stand-in for Slack, and a
// database that goes with them.
type stage struct {
	ctx     context.Context //nolint:containedctx // ends with the bot
	fail    context.CancelCauseFunc
	slack   *fakeslack.Server
	client  *http.Client
	address string // of the page and the webhooks, http://127.0.0.1:1234
	bot     string // where the bot takes Slack's requests
	gate    gate   // holds the cast back
	page    *page.Page
	secret  string
	prove   proof
	folder  string
	front   *http.Server
	public  net.Listener
	admin   net.Listener
	ended   chan error // of the bot; nil before it runs
}

// openStage makes everything ready to play. Only an error leaves nothing to be
// closed.
func openStage(ctx context.Context, o stageOptions) (*stage, error) {
	s := &stage{client: &http.Client{Transport: &http.Transport{}, Timeout: sendTimeout}}
	s.ctx, s.fail = context.WithCancelCause(ctx)
	if err := s.open(o); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *stage) open(o stageOptions) error {
	settings, err := s.settings(o.language)
	if err != nil {
		return err
	}
	if s.prove, err = newSigner(s.secret); err != nil {
		return err
	}
	s.slack = newWorkspace(settings)
	if err := s.listen(o.listen, o.language); err != nil {
		return err
	}
	settings.SlackAPIURL = s.slack.APIURL()
	if s.folder, err = os.MkdirTemp("", "smileybot-demo-*"); err != nil {
		return fmt.Errorf("the demo needs a temporary folder: %w", err)
	}
	settings.Database = filepath.Join(s.folder, "smileybot.db")
	if err := fill(s.ctx, settings, history(o.seed, o.perDay, time.Now().In(settings.Location))); err != nil {
		return err
	}
	return s.start(settings, o)
}

// settings are those of the demo; the environment is not looked at.
func (s *stage) settings(language message.Language) (config.Config, error) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		return config.Config{}, err
	}
	hours, err := feedback.ParseHours("Mon-Fri 09:00-17:00", zone, feedback.Holidays{})
	if err != nil {
		return config.Config{}, err
	}
	random := make([]byte, 24) // as long as the Standard Webhooks examples
	_, _ = rand.Read(random)   // it never fails
	s.secret = "whsec_" + base64.StdEncoding.EncodeToString(random)
	return config.Config{
		SlackBotToken:      config.NewSecret("xoxb-demo"),
		SlackSigningSecret: config.NewSecret(rand.Text()),
		SlackChannel:       demoChannel,
		WebhookSecrets:     []config.Secret{config.NewSecret(s.secret)},
		LeadChannel:        demoLeads,
		Location:           zone,
		Language:           string(language),
		OfficeHours:        hours,
		FollowUpDue:        4 * time.Hour,
		FollowUpDueUrgent:  time.Hour,
	}, nil
}

// newWorkspace is a Slack workspace with the team in its support channel.
func newWorkspace(settings config.Config) *fakeslack.Server {
	slack := fakeslack.New(fakeslack.Options{
		BotToken:      settings.SlackBotToken.Reveal(),
		SigningSecret: settings.SlackSigningSecret.Reveal(),
		Now:           func() time.Time { return time.Now().In(settings.Location) },
	})
	members := []string{slack.Options().BotUserID}
	for _, c := range team() {
		slack.AddUser(fakeslack.User{ID: c.user, Name: c.name, RealName: c.name, Email: c.email()})
		members = append(members, c.user)
	}
	slack.AddChannel(fakeslack.Channel{ID: demoChannel, Name: "support", Members: members})
	slack.AddChannel(fakeslack.Channel{ID: demoLeads, Name: "leads", Members: []string{slack.Options().BotUserID, lead()}})
	return slack
}

// fill makes the database with its history. The digest of the week before is still to be
// told, as if the bot had been away on that morning.
func fill(ctx context.Context, settings config.Config, past []feedback.Event) error {
	kept, err := sqlite.Open(ctx, settings.Database, bot.StoreOptions(settings))
	if err != nil {
		return err
	}
	rows := make([]store.HistoricEvent, len(past))
	for i, e := range past {
		rows[i].Event = e
	}
	_, err = kept.Import(ctx, rows, time.Now())
	const week = 7 * 24 * time.Hour
	told := store.JobProgress{Name: schedule.Digest, DoneAt: time.Now().Add(-week)}
	return errors.Join(err, kept.Advance(ctx, told), kept.Close())
}

// listen opens the addresses of the bot.
func (s *stage) listen(address string, language message.Language) (err error) {
	var l net.ListenConfig
	front, err := l.Listen(s.ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%w; give another address with --listen", err)
	}
	s.address = "http://" + reachable(front.Addr())
	if s.public, err = l.Listen(s.ctx, "tcp", "127.0.0.1:0"); err != nil {
		return errors.Join(err, front.Close())
	}
	s.bot = "http://" + s.public.Addr().String()
	if s.admin, err = l.Listen(s.ctx, "tcp", "127.0.0.1:0"); err != nil {
		return errors.Join(err, front.Close())
	}
	return s.serve(front, language)
}

// start runs the bot until the stage closes.
func (s *stage) start(settings config.Config, o stageOptions) error {
	b, err := bot.New(s.ctx, bot.Options{
		Config: settings, Listener: s.public, AdminListener: s.admin, SlackTransport: s.slack.Transport(), Pace: o.pace,
		Log:     slog.New(slog.NewTextHandler(o.log, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Version: readBuild().version,
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

// reachable is an address that can be called, where every one is listened at.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// close stops the bot and leaves nothing behind.
func (s *stage) close() error {
	s.fail(nil)
	var err error
	if s.front != nil {
		err = s.front.Close() // also the pages that are open
	}
	if s.ended != nil {
		err = errors.Join(err, <-s.ended)
	}
	for _, open := range []net.Listener{s.public, s.admin} {
		if open != nil {
			_ = open.Close() // a bot that ran has closed it
		}
	}
	s.client.CloseIdleConnections()
	if s.folder == "" {
		return err
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}
