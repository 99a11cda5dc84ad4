package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Routine is how far something is that is done by the clock.
type JobProgress struct {
	Name string
	// DoneAt is the due moment up to which it is done.
	DoneAt time.Time
	// Told, of the alert, says that the drop it found last was told.
	Reported bool
}

// Routine reads how far a routine is. One that is not known begins at now: what was
// due before is not made up for.
func (s *Store) JobProgress(ctx context.Context, name string, now time.Time) (JobProgress, error) {
	r := JobProgress{Name: name}
	var done int64
	err := s.read.QueryRowContext(ctx, `select done_ms, told from routine where name = $1`, name).Scan(&done, &r.Reported)
	if errors.Is(err, sql.ErrNoRows) {
		r.DoneAt = now.UTC().Truncate(time.Millisecond)
		return r, s.Advance(ctx, r)
	}
	if err != nil {
		return r, fmt.Errorf("reading how far the routine %s is: %w", name, err)
	}
	r.DoneAt = time.UnixMilli(done).UTC()
	return r, nil
}

// Advance notes how far a routine is, and queues what it says, all or nothing. What was
// queued before under the same key is not said again.
func (s *Store) Advance(ctx context.Context, r JobProgress, say ...Bulletin) error {
	return s.writer.do(ctx, func(t *tx) error {
		for _, b := range say {
			if err := b.queue(t, r.DoneAt); err != nil {
				return err
			}
		}
		return advance(t, r)
	})
}

func advance(t *tx, r JobProgress) error {
	return t.exec(`
insert into routine (name, done_ms, told) values ($1, $2, $3)
on conflict (name) do update set done_ms = excluded.done_ms, told = excluded.told`, r.Name, ms(r.DoneAt), r.Reported)
}
