package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
)

// HistoricEvent is one row of history.
type HistoricEvent struct {
	Event feedback.Event
	// VoidReason voids the feedback; an empty reason changes nothing.
	VoidReason string
}

// Imported is the result of one row of history.
type Imported struct {
	Result feedback.Result
	// Err is [feedback.ErrRatingMissing] for a row that was skipped: it would begin a
	// feedback and has no rating.
	Err error
}

// Import applies events of the past. They count in the scores and for
// their customer, and cause no message, no follow-up and no notice. A feedback that a webhook
// reports, before or later, is live: its message and its follow-up are updated, but an event
// of the past never opens a follow-up and notifies no one.
//
// A row with a void reason voids its feedback; a row without one restores nothing.
//
// An event without news writes nothing, so the same events again change nothing. An event of
// the past does not make a feedback suspect, because it is no recent click.
//
// It writes in short transactions, so that webhooks do not wait. After an error the results are
// those of the first events, which are stored.
func (s *Store) Import(ctx context.Context, past []HistoricEvent, now time.Time) ([]Imported, error) {
	imported, stored := make([]Imported, len(past)), 0
	err := inPieces(ctx, s.engine, pieceRows, past, func(t *Unit, i int, p HistoricEvent) error {
		result, err := s.importEvent(t, p, now)
		if err != nil && !errors.Is(err, feedback.ErrRatingMissing) {
			return err
		}
		imported[i] = Imported{Result: result, Err: err}
		return nil
	}, func(rows int) { stored = rows })
	return imported[:stored], err
}

func (s *Store) importEvent(t *Unit, p HistoricEvent, now time.Time) (feedback.Result, error) {
	e, since, err := anonymizeIfErased(t, p.Event)
	if err != nil {
		return "", err
	}
	before, was, err := findByKey(t, e.Key)
	if err != nil {
		return "", err
	}
	m, err := feedback.Merge(before, e, nil)
	if err != nil {
		return "", err
	}
	if before != nil && before.Voided() {
		m.After.Void = before.Void
	}
	if p.VoidReason != "" {
		m = m.Void(feedback.Void{Reason: p.VoidReason, By: feedback.ByImport, At: feedback.Moment(now)})
	}
	if before != nil && alike(*before, m.After) {
		return m.Result, nil
	}
	m.History = slices.DeleteFunc(m.History, func(c feedback.Change) bool { return !c.Applied })
	after, err := s.persist(t, before, m, now)
	if err == nil && after.Voided() && (before == nil || !before.Voided()) {
		_, err = insertModeration(t, after.ID, feedback.Moderation{Action: feedback.ModerationVoid, By: feedback.ByImport, Reason: after.Void.Reason, At: now})
	}
	if err == nil {
		err = eraseIfCustomerErased(t, before, after, since, now)
	}
	if err != nil || before == nil || !before.Live() {
		return m.Result, err
	}
	m.After = after
	return m.Result, s.keepUp(t, was, m, now)
}

// alike reports whether an event changed nothing.
func alike(before, after feedback.Feedback) bool {
	return before.Answer == after.Answer && before.Void == after.Void && before.OccurredAt.Equal(after.OccurredAt) && maps.Equal(before.SetAt, after.SetAt)
}

// keepUp updates the message and the follow-up of a live feedback after an import.
func (s *Store) keepUp(t *Unit, was followup.Snapshot, m feedback.Merged, now time.Time) error {
	if !m.Visible {
		return nil
	}
	if _, err := queueRevision(t, m.After, now); err != nil {
		return err
	}
	before := &was.Feedback
	next, _ := was.FollowUp.OnEvent(before, m.After, now, s.due(m.After))
	switch {
	case m.After.Voided() && !before.Voided():
		next = was.FollowUp.Void(*before, feedback.ByImport, now)
	case next.State == followup.StateOpen && was.FollowUp.State != followup.StateOpen:
		next = was.FollowUp
	}
	if _, err := s.saveFollowUp(t, m.After, was.FollowUp, next); err != nil {
		return err
	}
	return s.updateRelated(t, before, m.After, now)
}

// exportRows is how many feedbacks an export reads at once.
const exportRows = 200

// Export passes every feedback on the local days from first to last, both included, to take, in
// the order of arrival. An error of take ends it and is returned.
//
// It reads a few feedbacks at a time and keeps no state of the database, because take may wait for
// as long as it likes. Each feedback that exists when it begins is passed once, as it is when its
// turn comes; one that arrives later is not passed.
func (s *Store) Export(ctx context.Context, first, last office.Day, take func(feedback.Feedback) error) error {
	var end string
	if err := s.row(ctx, "the feedback", `select coalesce(max(id), '') from feedback`).Scan(&end); err != nil {
		return err
	}
	for after := ""; after < end; {
		var upTo string // bounds what is read for few days, too
		err := s.row(ctx, "the feedback", `
select coalesce(max(id), $1) from (select id from feedback where id > $1 and id <= $2 order by id limit $3) as page`, after, end, exportRows).Scan(&upTo)
		if err != nil {
			return err
		}
		var page []followup.Snapshot
		err = s.each(ctx, "the feedback", collect(&page, func(row Scanner) (followup.Snapshot, error) { return scanSnapshot(row) }),
			selectSnapshot+` where f.id > $1 and f.id <= $2 and f.day between $3 and $4 order by f.id`, after, upTo, int64(first), int64(last))
		if err != nil {
			return err
		}
		for _, c := range page {
			if err := take(c.Feedback); err != nil {
				return err
			}
		}
		after = upTo
	}
	return nil
}
