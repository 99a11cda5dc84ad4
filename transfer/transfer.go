// Package transfer moves feedback between CSV files and the database: [Import] and [Export]. What
// Export writes, Import reads, to the same scores.
package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"smileybot/csvfile"
	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/store"
)

// A batch is what is read before it is stored.
const (
	maxBatchRows  = 10000
	maxBatchBytes = 4 << 20
)

// ImportOptions are what an import reads and where it writes.
type ImportOptions struct {
	Rows  *csvfile.Reader
	Store *store.Store
	// Source is the name of the file, for the list of imports.
	Source string
	// Replace makes the rows win over what is stored, see [store.ImportOptions].
	Replace bool
	// Now is the time of rows without one.
	Now time.Time
	// RejectedRows takes the rejected rows, byte for byte, below the header of the file they came
	// from. Nothing is written to it without one; nil keeps none.
	RejectedRows io.Writer
}

// ImportResult counts the rows of an import by what became of them.
type ImportResult struct {
	Created, Updated, Unchanged, Stale, Rejected int64
	// Number is that of the import, see [store.Store.Undo], and Changed the rows that it would undo.
	Number, Changed int64
	// Mistakes are those of the rejected rows. Warnings are wrong cells of the others, which were left
	// out.
	Mistakes, Warnings Findings
	// StaleRows are older than what is stored. AgainRows changed what an earlier row of the same file
	// brought.
	StaleRows, AgainRows Lines
	// Undated and LeftOut count accepted rows: those without a time or with one in the future, and
	// those with a smiley or a score that their kind does not have.
	Undated, LeftOut int64
}

// Rows returns the number of all rows.
func (r ImportResult) Rows() int64 { return r.Created + r.Updated + r.Unchanged + r.Stale + r.Rejected }

// Import stores the rows of a file in batches and notifies a running bot. A rejected row is no
// error. After an error, or the end of ctx, the result counts what was stored until then; the same
// file can be imported again, since a stored row is unchanged the next time.
func Import(ctx context.Context, o ImportOptions) (ImportResult, error) {
	i := &importer{ImportOptions: o}
	err := i.run(ctx)
	// The signal makes the bot edit the messages of feedback that it posted.
	return i.result, errors.Join(err, o.Store.Notify())
}

// An importer is a running import.
type importer struct {
	ImportOptions
	result ImportResult

	rows  int64 // that are stored or rejected
	batch []pendingRow
	bytes int // of the rows in batch
}

// A pendingRow is a row that was read. raw is kept only for a row that may be rejected.
type pendingRow struct {
	row csvfile.Row
	raw []byte
	err *csvfile.RowError // why the row is rejected; nil for a good row
}

func (i *importer) run(ctx context.Context) error {
	if err := i.Store.Bulk(ctx); err != nil {
		return err
	}
	var err error
	if i.result.Number, err = i.Store.BeginImport(ctx, i.Source, i.Now); err != nil {
		return err
	}
	for {
		row, err := i.Rows.Read()
		if errors.Is(err, io.EOF) {
			return i.flush(ctx)
		}
		rowErr, rejected := errors.AsType[*csvfile.RowError](err)
		if err != nil && !rejected {
			return errors.Join(i.flush(ctx), err)
		}
		i.add(row, rowErr)
		if len(i.batch) < maxBatchRows && i.bytes < maxBatchBytes {
			continue
		}
		if err := i.flush(ctx); err != nil {
			return err
		}
	}
}

// add adds a row to the batch.
func (i *importer) add(row csvfile.Row, err *csvfile.RowError) {
	p := pendingRow{row: row, err: err}
	if err != nil || !row.Event.Mentions[feedback.FieldRating] {
		p.raw = slices.Clone(i.Rows.Raw())
	}
	i.batch = append(i.batch, p)
	i.bytes += len(i.Rows.Raw())
}

// flush stores the good rows of the batch and reports the others, in the order of the file.
func (i *importer) flush(ctx context.Context) error {
	var past []store.HistoricEvent
	for _, p := range i.batch {
		if p.err == nil {
			past = append(past, store.HistoricEvent{
				Event: p.row.Event, VoidReason: p.row.VoidReason, VoidedAt: p.row.VoidedAt, VoidedBy: p.row.VoidedBy, Restores: p.row.Restores,
			})
		}
	}
	imported, err := i.Store.ImportWith(ctx, past, store.ImportOptions{Number: i.result.Number, Replace: i.Replace, Now: i.Now})
	for _, p := range i.batch {
		if p.err == nil && len(imported) == 0 { // after an error
			break
		}
		i.rows++
		if p.err == nil {
			p.err = i.count(p.row, imported[0])
			imported = imported[1:]
		}
		if p.err == nil {
			continue
		}
		i.result.Rejected++
		for _, m := range p.err.Mistakes {
			i.result.Mistakes.add(i.rows, p.err.Line, m)
		}
		if failed := i.keep(p.raw); failed != nil {
			return errors.Join(err, failed)
		}
	}
	i.batch, i.bytes = i.batch[:0], 0
	return err
}

// count counts what became of a row that the store was given. The store rejects a row without a
// rating unless it knows the feedback.
func (i *importer) count(row csvfile.Row, imported store.Imported) *csvfile.RowError {
	if imported.Err != nil {
		return i.Rows.MissingRating(row)
	}
	if row.Undated {
		i.result.Undated++
	}
	if row.LeftOut {
		i.result.LeftOut++
	}
	for _, m := range row.Warnings {
		i.result.Warnings.add(i.rows, row.Line, m)
	}
	if imported.Changed {
		i.result.Changed++
	}
	if imported.Again {
		i.result.AgainRows.add(i.rows, row.Line)
	}
	switch imported.Result {
	case feedback.Created:
		i.result.Created++
	case feedback.Updated:
		i.result.Updated++
	case feedback.Stale:
		i.result.Stale++
		i.result.StaleRows.add(i.rows, row.Line)
	default:
		i.result.Unchanged++
	}
	return nil
}

// keep writes a rejected row, below the header if it is the first.
func (i *importer) keep(raw []byte) error {
	if i.RejectedRows == nil {
		return nil
	}
	lines := [][]byte{raw}
	if i.result.Rejected == 1 {
		lines = [][]byte{i.Rows.Header(), raw}
	}
	for _, line := range lines {
		if len(line) > 0 && !bytes.ContainsAny(line[len(line)-1:], "\r\n") {
			line = append(slices.Clip(line), '\n')
		}
		if _, err := i.RejectedRows.Write(line); err != nil {
			return fmt.Errorf("the wrong rows cannot be kept: %w", err)
		}
	}
	return nil
}

// Export writes the feedback that counts on the days from first to last, both included.
func Export(ctx context.Context, out io.Writer, s *store.Store, first, last office.Day, d csvfile.Dialect) error {
	w, err := csvfile.NewWriter(out, d)
	if err != nil {
		return err
	}
	if err := s.Export(ctx, first, last, func(f feedback.Feedback) error { return w.Write(row(f)) }); err != nil {
		return err
	}
	return w.Flush()
}

// row returns the row from which an import makes the same feedback.
func row(f feedback.Feedback) csvfile.Row {
	mentions := make(map[feedback.Field]bool, len(f.SetAt))
	for field := range f.SetAt {
		mentions[field] = true
	}
	return csvfile.Row{
		Event:      feedback.Event{Key: f.Key, OccurredAt: f.OccurredAt, Answer: f.Answer, Mentions: mentions, SetAt: f.SetAt, Claims: f.UntoldClaims()},
		VoidReason: f.Void.Reason, VoidedAt: f.Void.At, VoidedBy: f.Void.By,
	}
}
