package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"smileybot/feedback"
)

// The outbox is level-triggered and holds no texts. A row has the revision of a message that
// is wanted and the revision that Slack shows; the deliverer renders the present state. Ten
// changes during an outage of Slack become one edit, and after a crash the two numbers say
// what is left to do.

// Item is one row of the outbox: the living message of a feedback, or a notice that is posted
// once.
type Item struct {
	// Key is the feedback's id, or the notice's key.
	Key string
	// FeedbackID is empty for a [Bulletin].
	FeedbackID string
	// Notice is the kind of a notice, empty for a living message; Mention is the Slack user
	// that it is for.
	Notice, Mention string
	// Channel is the feedback's, which selects the Slack channel; empty for a bulletin.
	Channel feedback.Channel
	// Rank is 0 for red, 1 for yellow, 2 for green.
	Rank int
	// QueuedAt is when it began to wait to be posted or edited.
	QueuedAt time.Time
	// Revision is wanted; Shown is in Slack, 0 when nothing is.
	Revision, Shown int64
	// SlackChannel and TS name the message in Slack. Without TS, the channel is the one of
	// the last attempt.
	SlackChannel, TS string
	// Thread is the message in whose thread a notice is posted.
	Thread string
	// AttemptAt is when a post began whose result is unknown; DoubtAt is when it ended.
	AttemptAt, DoubtAt time.Time
	// RecheckFrom is the attempt whose late message must still be looked for.
	RecheckFrom time.Time
	// Formers are replaced messages that must be deleted.
	Predecessors []string
	// Erasure reports that personal data must be removed from the message, or could not be.
	// The message is edited or else deleted, and never posted again.
	Erasure bool
}

// Living reports whether the item is the living message of a feedback.
func (i Item) Living() bool { return i.Notice == "" }

// Bulletin reports whether the item is one, see [Bulletin].
func (i Item) Bulletin() bool { return i.FeedbackID == "" }

// Before reports whether i comes before another item: red before yellow before green, then
// older first.
func (i Item) Before(other Item) bool {
	if i.Rank != other.Rank {
		return i.Rank < other.Rank
	}
	return i.QueuedAt.Before(other.QueuedAt)
}

const itemColumns = `o.key, coalesce(o.feedback_id, ''), coalesce(o.notice, ''), o.mention, o.channel, o.rank, o.queued_ms, o.revision, o.shown,
       o.slack_channel, coalesce(o.ts, ''), o.attempt_ms, o.doubt_ms, o.recheck_from_ms, coalesce(o.former_ts, ''), o.erasure <> ''`

const selectItem = "select " + itemColumns + ", '', '' from outbox o "

// selectNotice joins the living message, in whose channel and thread a notice is posted.
const selectNotice = "select " + itemColumns + ", coalesce(p.slack_channel, ''), coalesce(p.ts, '') from outbox o left join outbox p on p.key = o.feedback_id "

func scanItem(row Scanner) (Item, error) {
	var i Item
	var queued, attempt, doubt, recheck sql.NullInt64
	var channel, formers string
	err := row.Scan(&i.Key, &i.FeedbackID, &i.Notice, &i.Mention, &i.Channel, &i.Rank, &queued, &i.Revision, &i.Shown,
		&i.SlackChannel, &i.TS, &attempt, &doubt, &recheck, &formers, &i.Erasure, &channel, &i.Thread)
	if errors.Is(err, sql.ErrNoRows) {
		return Item{}, ErrNotFound
	}
	if err != nil {
		return Item{}, fmt.Errorf("reading the outbox: %w", err)
	}
	if i.SlackChannel == "" {
		i.SlackChannel = channel
	}
	if formers != "" {
		i.Predecessors = strings.Fields(formers)
	}
	i.QueuedAt, i.AttemptAt, i.DoubtAt, i.RecheckFrom = moment(queued), moment(attempt), moment(doubt), moment(recheck)
	return i, nil
}

// items reads the items that a query finds.
func (s *Store) items(ctx context.Context, query string, args ...any) ([]Item, error) {
	var items []Item
	err := s.each(ctx, "the outbox", func(row Scanner) error {
		i, err := scanItem(row)
		items = append(items, i)
		return err
	}, query, args...)
	return items, err
}

// NextPosts returns the messages to post next: for each channel of feedback one living
// message, all that replace a message, and one bulletin. Red comes before yellow before
// green, then the older first. It returns no sentinel error.
func (s *Store) NextPosts(ctx context.Context, now time.Time) ([]Item, error) {
	next, err := s.items(ctx, selectItem+`
where o.former_ts is not null and o.ts is null and o.attempt_ms is null and o.retry_ms <= $1
order by o.rank, o.queued_ms`, ms(now))
	if err != nil {
		return nil, err
	}
	for _, channel := range feedback.Channels() {
		items, err := s.items(ctx, selectItem+`
where o.ts is null and o.attempt_ms is null and o.notice is null and o.former_ts is null and o.channel = $1 and o.retry_ms <= $2
order by o.rank, o.queued_ms limit 1`, channel, ms(now))
		if err != nil {
			return nil, err
		}
		next = append(next, items...)
	}
	bulletins, err := s.items(ctx, selectItem+`
where o.ts is null and o.attempt_ms is null and o.notice is not null and o.channel = '' and o.retry_ms <= $1
order by o.rank, o.queued_ms limit 1`, ms(now))
	return append(next, bulletins...), err
}

// noticesRead bounds the result of NextNotices; few wait at any time.
const noticesRead = 1000

// NextNotices returns the notices to post in the threads of posted messages, the older first.
// It returns no sentinel error.
func (s *Store) NextNotices(ctx context.Context, now time.Time) ([]Item, error) {
	return s.items(ctx, selectNotice+`
where o.notice is not null and o.ts is null and o.attempt_ms is null and o.retry_ms <= $1 and p.ts is not null
order by o.queued_ms limit $2`, ms(now), noticesRead)
}

// NextEdits returns for each Slack channel the message with an old revision that must be
// edited next: red before yellow before green, then the older first. It returns no sentinel
// error.
func (s *Store) NextEdits(ctx context.Context, now time.Time) ([]Item, error) {
	var channels []string
	err := s.each(ctx, "the outbox", func(row Scanner) error {
		var channel string
		err := row.Scan(&channel)
		channels = append(channels, channel)
		return err
	}, `select distinct slack_channel from outbox where ts is not null and shown < revision`)
	if err != nil {
		return nil, err
	}
	var next []Item
	for _, channel := range channels {
		items, err := s.items(ctx, selectItem+`
where o.ts is not null and o.shown < o.revision and o.slack_channel = $1 and o.retry_ms <= $2
order by o.rank, o.queued_ms limit 1`, channel, ms(now))
		if err != nil {
			return nil, err
		}
		next = append(next, items...)
	}
	return next, nil
}

// Doubts returns the posts whose result is unknown. It returns no sentinel error.
func (s *Store) Doubts(ctx context.Context) ([]Item, error) {
	return s.items(ctx, selectNotice+`where o.attempt_ms is not null order by o.attempt_ms`)
}

// Rechecks returns the messages that were posted again after an attempt in doubt and whose
// second look is due. It returns no sentinel error.
func (s *Store) Rechecks(ctx context.Context, now time.Time) ([]Item, error) {
	return s.items(ctx, selectNotice+`where o.recheck_ms <= $1 and o.ts is not null order by o.recheck_ms`, ms(now))
}

// Predecessors returns the messages with a replaced one that must be deleted. It returns no
// sentinel error.
func (s *Store) Predecessors(ctx context.Context, now time.Time) ([]Item, error) {
	return s.items(ctx, selectItem+`where o.former_ts is not null and o.ts is not null and o.retry_ms <= $1`, ms(now))
}

// NextTime is the earliest moment after now at which a waiting item becomes due, the zero
// time when no item waits. It returns no sentinel error.
func (s *Store) NextTime(ctx context.Context, now time.Time) (time.Time, error) {
	var next sql.NullInt64
	err := s.engine.Row(ctx, `
select min(at) from (
    select min(retry_ms) as at from outbox where retry_ms > $1 and retry_ms > 0
    union all select min(recheck_ms) from outbox where recheck_ms is not null and recheck_ms > $1) as due`, ms(now)).Scan(&next)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the outbox: %w", err)
	}
	return moment(next), nil
}

// Backlog is how much of the outbox is not in Slack yet.
type Backlog struct {
	Pending int
	// Oldest is when the oldest of them began to wait, zero when none waits.
	Oldest time.Time
	// InDoubt counts the posts whose result is unknown.
	InDoubt int
}

// Backlog counts what waits to be posted, edited or resolved. It returns no sentinel error.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	var oldest sql.NullInt64
	err := s.engine.Row(ctx, `
select count(*), min(queued_ms), count(doubtful) from (
    select queued_ms, null as doubtful from outbox where ts is null and attempt_ms is null
    union all select queued_ms, null from outbox where ts is not null and shown < revision
    union all select queued_ms, 1 from outbox where attempt_ms is not null) as pending`).Scan(&b.Pending, &oldest, &b.InDoubt)
	if err != nil {
		return b, fmt.Errorf("counting the outbox: %w", err)
	}
	b.Oldest = moment(oldest)
	return b, nil
}

// LastPosts returns when the last post since a moment was, by Slack channel, so that a
// restart keeps the pace. It returns no sentinel error.
func (s *Store) LastPosts(ctx context.Context, since time.Time) (map[string]time.Time, error) {
	return s.moments(ctx, "the outbox", `select slack_channel, max(posted_ms) from outbox where posted_ms > $1 group by slack_channel`, ms(since))
}
