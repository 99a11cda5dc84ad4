package feedback_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
)

// red is a red smiley without a comment.
func red() feedback.Feedback {
	return feedback.Feedback{Key: feedback.Key{Kind: feedback.KindSmiley}, Answer: feedback.Answer{Rating: 1}}
}

func TestPossibleModerations(t *testing.T) {
	t.Parallel()
	f := red()
	assert.Equal(t, []feedback.ModerationAction{feedback.ModerationVoid}, f.PossibleModerations())
	f.Suspect = true
	assert.Equal(t, []feedback.ModerationAction{feedback.ModerationConfirm, feedback.ModerationVoid}, f.PossibleModerations())
	voided := f
	voided.Void = feedback.Void{Reason: "a test", By: "U8", At: feedbacktest.Noon(0)}
	assert.Equal(t, []feedback.ModerationAction{feedback.ModerationRestore}, voided.PossibleModerations())
}

// TestConfirmedIsNotSuspectAgain, whatever else is said about the same clicks.
func TestConfirmedIsNotSuspectAgain(t *testing.T) {
	t.Parallel()
	before := red()
	before.SetAt = map[feedback.Field]time.Time{}
	e := feedbacktest.Event(3)
	feedbacktest.Rating(3)(&e)
	seen := []feedback.SeenRating{{Rating: 1, At: feedbacktest.Noon(0)}}
	m, err := feedback.Merge(&before, e, seen)
	require.NoError(t, err)
	assert.True(t, m.After.Suspect)
	before.Confirmed = true
	m, err = feedback.Merge(&before, e, seen)
	require.NoError(t, err)
	assert.False(t, m.After.Suspect)
}

// TestErasedStaysErased: no event brings back personal data; the rating may change.
func TestErasedStaysErased(t *testing.T) {
	t.Parallel()
	before := red()
	before.ErasedAt, before.SetAt = feedbacktest.Noon(0), map[feedback.Field]time.Time{}
	e := feedbacktest.Event(3)
	feedbacktest.Rating(3)(&e)
	feedbacktest.Comment("why")(&e)
	e.Answer.Customer = feedback.Person{ID: "c1", Name: "Jan", Email: "jan@example.org"}
	for _, f := range []feedback.Field{feedback.FieldCustomerID, feedback.FieldCustomerName, feedback.FieldCustomerEmail} {
		e.Mentions[f] = true
	}
	m, err := feedback.Merge(&before, e, nil)
	require.NoError(t, err)
	assert.Equal(t, feedback.Answer{Rating: 3}, m.After.Answer)
	assert.Len(t, m.History, 1)
	delete(e.Mentions, feedback.FieldRating)
	m, err = feedback.Merge(&before, e, nil)
	require.NoError(t, err)
	assert.Equal(t, feedback.Unchanged, m.Result)
	assert.Empty(t, m.History)
}

// TestModerationOfANewVoid: a first event that is voided already is created, and its moderation is a void.
func TestModerationOfANewVoid(t *testing.T) {
	t.Parallel()
	m, err := feedback.Merge(nil, feedbacktest.Event(0, feedbacktest.Rating(1)), nil)
	require.NoError(t, err)
	void := feedback.Void{Reason: "a test", By: feedback.ByImport, At: feedbacktest.Noon(0)}
	created := m.Void(void)
	assert.Equal(t, feedback.Created, created.Result, "not updated: the row is new")
	assert.True(t, created.Visible)
	moderation, ok := feedback.ModerationOf(nil, created.After, feedbacktest.Noon(0))
	assert.True(t, ok)
	assert.Equal(t, feedback.Moderation{Action: feedback.ModerationVoid, By: feedback.ByImport, Reason: "a test", At: feedbacktest.Noon(0)}, moderation)
	m.Result = feedback.Unchanged
	assert.Equal(t, feedback.Updated, m.Void(void).Result)
	assert.Equal(t, created, created.Void(feedback.Void{Reason: "another", By: "U1"}), "the first reason stays")
}

// TestLaterEventWithAnEarlierBeginning: the feedback counts from when the customer first answered, whichever event
// says so.
func TestLaterEventWithAnEarlierBeginning(t *testing.T) {
	t.Parallel()
	m, err := feedback.Merge(nil, feedbacktest.Event(60, feedbacktest.Rating(1)), nil)
	require.NoError(t, err)
	later := feedbacktest.Event(120, feedbacktest.Rating(3))
	later.BeganAt = feedbacktest.Noon(-3600)
	m, err = feedback.Merge(&m.After, later, nil)
	require.NoError(t, err)
	assert.Equal(t, feedbacktest.Noon(-3600), m.After.OccurredAt)
}
