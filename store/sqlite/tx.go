package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-sqlite3"

	"smileybot/store"
	"smileybot/store/internal/scan"
)

// A tx is the open transaction; it implements [store.Tx]. It calls the driver directly:
// with one connection in one goroutine and statements that are prepared once, database/sql
// would add a tenth to the time of a rating.
type tx struct {
	conn  *sqlite3.SQLiteConn
	stmts map[string]*statement
	// wrote reports whether the job has run a statement that may have changed something.
	wrote bool
	// bytes counts those of the arguments since the transaction began, about what it writes.
	bytes int
	limit limit
}

// A statement is prepared and has room for its arguments and for the row that it reads.
type statement struct {
	*sqlite3.SQLiteStmt

	writes bool
	args   []driver.NamedValue
	row    []driver.Value
}

func newTx() *tx {
	return &tx{stmts: make(map[string]*statement)}
}

// connect opens the connection unless it is open.
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
	// Copies for savepoints stay in memory: a file would cost more and would keep customers' words.
	// A log that was once larger is cut to the last size when it is started again.
	return errors.Join(t.Exec(`pragma temp_store = memory`), t.Exec(fmt.Sprintf(`pragma journal_size_limit = %d`, defaultMarks().empty)))
}

// pragma runs a pragma that takes effect when it is prepared, so that it is prepared each time.
func (t *tx) pragma(text string) {
	_, _ = t.conn.ExecContext(context.Background(), "pragma "+text, nil)
}

// lost reports whether SQLite has rolled the whole transaction back by itself, as it does
// when the disk is full.
func (t *tx) lost() bool { return t.conn.AutoCommit() }

// drop closes the connection, which rolls back what is not committed. The next group
// opens a new one.
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

// bound returns the statement of a query with its arguments; a connection prepares it once.
func (t *tx) bound(query string, args []any) (*statement, error) {
	stmt := t.stmts[query]
	if stmt == nil {
		made, err := t.conn.PrepareContext(context.Background(), query)
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
	n, err := stmt.bind(args)
	t.bytes += n
	return stmt, err
}

// Exec runs a statement that returns no rows. It runs it as a query: the driver binds the
// arguments of a query in one call, and those of an execution one by one.
func (t *tx) Exec(query string, args ...any) error {
	return t.Each(func(store.Scanner) error { return nil }, query, args...)
}

// Insert runs a statement that inserts a row with a numbered id and returns the id. It is
// cheaper than "returning", for which SQLite makes a temporary table.
func (t *tx) Insert(query string, args ...any) (id int64, err error) {
	result, err := t.run(query, args)
	if err != nil {
		return 0, named(query, err)
	}
	return result.LastInsertId()
}

// Affect runs a statement and returns how many rows it changed.
func (t *tx) Affect(query string, args ...any) (int64, error) {
	result, err := t.run(query, args)
	if err != nil {
		return 0, named(query, err)
	}
	return result.RowsAffected()
}

func (t *tx) run(query string, args []any) (driver.Result, error) {
	ctx, err := t.limit.enter()
	if err != nil {
		return nil, err
	}
	defer t.limit.leave()
	stmt, err := t.bound(query, args)
	if err != nil {
		return nil, err
	}
	defer clear(stmt.args)
	return stmt.ExecContext(ctx, stmt.args)
}

// Row runs a query for one row.
func (t *tx) Row(query string, args ...any) store.Scanner {
	return scan.One(func(dest []any) error {
		found := false
		err := t.Each(func(row store.Scanner) error {
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

// Each runs a query and passes every row to take, which may run other statements, but not
// the same one.
func (t *tx) Each(take func(store.Scanner) error, query string, args ...any) error {
	stmt, rows, err := t.query(query, args)
	if err != nil {
		return named(query, err)
	}
	defer t.closeRows(rows)
	defer clear(stmt.args)
	for {
		switch err := t.next(rows, stmt.row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return named(query, err)
		}
		if err := take(scan.Row(stmt.row)); err != nil {
			return err
		}
	}
}

// Batch runs the statements of a batch, each prepared once.
func (t *tx) Batch(b *store.Batch) error {
	for _, s := range b.Statements() {
		if s.Scan == nil {
			s.Scan = func(store.Scanner) error { return nil }
		}
		if err := t.Each(s.Scan, s.Query, s.Args...); err != nil {
			return err
		}
	}
	return nil
}

// query begins a query.
func (t *tx) query(query string, args []any) (*statement, driver.Rows, error) {
	ctx, err := t.limit.enter()
	if err != nil {
		return nil, nil, err
	}
	defer t.limit.leave()
	stmt, err := t.bound(query, args)
	if err != nil {
		return nil, nil, err
	}
	rows, err := stmt.QueryContext(ctx, stmt.args)
	if err != nil {
		clear(stmt.args)
		return nil, nil, err
	}
	if stmt.row == nil {
		stmt.row = make([]driver.Value, len(rows.Columns()))
	}
	return stmt, rows, nil
}

// next reads a row of a query.
func (t *tx) next(rows driver.Rows, row []driver.Value) error {
	if _, err := t.limit.enter(); err != nil {
		return err
	}
	defer t.limit.leave()
	return rows.Next(row)
}

// closeRows ends a query, unless its connection is closed.
func (t *tx) closeRows(rows driver.Rows) {
	t.limit.call.Lock()
	defer t.limit.call.Unlock()
	if !t.limit.abandoned() {
		_ = rows.Close()
	}
}

// named adds the first words of a statement to its error. A statement has no values in it.
func named(query string, err error) error {
	words := strings.Fields(query)
	return fmt.Errorf("%s: %w", strings.Join(words[:min(3, len(words))], " "), err)
}

// bind converts arguments to what the driver takes, and returns about how many bytes they have.
func (s *statement) bind(args []any) (bytes int, err error) {
	s.args = s.args[:0]
	for i, arg := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return 0, fmt.Errorf("argument %d: %w", i+1, err)
		}
		switch v := v.(type) {
		case string:
			bytes += len(v)
		case []byte:
			bytes += len(v)
		}
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return bytes, nil
}
