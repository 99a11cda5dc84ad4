package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"smileybot/feedback"
)

// remindLate is how long after its due moment a reminder is still on time. What came
// due earlier was missed: the bot was away, or its machine asleep.
const remindLate = 10 * time.Minute

// NextReminder is the next moment at which [Store.Remind] has something to do, maybe
// already past; zero when there is none.
func (s *Store) NextReminder(ctx context.Context) (time.Time, error) {
	var next sql.NullInt64
	err := s.engine.Row(ctx, `
select min(at) from (
    select min(due_ms) as at from followup where state in ('open', 'claimed') and reminded = 0
    union all select min(snoozed_ms) from followup where state = 'snoozed')`).Scan(&next)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading what is due next: %w", err)
	}
	return moment(next), nil
}

// Remind brings back the follow-ups whose snooze has ended, and has it said in the
// thread of each that has come due. Several that were missed are told together in one
// bulletin. It returns how many follow-ups it concerned.
func (s *Store) Remind(ctx context.Context, now time.Time) (n int, err error) {
	err = s.engine.Write(ctx, func(t *Unit) error {
		woken, err := s.wake(t, now)
		if err != nil {
			return err
		}
		due, err := cases(t, `where u.state in ('open', 'claimed') and u.reminded = 0 and u.due_ms <= $1 order by u.due_ms, u.id`, ms(now))
		if err != nil {
			return err
		}
		n = woken + len(due)
		return remind(t, due, now)
	})
	return n, err
}

// wake brings back the follow-ups whose snooze has ended, each to where it was.
func (s *Store) wake(t *Unit, now time.Time) (n int, err error) {
	snoozed, err := cases(t, `where u.state = 'snoozed' and u.snoozed_ms <= $1 order by u.snoozed_ms, u.id`, ms(now))
	if err != nil {
		return 0, err
	}
	for _, c := range snoozed {
		if err := showAnew(t, c.Feedback.ID, now); err != nil {
			return 0, err
		}
		if _, err := s.saveFollowUp(t, c.Feedback, c.FollowUp, c.FollowUp.Wake(now)); err != nil {
			return 0, err
		}
	}
	return len(snoozed), nil
}

// remind has it said of follow-ups that they are due.
func remind(t *Unit, due []feedback.Case, now time.Time) error {
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
			return fmt.Errorf("noting a reminder: %w", err)
		}
		if err := showAnew(t, c.Feedback.ID, now); err != nil { // it is overdue from now on
			return err
		}
	}
	if !together {
		return nil
	}
	return Bulletin{Notice: NoticeMissed, Key: fmt.Sprintf("%s:%d", NoticeMissed, ms(now)), Covers: missed}.queue(t, now)
}

// dueKey names the reminder of an opening; one that was snoozed past its due time is
// due once more.
func dueKey(f feedback.FollowUp) string {
	key := fmt.Sprintf("%s:%s:%d", NoticeDue, f.ID, f.Openings)
	if f.Snoozes > 0 {
		key += fmt.Sprintf(":%d", f.Snoozes)
	}
	return key
}

// Escalate has the leads told, in one bulletin, of the follow-ups that are overdue and
// that they were not told of since they opened, and notes how far the routine is. Suspect
// clicks wait until somebody has confirmed them. When there is a bulletin of that key
// already, because a day had two openings, this one's says when it was made, too. It
// returns how many there are.
func (s *Store) Escalate(ctx context.Context, r Routine, key string, now time.Time) (n int, err error) {
	err = s.engine.Write(ctx, func(t *Unit) error {
		overdue, err := cases(t, `where u.state in ('open', 'claimed') and u.escalated = 0 and u.due_ms < $1 and f.suspect = 0 order by u.due_ms, u.id`, ms(now))
		if err != nil {
			return err
		}
		b := Bulletin{Notice: NoticeEscalation, Key: key}
		var stands bool
		if err := t.Row(`select exists (select 1 from outbox where key = $1)`, key).Scan(&stands); err != nil {
			return fmt.Errorf("looking for the last escalation: %w", err)
		}
		if stands {
			b.Key = fmt.Sprintf("%s:%d", key, ms(now))
		}
		for _, c := range overdue {
			b.Covers = append(b.Covers, c.Feedback.ID)
			if err := t.Exec(`update followup set escalated = 1 where id = $1`, c.FollowUp.ID); err != nil {
				return fmt.Errorf("noting an escalation: %w", err)
			}
		}
		if n = len(overdue); n > 0 {
			if err := b.queue(t, now); err != nil {
				return err
			}
		}
		return advance(t, r)
	})
	return n, err
}

// cases reads what is to be changed.
func cases(t *Unit, where string, args ...any) ([]feedback.Case, error) {
	var found []feedback.Case
	err := t.Each(func(row Scanner) error {
		c, err := scanCase(row)
		found = append(found, c)
		return err
	}, selectCase+"\n"+where, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the follow-ups: %w", err)
	}
	return found, nil
}

// Covered lists the feedback that a bulletin is about, with where its messages stand:
// the due first, then the latest.
func (s *Store) Covered(ctx context.Context, key string) ([]Waiting, error) {
	return s.waiting(ctx, `where f.id in (select c.feedback_id from covered c where c.key = $1) order by u.due_ms, f.occurred_ms desc, f.id`, key)
}
