package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"smileybot/feedback"
)

// record adds to a feedback's history. A rating that changed nothing is kept
// once for each moment it was reported at.
func record(t *Unit, id string, changes []feedback.Change, now time.Time) error {
	for _, c := range changes {
		query := applied
		if !c.Applied {
			query = seen
		}
		if err := t.Exec(query, id, c.Field, c.Old, c.New, ms(c.OccurredAt), ms(now)); err != nil {
			return err
		}
	}
	return nil
}

const (
	applied = `
insert into history (feedback_id, field, old, new, occurred_ms, recorded_ms, applied)
values ($1, $2, $3, $4, $5, $6, 1)`
	seen = `
insert into history (feedback_id, field, old, new, occurred_ms, recorded_ms, applied)
select $1, $2, $3, $4, $5, $6, 0
where not exists (
    select 1 from history where feedback_id = $1 and field = $2 and new = $4 and occurred_ms = $5)`
)

// sightings lists the smileys that were reported for a feedback at about the
// moment of an event.
func sightings(t *Unit, before *feedback.Feedback, e feedback.Event) ([]feedback.Sighting, error) {
	if before == nil || e.Kind != feedback.KindSmiley || !e.Mentions[feedback.FieldRating] {
		return nil, nil
	}
	var seen []feedback.Sighting
	for _, smiley := range feedback.Smileys() {
		one, err := sighting(t, before.ID, smiley, e.OccurredAt)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the history: %w", err)
		}
		seen = append(seen, one)
	}
	return seen, nil
}

// sighting finds when a smiley was reported nearest to a moment, preferring one
// that came without a comment.
func sighting(t *Unit, id string, smiley feedback.Smiley, at time.Time) (feedback.Sighting, error) {
	var occurred int64
	s := feedback.Sighting{Rating: smiley.Value()}
	window := feedback.SuspectWithin.Milliseconds()
	err := t.Row(`
select h.occurred_ms, exists (
    select 1 from history c
    where c.feedback_id = h.feedback_id and c.field = 'comment' and c.new <> '' and c.occurred_ms = h.occurred_ms) as commented
from history h
where h.feedback_id = $1 and h.field = 'rating' and h.new = $2 and h.occurred_ms > $3 and h.occurred_ms < $4
order by commented, h.occurred_ms limit 1`,
		id, smiley, ms(at)-window, ms(at)+window).Scan(&occurred, &s.Commented)
	s.At = time.UnixMilli(occurred).UTC()
	return s, err
}
