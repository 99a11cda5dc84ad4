package outbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/internal/loop"
	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/store"
)

const (
	// historyMargin is how far before an attempt and after its end the history is read. Both were noted
	// by Slack's time, which is known to about a second; the rest is for a machine that slept meanwhile,
	// and for a message that was still on its way.
	historyMargin = 10 * time.Minute
	// clockMargin is for a message of just now, by a clock that is known to about a second.
	clockMargin = 5 * time.Second
	// historyOfUnknown is how far the history is read for an attempt that was noted in what is the
	// future by Slack's time: by a clock that ran ahead, before this program knew Slack's.
	historyOfUnknown = 24 * time.Hour
)

// reasonCursor is Slack's code for a page that it no longer knows.
const reasonCursor = "invalid_cursor"

// A lookup is what the history of a channel is read for.
type lookup struct {
	channel string
	// recheck looks once more for the late messages of doubtful attempts: of two messages the linked one
	// stays and the other is deleted. Otherwise doubtful posts are looked up: what is found is linked,
	// and what is missing is posted again.
	recheck bool
}

// A walk is one paged read of the history of a channel, or of a thread, for several items. Each task
// reads a page, so that the walk goes on after Slack asked to wait, and posts go in between. It begins
// from the start after a restart.
type walk struct {
	begun moment
	query slackapi.HistoryQuery
	keys  map[string]bool // of the items
	found foundMessages
}

// foundMessages are our messages in Slack's history, by the key of their item.
type foundMessages map[string][]store.FoundMessage

// look reads the next page of the history for items of a channel. The last page resolves them.
func (d *Deliverer) look(l lookup, items []store.Item) task {
	return task{channel: l.channel, kind: reads, do: func(ctx context.Context) (slackapi.Result, error) {
		own, err := d.Slack.Workspace(ctx)
		if err != nil {
			return slackapi.Result{Class: slackapi.ClassAway, Method: slackapi.MethodAuthTest, Reason: slackapi.ReasonUnreachable}, nil //nolint:nilerr // Slack's, not the store's
		}
		w := d.walk(l, items)
		items = slices.DeleteFunc(slices.Clone(items), func(i store.Item) bool { return !w.keys[i.Key] })
		page, next, r := d.Slack.History(ctx, w.query)
		switch {
		case r.Class == slackapi.ClassGone && w.query.Thread != "", d.lost(l.channel, r):
			return d.conclude(ctx, l, items, w.found) // there is nothing more to read
		case r.Reason == reasonCursor && w.query.Cursor != "":
			d.endWalk(l)
			return slackapi.Result{Class: slackapi.ClassAway, Method: r.Method, Reason: r.Reason}, nil
		case r.Class != slackapi.ClassOK:
			return r, nil
		}
		w.collect(page, own)
		switch {
		case w.begun.moved(d.moment()): // an answer corrected the clock by which the window was chosen
			d.endWalk(l)
			return slackapi.Result{Class: slackapi.ClassAway, Method: r.Method, Reason: reasonClock}, nil
		case next == "", !l.recheck && len(w.found) == len(w.keys):
			return d.conclude(ctx, l, items, w.found)
		case next == w.query.Cursor: // Slack repeats itself, and perhaps not all was seen
			d.endWalk(l)
			return slackapi.Result{Class: slackapi.ClassDoubt, Method: r.Method, Reason: slackapi.ReasonNoAnswer}, nil
		}
		w.query.Cursor = next
		return slackapi.Result{}, nil // neither done nor failed
	}}
}

// walk returns the walk that is under way, or begins one for the items that are in the channel itself, or
// in one thread.
func (d *Deliverer) walk(l lookup, items []store.Item) *walk {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w := d.walks[l]; w != nil && slices.ContainsFunc(items, func(i store.Item) bool { return w.keys[i.Key] }) {
		return w
	}
	w := newWalk(l, items, d.moment())
	d.walks[l] = w
	return w
}

func (d *Deliverer) endWalk(l lookup) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.walks, l)
}

// newWalk chooses the window: from the earliest attempt until the latest end of one. A message that is
// looked for again may have come at any time since.
func newWalk(l lookup, items []store.Item, now moment) *walk {
	w := &walk{begun: now, keys: make(map[string]bool), found: make(foundMessages)}
	in := thread(items[0])
	var from, until time.Time
	for _, i := range items {
		if thread(i) != in {
			continue
		}
		w.keys[i.Key] = true
		latest := now.stored.Add(clockMargin)
		begun, ended := i.AttemptAt, loop.Earliest(i.DoubtAt.Add(historyMargin), latest)
		if l.recheck {
			begun, ended = i.RecheckFrom, latest
		}
		if begun.After(now.stored) {
			begun, ended = now.stored.Add(-historyOfUnknown), begun.Add(historyMargin)
		}
		from, until = loop.Earliest(from, begun), loop.Latest(until, ended)
	}
	w.query = slackapi.HistoryQuery{
		Channel: l.channel, Thread: in,
		Oldest: from.Add(-historyMargin), Latest: until,
	}
	return w
}

// collect keeps the messages of a page that are the bot's own, and of the walk's items.
func (w *walk) collect(page []slack.Message, own slackapi.Workspace) {
	for _, m := range page {
		if key, s := recognise(m, own); w.keys[key] {
			w.found[key] = append(w.found[key], s)
		}
	}
}

// conclude ends a walk and does what it was for.
func (d *Deliverer) conclude(ctx context.Context, l lookup, items []store.Item, found foundMessages) (slackapi.Result, error) {
	d.endWalk(l)
	if l.recheck {
		return d.rechecked(ctx, l.channel, items, found)
	}
	return slackapi.Result{Class: slackapi.ClassOK}, d.resolved(ctx, l.channel, items, found)
}

// resolved links the posts that were found and gives up the others.
func (d *Deliverer) resolved(ctx context.Context, channel string, doubts []store.Item, found foundMessages) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	linked := make(map[string]store.FoundMessage)
	var missing []string
	for _, i := range doubts {
		if messages := without(found[i.Key], formers(i)...); len(messages) > 0 {
			linked[i.Key] = messages[0]
		} else {
			missing = append(missing, i.Key)
		}
	}
	d.forgetAnswered(doubts)
	d.Log.Info("resolved uncertain posts", "slack_channel", channel, "found", len(linked), "missing", len(missing))
	return d.store.ResolveDoubts(ctx, channel, linked, missing, d.now())
}

// rechecked deletes every message of an item except the linked one.
func (d *Deliverer) rechecked(ctx context.Context, channel string, items []store.Item, found foundMessages) (slackapi.Result, error) {
	r := slackapi.Result{Class: slackapi.ClassOK}
	var err error
	var keys []string
	for _, i := range items {
		if r, err = d.deleteLate(ctx, channel, i, without(found[i.Key], i.TS)); !deleted(r) || err != nil {
			break
		}
		keys = append(keys, i.Key)
	}
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	return r, errors.Join(err, d.store.Rechecked(ctx, keys...))
}

// deleteLate deletes the late messages of an item. The result is ClassOK, or why one of them is not
// gone. The error is the store's.
func (d *Deliverer) deleteLate(ctx context.Context, channel string, i store.Item, late []store.FoundMessage) (slackapi.Result, error) {
	for _, m := range late {
		r, err := d.deleteExtra(ctx, i.Key, store.Place{SlackChannel: channel, TS: m.TS})
		if !deleted(r) || err != nil {
			return r, err
		}
		if !undeletable(r) {
			d.Log.Info("deleted a second message", "feedback_id", i.FeedbackID, "outcome", string(r.Class))
		}
	}
	return slackapi.Result{Class: slackapi.ClassOK}, nil
}

// recognise returns the key of the item that a message of ours shows, empty for any other message. The
// metadata name it, or, where Slack leaves them out, the id of a block; that counts only in a message that
// the bot is known to have written.
func recognise(m slack.Message, own slackapi.Workspace) (key string, s store.FoundMessage) {
	wrote, known := own.Wrote(m)
	if known && !wrote {
		return "", store.FoundMessage{}
	}
	payload := m.Metadata.EventPayload
	switch m.Metadata.EventType {
	case message.EventFeedback:
		key, _ = payload[message.PayloadFeedbackID].(string)
	case message.EventNotice:
		key, _ = payload[message.PayloadKey].(string)
	}
	number, _ := payload[message.PayloadRevision].(float64) // a notice has no revision
	revision := int64(number)
	if key == "" && wrote {
		key, revision = message.KeyOfBlocks(m.Blocks.BlockSet)
	}
	return key, store.FoundMessage{TS: m.Timestamp, Revision: revision}
}

// without leaves out the messages with these timestamps.
func without(messages []store.FoundMessage, timestamps ...string) []store.FoundMessage {
	return slices.DeleteFunc(slices.Clone(messages), func(s store.FoundMessage) bool { return slices.Contains(timestamps, s.TS) })
}

// formers are the timestamps of the messages that an item replaces.
func formers(i store.Item) []string {
	var timestamps []string
	for _, p := range i.Predecessors {
		timestamps = append(timestamps, p.TS)
	}
	return timestamps
}

// thread is where an item goes, empty for the channel itself.
func thread(i store.Item) string {
	if i.OfFeedback() {
		return ""
	}
	return i.Thread
}
