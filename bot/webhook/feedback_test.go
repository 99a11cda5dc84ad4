package webhook

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
)

// TestRequiredFieldsAreReportedTogether sends required fields that are missing or wrong: all of
// them are reported, with what they must be.
func TestRequiredFieldsAreReportedTogether(t *testing.T) {
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
