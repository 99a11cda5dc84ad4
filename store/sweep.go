package store

import (
	"context"
	"fmt"
	"time"
)

// sweepBatch is how many rows one transaction of a sweep drops, few enough for
// webhooks not to wait.
const sweepBatch = 500

// Sweep drops raw payloads, delivery ids, refusals, and whom was forgotten, when they are
// older than [Kept], a little at a time, and counts what waits to be counted.
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	for _, query := range []string{
		`delete from payload where id in (select id from payload where received_ms <= $1 order by received_ms limit $2)`,
		`delete from delivery where (sender, delivery_id) in (select sender, delivery_id from delivery where received_ms <= $1 order by received_ms limit $2)`,
		`delete from refusal where id in (select id from refusal where received_ms <= $1 limit $2)`,
		`delete from forgotten where who in (select who from forgotten where at_ms <= $1 limit $2)`,
	} {
		for more := true; more; {
			err := s.engine.Write(ctx, func(t *Unit) error {
				n, err := t.Affect(query, ms(now.Add(-Kept)), sweepBatch)
				more = n == sweepBatch
				return err
			})
			if err != nil {
				return fmt.Errorf("dropping old deliveries: %w", err)
			}
		}
	}
	return s.SettleService(ctx)
}
