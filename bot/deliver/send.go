package deliver

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/store"
)

// greeting asks Slack whether it accepts the token, so that the operator hears
// of a wrong one before the first rating comes.
func (d *Deliverer) greeting() work {
	return work{method: methodAuth, do: func(ctx context.Context) (v verdict, err error) {
		_ = d.call(ctx, methodAuth, func(ctx context.Context) error {
			_, err := d.Slack.AuthTestContext(ctx)
			return err
		}, &v)
		return v, nil
	}}
}

// posting posts a living message or a notice for the first time.
func (d *Deliverer) posting(channel string, i store.Item) work {
	return work{channel: channel, method: methodPost, posts: true, do: func(ctx context.Context) (verdict, error) {
		r, err := d.render(ctx, i)
		if err != nil {
			return verdict{}, err
		}
		if err := d.Store.Attempt(ctx, i.Key, channel, time.Now()); err != nil {
			return verdict{}, err
		}
		channel, ts, v := d.post(ctx, channel, thread(i), r.rich)
		if v.class == classPayload {
			d.Log.Warn("slack refused a message; sending it as plain text", "feedback", i.FeedbackID, "reason", v.reason)
			pause(ctx, d.Pace.Post)
			channel, ts, v = d.post(ctx, channel, thread(i), r.plain)
		}
		return v, d.posted(ctx, i, r.revision, channel, ts, v)
	}}
}

// refusedAgain is how long a message waits that Slack refused even as text, and
// threadAgain a notice whose message somebody deleted: it goes into the thread of
// the one that is posted instead.
const (
	refusedAgain = time.Hour
	threadAgain  = time.Minute
)

// posted keeps how a post went. It does so even when the bot is stopping.
func (d *Deliverer) posted(ctx context.Context, i store.Item, revision int64, channel, ts string, v verdict) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	now := time.Now()
	switch v.class {
	case classOK:
		if i.Living() && i.FormerTS == "" {
			d.metrics.delivery.Observe(now.Sub(i.QueuedAt).Seconds())
		}
		return d.Store.Posted(ctx, i.Key, channel, ts, revision, now)
	case classDoubt:
		return d.Store.Doubt(ctx, i.Key, now)
	case classPayload:
		return d.Store.Abandon(ctx, i.Key, now.Add(refusedAgain))
	case classGone:
		return d.Store.Abandon(ctx, i.Key, now.Add(threadAgain))
	case classLimited, classAway, classOperator:
	}
	return d.Store.Abandon(ctx, i.Key, now)
}

// editing brings a message in Slack up to date.
func (d *Deliverer) editing(channel string, i store.Item) work {
	return work{channel: channel, method: methodEdit, do: func(ctx context.Context) (verdict, error) {
		r, err := d.render(ctx, i)
		if err != nil {
			return verdict{}, err
		}
		v := d.edit(ctx, channel, i.TS, r.rich)
		if v.class == classPayload {
			d.Log.Warn("slack refused an edit; sending it as plain text", "feedback", i.FeedbackID, "reason", v.reason)
			_ = d.throttle.edits.Wait(ctx)
			v = d.edit(ctx, channel, i.TS, r.plain)
		}
		return v, d.edited(ctx, i, r.revision, v)
	}}
}

// edited keeps how an edit went. One that perhaps was done is simply done again.
func (d *Deliverer) edited(ctx context.Context, i store.Item, revision int64, v verdict) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	switch v.class {
	case classOK:
		return d.Store.Edited(ctx, i.Key, revision)
	case classGone:
		d.Log.Info("a message can no longer be edited; posting a new one", "feedback", i.FeedbackID, "reason", v.reason)
		return d.Store.Unlink(ctx, i.Key, time.Now())
	case classPayload:
		return d.Store.Postpone(ctx, i.Key, time.Now().Add(refusedAgain))
	case classLimited, classAway, classDoubt, classOperator:
	}
	return nil
}

// deleting removes what is left of a message that could no longer be edited.
func (d *Deliverer) deleting(channel string, i store.Item) work {
	return work{channel: channel, method: methodDelete, do: func(ctx context.Context) (verdict, error) {
		v := d.delete(ctx, channel, i.FormerTS)
		if v.class == classLimited || v.class == classAway || v.class == classDoubt {
			return v, nil
		}
		ctx, cancel := bookkeeping(ctx)
		defer cancel()
		return verdict{class: classOK}, d.Store.FormerGone(ctx, i.Key)
	}}
}

// rendered is what to send for an item, and as which revision.
type rendered struct {
	revision    int64
	rich, plain message.Message
}

// render makes the present state of an item into a message.
func (d *Deliverer) render(ctx context.Context, i store.Item) (rendered, error) {
	c, err := d.Store.Case(ctx, i.FeedbackID)
	if err != nil {
		return rendered{}, err
	}
	view := message.FeedbackView{Feedback: c.Feedback, FollowUp: c.FollowUp}
	if !i.Living() {
		e := message.Explanation{Key: i.Key, Claimer: i.Mention, Comment: c.Feedback.Comment}
		return rendered{revision: i.Revision, rich: message.Explained(e), plain: message.PlainExplained(e)}, nil
	}
	return rendered{
		revision: c.Feedback.Revision,
		rich:     message.Feedback(view, d.Message),
		plain:    message.Plain(view, d.Message),
	}, nil
}

// post calls chat.postMessage.
func (d *Deliverer) post(ctx context.Context, channel, parent string, m message.Message) (in, ts string, v verdict) {
	options := append(contents(m), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	if parent != "" {
		options = append(options, slack.MsgOptionTS(parent))
	}
	err := d.call(ctx, methodPost, func(ctx context.Context) (err error) {
		in, ts, err = d.Slack.PostMessageContext(ctx, channel, options...)
		return err
	}, &v)
	if err != nil {
		in = channel
	}
	return in, ts, v
}

// edit calls chat.update.
func (d *Deliverer) edit(ctx context.Context, channel, ts string, m message.Message) (v verdict) {
	_ = d.call(ctx, methodEdit, func(ctx context.Context) error {
		_, _, _, err := d.Slack.UpdateMessageContext(ctx, channel, ts, contents(m)...)
		return err
	}, &v)
	return v
}

// delete calls chat.delete.
func (d *Deliverer) delete(ctx context.Context, channel, ts string) (v verdict) {
	_ = d.call(ctx, methodDelete, func(ctx context.Context) error {
		_, _, err := d.Slack.DeleteMessageContext(ctx, channel, ts)
		return err
	}, &v)
	return v
}

// contents is what posting and editing say. Blocks are always sent, or an edit
// would leave the old ones standing.
func contents(m message.Message) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(m.Text, false),
		slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionMetadata(m.Metadata),
	}
}

// call makes one bounded call of Slack, classifies and counts it.
func (d *Deliverer) call(ctx context.Context, method string, do func(context.Context) error, v *verdict) error {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	err := do(ctx)
	*v = classify(err)
	d.metrics.requests.WithLabelValues(method, string(v.class)).Inc()
	return err
}

// bookkeeping outlives the stop of the bot, for what must be noted after a call.
func bookkeeping(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), CallTimeout)
}

// pause lets some time pass, or the context end.
func pause(ctx context.Context, length time.Duration) {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
