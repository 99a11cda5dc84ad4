package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-sqlite3"

	"smileybot/feedback/score"
)

// A tx is the open transaction, seen from inside one job. It speaks to the driver itself:
// for a connection that one goroutine uses, with statements that are prepared once,
// database/sql would do the same with a tenth of a rating's time.
type tx struct {
	ctx   context.Context //nolint:containedctx // the writer's own, which no request can cancel
	conn  *sqlite3.SQLiteConn
	stmts map[string]*statement
	// moved are the moves of answers in the tallies that the job made, and counts
	// those of the group: they are written once, before the commit.
	moved  []move
	counts map[score.Place]score.Count
	// wrote says that the job has run a statement that may have changed something.
	wrote bool
	// someForgotten tells whether anybody is forgotten, once the transaction has looked.
	someForgotten sql.NullBool
}

// A statement is prepared, with room for the row that it reads.
type statement struct {
	*sqlite3.SQLiteStmt

	writes bool
	row    []driver.Value
}

func newTx() *tx {
	return &tx{ctx: context.Background(), stmts: make(map[string]*statement), counts: make(map[score.Place]score.Count)}
}

// reset makes ready for another transaction.
func (t *tx) reset() {
	clear(t.counts)
	t.someForgotten = sql.NullBool{}
}

// connect opens the connection, unless it is open.
func (t *tx) connect(open func() (driver.Conn, error)) error {
	if t.conn != nil {
		return nil
	}
	opened, err := open()
	if err != nil {
		return err
	}
	if t.conn, err = asSQLite(opened); err != nil {
		return err
	}
	// What savepoints copy is not to go into a file, where it would cost more and
	// customers' words would be left.
	return t.exec(`pragma temp_store = memory`)
}

// lost reports whether SQLite has rolled the whole transaction back by itself,
// as it does when the disk is full.
func (t *tx) lost() bool { return t.conn.AutoCommit() }

// drop closes the connection, which rolls back what it had not committed; the
// next group opens a new one.
func (t *tx) drop() {
	for _, stmt := range t.stmts {
		_ = stmt.Close()
	}
	clear(t.stmts)
	if t.conn != nil {
		_ = t.conn.Close()
		t.conn = nil
	}
}

// prepared returns the statement of a query, prepared once a connection.
func (t *tx) prepared(query string) (*statement, error) {
	stmt := t.stmts[query]
	if stmt == nil {
		made, err := t.conn.PrepareContext(t.ctx, query)
		if err != nil {
			return nil, err
		}
		prepared, ok := made.(*sqlite3.SQLiteStmt)
		if !ok {
			return nil, errors.Join(errors.New("not an SQLite statement"), made.Close())
		}
		stmt = &statement{SQLiteStmt: prepared, writes: !strings.HasPrefix(strings.TrimLeft(query, " \n"), "select")}
		t.stmts[query] = stmt
	}
	t.wrote = t.wrote || stmt.writes
	return stmt, nil
}

// exec runs a statement that returns no rows. It asks for them all the same: the driver
// hands a query all its arguments at once, and a statement to be executed each by itself.
func (t *tx) exec(query string, args ...any) error {
	return t.each(func(scanner) error { return nil }, query, args...)
}

// insert runs a statement that inserts a row with a number, and returns that. It is
// cheaper than "returning", for which SQLite makes a temporary table.
func (t *tx) insert(query string, args ...any) (id int64, err error) {
	result, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// affect is exec and tells how many rows the statement changed.
func (t *tx) affect(query string, args ...any) (int64, error) {
	result, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *tx) run(query string, args []any) (driver.Result, error) {
	stmt, err := t.prepared(query)
	if err != nil {
		return nil, err
	}
	values, err := bound(args)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(t.ctx, values)
}

// row runs a query for one row.
func (t *tx) row(query string, args ...any) scanner {
	return oneRow(func(dest []any) error {
		found := false
		err := t.each(func(row scanner) error {
			if found {
				return nil
			}
			found = true
			return row.Scan(dest...)
		}, query, args...)
		if err == nil && !found {
			err = sql.ErrNoRows
		}
		return err
	})
}

// A oneRow reads the only row of a query that is not asked before.
type oneRow func(dest []any) error

func (r oneRow) Scan(dest ...any) error { return r(dest) }

// each runs a query and hands every row to scan. Another statement may run while it
// does, but not the same one.
func (t *tx) each(scan func(scanner) error, query string, args ...any) error {
	stmt, err := t.prepared(query)
	if err != nil {
		return err
	}
	values, err := bound(args)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(t.ctx, values)
	if err != nil {
		return err
	}
	defer rows.Close()
	if stmt.row == nil {
		stmt.row = make([]driver.Value, len(rows.Columns()))
	}
	for {
		switch err := rows.Next(stmt.row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := scan(driven(stmt.row)); err != nil {
			return err
		}
	}
}

// bound are arguments as the driver takes them.
func bound(args []any) ([]driver.NamedValue, error) {
	values := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return values, nil
}

// A scanner is a row to be read: of a [tx], or [*sql.Row] or [*sql.Rows].
type scanner interface {
	Scan(dest ...any) error
}
