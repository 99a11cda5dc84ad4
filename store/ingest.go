package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"smileybot/feedback"
)

// Results beside those of an event.
const (
	// Duplicate is the result of a delivery that was taken before.
	Duplicate feedback.Result = "duplicate"
	// Ignored is the result of an event among others that would begin a feedback and
	// has no rating.
	Ignored feedback.Result = "ignored"
)

// Taken is what became of one event.
type Taken struct {
	FeedbackID string
	Result     feedback.Result
	// Suspect says that the event has made the feedback suspect, see [feedback.Merge].
	Suspect bool

	forgotten bool // nothing that it told of its customer may be kept
}

// Take keeps a delivery and applies its events, all in one transaction: the
// feedback and its history, the tallies, the follow-up and what Slack is to
// show. When it returns without error, everything is on disk. The same delivery
// again gives [Duplicate] and changes nothing.
//
// The error is [feedback.ErrRatingMissing] when every event would begin a feedback
// without a rating, and then nothing was kept, or says why the database could not take
// it.
func (s *Store) Take(ctx context.Context, d Delivery, events ...feedback.Event) ([]Taken, error) {
	var taken []Taken
	err := s.engine.WriteIdempotent(ctx, func(t *Unit) error {
		taken = taken[:0]
		forgotten := false
		first, repeated, err := remembered(t, d)
		if err != nil {
			return err
		}
		if repeated {
			taken = append(taken, Taken{FeedbackID: first, Result: Duplicate})
			return nil
		}
		missing := 0
		for _, e := range events {
			one, err := s.takeEvent(t, e, d.ReceivedAt)
			if errors.Is(err, feedback.ErrRatingMissing) {
				one, missing = Taken{Result: Ignored}, missing+1
			} else if err != nil {
				return err
			}
			taken = append(taken, one)
			forgotten = forgotten || one.forgotten
		}
		if missing == len(events) && missing > 0 {
			return feedback.ErrRatingMissing
		}
		return remember(t, d, taken, !forgotten)
	})
	if errors.Is(err, ErrUnavailable) {
		s.refused.Store(ms(d.ReceivedAt))
	}
	if err != nil {
		return nil, err
	}
	s.refused.Store(0)
	return taken, nil
}

// takeEvent applies one event and lets Slack and the follow-up know.
func (s *Store) takeEvent(t *Unit, e feedback.Event, now time.Time) (Taken, error) {
	e, since, err := stripped(t, e)
	if err != nil {
		return Taken{}, err
	}
	m, err := s.merge(t, e, now)
	if err != nil {
		return Taken{}, err
	}
	after, before := m.After, m.before
	if before != nil && !before.Live() {
		before, m.Visible = nil, true // to Slack and the follow-up it begins now
	}
	switch {
	case m.Visible && before == nil:
		after.Revision, err = post(t, after, now)
	case m.Visible:
		after.Revision, err = show(t, after, now)
	}
	if err != nil {
		return Taken{}, err
	}
	next, told := m.followUp.React(before, after, now, s.due(after))
	if r, is := feedback.Ruled(m.before, after, now); is {
		next, told = ruled(m.standing(), after, r, s.due(after))
		if err := keepRuling(t, after, r); err != nil {
			return Taken{}, err
		}
	}
	if told {
		if err := tell(t, after, next.Claimer, now); err != nil {
			return Taken{}, err
		}
	}
	if err := note(t, m.served, countAt); err != nil {
		return Taken{}, err
	}
	if _, err := s.saveFollowUp(t, after, m.followUp, next); err != nil {
		return Taken{}, err
	}
	if err := s.beside(t, before, after, now); err != nil {
		return Taken{}, err
	}
	taken := Taken{FeedbackID: after.ID, Result: m.Result, forgotten: !since.IsZero() || after.Forgotten()}
	taken.Suspect = after.Suspect && (before == nil || !before.Suspect)
	return taken, eraseOld(t, m.before, after, since, now)
}

// merged is an event applied to what was known before it.
type merged struct {
	feedback.Merged
	before   *feedback.Feedback // nil for a new feedback
	followUp feedback.FollowUp
	served   []feedback.ServedChange
}

// standing is how the case stood before.
func (m merged) standing() feedback.Case {
	if m.before == nil {
		return feedback.Case{}
	}
	return feedback.Case{Feedback: *m.before, FollowUp: m.followUp}
}

// merge applies an event to the feedback, its history and the tallies.
func (s *Store) merge(t *Unit, e feedback.Event, now time.Time) (merged, error) {
	before, followUp, err := known(t, e.Key)
	if err != nil {
		return merged{}, err
	}
	seen, err := sightings(t, before, e)
	if err != nil {
		return merged{}, err
	}
	m, err := feedback.Merge(before, e, seen)
	if err != nil {
		return merged{}, err
	}
	after, served, err := s.keep(t, before, m, now)
	if err != nil {
		return merged{}, err
	}
	m.After = after
	return merged{Merged: m, before: before, followUp: followUp, served: served}, nil
}

// keep writes what an event made of a feedback, its history and the tallies; a new
// feedback gets its id. What it tells of its ticket is still to be noted.
func (s *Store) keep(t *Unit, before *feedback.Feedback, m feedback.Merged, now time.Time) (after feedback.Feedback, served []feedback.ServedChange, err error) {
	after = m.After
	if before == nil {
		id, err := uuid.NewV7()
		if err != nil {
			return after, nil, err
		}
		after.ID, after.ReceivedAt = id.String(), feedback.Moment(now)
	}
	if err := s.addTally(t, before, after); err != nil {
		return after, nil, err
	}
	if served, err = s.service(t, before, after); err != nil {
		return after, nil, err
	}
	if err := s.save(t, after); err != nil {
		return after, nil, err
	}
	return after, served, record(t, after.ID, m.History, now)
}
