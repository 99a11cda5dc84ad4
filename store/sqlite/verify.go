package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"smileybot/store"
)

// Verify reads every table and index and returns a [store.Fault] when one is damaged. It reads
// a table at a time, in a transaction of its own that takes at most step, so that the write-ahead
// log can be reset in between; it rests as long as it reads. When a table takes longer, its rest
// is not read, and the error is [context.DeadlineExceeded].
func (e *engine) Verify(ctx context.Context, step time.Duration) error {
	if err := e.guard.look(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", uri(e.path, "mode=rw&_query_only=true&_cache_size=-2000&_busy_timeout="+strconv.Itoa(busyTimeout)))
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	tables := []string{"sqlite_schema"}
	err = each(ctx, db, func(row store.Scanner) error {
		var name string
		err := row.Scan(&name)
		tables = append(tables, name)
		return err
	}, `select name from sqlite_schema where type = 'table' order by name`, nil)
	if err != nil {
		return asFault(e.path, e.guard.judge(err))
	}
	var late error
	for _, table := range tables {
		began := time.Now()
		err := verifyTable(ctx, db, table, step)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errLate):
			late = fmt.Errorf("table %s: %w", table, context.DeadlineExceeded)
		case err != nil:
			return asFault(e.path, e.guard.judge(err))
		}
		select {
		case <-time.After(time.Since(began)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return late
}

// smallFile is the size up to which a database is verified before it is opened, in bytes. That
// takes a tenth of a second; a larger one is verified while it is used.
const smallFile = 32 << 20

// verifySmall verifies a small database before it is migrated or counted.
func verifySmall(ctx context.Context, e *engine) error {
	if size(e.path) > smallFile {
		return nil
	}
	found := ""
	if err := e.write.QueryRowContext(ctx, `pragma quick_check(1)`).Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return damaged(e.path)
	}
	return nil
}

// errLate ends a step that takes too long.
var errLate = fmt.Errorf("verifying: %w", context.DeadlineExceeded)

// errFound is returned for a table with damage.
var errFound = sqlite3.Error{Code: sqlite3.ErrCorrupt}

// verifyTable reads a table and its indexes.
func verifyTable(ctx context.Context, db *sql.DB, table string, step time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, step)
	defer cancel()
	found := ""
	err := db.QueryRowContext(limited, `pragma quick_check("`+strings.ReplaceAll(table, `"`, `""`)+`")`).Scan(&found)
	switch {
	case limited.Err() != nil:
		return errLate
	case err != nil:
		return err
	case found != "ok":
		return errFound
	}
	return nil
}

// Shrunk reports whether the file has become smaller since Shrunk was last asked: a file that
// was cut off should be verified at once.
func (e *engine) Shrunk() bool { return e.guard.shrunk() }

// Fault returns the [store.Fault] of a database that a serve watches, nil when there is none.
func (e *engine) Fault() error { return e.guard.look() }
