package message

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback/score"
)

func TestScoreWords(t *testing.T) {
	t.Parallel()
	for metric, want := range map[score.Metric]struct{ score, few string }{
		score.MetricNPS:     {"NPS −100", "NPS: too few answers (4)"},
		score.MetricNPSEU:   {"NPS −100", "NPS: too few answers (4)"},
		score.MetricNLS:     {"NLS −100", "NLS: too few answers (4)"},
		score.MetricSmileys: {"Smileys −100", "Smileys: too few answers (4)"},
		score.MetricCSAT:    {"CSAT 0%", "CSAT: too few answers (4)"},
		score.MetricCSAT5:   {"CSAT 1–5 0%", "CSAT 1–5: too few answers (4)"},
		score.MetricCES:     {"CES 0%", "CES: too few answers (4)"},
		score.MetricReviews: {"Reviews 1.00", "Reviews: too few answers (4)"},
	} {
		var few, enough score.Tally
		few.Add(1, 4)
		enough.Add(1, score.FewAnswers)
		assert.Equal(t, want.few, speaker().scoreWords(score.Measure(metric, few)))
		assert.Equal(t, want.score, speaker().scoreWords(score.Measure(metric, enough)))
	}
	assert.Equal(t, "NPS: too few answers (0)", speaker().scoreWords(score.Measure(score.MetricNPS, score.Tally{})))
}

func TestScoreWordsInDutch(t *testing.T) {
	t.Parallel()
	dutch := NewSpeaker(Options{Language: Dutch})
	var few, enough score.Tally
	few.Add(1, 4)
	enough.Add(1, score.FewAnswers)
	assert.Equal(t, "NPS: te weinig antwoorden (4)", dutch.scoreWords(score.Measure(score.MetricNPS, few)))
	assert.Equal(t, "Reviews 1,00", dutch.scoreWords(score.Measure(score.MetricReviews, enough)))
	assert.Equal(t, "Smileys −100", dutch.scoreWords(score.Measure(score.MetricSmileys, enough)))
}
