package command_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/storetest"
)

// reviewed takes a review of three stars or less and shows its message.
func (s *fixture) reviewed(customer string, stars int, at time.Time) string {
	s.tb.Helper()
	e := storetest.With(storetest.Score("review of "+customer, feedback.KindReview, stars, at), "Two days without an answer.")
	e.Channel, e.Answer.Site, e.Answer.Customer.Name = feedback.ChannelReview, "trustpilot", customer
	e.Answer.Ticket.Subject, e.Answer.Ticket.URL = "Slow support", "https://reviews.example.org/"+customer
	for _, f := range []feedback.Field{feedback.FieldSite, feedback.FieldCustomerName, feedback.FieldTicketSubject, feedback.FieldTicketURL} {
		e.Mentions[f] = true
	}
	id := s.ingest(e)
	s.show(support, id)
	return id
}

// starry is a month with eleven reviews, of which two wait for a reply.
func starry(tb testing.TB) *fixture {
	tb.Helper()
	s := newFixture(tb)
	s.answers(feedback.KindReview, 5, 8, s.clock())
	s.reviewed("Jan", 2, s.clock().Add(-time.Hour))
	s.reviewed("Eva", 1, s.clock().Add(-2*time.Hour))
	done := s.reviewed("Tom", 3, s.clock().Add(-3*time.Hour))
	finish := followup.Transition{Action: followup.ActionFinish, By: bart, Outcome: followup.OutcomeOther, At: s.clock()}
	_, err := s.store.ApplyTransition(tb.Context(), done, finish)
	require.NoError(tb, err)
	return s
}

func TestReviewsListThoseThatWaitForAReply(t *testing.T) {
	s := starry(t)
	for _, typed := range [][2]string{{"/reviews", ""}, {"/smileybot", "reviews maand"}, {"/reviews", "month channel:review by channel"}} {
		s.types(bart, lobby, typed[0], typed[1])
		text := s.replyTo(bart)
		assert.True(t, strings.HasPrefix(text, "Reviews"), text)
		assert.Contains(t, text, "2 reviews from this period are waiting for a reply on the site")
		eva, jan := strings.Index(text, "Eva"), strings.Index(text, "Jan")
		assert.True(t, 0 < eva && eva < jan, "the oldest first: %s", text)
		assert.Contains(t, text, "<https://reviews.example.org/Eva>")
		assert.Contains(t, text, "/archives/"+support+"/p")
		assert.NotContains(t, text, "Tom")
		assert.NotContains(t, text, "Two days")
	}
	s.types(bart, lobby, "/reviews", "")
	assert.True(t, strings.HasPrefix(s.replyTo(bart), "Reviews 4.18 of 5"), s.replyTo(bart)) // (8·5 + 2 + 1 + 3)/11
	assert.Contains(t, s.replyTo(bart), "5 ★: 8 (73%) · 4 ★: 0 (0%) · 3 ★: 1 (9%) · 2 ★: 1 (9%) · 1 ★: 1 (9%)")
	s.types(bart, lobby, "/reviews", "yesterday")
	assert.Contains(t, s.replyTo(bart), "No review from this period is waiting")
}

func TestReviewsListTenAtMost(t *testing.T) {
	s := newFixture(t)
	for i := range 12 {
		s.reviewed("customer-"+strconv.Itoa(i), 1, s.clock())
	}
	s.types(bart, lobby, "/reviews", "today")
	assert.Contains(t, s.replyTo(bart), "12 reviews from this period are waiting")
	assert.Regexp(t, `And \d+ more\.`, s.replyTo(bart))
}

// TestWhoWaitsIsForTheTeamAlone checks that the stars are for everyone and names are not.
func TestWhoWaitsIsForTheTeamAlone(t *testing.T) {
	s := starry(t)
	for _, test := range []struct{ name, why string }{
		{visitor, "The list is for members of <#" + support + ">"},
		{guest, "not for guests"},
	} {
		user := test.name
		s.types(user, lobby, "/reviews", "month")
		text := s.replyTo(user)
		assert.True(t, strings.HasPrefix(text, "Reviews 4.18"), text)
		assert.Contains(t, text, "2 reviews from this period are waiting")
		assert.Contains(t, text, test.why)
		assert.NotContains(t, text, "Jan")
	}
	t.Run("never shared", func(t *testing.T) {
		for _, channel := range []string{support, lobby} {
			before := len(s.slack.Messages(channel))
			s.types(bart, channel, "/reviews", "month share")
			messages := s.slack.Messages(channel)
			require.Len(t, messages, before+1)
			assert.Contains(t, messages[before].Text, "2 reviews from this period are waiting")
			assert.NotContains(t, messages[before].Text, "Jan")
		}
	})
}

// TestReviewsShowStarsWithoutSlack checks that the stars are shown when Slack cannot check the user.
func TestReviewsShowStarsWithoutSlack(t *testing.T) {
	s := starry(t)
	s.slack.Fail(fakeslack.Fault{Method: "users.info", Kind: fakeslack.ErrorCode("internal_error"), Times: -1})
	s.types(bart, lobby, "/reviews", "month")
	assert.True(t, strings.HasPrefix(s.replyTo(bart), "Reviews 4.18"), s.replyTo(bart))
	assert.Contains(t, s.replyTo(bart), "I could not check with Slack")
	assert.NotContains(t, s.replyTo(bart), "Jan")
}
