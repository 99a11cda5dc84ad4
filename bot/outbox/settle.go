package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/store"
)

// margin is how far before an attempt the history is read: our clock and
// Slack's may differ.
const margin = 10 * time.Minute

// historyPage is how many messages one call of the history returns; Slack allows
// up to 999 (docs.slack.dev/reference/methods/conversations.history).
const historyPage = 999

// settling looks into the doubtful posts of a channel: one paged read of its
// history, and of each thread concerned, settles them all. What is found is
// linked; what is not is posted again.
func (d *Deliverer) settling(channel string, doubts []store.Item) work {
	return work{channel: channel, what: reads, do: func(ctx context.Context) (verdict, error) {
		for thread, items := range byThread(doubts) {
			found, v := d.history(ctx, channel, thread, since(items, func(i store.Item) time.Time { return i.AttemptAt }))
			if v.class != classOK {
				return v, nil
			}
			if err := d.settle(ctx, channel, items, found); err != nil {
				return v, err
			}
		}
		return verdict{class: classOK}, nil
	}}
}

// settle adopts the posts that were found and gives up the others.
func (d *Deliverer) settle(ctx context.Context, channel string, doubts []store.Item, found map[string][]store.FoundMessage) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	adopted := make(map[string]store.FoundMessage)
	var missing []string
	for _, i := range doubts {
		if sights := without(found[i.Key], i.Predecessors...); len(sights) > 0 {
			adopted[i.Key] = sights[0]
		} else {
			missing = append(missing, i.Key)
		}
	}
	d.Log.Info("doubtful posts were looked up", "slack_channel", channel, "found", len(adopted), "missing", len(missing))
	return d.Store.ResolveDoubts(ctx, channel, adopted, missing, time.Now())
}

// rechecking looks once more for the late messages of doubtful attempts. Of two
// messages the linked one stays and the other is deleted.
func (d *Deliverer) rechecking(channel string, posted []store.Item) work {
	return work{channel: channel, what: reads, do: func(ctx context.Context) (verdict, error) {
		for thread, items := range byThread(posted) {
			found, v := d.history(ctx, channel, thread, since(items, func(i store.Item) time.Time { return i.RecheckFrom }))
			if v.class != classOK {
				return v, nil
			}
			if v, err := d.recheck(ctx, channel, items, found); v.class != classOK || err != nil {
				return v, err
			}
		}
		return verdict{class: classOK}, nil
	}}
}

// recheck deletes every message of an item but the linked one.
func (d *Deliverer) recheck(ctx context.Context, channel string, items []store.Item, found map[string][]store.FoundMessage) (verdict, error) {
	v := verdict{class: classOK}
	var err error
	var keys []string
	for _, i := range items {
		if v, err = d.deleteLate(ctx, channel, i, without(found[i.Key], i.TS)); !v.deleted() || err != nil {
			break
		}
		keys = append(keys, i.Key)
	}
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	return v, errors.Join(err, d.Store.Rechecked(ctx, keys...))
}

// deleteLate deletes the late messages of an item. The verdict is classOK, or why
// one of them is not gone. The error is the store's.
func (d *Deliverer) deleteLate(ctx context.Context, channel string, i store.Item, late []store.FoundMessage) (verdict, error) {
	for _, m := range late {
		v, err := d.clear(ctx, channel, i.Key, m.TS)
		if !v.deleted() || err != nil {
			return v, err
		}
		if !v.refused() {
			d.Log.Info("a second message was deleted", "feedback_id", i.FeedbackID, "outcome", string(v.class))
		}
	}
	return verdict{class: classOK}, nil
}

// since is the earliest moment that pick finds in items.
func since(items []store.Item, pick func(store.Item) time.Time) time.Time {
	from := pick(items[0])
	for _, i := range items {
		from = earliest(from, pick(i))
	}
	return from
}

// history reads the messages of ours in a channel, or in a thread of it, from a
// little before a moment on, by key. A thread that is gone has none.
func (d *Deliverer) history(ctx context.Context, channel, thread string, from time.Time) (map[string][]store.FoundMessage, verdict) {
	found := make(map[string][]store.FoundMessage)
	oldest := stamp(from.Add(-margin))
	for cursor := ""; ; {
		page, next, v := d.page(ctx, channel, slack.GetConversationRepliesParameters{
			Timestamp: thread, Oldest: oldest, Cursor: cursor, Limit: historyPage,
		})
		if v.class == classGone && thread != "" {
			return found, verdict{class: classOK}
		}
		if v.class != classOK {
			return nil, v
		}
		for _, m := range page {
			if key, s, ours := recognise(m); ours {
				found[key] = append(found[key], s)
			}
		}
		switch next {
		case "":
			return found, v
		case cursor: // Slack goes round in circles, and perhaps not all was seen
			return nil, verdict{class: classDoubt, method: v.method, reason: "no_answer"}
		}
		cursor = next
	}
}

// stamp is a moment as Slack's history takes it.
func stamp(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }

// page reads one page of a thread's replies, or of a channel's history when no
// thread is named.
func (d *Deliverer) page(ctx context.Context, channel string, p slack.GetConversationRepliesParameters) (page []slack.Message, next string, v verdict) {
	p.ChannelID, p.IncludeAllMetadata = channel, true
	if p.Timestamp != "" {
		v = d.call(ctx, methodReplies, func(ctx context.Context) (err error) {
			page, _, next, err = d.Slack.GetConversationRepliesContext(ctx, &p)
			return err
		})
		return page, next, v
	}
	v = d.call(ctx, methodHistory, func(ctx context.Context) error {
		got, err := d.Slack.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: channel, Oldest: p.Oldest, Cursor: p.Cursor, Limit: p.Limit, IncludeAllMetadata: true,
		})
		if err == nil {
			page, next = got.Messages, got.ResponseMetaData.NextCursor
		}
		return err
	})
	return page, next, v
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
	revision, _ := payload[message.PayloadRevision].(float64) // a notice has none
	return key, store.FoundMessage{TS: m.Timestamp, Revision: int64(revision)}, ours
}

// without leaves out the messages of these names.
func without(sights []store.FoundMessage, names ...string) []store.FoundMessage {
	return slices.DeleteFunc(slices.Clone(sights), func(s store.FoundMessage) bool { return slices.Contains(names, s.TS) })
}

// byThread groups items by where their messages would be: in the channel
// itself, or in a thread.
func byThread(items []store.Item) map[string][]store.Item {
	groups := make(map[string][]store.Item)
	for _, i := range items {
		groups[thread(i)] = append(groups[thread(i)], i)
	}
	return groups
}

// thread is where an item goes, empty for the channel itself.
func thread(i store.Item) string {
	if i.Living() {
		return ""
	}
	return i.Thread
}
