package store

import (
	"context"
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

// Item is one row of the outbox: the message of a feedback, or a notice that is posted once.
type Item struct {
	// Key is the feedback's id, or the notice's key.
	Key string
	// FeedbackID is empty for a [Bulletin].
	FeedbackID string
	// Notice is the kind of a notice, empty for the message of a feedback; Mention is the Slack
	// user that it is for.
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
	// Predecessors are replaced messages that must be deleted.
	Predecessors []Place
	// Erasure reports that personal data must be removed from the message, or could not be.
	// The message is edited or else deleted, and never posted again.
	Erasure bool
}

// Place is where a message is in Slack.
type Place struct{ SlackChannel, TS string }

// String is how a place is kept: C0SUPPORT/1764547200.000100.
func (p Place) String() string { return p.SlackChannel + "/" + p.TS }

// places reads places that are separated by spaces. Those that were kept without their channel are in
// the given one.
func places(kept, channel string) []Place {
	var all []Place
	for word := range strings.FieldsSeq(kept) {
		p := Place{channel, word}
		if in, ts, qualified := strings.Cut(word, "/"); qualified {
			p = Place{in, ts}
		}
		all = append(all, p)
	}
	return all
}

// OfFeedback reports whether the item is the message of a feedback.
func (i Item) OfFeedback() bool { return i.Notice == "" }

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

// selectNotice joins the message of the feedback, in whose channel and thread a notice is posted.
const selectNotice = "select " + itemColumns + ", coalesce(p.slack_channel, ''), coalesce(p.ts, '') from outbox o left join outbox p on p.key = o.feedback_id "

func scanItem(row Scanner) (Item, error) {
	var i Item
	var channel, formers string
	err := row.Scan(&i.Key, &i.FeedbackID, &i.Notice, &i.Mention, &i.Channel, &i.Rank, momentIn(&i.QueuedAt), &i.Revision, &i.Shown,
		&i.SlackChannel, &i.TS, momentIn(&i.AttemptAt), momentIn(&i.DoubtAt), momentIn(&i.RecheckFrom), &formers, &i.Erasure, &channel, &i.Thread)
	i.Predecessors = places(formers, i.SlackChannel)
	if channel != "" && i.TS == "" && i.AttemptAt.IsZero() { // where it was tried no longer matters
		i.SlackChannel = channel
	}
	return i, err
}

// items reads the items that a query finds.
func (s *Store) items(ctx context.Context, query string, args ...any) ([]Item, error) {
	var items []Item
	err := s.each(ctx, "the outbox", collect(&items, scanItem), query, args...)
	return items, err
}

// NextPosts returns the messages to post next: for each channel of feedback the message of one,
// all that replace a message, and one bulletin. Red comes before yellow before green, then the
// older first.
func (s *Store) NextPosts(ctx context.Context, now time.Time) ([]Item, error) {
	next, err := s.items(ctx, selectItem+`
where o.former_ts is not null and o.ts is null and o.attempt_ms is null and o.retry_ms <= $1
order by o.rank, o.queued_ms`, ms(now))
	if err != nil {
		return nil, err
	}
	firsts, err := s.items(ctx, selectItem+`
where o.key in (select (
    select p.key from outbox p
    where p.ts is null and p.attempt_ms is null and p.withheld < p.revision and p.channel = channels.name
        and case when p.notice is null then 1 else 0 end = channels.feedback and p.former_ts is null and p.retry_ms <= $1
    order by p.rank, p.queued_ms limit 1) from (`+postChannels()+`) channels)
order by o.rank, o.queued_ms`, ms(now))
	return append(next, firsts...), err
}

// postChannels selects the channels of which each has one post at a time, by name: those of feedback, and
// the empty one of bulletins.
func postChannels() string {
	query := []string{`select '' as name, 0 as feedback`}
	for _, channel := range feedback.Channels() {
		query = append(query, fmt.Sprintf(`select '%s', 1`, channel))
	}
	return strings.Join(query, " union all ")
}

// noticesRead bounds the result of NextNotices; few wait at any time.
const noticesRead = 1000

// NextNotices returns the notices to post in the threads of posted messages, the older first.
func (s *Store) NextNotices(ctx context.Context, now time.Time) ([]Item, error) {
	return s.items(ctx, selectNotice+`
where o.notice is not null and o.ts is null and o.attempt_ms is null and o.retry_ms <= $1 and p.ts is not null
order by o.queued_ms limit $2`, ms(now), noticesRead)
}

// NextEdits returns for each Slack channel the message with an old revision that must be edited
// next: red before yellow before green, then the older first.
func (s *Store) NextEdits(ctx context.Context, now time.Time) ([]Item, error) {
	var channels []string
	err := s.each(ctx, "the outbox", column(&channels), `select distinct slack_channel from outbox where ts is not null and shown < revision`)
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

// MessageChannel returns the Slack channel in which the message of a feedback is, or was tried to be
// posted; "" when there is none, also for an unknown feedback.
func (s *Store) MessageChannel(ctx context.Context, feedbackID string) (string, error) {
	var channel string
	err := s.row(ctx, "the outbox", `select slack_channel from outbox where key = $1 and feedback_id = $1`, feedbackID).Scan(&channel)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return channel, err
}

// MessagesByChannel counts the messages of feedback in each Slack channel, with those that were replaced
// and that stay there. It reads all of them.
func (s *Store) MessagesByChannel(ctx context.Context) (map[string]int, error) {
	counted := make(map[string]int)
	err := s.each(ctx, "the outbox", func(row Scanner) error {
		var channel string
		var n int
		err := row.Scan(&channel, &n)
		counted[channel] += n
		return err
	}, `select slack_channel, count(*) from outbox where posted_ms is not null and ts is not null and notice is null group by slack_channel`)
	if err != nil {
		return nil, err
	}
	return counted, s.each(ctx, "the outbox", func(row Scanner) error {
		var channel, kept string
		err := row.Scan(&channel, &kept)
		for _, p := range places(kept, channel) {
			counted[p.SlackChannel]++
		}
		return err
	}, `select slack_channel, stuck_ts from outbox where stuck_ts is not null and notice is null`)
}

// Doubts returns the posts whose result is unknown.
func (s *Store) Doubts(ctx context.Context) ([]Item, error) {
	return s.items(ctx, selectNotice+`where o.attempt_ms is not null order by o.attempt_ms`)
}

// Rechecks returns the messages that were posted again after an attempt in doubt and whose
// second look is due.
func (s *Store) Rechecks(ctx context.Context, now time.Time) ([]Item, error) {
	return s.items(ctx, selectNotice+`where o.recheck_ms <= $1 and o.ts is not null order by o.recheck_ms`, ms(now))
}

// Predecessors returns the messages with a replaced one that must be deleted.
func (s *Store) Predecessors(ctx context.Context, now time.Time) ([]Item, error) {
	return s.items(ctx, selectItem+`where o.former_ts is not null and o.ts is not null and o.retry_ms <= $1`, ms(now))
}

// NextTime is the earliest moment after now at which a waiting item becomes due, the zero time
// when no item waits.
func (s *Store) NextTime(ctx context.Context, now time.Time) (time.Time, error) {
	var next time.Time
	err := s.row(ctx, "the outbox", `
select min(at) from (
    select min(retry_ms) as at from outbox where retry_ms > $1 and retry_ms > 0
    union all select min(recheck_ms) from outbox where recheck_ms is not null and recheck_ms > $1) as due`, ms(now)).Scan(momentIn(&next))
	return next, err
}

// Backlog is how much of the outbox is not in Slack yet.
type Backlog struct {
	Pending int
	// Oldest is when the oldest of them began to wait, zero when none waits.
	Oldest time.Time
	// InDoubt counts the posts whose result is unknown.
	InDoubt int
}

// Backlog counts what waits to be posted, edited or resolved.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	err := s.row(ctx, "the outbox", `
select count(*), min(queued_ms), count(doubtful) from (
    select queued_ms, cast(null as integer) as doubtful from outbox where ts is null and attempt_ms is null and withheld < revision
    union all select queued_ms, cast(null as integer) from outbox where ts is not null and shown < revision
    union all select queued_ms, 1 from outbox where attempt_ms is not null) as pending`).Scan(&b.Pending, momentIn(&b.Oldest), &b.InDoubt)
	return b, err
}

// OldestDoubt returns the post in doubt that has waited longest since before a moment, or
// [ErrNotFound].
func (s *Store) OldestDoubt(ctx context.Context, before time.Time) (Item, error) {
	return s.oldest(ctx, selectNotice+`where o.attempt_ms is not null and o.queued_ms < $1 order by o.queued_ms limit 1`, before)
}

// OldestPost returns the unposted message or notice that has waited longest since before a moment, or
// [ErrNotFound].
func (s *Store) OldestPost(ctx context.Context, before time.Time) (Item, error) {
	return s.oldest(ctx, selectNotice+`where o.ts is null and o.attempt_ms is null and o.withheld < o.revision and o.queued_ms < $1 order by o.queued_ms limit 1`, before)
}

// OldestEdit returns the message with an old revision that has waited longest since before a moment, or
// [ErrNotFound].
func (s *Store) OldestEdit(ctx context.Context, before time.Time) (Item, error) {
	return s.oldest(ctx, selectItem+`where o.ts is not null and o.shown < o.revision and o.queued_ms < $1 order by o.queued_ms limit 1`, before)
}

func (s *Store) oldest(ctx context.Context, query string, before time.Time) (Item, error) {
	return scanItem(s.row(ctx, "the outbox", query, ms(before)))
}

// LastPosts returns when the last post since a moment was, by Slack channel, so that a restart
// keeps the pace.
func (s *Store) LastPosts(ctx context.Context, since time.Time) (map[string]time.Time, error) {
	return s.moments(ctx, "the outbox", `select slack_channel, max(posted_ms) from outbox where posted_ms > $1 group by slack_channel`, ms(since))
}

// Methods that change one row return an error without a sentinel when it is not in the state
// that the caller expects.

// queueMessage queues the first post of a feedback, and returns the wanted revision.
func queueMessage(t *Unit, f feedback.Feedback, now time.Time) (int64, error) {
	return 1, t.Exec(`
insert into outbox (key, feedback_id, mention, channel, rank, queued_ms, revision) values ($1, $1, '', $2, $3, $4, 1)`,
		f.ID, f.Channel, rank(f), ms(now))
}

// queueRevision queues a post or an edit of the message of a feedback with the revision that it has
// now, and returns the wanted revision.
func queueRevision(t *Unit, f feedback.Feedback, now time.Time) (int64, error) {
	if !f.Live() {
		return queueMessage(t, f, now)
	}
	return f.Revision + 1, t.Exec(`
update outbox set revision = revision + 1, rank = $1, retry_ms = 0,
                  queued_ms = case when shown = revision or withheld = revision then $2 else queued_ms end
where key = $3`, rank(f), ms(now), f.ID)
}

// queueRefresh queues an edit of the message of a live feedback, because something related
// to it changed.
func queueRefresh(t *Unit, id string, now time.Time) error {
	return t.Exec(`
update outbox set revision = revision + 1, retry_ms = 0,
                  queued_ms = case when shown = revision or withheld = revision then $1 else queued_ms end
where key = $2`, ms(now), id)
}

// rank orders red before yellow before green.
func rank(f feedback.Feedback) int { return f.Colour().Value() - 1 }

// Attempt records that a post begins, before it does. After a crash, the row says that Slack may
// have the message.
func (s *Store) Attempt(ctx context.Context, key, slackChannel string, at time.Time) error {
	return s.updateOne(ctx, key, `
update outbox set attempt_ms = $1, doubt_ms = null, slack_channel = $2
where key = $3 and ts is null and attempt_ms is null`, ms(at), slackChannel, key)
}

// Doubt records that a post ended with an unknown result.
func (s *Store) Doubt(ctx context.Context, key string, at time.Time) error {
	return s.updateOne(ctx, key, `update outbox set doubt_ms = $1 where key = $2 and attempt_ms is not null`, ms(at), key)
}

// Refused records that Slack refused a post that it may have made all the same, and when to retry it
// when it did not; at once when that is zero.
func (s *Store) Refused(ctx context.Context, key string, at, retry time.Time) error {
	return s.updateOne(ctx, key, `
update outbox set doubt_ms = $1, retry_ms = $2 where key = $3 and attempt_ms is not null`, ms(at), max(ms(retry), 0), key)
}

// Abandon records that Slack certainly did not post, and when to retry.
func (s *Store) Abandon(ctx context.Context, key string, retry time.Time) error {
	return s.updateOne(ctx, key, `
update outbox set attempt_ms = null, doubt_ms = null, retry_ms = $1 where key = $2 and ts is null`, ms(retry), key)
}

// FoundMessage is one of our messages in Slack's history.
type FoundMessage struct {
	TS string
	// Revision is the one that it shows.
	Revision int64
}

// ResolveDoubts resolves doubts about posts in a Slack channel. Found messages are linked.
// Missing ones are posted again, and their late messages looked for after that.
func (s *Store) ResolveDoubts(ctx context.Context, slackChannel string, found map[string]FoundMessage, missing []string, at time.Time) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		for key, sight := range found {
			if err := linkMessage(t, key, slackChannel, sight, at); err != nil {
				return err
			}
		}
		for _, key := range missing {
			err := updateOne(t, key, `
update outbox set recheck_from_ms = coalesce(recheck_from_ms, attempt_ms), attempt_ms = null, doubt_ms = null
where key = $1 and attempt_ms is not null`, key)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// recheckAfter is the time from the repeated post to the second look.
const recheckAfter = time.Minute

// Posted links a posted message with the revision that it shows. For one that was posted again
// after an attempt in doubt, it schedules the second look.
func (s *Store) Posted(ctx context.Context, key, slackChannel string, sight FoundMessage, at time.Time) error {
	return s.engine.Write(ctx, func(t *Unit) error { return linkMessage(t, key, slackChannel, sight, at) })
}

func linkMessage(t *Unit, key, slackChannel string, sight FoundMessage, at time.Time) error {
	return updateOne(t, key, `
update outbox set slack_channel = $1, ts = $2, shown = case when $3 < revision then $3 else revision end, posted_ms = $4,
                  recheck_ms = case when recheck_from_ms is null then null else cast($5 as bigint) end,
                  attempt_ms = null, doubt_ms = null, retry_ms = 0,
                  erasure = case when $3 >= revision and former_ts is null and recheck_from_ms is null then '' else erasure end
where key = $6 and ts is null`, slackChannel, sight.TS, max(sight.Revision, 1), ms(at), ms(at.Add(recheckAfter)), key)
}

// Edited records which revision a message in Slack shows.
func (s *Store) Edited(ctx context.Context, key string, revision int64) error {
	return s.updateOne(ctx, key, `
update outbox set shown = case when shown < $1 then $1 else shown end, retry_ms = 0 where key = $2 and ts is not null and $1 <= revision`, revision, key)
}

// Editing records that an edit begins, whatever its result, so that a restart keeps the pace.
func (s *Store) Editing(ctx context.Context, at time.Time) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		if err := t.Exec(`delete from edit where at_ms <= $1`, ms(at.Add(-time.Minute))); err != nil {
			return err
		}
		return t.Exec(`insert into edit (at_ms) values ($1)`, ms(at))
	})
}

// EditsSince counts the edits that began after a moment of the last minute.
func (s *Store) EditsSince(ctx context.Context, since time.Time) (n int, err error) {
	err = s.row(ctx, "the edits", `select count(*) from edit where at_ms > $1`, ms(since)).Scan(&n)
	return n, err
}

// Withhold records that a message is not posted as long as its revision is the wanted one, and drops
// the notices that wait for its thread. It does nothing to a message that is or may be in Slack.
func (s *Store) Withhold(ctx context.Context, key string, revision int64) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		n, err := t.Affect(`
update outbox set withheld = $1
where key = $2 and revision = $1 and ts is null and attempt_ms is null and former_ts is null and recheck_from_ms is null`, revision, key)
		if err != nil || n == 0 {
			return err
		}
		return t.Exec(`delete from outbox where feedback_id = $1 and notice is not null and ts is null and attempt_ms is null`, key)
	})
}

// Postpone delays an item.
func (s *Store) Postpone(ctx context.Context, key string, retry time.Time) error {
	return s.updateOne(ctx, key, `update outbox set retry_ms = $1 where key = $2`, ms(retry), key)
}

// Unlink replaces a message that Slack no longer lets us edit: a new one is posted, and the old
// one deleted.
func (s *Store) Unlink(ctx context.Context, key string, now time.Time) error {
	return s.updateOne(ctx, key, `
update outbox set former_ts = coalesce(former_ts || ' ', '') || slack_channel || '/' || ts, ts = null, shown = 0, posted_ms = null, queued_ms = $1
where key = $2 and ts is not null`, ms(now), key)
}

// Leave replaces a message in a channel that is lost: a new one is posted elsewhere, and the old one,
// which cannot be deleted, is recorded as such.
func (s *Store) Leave(ctx context.Context, key string, now time.Time) error {
	return s.updateOne(ctx, key, `
update outbox set stuck_ts = `+stuckWith(`slack_channel || '/' || ts`)+`, ts = null, shown = 0, posted_ms = null, queued_ms = $1,
                  recheck_ms = null, recheck_from_ms = null, retry_ms = 0
where key = $2 and ts is not null`, ms(now), key)
}

// PredecessorsDeleted records that the replaced messages are deleted or undeletable.
func (s *Store) PredecessorsDeleted(ctx context.Context, key string) error {
	return s.updateOne(ctx, key, `
update outbox set former_ts = null,
                  erasure = case when erasure = 'wanted' and shown = revision and recheck_from_ms is null then '' else erasure end
where key = $1`, key)
}

// Rechecked records that the second look is done.
func (s *Store) Rechecked(ctx context.Context, keys ...string) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		for _, key := range keys {
			err := updateOne(t, key, `
update outbox set recheck_ms = null, recheck_from_ms = null,
                  erasure = case when erasure = 'wanted' and shown = revision and former_ts is null then '' else erasure end
where key = $1`, key)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// errNoRow is returned when an outbox row was not in the state that was expected.
var errNoRow = errors.New("the outbox row is not in the expected state")

// updateOne runs an update that must change exactly one row of the outbox.
func updateOne(t *Unit, key, query string, args ...any) error {
	n, err := t.Affect(query, args...)
	if err != nil {
		return fmt.Errorf("outbox %s: %w", key, err)
	}
	if n != 1 {
		return fmt.Errorf("outbox %s: %w", key, errNoRow)
	}
	return nil
}

// updateOne is a write that changes exactly one row of the outbox.
func (s *Store) updateOne(ctx context.Context, key, query string, args ...any) error {
	return s.engine.Write(ctx, func(t *Unit) error { return updateOne(t, key, query, args...) })
}

// ClampRetryTimes moves retries and second looks after a moment to that moment: nothing waits that
// long unless the clock was wrong.
func (s *Store) ClampRetryTimes(ctx context.Context, latest time.Time) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		if err := t.Exec(`update outbox set retry_ms = $1 where retry_ms > $1 and retry_ms > 0`, ms(latest)); err != nil {
			return err
		}
		return t.Exec(`update outbox set recheck_ms = $1 where recheck_ms is not null and recheck_ms > $1`, ms(latest))
	})
}

// MoveRetries moves what waits for a moment after another by as much as the clock was corrected.
func (s *Store) MoveRetries(ctx context.Context, after time.Time, by time.Duration) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		if err := t.Exec(`update outbox set retry_ms = retry_ms + $1 where retry_ms > $2 and retry_ms > 0`, by.Milliseconds(), ms(after)); err != nil {
			return err
		}
		return t.Exec(`update outbox set recheck_ms = recheck_ms + $1 where recheck_ms is not null and recheck_ms > $2`, by.Milliseconds(), ms(after))
	})
}

// RecordRateLimit records until when Slack rate limits a method, and replaces the earlier record.
func (s *Store) RecordRateLimit(ctx context.Context, method string, until time.Time) error {
	return s.exec(ctx, `
insert into pause (method, until_ms) values ($1, $2)
on conflict (method) do update set until_ms = excluded.until_ms`, method, ms(until))
}

// RateLimits returns until when each method is rate limited.
func (s *Store) RateLimits(ctx context.Context) (map[string]time.Time, error) {
	return s.moments(ctx, "the pauses", `select method, until_ms from pause`)
}
