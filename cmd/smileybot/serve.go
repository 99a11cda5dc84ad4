package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/store/sqlite"
)

type serveCommand struct{}

// Help is printed by --help.
func (serveCommand) Help() string {
	return `Settings come from the environment, SLACK_… and SMILEYBOT_…; every mistake in them is told at once.
SIGINT or SIGTERM stops the bot within 10 seconds. A second serve on the same database waits up to
15 seconds for the first to stop.

Example:

	SLACK_BOT_TOKEN_FILE=/run/secrets/token SLACK_SIGNING_SECRET_FILE=/run/secrets/signing \
	SMILEYBOT_WEBHOOK_SECRETS_FILE=/run/secrets/webhook SLACK_CHANNEL=C0SUPPORT smileybot serve

With SLACK_APP_TOKEN_FILE in the place of SLACK_SIGNING_SECRET_FILE it uses Socket Mode.
`
}

// begin is said before the mistakes when nothing is set at all.
const begin = `Nothing is set up yet. To only see it work, run 'smileybot demo'. To set it up, make the Slack app from
'smileybot manifest --url https://bot.example.org', set what is named here, and try it with 'smileybot check'.
`

// Run is the bot until ctx ends.
func (serveCommand) Run(ctx context.Context, t terminal) error {
	settings, err := config.Load(config.All, bot.CheckSenders)
	if err != nil && bare() {
		fmt.Fprint(t.err, begin)
	}
	if err != nil {
		return err
	}
	spareProcessor()
	log := slog.New(slog.NewJSONHandler(t.err, nil))
	signals, err := sqlite.Watch(ctx, settings.Database)
	if err != nil {
		log.Warn("a command that works beside this bot cannot call it: what 'smileybot forget' erases, it edits with the next rating", "error", err.Error())
	}
	b, err := bot.New(ctx, bot.Options{Config: settings, Signals: signals, Log: log, Version: readBuild().version})
	if err != nil {
		return stopped(ctx, err) // perhaps while it waited for another serve to go
	}
	return b.Run(ctx)
}

// spareProcessor has Go run on two processors where it would on one. Whoever waits for the
// disk in C holds one meanwhile, for nobody else to use: with a single one, only one sender
// would be heard at a time, each rating be a group of its own, and hundreds wait seconds.
func spareProcessor() {
	if runtime.GOMAXPROCS(0) == 1 {
		runtime.GOMAXPROCS(2)
	}
}

// bare reports whether none of the settings that serve requires is set.
func bare() bool {
	for _, s := range config.Describe() {
		if s.Required && (given(s.Name) || given(s.Unless)) {
			return false
		}
	}
	return true
}

// given reports whether a setting is set, or the name of a file that holds it.
func given(name string) bool { return os.Getenv(name) != "" || os.Getenv(name+"_FILE") != "" }
