package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"smileybot/bot"
	"smileybot/bot/logbuffer"
	"smileybot/config"
	databases "smileybot/store/database"
)

type serveCommand struct{}

func (serveCommand) Help() string {
	return `Settings are read from the environment, SLACK_… and SMILEYBOT_…; all mistakes in them are reported at once.
SIGINT, SIGTERM or SIGHUP stops the bot within 10 seconds. A second serve on the same database waits up to
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
	if err != nil {
		if bot.NothingSet() {
			fmt.Fprint(s.err, firstSteps)
		}
		s.warnOfUnknown(settings)
		return err
	}
	useTwoProcessors()
	lines := logbuffer.New(s.err, func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) })
	defer lines.Close(lastWords)
	if err := runBot(ctx, settings, lines); err != nil {
		_ = streams{err: lines}.report(err)
		return errReported
	}
	return nil
}

// runBot runs the bot until ctx ends.
func runBot(ctx context.Context, settings config.Config, lines *logbuffer.Log) error {
	log := slog.New(lines)
	built := readBuild()
	log.Info("smileybot", "version", built.version, "go", runtime.Version(), "database", databases.Name(settings.Database.Reveal()), "address", settings.Listen, "admin_address", settings.AdminListen)
	for _, unknown := range bot.UnknownVariables(settings) {
		log.Warn("unknown setting", "name", unknown.Name, "reason", unknown.Problem, "remedy", unknown.Remedy)
	}
	for _, r := range fewFiles(fileLimit()) {
		log.Warn("few files may be open", "reason", r.Text, "remedy", r.Remedy)
	}
	limitMemory(log, memlimit.FromCgroup) // v1 or v2
	if err := databases.Examine(settings.Database.Reveal()); err != nil {
		return err
	}
	signals, err := databases.Watch(ctx, settings.Database.Reveal())
	if err != nil {
		log.Warn("cannot watch the database for changes by other commands; messages erased by 'smileybot forget' are edited with the next rating", "error", err.Error())
	}
	b, err := bot.New(ctx, bot.Options{Config: settings, Signals: signals, WatchDatabase: time.Second, Log: log, LogDropped: lines.Dropped, Version: built.version, Commit: built.commit})
	if err != nil && cancelled(ctx) {
		log.Info("shutting down before it had started")
		return nil
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
