package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smileybot/bot/message"
	"smileybot/store"
)

// rendered is what to send for an item, and as which revision.
type rendered struct {
	revision int64
	message  message.Message
	// broadcast shows a reply in the channel as well.
	broadcast bool
	// pointless says that by now there is nothing to be said, early that there soon will
	// be more to link to.
	pointless, early bool
}

// render makes the present state of an item into a message.
func (d *Deliverer) render(ctx context.Context, i store.Item) (r rendered, err error) {
	defer func() {
		if err != nil { // the next one in the channel gets its turn
			err = errors.Join(err, d.Store.Postpone(ctx, i.Key, time.Now().Add(threadRetry)))
		}
	}()
	switch i.Notice {
	case "":
		c, err := d.Store.Case(ctx, i.FeedbackID)
		return rendered{revision: c.Feedback.Revision, message: d.Speaker.Feedback(c)}, err
	case store.NoticeDigest:
		digest, err := d.digest(ctx, i)
		return rendered{revision: i.Revision, message: d.Speaker.Digest(digest)}, err
	case store.NoticeAlert:
		alert, err := d.alert(ctx, i)
		return rendered{revision: i.Revision, message: d.Speaker.Alert(alert)}, err
	case store.NoticeEscalation, store.NoticeMissed, store.NoticeRisk:
		return d.listing(ctx, i)
	default:
		return d.reply(ctx, i)
	}
}

// digest is what a digest tells now. Its key names the periods.
func (d *Deliverer) digest(ctx context.Context, i store.Item) (message.Digest, error) {
	periods, err := store.DigestOf(i.Key)
	if err != nil {
		return message.Digest{}, fmt.Errorf("outbox %s: %w", i.Key, err)
	}
	read, err := d.Store.Digest(ctx, periods, time.Now())
	if err != nil {
		return message.Digest{}, err
	}
	digest := message.Digest{Key: i.Key, Parts: read.Parts}
	for _, w := range read.Comments {
		own, err := d.Slack.Workspace(ctx)
		if err != nil {
			return message.Digest{}, err
		}
		digest.Comments = append(digest.Comments, message.Entry{Snapshot: w.Snapshot, Permalink: own.Permalink(w.SlackChannel, w.TS)})
	}
	return digest, nil
}

// alert is what an alert tells now. Its key names the morning.
func (d *Deliverer) alert(ctx context.Context, i store.Item) (message.Alert, error) {
	morning, err := store.AlertOf(i.Key)
	if err != nil {
		return message.Alert{}, fmt.Errorf("outbox %s: %w", i.Key, err)
	}
	drop, err := d.Store.CompareForAlert(ctx, morning)
	return message.Alert{Key: i.Key, Drop: drop}, err
}
