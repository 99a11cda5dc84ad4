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
	// historyMargin is how far before an attempt the history is read. The attempt was noted by Slack's
	// time, which is known to about a second; the rest is for a machine that slept meanwhile.
	historyMargin = 10 * time.Minute
	// historyOfUnknown is how far the history is read for an attempt that was noted in what is the
	// future by Slack's time: by a clock that ran ahead, before this program knew Slack's.
	historyOfUnknown = 24 * time.Hour
)

// resolve looks up the doubtful posts of a channel: one paged read of its history, and of each thread
// concerned, resolves them all. What is found is linked; what is missing is posted again.
func (d *Deliverer) resolve(channel string, doubts []store.Item) task {
	attempted := func(i store.Item) time.Time { return i.AttemptAt }
	return d.lookUp(channel, doubts, attempted, func(ctx context.Context, items []store.Item, found foundMessages) (slackapi.Result, error) {
		return slackapi.Result{Class: slackapi.ClassOK}, d.resolved(ctx, channel, items, found)
	})
}

// recheck looks once more for the late messages of doubtful attempts. Of two messages the linked one
// stays and the other is deleted.
func (d *Deliverer) recheck(channel string, posted []store.Item) task {
	from := func(i store.Item) time.Time { return i.RecheckFrom }
	return d.lookUp(channel, posted, from, func(ctx context.Context, items []store.Item, found foundMessages) (slackapi.Result, error) {
		return d.rechecked(ctx, channel, items, found)
	})
}

// foundMessages are our messages in Slack's history, by the key of their item.
type foundMessages map[string][]store.FoundMessage

// lookUp reads the history of a channel and its threads, from the earliest moment of the items on, and
// calls do with the items of each. It stops when do has another result than ClassOK.
func (d *Deliverer) lookUp(channel string, items []store.Item, moment func(store.Item) time.Time,
	do func(context.Context, []store.Item, foundMessages) (slackapi.Result, error),
) task {
	return task{channel: channel, kind: reads, do: func(ctx context.Context) (slackapi.Result, error) {
		for thread, items := range byThread(items) {
			before := d.moment()
			var from time.Time
			for _, i := range items {
				at := moment(i)
				if at.After(before.stored) {
					at = before.stored.Add(-historyOfUnknown)
				}
				from = loop.Earliest(from, at)
			}
			found, r := d.history(ctx, channel, thread, from)
			if r.Class != slackapi.ClassOK {
				return r, nil
			}
			if before.moved(d.moment()) { // the answer corrected the clock by which the window was chosen
				return slackapi.Result{Class: slackapi.ClassAway, Method: r.Method, Reason: reasonClock}, nil
			}
			if r, err := do(ctx, items, found); r.Class != slackapi.ClassOK || err != nil {
				return r, err
			}
		}
		return slackapi.Result{Class: slackapi.ClassOK}, nil
	}}
}

// resolved links the posts that were found and gives up the others.
func (d *Deliverer) resolved(ctx context.Context, channel string, doubts []store.Item, found foundMessages) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	linked := make(map[string]store.FoundMessage)
	var missing []string
	for _, i := range doubts {
		if messages := without(found[i.Key], i.Predecessors...); len(messages) > 0 {
			linked[i.Key] = messages[0]
		} else {
			missing = append(missing, i.Key)
		}
	}
	d.Log.Info("resolved uncertain posts", "slack_channel", channel, "found", len(linked), "missing", len(missing))
	return d.Store.ResolveDoubts(ctx, channel, linked, missing, d.now())
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
	return r, errors.Join(err, d.Store.Rechecked(ctx, keys...))
}

// deleteLate deletes the late messages of an item. The result is ClassOK, or why one of them is not
// gone. The error is the store's.
func (d *Deliverer) deleteLate(ctx context.Context, channel string, i store.Item, late []store.FoundMessage) (slackapi.Result, error) {
	for _, m := range late {
		r, err := d.deleteExtra(ctx, channel, i.Key, m.TS)
		if !deleted(r) || err != nil {
			return r, err
		}
		if !undeletable(r) {
			d.Log.Info("deleted a second message", "feedback_id", i.FeedbackID, "outcome", string(r.Class))
		}
	}
	return slackapi.Result{Class: slackapi.ClassOK}, nil
}

// history reads our messages in a channel, or in a thread of it, by key, from a little before a moment
// on. A thread that is gone has no messages.
func (d *Deliverer) history(ctx context.Context, channel, thread string, from time.Time) (foundMessages, slackapi.Result) {
	found := make(foundMessages)
	for cursor := ""; ; {
		page, next, r := d.Slack.History(ctx, channel, thread, from.Add(-historyMargin), cursor)
		if r.Class == slackapi.ClassGone && thread != "" {
			return found, slackapi.Result{Class: slackapi.ClassOK}
		}
		if r.Class != slackapi.ClassOK {
			return nil, r
		}
		for _, m := range page {
			if key, s, ours := recognise(m); ours {
				found[key] = append(found[key], s)
			}
		}
		switch next {
		case "":
			return found, r
		case cursor: // Slack repeats itself, and perhaps not all was seen
			return nil, slackapi.Result{Class: slackapi.ClassDoubt, Method: r.Method, Reason: slackapi.ReasonNoAnswer}
		}
		cursor = next
	}
}

// recognise reads the metadata of a message of ours.
func recognise(m slack.Message) (key string, s store.FoundMessage, ours bool) {
	payload := m.Metadata.EventPayload
	switch m.Metadata.EventType {
	case message.EventFeedback:
		key, ours = payload[message.PayloadFeedbackID].(string)
	case message.EventNotice:
		key, ours = payload[message.PayloadKey].(string)
	}
	revision, _ := payload[message.PayloadRevision].(float64) // a notice has no revision
	return key, store.FoundMessage{TS: m.Timestamp, Revision: int64(revision)}, ours
}

// without leaves out the messages with these timestamps.
func without(messages []store.FoundMessage, timestamps ...string) []store.FoundMessage {
	return slices.DeleteFunc(slices.Clone(messages), func(s store.FoundMessage) bool { return slices.Contains(timestamps, s.TS) })
}

// byThread groups items by where their messages would be: in the channel itself, or in a thread.
func byThread(items []store.Item) map[string][]store.Item {
	groups := make(map[string][]store.Item)
	for _, i := range items {
		groups[thread(i)] = append(groups[thread(i)], i)
	}
	return groups
}

// thread is where an item goes, empty for the channel itself.
func thread(i store.Item) string {
	if i.OfFeedback() {
		return ""
	}
	return i.Thread
}
