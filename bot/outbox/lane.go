package outbox

import (
	"context"
	"time"

	"smileybot/store"
)

// A lane is what waits in one Slack channel, at most one of each sort, the most
// urgent one.
type lane struct {
	post, edit, notice, former *store.Item
	// doubts are settled together, and so are rechecks.
	doubts   []store.Item
	rechecks []store.Item
}

// todo is everything that waits.
type todo struct {
	lanes map[string]*lane
	next  time.Time // when something that waits for a moment becomes due
}

// look reads the outbox.
func (d *Deliverer) look(ctx context.Context, now time.Time) (todo, error) {
	t := todo{lanes: make(map[string]*lane)}
	fresh, err := d.Store.NextPosts(ctx, now)
	if err != nil {
		return t, err
	}
	for _, i := range fresh {
		t.at(d.destination(i)).queue(i)
	}
	changed, err := d.Store.NextEdits(ctx, now)
	if err != nil {
		return t, err
	}
	for _, i := range changed {
		first(&t.at(i.SlackChannel).edit, i)
	}
	said, err := d.Store.NextNotices(ctx, now)
	if err != nil {
		return t, err
	}
	for _, i := range said {
		first(&t.at(i.SlackChannel).notice, i)
	}
	if err := d.lookBack(ctx, now, t); err != nil {
		return t, err
	}
	t.next, err = d.Store.NextTime(ctx, now)
	return t, err
}

// lookBack reads what former attempts left to be cleared up.
func (d *Deliverer) lookBack(ctx context.Context, now time.Time, t todo) error {
	doubts, err := d.Store.Doubts(ctx)
	if err != nil {
		return err
	}
	for _, i := range doubts {
		if i.DoubtAt.IsZero() && d.busy[i.SlackChannel] {
			continue // it is under way
		}
		l := t.at(i.SlackChannel)
		l.doubts = append(l.doubts, ended(i, now))
	}
	rechecks, err := d.Store.Rechecks(ctx, now)
	if err != nil {
		return err
	}
	for _, i := range rechecks {
		l := t.at(i.SlackChannel)
		l.rechecks = append(l.rechecks, i)
	}
	formers, err := d.Store.Predecessors(ctx, now)
	if err != nil {
		return err
	}
	for _, i := range formers {
		first(&t.at(i.SlackChannel).former, i)
	}
	return nil
}

func (t todo) at(channel string) *lane {
	l := t.lanes[channel]
	if l == nil {
		l = &lane{}
		t.lanes[channel] = l
	}
	return l
}

// destination is where a message is posted: a new one for a message that can no
// longer be edited goes where that one stands.
func (d *Deliverer) destination(i store.Item) string {
	switch {
	case len(i.Predecessors) > 0:
		return i.SlackChannel
	case i.Notice == store.NoticeMissed:
		return d.Channel
	case i.Bulletin():
		return d.Lead
	default:
		return d.route(i.Channel)
	}
}

// queue keeps the post that goes first in a lane.
func (l *lane) queue(i store.Item) {
	if l.post == nil || i.Before(*l.post) {
		l.post = &i
	}
}

func first(place **store.Item, i store.Item) {
	if *place == nil {
		*place = &i
	}
}

// settleAfter is how long after its end a doubtful attempt is looked into, so
// that what was still on its way has arrived.
const settleAfter = 30 * time.Second

// choose picks what a channel does next, or tells when something of it will be
// possible. What is in doubt is settled first. No edit goes before a post that
// could go now.
func (d *Deliverer) choose(channel string, l *lane, now time.Time) (work, time.Time) {
	doubts, at := ripe(l.doubts, now)
	possible := func(when time.Time) bool {
		if when.After(now) {
			at = earliest(at, when)
			return false
		}
		return true
	}
	if len(doubts) > 0 && possible(d.throttle.read(channel)) {
		return d.settling(channel, doubts), at
	}
	if len(l.rechecks) > 0 && possible(d.throttle.read(channel)) {
		return d.rechecking(channel, l.rechecks), at
	}
	if l.post != nil && !d.probing(channel, l) && possible(d.throttle.post(channel, posts)) {
		return d.posting(channel, *l.post), at
	}
	if l.edit != nil && possible(d.throttle.edit(channel, now)) {
		return d.editing(channel, *l.edit), at
	}
	if l.notice != nil && !d.probing(channel, l) && possible(d.throttle.post(channel, notices)) {
		return d.posting(channel, *l.notice), at
	}
	if l.former != nil && possible(latest(d.throttle.free(channel, deletes), d.throttle.silent[methodDelete])) {
		return d.deleting(channel, *l.former), at
	}
	return work{}, at
}

// probing reports whether a channel waits for its history before it posts on:
// when posts end in doubt one after the other, reading the history finds out as
// well when Slack is back, and leaves no further doubt. A history that cannot be
// read for another reason holds nothing up.
func (d *Deliverer) probing(channel string, l *lane) bool {
	if len(l.doubts) == 0 || !d.throttle.failing(channel, posts) && !d.throttle.failing(channel, notices) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t, troubled := d.troubles[place{channel, reads}]
	return !troubled || t.class == classAway || t.class == classDoubt
}

// ended gives an attempt whose end nobody noted the latest end it can have had:
// its call's time was up, or its process was killed.
func ended(i store.Item, now time.Time) store.Item {
	if i.DoubtAt.IsZero() {
		i.DoubtAt = i.AttemptAt.Add(CallTimeout)
	}
	i.DoubtAt = earliest(i.DoubtAt, now) // a former process' clock may have been ahead
	return i
}

// ripe picks the doubts that are old enough to be settled, and tells when the
// next one will be.
func ripe(doubts []store.Item, now time.Time) (settled []store.Item, next time.Time) {
	for _, i := range doubts {
		if when := i.DoubtAt.Add(settleAfter); when.After(now) {
			next = earliest(next, when)
		} else {
			settled = append(settled, i)
		}
	}
	return settled, next
}
