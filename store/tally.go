package store

import (
	"context"
	"fmt"

	"smileybot/feedback"
)

// tally moves a feedback from where it counts, by the row that stands, to where
// it is to count. It goes before the row is saved, and by the row's own day: the
// time zone may have been another when that was written.
func (s *Store) tally(t *tx, f feedback.Feedback) error {
	err := t.exec(`
update tally set n = n - 1
where (kind, day, channel, value) = (select kind, day, channel, rating from feedback where id = $1)`, f.ID)
	if err != nil {
		return err
	}
	return t.exec(`
insert into tally (kind, day, channel, value, n) values ($1, $2, $3, $4, 1)
on conflict (kind, day, channel, value) do update set n = tally.n + excluded.n`,
		f.Kind, int64(s.day(f.OccurredAt)), f.Channel, f.Rating)
}

// Tally counts the answers of a kind on the days from first to last, both
// included. It costs a read of at most days × channels × values rows, however
// many answers there are.
func (s *Store) Tally(ctx context.Context, kind feedback.Kind, first, last feedback.Day) (feedback.Tally, error) {
	var counted feedback.Tally
	rows, err := s.read.QueryContext(ctx, `
select value, sum(n) from tally where kind = $1 and day between $2 and $3 group by value`,
		kind, int64(first), int64(last))
	if err != nil {
		return counted, fmt.Errorf("counting %s answers: %w", kind, err)
	}
	defer rows.Close()
	for rows.Next() {
		var value int
		var n int64
		if err := rows.Scan(&value, &n); err != nil {
			return counted, fmt.Errorf("counting %s answers: %w", kind, err)
		}
		counted.Add(value, n)
	}
	if err := rows.Err(); err != nil {
		return counted, fmt.Errorf("counting %s answers: %w", kind, err)
	}
	return counted, nil
}
