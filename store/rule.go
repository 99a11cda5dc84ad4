package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Rule applies a person's act on a feedback: whether it counts. The scores, its
// follow-up, what is said of its customer and its message follow, and it is kept who
// did what. It returns how the case stands. Of two people who act at once one wins; the
// other gets a [*feedback.ModerationRefusedError], and the case all the same. [ErrNotFound]
// means there is no such feedback.
func (s *Store) Moderate(ctx context.Context, feedbackID string, r feedback.Moderation) (followup.Snapshot, error) {
	var c followup.Snapshot
	var refused *feedback.ModerationRefusedError
	err := s.writer.do(ctx, func(t *tx) error {
		refused = nil
		before, err := scanCase(t.row(selectCase+` where f.id = $1`, feedbackID))
		if err != nil {
			return err
		}
		c = before
		c.Feedback, err = before.Feedback.Moderate(r)
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
		return followup.Snapshot{}, err
	}
	if refused != nil {
		return c, refused
	}
	return c, nil
}

// ruled is what an act makes of the follow-up, and whether its claimer is to be told that
// the explanation has come.
func ruled(before followup.Snapshot, after feedback.Feedback, r feedback.Moderation, due func(time.Time) time.Time) (next followup.FollowUp, told bool) {
	switch r.Action {
	case feedback.ModerationVoid:
		return before.FollowUp.Void(before.Feedback, r.By, r.At), false
	case feedback.ModerationRestore:
		return before.FollowUp.Restore(after, r.By, r.At, due)
	default:
		return before.FollowUp, false
	}
}

// rule writes what an act changed.
func (s *Store) rule(t *tx, before followup.Snapshot, after *followup.Snapshot, r feedback.Moderation) error {
	f := after.Feedback
	if err := s.tally(t, &before.Feedback, f); err != nil {
		return err
	}
	if err := s.save(t, f); err != nil {
		return err
	}
	if err := s.updateService(t, &before.Feedback, f); err != nil {
		return err
	}
	var err error
	if after.FollowUp, err = s.saveFollowUp(t, f, before.FollowUp, after.FollowUp); err != nil {
		return err
	}
	if err := keepRuling(t, f, r); err != nil {
		return err
	}
	return s.beside(t, &before.Feedback, f, r.At)
}

// keepRuling adds an act to the history of a feedback, and has the thread tell of it.
func keepRuling(t *tx, f feedback.Feedback, r feedback.Moderation) error {
	id, err := keepAct(t, f.ID, r)
	what := sayOf(r.Action)
	if err != nil || what == "" {
		return err
	}
	n := threadNotice{what: what, key: fmt.Sprintf("%s:%s:%d", what, f.ID, id), about: f, at: r.At}
	return n.queue(t)
}

// sayOf is the notice in which the thread tells of an act; a confirmed click is the
// message's alone to tell.
func sayOf(a feedback.ModerationAction) string {
	switch a {
	case feedback.ModerationVoid:
		return NoticeVoid
	case feedback.ModerationRestore:
		return NoticeRestored
	default:
		return ""
	}
}

// keepAct adds an act to a feedback's history.
func keepAct(t *tx, feedbackID string, r feedback.Moderation) (id int64, err error) {
	id, err = t.insert(`insert into act (feedback_id, at_ms, made_by, what, reason) values ($1, $2, $3, $4, $5)`,
		feedbackID, ms(r.At), r.By, r.Action, r.Reason)
	if err != nil {
		return 0, fmt.Errorf("keeping an act: %w", err)
	}
	return id, nil
}

// Ruling returns the act that the key of a notice names, or [ErrNotFound].
func (s *Store) Moderation(ctx context.Context, key string) (feedback.Moderation, error) {
	id, err := lastNumber(key)
	if err != nil {
		return feedback.Moderation{}, err
	}
	var r feedback.Moderation
	err = s.each(ctx, "an act", func(row scanner) error {
		var at int64
		err := row.Scan(&r.Action, &r.By, &r.Reason, &at)
		r.At = time.UnixMilli(at).UTC()
		return err
	}, `select what, made_by, reason, at_ms from act where id = $1`, id)
	if err == nil && r.Action == "" {
		err = ErrNotFound
	}
	return r, err
}
