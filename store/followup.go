package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Step applies a person's action to the follow-up of a feedback and returns how
// the case stands. Of two people who act at once one wins; the other gets a
// [*followup.InvalidTransitionError] with the state that was found, and the case all
// the same. [ErrNotFound] means there is no such feedback.
//
// Either way Slack's message is shown anew, because the person acted on what it
// said.
func (s *Store) ApplyTransition(ctx context.Context, feedbackID string, step followup.Transition) (followup.Snapshot, error) {
	var c followup.Snapshot
	var refused *followup.InvalidTransitionError
	err := s.writer.do(ctx, func(t *tx) error {
		refused = nil
		before, err := scanCase(t.row(selectCase+` where f.id = $1`, feedbackID))
		if err != nil {
			return err
		}
		next, err := before.FollowUp.Apply(step, s.due(before.Feedback))
		if err != nil && !errors.As(err, &refused) {
			return err
		}
		c.Feedback = before.Feedback
		if c.Feedback.Revision, err = show(t, c.Feedback, step.At); err != nil {
			return err
		}
		c.Recovery = before.Recovery
		c.FollowUp, err = s.saveFollowUp(t, c.Feedback, before.FollowUp, next)
		return err
	})
	if err != nil {
		return followup.Snapshot{}, err
	}
	if refused != nil {
		return c, refused
	}
	return c, nil
}

// due says when a follow-up of a feedback is due that opens at a moment.
func (s *Store) due(f feedback.Feedback) func(opened time.Time) time.Time {
	return func(opened time.Time) time.Time { return s.options.Policy.DueAt(opened, f.Ticket.Urgent) }
}

// Refresh has the message of a feedback shown anew, for a click on one that is
// out of date.
func (s *Store) Refresh(ctx context.Context, feedbackID string, now time.Time) (followup.Snapshot, error) {
	var c followup.Snapshot
	err := s.writer.do(ctx, func(t *tx) (err error) {
		if c, err = scanCase(t.row(selectCase+` where f.id = $1`, feedbackID)); err != nil {
			return err
		}
		c.Feedback.Revision, err = show(t, c.Feedback, now)
		return err
	})
	if err != nil {
		return followup.Snapshot{}, err
	}
	return c, nil
}

// saveFollowUp writes a follow-up that has changed, the transition, and what is to be
// said of it in the thread. It returns what it wrote: a new one has got its id.
func (s *Store) saveFollowUp(t *tx, f feedback.Feedback, before, after followup.FollowUp) (followup.FollowUp, error) {
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
	err := t.exec(`
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
		ms(after.OpenedAt), ms(after.DueAt), after.Openings, nullMS(after.SnoozedUntil), after.Snoozes, after.Reminded, after.Escalated,
		after.BeforeVoid.State, after.BeforeVoid.Claimer, nullMS(after.BeforeVoid.SnoozedUntil), after.BeforeVoid.Explained, after.BeforeVoid.Happy,
		ms(after.ChangedAt), after.ChangedBy)
	if err != nil || before.State == after.State && before.Claimer == after.Claimer {
		return after, err
	}
	if s.options.Outgoing {
		if err := announce(t, f, before, after); err != nil {
			return after, err
		}
	}
	return after, transit(t, f, before, after)
}

// transit keeps a transition, and queues what the thread is to say of it: to whom it
// was handed, and the note with which it ended.
func transit(t *tx, f feedback.Feedback, before, after followup.FollowUp) error {
	id, err := t.insert(`
insert into transition (followup_id, at_ms, made_by, from_state, to_state, claimer, outcome, note)
values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		after.ID, ms(after.ChangedAt), after.ChangedBy, before.State, after.State, after.Claimer, after.Outcome, after.Note)
	if err != nil {
		return fmt.Errorf("keeping a transition: %w", err)
	}
	n := threadNotice{about: f, at: after.ChangedAt}
	switch {
	case before.State.Active() && after.State == followup.StateClaimed && after.Claimer != after.ChangedBy:
		n.what, n.mention = NoticeAssigned, after.Claimer
	case after.Note != "":
		n.what = NoticeDone
	default:
		return nil
	}
	n.key = fmt.Sprintf("%s:%s:%d", n.what, after.ID, id)
	return n.queue(t)
}

// Transition is one change of a follow-up's state that was kept.
type Transition struct {
	FollowUpID string
	At         time.Time
	// By is a Slack user, [feedback.ByCustomer] or [followup.ByClock].
	By       string
	From, To followup.State
	// Claimer is who is on it from then on.
	Claimer string
	Outcome followup.Outcome
	Note    string
}

// Transition returns the transition that the key of a notice names, or [ErrNotFound].
func (s *Store) Transition(ctx context.Context, key string) (Transition, error) {
	id, err := lastNumber(key)
	if err != nil {
		return Transition{}, err
	}
	var found Transition
	err = s.each(ctx, "a transition", func(row scanner) error {
		found, err = scanTransition(row)
		return err
	}, selectTransition+`where id = $1`, id)
	if err == nil && found.FollowUpID == "" {
		err = ErrNotFound
	}
	return found, err
}

const selectTransition = `select followup_id, at_ms, made_by, from_state, to_state, claimer, outcome, note from transition `

func scanTransition(row scanner) (Transition, error) {
	var t Transition
	var at int64
	err := row.Scan(&t.FollowUpID, &at, &t.By, &t.From, &t.To, &t.Claimer, &t.Outcome, &t.Note)
	t.At = time.UnixMilli(at).UTC()
	return t, err
}

// lastNumber is the number at the end of a notice's key.
func lastNumber(key string) (int64, error) {
	n, err := strconv.ParseInt(key[strings.LastIndexByte(key, ':')+1:], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("notice %s: its key has no number", key)
	}
	return n, nil
}
