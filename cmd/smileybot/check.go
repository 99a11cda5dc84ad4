package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/store"
)

type checkCommand struct {
	Post bool `help:"Also post a test message in the support channel."`
}

// Help is printed by --help.
func (checkCommand) Help() string {
	return `It works beside a running serve, with the same settings. The exit status is 1 when something
fails and 2 when the settings are wrong.

Example:

	smileybot check --post
`
}

// Run tries everything that serve needs, a line each.
func (c checkCommand) Run(ctx context.Context, t terminal) error {
	settings, err := config.Load(config.All)
	if mistakes, ok := errors.AsType[config.Mistakes](err); ok {
		fmt.Fprintf(t.out, "FAIL  settings: %d to mend, told on standard error\n", len(mistakes))
	}
	if err != nil {
		return err
	}
	r := &checklist{out: t.out, zone: settings.Location}
	r.ok("settings")
	r.database(ctx, settings)
	r.slack(ctx, settings, c.Post)
	switch {
	case cancelled(ctx):
		return errors.New("stopped before the end")
	case r.failed:
		return errSaid
	default:
		return nil
	}
}

// A checklist prints what was tried and remembers whether anything failed.
type checklist struct {
	out    io.Writer
	zone   *time.Location
	failed bool
}

func (r *checklist) ok(what string) { fmt.Fprintln(r.out, "ok   ", what) }

// fail tells what is wrong and the cure, if the problem does not say it itself.
func (r *checklist) fail(what, cure string) {
	r.failed = true
	if cure != "" {
		what += "; " + cure
	}
	fmt.Fprintln(r.out, "FAIL ", withoutSecrets(oneLine(what)))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// database tries to write, beside a running serve if there is one.
func (r *checklist) database(ctx context.Context, settings config.Config) {
	path := settings.Database
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		r.noDatabase(path)
		return
	}
	kept, err := store.OpenBeside(ctx, path, bot.StoreOptions(settings))
	if err != nil {
		r.fail(err.Error(), "")
		return
	}
	defer kept.Close()
	if err := kept.Ready(ctx, time.Now()); err != nil {
		r.fail("database "+path+": "+err.Error(), "look at the free space and the owner of the file and its folder")
		return
	}
	r.ok("database " + path)
	r.refusals(ctx, kept)
}

// noDatabase tries whether serve can create it.
func (r *checklist) noDatabase(path string) {
	folder := filepath.Dir(path)
	probe, err := os.CreateTemp(folder, ".smileybot-check-*")
	if err != nil {
		r.fail("database "+path+": it does not exist yet and cannot be created", "let this user write in the folder "+folder)
		return
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	r.ok("database " + path + ": 'smileybot serve' will create it")
}

// refusals lists the deliveries that proved their sender and were refused, for
// their senders to be mended.
func (r *checklist) refusals(ctx context.Context, kept *store.Store) {
	refused, err := kept.Refusals(ctx)
	if err != nil {
		r.fail(err.Error(), "run 'smileybot check' again")
		return
	}
	if len(refused) == 0 {
		r.ok("no delivery was refused in the last 30 days")
		return
	}
	r.ok(fmt.Sprintf("deliveries that were refused, the latest first (%d); their senders must change what is named", len(refused)))
	for _, d := range refused {
		fmt.Fprintf(r.out, "      %s  %s  %d  %s\n", d.ReceivedAt.In(r.zone).Format(time.DateTime), d.Sender, d.Status, oneLine(d.Detail))
	}
}
