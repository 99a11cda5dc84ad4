package bot

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"smileybot/bot/command"
	"smileybot/bot/internal/loop"
	"smileybot/bot/slackapi"
)

// answerTimeout bounds the work for one request. People have their answer long before; a slow Slack may
// take that long to accept it.
const answerTimeout = 10 * time.Second

// A dispatcher carries out in the background what people do in Slack, whichever transport brought it.
type dispatcher struct {
	handler *command.Handler
	log     *slog.Logger

	mu      sync.Mutex // guards stopped, and working against additions after it
	stopped bool       // also before it begins
	working sync.WaitGroup
}

// begin lets work start, with a handler that knows the store.
func (d *dispatcher) begin(handler *command.Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handler, d.stopped = handler, false
}

// Start runs work in the background, with the values of ctx and not its end. It returns false while the
// bot starts or stops, and then does not run it.
func (d *dispatcher) Start(ctx context.Context, work func(context.Context)) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
	d.working.Go(func() {
		defer cancel()
		_ = loop.Protect(ctx, d.log, "panic in request of slack", func() error {
			work(ctx)
			return nil
		})
	})
	return true
}

// Handle carries out one request.
func (d *dispatcher) Handle(ctx context.Context, r slackapi.Request) {
	switch {
	case r.Command != nil:
		d.handler.Command(ctx, *r.Command)
	case r.Interaction != nil:
		d.handler.Interaction(ctx, *r.Interaction)
	case r.Event != nil:
		d.handler.Event(ctx, *r.Event)
	}
}

// stop starts no more work and lets the work that is under way end.
func (d *dispatcher) stop(grace time.Duration) {
	d.mu.Lock()
	d.stopped = true
	d.mu.Unlock()
	done := make(chan struct{})
	go func() {
		d.working.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(grace):
	}
}
