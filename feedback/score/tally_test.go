package score_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
	"smileybot/feedback/score"
)

func TestCount(t *testing.T) {
	t.Parallel()
	f := feedback.Feedback{Answer: feedback.Answer{Rating: 9}}
	assert.Equal(t, score.Count{Tally: score.Tally{9: 1}}, score.CountOf(f))
	f.Void.Reason = "a test"
	assert.True(t, f.Voided())
	assert.Equal(t, score.Count{Voided: 1}, score.CountOf(f))
	both := score.CountOf(f).Plus(score.Count{Tally: score.Tally{0: 2, 10: 3}, Voided: 4})
	assert.Equal(t, score.Count{Tally: score.Tally{0: 2, 10: 3}, Voided: 5}, both)
	assert.Equal(t, score.CountOf(f), both.Minus(score.Count{Tally: score.Tally{0: 2, 10: 3}, Voided: 4}))
}
