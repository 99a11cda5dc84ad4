package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot"
	"smileybot/bot/outbox"
	"smileybot/bot/message"
	"smileybot/config"
	"smileybot/store"
	"smileybot/store/sqlite"
)

type forgetCommand struct {
	Customer string `required:"" placeholder:"ID-OR-EMAIL" help:"The whole customer id or e-mail address, as the sender has it."`
	DryRun   bool   `help:"Only tell what would be erased."`
}

// Help is printed by --help.
func (forgetCommand) Help() string {
	return `Erases name, e-mail address, customer id, comments, the team's notes and what the sender sent, of that
customer, in the database and in the messages that stand in Slack. The scores stay. Beside a running serve the messages
are left to it, and waited for. What Slack does not let be edited is deleted; what it does not let be deleted
either is listed, and the exit status is 1. When it is stopped half way, the same command goes on.
Backups that were made before still hold everything.

Example:

	smileybot forget --customer jan@example.org --dry-run
	smileybot forget --customer jan@example.org
`
}

// Run forgets a customer.
func (c forgetCommand) Run(ctx context.Context, t terminal) error {
	c.Customer = strings.TrimSpace(c.Customer)
	if c.Customer == "" {
		return misusef("--customer is empty: give the whole customer id or e-mail address")
	}
	settings, err := config.Load(config.All, bot.CheckSenders)
	if err != nil {
		return err
	}
	kept, err := sqlite.OpenExisting(ctx, settings.Database, bot.StoreOptions(settings))
	if err != nil {
		return err
	}
	defer kept.Close()
	if c.DryRun {
		would, err := kept.CountErasable(ctx, c.Customer)
		if err == nil {
			fmt.Fprintln(t.out, "would erase "+erasedWords(would)+"; nothing was changed")
		}
		return err
	}
	erased, err := kept.Erase(ctx, c.Customer, time.Now())
	if err == nil {
		err = scrub(ctx, kept)
	}
	if err != nil {
		return t.halfWay(ctx, err)
	}
	fmt.Fprintln(t.out, "erased in the database: "+erasedWords(erased))
	e := eraser{settings: settings, store: kept, terminal: t}
	return t.halfWay(ctx, e.slack(ctx))
}

// halfWay tells somebody who stopped it how to go on.
func (t terminal) halfWay(ctx context.Context, err error) error {
	if err != nil && cancelled(ctx) {
		return errors.New("stopped before the end: the same command goes on from here")
	}
	return err
}

// scrub leaves nothing in the files beside the database.
func scrub(ctx context.Context, kept *store.Store) error {
	const patience = time.Minute
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return kept.Scrub(ctx)
}

func erasedWords(e store.Erased) string {
	return fmt.Sprintf("%d feedback, %s, %s, %s of senders; in Slack %s",
		e.Feedback, howMany(e.Comments, "comment"), howMany(e.Notes, "note"), howMany(e.Payloads, "payload"), howMany(e.Messages, "message"))
}

// An eraser sees to it that what stands in Slack is erased.
type eraser struct {
	terminal
	settings config.Config
	store    *store.Store

	least int       // messages that were left at the best
	moved time.Time // when that was last better
}

// stuckAfter is how long Slack may take no edit before it is given up.
const stuckAfter = 2 * time.Minute

// slack waits until nothing more is to be erased, by a running serve or, when there is
// none, by itself.
func (e *eraser) slack(ctx context.Context) error {
	if err := e.store.RetryErasures(ctx, time.Now()); err != nil {
		return err
	}
	before, err := e.store.Erasures(ctx)
	if err != nil {
		return err
	}
	e.least, e.moved = before.Wanted, time.Now()
	progress := e.steps()
	defer progress.clear()
	done := func(ctx context.Context) (bool, error) {
		now, err := e.look(ctx)
		if err == nil {
			progress.to(int64(before.Wanted-now.Wanted), int64(before.Wanted))
		}
		return now.Wanted == 0, err
	}
	if err := e.store.Notify(); err != nil {
		return err
	}
	for {
		enough, err := done(ctx)
		if enough || err != nil {
			progress.clear()
			return errors.Join(err, e.tellFailed(ctx))
		}
		if err := e.drain(ctx, done); err != nil {
			return err
		}
	}
}

// look tells how far it is, and gives up when nothing has moved for long.
func (e *eraser) look(ctx context.Context) (store.Erasures, error) {
	now, err := e.store.Erasures(ctx)
	if err != nil {
		return now, err
	}
	if now.Wanted < e.least {
		e.least, e.moved = now.Wanted, time.Now()
	}
	if now.Wanted > 0 && time.Since(e.moved) > stuckAfter {
		return now, fmt.Errorf("slack takes no edits now, %s still to be erased: 'smileybot check' tells why; then the same command goes on, and so does a running serve", howMany(now.Wanted, "message"))
	}
	return now, nil
}

// drain edits the messages when no serve runs, and else waits a little.
func (e *eraser) drain(ctx context.Context, done func(context.Context) (bool, error)) error {
	const patience = 500 * time.Millisecond
	release, err := sqlite.Lock(ctx, e.settings.Database, patience)
	if errors.Is(err, sqlite.ErrLocked) {
		return ctx.Err() // a serve has it
	}
	if err != nil {
		return err
	}
	_, err = bot.Drain(ctx, bot.DrainOptions{Config: e.settings, Store: e.store, Log: slog.New(slog.NewJSONHandler(e.err, nil)), Done: done})
	return errors.Join(err, release())
}

// tellFailed lists what Slack lets be neither edited nor deleted.
func (e *eraser) tellFailed(ctx context.Context) error {
	left, err := e.store.Erasures(ctx)
	if err != nil {
		return err
	}
	if len(left.Failed) == 0 {
		fmt.Fprintln(e.out, "erased in Slack as well")
		return nil
	}
	address := e.workspace(ctx)
	for _, i := range left.Failed {
		fmt.Fprintf(e.out, "not erased: channel %s, message %s %s\n", i.SlackChannel, i.TS, message.Permalink(address, i.SlackChannel, i.TS))
	}
	return fmt.Errorf("%s in Slack can be neither edited nor deleted by the bot: let somebody who may delete them by hand", howMany(len(left.Failed), "message"))
}

// workspace is the address of the workspace, empty when Slack does not tell.
func (e *eraser) workspace(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, outbox.CallTimeout)
	defer cancel()
	told, err := slack.New(e.settings.SlackBotToken.Reveal(), slack.OptionAPIURL(e.settings.SlackAPIURL)).AuthTestContext(ctx)
	if err != nil {
		return ""
	}
	return told.URL
}
