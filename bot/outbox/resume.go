package outbox

import (
	"context"
	"time"
)

// longestSilence bounds which silence a former process noted is believed: its
// clock may have been ahead.
const longestSilence = time.Hour

// resume takes over what a former process left: the pace it kept, the silence
// Slack asked of it, and the posts it had begun.
func (d *Deliverer) resume(ctx context.Context) error {
	now := time.Now()
	posted, err := d.Store.LastPosts(ctx, now.Add(-d.Pace.Post))
	if err != nil {
		return err
	}
	for channel, at := range posted {
		d.throttle.posted[channel] = earliest(at, now)
	}
	edited, err := d.Store.EditsSince(ctx, now.Add(-time.Minute))
	if err != nil {
		return err
	}
	d.throttle.edits.AllowN(now, min(edited, d.throttle.edits.Burst()))
	silent, err := d.Store.RateLimits(ctx)
	if err != nil {
		return err
	}
	for method, until := range silent {
		if until.Before(now.Add(longestSilence)) {
			d.throttle.silent[method] = until
		}
	}
	doubts, err := d.Store.Doubts(ctx)
	if err != nil {
		return err
	}
	for _, i := range doubts {
		i = ended(i, now)
		if err := d.Store.Doubt(ctx, i.Key, i.DoubtAt); err != nil {
			return err
		}
		d.throttle.posted[i.SlackChannel] = latest(d.throttle.posted[i.SlackChannel], i.DoubtAt)
	}
	if err := d.Store.RetryErasures(ctx, now); err != nil {
		return err
	}
	return d.Store.ClampRetryTimes(ctx, now.Add(refusedAgain))
}
