package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/feedback"
	"smileybot/csvfile"
	"smileybot/store"
	"smileybot/store/sqlite"
)

type importCommand struct {
	File     string `arg:"" help:"A CSV file; - is standard input."`
	Rejected string `placeholder:"FILE" help:"Where wrong rows go. Default: beside the file, FILE.rejected.csv; none for standard input."`
}

// Help is printed by --help.
func (importCommand) Help() string {
	return `The header names the webhook's fields, in any order; id and channel are required:

	` + strings.Join(csvfile.Header(), ",") + `

Commas or semicolons; UTF-8. An empty cell says nothing. Good rows are taken, wrong ones are told by line and
column and written to FILE.rejected.csv, to be mended and imported. The same file again changes nothing.
It works beside a running serve. Imported rows count in the scores; nothing is posted to Slack for them.

Examples:

	smileybot import history.csv
	smileybot export | SMILEYBOT_DATABASE=other.db smileybot import -
`
}

// Run takes the file in; the exit status is 1 when there was a wrong row.
func (c importCommand) Run(ctx context.Context, t terminal) error {
	settings, err := config.Load(config.Bot)
	if err != nil {
		return err
	}
	in, size, err := c.open(t.in)
	if err != nil {
		return err
	}
	defer in.Close()
	now := time.Now()
	progress := t.progress(size)
	rows, err := csvfile.NewReader(io.TeeReader(in, progress), now)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name(), err)
	}
	kept, err := c.store(ctx, t, settings)
	if err != nil {
		return err
	}
	defer kept.Close()
	if err := kept.SameHours(ctx); err != nil {
		return err
	}
	work := &importing{terminal: t, name: c.name(), rows: rows, store: kept, now: now, progress: progress, rejected: &rejects{path: c.rejectedPath()}}
	work.strangers()
	err = work.run(ctx)
	progress.clear()
	return errors.Join(work.summary(ctx, err), work.rejected.close(), kept.Notify()) // messages of what was live are shown anew
}

// open opens what is imported; size is -1 when it is not known.
func (c importCommand) open(stdin io.Reader) (io.ReadCloser, int64, error) {
	if c.File == "-" {
		return io.NopCloser(stdin), -1, nil
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, 0, misusef("%w; name a CSV file, or - for standard input", err)
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return file, -1, nil //nolint:nilerr // only the progress wants to know
	}
	return file, info.Size(), nil
}

func (c importCommand) name() string {
	if c.File == "-" {
		return "standard input"
	}
	return c.File
}

func (c importCommand) rejectedPath() string {
	if c.Rejected != "" || c.File == "-" {
		return c.Rejected
	}
	return strings.TrimSuffix(c.File, ".csv") + ".rejected.csv"
}

// store opens the database; history may be its beginning.
func (c importCommand) store(ctx context.Context, t terminal, settings config.Config) (*store.Store, error) {
	if _, err := os.Stat(settings.Database); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(t.err, "There was no database at %s: it is made now.\n", settings.Database)
		return sqlite.Open(ctx, settings.Database, bot.StoreOptions(settings))
	}
	return sqlite.OpenExisting(ctx, settings.Database, bot.StoreOptions(settings))
}

const (
	// batchRows and batchBytes bound what is written at once: the shorter a batch,
	// the sooner it is a running serve's turn to write.
	batchRows  = 10000
	batchBytes = 4 << 20
)

// importing is an import while it runs.
type importing struct {
	terminal
	name     string
	rows     *csvfile.Reader
	store    *store.Store
	now      time.Time
	progress *progress
	rejected *rejects

	batch   []waitingRow
	bytes   int
	counted map[feedback.Result]int64
	wrong   int64
	// undated and leftOut count rows with a word to be said about them.
	undated, leftOut int64
}

// A waitingRow is one that was read. What may have to be given back has its bytes.
type waitingRow struct {
	row   csvfile.Row
	raw   []byte
	wrong *csvfile.RowError // nil for a good one
}

// strangers tells of the columns that are not read.
func (i *importing) strangers() {
	for _, column := range i.rows.Unknown() {
		fmt.Fprintf(i.err, "%s: column %d (%s) is not known and not read; known are %s\n",
			i.name, column.Column, clip(column.Name), strings.Join(csvfile.Header(), ","))
	}
}

// run reads and takes all rows.
func (i *importing) run(ctx context.Context) error {
	i.counted = make(map[feedback.Result]int64)
	if err := i.store.Bulk(ctx); err != nil {
		return err
	}
	for {
		row, err := i.rows.Read()
		if errors.Is(err, io.EOF) {
			return i.take(ctx)
		}
		wrong, ok := errors.AsType[*csvfile.RowError](err)
		if err != nil && !ok {
			return errors.Join(i.take(ctx), fmt.Errorf("%s: %w", i.name, err))
		}
		i.wait(row, wrong)
		if len(i.batch) < batchRows && i.bytes < batchBytes {
			continue
		}
		if err := i.take(ctx); err != nil {
			return err
		}
	}
}

// wait puts a row that was read into the batch.
func (i *importing) wait(row csvfile.Row, wrong *csvfile.RowError) {
	w := waitingRow{row: row, wrong: wrong}
	if wrong != nil || !row.Event.Mentions[feedback.FieldRating] {
		w.raw = append(w.raw, i.rows.Raw()...)
	}
	i.batch = append(i.batch, w)
	i.bytes += len(i.rows.Raw())
}

// take keeps the good rows of the batch and gives the wrong ones back, in their
// order.
func (i *importing) take(ctx context.Context) error {
	var past []store.HistoricEvent
	for _, w := range i.batch {
		if w.wrong == nil {
			past = append(past, store.HistoricEvent{Event: w.row.Event, VoidReason: w.row.VoidReason})
		}
	}
	imported, err := i.store.Import(ctx, past, i.now)
	if err != nil {
		return err
	}
	for _, w := range i.batch {
		if w.wrong == nil {
			w.wrong = i.settle(w.row, imported[0])
			imported = imported[1:]
		}
		if w.wrong == nil {
			continue
		}
		if err := i.reject(w); err != nil {
			return err
		}
	}
	i.batch, i.bytes = i.batch[:0], 0
	return nil
}

// settle counts what became of a good row, which may be that it was none.
func (i *importing) settle(row csvfile.Row, became store.Imported) *csvfile.RowError {
	if became.Err != nil {
		return i.rows.MissingRating(row)
	}
	if row.Undated {
		i.undated++
	}
	if row.LeftOut {
		i.leftOut++
	}
	i.counted[became.Result]++
	return nil
}

// reject tells of a wrong row and keeps it for mending.
func (i *importing) reject(w waitingRow) error {
	i.wrong++
	i.progress.clear()
	for line := range strings.Lines(w.wrong.Error()) {
		fmt.Fprintf(i.err, "%s: %s\n", i.name, strings.TrimSpace(line))
	}
	return i.rejected.keep(i.rows.Header(), w.raw)
}

// summary says what was done; err is what ended it early.
func (i *importing) summary(ctx context.Context, err error) error {
	created, updated := i.counted[feedback.Created], i.counted[feedback.Updated]
	same := i.counted[feedback.Unchanged] + i.counted[feedback.Stale]
	fmt.Fprintf(i.out, "rows %d: %d created, %d updated, %d unchanged, %d rejected\n",
		created+updated+same+i.wrong, created, updated, same, i.wrong)
	if i.undated > 0 {
		fmt.Fprintf(i.err, "rows that count as of now, because they say no moment or one in the future: %d\n", i.undated)
	}
	if i.leftOut > 0 {
		fmt.Fprintf(i.err, "rows with a smiley or a score that their kind does not have, which was left out: %d\n", i.leftOut)
	}
	switch {
	case cancelled(ctx):
		return errors.New("stopped before the end: import the file again, what was taken does not count twice")
	case err != nil:
		return fmt.Errorf("%w; once that is mended, import the file again: what was taken does not count twice", err)
	case i.wrong > 0 && i.rejected.path == "":
		return errors.New("the wrong rows were not taken: mend them and import them again; --rejected FILE keeps them apart")
	case i.wrong > 0:
		return fmt.Errorf("the wrong rows were not taken and are in %s: mend them there and import that file", i.rejected.path)
	}
	return nil
}
