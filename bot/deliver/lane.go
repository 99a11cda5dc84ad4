package deliver

import (
	"context"
	"time"

	"smileybot/store"
)

// A lane is what waits in one Slack channel, at most one of each sort, the most
// urgent one.
type lane struct {
	post, edit, notice, former *store.Item
	// doubts are settled together, rechecks one by one.
	doubts   []store.Item
	rechecks []store.Item
}

// todo is everything that waits.
type todo struct {
	lanes map[string]*lane
	next  time.Time // when something that waits for a moment becomes due
}

// noticesRead bounds the notices looked at in a round; each channel takes its
// first of them.
const noticesRead = 50

// look reads the outbox.
func (d *Deliverer) look(ctx context.Context, now time.Time) (todo, error) {
	t := todo{lanes: make(map[string]*lane)}
	posts, err := d.Store.NextPosts(ctx, now)
	if err != nil {
		return t, err
	}
	for _, i := range posts {
		t.at(d.destination(i)).queue(i)
	}
	edits, err := d.Store.NextEdits(ctx, now)
	if err != nil {
		return t, err
	}
	for _, i := range edits {
		first(&t.at(i.SlackChannel).edit, i)
	}
	notices, err := d.Store.NextNotices(ctx, now, noticesRead)
	if err != nil {
		return t, err
	}
	for _, i := range notices {
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
		if !i.DoubtAt.IsZero() {
			l := t.at(i.SlackChannel)
			l.doubts = append(l.doubts, i)
		}
	}
	rechecks, err := d.Store.Rechecks(ctx, now)
	if err != nil {
		return err
	}
	for _, i := range rechecks {
		l := t.at(i.SlackChannel)
		l.rechecks = append(l.rechecks, i)
	}
	formers, err := d.Store.Formers(ctx, now)
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
	if i.FormerTS != "" {
		return i.SlackChannel
	}
	return d.route(i.Channel)
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
	if len(doubts) > 0 && possible(d.throttle.free(channel, methodHistory)) {
		return d.settling(channel, doubts), at
	}
	if len(l.rechecks) > 0 && possible(d.throttle.free(channel, methodHistory)) {
		return d.rechecking(channel, l.rechecks[0]), at
	}
	if l.post != nil && possible(d.throttle.post(channel)) {
		return d.posting(channel, *l.post), at
	}
	if l.edit != nil && possible(d.throttle.edit(channel, now)) {
		return d.editing(channel, *l.edit), at
	}
	if l.notice != nil && possible(d.throttle.post(channel)) {
		return d.posting(channel, *l.notice), at
	}
	if l.former != nil && possible(d.throttle.free(channel, methodDelete)) {
		return d.deleting(channel, *l.former), at
	}
	return work{}, at
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
