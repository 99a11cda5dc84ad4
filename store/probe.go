package store

import (
	"context"
	"sync"
	"time"
)

// probeInterval is how long the result of a probe counts. Each probe waits for the disk, and anyone who
// reaches the operator's address may ask at any rate.
const probeInterval = 3 * time.Second

// A probe is the latest attempt to write. One attempt at most is under way, and all who ask meanwhile
// wait for it. Its result counts for [probeInterval]; a failure also ends when a delivery is stored.
type probe struct {
	mu      sync.Mutex
	running chan struct{} // closed when the attempt ends; nil when no attempt is under way
	at      time.Time     // of the latest result; zero: there is no result that counts
	err     error
}

// result returns the latest result, if it is new enough, or that of an attempt. When ctx ends first it
// returns the error of ctx, and the attempt goes on.
func (p *probe) result(ctx context.Context, now time.Time, attempt func(context.Context) error) error {
	p.mu.Lock()
	if age := now.Sub(p.at); p.running == nil && !p.at.IsZero() && age >= 0 && age < probeInterval {
		defer p.mu.Unlock()
		return p.err
	}
	if p.running == nil {
		p.running = make(chan struct{})
		go func() {
			err := attempt(context.WithoutCancel(ctx))
			p.mu.Lock()
			defer p.mu.Unlock()
			p.at, p.err = now, err
			close(p.running)
			p.running = nil
		}()
	}
	running := p.running
	p.mu.Unlock()
	select {
	case <-running:
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// forgetFailure makes the next question an attempt if the latest one failed.
func (p *probe) forgetFailure() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		p.at = time.Time{}
	}
}
