package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/store"
	"smileybot/store/database"
	"smileybot/store/storetest"
)

func leaseOf(t *testing.T, s *store.Store, duty string) store.Lease {
	t.Helper()
	all, err := s.Leases(t.Context())
	require.NoError(t, err)
	for _, l := range all {
		if l.Duty == duty {
			return l
		}
	}
	return store.Lease{Duty: duty}
}

func take(t *testing.T, s *store.Store, holder string, seen ...store.Lease) []store.Lease {
	t.Helper()
	taken, err := s.TakeLeases(t.Context(), holder, seen...)
	require.NoError(t, err)
	return taken
}

// TestLease takes, renews and releases a lease, each only as it was seen.
func TestLease(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	never := store.Lease{Duty: "slack"}
	first := store.Lease{Duty: "slack", Holder: "a", Term: 1}
	assert.Equal(t, []store.Lease{first}, take(t, s, "a", never))
	assert.Empty(t, take(t, s, "b", never), "another was quicker")

	all, err := s.Beat(t.Context(), "a", "clock", "slack")
	require.NoError(t, err)
	beaten := store.Lease{Duty: "slack", Holder: "a", Term: 1, Beat: 1}
	assert.Equal(t, []store.Lease{beaten}, all)
	assert.Empty(t, take(t, s, "b", first), "it was renewed meanwhile")
	all, err = s.Beat(t.Context(), "b", "slack")
	require.NoError(t, err)
	assert.Equal(t, []store.Lease{beaten}, all, "it is not b's to renew")

	second := store.Lease{Duty: "slack", Holder: "b", Term: 2}
	assert.Equal(t, []store.Lease{second, {Duty: "clock", Holder: "b", Term: 1}}, take(t, s, "b", beaten, store.Lease{Duty: "clock"}))
	require.NoError(t, s.ReleaseLease(t.Context(), beaten), "a's, which is over")
	assert.Equal(t, second, leaseOf(t, s, "slack"))
	require.NoError(t, s.ReleaseLease(t.Context(), second))
	released := store.Lease{Duty: "slack", Term: 2}
	assert.Equal(t, released, leaseOf(t, s, "slack"))
	assert.Equal(t, []store.Lease{{Duty: "slack", Holder: "a", Term: 3}}, take(t, s, "a", released))

	require.NoError(t, s.DropLeases(t.Context(), released, store.Lease{Duty: "clock", Holder: "b", Term: 1}))
	assert.Equal(t, int64(3), leaseOf(t, s, "slack").Term, "it is not as it was seen")
	assert.Zero(t, leaseOf(t, s, "clock").Term)
	require.NoError(t, s.RemoveLease(t.Context(), store.Lease{Duty: "slack", Holder: "a", Term: 2}))
	require.NoError(t, s.RemoveLease(t.Context(), store.Lease{Duty: "slack", Holder: "a", Term: 3}))
	assert.Zero(t, leaseOf(t, s, "slack").Term)
}

// TestFormerHolderChangesNothing: no write of a duty changes anything once another has taken over, and all
// of them are made while it has not.
func TestFormerHolderChangesNothing(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC)
	day := office.DayOf(now, time.UTC)
	sight := store.FoundMessage{TS: "1.0", Revision: 1}
	place := store.Place{SlackChannel: "C1", TS: "2.0"}
	for name, write := range map[string]func(ctx context.Context, s *store.Store, key string) error{
		"Attempt": func(ctx context.Context, s *store.Store, key string) error { return s.Attempt(ctx, key, "C1", now) },
		"Doubt":   func(ctx context.Context, s *store.Store, key string) error { return s.Doubt(ctx, key, now) },
		"Refused": func(ctx context.Context, s *store.Store, key string) error { return s.Refused(ctx, key, now, now) },
		"Abandon": func(ctx context.Context, s *store.Store, key string) error { return s.Abandon(ctx, key, now) },
		"ResolveDoubts": func(ctx context.Context, s *store.Store, key string) error {
			return s.ResolveDoubts(ctx, "C1", map[string]store.FoundMessage{key: sight}, nil, now)
		},
		"Posted": func(ctx context.Context, s *store.Store, key string) error {
			return s.Posted(ctx, key, "C1", sight, now)
		},
		"Edited":              func(ctx context.Context, s *store.Store, key string) error { return s.Edited(ctx, key, 1) },
		"Editing":             func(ctx context.Context, s *store.Store, _ string) error { return s.Editing(ctx, now) },
		"Withhold":            func(ctx context.Context, s *store.Store, key string) error { return s.Withhold(ctx, key, 1) },
		"Withdraw":            func(ctx context.Context, s *store.Store, key string) error { return s.Withdraw(ctx, key) },
		"Postpone":            func(ctx context.Context, s *store.Store, key string) error { return s.Postpone(ctx, key, now) },
		"Unlink":              func(ctx context.Context, s *store.Store, key string) error { return s.Unlink(ctx, key, now) },
		"Leave":               func(ctx context.Context, s *store.Store, key string) error { return s.Leave(ctx, key, now) },
		"PredecessorsDeleted": func(ctx context.Context, s *store.Store, key string) error { return s.PredecessorsDeleted(ctx, key) },
		"Rechecked":           func(ctx context.Context, s *store.Store, key string) error { return s.Rechecked(ctx, key) },
		"MarkUndeletable":     func(ctx context.Context, s *store.Store, key string) error { return s.MarkUndeletable(ctx, key, place) },
		"ErasureDone":         func(ctx context.Context, s *store.Store, key string) error { return s.ErasureDone(ctx, key, 1) },
		"ErasureFailed":       func(ctx context.Context, s *store.Store, key string) error { return s.ErasureFailed(ctx, key) },
		"RetryErasures":       func(ctx context.Context, s *store.Store, _ string) error { return s.RetryErasures(ctx, now) },
		"ClampRetryTimes":     func(ctx context.Context, s *store.Store, _ string) error { return s.ClampRetryTimes(ctx, now) },
		"MoveRetries":         func(ctx context.Context, s *store.Store, _ string) error { return s.MoveRetries(ctx, now, -time.Hour) },
		"RecordRateLimit": func(ctx context.Context, s *store.Store, _ string) error {
			return s.RecordRateLimit(ctx, "chat.postMessage", now)
		},
		"Advance": func(ctx context.Context, s *store.Store, _ string) error {
			return s.Advance(ctx, store.JobProgress{Name: "digest", DoneAt: now}, store.Bulletin{Notice: store.NoticeDigest, Key: "digest:x"})
		},
		"Escalate": func(ctx context.Context, s *store.Store, _ string) error {
			_, err := s.Escalate(ctx, store.JobProgress{Name: "escalation", DoneAt: now}, "escalation:x", now.AddDate(0, 0, 3))
			return err
		},
		"JobProgress": func(ctx context.Context, s *store.Store, _ string) error {
			_, err := s.JobProgress(ctx, "alert", now)
			return err
		},
		"Remind": func(ctx context.Context, s *store.Store, _ string) error {
			_, err := s.Remind(ctx, now.AddDate(0, 0, 3))
			return err
		},
		"Sweep": func(ctx context.Context, s *store.Store, _ string) error { return s.Sweep(ctx, now.AddDate(1, 0, 0)) },
		"EraseBefore": func(ctx context.Context, s *store.Store, _ string) error {
			_, err := s.EraseBefore(ctx, day.Add(1), now)
			return err
		},
		"MarkSent": func(ctx context.Context, s *store.Store, _ string) error {
			next, err := s.NextOutgoing(ctx)
			if err != nil {
				return err
			}
			return s.MarkSent(ctx, next.ID, true)
		},
		"ScheduleRetry": func(ctx context.Context, s *store.Store, _ string) error {
			next, err := s.NextOutgoing(ctx)
			if err != nil {
				return err
			}
			return s.ScheduleRetry(ctx, next.ID, now, true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := storetest.Options(t)
			options.Outgoing = true
			path := storetest.Folder(t) + "/smileybot.db"
			storetest.Create(t, path)
			s, err := database.Open(t.Context(), storetest.Address(t, path), options)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			e := storetest.Smiley("reply-1", feedback.Red, now)
			e.Answer.Customer.ID = "c-1"
			e.Mentions[feedback.FieldCustomerID] = true
			taken, err := s.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: "msg_1", ReceivedAt: now}, e)
			require.NoError(t, err)
			held := take(t, s, "a", store.Lease{Duty: "slack"})[0]
			former := s.Under(held)
			next := take(t, s, "b", held)[0]
			before := content(t, path)
			require.ErrorIs(t, write(t.Context(), former, taken[0].FeedbackID), store.ErrSuperseded)
			take(t, s, "a", next) // whose earlier term stays over
			require.ErrorIs(t, write(t.Context(), former, taken[0].FeedbackID), store.ErrSuperseded)
			assert.Equal(t, before, content(t, path))
			if err := write(t.Context(), s.Under(leaseOf(t, s, "slack")), taken[0].FeedbackID); err != nil { // such as for a row that is not in Slack yet
				require.NotErrorIs(t, err, store.ErrSuperseded)
			}
		})
	}
}

// content is every row of the tables that duties write.
func content(t *testing.T, path string) map[string][][]any {
	t.Helper()
	db := storetest.Raw(t, path)
	all := make(map[string][][]any)
	for _, table := range []string{"outbox", "edit", "pause", "routine", "followup", "transition", "outgoing", "delivery", "payload", "feedback", "forgotten", "covered", "tally"} {
		all[table] = storetest.Rows(t, db, "select * from "+table)
	}
	return all
}
