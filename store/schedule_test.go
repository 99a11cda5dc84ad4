package store_test

import (
	"strconv"
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

// TestDigestOfPeriod counts what belongs to the period by the local clock, and nothing else.
func TestDigestOfPeriod(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	midnight := time.Date(2026, 11, 15, 23, 0, 0, 0, time.UTC) // Monday of week 47 in Amsterdam
	week := score.Period{From: office.Date(2026, 11, 16), To: office.Date(2026, 11, 22), Unit: score.UnitWeek}
	end := midnight.AddDate(0, 0, 7)
	finished := func(name string, opened, ended time.Time, outcome followup.Outcome) {
		t.Helper()
		id := d.takeAt(t, opened, storetest.Smiley(name, feedback.Red, opened)).FeedbackID
		_, err := d.ApplyTransition(t.Context(), id, followup.Transition{Action: followup.ActionFinish, By: "U1", Outcome: outcome, At: ended})
		require.NoError(t, err)
	}
	finished("before", midnight.Add(-time.Millisecond), midnight.Add(-time.Millisecond), followup.OutcomeNoReply)
	finished("in time", midnight, midnight.Add(time.Hour), followup.OutcomeGuideFixed)
	finished("late", midnight.Add(34*time.Hour), midnight.Add(60*time.Hour), followup.OutcomeGuideFixed)
	finished("ended after", end.Add(-time.Millisecond), end, followup.OutcomeOther)
	d.takeAt(t, end, storetest.Smiley("after", feedback.Red, end))
	for i, smiley := range []feedback.Smiley{feedback.Green, feedback.Green, feedback.Yellow} {
		e := storetest.Smiley("again "+strconv.Itoa(i), smiley, midnight.Add(time.Hour))
		e.Answer.FollowUpOf, e.Mentions[feedback.FieldFollowUpOf] = "in time", true
		d.takeAt(t, midnight.Add(2*time.Hour), storetest.With(e, "Now it works."))
	}
	said := storetest.With(storetest.Smiley("said", feedback.Red, midnight.Add(time.Hour)), "Step 3 of the guide is wrong.")
	id := d.takeAt(t, midnight.Add(2*time.Hour), said).FeedbackID
	unposted := storetest.With(storetest.Smiley("unposted", feedback.Red, midnight.Add(time.Hour)), "This one has no message that could be linked to.")
	d.takeAt(t, midnight.Add(2*time.Hour), unposted)
	d.post(t, id, "C1", "1.000001", 1, midnight.Add(3*time.Hour))

	digest, err := d.Digest(t.Context(), []score.Period{week}, end.Add(8*time.Hour))
	require.NoError(t, err)
	require.Len(t, digest.Parts, 1)
	part := digest.Parts[0]
	assert.Equal(t, score.FollowUpCount{Opened: 3, Done: 3, InTime: 2, Overdue: 1}, part.FollowUps)
	assert.Equal(t, score.Ratio{Yes: 2, All: 3}, part.Recovery)
	assert.Equal(t, []score.OutcomeCount{{Outcome: followup.OutcomeGuideFixed, N: 2}}, part.Outcomes)
	require.Len(t, part.Scores, 1, "satisfaction is of the same answers as happiness")
	assert.EqualValues(t, 8, part.Scores[0].Score.N)
	require.Len(t, digest.Alert.Blind(), 2)
	assert.EqualValues(t, 8, digest.Alert.Sudden.Score.N, "the days that ended with the week")
	require.Len(t, digest.CommentPlaces, 1)
	assert.Equal(t, "1.000001", digest.CommentPlaces[0].TS)
	assert.Equal(t, id, digest.CommentPlaces[0].Feedback.ID)
	assert.Zero(t, digest.Overdue.Total, "none is yet")
	late, err := d.Digest(t.Context(), []score.Period{week}, end.AddDate(0, 0, 7))
	require.NoError(t, err)
	assert.Positive(t, late.Overdue.Total, "those that are overdue now, whenever they were opened")
	assert.Len(t, late.Overdue.First, late.Overdue.Total)
	assert.Zero(t, digest.AtRisk.Total)
	assert.False(t, digest.Empty())

	long, err := d.Digest(t.Context(), []score.Period{{From: 100, To: 130, Unit: score.UnitMonth}}, end)
	require.NoError(t, err)
	assert.True(t, long.Empty())
}

// TestAdvanceQueuesBulletins notes how far a routine is together with what it says.
func TestAdvanceQueuesBulletins(t *testing.T) {
	t.Parallel()
	d, ctx := newFixture(t), t.Context()
	r, err := d.JobProgress(ctx, "alert", after(1))
	require.NoError(t, err)
	assert.Equal(t, store.JobProgress{Name: "alert", DoneAt: after(1)}, r)
	r, err = d.JobProgress(ctx, "alert", after(2))
	require.NoError(t, err)
	assert.Equal(t, after(1), r.DoneAt, "it began when it was first asked for")
	r.DoneAt, r.Reported = after(3), true
	b := store.Bulletin{Notice: store.NoticeAlert, Key: "alert:2026-11-20"}
	require.NoError(t, d.Advance(ctx, r, b))
	require.NoError(t, d.Advance(ctx, r, b))
	known, err := d.JobProgress(ctx, "alert", after(9))
	require.NoError(t, err)
	assert.Equal(t, r, known)
	posts, err := d.NextPosts(ctx, after(9))
	require.NoError(t, err)
	require.Len(t, posts, 1)
	assert.Equal(t, store.Item{Key: b.Key, Notice: store.NoticeAlert, Rank: 2, QueuedAt: after(3), Revision: 1}, posts[0])
	assert.True(t, posts[0].Bulletin())
	notices, err := d.NextNotices(ctx, after(9))
	require.NoError(t, err)
	assert.Empty(t, notices, "it goes in no thread")
}
