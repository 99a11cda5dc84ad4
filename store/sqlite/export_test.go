package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"smileybot/store"
)

// Engine is what [Open] gives the store.
type Engine = engine

// MaxGroup is the most jobs that share a commit.
const MaxGroup = maxGroup

// OpenEngine opens the engine of a new database.
func OpenEngine(ctx context.Context, path string) (*Engine, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	e, err := openEngine(ctx, path)
	if err != nil {
		return nil, err
	}
	return e, migrate(ctx, e.write)
}

// Queued is how many jobs wait for the writer.
func (e *engine) Queued() int { return len(e.writer.jobs) }

// HookWriter passes every further connection of the writer through a hook.
func (e *engine) HookWriter(hook func(driver.Conn) (driver.Conn, error)) error {
	err := e.Write(context.Background(), func(*store.Unit) error {
		open := e.writer.open
		e.writer.open = func() (driver.Conn, error) {
			conn, err := open()
			if err != nil {
				return nil, err
			}
			return hook(conn)
		}
		return store.ErrUnavailable // so that the connection is closed
	})
	if !errors.Is(err, store.ErrUnavailable) {
		return err
	}
	return nil
}

// RunOut rolls the whole transaction back, as SQLite does by itself when memory or the disk
// fails a statement, even one that only reads.
func RunOut(t *store.Unit) error {
	tx := t.Tx.(*tx)
	_, err := tx.conn.ExecContext(context.Background(), `rollback`, nil)
	return err
}

// Interrupted runs a long statement on a context that is cancelled while it runs.
func Interrupted(ctx context.Context, t *store.Unit, query string) error {
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err := t.Tx.(*tx).conn.ExecContext(ctx, query, nil)
	return err
}
