package webhook

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
)

// TestRequired sends required fields that are missing or wrong: all of them are
// told, with what they must be.
func TestRequired(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", feedback.MaxID+1)
	tests := []struct {
		body  string
		wrong []string
	}{
		{`{}`, []string{"id", "channel", "smiley"}},
		{`{"kind":"nps"}`, []string{"id", "channel", "score"}},
		{`{"kind":"stars"}`, []string{"id", "kind", "channel"}},
		{`{"id":null,"kind":null,"channel":null,"smiley":null}`, []string{"id", "channel", "smiley"}},
		{`{"id":"x","channel":"ticket"}`, []string{"smiley"}},
		{`{"id":"x","channel":"ticket","score":9}`, []string{"smiley"}},
		{`{"id":"x","channel":"ticket","smiley":null}`, []string{"smiley"}},
		{`{"id":"x","channel":"panel","kind":"nps","smiley":"red"}`, []string{"score"}},
		{`{"id":"x","channel":"panel","kind":"nps","score":null,"comment":"c"}`, []string{"score"}},
		{`{"Id":"x","Channel":"ticket","Smiley":"red"}`, []string{"id", "channel", "smiley"}},
		{`{"id":7,"channel":"ticket","smiley":"red"}`, []string{"id"}},
		{`{"id":"","channel":"ticket","smiley":"red"}`, []string{"id"}},
		{`{"id":"` + long + `","channel":"ticket","smiley":"red"}`, []string{"id"}},
		{`{"id":["x"],"channel":"fax","smiley":"Red"}`, []string{"id", "channel", "smiley"}},
		{`{"id":"x","channel":"Ticket","smiley":"red"}`, []string{"channel"}},
		{`{"id":"x","channel":1,"smiley":"red"}`, []string{"channel"}},
		{`{"id":"x","channel":"ticket","kind":"","smiley":"red"}`, []string{"kind"}},
		{`{"id":"x","channel":"ticket","kind":{},"smiley":"red"}`, []string{"kind"}},
		{`{"id":"x","channel":"ticket","smiley":"blue"}`, []string{"smiley"}},
		{`{"id":"x","channel":"ticket","smiley":""}`, []string{"smiley"}},
		{`{"id":"x","channel":"ticket","smiley":3}`, []string{"smiley"}},
		{`{"id":"x","channel":"panel","kind":"nps","score":"9"}`, []string{"score"}},
		{`{"id":"x","channel":"panel","kind":"nps","score":9.5}`, []string{"score"}},
		{`{"id":"x","channel":"panel","kind":"nps","score":-1}`, []string{"score"}},
		{`{"id":"x","channel":"panel","kind":"nps","score":11}`, []string{"score"}},
		{`{"id":"x","channel":"panel","kind":"nps","score":1e999999999999}`, []string{"score"}},
		{`{"id":"x","channel":"panel","kind":"nps","score":true}`, []string{"score"}},
		{`{"id":"x","channel":"panel","kind":"nps","score":[9]}`, []string{"score"}},
		{`{"id":"x","channel":"panel","kind":"csat","score":0}`, []string{"score"}},
		{`{"id":"x","channel":"panel","kind":"csat","score":6}`, []string{"score"}},
		{`{"id":"x","channel":"panel","kind":"ces","score":8}`, []string{"score"}},
		{`{"id":"x","channel":"panel","kind":"nls","score":11}`, []string{"score"}},
		{`{"id":"x","channel":"review","kind":"review","score":0}`, []string{"score"}},
	}
	d := newDoor(t)
	for _, test := range tests {
		w := d.post(t, "1", test.body)
		r := replyOf(t, w)
		assert.Equal(t, http.StatusUnprocessableEntity, w.Code, test.body)
		assert.Equal(t, test.wrong, r.wrong(), test.body)
		for _, e := range r.Errors {
			assert.Contains(t, e.Message, "must be", test.body)
		}
		assertProblem(t, w)
	}
}

// TestRatings takes the ends of every scale.
func TestRatings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body   string
		rating int
	}{
		{`"smiley":"red"`, 1},
		{`"smiley":"yellow"`, 2},
		{`"kind":"smiley","smiley":"green"`, 3},
		{`"kind":null,"smiley":"green"`, 3},
		{`"kind":"nps","score":0`, 0},
		{`"kind":"nps","score":10`, 10},
		{`"kind":"nls","score":-0`, 0},
		{`"kind":"nls","score":1.0e1`, 10},
		{`"kind":"csat","score":1`, 1},
		{`"kind":"csat","score":5.000`, 5},
		{`"kind":"ces","score":7`, 7},
		{`"kind":"review","score":50e-1`, 5},
	}
	for _, test := range tests {
		got, rejected := decode(`{"id":"x","channel":"panel",` + test.body + `}`)
		require.Nil(t, rejected, test.body)
		e := got.events[0]
		assert.True(t, e.Mentions[feedback.FieldRating], test.body)
		assert.Equal(t, test.rating, e.Answer.Rating, test.body)
		assert.Empty(t, got.ignored, test.body)
	}
	got, rejected := decode(`{"id":"x","channel":"panel","comment":"later"}`)
	require.Nil(t, rejected)
	assert.False(t, got.events[0].Mentions[feedback.FieldRating], "an update needs none")
}

// TestIdentity checks the key of an event and the longest id.
func TestIdentity(t *testing.T) {
	t.Parallel()
	id := strings.Repeat("😀", feedback.MaxID)
	for _, channel := range feedback.Channels() {
		got, rejected := decode(`{"id":"` + id + `","kind":"nps","channel":"` + string(channel) + `","score":1}`)
		require.Nil(t, rejected, channel)
		want := feedback.Key{Sender: "feedback", Channel: channel, Kind: feedback.KindNPS, ID: id}
		assert.Equal(t, want, got.events[0].Key)
	}
}
