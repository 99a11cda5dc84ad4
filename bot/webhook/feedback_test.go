package webhook

import (
	"net/http"
	"strconv"
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

// TestPoisonDatesCostOnlyThemselves: a delivery with moments that cannot be right is taken without
// them, is a repeat when it comes again, and the next one is taken, too.
func TestPoisonDatesCostOnlyThemselves(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for i, test := range []struct {
		fields   string
		warnings []string
	}{
		{`"ticket":{"id":"t1","opened_at":"2040-12-31T12:00:00Z","resolved_at":"2040-12-31T14:00:00Z"}`, []string{"ticket.opened_at", "ticket.resolved_at"}},
		{`"ticket":{"id":"t1","first_reply_at":"2044-12-31T23:59:60Z"}`, []string{"ticket.first_reply_at"}},
		{`"ticket":{"id":"t1","opened_at":"1970-01-01T00:00:00Z","resolved_at":"2027-11-20T11:00:00Z"}`, nil},
		{`"ticket":{"id":"t1","opened_at":"0001-01-01T00:00:00Z","resolved_at":"9999-12-31T23:59:59Z"}`, []string{"ticket.opened_at", "ticket.resolved_at"}},
		{`"occurred_at":"9996-12-31T12:00:00Z"`, []string{"occurred_at"}},
		{`"ticket":{"url":"https://good.example@evil.example/"}`, []string{"ticket.url"}},
	} {
		id := strconv.Itoa(i)
		body := `{"id":"x-` + id + `","channel":"ticket","smiley":"red",` + test.fields + `}`
		w := d.post(t, id, body)
		assert.Equal(t, http.StatusAccepted, w.Code, test.fields)
		assert.Equal(t, test.warnings, names(replyOf(t, w).Warnings), test.fields)
		assert.Equal(t, http.StatusOK, d.post(t, id, body).Code, test.fields)
	}
}
