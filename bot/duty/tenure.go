package duty

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"smileybot/bot/internal/loop"
	"smileybot/bot/internal/trust"
	"smileybot/store"
)

// A tenure is the time in which a part runs here.
type tenure struct {
	lease store.Lease
	ended chan struct{} // closed when the part has returned
	// stop ends the part in peace, lose at once: the duty may be another bot's.
	stop, lose func()
	lost       func() bool
	renewedAt  atomic.Pointer[time.Time]
	expiry     *time.Timer // nil when no other bot can be there
}

// startTenure runs a part under a lease that was taken by a write that began at a moment.
func (k *Keeper) startTenure(ctx context.Context, p Part, l store.Lease, began time.Time) *tenure {
	t := &tenure{lease: l, ended: make(chan struct{})}
	t.renewedAt.Store(&began)
	trusted := func() bool { return k.exclusive || trust.Within(trustFor, *t.renewedAt.Load(), time.Now()) }
	held, lose := context.WithCancel(trust.With(ctx, trusted))
	running, stop := context.WithCancel(held)
	t.stop, t.lose, t.lost = stop, lose, func() bool { return held.Err() != nil }
	if !k.exclusive {
		t.expiry = time.AfterFunc(time.Until(began.Add(trustFor)), func() {
			if !t.lost() {
				k.options.Log.Warn("stopped a duty: its lease was not renewed in time", "duty", l.Duty, "term", l.Term)
			}
			lose()
		})
	}
	go func() {
		_ = loop.Protect(running, k.options.Log, "panic in duty", func() error {
			p.Run(running, held, k.options.Store.Under(l))
			return nil
		}, slog.String("duty", l.Duty))
		if t.expiry != nil {
			t.expiry.Stop()
		}
		close(t.ended)
		k.wake.Signal()
	}()
	return t
}

// renew takes note of all leases after a renewal that began at a moment: it prolongs the trust, or ends
// it when another bot holds the duty.
func (t *tenure) renew(all []store.Lease, began time.Time) {
	for _, l := range all {
		if l.Duty != t.lease.Duty || l.Holder != t.lease.Holder || l.Term != t.lease.Term {
			continue
		}
		if t.lost() || !t.expiry.Stop() {
			return // its time was up before the answer came
		}
		t.renewedAt.Store(&began)
		t.expiry.Reset(time.Until(began.Add(trustFor)))
		return
	}
	t.lose()
}
