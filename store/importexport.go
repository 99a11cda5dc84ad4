package store

import (
	"cmp"
	"context"
	"database/sql"
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
	// VoidReason voids the feedback; an empty reason changes nothing. VoidedAt and VoidedBy say when
	// and who did it; when they are zero, it is the import now.
	VoidReason string
	VoidedAt   time.Time
	VoidedBy   string
	// Restores makes a voided feedback count again.
	Restores bool
}

// ImportOptions say how rows are applied.
type ImportOptions struct {
	// Number is that of [Store.BeginImport]; 0 keeps nothing for an undo.
	Number int64
	// Replace makes the rows win over what the feedback had before the import, whatever its moments.
	// Rows of one import merge by their moments. It needs a Number.
	Replace bool
	Now     time.Time
}

// Imported is the result of one row of history.
type Imported struct {
	Result feedback.Result
	// Changed means that something was stored: also a stale row may tell that the feedback is older.
	Changed bool
	// Again means that the row changed what an earlier row of the same import brought.
	Again bool
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
	return s.ImportWith(ctx, past, ImportOptions{Now: now})
}

// ImportWith is Import with options.
func (s *Store) ImportWith(ctx context.Context, past []HistoricEvent, o ImportOptions) ([]Imported, error) {
	imported, stored := make([]Imported, len(past)), 0
	err := inPieces(ctx, s.engine, pieceRows, past, func(t *Unit, i int, p HistoricEvent) error {
		one, err := s.importEvent(t, p, o)
		if err != nil && !errors.Is(err, feedback.ErrRatingMissing) {
			return err
		}
		one.Err = err
		imported[i] = one
		if !one.Changed || o.Number == 0 {
			return nil
		}
		return t.Exec(`update import_run set changed = changed + 1 where id = $1`, o.Number)
	}, func(rows int) { stored = rows })
	return imported[:stored], err
}

func (s *Store) importEvent(t *Unit, p HistoricEvent, o ImportOptions) (Imported, error) {
	e, since, err := anonymizeIfErased(t, p.Event)
	if err != nil {
		return Imported{}, err
	}
	if e.Claims, err = claimsOfKnown(t, e); err != nil {
		return Imported{}, err
	}
	before, was, err := findByKey(t, e.Key)
	if err != nil {
		return Imported{}, err
	}
	change, again, err := s.changeOf(t, before, o)
	if err != nil {
		return Imported{}, err
	}
	replace := o.Replace && before != nil && !again
	e.Whole = true
	var waiting []feedback.Event // they stay until a webhook or the sweep takes them: the import may be undone
	if before == nil {
		if waiting, err = waitingFor(t, e.Key, o.Now); err != nil {
			return Imported{}, err
		}
	}
	m, err := mergeHistoric(before, waiting, p, e, replace, o.Now)
	if err != nil {
		return Imported{}, err
	}
	same := before != nil && alike(*before, m.After)
	if same && m.Result == feedback.Updated { // the rating alone would have restored what the row voids
		m.Result = feedback.Unchanged
	}
	if same && !replace {
		return Imported{Result: m.Result}, nil
	}
	after := m.After
	if !same {
		m.History = slices.DeleteFunc(m.History, func(c feedback.Change) bool { return !c.Applied })
		if after, err = s.saveHistoric(t, before, m, since, o.Now); err != nil {
			return Imported{}, err
		}
		m.After = after
		if before != nil && before.Live() {
			if err := s.keepUp(t, was, m, o.Now); err != nil {
				return Imported{}, err
			}
		}
	}
	if o.Number != 0 {
		if after.Erased() != (before != nil && before.Erased()) { // it was erased on its way in
			change.before = sql.NullString{Valid: before != nil}
		}
		err = change.keep(t, o.Number, after)
	}
	return Imported{Result: m.Result, Changed: !same, Again: again && m.Result == feedback.Updated}, err
}

// changeOf is what an import changed of a feedback so far; again is false when that is nothing.
func (s *Store) changeOf(t *Unit, before *feedback.Feedback, o ImportOptions) (c importChange, again bool, err error) {
	if o.Number == 0 {
		return c, false, nil
	}
	if before != nil {
		if c, again, err = findChange(t, o.Number, before.ID); again || err != nil {
			return c, again, err
		}
	}
	c, err = newChange(t, before)
	return c, false, err
}

// mergeHistoric applies a row to a feedback, or creates it with the events that wait for it. With replace, the row wins whatever the moments of the
// feedback.
func mergeHistoric(before *feedback.Feedback, waiting []feedback.Event, p HistoricEvent, e feedback.Event, replace bool, now time.Time) (feedback.Merged, error) {
	base := before
	if replace {
		older := *before
		older.SetAt = maps.Clone(before.SetAt)
		for field := range e.Mentions {
			delete(older.SetAt, field)
		}
		older.OccurredAt = feedback.Moment(e.OccurredAt)
		base = &older
	}
	var m feedback.Merged
	var err error
	if base == nil {
		m, err = feedback.MergeFirst(e, waiting)
	} else {
		m, err = feedback.Merge(base, e, nil)
	}
	if err != nil {
		return m, err
	}
	if before != nil && before.Voided() {
		m.After.Void = before.Void
	}
	if replace && m.Result != feedback.Updated && !m.After.OccurredAt.Equal(before.OccurredAt) {
		m.Result = feedback.Updated // it counts on another day
	}
	void := feedback.Void{Reason: p.VoidReason, By: cmp.Or(p.VoidedBy, feedback.ByImport), At: feedback.Moment(now)}
	if !p.VoidedAt.IsZero() {
		void.At = feedback.Moment(p.VoidedAt)
	}
	switch {
	case p.Restores && m.After.Voided():
		m.After.Void, m.Visible, m.Result = feedback.Void{}, true, feedback.Updated
	case void.Reason != "" && replace && m.After.Void.Reason != void.Reason:
		m.After.Void = feedback.Void{}
		m = m.Void(void)
	case void.Reason != "":
		m = m.Void(void)
	}
	return m, nil
}

// saveHistoric writes a feedback after a row, with the moderation that the row is.
func (s *Store) saveHistoric(t *Unit, before *feedback.Feedback, m feedback.Merged, since, now time.Time) (feedback.Feedback, error) {
	after, err := s.persist(t, before, m, now)
	if err != nil {
		return after, err
	}
	if r, is := feedback.ModerationOf(before, after, now); is {
		r.By = feedback.ByImport
		if _, err := insertModeration(t, after.ID, r); err != nil {
			return after, err
		}
	}
	if err := eraseIfCustomerErased(t, before, after, since, now); err != nil || since.IsZero() {
		return after, err
	}
	c, err := scanSnapshot(t.Row(selectSnapshot+` where f.id = $1`, after.ID))
	return c.Feedback, err
}

// alike reports whether an event changed nothing.
func alike(before, after feedback.Feedback) bool {
	return before.Answer == after.Answer && before.Void == after.Void && before.OccurredAt.Equal(after.OccurredAt) && maps.Equal(before.SetAt, after.SetAt) &&
		feedback.SameClaims(before.Claims, after.Claims)
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
	case before.Voided() && !m.After.Voided():
		next, _ = was.FollowUp.Restore(m.After, feedback.ByImport, now, s.due(m.After))
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
