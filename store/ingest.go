package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Results in addition to those of an event.
const (
	// Duplicate is the result of a delivery that was ingested before.
	Duplicate feedback.Result = "duplicate"
	// Ignored is the result of one event of several that would begin a feedback and has neither a rating nor
	// what [feedback.Event.Waits] for one.
	Ignored feedback.Result = "ignored"
)

// The way of a rating: ingestSet loads what the deliveries of a set touch (load.go). For each of
// them, ingest looks for the delivery, ingestEvent merges each event into its feedback and applies
// what follows from it, and recordDelivery keeps the body. The unit writes the rows of the set
// together. Rows of feedback and history are in feedback.go.

// Ingested is the result of one event.
type Ingested struct {
	FeedbackID string
	Result     feedback.Result
	// Suspect reports whether the event made the feedback suspect, see [feedback.Merge].
	Suspect bool

	forgotten bool // the customer is erased: the body of the delivery must not be kept
}

// Ingest stores a delivery and applies its events in one transaction: the feedback and its history,
// the tallies, the follow-up and what Slack must show. When it returns without an error, everything
// is on disk. The same delivery again returns [Duplicate] and changes nothing.
//
// A comment or a deletion that comes before the first rating of its feedback waits for it, with the result
// [feedback.Kept], unless the delivery is strict. Ingest returns [feedback.ErrRatingMissing] when every
// event would begin a feedback without a rating and none waits, and stores nothing. Of [ErrUnavailable] see there:
// a delivery with an id that is repeated counts once in either case.
func (s *Store) Ingest(ctx context.Context, d Delivery, events ...feedback.Event) ([]Ingested, error) {
	a := &arrival{Delivery: d, events: events}
	err := s.engine.WriteSet(ctx, a, s.ingestSet)
	if errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrRemoved) { // a file that is back is no fault any more
		s.refused.Store(&refusal{d.ReceivedAt, err})
	}
	if err != nil {
		return nil, err
	}
	s.refused.Store(nil)
	s.probe.forgetFailure()
	return a.taken, nil
}

// An arrival is a delivery with its events and their results.
type arrival struct {
	Delivery

	events []feedback.Event
	taken  []Ingested
}

// ingestSet loads what the first of some arrivals touch and applies these. What they write is in the
// unit then, which writes it in one batch.
func (s *Store) ingestSet(t *Unit, jobs []any) ([]error, error) {
	arrivals := make([]*arrival, len(jobs))
	for i, job := range jobs {
		a, ok := job.(*arrival)
		if !ok {
			return nil, fmt.Errorf("%T is no arrival: this is a bug", job)
		}
		arrivals[i] = a
	}
	set, err := t.loadSet(arrivals)
	results := make([]error, len(set))
	for i := 0; err == nil && i < len(set); i++ {
		err = s.ingest(t, set[i])
		if errors.Is(err, feedback.ErrRatingMissing) { // nothing is written then
			results[i], err = err, nil
		}
	}
	return results, err
}

// ingest applies a delivery with its events.
func (s *Store) ingest(t *Unit, a *arrival) error {
	a.taken = a.taken[:0]
	earlier, err := findDelivery(t, a.Delivery)
	if err != nil {
		return err
	}
	if earlier.found {
		a.taken = append(a.taken, Ingested{FeedbackID: earlier.feedbackID, Result: Duplicate})
		return nil
	}
	missing, whole := 0, true
	for _, e := range a.events {
		one, err := s.ingestEvent(t, e, a.Delivery)
		if errors.Is(err, feedback.ErrRatingMissing) {
			one, missing = Ingested{Result: Ignored}, missing+1
		} else if err != nil {
			return err
		}
		a.taken = append(a.taken, one)
		whole = whole && !one.forgotten && one.Result != feedback.Kept // of an event that waits, no feedback has the body
	}
	if missing == len(a.events) && missing > 0 {
		return feedback.ErrRatingMissing
	}
	return recordDelivery(t, a.Delivery, a.taken, whole)
}

// ingestEvent applies one event: to its feedback, its message in Slack, its follow-up, and
// the other feedback of its customer.
func (s *Store) ingestEvent(t *Unit, e feedback.Event, d Delivery) (Ingested, error) {
	now := d.ReceivedAt
	e, since, err := anonymizeIfErased(t, e)
	if err != nil {
		return Ingested{}, err
	}
	m, err := s.merge(t, e, now)
	if errors.Is(err, feedback.ErrRatingMissing) && e.Waits() && !d.Strict {
		return Ingested{Result: feedback.Kept}, keep(t, e, now)
	}
	if err != nil {
		return Ingested{}, err
	}
	before := m.before
	if before != nil && !before.Live() {
		before, m.Visible = nil, true // imported: for Slack and the follow-up it begins now
	}
	after, err := s.follow(t, m, before, now)
	if err != nil {
		return Ingested{}, err
	}
	taken := Ingested{FeedbackID: after.ID, Result: m.Result, forgotten: !since.IsZero() || after.Erased()}
	taken.Suspect = after.Suspect && (before == nil || !before.Suspect)
	return taken, eraseIfCustomerErased(t, m.before, after, since, now)
}

// follow applies what follows from an event: to the message in Slack, the follow-up, and the other
// feedback of the customer. before is nil for a feedback that is new in Slack.
func (s *Store) follow(t *Unit, m merged, before *feedback.Feedback, now time.Time) (after feedback.Feedback, err error) {
	after = m.After
	switch {
	case m.Visible && before == nil:
		after.Revision, err = queueMessage(t, after, now)
	case m.Visible:
		after.Revision, err = queueRevision(t, after, now)
	}
	if err != nil {
		return after, err
	}
	next, err := s.decideFollowUp(t, m, before, after, now)
	if err != nil {
		return after, err
	}
	if _, err := s.saveFollowUp(t, after, m.was.FollowUp, next); err != nil {
		return after, err
	}
	return after, s.updateRelated(t, before, after, now)
}

// merged is an event applied to the feedback as it was before.
type merged struct {
	feedback.Merged
	before *feedback.Feedback // nil for a new feedback
	was    followup.Snapshot
}

// merge applies an event to the feedback, its history and the tallies.
func (s *Store) merge(t *Unit, e feedback.Event, now time.Time) (merged, error) {
	before, was, err := findByKey(t, e.Key)
	if err != nil {
		return merged{}, err
	}
	var m feedback.Merged
	if before == nil {
		m, err = mergeFirst(t, e, now)
	} else {
		m, err = mergeNext(t, *before, e, now)
	}
	if err != nil {
		return merged{}, err
	}
	if m.After, err = s.persist(t, before, m, now); err != nil {
		return merged{}, err
	}
	return merged{Merged: m, before: before, was: was}, nil
}

// mergeFirst creates a feedback from its first event with a rating and from those that wait for it.
func mergeFirst(t *Unit, e feedback.Event, now time.Time) (feedback.Merged, error) {
	if !e.Mentions[feedback.FieldRating] {
		return feedback.Merged{}, feedback.ErrRatingMissing
	}
	waiting, err := takeKept(t, e.Key, now)
	if err != nil {
		return feedback.Merged{}, err
	}
	return feedback.MergeFirst(e, waiting)
}

// mergeNext applies an event to a feedback. Moments of a clock that ran ahead do not count.
func mergeNext(t *Unit, before feedback.Feedback, e feedback.Event, now time.Time) (feedback.Merged, error) {
	seen, err := sightings(t, &before, e)
	if err != nil {
		return feedback.Merged{}, err
	}
	before = before.Corrected(now)
	return feedback.Merge(&before, e, seen)
}

// persist writes a merged feedback, its history, its tallies and the row of its ticket; a new
// feedback gets its id.
func (s *Store) persist(t *Unit, before *feedback.Feedback, m feedback.Merged, now time.Time) (feedback.Feedback, error) {
	after := m.After
	if before == nil {
		id, err := uuid.NewV7()
		if err != nil {
			return after, err
		}
		after.ID, after.ReceivedAt = id.String(), feedback.Moment(now)
	}
	if err := s.saveCounted(t, before, after); err != nil {
		return after, err
	}
	return after, appendHistory(t, after.ID, m.History, now)
}

// saveCounted writes a feedback with its tallies and the row of its ticket. before is nil for a
// new feedback.
func (s *Store) saveCounted(t *Unit, before *feedback.Feedback, after feedback.Feedback) error {
	if err := s.addTally(t, before, after); err != nil { // flushed by the commit
		return err
	}
	if err := s.saveFeedback(t, after); err != nil {
		return err
	}
	return s.updateService(t, before, after)
}

// decideFollowUp returns the follow-up after an event. It notifies the claimer of a comment
// that explains the rating, and records a moderation that the event is.
func (s *Store) decideFollowUp(t *Unit, m merged, before *feedback.Feedback, after feedback.Feedback, now time.Time) (next followup.FollowUp, err error) {
	var notify bool
	if r, is := feedback.ModerationOf(m.before, after, now); is {
		next, notify = moderateFollowUp(m.was, after, r, s.due(after))
		err = recordModeration(t, after, r)
	} else {
		next, notify = m.was.FollowUp.OnEvent(before, after, now, s.due(after))
	}
	if err == nil && notify {
		err = notifyClaimer(t, after, next.Claimer, now)
	}
	return next, err
}
