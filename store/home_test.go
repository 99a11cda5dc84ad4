package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/storetest"
)

func TestHomesAreRemembered(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
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
	d := newDesk(t)
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

func TestWhatWaitsForOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	urgent := storetest.Smiley("urgent", feedback.Red, noon())
	urgent.Answer.Ticket.Urgent, urgent.Mentions[feedback.FieldTicketUrgent] = true, true
	ids := map[string]string{}
	for i, e := range []feedback.Event{red("first"), red("second"), urgent, red("mine"), red("mine too"), red("theirs"), red("ended")} {
		ids[e.ID] = d.takeAt(t, after(float64(i)), e).FeedbackID
	}
	for id, user := range map[string]string{"mine": "U1", "mine too": "U1", "theirs": "U2", "ended": "U1"} {
		d.step(t, ids[id], by(user, followup.ActionClaim, 20))
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

func names(waiting []store.PostedCase) []string {
	var all []string
	for _, w := range waiting {
		all = append(all, w.Feedback.Key.ID)
	}
	return all
}

func TestRatingsOfAnAgent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
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
