package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"smileybot/feedback"
)

// PulledLate is how old a review may be that is read for the first time and still has a message. An
// older one counts as imported: a site that changes its ids must not flood Slack.
const PulledLate = 14 * 24 * time.Hour

// PulledHistory is the result of a review that counts as imported.
const PulledHistory feedback.Result = "imported"

// pulledRows is how many events of a page one transaction takes.
const pulledRows = 100

// TakePulled takes what a page of a site says. An event without news changes nothing, and writes
// nothing, so a page may be read any number of times. The results are in the order of the events;
// after an error they are those of the first events, which are stored.
//
// What was there at the first pull counts as imported, see [Store.Import], and so does a review that is
// older than [PulledLate] or taken back when it is first read. An imported review becomes live with a new rating or
// a new comment. With listed, the reviews are noted, for [Store.VoidUnlisted].
func (s *Store) TakePulled(ctx context.Context, p Pull, events []feedback.Event, listed bool, now time.Time) ([]Ingested, error) {
	taken, stored := make([]Ingested, len(events)), 0
	err := inPieces(ctx, s.engine, pulledRows, events, func(t *Unit, i int, e feedback.Event) (err error) {
		if taken[i], err = s.takePulled(t, p, e, now); errors.Is(err, feedback.ErrRatingMissing) {
			taken[i], err = Ingested{Result: Ignored}, nil
		}
		if err != nil || !listed || taken[i].Result == Ignored {
			return err
		}
		return notePulled(t, e)
	}, func(rows int) { stored = rows })
	return taken[:stored], err
}

func (s *Store) takePulled(t *Unit, p Pull, e feedback.Event, now time.Time) (Ingested, error) {
	e.Whole = true
	plain, _, err := anonymizeIfErased(t, e)
	if err != nil {
		return Ingested{}, err
	}
	before, _, err := findByKey(t, e.Key)
	if err != nil {
		return Ingested{}, err
	}
	if before != nil && before.Void.By == feedback.ByCustomer && !e.TakenBack {
		if e, err = listedAgain(t, *before, e, now); err != nil {
			return Ingested{}, err
		}
		plain.OccurredAt, plain.BeganAt = e.OccurredAt, e.BeganAt
	}
	present := before
	if before != nil {
		c := before.Corrected(now)
		present = &c
	}
	m, err := feedback.Merge(present, plain, nil)
	if err != nil {
		return Ingested{}, err
	}
	switch after := m.After; {
	case before != nil && saysSame(*before, after):
		return Ingested{FeedbackID: before.ID, Result: feedback.Unchanged}, nil
	case before == nil && (e.TakenBack || !isNews(p, e, now)), before != nil && !before.Live() && !saysNew(*before, after):
		_, err := s.importEvent(t, HistoricEvent{Event: e}, ImportOptions{Now: now})
		return Ingested{Result: PulledHistory}, err
	default:
		return s.ingestEvent(t, e, Delivery{ReceivedAt: now, Strict: true})
	}
}

// saysSame reports whether an event brought nothing that anyone sees or counts. That a site was asked
// again is no change.
func saysSame(before, after feedback.Feedback) bool {
	return before.Answer == after.Answer && before.Void == after.Void && before.OccurredAt.Equal(after.OccurredAt)
}

// saysNew reports whether a customer has changed what they say.
func saysNew(before, after feedback.Feedback) bool {
	return before.Rating != after.Rating || before.Comment != after.Comment
}

// isNews reports whether a review that is read for the first time has a message: it was written after
// the first pull began, by the site's own moment, and not long ago. After the first pull is done, one
// without a moment of its own is news, too.
func isNews(p Pull, e feedback.Event, now time.Time) bool {
	written := e.OccurredAt
	if !e.BeganAt.IsZero() && e.BeganAt.Before(written) {
		written = e.BeganAt
	}
	if p.HistoryAt.IsZero() {
		return written.After(p.BeganAt) && written.Before(now)
	}
	return now.Sub(written) <= PulledLate
}

// listedAgain is the event of a review that was void because the site had it no more, and has it again:
// it counts again from now on. Of any other void the event is as it was.
func listedAgain(t *Unit, before feedback.Feedback, e feedback.Event, now time.Time) (feedback.Event, error) {
	noted, err := t.Affect(`update pull_review set missing_ms = null where sender = $1 and review = $2 and missing_ms = $3`, e.Sender, e.ID, voidUnlisted)
	if err != nil || noted == 0 {
		return e, err
	}
	if e.BeganAt.IsZero() || e.OccurredAt.Before(e.BeganAt) {
		e.BeganAt = e.OccurredAt
	}
	if e.OccurredAt = now.UTC().Round(0); !feedback.Moment(e.OccurredAt).After(before.Void.At) {
		e.OccurredAt = before.Void.At.Add(time.Millisecond)
	}
	return e, nil
}

// notePulled notes that a site has a review.
func notePulled(t *Unit, e feedback.Event) error {
	return t.Exec(`insert into pull_review (sender, review) values ($1, $2) on conflict (sender, review) do nothing`, e.Sender, e.ID)
}

// voidUnlisted, in the place of a moment, marks a review that was taken back because the site has it no
// more.
const voidUnlisted = -1

// Of the reviews that a site had, fewLost or lostShare (in percent) may be missing at once. More are a
// fault of the site, or another account. Those that are missing for lostFor are no longer looked for, and
// stay as they are.
const (
	fewLost   = 3
	lostShare = 10
	lostFor   = 7 * 24 * time.Hour
)

// ErrManyUnlisted is returned when a site lacks so many reviews that it is probably a fault.
var ErrManyUnlisted = errors.New("the site lacks many reviews that it had")

// VoidUnlisted takes back the reviews that a site has no more, as their customers do, and returns how
// many. Listed are the ids of all reviews that the site has. A review is taken back when a second
// complete list lacks it as well. When many are missing at once, none is, and the error is
// [ErrManyUnlisted].
func (s *Store) VoidUnlisted(ctx context.Context, sender string, listed map[string]bool, now time.Time) (int, error) {
	var missing, back []string
	known, lost := 0, make(map[string]time.Time) // since when, zero for one that was there the last time
	err := s.each(ctx, "the pulled reviews", func(row Scanner) error {
		var review string
		var since time.Time
		if err := row.Scan(&review, momentIn(&since)); err != nil {
			return err
		}
		known++
		switch {
		case !listed[review]:
			missing, lost[review] = append(missing, review), since
		case !since.IsZero():
			back = append(back, review)
		}
		return nil
	}, `select review, missing_ms from pull_review where sender = $1 and coalesce(missing_ms, 0) <> $2`, sender, voidUnlisted)
	if err != nil {
		return 0, err
	}
	mark := func(t *Unit, review string, since sql.NullInt64) error {
		return t.Exec(`update pull_review set missing_ms = $1 where sender = $2 and review = $3`, since, sender, review)
	}
	if err := inPieces(ctx, s.engine, pulledRows, back, func(t *Unit, _ int, review string) error {
		return mark(t, review, sql.NullInt64{})
	}, nil); err != nil {
		return 0, err
	}
	many := len(missing) > max(fewLost, known*lostShare/100)
	voided := make(map[string]bool)
	err = inPieces(ctx, s.engine, pulledRows, missing, func(t *Unit, _ int, review string) error {
		since := lost[review]
		switch {
		case since.IsZero():
			return mark(t, review, nullMS(now))
		case many && now.Sub(since) >= lostFor:
			return t.Exec(`delete from pull_review where sender = $1 and review = $2`, sender, review)
		case many:
			return nil
		}
		voided[review] = true
		if err := s.takeBackPulled(t, sender, review, now); err != nil {
			return err
		}
		return mark(t, review, sql.NullInt64{Int64: voidUnlisted, Valid: true})
	}, nil)
	if many && err == nil {
		err = ErrManyUnlisted
	}
	return len(voided), err
}

// takeBackPulled takes a review back, if it is known.
func (s *Store) takeBackPulled(t *Unit, sender, review string, now time.Time) error {
	e := feedback.Event{
		Key:        feedback.Key{Sender: sender, Channel: feedback.ChannelReview, Kind: feedback.KindReview, ID: review},
		OccurredAt: now.UTC().Round(0), TakenBack: true,
	}
	before, _, err := findByKey(t, e.Key)
	if err != nil || before == nil {
		return err
	}
	if before.Live() {
		_, err = s.ingestEvent(t, e, Delivery{ReceivedAt: now, Strict: true})
	} else {
		_, err = s.importEvent(t, HistoricEvent{Event: e}, ImportOptions{Now: now})
	}
	return err
}
