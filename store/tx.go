package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/mattn/go-sqlite3"

	"smileybot/feedback"
)

// A tx is the open transaction, seen from inside one savepoint.
type tx struct {
	ctx   context.Context //nolint:containedctx // the writer's own, which no request can cancel
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	// moved are the moves of answers in the tallies that the job made, and counts
	// those of the group: they are written once, before the commit.
	moved  []move
	counts map[feedback.Place]feedback.Count
	// wrote says that the job has run a statement that may have changed something.
	wrote bool
	// someForgotten tells whether anybody is forgotten, once the transaction has looked.
	someForgotten sql.NullBool
}

func newTx() *tx {
	return &tx{ctx: context.Background(), stmts: make(map[string]*sql.Stmt), counts: make(map[feedback.Place]feedback.Count)}
}

// reset makes ready for another transaction.
func (t *tx) reset() {
	clear(t.counts)
	t.someForgotten = sql.NullBool{}
}

// lost reports whether SQLite has rolled the whole transaction back by itself,
// as it does when the disk is full.
func (t *tx) lost() bool {
	auto := true
	err := t.conn.Raw(func(opened any) error {
		conn, ok := opened.(*sqlite3.SQLiteConn)
		if !ok {
			return errors.New("not an SQLite connection")
		}
		auto = conn.AutoCommit()
		return nil
	})
	return err != nil || auto
}

// drop closes the connection, which rolls back what it had not committed; the
// next group opens a new one.
func (t *tx) drop() {
	for _, stmt := range t.stmts {
		_ = stmt.Close()
	}
	clear(t.stmts)
	if t.conn != nil {
		_ = t.conn.Raw(func(any) error { return driver.ErrBadConn }) // else the pool would keep it
		t.conn = nil
	}
}

// prepared returns the statement of a query, prepared once a connection.
func (t *tx) prepared(query string) (*sql.Stmt, error) {
	t.wrote = t.wrote || !strings.HasPrefix(strings.TrimLeft(query, " \n"), "select")
	if stmt := t.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := t.conn.PrepareContext(t.ctx, query)
	if err == nil {
		t.stmts[query] = stmt
	}
	return stmt, err
}

// exec runs a statement that returns no rows. It asks for them all the same: the driver
// hands a query all its arguments at once, and a statement to be executed each by itself.
func (t *tx) exec(query string, args ...any) error {
	return t.each(func(scanner) error { return nil }, query, args...)
}

// insert runs a statement that inserts a row with a number, and returns that. It is
// cheaper than "returning", for which SQLite makes a temporary table.
func (t *tx) insert(query string, args ...any) (id int64, err error) {
	result, err := t.run(query, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// affect is exec and tells how many rows the statement changed.
func (t *tx) affect(query string, args ...any) (int64, error) {
	result, err := t.run(query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *tx) run(query string, args ...any) (sql.Result, error) {
	stmt, err := t.prepared(query) //nolint:sqlclosecheck // kept with the connection, closed by drop
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(t.ctx, args...)
}

// row runs a query for one row.
func (t *tx) row(query string, args ...any) scanner {
	stmt, err := t.prepared(query) //nolint:sqlclosecheck // kept with the connection, closed by drop
	if err != nil {
		return failedRow{err}
	}
	return stmt.QueryRowContext(t.ctx, args...)
}

// each runs a query and hands every row to scan. Another statement may run while it
// does, but not the same one.
func (t *tx) each(scan func(scanner) error, query string, args ...any) error {
	stmt, err := t.prepared(query) //nolint:sqlclosecheck // kept with the connection, closed by drop
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(t.ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A scanner is a row to be read: [*sql.Row] or [*sql.Rows].
type scanner interface {
	Scan(dest ...any) error
}

// A failedRow is the row of a query that could not be prepared.
type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }
