package store

import (
	"context"
	"errors"
	"time"

	"smileybot/feedback"
)

// Pull is how far the pull of a sender is. It is kept, so that any holder of the duty goes on where
// the last one stopped.
type Pull struct {
	Sender string
	// Source names what is read, without secrets. When another is set, everything is read from the beginning.
	Source string
	// Cursor is up to where the site was read, in the site's words; empty at first.
	Cursor string
	// BeganAt is when this source was first asked.
	BeganAt time.Time
	// HistoryAt is when everything that was there at first had been read. Until then it is zero, and what
	// is read counts as imported.
	HistoryAt time.Time
	// CompleteAt is when everything was last read, SucceededAt when a pull last succeeded.
	CompleteAt, SucceededAt time.Time
	// NextAt is when the site may be asked again.
	NextAt time.Time
	// Failures are those in a row, and Reason is that of the last, empty after a success.
	Failures int
	Reason   string
}

// PullOf reads how far the pull of a source is. One that is unknown, or that was of another source,
// begins now.
func (s *Store) PullOf(ctx context.Context, sender, source string, now time.Time) (Pull, error) {
	p, err := scanPull(s.row(ctx, "the pull of "+sender, selectPull+` where sender = $1`, sender))
	if errors.Is(err, ErrNotFound) || err == nil && p.Source != source {
		return Pull{Sender: sender, Source: source, BeganAt: feedback.Moment(now), NextAt: feedback.Moment(now)}, nil
	}
	return p, err
}

// Pulls lists the pulls that are known, by sender.
func (s *Store) Pulls(ctx context.Context) ([]Pull, error) {
	var all []Pull
	err := s.each(ctx, "the pulls", collect(&all, scanPull), selectPull+` order by sender`)
	return all, err
}

const selectPull = `
select sender, source, cursor, began_ms, history_ms, complete_ms, succeeded_ms, next_ms, failures, reason from pull`

func scanPull(row Scanner) (p Pull, err error) {
	err = row.Scan(&p.Sender, &p.Source, &p.Cursor, momentIn(&p.BeganAt), momentIn(&p.HistoryAt), momentIn(&p.CompleteAt),
		momentIn(&p.SucceededAt), momentIn(&p.NextAt), &p.Failures, &p.Reason)
	return p, err
}

// SavePull records how far a pull is. The reviews of another source are no longer looked for.
func (s *Store) SavePull(ctx context.Context, p Pull) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		if err := t.Exec(`
delete from pull_review where sender = $1 and exists (select 1 from pull where sender = $2 and source <> $3)`, p.Sender, p.Sender, p.Source); err != nil {
			return err
		}
		return t.Exec(`
insert into pull (sender, source, cursor, began_ms, history_ms, complete_ms, succeeded_ms, next_ms, failures, reason)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (sender) do update set source = excluded.source, cursor = excluded.cursor, began_ms = excluded.began_ms,
  history_ms = excluded.history_ms, complete_ms = excluded.complete_ms, succeeded_ms = excluded.succeeded_ms,
  next_ms = excluded.next_ms, failures = excluded.failures, reason = excluded.reason`,
			p.Sender, p.Source, p.Cursor, ms(p.BeganAt), nullMS(p.HistoryAt), nullMS(p.CompleteAt), nullMS(p.SucceededAt), ms(p.NextAt), p.Failures, p.Reason)
	})
}
