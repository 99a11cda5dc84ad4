package main

import (
	"context"
	"io"
	"math"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/feedback"
	"smileybot/csvfile"
	"smileybot/store"
	"smileybot/store/sqlite"
)

type exportCommand struct {
	From string `placeholder:"DATE" help:"Not what counts on earlier days, as in 2026-01-01."`
	To   string `placeholder:"DATE" help:"Not what counts on later days."`
}

// Help is printed by --help.
func (exportCommand) Help() string {
	return `What it writes, import takes, to the same scores. Days are local, and both are included. A cell that a
spreadsheet might run as a formula has an apostrophe in front, which import takes off again.
It works beside a running serve.

Examples:

	smileybot export > feedback.csv
	smileybot export --from 2026-01-01 --to 2026-03-31 > quarter.csv
`
}

// Run writes the feedback as CSV on standard output.
func (c exportCommand) Run(ctx context.Context, t terminal) error {
	settings, err := config.Load(config.Bot)
	if err != nil {
		return err
	}
	first, last, err := c.days()
	if err != nil {
		return err
	}
	kept, err := sqlite.OpenExisting(ctx, settings.Database, bot.StoreOptions(settings))
	if err != nil {
		return err
	}
	defer kept.Close()
	return writeCSV(ctx, t.out, kept, first, last)
}

// writeCSV writes what counts on the days from first to last.
func writeCSV(ctx context.Context, to io.Writer, kept *store.Store, first, last feedback.Day) error {
	out, err := csvfile.NewWriter(to)
	if err != nil {
		return err
	}
	if err := kept.Export(ctx, first, last, func(f feedback.Feedback) error { return out.Write(row(f)) }); err != nil {
		return err
	}
	return out.Flush()
}

// days are the first and the last to be written.
func (c exportCommand) days() (first, last feedback.Day, err error) {
	first, last = math.MinInt32, math.MaxInt32
	if c.From != "" {
		if first, err = feedback.ParseDay(c.From); err != nil {
			return 0, 0, misusef("--from is %w", err)
		}
	}
	if c.To != "" {
		if last, err = feedback.ParseDay(c.To); err != nil {
			return 0, 0, misusef("--to is %w", err)
		}
	}
	if first > last {
		return 0, 0, misusef("--from is after --to: no day lies between")
	}
	return first, last, nil
}

// row is a feedback as a row that makes it again.
func row(f feedback.Feedback) csvfile.Row {
	said := make(map[feedback.Field]bool, len(f.SetAt))
	for field := range f.SetAt {
		said[field] = true
	}
	return csvfile.Row{Event: feedback.Event{Key: f.Key, OccurredAt: f.OccurredAt, Answer: f.Answer, Mentions: said}, VoidReason: f.Void.Reason}
}
