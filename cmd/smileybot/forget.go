package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/store"
	databases "smileybot/store/database"
)

type forgetCommand struct {
	Customer string `required:"" placeholder:"ID-OR-EMAIL" help:"The whole customer id or e-mail address, as the sender has it."`
	DryRun   bool   `help:"Only print what would be erased."`
}

func (forgetCommand) Help() string {
	return `Erases name, e-mail address, customer id, comments, the team's notes and the senders' payloads of that
customer, in the database and in the messages in Slack. The scores stay. A running serve edits the messages, and the
command waits for it. A message that Slack does not let be edited is deleted; one that it does not let be deleted
either is listed, and the exit status is 1. The same command continues one that was stopped.
Backups that were made before still hold everything.

Example:

	smileybot forget --customer jan@example.org --dry-run
	smileybot forget --customer jan@example.org
`
}

// Run erases the data of a customer.
func (c forgetCommand) Run(ctx context.Context, s streams) error {
	c.Customer = strings.TrimSpace(c.Customer)
	if c.Customer == "" {
		return usageErrorf("--customer is empty: give the whole customer id or e-mail address")
	}
	settings, database, err := s.openDatabase(ctx, config.All)
	if err != nil {
		return err
	}
	defer database.Close()
	if c.DryRun {
		found, err := database.CountErasable(ctx, c.Customer)
		if err == nil {
			fmt.Fprintln(s.out, "would erase "+erasedWords(found)+"; nothing was changed")
		}
		return err
	}
	err = c.erase(ctx, s, settings, database)
	if err != nil && cancelled(ctx) {
		return errors.New("stopped before the end: the same command continues from here")
	}
	return err
}

// erase erases first in the database, then in Slack.
func (c forgetCommand) erase(ctx context.Context, s streams, settings config.Config, database *store.Store) error {
	erased, err := database.Erase(ctx, c.Customer, time.Now())
	if err != nil {
		return err
	}
	scrubbing, cancel := context.WithTimeout(ctx, scrubTimeout)
	defer cancel()
	held := database.Scrub(scrubbing)
	if held != nil && (ctx.Err() != nil || !errors.Is(held, store.ErrHeld)) {
		return held
	}
	fmt.Fprintln(s.out, "erased in the database: "+erasedWords(erased))
	if databases.OnServer(settings.Database.Reveal()) {
		fmt.Fprintln(s.out, "PostgreSQL's files keep the former rows until a vacuum, and its write-ahead log, standbys and backups until they are replaced: see docs/operation/postgresql.md")
	}
	return errors.Join(c.eraseInSlack(ctx, s, settings, database), scrubRemedy(held))
}

// scrubTimeout is how long the command waits for programs that read the database.
const scrubTimeout = 5 * time.Second

// scrubRemedy is the error of a write-ahead log that still has what was erased.
func scrubRemedy(held error) error {
	if held == nil {
		return nil
	}
	return fmt.Errorf("%w, so it still has what was erased: end that program and repeat this command; "+
		"a running serve also empties the log every day", held)
}

// eraseInSlack has a running serve edit the messages, or edits them itself, and lists what is left.
func (c forgetCommand) eraseInSlack(ctx context.Context, s streams, settings config.Config, database *store.Store) error {
	progress := s.progress(1)
	left, own, err := bot.EraseInSlack(ctx, settings, database, slog.New(slog.NewJSONHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})), progress.set)
	progress.clear()
	if err != nil {
		return err
	}
	if len(left) == 0 {
		fmt.Fprintln(s.out, "erased in Slack as well")
		return nil
	}
	for _, m := range left {
		fmt.Fprintf(s.out, "not erased: channel %s, message %s %s\n", oneLine(m.SlackChannel), oneLine(m.TS), oneLine(own.Permalink(m.SlackChannel, m.TS)))
	}
	return fmt.Errorf("%s in Slack can be neither edited nor deleted by the bot: have them deleted by hand", count(len(left), "message"))
}

func erasedWords(e store.Erased) string {
	return fmt.Sprintf("%d feedback, %s, %s, %s of senders; in Slack %s",
		e.Feedback, count(e.Comments, "comment"), count(e.Notes, "note"), count(e.Payloads, "payload"), count(e.Messages, "message"))
}

// count returns a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
