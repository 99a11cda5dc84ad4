package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"smileybot/bot/webhook/senders/mapping"
	"smileybot/csvfile"
	"smileybot/feedback"
)

// layoutFlags say how the file of another system is read.
type layoutFlags struct {
	Layout      string            `placeholder:"NAME-OR-FILE" help:"How another system's file is read: ${layouts}, or a file of your own."`
	Set         map[string]string `placeholder:"FIELD=COLUMN" mapsep:"none" help:"With --layout: the name or number of a field's column, as in score=\"How likely …\"; for kind, channel, sender and site the word itself. May be repeated."`
	PrintLayout bool              `help:"Print the file of a ready-made layout, to be changed."`
}

// layout returns the layout of the flags; nil without one.
func (f layoutFlags) layout() (*csvfile.Layout, error) {
	if f.Layout == "" {
		if len(f.Set) > 0 {
			return nil, usageErrorf("--set changes a layout: name one with --layout; there are %s", strings.Join(mapping.LayoutNames(), ", "))
		}
		return nil, nil //nolint:nilnil // there is none, and that is no error
	}
	text, err := f.read()
	if err != nil {
		return nil, err
	}
	l, err := mapping.ParseLayout(text)
	if err != nil {
		var lines []error
		for _, mistake := range mapping.MistakesIn(err) {
			lines = append(lines, fmt.Errorf("%s: %s", f.Layout, mistake))
		}
		return nil, usageError{errors.Join(lines...)}
	}
	for _, field := range slices.Sorted(maps.Keys(f.Set)) {
		if err := l.Set(field, f.Set[field]); err != nil {
			return nil, usageErrorf("--set: %w", err)
		}
	}
	return l.CSV(), nil
}

// read reads a ready-made layout, or the operator's file.
func (f layoutFlags) read() ([]byte, error) {
	name := strings.ToLower(f.Layout)
	if text, found := mapping.ReadyMadeLayout(name); found {
		return text, nil
	}
	file, err := os.Open(f.Layout)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageErrorf("--layout: there is no file %s and no layout of that name; did you mean %s? There are %s",
			f.Layout, feedback.Nearest(name, mapping.LayoutNames()), strings.Join(mapping.LayoutNames(), ", "))
	}
	if err != nil {
		return nil, usageErrorf("--layout: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, mapping.MaxFile+1))
	if err != nil {
		return nil, usageErrorf("--layout: %w", err)
	}
	return text, nil
}

// printLayout prints the file of a layout.
func (f layoutFlags) printLayout(out io.Writer) error {
	if f.Layout == "" {
		return usageErrorf("--print-layout needs --layout: there are %s", strings.Join(mapping.LayoutNames(), ", "))
	}
	text, err := f.read()
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

// printColumns tells which column is what.
func (f layoutFlags) printColumns(out io.Writer, rows *csvfile.Reader) {
	var parts []string
	for _, field := range rows.Fields() {
		if field.Column > 0 && field.Name != "raw" {
			parts = append(parts, fmt.Sprintf("%s from column %d (%s)", field.Name, field.Column, rows.ColumnName(field.Column)))
		}
	}
	if len(parts) > 0 {
		fmt.Fprintf(out, "layout %s: %s\n", oneLine(f.Layout), oneLine(strings.Join(parts, ", ")))
	}
}

// overridden is a layout in which --zone and --dates win.
func (c importCommand) overridden(l *csvfile.Layout) *csvfile.Layout {
	if l == nil {
		return nil
	}
	if c.Zone != "" {
		l.Zone = func([][]string) *time.Location { return nil }
	}
	if c.Dates != "" {
		l.Dates = ""
	}
	return l
}

// printSkipped tells how many rows the layout left out.
func (f layoutFlags) printSkipped(out io.Writer, rows *csvfile.Reader) {
	if n := rows.Skipped(); n > 0 {
		fmt.Fprintf(out, "rows that the layout leaves out, because they have no rating or are no finished response: %d\n", n)
	}
}
