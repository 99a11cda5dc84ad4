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

// The outbox is level-triggered: it holds no texts. A row says which revision of
// a feedback's message is wanted and which one Slack shows; whoever delivers
// renders the present state. Ten changes while Slack is away are one edit
// afterwards, and a crash anywhere is repaired by looking at the two numbers.

// Item is one row of the outbox: the living message of a feedback, or a notice
// that is said once.
type Item struct {
	// Key is the feedback's id, or the notice's key.
	Key string
	// FeedbackID is empty for a [Bulletin], which is about none.
	FeedbackID string
	// Notice is what a notice says, empty for a living message; Mention is the
	// Slack user it is for.
	Notice, Mention string
	// Channel is the feedback's, to be routed to a Slack channel; a bulletin has none.
	Channel feedback.Channel
	// Rank is 0 for red, 1 for yellow, 2 for green.
	Rank int
	// QueuedAt is since when it waits to be posted or edited.
	QueuedAt time.Time
	// Revision is wanted; Shown stands in Slack, 0 when nothing does.
	Revision, Shown int64
	// SlackChannel and TS name the message in Slack. For a message without TS
	// the channel is where it was last tried.
	SlackChannel, TS string
	// Thread is the message in whose thread a notice goes.
	Thread string
	// AttemptAt is when a post began whose result is not known; DoubtAt when it
	// ended.
	AttemptAt, DoubtAt time.Time
	// RecheckFrom is the attempt whose late message is still to be looked for.
	RecheckFrom time.Time
	// Formers are messages that could no longer be edited and are to go.
	Formers []string
	// Erasure says that what was personal is to go out of the message, or could not: it
	// is edited, else deleted, and never posted anew.
	Erasure bool
}

// Living reports whether the item is the living message of a feedback.
func (i Item) Living() bool { return i.Notice == "" }

// Bulletin reports whether the item is one, see [Bulletin].
func (i Item) Bulletin() bool { return i.FeedbackID == "" }

// Before reports whether i goes before another item: red before yellow before
// green, then older first.
func (i Item) Before(other Item) bool {
	if i.Rank != other.Rank {
		return i.Rank < other.Rank
	}
	return i.QueuedAt.Before(other.QueuedAt)
}

const itemColumns = `o.key, coalesce(o.feedback_id, ''), coalesce(o.notice, ''), o.mention, o.channel, o.rank, o.queued_ms, o.revision, o.shown,
       o.slack_channel, coalesce(o.ts, ''), o.attempt_ms, o.doubt_ms, o.recheck_from_ms, coalesce(o.former_ts, ''), o.erasure <> ''`

const selectItem = "select " + itemColumns + ", '', '' from outbox o "

// selectNotice joins the living message, in whose channel and thread a notice goes.
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
		i.Formers = strings.Fields(formers)
	}
	i.QueuedAt, i.AttemptAt, i.DoubtAt, i.RecheckFrom = moment(queued), moment(attempt), moment(doubt), moment(recheck)
	return i, nil
}

// items reads what a query of items finds.
func (s *Store) items(ctx context.Context, query string, args ...any) ([]Item, error) {
	var items []Item
	err := s.each(ctx, "the outbox", func(row Scanner) error {
		i, err := scanItem(row)
		items = append(items, i)
		return err
	}, query, args...)
	return items, err
}

// NextPosts returns, for each channel of feedback, the living message that is to
// be posted next, all that replace one in the Slack channel where it stands, and the
// bulletin that is next: red before yellow before green, older first.
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

// noticesRead bounds the notices looked at; few wait at any time.
const noticesRead = 1000

// NextNotices returns the notices that are to be said in the thread of a message
// that stands in Slack, older first.
func (s *Store) NextNotices(ctx context.Context, now time.Time) ([]Item, error) {
	return s.items(ctx, selectNotice+`
where o.notice is not null and o.ts is null and o.attempt_ms is null and o.retry_ms <= $1 and p.ts is not null
order by o.queued_ms limit $2`, ms(now), noticesRead)
}

// NextEdits returns, for each Slack channel, the message of which it shows an old
// revision and that is to be edited next: red before yellow before green, older
// first.
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

// Doubts returns the posts whose result is not known.
func (s *Store) Doubts(ctx context.Context) ([]Item, error) {
	return s.items(ctx, selectNotice+`where o.attempt_ms is not null order by o.attempt_ms`)
}

// Rechecks returns the messages that were posted again after a doubtful attempt
// and are due for a second look.
func (s *Store) Rechecks(ctx context.Context, now time.Time) ([]Item, error) {
	return s.items(ctx, selectNotice+`where o.recheck_ms <= $1 and o.ts is not null order by o.recheck_ms`, ms(now))
}

// Formers returns the messages with a former one that is to be deleted.
func (s *Store) Formers(ctx context.Context, now time.Time) ([]Item, error) {
	return s.items(ctx, selectItem+`where o.former_ts is not null and o.ts is not null and o.retry_ms <= $1`, ms(now))
}

// NextTime is the earliest moment after now at which an item that waits for a
// time becomes due, the zero time when none does.
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
	// Oldest is since when the oldest of them waits, zero when there is none.
	Oldest time.Time
	// InDoubt counts the posts whose result is not known.
	InDoubt int
}

// Backlog counts what waits to be posted, edited or settled.
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

// LastPosts tells when something was last posted in each Slack channel since a
// moment, so that a restart keeps the pace.
func (s *Store) LastPosts(ctx context.Context, since time.Time) (map[string]time.Time, error) {
	return s.moments(ctx, "the outbox", `select slack_channel, max(posted_ms) from outbox where posted_ms > $1 group by slack_channel`, ms(since))
}
