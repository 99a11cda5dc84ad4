package outbox

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/internal/loop"
	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/store"
)

// How long an item itself waits after a failure, so that the next in its channel gets a turn.
const (
	// operatorRetry is for what an operator must repair.
	operatorRetry = 20 * time.Second
	// itemRetryMin, doubled at each failure up to itemRetryMax, is for an error that may be about one
	// message only.
	itemRetryMin = 45 * time.Second
	itemRetryMax = 15 * time.Minute
	// notYetRetry is for a list of messages of which one is only just being posted; notYetMax is how
	// long that is waited for.
	notYetRetry = time.Second
	notYetMax   = time.Minute
	// threadRetry is for a notice whose message was deleted: it goes into the thread of the message that
	// is posted instead.
	threadRetry = time.Minute
	// rejectedRetry is for what Slack rejected even as text. A newer revision is tried at once.
	rejectedRetry = time.Hour
)

// testToken asks Slack whether it accepts the token, so that the operator learns of a wrong one before
// the first rating comes.
func (d *Deliverer) testToken() task {
	return task{kind: tests, do: func(ctx context.Context) (slackapi.Result, error) { return d.Slack.TestToken(ctx), nil }}
}

// postKind is the kind of task that posting an item is. A thread may be locked while the channel is
// not.
func postKind(i store.Item) taskKind {
	if i.OfFeedback() || i.Bulletin() {
		return posts
	}
	return notices
}

// post posts a message or a notice for the first time.
func (d *Deliverer) post(channel string, i store.Item) task {
	return task{key: i.Key, channel: channel, kind: postKind(i), do: func(ctx context.Context) (slackapi.Result, error) {
		m, err := d.render(ctx, i)
		if err != nil {
			return slackapi.Result{}, err
		}
		switch {
		case m.quiet:
			return slackapi.Result{}, d.store.Withhold(ctx, i.Key, m.revision)
		case m.pointless:
			return slackapi.Result{}, d.store.Withdraw(ctx, i.Key)
		case m.early:
			return slackapi.Result{}, d.store.Postpone(ctx, i.Key, d.now().Add(notYetRetry))
		}
		if err := d.store.Attempt(ctx, i.Key, channel, d.now()); err != nil {
			return slackapi.Result{}, err
		}
		p := slackapi.Post{Channel: channel, Thread: thread(i), Broadcast: m.broadcast, Content: content(m.message)}
		in, ts, r := d.Slack.Post(ctx, p)
		if r.Class == slackapi.ClassPayload {
			d.Log.Warn("slack rejected a message; will retry as plain text", "key", i.Key, "reason", r.Reason)
			loop.Sleep(ctx, d.Pace.Post)
			p.Content = content(m.message.Plain())
			in, ts, r = d.Slack.Post(ctx, p)
		}
		if i.Thread != "" && d.lost(channel, r) {
			r.Class = slackapi.ClassGone
			return r, d.follow(ctx, i)
		}
		return r, d.posted(ctx, i, m.revision, in, ts, r)
	}}
}

// follow posts the message of a feedback elsewhere, because its channel is lost to a notice in its
// thread, which follows there.
func (d *Deliverer) follow(ctx context.Context, notice store.Item) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	return errors.Join(d.store.Abandon(ctx, notice.Key, d.now()), d.leave(ctx, notice.FeedbackID, notice.SlackChannel))
}

// leave posts a message elsewhere whose channel is lost.
func (d *Deliverer) leave(ctx context.Context, key, channel string) error {
	d.Log.Info("a message is in a channel that is no longer used; posting a new one", "key", key, "slack_channel", channel)
	return d.store.Leave(ctx, key, d.now())
}

// posted records how a post went. It does so even when the bot is stopping.
func (d *Deliverer) posted(ctx context.Context, i store.Item, revision int64, channel, ts string, r slackapi.Result) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	now := d.now()
	switch r.Class {
	case slackapi.ClassOK:
		if i.OfFeedback() && len(i.Predecessors) == 0 {
			d.delivery.Observe(now.Sub(i.QueuedAt).Seconds())
		}
		defer d.Posted()
		return d.store.Posted(ctx, i.Key, channel, store.FoundMessage{TS: ts, Revision: revision}, now)
	case slackapi.ClassDoubt:
		return d.store.Doubt(ctx, i.Key, now)
	case slackapi.ClassLimited:
		d.noteAnswered(i.Key, r.Wait)
		return d.store.Refused(ctx, i.Key, now, time.Time{})
	case slackapi.ClassPayload:
		return d.store.Abandon(ctx, i.Key, now.Add(rejectedRetry))
	case slackapi.ClassGone:
		return d.store.Abandon(ctx, i.Key, now.Add(threadRetry))
	case slackapi.ClassOperator:
		retry := now.Add(d.itemBackoff(i.Key, r))
		if r.PerhapsDone() {
			return d.store.Refused(ctx, i.Key, now, retry)
		}
		return d.store.Abandon(ctx, i.Key, retry)
	case slackapi.ClassAway:
	}
	return d.store.Abandon(ctx, i.Key, now)
}

// edit brings a message in Slack up to date.
func (d *Deliverer) edit(channel string, i store.Item) task {
	return task{key: i.Key, channel: channel, kind: edits, do: func(ctx context.Context) (slackapi.Result, error) {
		m, err := d.render(ctx, i)
		if err != nil {
			return slackapi.Result{}, err
		}
		r, err := d.update(ctx, channel, i.TS, m.message)
		if err == nil && r.Class == slackapi.ClassPayload {
			d.Log.Warn("slack rejected an edit; will retry as plain text", "feedback_id", i.FeedbackID, "reason", r.Reason)
			_ = d.throttle.edits.Wait(ctx)
			r, err = d.update(ctx, channel, i.TS, m.message.Plain())
		}
		if err != nil {
			return r, err
		}
		if i.Erasure {
			return d.erased(ctx, channel, i, m.revision, r)
		}
		if d.lost(channel, r) {
			ctx, cancel := bookkeeping(ctx)
			defer cancel()
			r.Class = slackapi.ClassGone
			return r, d.leave(ctx, i.Key, channel)
		}
		return r, d.edited(ctx, i, m.revision, r)
	}}
}

// update edits a message. The error is the store's, and then Slack was not called.
func (d *Deliverer) update(ctx context.Context, channel, ts string, m message.Message) (slackapi.Result, error) {
	if err := d.store.Editing(ctx, d.now()); err != nil {
		return slackapi.Result{}, err
	}
	return d.Slack.Update(ctx, channel, ts, content(m)...), nil
}

// edited records how an edit went. One that was perhaps made is simply made again.
func (d *Deliverer) edited(ctx context.Context, i store.Item, revision int64, r slackapi.Result) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	switch r.Class {
	case slackapi.ClassOK:
		return d.store.Edited(ctx, i.Key, revision)
	case slackapi.ClassGone:
		d.Log.Info("a message can no longer be edited; posting a new one", "feedback_id", i.FeedbackID, "reason", r.Reason)
		return d.store.Unlink(ctx, i.Key, d.now())
	case slackapi.ClassPayload:
		return d.store.Postpone(ctx, i.Key, d.now().Add(rejectedRetry))
	case slackapi.ClassOperator:
		return d.store.Postpone(ctx, i.Key, d.now().Add(d.itemBackoff(i.Key, r)))
	case slackapi.ClassDoubt:
		return d.store.Postpone(ctx, i.Key, d.now().Add(operatorRetry))
	case slackapi.ClassLimited, slackapi.ClassAway:
	}
	return nil
}

// itemBackoff is how long an item waits after an error that an operator must repair: as long as its
// channel, or, when it may be about this message only, longer each time, so that the others in the
// channel get their turn.
func (d *Deliverer) itemBackoff(key string, r slackapi.Result) time.Duration {
	if slackapi.AffectsChannel(r.Reason) {
		return operatorRetry
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.itemFailures[key]++
	return min(itemRetryMin<<min(d.itemFailures[key]-1, 5), itemRetryMax)
}

// deleteFormers deletes what is left of messages that could no longer be edited.
func (d *Deliverer) deleteFormers(channel string, i store.Item) task {
	return task{key: i.Key, channel: channel, kind: deletes, do: func(ctx context.Context) (slackapi.Result, error) {
		for _, p := range i.Predecessors {
			if r, err := d.deleteExtra(ctx, i.Key, p); !deleted(r) || err != nil {
				return r, err
			}
		}
		ctx, cancel := bookkeeping(ctx)
		defer cancel()
		return slackapi.Result{Class: slackapi.ClassOK}, d.store.PredecessorsDeleted(ctx, i.Key)
	}}
}

// deleteExtra deletes a message of an item that is not the linked one. What Slack does not let the bot
// delete is recorded: it may name a customer who must be erased later.
func (d *Deliverer) deleteExtra(ctx context.Context, key string, at store.Place) (slackapi.Result, error) {
	r := d.Slack.Delete(ctx, at.SlackChannel, at.TS)
	lost := d.lost(at.SlackChannel, r)
	if !lost && !undeletable(r) {
		return r, nil
	}
	d.Log.Warn("slack does not let the bot delete a message that has been replaced; it stays", "key", key, "slack_channel", at.SlackChannel, "ts", at.TS, "reason", r.Reason)
	if lost {
		r.Class = slackapi.ClassGone
	}
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	return r, d.store.MarkUndeletable(ctx, key, at)
}

// deleted reports whether there is nothing left to try: a message is deleted, it was gone, or Slack
// never lets the bot delete it.
func deleted(r slackapi.Result) bool {
	return r.Class == slackapi.ClassOK || r.Class == slackapi.ClassGone || undeletable(r)
}

// undeletable reports whether Slack never lets the bot delete this message.
func undeletable(r slackapi.Result) bool {
	return r.Class == slackapi.ClassPayload || r.Class == slackapi.ClassOperator && !slackapi.AffectsChannel(r.Reason)
}

// restricted reports whether the bot may not write in a channel, where it may still delete its messages.
func restricted(r slackapi.Result) bool { return strings.HasPrefix(r.Reason, "restricted_action") }

// erased records how the edit went that removes personal data from a message. A message that Slack
// does not let the bot edit is deleted instead, and not posted again. What it does not let the bot
// delete either is recorded, for the operator.
func (d *Deliverer) erased(ctx context.Context, channel string, i store.Item, revision int64, r slackapi.Result) (slackapi.Result, error) {
	switch {
	case r.Class == slackapi.ClassOK:
		return r, d.erasureDone(ctx, i, revision)
	case r.Class == slackapi.ClassLimited, r.Class == slackapi.ClassAway, r.Class == slackapi.ClassDoubt, slackapi.AffectsWorkspace(r.Reason):
		return r, d.edited(ctx, i, revision, r)
	case slackapi.AffectsChannel(r.Reason) && !restricted(r): // nor can it be deleted
		return slackapi.Result{}, d.erasureFailed(ctx, channel, i, r)
	}
	gone := d.Slack.Delete(ctx, channel, i.TS)
	switch {
	case gone.Class == slackapi.ClassOK, gone.Class == slackapi.ClassGone:
		d.Log.Info("a message could not be edited to erase personal data, and was deleted", "key", i.Key, "reason", r.Reason)
		return slackapi.Result{Class: slackapi.ClassOK}, d.erasureDone(ctx, i, revision)
	case undeletable(gone), slackapi.AffectsChannel(gone.Reason) && !slackapi.AffectsWorkspace(gone.Reason):
		return slackapi.Result{}, d.erasureFailed(ctx, channel, i, gone)
	default: // the next message gets its turn
		ctx, cancel := bookkeeping(ctx)
		defer cancel()
		return gone, d.store.Postpone(ctx, i.Key, d.now().Add(operatorRetry))
	}
}

func (d *Deliverer) erasureDone(ctx context.Context, i store.Item, revision int64) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	return d.store.ErasureDone(ctx, i.Key, revision)
}

func (d *Deliverer) erasureFailed(ctx context.Context, channel string, i store.Item, r slackapi.Result) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	d.Log.Error("a message can be neither edited nor deleted, so personal data stays in it; delete it by hand", "key", i.Key, "slack_channel", channel, "ts", i.TS, "reason", r.Reason)
	return d.store.ErasureFailed(ctx, i.Key)
}

// content is what posting and editing send. Blocks are always sent, or an edit would leave the old ones.
func content(m message.Message) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(m.Text, false),
		slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionMetadata(m.Metadata),
	}
}
