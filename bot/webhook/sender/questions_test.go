package sender

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
)

// TestParseQuestionsReportsThePlace checks that a wrong entry is reported by its place, without its
// text.
func TestParseQuestionsReportsThePlace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"q1", "entry 1: no = in it"},
		{"q1=nps, =csat", "entry 2: no = in it"},
		{"q1=nps,q1=csat", "entry 2: the question has a meaning already"},
		{"q1=nps,q2=mood", "entry 2: no such meaning"},
		{"q1=nps@fax", "entry 1: no such meaning"},
		{"q1=mood.comment", "entry 1: no such meaning"},
		{"q1=comment", "no question is a rating"},
		{"q1=nps,q2=ticket.at", "entry 2: no such meaning"},
	} {
		_, err := ParseQuestions(test.text)
		require.ErrorContains(t, err, test.want, test.text)
		assert.NotContains(t, err.Error(), "mood,")
	}
	none, err := ParseQuestions(" , ")
	require.NoError(t, err)
	assert.Empty(t, none)
}

// TestSeveralQuestionsAreSeveralFeedbacks checks that a response with two ratings is two feedbacks,
// each with the comment that explains it.
func TestSeveralQuestionsAreSeveralFeedbacks(t *testing.T) {
	t.Parallel()
	q, err := ParseQuestions("a=nps, b=smiley@chat, c=comment, d=smiley.comment, t=ticket.id")
	require.NoError(t, err)
	answers := Tree{Value: map[string]any{"a": "9", "b": json.Number("1"), "c": "Fine", "d": "Slow", "t": json.Number("4711")}}
	maps := q.Read(func(id string) Tree { return answers.At(id) })
	for _, m := range maps {
		m.Constant("id", "r1")
	}
	survey := Sender{Name: "typeform", Translate: func(Delivery, Tree, Questions) []*FieldMap { return maps }}
	p, err := Enabled{Sender: survey}.Decode(Delivery{Sender: "typeform", Body: []byte("{}"), ReceivedAt: noon()})
	require.NoError(t, err)
	require.Len(t, p.Events, 2)
	nps, smiley := p.Events[0], p.Events[1]
	ticket := feedback.Ticket{ID: "4711"}
	assert.Equal(t, feedback.Answer{Rating: 9, Comment: "Fine", Ticket: ticket}, nps.Answer)
	assert.Equal(t, feedback.ChannelPanel, nps.Channel)
	assert.Equal(t, feedback.Answer{Rating: 1, Raw: "1", Comment: "Slow", Ticket: ticket}, smiley.Answer)
	assert.Equal(t, feedback.ChannelChat, smiley.Channel)
}
