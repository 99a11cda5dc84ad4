package message

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
)

func TestScoreWords(t *testing.T) {
	t.Parallel()
	for metric, want := range map[feedback.Metric]struct{ score, few string }{
		feedback.MetricNPS:     {"NPS −100", "NPS: too few answers (4)"},
		feedback.MetricNPSEU:   {"NPS −100", "NPS: too few answers (4)"},
		feedback.MetricNLS:     {"NLS −100", "NLS: too few answers (4)"},
		feedback.MetricSmileys: {"Smileys −100", "Smileys: too few answers (4)"},
		feedback.MetricCSAT:    {"CSAT 0%", "CSAT: too few answers (4)"},
		feedback.MetricCSAT5:   {"CSAT 1–5 0%", "CSAT 1–5: too few answers (4)"},
		feedback.MetricCES:     {"CES 0%", "CES: too few answers (4)"},
		feedback.MetricReviews: {"Reviews 1.00", "Reviews: too few answers (4)"},
	} {
		var few, enough feedback.Tally
		few.Add(1, 4)
		enough.Add(1, feedback.FewAnswers)
		assert.Equal(t, want.few, speaker().scoreWords(feedback.Measure(metric, few)))
		assert.Equal(t, want.score, speaker().scoreWords(feedback.Measure(metric, enough)))
	}
	assert.Equal(t, "NPS: too few answers (0)", speaker().scoreWords(feedback.Measure(feedback.MetricNPS, feedback.Tally{})))
}

func TestScoreWordsInDutch(t *testing.T) {
	t.Parallel()
	dutch := NewSpeaker(Options{Language: Dutch})
	var few, enough feedback.Tally
	few.Add(1, 4)
	enough.Add(1, feedback.FewAnswers)
	assert.Equal(t, "NPS: te weinig antwoorden (4)", dutch.scoreWords(feedback.Measure(feedback.MetricNPS, few)))
	assert.Equal(t, "Reviews 1,00", dutch.scoreWords(feedback.Measure(feedback.MetricReviews, enough)))
	assert.Equal(t, "Smileys −100", dutch.scoreWords(feedback.Measure(feedback.MetricSmileys, enough)))
}
