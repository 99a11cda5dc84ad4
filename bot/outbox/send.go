package outbox

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/store"
)

// testingToken asks Slack whether it accepts the token, so that the operator hears
// of a wrong one before the first rating comes.
func (d *Deliverer) testingToken() work {
	return work{what: tests, do: func(ctx context.Context) (verdict, error) {
		return d.call(ctx, methodAuth, func(ctx context.Context) error {
			told, err := d.Slack.AuthTestContext(ctx)
			if err == nil {
				d.address.Store(&told.URL)
			}
			return err
		}), nil
	}}
}

// whatPosts is the sort of work that posting an item is. A thread may be locked
// while the channel is not.
func whatPosts(i store.Item) sort {
	if i.Living() || i.Bulletin() {
		return posts
	}
	return notices
}

// posting posts a living message or a notice for the first time.
func (d *Deliverer) posting(channel string, i store.Item) work {
	return work{key: i.Key, channel: channel, what: whatPosts(i), do: func(ctx context.Context) (verdict, error) {
		r, err := d.render(ctx, i)
		if err != nil {
			return verdict{}, err
		}
		switch {
		case r.pointless:
			return verdict{}, d.Store.Withdraw(ctx, i.Key)
		case r.early:
			return verdict{}, d.Store.Postpone(ctx, i.Key, time.Now().Add(earlyAgain))
		}
		if err := d.Store.Attempt(ctx, i.Key, channel, time.Now()); err != nil {
			return verdict{}, err
		}
		in, ts, v := d.post(ctx, channel, thread(i), r.broadcast, r.rich)
		if v.class == classPayload {
			d.Log.Warn("slack refused a message; sending it as plain text", "key", i.Key, "reason", v.reason)
			pause(ctx, d.Pace.Post)
			in, ts, v = d.post(ctx, channel, thread(i), r.broadcast, r.plain)
		}
		return v, d.posted(ctx, i, r.revision, in, ts, v)
	}}
}

// How long an item itself waits after a failure, so that the next in its channel
// gets a turn.
const (
	// operatorAgain is for what somebody has to mend.
	operatorAgain = 20 * time.Second
	// stumbleAgain and, after several times, longestStumble are for an error that
	// may be about one message only.
	stumbleAgain   = 45 * time.Second
	longestStumble = 15 * time.Minute
	// earlyAgain is for a list of messages of which one is only just being posted;
	// longestEarly is how long that is waited for.
	earlyAgain   = time.Second
	longestEarly = time.Minute
	// threadAgain is for a notice whose message somebody deleted: it goes into the
	// thread of the one that is posted instead.
	threadAgain = time.Minute
	// refusedAgain is for what Slack refused even as text. A newer revision is
	// tried at once.
	refusedAgain = time.Hour
)

// posted keeps how a post went. It does so even when the bot is stopping.
func (d *Deliverer) posted(ctx context.Context, i store.Item, revision int64, channel, ts string, v verdict) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	now := time.Now()
	switch v.class {
	case classOK:
		if i.Living() && len(i.Predecessors) == 0 {
			d.metrics.delivery.Observe(now.Sub(i.QueuedAt).Seconds())
		}
		defer d.Posted()
		return d.Store.Posted(ctx, i.Key, channel, store.FoundMessage{TS: ts, Revision: revision}, now)
	case classDoubt:
		return d.Store.Doubt(ctx, i.Key, now)
	case classPayload:
		return d.Store.Abandon(ctx, i.Key, now.Add(refusedAgain))
	case classGone:
		return d.Store.Abandon(ctx, i.Key, now.Add(threadAgain))
	case classOperator:
		return d.Store.Abandon(ctx, i.Key, now.Add(d.stumble(i.Key, v)))
	case classLimited, classAway:
	}
	return d.Store.Abandon(ctx, i.Key, now)
}

// editing brings a message in Slack up to date.
func (d *Deliverer) editing(channel string, i store.Item) work {
	return work{key: i.Key, channel: channel, what: edits, do: func(ctx context.Context) (verdict, error) {
		r, err := d.render(ctx, i)
		if err != nil {
			return verdict{}, err
		}
		v, err := d.edit(ctx, channel, i.TS, r.rich)
		if err == nil && v.class == classPayload {
			d.Log.Warn("slack refused an edit; sending it as plain text", "feedback_id", i.FeedbackID, "reason", v.reason)
			_ = d.throttle.edits.Wait(ctx)
			v, err = d.edit(ctx, channel, i.TS, r.plain)
		}
		if err != nil {
			return v, err
		}
		if i.Erasure {
			return d.erased(ctx, channel, i, r.revision, v)
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
		d.Log.Info("a message can no longer be edited; posting a new one", "feedback_id", i.FeedbackID, "reason", v.reason)
		return d.Store.Unlink(ctx, i.Key, time.Now())
	case classPayload:
		return d.Store.Postpone(ctx, i.Key, time.Now().Add(refusedAgain))
	case classOperator:
		return d.Store.Postpone(ctx, i.Key, time.Now().Add(d.stumble(i.Key, v)))
	case classDoubt:
		return d.Store.Postpone(ctx, i.Key, time.Now().Add(operatorAgain))
	case classLimited, classAway:
	}
	return nil
}

// stumble tells how long an item waits after an error that somebody has to mend:
// as long as its channel, or, when it may be about this message only, longer each
// time, so that the others in the channel get their turn.
func (d *Deliverer) stumble(key string, v verdict) time.Duration {
	if channelWide(v.reason) {
		return operatorAgain
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stumbles[key]++
	return min(stumbleAgain<<min(d.stumbles[key]-1, 5), longestStumble)
}

// deleting removes what is left of messages that could no longer be edited.
func (d *Deliverer) deleting(channel string, i store.Item) work {
	return work{key: i.Key, channel: channel, what: deletes, do: func(ctx context.Context) (verdict, error) {
		for _, ts := range i.Predecessors {
			if v, err := d.clear(ctx, channel, i.Key, ts); !v.deleted() || err != nil {
				return v, err
			}
		}
		ctx, cancel := bookkeeping(ctx)
		defer cancel()
		return verdict{class: classOK}, d.Store.PredecessorsDeleted(ctx, i.Key)
	}}
}

// post calls chat.postMessage.
func (d *Deliverer) post(ctx context.Context, channel, parent string, broadcast bool, m message.Message) (in, ts string, v verdict) {
	options := append(contents(m), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	if parent != "" {
		options = append(options, slack.MsgOptionTS(parent))
	}
	if broadcast {
		options = append(options, slack.MsgOptionBroadcast())
	}
	v = d.call(ctx, methodPost, func(ctx context.Context) (err error) {
		in, ts, err = d.Slack.PostMessageContext(ctx, channel, options...)
		return err
	})
	return in, ts, v
}

// edit calls chat.update. The error is the store's, and then nothing was called.
func (d *Deliverer) edit(ctx context.Context, channel, ts string, m message.Message) (verdict, error) {
	if err := d.Store.Editing(ctx, time.Now()); err != nil {
		return verdict{}, err
	}
	return d.call(ctx, methodEdit, func(ctx context.Context) error {
		_, _, _, err := d.Slack.UpdateMessageContext(ctx, channel, ts, contents(m)...)
		return err
	}), nil
}

// delete calls chat.delete.
func (d *Deliverer) delete(ctx context.Context, channel, ts string) verdict {
	return d.call(ctx, methodDelete, func(ctx context.Context) error {
		_, _, err := d.Slack.DeleteMessageContext(ctx, channel, ts)
		return err
	})
}

// clear deletes a message that stands beside the one of an item. What Slack does not let
// be deleted is noted: it may tell of somebody who is to be forgotten.
func (d *Deliverer) clear(ctx context.Context, channel, key, ts string) (verdict, error) {
	v := d.delete(ctx, channel, ts)
	if !v.refused() {
		return v, nil
	}
	d.Log.Warn("slack does not let a message be deleted that has been replaced; it stays", "key", key, "slack_channel", channel, "ts", ts, "reason", v.reason)
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	return v, d.Store.MarkUndeletable(ctx, key, ts)
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
func (d *Deliverer) call(ctx context.Context, method string, do func(context.Context) error) verdict {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	v := classify(do(ctx))
	v.method = method
	d.Count(method, string(v.class))
	return v
}

// noteTimeout bounds what must be noted after a call, also when the bot stops.
// What could not be noted is in doubt.
const noteTimeout = 2 * time.Second

// bookkeeping outlives the stop of the bot, for what must be noted after a call.
func bookkeeping(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
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
