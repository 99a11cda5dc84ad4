package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"smileybot/store"
	"smileybot/store/internal/scan"
)

// A tx is the open transaction; it implements [store.Tx]. The rows of a query are read before the
// first is passed on, because a connection runs one statement at a time.
type tx struct {
	conn *pgx.Conn
	ctx  context.Context //nolint:containedctx // of the job that runs
	// before are statements that go with the next one in its round trip.
	before []string
	// joins reports whether the inserts of a batch are joined.
	joins bool
	// wrote reports whether the job has changed a row, failed how its first statement failed: after
	// that PostgreSQL runs no other in the transaction.
	wrote  bool
	failed error
	// bytes counts those of the arguments since the transaction began.
	bytes int
}

// Exec runs a statement that returns no rows.
func (t *tx) Exec(query string, args ...any) error {
	_, err := t.Affect(query, args...)
	return err
}

// Affect runs a statement and returns how many rows it changed.
func (t *tx) Affect(query string, args ...any) (int64, error) {
	_, tag, err := t.run(query, args)
	return tag.RowsAffected(), err
}

// Insert runs a statement that inserts a row with a numbered id and returns the id.
func (t *tx) Insert(query string, args ...any) (id int64, err error) {
	return id, t.Row(query+` returning id`, args...).Scan(&id)
}

// Row runs a query for one row.
func (t *tx) Row(query string, args ...any) store.Scanner {
	return scan.First(func(take func(store.Scanner) error) error { return t.Each(take, query, args...) })
}

// Each runs a query and passes every row to take, which may run other statements.
func (t *tx) Each(take func(store.Scanner) error, query string, args ...any) error {
	rows, _, err := t.run(query, args)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := take(row); err != nil {
			return err
		}
	}
	return nil
}

// Batch runs the statements of a batch in one round trip.
func (t *tx) Batch(b *store.Batch) error {
	if t.joins {
		return t.send(joined(b.Statements()))
	}
	return t.send(b.Statements())
}

// run runs a statement, after those that wait to go with it, in one round trip.
func (t *tx) run(query string, args []any) (rows []scan.Row, tag pgconn.CommandTag, err error) {
	if len(t.before) > 0 {
		return t.runAfter(query, args)
	}
	if t.failed != nil {
		return nil, tag, t.failed
	}
	bound, err := t.bind(query, args)
	if err != nil {
		return nil, tag, err
	}
	rows, tag, err = all(t.conn.Query(t.ctx, query, bound...))
	if err != nil {
		return nil, tag, t.note(query, err)
	}
	t.count(tag)
	return rows, tag, nil
}

// runAfter is run with statements that go before.
func (t *tx) runAfter(query string, args []any) (rows []scan.Row, tag pgconn.CommandTag, err error) {
	if t.failed != nil {
		return nil, tag, t.failed
	}
	bound, err := t.bind(query, args)
	if err != nil {
		return nil, tag, err
	}
	batch := t.begin()
	batch.Queue(query, bound...).Query(func(found pgx.Rows) (err error) {
		rows, tag, err = all(found, nil)
		return err
	})
	if err := t.conn.SendBatch(t.ctx, batch).Close(); err != nil {
		return nil, tag, t.note(query, err)
	}
	t.count(tag)
	return rows, tag, nil
}

// send runs statements in one round trip.
func (t *tx) send(statements []store.Statement) error {
	if t.failed != nil {
		return t.failed
	}
	batch, running := t.begin(), 0
	for _, s := range statements {
		bound, err := t.bind(s.Query, s.Args)
		if err != nil {
			return err
		}
		batch.Queue(s.Query, bound...).Query(func(found pgx.Rows) error {
			rows, tag, err := all(found, nil)
			if err != nil {
				return err
			}
			t.count(tag)
			running++
			if s.Scan == nil {
				return nil
			}
			return pass(rows, s.Scan)
		})
	}
	if err := t.conn.SendBatch(t.ctx, batch).Close(); err != nil {
		t.wrote = true // those after the one that failed may have run
		return t.note(statements[min(running, len(statements)-1)].Query, err)
	}
	return nil
}

// begin makes a batch of the statements that wait to go first.
func (t *tx) begin() *pgx.Batch {
	batch := new(pgx.Batch)
	for _, statement := range t.before {
		batch.Queue(statement)
	}
	t.before = t.before[:0]
	return batch
}

// count notes what a statement changed.
func (t *tx) count(tag pgconn.CommandTag) {
	t.wrote = t.wrote || tag.RowsAffected() > 0 && !tag.Select()
}

// note keeps an error after which PostgreSQL runs nothing more in the transaction.
func (t *tx) note(query string, err error) error {
	err = named(query, err)
	if t.conn.IsClosed() || t.conn.PgConn().TxStatus() != 'T' {
		t.failed = err
	}
	return err
}

// all reads the rows of a query.
func all(found pgx.Rows, err error) ([]scan.Row, pgconn.CommandTag, error) {
	if err != nil {
		return nil, pgconn.CommandTag{}, err
	}
	defer found.Close()
	var rows []scan.Row
	for found.Next() {
		row, err := rowOf(found)
		if err != nil {
			return nil, pgconn.CommandTag{}, err
		}
		rows = append(rows, row)
	}
	found.Close()
	return rows, found.CommandTag(), found.Err()
}

// rowOf reads a row as SQLite returns it: numbers and flags as int64.
func rowOf(rows pgx.Rows) (scan.Row, error) {
	values, err := rows.Values()
	if err != nil {
		return nil, err
	}
	row := make(scan.Row, len(values))
	for i, value := range values {
		switch v := value.(type) {
		case int16:
			row[i] = int64(v)
		case int32:
			row[i] = int64(v)
		case bool:
			row[i] = number(v)
		case nil, int64, string, []byte:
			row[i] = v
		default:
			return nil, fmt.Errorf("column %d: %T is not a type of the schema", i+1, value)
		}
	}
	return row, nil
}

func number(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// bind converts the arguments of a statement.
func (t *tx) bind(query string, args []any) ([]any, error) {
	bound, n, err := bind(args)
	t.bytes += n
	if err != nil {
		return nil, named(query, err)
	}
	return bound, nil
}

// bind converts arguments as those of SQLite are, and returns about how many bytes they have.
func bind(args []any) (bound []any, bytes int, err error) {
	bound = make([]any, len(args))
	for i, arg := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, 0, fmt.Errorf("argument %d: %w", i+1, err)
		}
		switch v := value.(type) {
		case string:
			bytes += len(v)
			value = storable(v)
		case []byte:
			bytes += len(v)
		case bool:
			value = number(v)
		case time.Time:
			return nil, 0, fmt.Errorf("argument %d is a time: columns keep milliseconds", i+1)
		}
		bound[i] = value
	}
	return bound, bytes, nil
}

// storable is a text with U+FFFD in place of what PostgreSQL does not store: NUL and invalid UTF-8.
func storable(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// named adds the first words of a statement to its error. A statement has no values in it, and the
// values that PostgreSQL adds are left out.
func named(query string, err error) error {
	if failed, ok := errors.AsType[*pgconn.PgError](err); ok {
		failed.Detail, failed.Where, failed.InternalQuery = "", "", ""
	}
	words := strings.Fields(query)
	return fmt.Errorf("%s: %w", strings.Join(words[:min(3, len(words))], " "), err)
}
