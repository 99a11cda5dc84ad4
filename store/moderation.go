package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smileybot/feedback"
)

// Moderate applies a person's moderation of a feedback: whether it counts. The scores, the
// follow-up, the customer's risk and the message change with it, and the moderation is
// recorded. It returns the case. Of two people who act at once, one wins; the other gets a
// [*feedback.ActRefusedError] with the case. It returns [ErrNotFound] for an unknown
// feedback, and [ErrUnavailable] when the database cannot be written.
func (s *Store) Moderate(ctx context.Context, feedbackID string, r feedback.Ruling) (feedback.Case, error) {
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
		if c.Feedback.Revision, err = queueRevision(t, c.Feedback, r.At); err != nil || refused != nil {
			return err
		}
		var notify bool
		c.FollowUp, notify = moderateFollowUp(before, c.Feedback, r, s.due(before.Feedback))
		if notify {
			if err := notifyClaimer(t, c.Feedback, c.FollowUp.Claimer, r.At); err != nil {
				return err
			}
		}
		return s.saveModeration(t, before, &c, r)
	})
	if err != nil {
		return feedback.Case{}, err
	}
	if refused != nil {
		return c, refused
	}
	return c, nil
}

// moderateFollowUp returns the follow-up after a moderation, and whether its claimer must be
// notified of the explanation.
func moderateFollowUp(before feedback.Case, after feedback.Feedback, r feedback.Ruling, due func(time.Time) time.Time) (next feedback.FollowUp, notify bool) {
	switch r.Act {
	case feedback.ActVoid:
		return before.FollowUp.Void(before.Feedback, r.By, r.At), false
	case feedback.ActRestore:
		return before.FollowUp.Restore(after, r.By, r.At, due)
	default:
		return before.FollowUp, false
	}
}

// saveModeration writes what a moderation changed.
func (s *Store) saveModeration(t *Unit, before feedback.Case, after *feedback.Case, r feedback.Ruling) error {
	f := after.Feedback
	if err := s.addTally(t, &before.Feedback, f); err != nil {
		return err
	}
	served, err := s.service(t, &before.Feedback, f)
	if err != nil {
		return err
	}
	if err := s.saveFeedback(t, f); err != nil {
		return err
	}
	if err := note(t, served, countAt); err != nil {
		return err
	}
	if after.FollowUp, err = s.saveFollowUp(t, f, before.FollowUp, after.FollowUp); err != nil {
		return err
	}
	if err := recordModeration(t, f, r); err != nil {
		return err
	}
	return s.updateRelated(t, &before.Feedback, f, r.At)
}

// recordModeration records a moderation and queues its notice in the thread.
func recordModeration(t *Unit, f feedback.Feedback, r feedback.Ruling) error {
	id, err := insertModeration(t, f.ID, r)
	what := noticeOf(r.Act)
	if err != nil || what == "" {
		return err
	}
	n := threadNotice{what: what, key: fmt.Sprintf("%s:%s:%d", what, f.ID, id), about: f, at: r.At}
	return n.queue(t)
}

// noticeOf is the notice of a moderation in the thread. A confirmation has no notice: the
// message shows it.
func noticeOf(a feedback.Act) string {
	switch a {
	case feedback.ActVoid:
		return NoticeVoid
	case feedback.ActRestore:
		return NoticeRestored
	default:
		return ""
	}
}

// insertModeration records a moderation and returns its id.
func insertModeration(t *Unit, feedbackID string, r feedback.Ruling) (id int64, err error) {
	id, err = t.Insert(`insert into moderation (feedback_id, at_ms, actor, action, reason) values ($1, $2, $3, $4, $5)`,
		feedbackID, ms(r.At), r.By, r.Act, r.Reason)
	if err != nil {
		return 0, fmt.Errorf("storing a moderation: %w", err)
	}
	return id, nil
}

// Moderation returns the moderation that the key of a notice names, or [ErrNotFound].
func (s *Store) Moderation(ctx context.Context, key string) (feedback.Ruling, error) {
	id, err := lastNumber(key)
	if err != nil {
		return feedback.Ruling{}, err
	}
	var r feedback.Ruling
	err = s.each(ctx, "a moderation", func(row Scanner) error {
		var at int64
		err := row.Scan(&r.Act, &r.By, &r.Reason, &at)
		r.At = time.UnixMilli(at).UTC()
		return err
	}, `select action, actor, reason, at_ms from moderation where id = $1`, id)
	if err == nil && r.Act == "" {
		err = ErrNotFound
	}
	return r, err
}
