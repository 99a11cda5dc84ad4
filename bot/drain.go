package bot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/slack-go/slack"

	"smileybot/bot/outbox"
	"smileybot/config"
	"smileybot/store"
)

// DrainOptions are what [Drain] needs. Whoever calls it holds the database's lock.
type DrainOptions struct {
	Config config.Config
	Store  *store.Store
	// SlackTransport is used instead of the default one when it is not nil.
	SlackTransport http.RoundTripper
	Log            *slog.Logger
	// Done is asked now and then whether enough is delivered.
	Done func(context.Context) (bool, error)
}

// drainLook is how often Done is asked.
const drainLook = 200 * time.Millisecond

// Drain brings to Slack what waits for it, without serving, until enough is delivered or
// ctx ends. It returns what was wrong with Slack at the end.
func Drain(ctx context.Context, o DrainOptions) ([]outbox.Trouble, error) {
	api := slackAPI(o.SlackTransport)
	d, err := outbox.New(outbox.Options{
		Store: o.Store, Slack: slackClient(o.Config, api), Channel: o.Config.SlackChannel, Lead: o.Config.LeadChannel, Routes: o.Config.Routes,
		Speaker: Speaker(o.Config), Count: func(string, string) {}, Registry: prometheus.NewRegistry(), Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- d.Run(running) }()
	err = waitUntil(ctx, o.Done)
	troubles := d.Troubles()
	stop()
	return troubles, errors.Join(err, <-ended)
}

func waitUntil(ctx context.Context, done func(context.Context) (bool, error)) error {
	look := time.NewTicker(drainLook)
	defer look.Stop()
	for {
		enough, err := done(ctx)
		if enough || err != nil {
			return err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// slackAPI is how Slack is reached.
func slackAPI(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &http.Client{Transport: transport, Timeout: outbox.CallTimeout, CheckRedirect: stay}
}

// slackClient speaks to Slack with the bot's token.
func slackClient(c config.Config, api *http.Client) *slack.Client {
	return slack.New(c.SlackBotToken.Reveal(), slack.OptionAPIURL(c.SlackAPIURL), slack.OptionHTTPClient(api))
}
