package command_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
	"smileybot/store/storetest"
)

// of is an event with a customer and a comment.
func of(e feedback.Event, c feedback.Person, comment string) feedback.Event {
	e = storetest.With(e, comment)
	e.Answer.Customer = c
	for _, f := range []feedback.Field{feedback.FieldCustomerID, feedback.FieldCustomerName, feedback.FieldCustomerEmail} {
		e.Mentions[f] = true
	}
	return e
}

func TestCustomerIsFoundByIDOrAddress(t *testing.T) {
	s := newFixture(t)
	jan := feedback.Person{ID: "c-1042", Name: "Jan de Vries", Email: "Jan@Example.org"}
	eva := feedback.Person{Name: "Jan de Vries", Email: "eva@example.org"}
	storetest.Import(t, s.store, s.clock(), of(storetest.Score("n-1", feedback.KindNPS, 9, noon().Add(-48*time.Hour)), jan, "imported"),
		of(storetest.Score("n-0", feedback.KindNPS, 2, noon().Add(-96*time.Hour)), jan, "the first"))
	id := s.ingest(of(storetest.Smiley("r-1", feedback.Red, noon()), jan, "live"))
	s.show(support, id)
	s.ingest(of(storetest.Smiley("r-2", feedback.Green, noon()), eva, "somebody else"))
	for _, test := range []struct {
		name string
		want []string
	}{
		{"c-1042", []string{"Jan de Vries · 3 answers: 1 green, 2 red · last NPS 9/10", "“live”", "“imported”", "“the first”", "/archives/" + support + "/p"}},
		{"jan@example.ORG", []string{"3 answers"}},
		{"eva@example.org", []string{"1 answer: 1 green", "“somebody else”"}},
		{"<mailto:jan@example.org|jan@example.org>", []string{"3 answers"}},
		{"jan@example.org.", []string{"3 answers"}},
		{"jan@example.org\u200b", []string{"3 answers"}},
		{"\u2060c-1042", []string{"3 answers"}},
		{"“c-1042”", []string{"3 answers"}},
		{"c\u20131042 ,", []string{"3 answers"}},
		{"Jan de Vries", []string{"No feedback found for Jan de Vries. Type the whole customer id"}},
		{"c-104.", []string{"No feedback found for c-104."}},
		{"%", []string{"No feedback found for %."}},
		{"<!channel>", []string{"No feedback found for &lt;!channel&gt;."}},
		{"?", []string{"What you can ask"}},
		{"c-1042 delen", []string{"shown to you only"}},
		{"", []string{"/customer c-1042 or /customer jan@example.org"}},
		{"c-1042 share", []string{"shown to you only"}},
		{"share", []string{"shown to you only"}},
	} {
		s.types(bart, lobby, "/customer", test.name)
		text := s.replyTo(bart)
		for _, part := range test.want {
			assert.Contains(t, text, part, test.name)
		}
		assert.NotContains(t, text, "xample.org ·", test.name)
	}
	s.types(bart, lobby, "/smileybot", "customer c-1042")
	assert.Contains(t, s.replyTo(bart), "3 answers")
	for _, outsider := range []string{guest, visitor} {
		s.types(outsider, lobby, "/customer", "c-1042")
		text := s.replyTo(outsider)
		assert.Contains(t, text, "Only members of", outsider)
		assert.NotContains(t, text, "Jan")
	}
}

func TestServiceShowsMediansOfRatedTickets(t *testing.T) {
	s := newFixture(t)
	for i := range 12 {
		e := storetest.Smiley(fmt.Sprint("r-", i), feedback.Green, noon().Add(-time.Hour))
		opened := time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC)
		e.Answer.Ticket = feedback.Ticket{ID: strconv.Itoa(i), OpenedAt: opened, FirstReplyAt: opened.Add(time.Duration(i+1) * 10 * time.Minute)}
		for _, f := range []feedback.Field{feedback.FieldTicketID, feedback.FieldTicketOpenedAt, feedback.FieldTicketFirstReplyAt} {
			e.Mentions[f] = true
		}
		s.ingest(e)
	}
	s.types(visitor, lobby, "/service", "yesterday")
	text := s.replyTo(visitor)
	assert.Regexp(t, `^Service: 1 h to the first reply · 19 November 2026\nNo comparison: 18 November has too few tickets\.\n12 rated tickets\.\nFirst reply: median 1 h, 90% within 1 h 50 min\.`, text)
	s.types(visitor, lobby, "/service", "today")
	assert.Contains(t, s.replyTo(visitor), "Service: too few answers (0)")
	s.types(visitor, lobby, "/service", "soon")
	assert.Contains(t, s.replyTo(visitor), "/service last week")
}
