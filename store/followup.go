package store

import (
	"context"
	"errors"
	"fmt"
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
	err := s.writer.do(ctx, func(t *tx) error {
		refused = nil
		before, err := scanCase(t.row(selectCase+` where f.id = $1`, feedbackID))
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
		c.FollowUp, err = saveFollowUp(t, feedbackID, before.FollowUp, next)
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
	err := s.writer.do(ctx, func(t *tx) (err error) {
		if c, err = scanCase(t.row(selectCase+` where f.id = $1`, feedbackID)); err != nil {
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

// saveFollowUp writes a follow-up that has changed, and the transition. It
// returns what it wrote: a new one has got its id.
func saveFollowUp(t *tx, feedbackID string, before, after feedback.FollowUp) (feedback.FollowUp, error) {
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
insert into followup (id, feedback_id, state, claimer, outcome, note, opened_ms, due_ms, openings, changed_ms, changed_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (id) do update set
    state = excluded.state, claimer = excluded.claimer, outcome = excluded.outcome, note = excluded.note,
    opened_ms = excluded.opened_ms, due_ms = excluded.due_ms, openings = excluded.openings,
    changed_ms = excluded.changed_ms, changed_by = excluded.changed_by`,
		after.ID, feedbackID, after.State, after.Claimer, after.Outcome, after.Note,
		ms(after.OpenedAt), ms(after.DueAt), after.Openings, ms(after.ChangedAt), after.ChangedBy)
	if err != nil || before.State == after.State {
		return after, err
	}
	return after, t.exec(`
insert into transition (followup_id, at_ms, made_by, from_state, to_state, outcome, note)
values ($1, $2, $3, $4, $5, $6, $7)`,
		after.ID, ms(after.ChangedAt), after.ChangedBy, before.State, after.State, after.Outcome, after.Note)
}

// Waiting is a follow-up in the queue, with where its message stands in Slack;
// SlackChannel and TS are empty before it is posted.
type Waiting struct {
	feedback.Case
	SlackChannel, TS string
}

// Queue lists the follow-ups that wait for somebody, urgent ones first, then
// first in, first out: at most limit of them, and how many there are in all.
func (s *Store) Queue(ctx context.Context, limit int) (queue []Waiting, total int, err error) {
	err = s.read.QueryRowContext(ctx, `select count(*) from followup where state in ('open', 'claimed')`).Scan(&total)
	if err != nil {
		return nil, 0, fmt.Errorf("counting the follow-ups: %w", err)
	}
	queue, err = s.waiting(ctx, `where u.state in ('open', 'claimed')
order by f.ticket_urgent desc, u.opened_ms, u.id limit $1`, limit)
	return queue, total, err
}

const selectWaiting = "select " + caseColumns + ", coalesce(o.slack_channel, ''), coalesce(o.ts, '')" + caseTables + "\n"

// waiting reads cases with where their messages stand in Slack.
func (s *Store) waiting(ctx context.Context, where string, args ...any) ([]Waiting, error) {
	var found []Waiting
	err := s.each(ctx, "the follow-ups", func(row scanner) error {
		var w Waiting
		var err error
		w.Case, err = scanCase(row, &w.SlackChannel, &w.TS)
		found = append(found, w)
		return err
	}, selectWaiting+where, args...)
	return found, err
}

// FollowUps counts the follow-ups by state.
func (s *Store) FollowUps(ctx context.Context) (map[feedback.State]int, error) {
	counted := make(map[feedback.State]int)
	err := s.each(ctx, "the follow-ups", func(row scanner) error {
		var state feedback.State
		var n int
		err := row.Scan(&state, &n)
		counted[state] = n
		return err
	}, `select state, count(*) from followup group by state`)
	return counted, err
}
