package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smileybot/feedback"
)

// show asks for the message of a feedback to be posted, or shown anew when
// changed, and returns the revision that is wanted.
func show(t *tx, f feedback.Feedback, changed bool, now time.Time) (int64, error) {
	if !changed {
		return f.Revision, nil
	}
	var revision int64
	err := t.row(`
insert into outbox (key, feedback_id, mention, channel, rank, queued_ms, revision)
values ($1, $1, '', $2, $3, $4, 1)
on conflict (key) do update set
    revision = outbox.revision + 1, rank = excluded.rank,
    queued_ms = case when outbox.shown = outbox.revision then excluded.queued_ms else outbox.queued_ms end
returning revision`,
		f.ID, f.Channel, rank(f), ms(now)).Scan(&revision)
	if err != nil {
		return 0, fmt.Errorf("queueing for Slack: %w", err)
	}
	return revision, nil
}

// rank puts red before yellow before green.
func rank(f feedback.Feedback) int { return f.Colour().Value() - 1 }

// tell queues the notice that a claimed follow-up was explained. Its key names
// the revision, so that each explanation is told once.
func tell(t *tx, f feedback.Feedback, claimer string, now time.Time) error {
	key := fmt.Sprintf("%s:%s:%d", NoticeExplained, f.ID, f.Revision)
	return t.exec(`
insert into outbox (key, feedback_id, notice, mention, channel, rank, queued_ms, revision)
values ($1, $2, $3, $4, $5, 0, $6, 1)
on conflict (key) do nothing`,
		key, f.ID, NoticeExplained, claimer, f.Channel, ms(now))
}

// Attempt notes that a post begins, before it does: whatever happens then, a
// restart knows that Slack may have the message.
func (s *Store) Attempt(ctx context.Context, key, slackChannel string, at time.Time) error {
	return s.one(ctx, key, `
update outbox set attempt_ms = $1, doubt_ms = null, slack_channel = $2
where key = $3 and ts is null and attempt_ms is null`, ms(at), slackChannel, key)
}

// Doubt notes that a post ended without a known result.
func (s *Store) Doubt(ctx context.Context, key string, at time.Time) error {
	return s.one(ctx, key, `update outbox set doubt_ms = $1 where key = $2 and attempt_ms is not null`, ms(at), key)
}

// Abandon notes that Slack certainly did not post, and when to try again.
func (s *Store) Abandon(ctx context.Context, key string, retry time.Time) error {
	return s.one(ctx, key, `
update outbox set attempt_ms = null, doubt_ms = null, retry_ms = $1 where key = $2 and ts is null`, ms(retry), key)
}

// Vanished notes that a doubtful post is not in the channel's history. It is to
// be posted again, and its late message to be looked for after that.
func (s *Store) Vanished(ctx context.Context, key string) error {
	return s.one(ctx, key, `
update outbox set recheck_from_ms = coalesce(recheck_from_ms, attempt_ms), attempt_ms = null, doubt_ms = null
where key = $1 and attempt_ms is not null`, key)
}

// RecheckAfter is how long after posting again the second look is taken.
const RecheckAfter = time.Minute

// Posted links a message that stands in Slack and shows a revision of it. One
// that was posted again after a doubtful attempt is looked at once more after
// [RecheckAfter].
func (s *Store) Posted(ctx context.Context, key, slackChannel, ts string, revision int64, at time.Time) error {
	return s.one(ctx, key, `
update outbox set slack_channel = $1, ts = $2, shown = min($3, revision), posted_ms = $4,
                  recheck_ms = case when recheck_from_ms is null then null else $5 end,
                  attempt_ms = null, doubt_ms = null, retry_ms = 0
where key = $6 and ts is null`, slackChannel, ts, max(revision, 1), ms(at), ms(at.Add(RecheckAfter)), key)
}

// Edited notes which revision a message in Slack shows now.
func (s *Store) Edited(ctx context.Context, key string, revision int64) error {
	return s.one(ctx, key, `
update outbox set shown = max(shown, $1), retry_ms = 0 where key = $2 and ts is not null and $1 <= revision`, revision, key)
}

// Postpone has an edit wait.
func (s *Store) Postpone(ctx context.Context, key string, retry time.Time) error {
	return s.one(ctx, key, `update outbox set retry_ms = $1 where key = $2`, ms(retry), key)
}

// Unlink gives up a message that Slack no longer lets us edit: a new one will be
// posted, and what is left of the former deleted.
func (s *Store) Unlink(ctx context.Context, key string, now time.Time) error {
	return s.one(ctx, key, `
update outbox set former_ts = ts, ts = null, shown = 0, posted_ms = null, queued_ms = $1
where key = $2 and ts is not null`, ms(now), key)
}

// FormerGone notes that a former message needs no more care.
func (s *Store) FormerGone(ctx context.Context, key string) error {
	return s.one(ctx, key, `update outbox set former_ts = null where key = $1`, key)
}

// Rechecked notes that the second look was taken.
func (s *Store) Rechecked(ctx context.Context, key string) error {
	return s.one(ctx, key, `update outbox set recheck_ms = null, recheck_from_ms = null where key = $1`, key)
}

// errNoRow is returned when an outbox row was not in the state that was expected.
var errNoRow = errors.New("the outbox row is not in the expected state")

// one runs an update that must change exactly one row of the outbox.
func (s *Store) one(ctx context.Context, key, query string, args ...any) error {
	return s.writer.do(ctx, func(t *tx) error {
		n, err := t.affect(query, args...)
		if err != nil {
			return fmt.Errorf("outbox %s: %w", key, err)
		}
		if n != 1 {
			return fmt.Errorf("outbox %s: %w", key, errNoRow)
		}
		return nil
	})
}

// Pause keeps until when Slack asked for silence on a method.
func (s *Store) Pause(ctx context.Context, method string, until time.Time) error {
	return s.writer.do(ctx, func(t *tx) error {
		return t.exec(`
insert into pause (method, until_ms) values ($1, $2)
on conflict (method) do update set until_ms = max(pause.until_ms, excluded.until_ms)`, method, ms(until))
	})
}

// Pauses returns until when each method must be silent.
func (s *Store) Pauses(ctx context.Context) (map[string]time.Time, error) {
	rows, err := s.read.QueryContext(ctx, `select method, until_ms from pause`)
	if err != nil {
		return nil, fmt.Errorf("reading the pauses: %w", err)
	}
	defer rows.Close()
	pauses := make(map[string]time.Time)
	for rows.Next() {
		var method string
		var until int64
		if err := rows.Scan(&method, &until); err != nil {
			return nil, fmt.Errorf("reading the pauses: %w", err)
		}
		pauses[method] = time.UnixMilli(until)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the pauses: %w", err)
	}
	return pauses, nil
}
