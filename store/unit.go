package store

import (
	"database/sql"

	"smileybot/feedback/score"
)

// A Unit is a unit of work: one transaction of the engine, with what its jobs collect and
// write together before the commit. The engine makes one for each transaction.
//
// Its Exec collects: the statements run together, in one [Batch], before the next statement that
// has a result, and at the end of the job. So a job always reads what it has written, and an
// error of Exec is returned by a later call or fails the job at its end.
type Unit struct {
	Tx

	// pending are the statements of the job that runs which have no result, part the number of its part
	// that runs, see [Statement].
	pending Batch
	part    int
	// ofJob are the changes of the tallies by the job that runs, tallies the sums of those
	// by the jobs that succeeded.
	ofJob   []tallyChange
	tallies map[score.Place]score.Count
	// loaded are the rows that the set which runs has loaded.
	loaded loaded
	// someForgotten caches whether any customer is erased; NULL before the first look.
	someForgotten sql.NullBool
}

// NewUnit begins the unit of work of an open transaction.
func NewUnit(tx Tx) *Unit { return &Unit{Tx: tx, tallies: make(map[score.Place]score.Count)} }

// BeginJob discards what a job collected that failed.
func (t *Unit) BeginJob() {
	t.pending.reset()
	t.part = 0
	t.ofJob = t.ofJob[:0]
	t.loaded = loaded{}
}

// EndJob runs the statements that a job collected. After an error the job has failed.
func (t *Unit) EndJob() error { return t.runPending() }

// KeepJob keeps the changes of the tallies by a job that succeeded.
func (t *Unit) KeepJob() {
	for _, c := range t.ofJob {
		t.tallies[c.place] = t.tallies[c.place].Plus(c.count)
	}
}

// runPending runs the statements that were collected.
func (t *Unit) runPending() error {
	if len(t.pending.statements) == 0 {
		return nil
	}
	defer t.pending.reset()
	return t.Tx.Batch(&t.pending)
}

// maxPending bounds how many statements are collected: enough for the largest group of ratings.
const maxPending = 4096

// Exec collects a statement that returns no rows. Its error is that of an earlier one.
func (t *Unit) Exec(query string, args ...any) error {
	t.pending.statements = append(t.pending.statements, Statement{Query: query, Args: args, Part: t.part})
	if len(t.pending.statements) < maxPending {
		return nil
	}
	return t.runPending()
}

// Affect runs a statement and returns how many rows it changed.
func (t *Unit) Affect(query string, args ...any) (int64, error) {
	if err := t.runPending(); err != nil {
		return 0, err
	}
	return t.Tx.Affect(query, args...)
}

// Insert inserts a row with a numbered id and returns the id.
func (t *Unit) Insert(query string, args ...any) (id int64, err error) {
	if err := t.runPending(); err != nil {
		return 0, err
	}
	return t.Tx.Insert(query, args...)
}

// Row runs a query for one row. Scan returns [sql.ErrNoRows] when there is none.
func (t *Unit) Row(query string, args ...any) Scanner {
	if err := t.runPending(); err != nil {
		return failedRow{err}
	}
	return t.Tx.Row(query, args...)
}

// Each runs a query and passes every row to scan, which may run other statements, but not the
// same one.
func (t *Unit) Each(scan func(Scanner) error, query string, args ...any) error {
	if err := t.runPending(); err != nil {
		return err
	}
	return t.Tx.Each(scan, query, args...)
}

// Batch runs the statements of a batch, after those that were collected.
func (t *Unit) Batch(b *Batch) error {
	if err := t.runPending(); err != nil {
		return err
	}
	return t.Tx.Batch(b)
}

// A failedRow is the row of a query that could not run.
type failedRow struct{ why error }

// Scan returns why the query could not run.
func (r failedRow) Scan(...any) error { return r.why }
