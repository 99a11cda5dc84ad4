package feedback_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
)

func TestCount(t *testing.T) {
	t.Parallel()
	f := feedback.Feedback{Answer: feedback.Answer{Rating: 9}}
	assert.Equal(t, feedback.Count{Tally: feedback.Tally{9: 1}}, feedback.CountOf(f))
	f.Void.Reason = "a test"
	assert.True(t, f.Voided())
	assert.Equal(t, feedback.Count{Voided: 1}, feedback.CountOf(f))
	both := feedback.CountOf(f).Plus(feedback.Count{Tally: feedback.Tally{0: 2, 10: 3}, Voided: 4})
	assert.Equal(t, feedback.Count{Tally: feedback.Tally{0: 2, 10: 3}, Voided: 5}, both)
	assert.Equal(t, feedback.CountOf(f), both.Minus(feedback.Count{Tally: feedback.Tally{0: 2, 10: 3}, Voided: 4}))
}
