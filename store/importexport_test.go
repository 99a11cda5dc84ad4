package store_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/database"
	"smileybot/store/storetest"
)

// TestImportWritesNoMessages: history counts, and nothing else comes of it.
func TestImportWritesNoMessages(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	day := office.DayOf(noon(), storetest.Options(t).Location)
	counted := func() score.Tally {
		t.Helper()
		tally, err := d.Tally(t.Context(), feedback.KindSmiley, day, day)
		require.NoError(t, err)
		return tally
	}
	history := storetest.Past(red("1"), red("2"), storetest.With(green("3"), "nice"), red("1"))
	results := func() (got []feedback.Result) {
		t.Helper()
		imported, err := d.Import(t.Context(), history, after(1))
		require.NoError(t, err)
		for _, i := range imported {
			require.NoError(t, i.Err)
			got = append(got, i.Result)
		}
		return got
	}
	assert.Equal(t, []feedback.Result{feedback.Created, feedback.Created, feedback.Created, feedback.Unchanged}, results())
	kept := d.rows(t, `select * from feedback order by id`)
	for range 2 { // the same again changes nothing
		assert.Equal(t, score.Tally{1: 2, 3: 1}, counted())
		for _, c := range []struct {
			table string
			want  int
		}{{"feedback", 3}, {"history", 4}, {"outbox", 0}, {"followup", 0}, {"transition", 0}, {"payload", 0}, {"delivery", 0}} {
			assert.EqualValues(t, c.want, d.one(t, `select count(*) from `+c.table), c.table)
		}
		assert.Equal(t, []feedback.Result{feedback.Unchanged, feedback.Unchanged, feedback.Unchanged, feedback.Unchanged}, results())
		assert.Equal(t, kept, d.rows(t, `select * from feedback order by id`))
	}
}

// TestWebhookAfterImport makes it live, whatever it says.
func TestWebhookAfterImport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		event  feedback.Event
		result feedback.Result
		state  followup.State
	}{
		{"updated", storetest.Smiley("1", feedback.Yellow, after(60)), feedback.Updated, followup.StateOpen},
		{"explained", storetest.With(storetest.Smiley("1", feedback.Red, after(60)), "why"), feedback.Updated, followup.StateNone},
		{"turned green", storetest.Smiley("1", feedback.Green, after(60)), feedback.Updated, followup.StateNone},
		{"unchanged", red("1"), feedback.Unchanged, followup.StateOpen},
		{"stale", storetest.Smiley("1", feedback.Green, after(-60)), feedback.Stale, followup.StateOpen},
		{"a comment, earlier", storetest.Comment(red("1"), "why", after(-60)), feedback.Updated, followup.StateNone},
	} {
		d := newFixture(t)
		storetest.Import(t, d.Store, after(1), red("1"))
		live := d.take(t, c.event)
		assert.Equal(t, c.result, live.Result, c.name)
		standing := d.standing(t, live.FeedbackID)
		assert.Equal(t, int64(1), standing.Feedback.Revision, c.name)
		assert.Equal(t, c.state, standing.FollowUp.State, c.name)
		assert.Equal(t, []string{"posts"}, d.places(t, live.FeedbackID, after(2)), c.name)
		d.take(t, c.event)
		assert.Equal(t, int64(1), d.standing(t, live.FeedbackID).Feedback.Revision, "%s, twice", c.name)
	}
}

// TestImportOfLiveFeedback changes it and its message; history notifies no one.
func TestImportOfLiveFeedback(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	in := func(e feedback.Event) followup.Snapshot {
		t.Helper()
		storetest.Import(t, d.Store, after(500), e)
		return d.standing(t, id)
	}
	assert.Equal(t, int64(1), in(red("1")).Feedback.Revision, "nothing new")
	assert.Equal(t, int64(1), in(storetest.Smiley("1", feedback.Green, after(-1))).Feedback.Revision, "stale")
	assert.False(t, d.standing(t, id).Feedback.Suspect, "an old row is no click")
	c := in(storetest.Comment(red("1"), "why", after(60)))
	assert.Equal(t, int64(2), c.Feedback.Revision)
	assert.Equal(t, followup.StateExplained, c.FollowUp.State)
	c = in(storetest.Comment(red("1"), "", after(120)))
	assert.Equal(t, int64(3), c.Feedback.Revision)
	assert.Equal(t, followup.StateExplained, c.FollowUp.State, "history opens no follow-up")
	d.step(t, id, by("U1", followup.ActionReopen, 130))
	d.step(t, id, by("U1", followup.ActionClaim, 140))
	in(storetest.Comment(red("1"), "because", after(150)))
	assert.EqualValues(t, 0, d.one(t, `select count(*) from outbox where notice is not null`), "no one is notified")
	assert.Equal(t, followup.StateWithdrawn, in(storetest.Smiley("1", feedback.Green, after(180))).FollowUp.State)
}

// TestImportSkipsMissingRatings only the row that cannot be taken.
func TestImportSkipsMissingRatings(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	imported, err := d.Import(t.Context(), storetest.Past(red("1"), storetest.Comment(red("2"), "why", noon()), red("3")), after(1))
	require.NoError(t, err)
	require.Len(t, imported, 3)
	require.ErrorIs(t, imported[1].Err, feedback.ErrRatingMissing)
	assert.Equal(t, feedback.Created, imported[2].Result)
	assert.EqualValues(t, 2, d.one(t, `select count(*) from feedback`))
	require.NoError(t, d.Close())
	_, err = d.Import(t.Context(), storetest.Past(red("1")), after(1))
	require.ErrorIs(t, err, store.ErrUnavailable)
}

// TestImportNextToServe: while another program imports without a pause, a serve
// takes webhooks; its writer waits for the file at most 2.5 s, else it is an error.
func TestImportNextToServe(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	other, err := database.OpenExisting(t.Context(), storetest.Address(t, d.path), storetest.Options(t))
	require.NoError(t, err)
	defer other.Close()
	ctx, cancel := context.WithCancel(t.Context())
	importing := make(chan error)
	go func() {
		for n := 0; ; n++ {
			events := make([]feedback.Event, 2000)
			for i := range events {
				events[i] = red(fmt.Sprintf("%d-%d", n, i))
			}
			if _, err := other.Import(ctx, storetest.Past(events...), noon()); err != nil {
				importing <- err
				return
			}
		}
	}()
	live := 20
	if testing.Short() {
		live = 5
	}
	for i := range live {
		d.take(t, red(fmt.Sprint("live-", i)))
	}
	cancel()
	require.ErrorIs(t, <-importing, context.Canceled)
}

// TestImportInPieces: a long import lets others write between its transactions, and after an error
// it reports what is stored.
func TestImportInPieces(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	events := make([]feedback.Event, 1200)
	for i := range events {
		events[i] = red(strconv.Itoa(i))
	}
	repair := d.refuse(t, "insert on feedback", "new.external_id = '900'", "broken")
	imported, err := d.Import(t.Context(), storetest.Past(events...), noon())
	require.ErrorContains(t, err, "broken")
	stored := d.one(t, `select count(*) from feedback`)
	assert.EqualValues(t, len(imported), stored)
	assert.GreaterOrEqual(t, len(imported), 1)
	assert.Less(t, len(imported), 900)
	repair()
	imported, err = d.Import(t.Context(), storetest.Past(events...), noon())
	require.NoError(t, err)
	assert.Len(t, imported, len(events))
	assert.EqualValues(t, len(events), d.one(t, `select count(*) from feedback`))
	assert.Equal(t, feedback.Unchanged, imported[0].Result)
	assert.Equal(t, feedback.Created, imported[1199].Result)
}

// TestSweepOfLargeBodies: a sweep deletes large bodies a few at a time, and all of them.
func TestSweepOfLargeBodies(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	const n = 40
	for i := range n {
		id := strconv.Itoa(i)
		_, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: id, Body: make([]byte, 256<<10), ReceivedAt: noon()}, red(id))
		require.NoError(t, err)
	}
	writes := 0
	d.HookEngine(func(e store.Engine) store.Engine { return writeCounter{e, &writes} })
	require.NoError(t, d.Sweep(t.Context(), noon().Add(store.DeliveryRetention)))
	assert.EqualValues(t, 0, d.one(t, `select count(*) from payload`))
	assert.EqualValues(t, 0, d.one(t, `select count(*) from delivery`))
	assert.Equal(t, 3+1+1+2+1+1, writes, "10 MB of bodies in three parts of 4 MiB; each kind ends with an empty one")
}

// A writeCounter is an engine that counts its writes.
type writeCounter struct {
	store.Engine

	writes *int
}

func (c writeCounter) Write(ctx context.Context, job func(*store.Unit) error) error {
	*c.writes++
	return c.Engine.Write(ctx, job)
}
