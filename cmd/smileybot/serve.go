package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/store/sqlite"
)

type serveCommand struct{}

func (serveCommand) Help() string {
	return `Settings are read from the environment, SLACK_… and SMILEYBOT_…; all mistakes in them are reported at once.
SIGINT or SIGTERM stops the bot within 10 seconds. A second serve on the same database waits up to
15 seconds for the first to stop.

Example:

	SLACK_BOT_TOKEN_FILE=/run/secrets/token SLACK_SIGNING_SECRET_FILE=/run/secrets/signing \
	SMILEYBOT_WEBHOOK_SECRETS_FILE=/run/secrets/webhook SLACK_CHANNEL=C0SUPPORT smileybot serve

With SLACK_APP_TOKEN_FILE instead of SLACK_SIGNING_SECRET_FILE it uses Socket Mode.
`
}

// firstSteps is printed before the mistakes when nothing is set at all.
const firstSteps = `Nothing is set up yet. To see it work, run 'smileybot demo'. To set it up, make the Slack app from
'smileybot manifest --url https://bot.example.org', set what is named here, and test it with 'smileybot check'.
`

// Run runs the bot until ctx ends.
func (serveCommand) Run(ctx context.Context, s streams) error {
	settings, err := bot.LoadConfig(config.All)
	if err != nil && bot.NothingSet() {
		fmt.Fprint(s.err, firstSteps)
	}
	if err != nil {
		return err
	}
	useTwoProcessors()
	log := slog.New(slog.NewJSONHandler(s.err, nil))
	if err := sqlite.Examine(settings.Database); err != nil {
		return err
	}
	signals, err := sqlite.Watch(ctx, settings.Database)
	if err != nil {
		log.Warn("cannot watch the database for changes by other commands; messages erased by 'smileybot forget' are edited with the next rating", "error", err.Error())
	}
	b, err := bot.New(ctx, bot.Options{Config: settings, Signals: signals, WatchDatabase: time.Second, Log: log, Version: readBuild().version})
	if err != nil && cancelled(ctx) {
		return nil // it was stopped while it waited for another serve
	}
	if err != nil {
		return err
	}
	return b.Run(ctx)
}

// useTwoProcessors raises GOMAXPROCS from one to two. A call of SQLite that waits for the disk
// holds a processor; with a single one no other request would be read meanwhile, so that group
// commit would have no group.
func useTwoProcessors() {
	if runtime.GOMAXPROCS(0) == 1 {
		runtime.GOMAXPROCS(2)
	}
}
