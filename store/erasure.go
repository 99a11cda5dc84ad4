package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Erasures is how far the erasing in Slack is.
type Erasures struct {
	// Wanted counts the messages that are still to be edited.
	Wanted int
	// Failed are those that Slack lets be neither edited nor deleted.
	Failed []Item
}

// Erasures tells how far the erasing in Slack is.
func (s *Store) Erasures(ctx context.Context) (Erasures, error) {
	var e Erasures
	err := s.read.QueryRowContext(ctx, `select count(*) from outbox where erasure <> '' and erasure = 'wanted'`).Scan(&e.Wanted)
	if err != nil {
		return e, fmt.Errorf("counting the erasures: %w", err)
	}
	e.Failed, err = s.items(ctx, selectItem+`where o.erasure <> '' and o.erasure = 'failed' order by o.key`)
	return e, err
}

// ErasureDone notes that nothing personal is left of a message, by an edit that shows a
// revision or because the message is gone.
func (s *Store) ErasureDone(ctx context.Context, key string, revision int64) error {
	return s.one(ctx, key, `
update outbox set shown = max(shown, $1), retry_ms = 0, erasure = case when $1 >= revision then '' else erasure end
where key = $2 and ts is not null and $1 <= revision`, revision, key)
}

// ErasureFailed notes that Slack lets a message be neither edited nor deleted. It is
// tried again when the bot starts.
func (s *Store) ErasureFailed(ctx context.Context, key string) error {
	return s.one(ctx, key, `update outbox set shown = revision, erasure = 'failed' where key = $1 and ts is not null`, key)
}

// RetryErasures has what failed tried again.
func (s *Store) RetryErasures(ctx context.Context, now time.Time) error {
	return s.writer.do(ctx, func(t *tx) error {
		return t.exec(`update outbox set erasure = 'wanted', revision = revision + 1, queued_ms = $1 where erasure <> '' and erasure = 'failed'`, ms(now))
	})
}

// Scrub leaves nothing of what was erased in the write-ahead log. What SQLite overwrites
// in the database itself it overwrites with zeros (secure_delete). It waits for readers
// and for other programs, until ctx ends.
func (s *Store) Scrub(ctx context.Context) error {
	db, err := sql.Open("sqlite3", dsn(s.path, "rw", ""))
	if err != nil {
		return fmt.Errorf("database %s: %w", s.path, err)
	}
	defer db.Close()
	for busy := 1; busy != 0; {
		var frames, written int
		if err := db.QueryRowContext(ctx, `pragma wal_checkpoint(truncate)`).Scan(&busy, &frames, &written); err != nil {
			return fmt.Errorf("emptying the write-ahead log: %w", err)
		}
		if busy != 0 && ctx.Err() != nil {
			return errors.Join(errBusy, ctx.Err())
		}
	}
	return nil
}

var errBusy = errors.New("the write-ahead log cannot be emptied: somebody reads all the time")
