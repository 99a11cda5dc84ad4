package bot

import (
	"context"
	"log/slog"

	"smileybot/store"
)

// recount counts the scores anew when they are counted by other rules than those
// of the settings: after a change of the time zone or the office hours, and after an
// update to a version that counts more. It goes before anybody asks for them. The log
// tells how far it is, by tenths.
func recount(ctx context.Context, s *store.Store, log *slog.Logger) error {
	if counted, err := s.Counted(ctx); err != nil || counted {
		return err
	}
	log.Info("the scores are counted anew, by the time zone and the office hours that are set")
	told := int64(0)
	rebuilt, err := s.Rebuild(ctx, func(done, total int64) {
		const tenths = 10
		if now := tenths * done / max(total, 1); now > told {
			told = now
			log.Info("counting the scores anew", "percent", tenths*now)
		}
	})
	if err != nil {
		return err
	}
	log.Info("the scores are counted anew", "feedback", rebuilt.Feedback, "moved_to_another_day", rebuilt.Moved, "tallies_changed", rebuilt.Different, "service_changed", rebuilt.Service)
	return nil
}
