package main

import (
	"context"
	"math"
	"strings"

	"smileybot/config"
	"smileybot/csvfile"
	"smileybot/feedback/office"
	"smileybot/transfer"
)

type exportCommand struct {
	From string `placeholder:"DATE" help:"The first day, as in 2026-01-01."`
	To   string `placeholder:"DATE" help:"The last day."`

	Separator string `placeholder:"SEPARATOR" help:"What separates the cells: , (default), ; or tab."`
	Excel     bool   `help:"For Excel where the decimal sign is a comma: ; and a byte order mark."`
}

func (exportCommand) Help() string {
	return `The output can be imported, to the same scores. Days are local, and both are included. A cell that a
spreadsheet might run as a formula begins with an apostrophe, which import removes.
On a terminal, line breaks in a cell and what a terminal would obey are shown as \n and \u…: write
what import is to read to a file. It works next to a running serve.

Examples:

	smileybot export > feedback.csv
	smileybot export --excel > feedback.csv
	smileybot export --from 2026-01-01 --to 2026-03-31 > quarter.csv
`
}

// Run writes the feedback as CSV on standard output.
func (c exportCommand) Run(ctx context.Context, s streams) error {
	first, last, err := c.days()
	if err != nil {
		return err
	}
	dialect, err := c.dialect()
	if err != nil {
		return err
	}
	_, database, err := s.openDatabase(ctx, config.Bot)
	if err != nil {
		return err
	}
	defer database.Close()
	out := s.exact
	if terminal(out) != nil {
		out = &tableForPeople{out: s.out}
	}
	return transfer.Export(ctx, out, database, first, last, dialect)
}

// dialect returns how the file is written.
func (c exportCommand) dialect() (csvfile.Dialect, error) {
	d := csvfile.Dialect{Separator: ',', Mark: c.Excel}
	switch {
	case strings.EqualFold(c.Separator, "tab"):
		d.Separator = '\t'
	case c.Separator == ";", c.Separator == "" && c.Excel:
		d.Separator = ';'
	case c.Separator != "" && c.Separator != ",":
		return d, usageErrorf("--separator is , or ; or tab")
	}
	return d, nil
}

// days returns the first and the last day to export.
func (c exportCommand) days() (first, last office.Day, err error) {
	first, last = math.MinInt32, math.MaxInt32
	if c.From != "" {
		if first, err = office.ParseDay(c.From); err != nil {
			return 0, 0, usageErrorf("--from is %w", err)
		}
	}
	if c.To != "" {
		if last, err = office.ParseDay(c.To); err != nil {
			return 0, 0, usageErrorf("--to is %w", err)
		}
	}
	if first > last {
		return 0, 0, usageErrorf("--from is after --to: no day lies between")
	}
	return first, last, nil
}
