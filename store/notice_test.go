package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/storetest"
)

// TestNoticeOrder wait for their message, and go into its thread, oldest first.
func TestNoticeOrder(t *testing.T) {
	t.Parallel()
	d, ctx := newFixture(t), t.Context()
	var ids []string
	for _, name := range []string{"2", "1"} {
		id := d.take(t, red(name)).FeedbackID
		d.step(t, id, by("U"+name, followup.ActionClaim, 10))
		d.takeAt(t, after(20-float64(len(ids))), storetest.Comment(red(name), "why", after(15)))
		ids = append(ids, id)
	}
	waiting, err := d.NextNotices(ctx, after(30))
	require.NoError(t, err)
	assert.Empty(t, waiting, "their messages are not in Slack")
	d.post(t, ids[0], "C1", "1.000001", 3, after(30))
	d.post(t, ids[1], "C2", "2.000002", 3, after(30))
	waiting, err = d.NextNotices(ctx, after(30))
	require.NoError(t, err)
	require.Len(t, waiting, 2)
	key := fmt.Sprintf("explained:%s:3", ids[1])
	first := store.Item{
		Key: key, FeedbackID: ids[1], Notice: store.NoticeExplained, Mention: "U1", Channel: feedback.ChannelTicket,
		QueuedAt: after(19), Revision: 1, SlackChannel: "C2", Thread: "2.000002",
	}
	assert.Equal(t, first, waiting[0])
	assert.False(t, first.OfFeedback())
	assert.Equal(t, []string{"notices"}, d.places(t, key, after(30)))

	require.NoError(t, d.Attempt(ctx, key, "C2", after(31)))
	assert.Equal(t, []string{"doubts"}, d.places(t, key, after(31)))
	assert.Equal(t, "2.000002", item(d.Doubts(ctx))(t, key).Thread)
	require.NoError(t, d.Abandon(ctx, key, after(60)))
	assert.Empty(t, d.places(t, key, after(59)))
	d.post(t, key, "C2", "2.000003", 1, after(60))
	assert.Empty(t, d.places(t, key, after(60)), "said once")
}

func TestBacklogAndPace(t *testing.T) {
	t.Parallel()
	d, ctx := newFixture(t), t.Context()
	check := func(want store.Backlog) {
		t.Helper()
		got, err := d.Backlog(ctx)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	check(store.Backlog{})
	a := d.takeAt(t, after(10), red("1")).FeedbackID
	b := d.takeAt(t, after(20), green("2")).FeedbackID
	check(store.Backlog{Pending: 2, Oldest: after(10)})
	require.NoError(t, d.Attempt(ctx, a, "C1", after(30)))
	check(store.Backlog{Pending: 2, Oldest: after(10), InDoubt: 1})
	require.NoError(t, d.Posted(ctx, a, "C1", store.FoundMessage{TS: "1.000001", Revision: 1}, after(31)))
	check(store.Backlog{Pending: 1, Oldest: after(20)})
	d.post(t, b, "C2", "1.000001", 1, after(40))
	check(store.Backlog{})
	_, err := d.Refresh(ctx, a, after(50))
	require.NoError(t, err)
	check(store.Backlog{Pending: 1, Oldest: after(50)})
	c := d.take(t, red("3")).FeedbackID
	d.post(t, c, "C1", "1.000003", 1, after(35))
	last, err := d.LastPosts(ctx, after(0))
	require.NoError(t, err)
	require.Len(t, last, 2)
	assert.True(t, last["C1"].Equal(after(35)))
	assert.True(t, last["C2"].Equal(after(40)))

	require.NoError(t, d.RecordRateLimit(ctx, "chat.update", after(60)))
	require.NoError(t, d.RecordRateLimit(ctx, "chat.update", after(50)))
	require.NoError(t, d.RecordRateLimit(ctx, "chat.postMessage", after(70)))
	pauses, err := d.RateLimits(ctx)
	require.NoError(t, err)
	require.Len(t, pauses, 2)
	assert.True(t, pauses["chat.update"].Equal(after(50)), "the last word counts: the deliverer knows the longest")
	assert.True(t, pauses["chat.postMessage"].Equal(after(70)))
}

// TestWithdrawnNotice: what was posted, or may have been, is not taken back.
func TestWithdrawnNotice(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	d.remind(t, due+1)
	key := d.notices(t, store.NoticeDue)[0]
	require.NoError(t, d.Attempt(t.Context(), key, "C1", after(due+2)))
	require.NoError(t, d.Withdraw(t.Context(), key))
	require.NoError(t, d.Withdraw(t.Context(), id))
	assert.Len(t, d.notices(t, store.NoticeDue), 1)
	require.NoError(t, d.Abandon(t.Context(), key, after(due+3)))
	require.NoError(t, d.Withdraw(t.Context(), key))
	assert.Empty(t, d.notices(t, store.NoticeDue))
	assert.EqualValues(t, 1, d.one(t, `select count(*) from outbox`))
}

func (d *fixture) rule(tb testing.TB, id string, act feedback.ModerationAction, seconds float64) {
	tb.Helper()
	_, err := d.Moderate(tb.Context(), id, feedback.Moderation{Action: act, By: "U1", Reason: "a test", At: after(seconds)})
	require.NoError(tb, err)
}

func (d *fixture) escalate(tb testing.TB, key string, seconds float64) int {
	tb.Helper()
	n, err := d.Escalate(tb.Context(), store.JobProgress{Name: "escalation", DoneAt: after(seconds)}, key, after(seconds))
	require.NoError(tb, err)
	return n
}

// TestWithdrawnNoticeReturns: what was not said because it had become pointless is said when it
// has a point again.
func TestWithdrawnNoticeReturns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		notice string
		report func(*testing.T, *fixture)
	}{
		{store.NoticeDue, func(t *testing.T, d *fixture) { t.Helper(); d.remind(t, due+2) }},
		{store.NoticeMissed, func(t *testing.T, d *fixture) { t.Helper(); d.remind(t, due+3600) }},
		{store.NoticeEscalation, func(t *testing.T, d *fixture) { t.Helper(); d.escalate(t, "escalation:2026-11-23", 3*24*3600) }},
		{store.NoticeRisk, func(t *testing.T, d *fixture) {
			t.Helper()
			d.takeAt(t, after(4), of(storetest.Smiley("3", feedback.Red, after(4)), jan()))
		}},
	} {
		t.Run(c.notice, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			ids := []string{d.take(t, of(red("1"), jan())).FeedbackID}
			if c.notice != store.NoticeDue {
				ids = append(ids, d.takeAt(t, after(2), of(storetest.Smiley("2", feedback.Red, after(2)), jan())).FeedbackID)
			}
			c.report(t, d)
			said := d.notices(t, c.notice)
			require.Len(t, said, 1)
			for _, id := range ids {
				d.rule(t, id, feedback.ModerationVoid, 4*24*3600)
			}
			require.NoError(t, d.Withdraw(t.Context(), said[0]))
			assert.Empty(t, d.notices(t, c.notice))
			assert.Zero(t, d.one(t, `select count(*) from covered where key not like 'risk:%' or key not in (select key from outbox)`))
			for _, id := range ids {
				d.rule(t, id, feedback.ModerationRestore, 5*24*3600)
			}
			d.remind(t, 5*24*3600+1)
			d.escalate(t, "escalation:2026-11-25", 5*24*3600+2)
			assert.Len(t, d.notices(t, c.notice), 1)
		})
	}
}

// TestTwoEscalationsOfOneDay: the office hours were changed, or the clock set back; what
// became overdue between is reported, too.
func TestTwoEscalationsOfOneDay(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	const key = "escalation:2026-11-20"
	first := d.take(t, red("1")).FeedbackID
	second := d.takeAt(t, after(60), red("2")).FeedbackID
	assert.Equal(t, 1, d.escalate(t, key, due+2))
	assert.Equal(t, 1, d.escalate(t, key, due+120))
	said := d.notices(t, store.NoticeEscalation)
	require.Len(t, said, 2)
	for i, id := range []string{first, second} {
		covered, err := d.FeedbackOf(t.Context(), said[i])
		require.NoError(t, err)
		require.Len(t, covered, 1)
		assert.Equal(t, id, covered[0].Feedback.ID)
	}
}

// TestExplainedWhileVoid: the claimer hears of the comment when the feedback counts again.
func TestExplainedWhileVoid(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	d.step(t, id, by("U7", followup.ActionClaim, 10))
	d.rule(t, id, feedback.ModerationVoid, 100)
	d.takeAt(t, after(200), storetest.Comment(red("1"), "why", after(50))) // written before, arrived after
	assert.Empty(t, d.notices(t, store.NoticeExplained))
	d.rule(t, id, feedback.ModerationRestore, 300)
	c := d.standing(t, id)
	assert.Equal(t, []any{followup.StateClaimed, "U7"}, []any{c.FollowUp.State, c.FollowUp.Claimer})
	assert.Equal(t, [][]any{{fmt.Sprintf("explained:%s:%d", id, c.Feedback.Revision), "U7"}},
		d.rows(t, `select key, mention from outbox where notice = 'explained'`))
	d.rule(t, id, feedback.ModerationVoid, 400)
	d.rule(t, id, feedback.ModerationRestore, 500)
	assert.Len(t, d.notices(t, store.NoticeExplained), 1, "once")
	open := d.take(t, red("2")).FeedbackID
	d.rule(t, open, feedback.ModerationVoid, 100)
	d.takeAt(t, after(200), storetest.Comment(red("2"), "why", after(50)))
	d.rule(t, open, feedback.ModerationRestore, 300)
	assert.Equal(t, followup.StateExplained, d.standing(t, open).FollowUp.State)
}

func TestDigestKeys(t *testing.T) {
	t.Parallel()
	hours, err := office.ParseHours("Mon-Fri 09:00-17:00", time.UTC, office.Holidays{})
	require.NoError(t, err)
	for _, c := range []struct {
		day  office.Day
		want string
	}{
		{office.Date(2026, time.November, 23), "digest:2026-W47"},
		{office.Date(2026, time.December, 1), "digest:2026-11"},
		{office.Date(2026, time.June, 1), "digest:2026-W22,2026-05"},     // a Monday
		{office.Date(2026, time.November, 2), "digest:2026-W44,2026-10"}, // the 1st is a Sunday
		{office.Date(2027, time.January, 1), "digest:2026-12"},
		{office.Date(2027, time.January, 4), "digest:2026-W53"},
		{office.Date(2028, time.March, 1), "digest:2028-02"},
	} {
		periods := score.DigestPeriods(hours, c.day)
		key := store.DigestKey(periods)
		assert.Equal(t, c.want, key)
		read, err := store.DigestOf(key)
		require.NoError(t, err)
		assert.Equal(t, periods, read)
	}
	assert.Empty(t, score.DigestPeriods(hours, office.Date(2026, time.November, 24)))
	assert.Empty(t, score.DigestPeriods(hours, office.Date(2026, time.November, 1)), "a Sunday")
	for _, wrong := range []string{"", "digest:", "digest:2026-W99", "digest:2026-W47,", "alert:2026-11-24"} {
		_, err := store.DigestOf(wrong)
		require.Error(t, err, wrong)
	}
	for _, wrong := range []string{"", "alert:", "alert:2026-13-01", "digest:2026-W47"} {
		_, err := store.AlertOf(wrong)
		require.Error(t, err, wrong)
	}
	morning, err := store.AlertOf(store.AlertKey(office.Date(2028, time.February, 29)))
	require.NoError(t, err)
	assert.Equal(t, office.Date(2028, time.February, 29), morning)
}
