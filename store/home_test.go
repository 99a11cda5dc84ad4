package store_test

import (
	"fmt"
	"strings"
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

func TestHomesAreRemembered(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	ctx := t.Context()
	_, err := d.Home(ctx, "U1")
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NoError(t, d.OpenHome(ctx, "U1", after(1)))
	require.NoError(t, d.OpenHome(ctx, "U2", after(2)))
	shown := store.Home{User: "U1", PublishedAt: after(3), Waiting: "w", Hash: "h"}
	require.NoError(t, d.HomeShown(ctx, shown))
	require.NoError(t, d.OpenHome(ctx, "U1", after(4)), "opened again: what it shows is still known")
	require.NoError(t, d.HomeShown(ctx, store.Home{User: "U3", PublishedAt: after(3)}))
	require.NoError(t, d.Close())

	again := storetest.Open(t, d.path)
	homes, err := again.Homes(ctx)
	require.NoError(t, err)
	assert.Equal(t, []store.Home{{User: "U2", PublishedAt: time.UnixMilli(0).UTC()}, shown}, homes)
	one, err := again.Home(ctx, "U1")
	require.NoError(t, err)
	assert.Equal(t, shown, one)
	require.NoError(t, again.DropHome(ctx, "U1"))
	_, err = again.Home(ctx, "U1")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestHomesAreBounded(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	for i := range store.MaxHomes {
		_, err := d.raw.ExecContext(t.Context(), `insert into home (person, opened_ms) values ($1, $2)`, fmt.Sprintf("U%d", i), i)
		require.NoError(t, err)
	}
	require.NoError(t, d.OpenHome(t.Context(), "U0", after(1)))
	require.NoError(t, d.OpenHome(t.Context(), "UNEW", after(2)))
	homes, err := d.Homes(t.Context())
	require.NoError(t, err)
	assert.Len(t, homes, store.MaxHomes)
	_, err = d.Home(t.Context(), "U1")
	require.ErrorIs(t, err, store.ErrNotFound, "it was opened longest ago")
	_, err = d.Home(t.Context(), "U0")
	require.NoError(t, err)
}

func TestClaimedByAndNextOverdue(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	urgent := storetest.Smiley("urgent", feedback.Red, noon())
	urgent.Answer.Ticket.Urgent, urgent.Mentions[feedback.FieldTicketUrgent] = true, true
	ids := map[string]string{}
	for i, e := range []feedback.Event{red("first"), red("second"), urgent, red("mine"), red("mine too"), red("theirs"), red("ended")} {
		ids[e.ID] = d.takeAt(t, after(float64(i)), e).FeedbackID
	}
	for _, c := range []struct {
		id   string
		user string
	}{{"mine", "U1"}, {"mine too", "U1"}, {"theirs", "U2"}, {"ended", "U1"}} {
		d.step(t, ids[c.id], by(c.user, followup.ActionClaim, 20))
	}
	finish := by("U1", followup.ActionFinish, 30)
	finish.Outcome = followup.OutcomeOther
	d.step(t, ids["ended"], finish)

	mine, err := d.ClaimedBy(t.Context(), "U1", store.Page{Limit: 10})
	require.NoError(t, err)
	assert.Equal(t, []string{"mine", "mine too"}, names(mine.First))
	assert.Equal(t, 2, mine.Total)
	open, err := d.Unclaimed(t.Context(), store.Page{Limit: 2})
	require.NoError(t, err)
	assert.Equal(t, []string{"urgent", "first"}, names(open.First))
	assert.Equal(t, 3, open.Total)

	next, err := d.NextOverdue(t.Context(), noon())
	require.NoError(t, err)
	assert.Equal(t, d.standing(t, ids["urgent"]).FollowUp.DueAt.Add(time.Millisecond), next)
	next, err = d.NextOverdue(t.Context(), noon().Add(30*24*time.Hour))
	require.NoError(t, err)
	assert.Zero(t, next)
}

func names(waiting []store.PostedFeedback) []string {
	var all []string
	for _, w := range waiting {
		all = append(all, w.Feedback.Key.ID)
	}
	return all
}

func TestRatingsOfAnAgent(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	rated := func(id, email string, at time.Time) feedback.Event {
		e := storetest.Smiley(id, feedback.Green, at)
		e.Answer.Agent.Email, e.Mentions[feedback.FieldAgentEmail] = email, true
		return e
	}
	d.take(t, rated("1", "bart@example.net", after(0)), rated("2", "bart@example.net", after(1)), rated("3", "bart@example.net", after(2)),
		rated("4", "lise@example.net", after(0)), rated("5", "old@example.net", noon().Add(-40*24*time.Hour)), red("6"))
	storetest.Import(t, d.Store, noon(), rated("7", "bart@example.net", after(3)))
	since := noon().Add(-30 * 24 * time.Hour)
	emails, err := d.AgentEmails(t.Context(), since)
	require.NoError(t, err)
	assert.Equal(t, []string{"bart@example.net", "lise@example.net"}, emails)
	ratings, err := d.RatingsOf(t.Context(), "bart@example.net", since, 2)
	require.NoError(t, err)
	assert.Equal(t, []string{"3", "2"}, names(ratings), "the latest, and none that was only imported")
}

func TestQueueOrder(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	none, err := d.Queue(t.Context(), store.Page{Limit: 10})
	require.NoError(t, err)
	assert.Zero(t, none)
	ids := make(map[string]string)
	add := func(name string, seconds float64, urgent bool) {
		e := red(name)
		e.Answer.Ticket.Urgent, e.Mentions[feedback.FieldTicketUrgent] = urgent, true
		ids[d.takeAt(t, after(seconds), e).FeedbackID] = name
	}
	add("third", 30, false)
	add("second", 20, false)
	add("urgent, later", 50, true)
	add("urgent", 40, true)
	add("claimed", 10, false)
	add("done", 1, true)
	d.takeAt(t, after(2), storetest.With(red("explained"), "why"))
	d.takeAt(t, after(2), green("happy"))
	for id, name := range ids {
		switch name {
		case "claimed":
			d.step(t, id, by("U1", followup.ActionClaim, 60))
			require.NoError(t, d.Attempt(t.Context(), id, "C1", after(61)))
			require.NoError(t, d.Posted(t.Context(), id, "C1", store.FoundMessage{TS: "1.000001", Revision: 2}, after(61)))
		case "done":
			d.step(t, id, by("U1", followup.ActionFinish, 60))
		}
	}
	names := func(limit, skip int) []string {
		t.Helper()
		queue, err := d.Queue(t.Context(), store.Page{Limit: limit, Skip: skip})
		require.NoError(t, err)
		assert.Equal(t, 5, queue.Total)
		var found []string
		for _, w := range queue.First {
			assert.Equal(t, d.standing(t, w.Feedback.ID), w.Snapshot)
			if ids[w.Feedback.ID] == "claimed" {
				assert.Equal(t, []string{"C1", "1.000001"}, []string{w.SlackChannel, w.TS})
			} else {
				assert.Empty(t, w.TS)
			}
			found = append(found, ids[w.Feedback.ID])
		}
		return found
	}
	assert.Equal(t, []string{"urgent", "urgent, later", "claimed", "second", "third"}, names(10, 0))
	assert.Equal(t, []string{"urgent", "urgent, later", "claimed"}, names(3, 0))
	assert.Equal(t, []string{"second", "third"}, names(3, 3))
	counted, err := d.FollowUps(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[followup.State]int{followup.StateOpen: 4, followup.StateClaimed: 1, followup.StateDone: 1}, counted)
}

// TestUnansweredReviews: those of the period whose follow-up has not ended,
// the oldest first.
func TestUnansweredReviews(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	ids := map[string]string{}
	for _, c := range []struct {
		id string
		at time.Time
	}{
		{"late", after(20)},
		{"early", after(10)},
		{"claimed", after(15)},
		{"snoozed", after(16)},
		{"done", after(1)},
		{"void", after(2)},
		{"before", noon().AddDate(0, 0, -1)},
		{"other", after(30)},
	} {
		e := storetest.Score(c.id, feedback.KindReview, 2, c.at)
		if c.id != "other" {
			e.Channel = feedback.ChannelReview
		}
		ids[c.id] = d.takeAt(t, after(40), storetest.With(e, "I waited for a day.")).FeedbackID
	}
	happy := storetest.Score("happy", feedback.KindReview, 4, noon())
	d.takeAt(t, after(40), happy, red("no review"))
	d.step(t, ids["claimed"], by("U1", followup.ActionClaim, 50))
	d.step(t, ids["snoozed"], followup.Transition{Action: followup.ActionSnooze, By: "U1", Until: after(5000), At: after(50)})
	finish := by("U1", followup.ActionFinish, 50)
	finish.Outcome = followup.OutcomeOther
	d.step(t, ids["done"], finish)
	_, err := d.Moderate(t.Context(), ids["void"], feedback.Moderation{Action: feedback.ModerationVoid, By: "U1", Reason: "a test", At: after(50)})
	require.NoError(t, err)

	today := office.DayOf(noon(), time.UTC)
	for _, c := range []struct {
		from    office.Day
		channel feedback.Channel
		page    store.Page
		want    []string
		total   int
	}{
		{today, "", store.Page{Limit: 10}, []string{"early", "claimed", "snoozed", "late", "other"}, 5},
		{today, feedback.ChannelReview, store.Page{Limit: 10}, []string{"early", "claimed", "snoozed", "late"}, 4},
		{today, feedback.ChannelChat, store.Page{Limit: 10}, nil, 0},
		{today - 1, "", store.Page{Limit: 2}, []string{"before", "early"}, 6},
		{today, "", store.Page{}, nil, 5},
	} {
		found, err := d.Unanswered(t.Context(), score.Period{From: c.from, To: today}, c.channel, c.page)
		require.NoError(t, err)
		assert.Equal(t, c.want, names(found.First))
		assert.Equal(t, c.total, found.Total)
	}
}

// TestQueueViews: mine with what is snoozed, overdue, all.
func TestQueueViews(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	ids := make(map[string]string)
	for i, name := range []string{"open", "claimed", "snoozed", "mine, snoozed", "done"} {
		ids[d.takeAt(t, after(float64(i)), red(name)).FeedbackID] = name
	}
	for id, name := range ids {
		switch name {
		case "claimed", "mine, snoozed":
			d.step(t, id, by("U1", followup.ActionClaim, 60))
		case "done":
			d.step(t, id, by("U1", followup.ActionFinish, 60))
		}
		if name == "snoozed" || name == "mine, snoozed" {
			d.step(t, id, followup.Transition{Action: followup.ActionSnooze, By: "U1", Until: after(70 * 3600), At: after(61)})
		}
	}
	page, ctx := store.Page{Limit: 10}, t.Context()
	for _, c := range []struct {
		want string
		list func() (store.QueuePage, error)
	}{
		{"open claimed", func() (store.QueuePage, error) { return d.Queue(ctx, page) }},
		{"open claimed snoozed mine, snoozed", func() (store.QueuePage, error) { return d.WholeQueue(ctx, page) }},
		{"claimed mine, snoozed", func() (store.QueuePage, error) { return d.AssignedTo(ctx, "U1", page) }},
		{"claimed", func() (store.QueuePage, error) { return d.ClaimedBy(ctx, "U1", page) }},
		{"open", func() (store.QueuePage, error) { return d.Overdue(ctx, after(due+0.5), page) }},
	} {
		share, err := c.list()
		require.NoError(t, err)
		var got []string
		for _, w := range share.First {
			got = append(got, ids[w.Feedback.ID])
		}
		assert.Equal(t, c.want, strings.Join(got, " "))
		assert.Len(t, share.First, share.Total)
	}
}
