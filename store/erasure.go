package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Erasures is how far the erasing in Slack is.
type Erasures struct {
	// Wanted counts the messages that are still to be edited, or of which another one is
	// still to be deleted.
	Wanted int
	// Failed are those that Slack lets be neither edited nor deleted.
	Failed []Remnant
}

// Remnant is a message in Slack that tells of a customer who is forgotten.
type Remnant struct {
	// Key is that of the outbox.
	Key, SlackChannel, TS string
}

// perhapsInSlack holds for a row of the outbox of which something stands in Slack, or may.
const perhapsInSlack = `(ts is not null or attempt_ms is not null or former_ts is not null or recheck_from_ms is not null)`

// Erasures tells how far the erasing in Slack is.
func (s *Store) Erasures(ctx context.Context) (Erasures, error) {
	var e Erasures
	err := s.engine.Row(ctx, `select count(*) from outbox where erasure <> '' and erasure = 'wanted' and `+perhapsInSlack).Scan(&e.Wanted)
	if err != nil {
		return e, fmt.Errorf("counting the erasures: %w", err)
	}
	err = s.each(ctx, "the outbox", func(row Scanner) error {
		var r Remnant
		var names string
		err := row.Scan(&r.Key, &r.SlackChannel, &names)
		for r.TS = range strings.FieldsSeq(names) {
			e.Failed = append(e.Failed, r)
		}
		return err
	}, `
select key, slack_channel, ts from outbox where erasure <> '' and erasure = 'failed'
union all select o.key, o.slack_channel, o.stuck_ts from outbox o where `+stuckAndTelling)
	return e, err
}

// stuckAndTelling holds for a row of the outbox of which a message that Slack does not let
// be deleted tells of a customer who is forgotten.
const stuckAndTelling = `o.stuck_ts is not null and (o.notice is null or o.notice in ('explained', 'done', 'void', 'risk')) and (
    exists (select 1 from feedback f where f.id = o.feedback_id and f.forgotten_ms is not null)
    or exists (select 1 from covered c join feedback f on f.id = c.feedback_id where c.key = o.key and f.forgotten_ms is not null))`

// ErasureDone notes that nothing personal is left of a message, by an edit that shows a
// revision or because the message is gone. Messages beside it that are still to be deleted
// are waited for.
func (s *Store) ErasureDone(ctx context.Context, key string, revision int64) error {
	return s.one(ctx, key, `
update outbox set shown = max(shown, $1), retry_ms = 0,
                  erasure = case when $1 < revision then erasure when former_ts is null and recheck_from_ms is null then '' else 'wanted' end
where key = $2 and ts is not null and $1 <= revision`, revision, key)
}

// ErasureFailed notes that Slack lets a message be neither edited nor deleted. It is
// tried again when the bot starts.
func (s *Store) ErasureFailed(ctx context.Context, key string) error {
	return s.one(ctx, key, `update outbox set shown = revision, erasure = 'failed' where key = $1 and ts is not null`, key)
}

// NotDeleted notes that Slack does not let a message be deleted that is not the one of its
// row any more.
func (s *Store) NotDeleted(ctx context.Context, key, ts string) error {
	return s.one(ctx, key, `update outbox set stuck_ts = coalesce(stuck_ts || ' ', '') || $1 where key = $2`, ts, key)
}

// RetryErasures has what failed tried again.
func (s *Store) RetryErasures(ctx context.Context, now time.Time) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		err := t.Exec(`update outbox set erasure = 'wanted', revision = revision + 1, queued_ms = $1 where erasure <> '' and erasure = 'failed'`, ms(now))
		if err != nil {
			return err
		}
		return t.Exec(`
update outbox as o set former_ts = coalesce(former_ts || ' ', '') || stuck_ts, stuck_ts = null, retry_ms = 0,
                       erasure = 'wanted'
where ` + stuckAndTelling)
	})
}
