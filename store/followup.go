package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// ApplyTransition applies a person's transition to the follow-up of a feedback and returns the
// case. Of two people who act at once, one wins; the other gets a
// [*followup.InvalidTransitionError] with the state that was found, and the case. It returns
// [ErrNotFound] for an unknown feedback.
//
// It refreshes the message even when the transition is refused, because the person saw an outdated
// one.
func (s *Store) ApplyTransition(ctx context.Context, feedbackID string, step followup.Transition) (followup.Snapshot, error) {
	var refused *followup.InvalidTransitionError
	c, err := s.change(ctx, feedbackID, step.At, func(t *Unit, c followup.Snapshot) (apply, error) {
		refused = nil
		var err error
		if step.Seen, err = seenBy(t.Row, c, step.Seen); err != nil {
			return nil, err
		}
		next, err := c.FollowUp.Apply(step, s.due(c.Feedback))
		if errors.As(err, &refused) {
			return nil, nil
		}
		return func(now *followup.Snapshot) (err error) {
			now.FollowUp, err = s.saveFollowUp(t, now.Feedback, c.FollowUp, next)
			return err
		}, err
	})
	if err == nil && refused != nil {
		err = refused
	}
	return c, err
}

// apply writes a decision. The case has the revision that shows it.
type apply func(*followup.Snapshot) error

// change reads a case, decides, and applies what was decided, in one transaction. Without an apply it
// refreshes the message, unless an edit of it is under way: a message that cannot be edited now does not
// become more outdated with each click. It returns the case after that, or [ErrNotFound] for an unknown
// feedback.
func (s *Store) change(ctx context.Context, feedbackID string, now time.Time, decide func(*Unit, followup.Snapshot) (apply, error)) (followup.Snapshot, error) {
	var c followup.Snapshot
	err := s.engine.Write(ctx, func(t *Unit) (err error) {
		if c, err = scanSnapshot(t.Row(selectSnapshot+` where f.id = $1`, feedbackID)); err != nil {
			return err
		}
		apply, err := decide(t, c)
		if err != nil {
			return err
		}
		if apply == nil {
			var pending bool
			if err := t.Row(`select exists (select 1 from outbox where key = $1 and shown < revision)`, feedbackID).Scan(&pending); err != nil || pending {
				return err
			}
		}
		if c.Feedback.Revision, err = queueRevision(t, c.Feedback, now); err != nil || apply == nil {
			return err
		}
		return apply(&c)
	})
	if err != nil {
		return followup.Snapshot{}, err
	}
	return c, nil
}

// Outdated reports whether a person who saw that of a feedback's message must look again before they act
// on it, see [followup.Seen.Outdated]. An action checks it once more in its transaction.
func (s *Store) Outdated(ctx context.Context, c followup.Snapshot, what followup.Seen, by string) (bool, error) {
	row := func(query string, args ...any) Scanner { return s.engine.Row(ctx, query, args...) }
	what, err := seenBy(row, c, what)
	return what.Outdated(c.FollowUp, by), err
}

// seenBy adds the state and the claimer that the message showed. Of a claim that a former version recorded,
// without a revision, it is not known which messages showed it: then a person looks again.
func seenBy(row func(query string, args ...any) Scanner, c followup.Snapshot, what followup.Seen) (followup.Seen, error) {
	if what.Revision == c.Feedback.Revision {
		what.Revision = 0
	}
	if what.Revision == 0 {
		return what, nil
	}
	var since int64
	err := row(`select to_state, claimer, revision from transition where followup_id = $1 and revision <= $2 order by id desc limit 1`, c.FollowUp.ID, what.Revision).
		Scan(&what.State, &what.Claimer, &since)
	if errors.Is(err, sql.ErrNoRows) {
		return what, nil
	}
	if since == 0 && what.Claimer != "" {
		what.State, what.Claimer = followup.StateNone, ""
	}
	return what, err
}

// due returns when a follow-up of a feedback is due, by the moment at which it opens.
func (s *Store) due(f feedback.Feedback) func(opened time.Time) time.Time {
	return func(opened time.Time) time.Time { return s.options.Policy.DueAt(opened, f.Ticket.Urgent) }
}

// CorrectOpenings gives each follow-up that waits and that opened more than [feedback.MaxAhead] ahead
// of now, while the clock ran ahead, the due time of one that opens now, so that it is neither
// reminded of late nor never. It returns their number.
func (s *Store) CorrectOpenings(ctx context.Context, now time.Time) (int, error) {
	return s.counting(ctx, func(t *Unit) (int, error) {
		ahead, err := casesWhere(t, `where `+inQueue+` and u.opened_ms > $1`, ms(now.Add(feedback.MaxAhead)))
		if err != nil {
			return 0, err
		}
		for _, c := range ahead {
			if err := t.Exec(`update followup set opened_ms = $1, due_ms = $2 where id = $3`, ms(now), ms(s.due(c.Feedback)(now)), c.FollowUp.ID); err != nil {
				return 0, err
			}
			if err := queueRefresh(t, c.Feedback.ID, now); err != nil {
				return 0, err
			}
		}
		return len(ahead), nil
	})
}

// Refresh refreshes the message of a feedback, for a click on an outdated one, unless an edit of it is
// under way. It returns
// [ErrNotFound] for an unknown feedback.
func (s *Store) Refresh(ctx context.Context, feedbackID string, now time.Time) (followup.Snapshot, error) {
	return s.change(ctx, feedbackID, now, func(*Unit, followup.Snapshot) (apply, error) { return nil, nil })
}

// saveFollowUp writes a changed follow-up, its transition, the notice in the thread and the
// event for the ticket system. It returns what it wrote: a new follow-up with its id.
func (s *Store) saveFollowUp(t *Unit, f feedback.Feedback, before, after followup.FollowUp) (followup.FollowUp, error) {
	if before == after {
		return after, nil
	}
	if after.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return after, err
		}
		after.ID = id.String()
	}
	err := t.Exec(`
insert into followup (id, feedback_id, state, claimer, outcome, note, opened_ms, due_ms, openings,
                      snoozed_ms, snoozes, reminded, escalated, was_state, was_claimer, was_snoozed_ms, was_explained, was_happy, changed_ms, changed_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
on conflict (id) do update set
    state = excluded.state, claimer = excluded.claimer, outcome = excluded.outcome, note = excluded.note,
    opened_ms = excluded.opened_ms, due_ms = excluded.due_ms, openings = excluded.openings,
    snoozed_ms = excluded.snoozed_ms, snoozes = excluded.snoozes, reminded = excluded.reminded, escalated = excluded.escalated,
    was_state = excluded.was_state, was_claimer = excluded.was_claimer, was_snoozed_ms = excluded.was_snoozed_ms,
    was_explained = excluded.was_explained, was_happy = excluded.was_happy,
    changed_ms = excluded.changed_ms, changed_by = excluded.changed_by`,
		after.ID, f.ID, after.State, after.Claimer, after.Outcome, after.Note,
		ms(after.OpenedAt), ms(after.DueAt), after.Openings, nullMS(after.SnoozedUntil), after.Snoozes, flag(after.Reminded), flag(after.Escalated),
		after.BeforeVoid.State, after.BeforeVoid.Claimer, nullMS(after.BeforeVoid.SnoozedUntil), flag(after.BeforeVoid.Explained), flag(after.BeforeVoid.Happy),
		ms(after.ChangedAt), after.ChangedBy)
	if err != nil || before.State == after.State && before.Claimer == after.Claimer {
		return after, err
	}
	if s.options.Outgoing {
		if err := queueOutgoing(t, f, before, after); err != nil {
			return after, err
		}
	}
	return after, recordTransition(t, f, before, after)
}

// recordTransition records a transition, and queues its notice in the thread: the new claimer
// of a handover, or the note of a finished follow-up.
func recordTransition(t *Unit, f feedback.Feedback, before, after followup.FollowUp) error {
	const insert = `
insert into transition (followup_id, at_ms, made_by, from_state, to_state, claimer, outcome, note, revision)
values ($1, $2, $3, $4, $5, $6, $7, $8, coalesce((select revision from outbox where key = $9), 0))`
	row := []any{after.ID, ms(after.ChangedAt), after.ChangedBy, before.State, after.State, after.Claimer, after.Outcome, after.Note, f.ID}
	n := threadNotice{about: f, at: after.ChangedAt}
	switch {
	case before.State.Active() && after.State == followup.StateClaimed && after.Claimer != after.ChangedBy:
		n.what, n.mention = NoticeAssigned, after.Claimer
	case after.Note != "":
		n.what = NoticeDone
	default:
		return t.Exec(insert, row...)
	}
	id, err := t.Insert(insert, row...)
	if err != nil {
		return err
	}
	n.key = fmt.Sprintf("%s:%s:%d", n.what, after.ID, id)
	return n.queue(t)
}

// Transition is a recorded change of a follow-up's state.
type Transition struct {
	FollowUpID string
	At         time.Time
	// By is a Slack user, [feedback.ByCustomer] or [followup.ByClock].
	By       string
	From, To followup.State
	// Claimer is the claimer after it.
	Claimer string
	Outcome followup.Outcome
	Note    string
}

// Transition returns the transition that the key of a notice names. It returns [ErrNotFound]
// when it is not recorded.
func (s *Store) Transition(ctx context.Context, key string) (Transition, error) {
	id, err := lastNumber(key)
	if err != nil {
		return Transition{}, err
	}
	var found Transition
	err = s.row(ctx, "a transition",
		`select followup_id, at_ms, made_by, from_state, to_state, claimer, outcome, note from transition where id = $1`, id).
		Scan(&found.FollowUpID, momentIn(&found.At), &found.By, &found.From, &found.To, &found.Claimer, &found.Outcome, &found.Note)
	return found, err
}

// lastNumber is the number at the end of a notice's key.
func lastNumber(key string) (int64, error) {
	n, err := strconv.ParseInt(key[strings.LastIndexByte(key, ':')+1:], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("notice %s: its key has no number", key)
	}
	return n, nil
}

// remindLate is how long after its due time a reminder is still on time. An earlier one was
// missed: the bot was not running, or its machine asleep.
const remindLate = 10 * time.Minute

// NextReminder is the next moment at which [Store.Remind] has work, possibly in the past; zero
// without work.
func (s *Store) NextReminder(ctx context.Context) (time.Time, error) {
	var next time.Time
	err := s.row(ctx, "what is due next", `
select min(at) from (
    select min(due_ms) as at from followup where state in ('open', 'claimed') and reminded = 0
    union all select min(snoozed_ms) from followup where state = 'snoozed') as next`).Scan(momentIn(&next))
	return next, err
}

// HandOver gives every follow-up that a Slack user has claimed to another, the snoozed ones as well. It
// returns their number, and may be called again after an error.
func (s *Store) HandOver(ctx context.Context, from, to, by string, now time.Time) (n int, err error) {
	var claimed []string
	var stored int
	err = s.each(ctx, "the follow-ups", column(&claimed), `select feedback_id from followup where claimer <> '' and claimer = $1 order by due_ms, id`, from)
	if err != nil {
		return 0, err
	}
	changed := make([]int, len(claimed)) // 1 for each that changed; a transaction may run twice
	err = inPieces(ctx, s.engine, pieceRows, claimed, func(t *Unit, i int, id string) error {
		changed[i] = 0
		c, err := scanSnapshot(t.Row(selectSnapshot+` where f.id = $1`, id))
		if errors.Is(err, ErrNotFound) || err == nil && c.FollowUp.Claimer != from {
			return nil // another person was quicker
		}
		if err != nil {
			return err
		}
		next := c.FollowUp.HandOver(to, by, now)
		if next == c.FollowUp {
			return nil
		}
		if err := queueRefresh(t, id, now); err != nil {
			return err
		}
		changed[i] = 1
		_, err = s.saveFollowUp(t, c.Feedback, c.FollowUp, next)
		return err
	}, func(rows int) { stored = rows })
	for _, one := range changed[:stored] {
		n += one
	}
	return n, err
}

// A Claim is what a claimer and the Slack channel of a message have to do with each other: whose
// follow-up it is depends on whether the one is still in the other.
type Claim struct {
	Claimer      string
	SlackChannel string // "" before the message is posted
}

// DueClaims lists the claims of the follow-ups of which [Store.Remind] would remind their claimers.
func (s *Store) DueClaims(ctx context.Context, now time.Time) ([]Claim, error) {
	var claims []Claim
	err := s.each(ctx, "the claims that are due", collect(&claims, func(row Scanner) (c Claim, err error) {
		err = row.Scan(&c.Claimer, &c.SlackChannel)
		return c, err
	}), `
select distinct u.claimer, coalesce(o.slack_channel, '') from followup u left join outbox o on o.key = u.feedback_id
where u.claimer <> '' and u.reminded = 0 and u.due_ms <= $1 and (u.state = 'claimed' or u.state = 'snoozed' and u.snoozed_ms <= $2)`, ms(now), ms(now))
	return claims, err
}

// Remind wakes the follow-ups whose snooze has ended, and queues a notice for each that is due.
// Several missed ones share one bulletin. One that is due loses its claimer when the claim is one of
// lost: it is open again, and its reminder is for all. It returns the number of follow-ups.
func (s *Store) Remind(ctx context.Context, now time.Time, lost ...Claim) (int, error) {
	return s.counting(ctx, func(t *Unit) (int, error) {
		woken, err := s.wake(t, now)
		if err != nil {
			return 0, err
		}
		due, err := casesWhere(t, `where u.state in ('open', 'claimed') and u.reminded = 0 and u.due_ms <= $1 order by u.due_ms, u.id`, ms(now))
		if err != nil {
			return 0, err
		}
		if err := s.loseClaimers(t, due, lost, now); err != nil {
			return 0, err
		}
		return woken + len(due), remind(t, due, now)
	})
}

// loseClaimers opens the follow-ups again whose claims are lost.
func (s *Store) loseClaimers(t *Unit, due []followup.Snapshot, lost []Claim, now time.Time) error {
	for _, c := range due {
		if len(lost) == 0 || c.FollowUp.Claimer == "" {
			continue
		}
		claim := Claim{Claimer: c.FollowUp.Claimer}
		err := t.Row(`select slack_channel from outbox where key = $1`, c.Feedback.ID).Scan(&claim.SlackChannel)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if !slices.Contains(lost, claim) {
			continue
		}
		if err := queueRefresh(t, c.Feedback.ID, now); err != nil {
			return err
		}
		if _, err := s.saveFollowUp(t, c.Feedback, c.FollowUp, c.FollowUp.LoseClaimer(now)); err != nil {
			return err
		}
	}
	return nil
}

// wake returns the follow-ups whose snooze has ended to their former state.
func (s *Store) wake(t *Unit, now time.Time) (n int, err error) {
	snoozed, err := casesWhere(t, `where u.state = 'snoozed' and u.snoozed_ms <= $1 order by u.snoozed_ms, u.id`, ms(now))
	if err != nil {
		return 0, err
	}
	for _, c := range snoozed {
		if err := queueRefresh(t, c.Feedback.ID, now); err != nil {
			return 0, err
		}
		if _, err := s.saveFollowUp(t, c.Feedback, c.FollowUp, c.FollowUp.Wake(now)); err != nil {
			return 0, err
		}
	}
	return len(snoozed), nil
}

// remind queues the reminders of follow-ups.
func remind(t *Unit, due []followup.Snapshot, now time.Time) error {
	var missed []string
	for _, c := range due {
		if c.FollowUp.DueAt.Before(now.Add(-remindLate)) {
			missed = append(missed, c.Feedback.ID)
		}
	}
	together := len(missed) > 1
	for _, c := range due {
		f := c.FollowUp
		if !together || !f.DueAt.Before(now.Add(-remindLate)) {
			n := threadNotice{what: NoticeDue, key: dueKey(f), about: c.Feedback, at: now}
			if err := n.queue(t); err != nil {
				return err
			}
		}
		if err := t.Exec(`update followup set reminded = 1 where id = $1`, f.ID); err != nil {
			return err
		}
		if err := queueRefresh(t, c.Feedback.ID, now); err != nil { // it is overdue from now on
			return err
		}
	}
	if !together {
		return nil
	}
	return Bulletin{Notice: NoticeMissed, Key: fmt.Sprintf("%s:%d", NoticeMissed, ms(now)), Covers: missed}.queue(t, now)
}

// dueKey is the key of the reminder of an opening. A follow-up that is snoozed past its due
// time gets another reminder.
func dueKey(f followup.FollowUp) string {
	key := fmt.Sprintf("%s:%s:%d", NoticeDue, f.ID, f.Openings)
	if f.Snoozes > 0 {
		key += fmt.Sprintf(":%d", f.Snoozes)
	}
	return key
}

// Escalate queues one bulletin for the leads about the overdue follow-ups that were not
// escalated since they opened, and records the progress of the job. Suspect clicks wait until
// they are confirmed. If a bulletin with this key exists (two opening times on one day), a
// timestamp is appended to the key. It returns the number of follow-ups.
func (s *Store) Escalate(ctx context.Context, r JobProgress, key string, now time.Time) (int, error) {
	return s.counting(ctx, func(t *Unit) (int, error) {
		overdue, err := casesWhere(t, `where u.state in ('open', 'claimed') and u.escalated = 0 and u.due_ms < $1 and f.suspect = 0 order by u.due_ms, u.id`, ms(now))
		if err != nil {
			return 0, err
		}
		b := Bulletin{Notice: NoticeEscalation, Key: key}
		var exists bool
		if err := t.Row(`select exists (select 1 from outbox where key = $1)`, key).Scan(&exists); err != nil {
			return 0, err
		}
		if exists {
			b.Key = fmt.Sprintf("%s:%d", key, ms(now))
		}
		for _, c := range overdue {
			b.Covers = append(b.Covers, c.Feedback.ID)
			if err := t.Exec(`update followup set escalated = 1 where id = $1`, c.FollowUp.ID); err != nil {
				return 0, err
			}
		}
		if len(overdue) > 0 {
			if err := b.queue(t, now); err != nil {
				return 0, err
			}
		}
		return len(overdue), saveProgress(t, r)
	})
}

// casesWhere reads the cases of a condition.
func casesWhere(t *Unit, where string, args ...any) ([]followup.Snapshot, error) {
	var found []followup.Snapshot
	err := t.Each(collect(&found, func(row Scanner) (followup.Snapshot, error) { return scanSnapshot(row) }), selectSnapshot+"\n"+where, args...)
	return found, err
}

// FeedbackOf lists the feedback that a bulletin is about, with the places of its messages: by
// due time, then the latest first.
func (s *Store) FeedbackOf(ctx context.Context, key string) ([]PostedFeedback, error) {
	return s.waiting(ctx, `where f.id in (select c.feedback_id from covered c where c.key = $1) order by u.due_ms, f.occurred_ms desc, f.id`, key)
}
