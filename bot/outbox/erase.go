package outbox

import (
	"context"
	"time"

	"smileybot/store"
)

// erased keeps how the edit went that takes what is personal out of a message. What
// Slack does not let be edited is deleted instead, and never posted anew. What it does
// not let be deleted either is noted, for the operator.
func (d *Deliverer) erased(ctx context.Context, channel string, i store.Item, revision int64, v verdict) (verdict, error) {
	switch {
	case v.class == classOK:
		return v, d.erasureDone(ctx, i, revision)
	case v.class == classLimited, v.class == classAway, v.class == classDoubt, everywhere(v.reason):
		return v, d.edited(ctx, i, revision, v)
	case channelWide(v.reason): // nor can it be deleted
		return verdict{}, d.erasureFailed(ctx, channel, i, v)
	}
	gone := d.delete(ctx, channel, i.TS)
	switch {
	case gone.class == classOK, gone.class == classGone:
		d.Log.Info("a message could not be edited to erase what is personal, and was deleted", "key", i.Key, "reason", v.reason)
		return verdict{class: classOK}, d.erasureDone(ctx, i, revision)
	case gone.refused(), channelWide(gone.reason) && !everywhere(gone.reason):
		return verdict{}, d.erasureFailed(ctx, channel, i, gone)
	default:
		return gone, d.later(ctx, i)
	}
}

// later has an erasure wait, so that the next message gets its turn.
func (d *Deliverer) later(ctx context.Context, i store.Item) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	return d.Store.Postpone(ctx, i.Key, time.Now().Add(operatorAgain))
}

func (d *Deliverer) erasureDone(ctx context.Context, i store.Item, revision int64) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	return d.Store.ErasureDone(ctx, i.Key, revision)
}

func (d *Deliverer) erasureFailed(ctx context.Context, channel string, i store.Item, v verdict) error {
	ctx, cancel := bookkeeping(ctx)
	defer cancel()
	d.Log.Error("a message can be neither edited nor deleted, so what is personal stands there still; delete it by hand", "key", i.Key, "slack_channel", channel, "ts", i.TS, "reason", v.reason)
	return d.Store.ErasureFailed(ctx, i.Key)
}
