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
)

// Step applies a person's action to the follow-up of a feedback and returns how
// the case stands. Of two people who act at once one wins; the other gets a
// [*feedback.NotPossibleError] with the state that was found, and the case all
// the same. [ErrNotFound] means there is no such feedback.
//
// Either way Slack's message is shown anew, because the person acted on what it
// said.
func (s *Store) Step(ctx context.Context, feedbackID string, step feedback.Step) (feedback.Case, error) {
	var c feedback.Case
	var refused *feedback.NotPossibleError
	err := s.engine.Write(ctx, func(t *Unit) error {
		refused = nil
		before, err := scanCase(t.Row(selectCase+` where f.id = $1`, feedbackID))
		if err != nil {
			return err
		}
		next, err := before.FollowUp.Take(step, s.due(before.Feedback))
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
		return feedback.Case{}, err
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
func (s *Store) Refresh(ctx context.Context, feedbackID string, now time.Time) (feedback.Case, error) {
	var c feedback.Case
	err := s.engine.Write(ctx, func(t *Unit) (err error) {
		if c, err = scanCase(t.Row(selectCase+` where f.id = $1`, feedbackID)); err != nil {
			return err
		}
		c.Feedback.Revision, err = show(t, c.Feedback, now)
		return err
	})
	if err != nil {
		return feedback.Case{}, err
	}
	return c, nil
}

// saveFollowUp writes a follow-up that has changed, the transition, and what is to be
// said of it in the thread. It returns what it wrote: a new one has got its id.
func (s *Store) saveFollowUp(t *Unit, f feedback.Feedback, before, after feedback.FollowUp) (feedback.FollowUp, error) {
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
		ms(after.OpenedAt), ms(after.DueAt), after.Openings, nullMS(after.SnoozedUntil), after.Snoozes, after.Reminded, after.Escalated,
		after.Was.State, after.Was.Claimer, nullMS(after.Was.SnoozedUntil), after.Was.Explained, after.Was.Happy,
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
func transit(t *Unit, f feedback.Feedback, before, after feedback.FollowUp) error {
	id, err := t.Insert(`
insert into transition (followup_id, at_ms, made_by, from_state, to_state, claimer, outcome, note)
values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		after.ID, ms(after.ChangedAt), after.ChangedBy, before.State, after.State, after.Claimer, after.Outcome, after.Note)
	if err != nil {
		return fmt.Errorf("keeping a transition: %w", err)
	}
	n := threadNotice{about: f, at: after.ChangedAt}
	switch {
	case before.State.Active() && after.State == feedback.StateClaimed && after.Claimer != after.ChangedBy:
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
	// By is a Slack user, [feedback.ByCustomer] or [feedback.ByClock].
	By       string
	From, To feedback.State
	// Claimer is who is on it from then on.
	Claimer string
	Outcome feedback.Outcome
	Note    string
}

// Transition returns the transition that the key of a notice names, or [ErrNotFound].
func (s *Store) Transition(ctx context.Context, key string) (Transition, error) {
	id, err := lastNumber(key)
	if err != nil {
		return Transition{}, err
	}
	var found Transition
	err = s.each(ctx, "a transition", func(row Scanner) error {
		found, err = scanTransition(row)
		return err
	}, selectTransition+`where id = $1`, id)
	if err == nil && found.FollowUpID == "" {
		err = ErrNotFound
	}
	return found, err
}

const selectTransition = `select followup_id, at_ms, made_by, from_state, to_state, claimer, outcome, note from transition `

func scanTransition(row Scanner) (Transition, error) {
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
