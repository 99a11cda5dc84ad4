package store_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

// TestRiskStreak: the answers of a streak are flagged while it lasts, and it is reported
// once.
func TestRiskStreak(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	say := func(id string, smiley feedback.Smiley, hours float64) string {
		t.Helper()
		return d.takeAt(t, after(hours*3600+1), of(storetest.Smiley(id, smiley, after(hours*3600)), jan())).FeedbackID
	}
	flagged := func() (n int) {
		t.Helper()
		return len(d.rows(t, `select id from feedback where at_risk = 1`))
	}
	first, second := say("1", feedback.Red, 1), say("2", feedback.Yellow, 2)
	assert.Zero(t, flagged())
	third := say("3", feedback.Red, 3)
	assert.Equal(t, 3, flagged())
	assert.Equal(t, []string{"risk:" + third}, d.notices(t, store.NoticeRisk))
	assert.EqualValues(t, 2, d.standing(t, first).Feedback.Revision, "the message shows it")
	assert.EqualValues(t, 1, d.standing(t, third).Feedback.Revision, "from the beginning")
	listed, err := d.Queue(t.Context(), store.Page{Limit: 3})
	require.NoError(t, err)
	require.Len(t, listed.First, 3)
	assert.Equal(t, feedback.Risk{Several: true}, listed.First[0].Risk, "a list says the fact, too")
	assert.Equal(t, feedback.Risk{InRow: 3, Several: true}, listed.First[2].Risk)
	fourth := say("4", feedback.Red, 4)
	assert.Equal(t, 4, flagged())
	_, err = d.Moderate(t.Context(), fourth, feedback.Moderation{Action: feedback.ModerationVoid, By: "U1", Reason: "r", At: after(5 * 3600)})
	require.NoError(t, err)
	assert.Equal(t, 3, flagged(), "a void answer does not count")
	say("2", feedback.Green, 6) // changes their mind
	assert.Zero(t, flagged())
	say("2", feedback.Red, 7)
	assert.Equal(t, 3, flagged())
	assert.Len(t, d.notices(t, store.NoticeRisk), 2, "that streak had ended")
	say("2", feedback.Green, 7.1)
	say("2", feedback.Red, 7.2)
	assert.Len(t, d.notices(t, store.NoticeRisk), 2, "one answer is reported once")
	say("5", feedback.Green, 8)
	assert.Zero(t, flagged())
	assert.EqualValues(t, 7, d.standing(t, second).Feedback.Revision, "refreshed with each change, once")
	for i := range 3 {
		say(fmt.Sprint("again", i), feedback.Red, 9+float64(i))
	}
	assert.Equal(t, 3, flagged())
	assert.Len(t, d.notices(t, store.NoticeRisk), 3, "a new streak")
}

// TestAtRiskByNPS, by e-mail, and not by history.
func TestAtRiskByNPS(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	nps := storetest.Score("nps", feedback.KindNPS, 6, after(-89*24*3600))
	d.take(t, of(nps, feedback.Person{Email: "Jan@example.org"}))
	storetest.Import(t, d.Store, after(1), of(red("past"), jan()), of(red("past 2"), jan()))
	assert.Empty(t, d.notices(t, store.NoticeRisk))
	d.take(t, of(red("1"), jan()))
	assert.Len(t, d.notices(t, store.NoticeRisk), 1)
	assert.EqualValues(t, 2, d.one(t, `select count(*) from feedback where at_risk = 1`))
	d.take(t, of(red("other"), feedback.Person{ID: "c-1", Email: "piet@example.org"}))
	assert.EqualValues(t, 2, d.one(t, `select count(*) from feedback where at_risk = 1`))
}

// TestRecoveryOfFirstAnswer: the first answer knows how the second judges its follow-up, in whatever
// order they come.
func TestRecoveryOfFirstAnswer(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	second := func(id string, smiley feedback.Smiley, seconds float64) feedback.Event {
		e := storetest.Smiley(id, smiley, after(seconds))
		e.Answer.FollowUpOf, e.Mentions[feedback.FieldFollowUpOf] = "first", true
		return e
	}
	judge := d.take(t, second("second", feedback.Red, 100)).FeedbackID
	first := d.take(t, red("first")).FeedbackID
	assert.Equal(t, feedback.Red, d.standing(t, first).Recovery)
	d.takeAt(t, after(200), second("second", feedback.Green, 200))
	c := d.standing(t, first)
	assert.Equal(t, feedback.Green, c.Recovery)
	assert.EqualValues(t, 2, c.Feedback.Revision)
	_, err := d.Moderate(t.Context(), judge, feedback.Moderation{Action: feedback.ModerationVoid, By: "U1", Reason: "r", At: after(300)})
	require.NoError(t, err)
	c = d.standing(t, first)
	assert.Empty(t, c.Recovery)
	assert.EqualValues(t, 3, c.Feedback.Revision)
	d.takeAt(t, after(400), second("third", feedback.Yellow, 400))
	assert.Equal(t, feedback.Yellow, d.standing(t, first).Recovery)
	assert.Empty(t, d.standing(t, judge).Recovery)
}

// TestEveryFirstAnswerIsFound: whatever a follow-up may follow is in the lists by which it
// is looked for.
func TestEveryFirstAnswerIsFound(t *testing.T) {
	t.Parallel()
	for _, channel := range feedback.Channels() {
		assert.Contains(t, store.SelectSent, "'"+string(channel)+"'")
	}
	for _, kind := range feedback.Kinds() {
		assert.Contains(t, store.SelectSent, "'"+string(kind)+"'")
	}
}
