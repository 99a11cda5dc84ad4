// Package routine does what happens by the clock: raw deliveries, delivery ids
// and refusals are dropped once they are older than [store.Kept].
package routine

import (
	"context"
	"log/slog"
	"time"

	"smileybot/store"
)

// every is how often old deliveries are dropped.
const every = 24 * time.Hour

// Run does what is due now and then at every due moment, until ctx ends.
func Run(ctx context.Context, s *store.Store, log *slog.Logger) {
	for ctx.Err() == nil {
		if err := s.Sweep(ctx, time.Now()); err != nil && ctx.Err() == nil {
			log.Error("dropping old deliveries failed; trying again tomorrow", "error", err.Error())
		}
		timer := time.NewTimer(every)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}
