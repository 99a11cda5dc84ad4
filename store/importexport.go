package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"smileybot/feedback"
)

// Past is one row of history.
type Past struct {
	Event feedback.Event
	// VoidReason voids the feedback; empty leaves it as it is.
	VoidReason string
}

// Imported says what became of one row of history.
type Imported struct {
	Result feedback.Result
	// Err is [feedback.ErrRatingMissing] for a row that was not taken: it would
	// begin a feedback and has no rating.
	Err error
}

// Import applies events of the past, all in one transaction. They count in the
// scores and with their customer, and cause no message, no follow-up and no
// notice. Where a webhook has told of the feedback before, or does so later, it is
// live: then its message and its follow-up keep up with it, but an event of the
// past still opens no follow-up and notifies nobody.
//
// A row with a void reason voids its feedback; one without restores none.
//
// Nothing is written for an event that says what is known, so the same events
// again change nothing. An event of the past is no click just made: it does not
// make a feedback suspect.
//
// The writer is occupied while the transaction lasts; whoever imports much gives
// it a few thousand events at a time.
func (s *Store) Import(ctx context.Context, past []Past, now time.Time) ([]Imported, error) {
	var imported []Imported
	err := s.engine.Write(ctx, func(t *Unit) error {
		imported = imported[:0]
		var served []feedback.ServedChange
		for _, p := range past {
			result, more, err := s.importEvent(t, p, now)
			if err != nil && !errors.Is(err, feedback.ErrRatingMissing) {
				return err
			}
			imported = append(imported, Imported{Result: result, Err: err})
			served = append(served, more...)
		}
		return note(t, served, countImportedAt)
	})
	if err != nil {
		return nil, err
	}
	return imported, nil
}

func (s *Store) importEvent(t *Unit, p Past, now time.Time) (feedback.Result, []feedback.ServedChange, error) {
	e, since, err := stripped(t, p.Event)
	if err != nil {
		return "", nil, err
	}
	p.Event = e
	before, followUp, err := known(t, p.Event.Key)
	if err != nil {
		return "", nil, err
	}
	m, err := feedback.Merge(before, p.Event, nil)
	if err != nil {
		return "", nil, err
	}
	if before != nil && before.Voided() {
		m.After.Void = before.Void
	}
	if p.VoidReason != "" {
		m = m.Void(feedback.Void{Reason: p.VoidReason, By: feedback.ByImport, At: feedback.Moment(now)})
	}
	if before != nil && alike(*before, m.After) {
		return m.Result, nil, nil
	}
	m.History = slices.DeleteFunc(m.History, func(c feedback.Change) bool { return !c.Applied })
	after, served, err := s.keep(t, before, m, now)
	if err == nil && after.Voided() && (before == nil || !before.Voided()) {
		_, err = keepAct(t, after.ID, feedback.Ruling{Act: feedback.ActVoid, By: feedback.ByImport, Reason: after.Void.Reason, At: now})
	}
	if err == nil {
		err = eraseOld(t, before, after, since, now)
	}
	if err != nil || before == nil || !before.Live() {
		return m.Result, served, err
	}
	m.After = after
	return m.Result, served, s.keepUp(t, *before, m, followUp, now)
}

// alike reports whether an event left nothing to write.
func alike(before, after feedback.Feedback) bool {
	return before.Answer == after.Answer && before.Void == after.Void && before.OccurredAt.Equal(after.OccurredAt) && maps.Equal(before.SetAt, after.SetAt)
}

// keepUp lets the message of a live feedback and its follow-up know what history
// changed.
func (s *Store) keepUp(t *Unit, before feedback.Feedback, m feedback.Merged, followUp feedback.FollowUp, now time.Time) error {
	if !m.Visible {
		return nil
	}
	if _, err := show(t, m.After, now); err != nil {
		return err
	}
	next, _ := followUp.React(&before, m.After, now, s.due(m.After))
	switch {
	case m.After.Voided() && !before.Voided():
		next = followUp.Void(before, feedback.ByImport, now)
	case next.State == feedback.StateOpen && followUp.State != feedback.StateOpen:
		next = followUp
	}
	if _, err := s.saveFollowUp(t, m.After, followUp, next); err != nil {
		return err
	}
	return s.beside(t, &before, m.After, now)
}

// Export hands every feedback that counts on the local days from first to last,
// both included, to take, in the order in which they arrived. It reads one
// consistent state of the database, however long it lasts, and holds one feedback
// at a time. An error of take ends it.
func (s *Store) Export(ctx context.Context, first, last feedback.Day, take func(feedback.Feedback) error) error {
	return s.each(ctx, "the feedback", func(row Scanner) error {
		c, err := scanCase(row)
		if err != nil {
			return err
		}
		return take(c.Feedback)
	}, selectCase+` where f.day between $1 and $2 order by f.id`, int64(first), int64(last))
}
