package outbox

import (
	"cmp"
	"context"
	"errors"
	"time"

	"smileybot/bot/internal/loop"
	"smileybot/bot/slackapi"
	"smileybot/store"
)

// A channelQueue is what waits in one Slack channel, at most one of each kind, the most urgent one.
type channelQueue struct {
	post, edit, notice, former *store.Item
	// doubts are resolved together, and so are rechecks.
	doubts   []store.Item
	rechecks []store.Item
}

// pending is everything that waits.
type pending struct {
	queues map[string]*channelQueue // by Slack channel
	next   time.Time                // when something that waits for a moment becomes due
}

// loadPending reads the outbox.
func (d *Deliverer) loadPending(ctx context.Context, m moment) (pending, error) {
	now := m.stored
	p := pending{queues: make(map[string]*channelQueue)}
	posted := func(i store.Item) string { return i.SlackChannel }
	for _, waiting := range []struct {
		read    func(context.Context, time.Time) ([]store.Item, error)
		channel func(store.Item) string
		add     func(*channelQueue, store.Item)
	}{
		{d.store.NextPosts, d.destination, (*channelQueue).addPost},
		{d.store.NextEdits, posted, func(q *channelQueue, i store.Item) { first(&q.edit, i) }},
		{d.store.NextNotices, posted, func(q *channelQueue, i store.Item) { first(&q.notice, i) }},
		{d.doubts, posted, func(q *channelQueue, i store.Item) { q.doubts = append(q.doubts, i) }},
		{d.store.Rechecks, posted, func(q *channelQueue, i store.Item) { q.rechecks = append(q.rechecks, i) }},
		{d.store.Predecessors, posted, func(q *channelQueue, i store.Item) { first(&q.former, i) }},
	} {
		items, err := waiting.read(ctx, now)
		if err != nil {
			return p, err
		}
		for _, i := range items {
			waiting.add(p.of(waiting.channel(i)), i)
		}
	}
	var err error
	p.next, err = d.store.NextTime(ctx, now)
	return p, err
}

// doubts returns the posts in doubt, except those that are under way.
func (d *Deliverer) doubts(ctx context.Context, now time.Time) ([]store.Item, error) {
	all, err := d.store.Doubts(ctx)
	var doubts []store.Item
	for _, i := range all {
		if i.DoubtAt.After(now) { // the clock was corrected since
			err = errors.Join(err, d.store.Doubt(ctx, i.Key, now))
		}
		if !i.DoubtAt.IsZero() || !d.busy[i.SlackChannel] {
			doubts = append(doubts, withEndTime(i, now))
		}
	}
	return doubts, err
}

// of returns the queue of a channel.
func (p pending) of(channel string) *channelQueue {
	q := p.queues[channel]
	if q == nil {
		q = &channelQueue{}
		p.queues[channel] = q
	}
	return q
}

// destination is where a message is posted. One that replaces a message that can no longer be edited
// goes to the channel of that message, as long as the settings name it.
func (d *Deliverer) destination(i store.Item) string {
	switch {
	case len(i.Predecessors) > 0 && !d.left(i.SlackChannel):
		return i.SlackChannel
	case i.Notice == store.NoticeMissed:
		return d.Channel
	case i.Bulletin():
		return d.Lead
	default:
		return cmp.Or(d.Routes[i.Channel], d.Channel)
	}
}

// addPost keeps the post that goes first.
func (q *channelQueue) addPost(i store.Item) {
	if q.post == nil || i.Before(*q.post) {
		q.post = &i
	}
}

func first(slot **store.Item, i store.Item) {
	if *slot == nil {
		*slot = &i
	}
}

// resolveAfter is how long after its end a doubtful attempt is looked up, so that what was still on
// its way has arrived.
const resolveAfter = 30 * time.Second

// nextTask picks what a channel does next, or returns when something will be possible. What is in
// doubt is resolved first. No edit goes before a post that could go now.
func (d *Deliverer) nextTask(channel string, q *channelQueue, m moment) (task, time.Time) {
	now := m.local
	doubts, at := d.dueDoubts(q.doubts, m)
	possible := func(when time.Time) bool {
		if when.After(now) {
			at = loop.Earliest(at, when)
			return false
		}
		return true
	}
	read := d.throttle.next(channel, reads, slackapi.MethodHistory, slackapi.MethodReplies, slackapi.MethodDelete)
	if len(doubts) > 0 && possible(read) {
		return d.look(lookup{channel: channel}, doubts), at
	}
	if len(q.rechecks) > 0 && possible(read) {
		return d.look(lookup{channel: channel, recheck: true}, q.rechecks), at
	}
	if q.post != nil && !d.awaitingHistory(channel, q) && possible(d.throttle.post(channel, posts)) {
		return d.post(channel, *q.post), at
	}
	if q.edit != nil && possible(d.throttle.edit(channel, now)) {
		return d.edit(channel, *q.edit), at
	}
	if q.notice != nil && !d.awaitingHistory(channel, q) && possible(d.throttle.post(channel, notices)) {
		return d.post(channel, *q.notice), at
	}
	if q.former != nil && possible(d.throttle.next(channel, deletes, slackapi.MethodDelete)) {
		return d.deleteFormers(channel, *q.former), at
	}
	return task{}, at
}

// awaitingHistory reports whether a channel waits for its history before it posts on: when posts end
// in doubt one after the other, a read of the history also finds out when Slack is back, and leaves no
// further doubt. A history that cannot be read for another reason holds nothing up.
func (d *Deliverer) awaitingHistory(channel string, q *channelQueue) bool {
	if len(q.doubts) == 0 || !d.throttle.failing(channel, posts) && !d.throttle.failing(channel, notices) {
		return false
	}
	if d.throttle.paused[slackapi.MethodHistory].After(time.Now()) { // it may take hours
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failures[scope{channel, posts}].class != slackapi.ClassDoubt && d.failures[scope{channel, notices}].class != slackapi.ClassDoubt {
		return false
	}
	f, failed := d.failures[scope{channel, reads}]
	return !failed || f.class == slackapi.ClassAway || f.class == slackapi.ClassDoubt
}

// withEndTime gives an attempt whose end was not recorded the latest end that it can have had: its
// call's time was up, or its process was killed.
func withEndTime(i store.Item, now time.Time) store.Item {
	if i.DoubtAt.IsZero() {
		i.DoubtAt = i.AttemptAt.Add(slackapi.Timeout)
	}
	i.DoubtAt = loop.Earliest(i.DoubtAt, now) // a former process' clock may have been ahead
	return i
}

// dueDoubts picks the doubts that are old enough to be resolved, and returns when the next one will
// be. Of a post that Slack answered, nothing is on its way any more: it is looked up when Slack takes
// posts again, if that is sooner.
func (d *Deliverer) dueDoubts(doubts []store.Item, m moment) (due []store.Item, next time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, i := range doubts {
		when := m.wait(i.DoubtAt.Add(resolveAfter))
		if taken, answered := d.answered[i.Key]; answered {
			when = loop.Earliest(when, taken)
		}
		if when.After(m.local) {
			next = loop.Earliest(next, when)
		} else {
			due = append(due, i)
		}
	}
	return due, next
}

// noteAnswered notes that Slack answered a post that it may have made, and for how long it takes no
// others.
func (d *Deliverer) noteAnswered(key string, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answered[key] = time.Now().Add(min(wait, resolveAfter))
}

func (d *Deliverer) forgetAnswered(items []store.Item) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, i := range items {
		delete(d.answered, i.Key)
	}
}
