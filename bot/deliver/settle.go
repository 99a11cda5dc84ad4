package deliver

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/store"
)

// margin is how far before an attempt the history is read: our clock and
// Slack's may differ.
const margin = 10 * time.Minute

// historyPage is how many messages one call of the history returns.
const historyPage = 200

// A sight is one of our messages as Slack's history shows it.
type sight struct {
	ts       string
	revision int64
}

// settling looks into the doubtful posts of a channel: one paged read of its
// history, and of each thread concerned, settles them all. What is found is
// linked; what is not is posted again.
func (d *Deliverer) settling(channel string, doubts []store.Item) work {
	return work{channel: channel, method: methodHistory, do: func(ctx context.Context) (verdict, error) {
		for thread, items := range byThread(doubts) {
			found, v := d.history(ctx, channel, thread, oldest(items))
			if v.class != classOK && v.class != classGone { // a thread that is gone has no messages
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
func (d *Deliverer) settle(ctx context.Context, channel string, doubts []store.Item, found map[string][]sight) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	for _, i := range doubts {
		var err error
		if sights := without(found[i.Key], i.FormerTS); len(sights) > 0 {
			err = d.Store.Posted(ctx, i.Key, channel, sights[0].ts, sights[0].revision, time.Now())
		} else {
			err = d.Store.Vanished(ctx, i.Key)
		}
		if err != nil {
			return err
		}
		d.Log.Info("a doubtful post was settled", "feedback_id", i.FeedbackID, "found", len(found[i.Key]) > 0)
	}
	return nil
}

// rechecking looks once more for the late message of a doubtful attempt. Of two
// messages the linked one stays and the other is deleted.
func (d *Deliverer) rechecking(channel string, i store.Item) work {
	return work{channel: channel, method: methodHistory, do: func(ctx context.Context) (verdict, error) {
		found, v := d.history(ctx, channel, thread(i), i.RecheckFrom)
		if v.class != classOK && v.class != classGone {
			return v, nil
		}
		for _, s := range without(found[i.Key], i.TS) {
			v := d.delete(ctx, channel, s.ts)
			if !v.deleted() {
				return v, nil
			}
			d.Log.Info("a second message was deleted", "feedback_id", i.FeedbackID, "outcome", string(v.class))
		}
		ctx, cancel := bookkeeping(ctx)
		defer cancel()
		return verdict{class: classOK}, d.Store.Rechecked(ctx, i.Key)
	}}
}

// history reads the messages of ours in a channel, or in a thread of it, from a
// little before a moment on, by key.
func (d *Deliverer) history(ctx context.Context, channel, thread string, from time.Time) (map[string][]sight, verdict) {
	from = from.Add(-margin)
	since := fmt.Sprintf("%d.%06d", from.Unix(), from.Nanosecond()/1000)
	found := make(map[string][]sight)
	cursor := ""
	for {
		page, next, v := d.page(ctx, channel, thread, since, cursor)
		if v.class != classOK {
			return nil, v
		}
		for _, m := range page {
			if key, s, ours := recognise(m); ours {
				found[key] = append(found[key], s)
			}
		}
		if next == "" {
			return found, v
		}
		cursor = next
	}
}

// page reads one page of a channel's history, or of a thread's replies.
func (d *Deliverer) page(ctx context.Context, channel, thread, since, cursor string) (page []slack.Message, next string, v verdict) {
	if thread != "" {
		v = d.call(ctx, methodReplies, func(ctx context.Context) (err error) {
			page, _, next, err = d.Slack.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: channel, Timestamp: thread, Oldest: since, Cursor: cursor, Limit: historyPage, IncludeAllMetadata: true,
			})
			return err
		})
		return page, next, v
	}
	v = d.call(ctx, methodHistory, func(ctx context.Context) error {
		got, err := d.Slack.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: channel, Oldest: since, Cursor: cursor, Limit: historyPage, IncludeAllMetadata: true,
		})
		if err == nil {
			page, next = got.Messages, got.ResponseMetaData.NextCursor
		}
		return err
	})
	return page, next, v
}

// recognise reads the metadata of a message of ours.
func recognise(m slack.Message) (key string, s sight, ours bool) {
	payload := m.Metadata.EventPayload
	switch m.Metadata.EventType {
	case message.EventFeedback:
		key, ours = payload[message.PayloadFeedbackID].(string)
	case message.EventNotice:
		key, ours = payload[message.PayloadKey].(string)
	}
	revision, _ := payload[message.PayloadRevision].(float64) // a notice has none
	return key, sight{ts: m.Timestamp, revision: int64(revision)}, ours
}

// without leaves out the message with a ts.
func without(sights []sight, ts string) []sight {
	var rest []sight
	for _, s := range sights {
		if s.ts != ts {
			rest = append(rest, s)
		}
	}
	return rest
}

// byThread groups doubts by where their messages would be: in the channel
// itself, or in a thread.
func byThread(doubts []store.Item) map[string][]store.Item {
	groups := make(map[string][]store.Item)
	for _, i := range doubts {
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

func oldest(items []store.Item) time.Time {
	from := items[0].AttemptAt
	for _, i := range items {
		from = earliest(from, i.AttemptAt)
	}
	return from
}
