package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Routine is how far something is that is done by the clock.
type Routine struct {
	Name string
	// DoneAt is the due moment up to which it is done.
	DoneAt time.Time
	// Told, of the alert, says that the drop it found last was told.
	Told bool
}

// Routine reads how far a routine is. One that is not known begins at now: what was
// due before is not made up for.
func (s *Store) Routine(ctx context.Context, name string, now time.Time) (Routine, error) {
	r := Routine{Name: name}
	var done int64
	err := s.engine.Row(ctx, `select done_ms, told from routine where name = $1`, name).Scan(&done, &r.Told)
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
func (s *Store) Advance(ctx context.Context, r Routine, say ...Bulletin) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		for _, b := range say {
			if err := b.queue(t, r.DoneAt); err != nil {
				return err
			}
		}
		return advance(t, r)
	})
}

func advance(t *Unit, r Routine) error {
	return t.Exec(`
insert into routine (name, done_ms, told) values ($1, $2, $3)
on conflict (name) do update set done_ms = excluded.done_ms, told = excluded.told`, r.Name, ms(r.DoneAt), r.Told)
}
