package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/csvfile"
	"smileybot/feedback"
	"smileybot/store"
	databases "smileybot/store/database"
	"smileybot/transfer"
)

type importCommand struct {
	File     string `arg:"" optional:"" help:"A CSV file; - is standard input."`
	Rejected string `placeholder:"FILE" help:"The file for rejected rows. Default: history.rejected.csv for history.csv, without one for standard input."`
	Zone     string `placeholder:"ZONE" help:"The time zone of moments without an offset, such as Europe/Berlin. Default: SMILEYBOT_TIMEZONE."`
	Dates    string `enum:",dmy,mdy" default:"" placeholder:"ORDER" help:"The order of dates such as 20-11-2026 (dmy) and 11/20/2026 (mdy)."`
	Undated  string `enum:",now" default:"" placeholder:"now" help:"now: rows without a moment count as of now. Otherwise they are rejected."`
	Replace  bool   `help:"Rows win over what is known, also over later values."`
	List     bool   `help:"List the imports with their numbers."`
	Undo     string `placeholder:"LAST|NUMBER" help:"Undo an import: what it created is removed, and what it changed is as before."`

	layoutFlags
}

func (importCommand) Help() string {
	return `The header names the webhook's fields, in any order; id, channel and occurred_at are required:

	` + strings.Join(csvfile.Header(), ",") + `

Commas, semicolons or tabs; UTF-8. A moment is RFC 3339, or local as 2026-11-20 10:31 or 2026-11-20. An empty cell leaves its field alone;
a void_reason of - takes a void back. Good rows are imported, wrong ones are reported by line and column and written to
FILE.rejected.csv, to be corrected and imported; that of an earlier import is replaced. A wrong optional cell is left out. Importing a file again changes nothing.
It works next to a running serve. Imported rows count in the scores; nothing is posted to Slack for them.

Examples:

	smileybot import history.csv
	smileybot import --zone Europe/Berlin --dates dmy history.csv
	smileybot import --replace corrected.csv
	smileybot import --list
	smileybot import --undo LAST
	smileybot export | SMILEYBOT_DATABASE=other.db smileybot import -
	smileybot import --layout surveymonkey --set score="How likely are you to recommend us?" survey.csv
`
}

// Run imports the file. A rejected row is a failure.
func (c importCommand) Run(ctx context.Context, s streams) error {
	if c.PrintLayout {
		return c.printLayout(s.out)
	}
	layout, err := c.layout()
	if err != nil {
		return err
	}
	settings, err := s.loadConfig(config.Bot)
	if err != nil {
		return err
	}
	switch {
	case c.List, c.Undo != "":
		return c.past(ctx, s, settings)
	case c.File == "":
		return usageErrorf("expected \"<file>\": name a CSV file, or - for standard input")
	}
	in, size, err := c.open(s.in)
	if err != nil {
		return err
	}
	defer in.Close()
	now := time.Now()
	progress := s.progress(size, progressbar.OptionShowBytes(true))
	options, err := c.reading(settings, now)
	if err != nil {
		return err
	}
	options.Layout = c.overridden(layout)
	rows, err := csvfile.NewReader(io.TeeReader(in, progress), options)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name(), err)
	}
	rejects, err := c.openRejects(settings.Database.Reveal(), in, rows.Header())
	if err != nil {
		return err
	}
	defer rejects.discard()
	database, err := openOrCreate(ctx, s, settings)
	if err != nil {
		return err
	}
	defer database.Close()
	if err := database.SameHours(ctx); err != nil {
		return err
	}
	c.printColumns(s.err, rows)
	for _, column := range rows.Unknown() {
		fmt.Fprintf(s.err, "%s: column %d (%s) is not known and not read; known are %s\n",
			oneLine(c.name()), column.Column, oneLine(clip(column.Name)), strings.Join(csvfile.Header(), ","))
	}
	result, err := transfer.Import(ctx, transfer.ImportOptions{
		Rows: rows, Store: database, Source: c.name(), Replace: c.Replace, Now: now, RejectedRows: rejects.writer(),
	})
	progress.clear()
	c.report(s, &result)
	c.printSkipped(s.err, rows)
	err = errors.Join(err, rejects.finish(result.Rejected, err == nil))
	if cancelled(ctx) {
		return errors.New("stopped before the end: import the file again, no row counts twice")
	}
	return c.failure(result, rejects, err)
}

// reading returns how the file is read.
func (c importCommand) reading(settings config.Config, now time.Time) (csvfile.Options, error) {
	o := csvfile.Options{Now: now, Zone: settings.Location, Dates: csvfile.DateOrder(c.Dates), UndatedNow: c.Undated != ""}
	if c.Zone != "" {
		var ok bool
		if o.Zone, ok = feedback.Zone(c.Zone); !ok {
			return o, usageErrorf("--zone is no time zone: name one such as Europe/Amsterdam or UTC")
		}
	}
	var err error
	o.Senders, err = bot.SenderNames(settings)
	return o, err
}

// open opens the file; size is -1 when it is not known.
func (c importCommand) open(stdin io.Reader) (in io.ReadCloser, size int64, err error) {
	if c.File == "-" {
		if file, ok := stdin.(*os.File); ok {
			return file, -1, nil // so that it is compared with the file for rejected rows
		}
		return io.NopCloser(stdin), -1, nil
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, 0, usageErrorf("%w; name a CSV file, or - for standard input", err)
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return file, -1, nil //nolint:nilerr // only the progress bar needs it
	}
	return file, info.Size(), nil
}

// name is the file in messages.
func (c importCommand) name() string {
	if c.File == "-" {
		return "standard input"
	}
	return c.File
}

// openOrCreate opens the database, which an import may create.
func openOrCreate(ctx context.Context, s streams, settings config.Config) (*store.Store, error) {
	missing, err := databases.Missing(ctx, settings.Database.Reveal())
	if err != nil {
		return nil, err
	}
	if missing {
		fmt.Fprintf(s.err, "There was no database at %s: it is created now.\n", oneLine(databases.Name(settings.Database.Reveal())))
		return databases.Open(ctx, settings.Database.Reveal(), bot.StoreOptions(settings))
	}
	return databases.OpenExisting(ctx, settings.Database.Reveal(), bot.StoreOptions(settings))
}

// report prints what became of the rows.
func (c importCommand) report(s streams, r *transfer.ImportResult) {
	say := func(format string, a ...any) {
		fmt.Fprintf(s.err, "%s: %s\n", oneLine(c.name()), oneLine(fmt.Sprintf(format, a...)))
	}
	for _, line := range r.Mistakes.Lines() {
		say("%s", line)
	}
	for _, line := range r.Warnings.Lines() {
		say("warning, the cell is left out: %s", line)
	}
	if r.AgainRows.Rows() > 0 {
		say("rows that changed an earlier row of this file (%s): they have its id; look whether they are about the same feedback", &r.AgainRows)
	}
	switch {
	case r.StaleRows.Rows() > 0 && c.Replace:
		say("rows that are older than another of this file, and changed nothing (%s): they have its id; look whether they are about the same feedback", &r.StaleRows)
	case r.StaleRows.Rows() > 0:
		say("rows that are older than what is known, and changed nothing (%s): --replace lets them win", &r.StaleRows)
	}
	fmt.Fprintf(s.out, "rows %d: %d created, %d updated, %d unchanged, %d stale, %d rejected\n", r.Rows(), r.Created, r.Updated, r.Unchanged, r.Stale, r.Rejected)
	if r.Undated > 0 {
		fmt.Fprintf(s.err, "rows that count as of now, because they have no time or one in the future: %d\n", r.Undated)
	}
	if r.LeftOut > 0 {
		fmt.Fprintf(s.err, "rows with a smiley or a score that their kind does not have, which was left out: %d\n", r.LeftOut)
	}
	if r.Changed > 0 {
		fmt.Fprintf(s.err, "this was import %d; to undo it: smileybot import --undo %d\n", r.Number, r.Number)
	}
}

// failure returns what is left to do; err is what ended the import early.
func (c importCommand) failure(r transfer.ImportResult, rejects *rejects, err error) error {
	if _, ok := errors.AsType[*csvfile.FormatError](err); ok {
		err = fmt.Errorf("%s: %w", c.name(), err)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w; once that is fixed, import the file again: no row counts twice", err)
	case r.Rejected > 0 && rejects.cause != nil:
		return fmt.Errorf("the rejected rows were not imported, and could not be kept: %w; correct them and import them again; --rejected FILE keeps them in a file", rejects.cause)
	case r.Rejected > 0 && rejects.file == nil:
		return errors.New("the rejected rows were not imported: correct them and import them again; --rejected FILE keeps them in a file")
	case r.Rejected > 0:
		return fmt.Errorf("the rejected rows were not imported and are in %s: correct them there and import that file", rejects.path)
	}
	return nil
}
