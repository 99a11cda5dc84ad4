package store_test

import (
	"context"
	"math"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/database"
	"smileybot/store/storetest"
)

// TestMomentsThatOlderVersionsStored puts moments into the database that no webhook may bring any
// more, and uses everything that reads them: nothing loops, fails or takes long.
func TestMomentsThatOlderVersionsStored(t *testing.T) {
	t.Parallel()
	path := filepath.Join(storetest.Folder(t), "smileybot.db")
	storetest.Create(t, path)
	options := storetest.Options(t)
	options.Outgoing = true
	s, err := database.Open(t.Context(), storetest.Address(t, path), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()

	moments := []int64{
		math.MinInt64, -62_135_596_800_001, -62_135_596_800_000, -1, 0, // of the year 1 and 1970
		time.Date(2040, time.December, 31, 12, 0, 0, 0, time.UTC).UnixMilli(),
		time.Date(9996, time.December, 31, 12, 0, 0, 0, time.UTC).UnixMilli(),
		253_402_300_799_999, 253_402_300_800_000, math.MaxInt64, // the end of the year 9999
	}
	raw := storetest.Raw(t, path)
	var ids []string
	for i, ms := range moments {
		e := storetest.Ordinary("x-"+strconv.Itoa(i), 1, noon())
		e.Answer.Ticket.OpenedAt, e.Answer.Ticket.FirstReplyAt, e.Answer.Ticket.ResolvedAt = noon(), noon(), noon()
		for _, field := range []feedback.Field{feedback.FieldTicketOpenedAt, feedback.FieldTicketFirstReplyAt, feedback.FieldTicketResolvedAt} {
			e.Mentions[field] = true
		}
		taken, err := s.Ingest(ctx, store.Delivery{Sender: "feedback", Body: []byte("{}"), ReceivedAt: noon()}, e)
		require.NoError(t, err)
		id := taken[0].FeedbackID
		ids = append(ids, id)
		other := moments[len(moments)-1-i]
		for query, args := range map[string][]any{
			`update feedback set ticket_opened_ms = $1, ticket_replied_ms = $2, ticket_resolved_ms = $3 where id = $4`: {ms, other, ms / 2, id},
			`update followup set opened_ms = $1, due_ms = $2, changed_ms = $3 where feedback_id = $4`:                  {other, ms, ms, id},
		} {
			done, err := raw.ExecContext(ctx, query, args...)
			require.NoError(t, err)
			n, err := done.RowsAffected()
			require.NoError(t, err)
			require.EqualValues(t, 1, n)
		}
	}

	_, err = s.Rebuild(ctx, func(_, _ int64) {})
	require.NoError(t, err)
	for _, words := range []string{"2026", "0001-01-01..9999-12-31", "36500d"} {
		period, err := score.ParsePeriod(words, office.DayOf(noon(), options.Location))
		require.NoError(t, err)
		for _, by := range []score.GroupBy{score.ByNothing, score.ByChannel, score.ByAgent} {
			q := score.NewQuery(score.MetricCSAT, period)
			q.GroupBy = by
			_, err = s.ServiceReport(ctx, q)
			require.NoError(t, err)
			_, err = s.Reports(ctx, q)
			require.NoError(t, err)
		}
		_, err = s.FollowUpStats(ctx, period, noon())
		require.NoError(t, err)
	}
	for _, id := range ids {
		update := storetest.Comment(red("x"), "late", noon())
		update.Key = mustSnapshot(t, s, id).Feedback.Key
		_, err = s.Ingest(ctx, store.Delivery{Sender: "feedback", Body: []byte("{}"), ReceivedAt: noon()}, update)
		require.NoError(t, err)
		after, err := s.ApplyTransition(ctx, id, followup.Transition{Action: followup.ActionReopen, By: "U0BART", At: noon()})
		require.NoError(t, err)
		require.Equal(t, followup.StateOpen, after.FollowUp.State)
		_, err = raw.ExecContext(ctx, `update followup set due_ms = $1 where feedback_id = $2`, moments[len(moments)-1], id)
		require.NoError(t, err)
		_, err = s.ApplyTransition(ctx, id, followup.Transition{Action: followup.ActionClaim, By: "U0BART", At: noon()})
		require.NoError(t, err, "the event for the ticket system has the due time")
	}
	for i, id := range ids {
		_, err = raw.ExecContext(ctx, `update followup set due_ms = $1 where feedback_id = $2`, moments[i], id)
		require.NoError(t, err)
	}
	_, err = s.NextReminder(ctx)
	require.NoError(t, err)
	_, err = s.Remind(ctx, noon())
	require.NoError(t, err)
	next, err := s.NextReminder(ctx)
	require.NoError(t, err)
	require.True(t, next.IsZero() || next.After(noon()), "the schedule would not rest: %s", next)
	_, err = s.Escalate(ctx, store.JobProgress{Name: "escalation", DoneAt: noon()}, "escalation:2026-11-20", noon())
	require.NoError(t, err)
	_, err = s.NextOverdue(ctx, noon())
	require.NoError(t, err)
	_, err = s.WholeQueue(ctx, store.Page{Limit: 100})
	require.NoError(t, err)
	require.NoError(t, s.Export(ctx, 0, 100_000, func(feedback.Feedback) error { return nil }))
	_, err = s.EraseBefore(ctx, office.DayOf(noon().AddDate(-100, 0, 0), options.Location), noon())
	require.NoError(t, err)
	event, err := s.NextOutgoing(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, event.Body)
}

func mustSnapshot(t *testing.T, s *store.Store, id string) followup.Snapshot {
	t.Helper()
	c, err := s.Snapshot(t.Context(), id)
	require.NoError(t, err)
	return c
}
