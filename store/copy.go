package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// A copy moves all rows from one database to another, of any engine. While it is not complete, the
// target has a table more, copyMark, with how many rows of each table it has: [Open] refuses such a
// database, and the same copy continues it.

// copyMark is the table that the target of an unfinished copy has.
const copyMark = "copying"

var (
	// ErrUnfinished is returned for a database into which a copy is not complete.
	ErrUnfinished = errors.New("a copy into it is not complete: repeat the command 'smileybot copy' that made it, which continues it, or delete the database")
	// ErrNotEmpty is returned for a target of a copy that has rows of its own.
	ErrNotEmpty = errors.New("the target is not empty: name a database that has never been used; nothing was changed")
	// ErrTwoCopies is returned when another process copies into the same database.
	ErrTwoCopies = errors.New("another 'smileybot copy' writes to the target: let that one end, and repeat this command")
	// ErrSourceChanged is returned when the source was changed while it was copied.
	ErrSourceChanged = errors.New("the source was changed while it was copied, or the target: the target is not used; stop every program that writes to them and repeat the command, which begins again")
)

// Copied is what a copy moved and compared.
type Copied struct {
	// Tables are the tables with their rows, in the order of the copy.
	Tables []CopiedTable
	// Changed counts the texts that the target keeps in another form, see [Catalog].
	Changed int64
	// Messages is the number of rows of the outbox, Waiting of those whose latest revision is not shown.
	Messages, Waiting int64
	// Answers is how many answers about scores were the same in both.
	Answers int
	// Recount compares the tallies of the target with a full count.
	Recount Rebuilt
}

// CopiedTable is how many rows a table has in both databases.
type CopiedTable struct {
	Name string
	Rows int64
}

// Copy copies a database to another, or continues a copy that was interrupted. The target is opened with
// [Options.Unfinished]. It returns [ErrNotEmpty], [ErrTwoCopies] and [ErrSourceChanged]. progress is
// called with the number of rows that are done and of all, where comparing counts as copying again.
//
// Nothing may write to either database: the caller keeps every serve away. A change of the source is
// noticed when all rows of both are compared at the end.
func Copy(ctx context.Context, source, target *Store, progress func(done, total int64)) (Copied, error) {
	tables, err := tablesToCopy(ctx, source.engine, target.engine)
	if err != nil {
		return Copied{}, err
	}
	c := &copying{source: source, target: target, tables: tables, progress: progress}
	if err := c.begin(ctx); err != nil {
		return Copied{}, err
	}
	if err := c.rows(ctx); err != nil {
		return Copied{}, err
	}
	if err := c.target.engine.Analyze(ctx, CopiedTables()); err != nil {
		return Copied{}, fmt.Errorf("collecting the statistics of the target: %w", err)
	}
	if err := c.compare(ctx); err != nil {
		return c.found, err
	}
	return c.found, c.finish(ctx)
}

// copying is a running copy.
type copying struct {
	source, target *Store
	tables         []Table
	progress       func(done, total int64)
	// at is how many rows of each table the target has, counts how many the source had at the start.
	at, counts  map[string]int64
	done, total int64
	found       Copied
}

// step reports n more rows.
func (c *copying) step(n int64) {
	c.done += n
	c.progress(min(c.done, c.total), c.total)
}

// begin marks the target, or finds out how far the copy is.
func (c *copying) begin(ctx context.Context) error {
	marked, err := c.target.engine.Has(ctx, copyMark)
	if err != nil {
		return err
	}
	if !marked {
		if err := c.refuseUsed(ctx); err != nil {
			return err
		}
		if err := c.target.engine.Write(ctx, c.mark); err != nil {
			return fmt.Errorf("marking the target: %w", err)
		}
	}
	c.at = make(map[string]int64)
	err = c.target.each(ctx, "the progress of the copy", func(row Scanner) error {
		var name string
		var done int64
		err := row.Scan(&name, &done)
		c.at[name] = done
		return err
	}, `select name, done from `+copyMark)
	if err != nil {
		return err
	}
	if err := c.target.engine.Bulk(ctx); err != nil {
		return err
	}
	return c.empty(ctx)
}

// mark makes the table of an unfinished copy. The statements run one by one, because each needs the
// one before.
func (c *copying) mark(t *Unit) error {
	if err := t.Tx.Exec(`create table ` + copyMark + ` (name text not null primary key, done bigint not null)`); err != nil {
		return err
	}
	for _, table := range c.tables {
		if err := t.Tx.Exec(`insert into `+copyMark+` (name, done) values ($1, 0)`, table.Name); err != nil {
			return err
		}
	}
	return nil
}

// refuseUsed refuses a target with rows besides the settings, which opening it writes.
func (c *copying) refuseUsed(ctx context.Context) error {
	for _, table := range c.tables {
		if table.Name == "tally_settings" || table.Name == "service_rules" {
			continue
		}
		var some bool
		if err := c.target.row(ctx, "the target", `select exists (select 1 from `+table.Name+`)`).Scan(&some); err != nil {
			return err
		}
		if some {
			return fmt.Errorf("%w; it has rows in the table %s", ErrNotEmpty, table.Name)
		}
	}
	return nil
}

// emptyRows is how many rows are deleted in a transaction.
const emptyRows = 2000

// empty deletes the rows of the tables that are not begun: the settings, and all after a change of the
// source was noticed.
func (c *copying) empty(ctx context.Context) error {
	for _, table := range slices.Backward(c.tables) {
		if c.at[table.Name] > 0 {
			continue
		}
		for n := int64(emptyRows); n == emptyRows; {
			err := c.target.engine.Write(ctx, func(t *Unit) (err error) {
				n, err = t.Affect(table.deleteSome(), emptyRows)
				return err
			})
			if err != nil {
				return fmt.Errorf("emptying the table %s of the target: %w", table.Name, err)
			}
		}
	}
	return nil
}

// rows copies the tables from one state of the source.
func (c *copying) rows(ctx context.Context) error {
	state, err := c.source.engine.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer state.Close()
	c.counts = make(map[string]int64)
	for _, table := range c.tables {
		var n int64
		if err := state.Row(ctx, `select count(*) from `+table.Name).Scan(&n); err != nil {
			return fmt.Errorf("counting the table %s: %w", table.Name, err)
		}
		c.counts[table.Name] = n
		c.total += 2 * n
	}
	for _, table := range c.tables {
		if err := c.table(ctx, state, table); err != nil {
			return fmt.Errorf("copying the table %s: %w", table.Name, err)
		}
	}
	return nil
}

// table copies the rows of a table that the target does not have yet.
func (c *copying) table(ctx context.Context, state Reader, table Table) error {
	p := pager{from: state, table: table}
	done := c.at[table.Name]
	if done > 0 {
		var err error
		p.after, err = scanRaw(state.Row(ctx, table.selectKey(), done-1), len(table.Key))
		if errors.Is(err, sql.ErrNoRows) {
			return c.changed(ctx)
		}
		if err != nil {
			return err
		}
	}
	c.step(done)
	for {
		page, err := p.next(ctx)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, row := range page {
			storable(row, c.target.engine)
		}
		if err := c.write(ctx, table, page, done); err != nil {
			return err
		}
		done += int64(len(page))
		c.step(int64(len(page)))
	}
}

// rowsAtOnce is how many rows one statement inserts.
const rowsAtOnce = 20

// write inserts a page, and notes it in the same transaction.
func (c *copying) write(ctx context.Context, table Table, page [][]any, done int64) error {
	many := table.insert(rowsAtOnce)
	one := table.insert(1)
	return c.target.engine.WriteIdempotent(ctx, func(t *Unit) error {
		n, err := t.Affect(`update `+copyMark+` set done = $1 where name = $2 and done = $3`, done+int64(len(page)), table.Name, done)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrTwoCopies
		}
		var batch Batch
		for rows := range slices.Chunk(page, rowsAtOnce) {
			if len(rows) == rowsAtOnce {
				batch.Exec(many, slices.Concat(rows...)...)
				continue
			}
			for _, row := range rows {
				batch.Exec(one, row...)
			}
		}
		return t.Batch(&batch)
	})
}

// changed makes the next copy begin again, and returns [ErrSourceChanged].
func (c *copying) changed(ctx context.Context) error {
	if err := c.target.exec(ctx, `update `+copyMark+` set done = 0`); err != nil {
		return err
	}
	return ErrSourceChanged
}

// finish takes the mark off the target. All is compared by then, so a caller that leaves does not stop it:
// it would not know whether the same copy can be continued.
func (c *copying) finish(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	err := c.target.engine.Write(ctx, func(t *Unit) error {
		if err := c.target.engine.Renumber(t.Tx); err != nil {
			return err
		}
		if err := t.Tx.Exec(`delete from ` + copyMark); err != nil { // a transaction that changes no row is not committed
			return err
		}
		return t.Tx.Exec(`drop table ` + copyMark)
	})
	if err == nil {
		return nil
	}
	if marked, asked := c.target.engine.Has(ctx, copyMark); asked == nil && !marked {
		return nil // the answer to the commit was lost
	}
	return fmt.Errorf("ending the copy: %w", err)
}
