package store

import (
	"context"
	"errors"
	"time"
)

// recheckRows is how many feedbacks are looked at between two notes of how far a recheck is.
const recheckRows = 5000

// Recheck looks at the texts that an older version stored, once after the upgrade, and empties those
// that say nothing, see [feedback.Says]. A comment of that kind becomes none, as if the customer took it
// back: a follow-up opens when the feedback is live, unhappy and now unexplained. It is due from now on.
// It returns the number of feedbacks that changed, and continues when it is called again after an error.
func (s *Store) Recheck(ctx context.Context, now time.Time) (changed int, err error) {
	for {
		n, more, err := s.recheckPage(ctx, now)
		changed += n
		if err != nil || !more {
			return changed, err
		}
	}
}

// recheckPage looks at the next feedbacks. more is false when all are done.
func (s *Store) recheckPage(ctx context.Context, now time.Time) (changed int, more bool, err error) {
	var last, upTo string
	err = s.row(ctx, "the recheck of texts", `select last_id from recheck where id = 1`).Scan(&last)
	if errors.Is(err, ErrNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	err = s.row(ctx, "the feedback", `
select coalesce(max(id), '') from (select id from feedback where id > $1 order by id limit $2) as page`, last, recheckRows).Scan(&upTo)
	if err != nil {
		return 0, false, err
	}
	var unsaid []string
	err = s.each(ctx, "the feedback", func(row Scanner) error {
		c, err := scanSnapshot(row)
		if _, some := c.Feedback.Unsaid(); some {
			unsaid = append(unsaid, c.Feedback.ID)
		}
		return err
	}, selectSnapshot+` where f.id > $1 and f.id <= $2`, last, upTo)
	if err != nil {
		return 0, false, err
	}
	err = inPieces(ctx, s.engine, pieceRows, unsaid, func(t *Unit, _ int, id string) error { return s.emptyUnsaid(t, id, now) }, func(rows int) { changed = rows })
	if err != nil {
		return changed, false, err
	}
	return changed, true, s.engine.Write(ctx, func(t *Unit) error {
		if upTo == "" {
			return t.Exec(`delete from recheck`)
		}
		return t.Exec(`update recheck set last_id = $1`, upTo)
	})
}

// emptyUnsaid empties the texts of a feedback that say nothing.
func (s *Store) emptyUnsaid(t *Unit, id string, now time.Time) error {
	c, err := scanSnapshot(t.Row(selectSnapshot+` where f.id = $1`, id))
	if errors.Is(err, ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	e, some := c.Feedback.Unsaid()
	if !some {
		return nil
	}
	m, err := s.merge(t, e, now)
	if err != nil {
		return err
	}
	if err := keepUndoable(t, c.Feedback, m.After); err != nil || !c.Feedback.Live() {
		return err
	}
	_, err = s.follow(t, m, m.before, now)
	return err
}
