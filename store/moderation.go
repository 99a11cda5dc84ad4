package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smileybot/feedback"
)

// Rule applies a person's act on a feedback: whether it counts. The scores, its
// follow-up, what is said of its customer and its message follow, and it is kept who
// did what. It returns how the case stands. Of two people who act at once one wins; the
// other gets a [*feedback.ActRefusedError], and the case all the same. [ErrNotFound]
// means there is no such feedback.
func (s *Store) Rule(ctx context.Context, feedbackID string, r feedback.Ruling) (feedback.Case, error) {
	var c feedback.Case
	var refused *feedback.ActRefusedError
	err := s.engine.Write(ctx, func(t *Unit) error {
		refused = nil
		before, err := scanCase(t.Row(selectCase+` where f.id = $1`, feedbackID))
		if err != nil {
			return err
		}
		c = before
		c.Feedback, err = before.Feedback.Rule(r)
		if err != nil && !errors.As(err, &refused) {
			return err
		}
		if c.Feedback.Revision, err = show(t, c.Feedback, r.At); err != nil || refused != nil {
			return err
		}
		var told bool
		c.FollowUp, told = ruled(before, c.Feedback, r, s.due(before.Feedback))
		if told {
			if err := tell(t, c.Feedback, c.FollowUp.Claimer, r.At); err != nil {
				return err
			}
		}
		return s.rule(t, before, &c, r)
	})
	if err != nil {
		return feedback.Case{}, err
	}
	if refused != nil {
		return c, refused
	}
	return c, nil
}

// ruled is what an act makes of the follow-up, and whether its claimer is to be told that
// the explanation has come.
func ruled(before feedback.Case, after feedback.Feedback, r feedback.Ruling, due func(time.Time) time.Time) (next feedback.FollowUp, told bool) {
	switch r.Act {
	case feedback.ActVoid:
		return before.FollowUp.Void(before.Feedback, r.By, r.At), false
	case feedback.ActRestore:
		return before.FollowUp.Restore(after, r.By, r.At, due)
	default:
		return before.FollowUp, false
	}
}

// rule writes what an act changed.
func (s *Store) rule(t *Unit, before feedback.Case, after *feedback.Case, r feedback.Ruling) error {
	f := after.Feedback
	if err := s.addTally(t, &before.Feedback, f); err != nil {
		return err
	}
	served, err := s.service(t, &before.Feedback, f)
	if err != nil {
		return err
	}
	if err := s.save(t, f); err != nil {
		return err
	}
	if err := note(t, served, countAt); err != nil {
		return err
	}
	if after.FollowUp, err = s.saveFollowUp(t, f, before.FollowUp, after.FollowUp); err != nil {
		return err
	}
	if err := keepRuling(t, f, r); err != nil {
		return err
	}
	return s.beside(t, &before.Feedback, f, r.At)
}

// keepRuling adds an act to the history of a feedback, and has the thread tell of it.
func keepRuling(t *Unit, f feedback.Feedback, r feedback.Ruling) error {
	id, err := keepAct(t, f.ID, r)
	what := sayOf(r.Act)
	if err != nil || what == "" {
		return err
	}
	n := threadNotice{what: what, key: fmt.Sprintf("%s:%s:%d", what, f.ID, id), about: f, at: r.At}
	return n.queue(t)
}

// sayOf is the notice in which the thread tells of an act; a confirmed click is the
// message's alone to tell.
func sayOf(a feedback.Act) string {
	switch a {
	case feedback.ActVoid:
		return NoticeVoid
	case feedback.ActRestore:
		return NoticeRestored
	default:
		return ""
	}
}

// keepAct adds an act to a feedback's history.
func keepAct(t *Unit, feedbackID string, r feedback.Ruling) (id int64, err error) {
	id, err = t.Insert(`insert into act (feedback_id, at_ms, made_by, what, reason) values ($1, $2, $3, $4, $5)`,
		feedbackID, ms(r.At), r.By, r.Act, r.Reason)
	if err != nil {
		return 0, fmt.Errorf("keeping an act: %w", err)
	}
	return id, nil
}

// Ruling returns the act that the key of a notice names, or [ErrNotFound].
func (s *Store) Ruling(ctx context.Context, key string) (feedback.Ruling, error) {
	id, err := lastNumber(key)
	if err != nil {
		return feedback.Ruling{}, err
	}
	var r feedback.Ruling
	err = s.each(ctx, "an act", func(row Scanner) error {
		var at int64
		err := row.Scan(&r.Act, &r.By, &r.Reason, &at)
		r.At = time.UnixMilli(at).UTC()
		return err
	}, `select what, made_by, reason, at_ms from act where id = $1`, id)
	if err == nil && r.Act == "" {
		err = ErrNotFound
	}
	return r, err
}
