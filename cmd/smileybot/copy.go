package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/store"
	databases "smileybot/store/database"
)

type copyCommand struct {
	To string `required:"" placeholder:"TARGET" help:"The path of a SQLite file, or the URL of a PostgreSQL database. It is created or empty."`
}

func (copyCommand) Help() string {
	return `Copies the database of SMILEYBOT_DATABASE to TARGET, between SQLite and PostgreSQL, either way: stop serve, copy, set
SMILEYBOT_DATABASE to TARGET, and start serve. The source is not changed. The same command continues a copy that
was interrupted; until it is complete, serve refuses TARGET. At the end every row of both is compared, with the
answers about scores, and the tallies with a full count.

PGPASSWORD or ~/.pgpass gives the password of a URL, so that the command line does not show it.

Examples:

	systemctl stop smileybot
	PGPASSWORD=… SMILEYBOT_DATABASE=/var/lib/smileybot/smileybot.db smileybot copy --to postgres://smileybot@db.example.org/smileybot
	SMILEYBOT_DATABASE=postgres://smileybot@db.example.org/smileybot smileybot copy --to /var/lib/smileybot/smileybot.db
`
}

// Run copies the database.
func (c copyCommand) Run(ctx context.Context, s streams) (err error) {
	settings, err := s.loadConfig(config.Bot)
	if err != nil {
		return err
	}
	if c.To == "" || c.To == "-" {
		return usageErrorf("--to names no database: give the path of a SQLite file, or a URL postgres://USER@HOST/DATABASE")
	}
	if databases.Same(settings.Database.Reveal(), c.To) {
		return usageErrorf("--to is the database of SMILEYBOT_DATABASE itself: name another one")
	}
	if err := databases.Examine(c.To); databases.OnServer(c.To) && err != nil {
		return usageErrorf("--to is not the URL of a PostgreSQL database: write it as postgres://USER@HOST:5432/DATABASE")
	}
	began := time.Now()
	progress := s.progress(1)
	copied, err := c.copy(ctx, settings, progress.set)
	progress.clear()
	if err != nil && cancelled(ctx) {
		return errors.New("stopped before the end: the same command continues from here")
	}
	if err != nil {
		return err
	}
	s.printCopied(copied)
	fmt.Fprintf(s.out, "%s: complete, in %.1f s; set SMILEYBOT_DATABASE to it, and serve no more from %s\n",
		oneLine(databases.Name(c.To)), time.Since(began).Seconds(), oneLine(databases.Name(settings.Database.Reveal())))
	return nil
}

// copy opens both databases, keeps serve away from them, and copies.
func (c copyCommand) copy(ctx context.Context, settings config.Config, step func(done, total int64)) (copied store.Copied, err error) {
	options := bot.StoreOptions(settings)
	source, err := databases.OpenExisting(ctx, settings.Database.Reveal(), options)
	if err != nil {
		return copied, err
	}
	defer source.Close()
	if err := source.SameHours(ctx); err != nil {
		return copied, err
	}
	release, err := databases.Alone(ctx, settings.Database.Reveal(), source, databases.Quiet)
	if err != nil {
		return copied, err
	}
	defer func() { _ = release() }() // the kernel's, at the latest with the process
	options.Unfinished = true
	target, err := databases.Open(ctx, c.To, options)
	if err != nil {
		return copied, fmt.Errorf("the target: %w", err)
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	let, err := databases.Alone(ctx, c.To, target, databases.Quiet)
	if err != nil {
		return copied, err
	}
	defer func() { _ = let() }() // as above
	return store.Copy(ctx, source, target, step)
}

// printCopied prints what was copied and compared.
func (s streams) printCopied(c store.Copied) {
	var rows int64
	for _, table := range c.Tables {
		rows += table.Rows
		if table.Rows > 0 {
			fmt.Fprintf(s.out, "%-20s %d rows, the same\n", table.Name, table.Rows)
		}
	}
	fmt.Fprintf(s.out, "compared: %d rows of %s; %d answers about scores, the same\n", rows, count(len(c.Tables), "table"), c.Answers)
	fmt.Fprintf(s.out, "messages: %d, with their revisions, of which serve still has to show %d\n", c.Messages, c.Waiting)
	if c.Changed > 0 {
		fmt.Fprintf(s.out, "texts that PostgreSQL cannot keep: %d, in which NUL and invalid UTF-8 became \uFFFD\n", c.Changed)
	}
	fmt.Fprint(s.out, "full count: ")
	s.printRebuilt(c.Recount)
}
