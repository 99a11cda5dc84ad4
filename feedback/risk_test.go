package feedback_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
)

// TestStreak writes a customer's life a word an answer: r red, y yellow, g green, 1 a
// CSAT score of 1, and NPS scores as n3; a number of days before each, 1 when none is
// said; wanted are the places of the answers in the streak.
func TestStreak(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		life string
		want string
	}{
		{"", ""},
		{"r", ""},
		{"r r", ""},
		{"r y r", "0 1 2"},
		{"r r 400:r", "0 1 2"}, // in a row, however long it takes
		{"r r r r", "0 1 2 3"},
		{"r r g r", ""},
		{"r r g r r", ""},
		{"r r r g", ""},
		{"r r r g r r c1", "4 5 6"},
		{"c3 c2 r", "0 1 2"},
		{"c4 r c5 r", ""},
		{"n3", ""},
		{"n3 n2 n1", ""},
		{"r n6", "0 1"},
		{"n6 r", "0 1"},
		{"r n7", ""},
		{"r 90:n0", "0 1"},
		{"r 91:n0", ""},
		{"r 91:n0 r", "0 1 2"},
		{"r g n0", ""},
		{"n0 g r", ""},
		{"n0 n9 r", ""},
		{"r r n8 r", "0 1 3"},
		{"r n3 g r y", ""},
		{"r n3 g 80:r n2", "3 4"},
		{"r r e1 r", "0 1 3"}, // an effort tells no mood
		{"r r s1 r", "0 1 3"}, // nor does a review
	} {
		moods := lived(c.life)
		rand.Shuffle(len(moods), func(i, j int) { moods[i], moods[j] = moods[j], moods[i] })
		var got []string
		for _, m := range feedback.RiskStreak(moods) {
			got = append(got, m.FeedbackID)
		}
		assert.Equal(t, strings.Fields(c.want), append([]string{}, got...), c.life)
	}
}

func lived(life string) (moods []feedback.RiskAnswer) {
	at := feedbacktest.Noon(0)
	for i, word := range strings.Fields(life) {
		days := 1
		if before, rest, found := strings.Cut(word, ":"); found {
			days, word = whole(before), rest
		}
		at = at.Add(time.Duration(days) * 24 * time.Hour)
		m := feedback.RiskAnswer{FeedbackID: string(rune('0' + i)), At: at, Kind: feedback.KindSmiley}
		switch word[0] {
		case 'r', 'y', 'g':
			m.Rating = strings.IndexByte("ryg", word[0]) + 1
		case 'c':
			m.Kind, m.Rating = feedback.KindCSAT, whole(word[1:])
		case 'n':
			m.Kind, m.Rating = feedback.KindNPS, whole(word[1:])
		case 'e':
			m.Kind, m.Rating = feedback.KindCES, whole(word[1:])
		case 's':
			m.Kind, m.Rating = feedback.KindReview, whole(word[1:])
		}
		if m.Kind.CountsForRisk() {
			moods = append(moods, m)
		}
	}
	return moods
}

func whole(digits string) int {
	n, _ := feedback.ParseWhole(digits)
	return n
}

// TestRiskOf: what the message of each answer of a streak says.
func TestRiskOf(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	var streak []feedback.RiskAnswer
	for i, kind := range []feedback.Kind{feedback.KindSmiley, feedback.KindNPS, feedback.KindCSAT, feedback.KindSmiley} {
		streak = append(streak, feedback.RiskAnswer{FeedbackID: string(rune('a' + i)), Kind: kind, Rating: 1, At: at.Add(time.Duration(i) * time.Hour)})
	}
	assert.Equal(t, feedback.Risk{Several: true}, feedback.RiskOf(streak, "a"))
	assert.Equal(t, feedback.Risk{Several: true}, feedback.RiskOf(streak, "b"), "an NPS is none of the answers in a row")
	assert.Equal(t, feedback.Risk{InRow: 3, Several: true}, feedback.RiskOf(streak, "d"))
	assert.Equal(t, feedback.Risk{}, feedback.RiskOf(streak[:2], "a"), "unhappy, and a detractor")
}
