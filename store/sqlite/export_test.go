package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"smileybot/store"
)

// Engine is what [Open] gives the store.
type Engine = engine

// MaxGroup is the most jobs that share a commit.
const MaxGroup = maxGroup

// OpenEngine opens the engine of a new database, with other marks of its log if there are any.
func OpenEngine(ctx context.Context, path string, marks ...Marks) (*Engine, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	e, err := openEngine(ctx, path)
	if err != nil {
		return nil, err
	}
	for _, m := range marks {
		e.log.marks = m.marks()
		err = e.Write(ctx, func(t *store.Unit) error { return t.Exec(fmt.Sprintf(`pragma journal_size_limit = %d`, m[0])) })
	}
	return e, errors.Join(err, migrate(ctx, e.write, nil))
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

// CloseRest closes, at the end of a test, the connection that Close leaves to the end of the process.
func CloseRest(cleanup func(func()), upkeep store.Upkeep) {
	e := upkeep.(*engine)
	cleanup(func() { _ = e.write.Close() })
}

// OpenDamaged opens the engine of a database that Open refuses.
func OpenDamaged(ctx context.Context, path string) (*Engine, error) { return openEngine(ctx, path) }

// Marks are the sizes at which the log is emptied, its readers are ended, and the writer waits.
type Marks [3]int64

func (m Marks) marks() logMarks { return logMarks{m[0], m[1], m[2]} }

// SetLimit sets the time limit of the writer's jobs. No job may be queued.
func (e *engine) SetLimit(d time.Duration) {
	e.writer.limit = d
}

// ReadUntilClosed reads a state of a database until standard input is closed.
func ReadUntilClosed(ctx context.Context, tb testing.TB, path string) {
	tb.Helper()
	conn, err := dial(path, "mode=rw")
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	for _, query := range []string{`begin`, `select count(*) from feedback`} {
		if _, err := conn.ExecContext(ctx, query, nil); err != nil {
			tb.Fatal(err)
		}
	}
	fmt.Println("reading")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// CopySlowly is [Copy] with other marks of the log. It calls step after every few pages.
func CopySlowly(ctx context.Context, database, target string, m Marks, step func(done, total int64)) (Backup, error) {
	return copying{newWAL(database, m.marks()), 50, step}.to(ctx, target)
}
