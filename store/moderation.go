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
	c, err := s.change(ctx, feedbackID, r.At, func(t *Unit, before followup.Snapshot) (apply, error) {
		refused = nil
		outdated, err := moderatedSince(t, before, r)
		if err != nil {
			return nil, err
		}
		after, err := before.Feedback.Moderate(r)
		if outdated && err == nil {
			err = &feedback.ModerationRefusedError{Action: r.Action, Now: before.Feedback}
		}
		if errors.As(err, &refused) {
			return nil, nil
		}
		return func(c *followup.Snapshot) error {
			after.Revision = c.Feedback.Revision
			c.Feedback = after
			return s.saveModeration(t, before, c, r)
		}, err
	})
	if err == nil && refused != nil {
		err = refused
	}
	return c, err
}

// moderatedSince reports whether a person who decides has not seen the last void or restore of another,
// or the present follow-up.
func moderatedSince(t *Unit, c followup.Snapshot, r feedback.Moderation) (bool, error) {
	saw, err := seenBy(t.Row, c, followup.Seen{Revision: r.Revision, Form: r.Action == feedback.ModerationVoid})
	if err != nil || saw.Revision == 0 {
		return false, err
	}
	var since bool
	err = t.Row(`select exists (select 1 from moderation where feedback_id = $1 and revision > $2 and actor <> $3)`, c.Feedback.ID, saw.Revision, r.By).Scan(&since)
	return since || saw.Outdated(c.FollowUp, r.By), err
}

// saveModeration writes a decision about a feedback, with what follows from it.
func (s *Store) saveModeration(t *Unit, before followup.Snapshot, c *followup.Snapshot, r feedback.Moderation) error {
	next, notify := moderateFollowUp(before, c.Feedback, r, s.due(before.Feedback))
	if notify {
		if err := notifyClaimer(t, c.Feedback, next.Claimer, r.At); err != nil {
			return err
		}
	}
	err := s.saveCounted(t, &before.Feedback, c.Feedback)
	if err != nil {
		return err
	}
	if c.FollowUp, err = s.saveFollowUp(t, c.Feedback, before.FollowUp, next); err != nil {
		return err
	}
	if err := recordModeration(t, c.Feedback, r); err != nil {
		return err
	}
	return s.updateRelated(t, &before.Feedback, c.Feedback, r.At)
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
	return t.Insert(`
insert into moderation (feedback_id, at_ms, actor, action, reason, revision)
values ($1, $2, $3, $4, $5, coalesce((select revision from outbox where key = $6), 0))`,
		feedbackID, ms(r.At), r.By, r.Action, r.Reason, feedbackID)
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
