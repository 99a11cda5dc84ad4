package feedback_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
)

// TestColour spells out the colour of every score of every kind, from the
// lowest of its scale to the highest.
func TestColour(t *testing.T) {
	t.Parallel()
	colours := map[feedback.Kind]string{ // a letter a score
		feedback.KindSmiley: "ryg",
		feedback.KindNPS:    "rrrrrrryygg",
		feedback.KindNLS:    "rrrrrrryygg",
		feedback.KindCSAT:   "rrygg",
		feedback.KindReview: "rrygg",
		feedback.KindCES:    "rrryggg",
	}
	names := map[rune]feedback.Smiley{'r': feedback.Red, 'y': feedback.Yellow, 'g': feedback.Green}
	lowest := map[feedback.Kind]int{feedback.KindNPS: 0, feedback.KindNLS: 0}
	for _, kind := range feedback.Kinds() {
		low, high := kind.Scale()
		want, ok := lowest[kind]
		if !ok {
			want = 1
		}
		assert.Equal(t, want, low, kind)
		assert.Equal(t, low+len(colours[kind])-1, high, kind)
		for i, letter := range colours[kind] {
			assert.Equal(t, names[letter], kind.Colour(low+i), "%s %d", kind, low+i)
		}
	}
	assert.Len(t, colours, len(feedback.Kinds()))
}

func TestUnknownKind(t *testing.T) {
	t.Parallel()
	kind := feedback.Kind("stars")
	low, high := kind.Scale()
	assert.Greater(t, low, high, "no rating is on its scale")
	assert.False(t, kind.Known())
	assert.False(t, feedback.Kind("").Known())
	assert.False(t, feedback.Channel("fax").Known())
	for _, kind := range feedback.Kinds() {
		assert.True(t, kind.Known(), kind)
	}
	for _, channel := range feedback.Channels() {
		assert.True(t, channel.Known(), channel)
	}
}

func TestSmileyValue(t *testing.T) {
	t.Parallel()
	for _, want := range []struct {
		smiley  feedback.Smiley
		value   int
		unhappy bool
	}{
		{feedback.Red, 1, true},
		{feedback.Yellow, 2, true},
		{feedback.Green, 3, false},
		{"", 0, false},
		{"purple", 0, false},
	} {
		assert.Equal(t, want.value, want.smiley.Value(), want.smiley)
		assert.Equal(t, want.unhappy, want.smiley.Unhappy(), want.smiley)
	}
	for _, smiley := range feedback.Smileys() {
		assert.Equal(t, smiley, feedback.KindSmiley.Colour(smiley.Value()), "value and colour are each other's inverse")
	}
}

func TestRatingText(t *testing.T) {
	t.Parallel()
	for _, smiley := range feedback.Smileys() {
		assert.Equal(t, string(smiley), feedback.KindSmiley.RatingText(smiley.Value()))
	}
	for _, kind := range feedback.Kinds()[1:] {
		low, high := kind.Scale()
		for score := low; score <= high; score++ {
			assert.Equal(t, strconv.Itoa(score), kind.RatingText(score), kind)
		}
	}
}
