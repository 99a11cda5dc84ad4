package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Moderate applies a person's moderation of a feedback: whether it counts. The scores, the
// follow-up, the customer's risk and the message change with it, and the moderation is recorded.
// It returns the case. Of two people who act at once, one wins; the other gets a
// [*feedback.ModerationRefusedError] with the case. It returns [ErrNotFound] for an unknown
// feedback.
func (s *Store) Moderate(ctx context.Context, feedbackID string, r feedback.Moderation) (followup.Snapshot, error) {
	var refused *feedback.ModerationRefusedError
	c, err := s.change(ctx, feedbackID, r.At, func(t *Unit, c *followup.Snapshot) error {
		refused = nil
		before := *c
		var err error
		if c.Feedback, err = before.Feedback.Moderate(r); errors.As(err, &refused) {
			return nil
		}
		if err != nil {
			return err
		}
		next, notify := moderateFollowUp(before, c.Feedback, r, s.due(before.Feedback))
		if notify {
			if err := notifyClaimer(t, c.Feedback, next.Claimer, r.At); err != nil {
				return err
			}
		}
		if err := s.saveCounted(t, &before.Feedback, c.Feedback); err != nil {
			return err
		}
		if c.FollowUp, err = s.saveFollowUp(t, c.Feedback, before.FollowUp, next); err != nil {
			return err
		}
		if err := recordModeration(t, c.Feedback, r); err != nil {
			return err
		}
		return s.updateRelated(t, &before.Feedback, c.Feedback, r.At)
	})
	if err == nil && refused != nil {
		err = refused
	}
	return c, err
}

// moderateFollowUp returns the follow-up after a moderation, and whether its claimer must be
// notified of the explanation.
func moderateFollowUp(before followup.Snapshot, after feedback.Feedback, r feedback.Moderation, due func(time.Time) time.Time) (next followup.FollowUp, notify bool) {
	switch r.Action {
	case feedback.ModerationVoid:
		return before.FollowUp.Void(before.Feedback, r.By, r.At), false
	case feedback.ModerationRestore:
		return before.FollowUp.Restore(after, r.By, r.At, due)
	default:
		return before.FollowUp, false
	}
}

// recordModeration records a moderation and queues its notice in the thread.
func recordModeration(t *Unit, f feedback.Feedback, r feedback.Moderation) error {
	id, err := insertModeration(t, f.ID, r)
	if err != nil {
		return err
	}
	n := threadNotice{about: f, at: r.At}
	switch r.Action {
	case feedback.ModerationVoid:
		n.what = NoticeVoid
	case feedback.ModerationRestore:
		n.what = NoticeRestored
	default: // the message shows a confirmation
		return nil
	}
	n.key = fmt.Sprintf("%s:%s:%d", n.what, f.ID, id)
	return n.queue(t)
}

// insertModeration records a moderation and returns its id.
func insertModeration(t *Unit, feedbackID string, r feedback.Moderation) (id int64, err error) {
	return t.Insert(`insert into moderation (feedback_id, at_ms, actor, action, reason) values ($1, $2, $3, $4, $5)`,
		feedbackID, ms(r.At), r.By, r.Action, r.Reason)
}

// Moderation returns the moderation that the key of a notice names, or [ErrNotFound].
func (s *Store) Moderation(ctx context.Context, key string) (feedback.Moderation, error) {
	id, err := lastNumber(key)
	if err != nil {
		return feedback.Moderation{}, err
	}
	var r feedback.Moderation
	err = s.row(ctx, "a moderation", `select action, actor, reason, at_ms from moderation where id = $1`, id).
		Scan(&r.Action, &r.By, &r.Reason, momentIn(&r.At))
	return r, err
}
