package command_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/slackapi"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/storetest"
)

// opens opens the Home tab.
func (s *fixture) opens(user string) {
	s.tb.Helper()
	inner, err := json.Marshal(s.slack.HomeOpened(user, "home").Inner)
	require.NoError(s.tb, err)
	s.Event(context.Background(), slackapi.Event{TeamID: "T0FAKE", Type: "app_home_opened", Inner: inner})
}

// home is what a user's Home tab shows, as plain text.
func (s *fixture) home(user string) string {
	s.tb.Helper()
	view, ok := s.slack.Home(user)
	require.True(s.tb, ok, "%s has no Home tab; the log says: %s", user, s.log)
	return s.slack.RenderView(view)
}

// clicksAtHome presses a button in Bart's Home tab.
func (s *fixture) clicksAtHome(id, button string) {
	s.tb.Helper()
	view, ok := s.slack.Home(bart)
	require.True(s.tb, ok)
	for _, block := range blockIDs(s.tb, view.Blocks) {
		if strings.HasPrefix(block, "feedback:"+id+":") {
			s.presses(fakeslack.Click{User: bart, ViewID: view.ID, ActionID: button, BlockID: block})
			return
		}
	}
	require.Fail(s.tb, "not at Home", "%s", s.home(bart))
}

func blockIDs(tb testing.TB, raw json.RawMessage) []string {
	tb.Helper()
	var blocks []struct {
		ID string `json:"block_id"`
	}
	require.NoError(tb, json.Unmarshal(raw, &blocks))
	var ids []string
	for _, b := range blocks {
		ids = append(ids, b.ID)
	}
	return ids
}

// about is a red smiley for a ticket, taken now.
func (s *fixture) about(ticket string, change ...func(*feedback.Event)) string {
	s.tb.Helper()
	e := storetest.Smiley("reply-"+ticket, feedback.Red, s.clock())
	e.Answer.Ticket.ID, e.Mentions[feedback.FieldTicketID] = ticket, true
	for _, c := range change {
		c(&e)
	}
	id := s.ingest(e)
	s.show(support, id)
	return id
}

func urgent(e *feedback.Event) {
	e.Answer.Ticket.Urgent, e.Mentions[feedback.FieldTicketUrgent] = true, true
}

func ratedOf(email string) func(*feedback.Event) {
	return func(e *feedback.Event) {
		e.Answer.Agent.Email, e.Mentions[feedback.FieldAgentEmail] = email, true
	}
}

func TestHomeShowsMineFirst(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	mine := s.about("1001")
	s.about("1002")
	s.about("1003", urgent)
	theirs := s.about("1004")
	s.clicks(bart, mine, "followup_claim")
	s.clicks(lise, theirs, "followup_claim")
	s.pass(5 * time.Hour) // more than four office hours
	s.opens(bart)
	home := s.home(bart)
	at := -1
	for _, said := range []string{"Claimed by you: 1", "1001", "Overdue", "Not claimed yet: 2", "1003", "Urgent", "1002", "The team this month", "Updated"} {
		found := strings.Index(home, said)
		assert.Greater(t, found, at, "%s\n%s", said, home)
		at = found
	}
	assert.NotContains(t, home, "1004")
	assert.Contains(t, home, "CSAT: too few answers (4)")
}

func TestHomeCheersWhenNothingWaits(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	s.opens(bart)
	assert.Contains(t, s.home(bart), "every unhappy customer is in good hands")
	assert.NotContains(t, s.home(bart), "Your latest ratings", "no one with his address was rated")
}

// TestHomeDoesNotCheerOverClaimedOnes checks that a colleague's open claim is not reported as done.
func TestHomeDoesNotCheerOverClaimedOnes(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	s.clicks(lise, s.about("1001"), "followup_claim")
	s.opens(bart)
	assert.Contains(t, s.home(bart), "Nothing is waiting for you")
	assert.NotContains(t, s.home(bart), "heard")
}

func TestHomeOfOutsidersShowsScoresOnly(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	s.about("1001")
	for _, user := range []string{visitor, guest} {
		s.opens(user)
		assert.Contains(t, s.home(user), "Welcome")
		assert.NotContains(t, s.home(user), "1001")
		assert.Contains(t, s.home(user), "The team this month")
	}
	s.opens(leader)
	assert.Contains(t, s.home(leader), "1001", "the lead channel's members may")
	homes, err := s.store.Homes(t.Context())
	require.NoError(t, err)
	assert.Len(t, homes, 1, "only hers is kept up to date")
}

func TestOtherEventsShowNoHome(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	for _, inner := range []string{
		`{"type":"app_home_opened","user":"U0BART","tab":"messages"}`, `{"type":"app_home_opened","tab":"home"}`, `{"type":"app_home_opened","user":7}`,
	} {
		s.Event(t.Context(), slackapi.Event{TeamID: "T0FAKE", Type: "app_home_opened", Inner: []byte(inner)})
	}
	s.Event(t.Context(), slackapi.Event{TeamID: "T0OTHER", Type: "app_home_opened", Inner: []byte(`{"user":"U0BART","tab":"home"}`)})
	assert.Zero(t, s.calls("views.publish"))
}

// TestButtonsWorkAtHome checks that the buttons do what they do in the channel, and that the Home tab of
// the clicker follows at once.
func TestButtonsWorkAtHome(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	id := s.about("1001")
	s.opens(bart)
	s.clicksAtHome(id, "followup_claim")
	assert.Equal(t, followup.StateClaimed, s.state(id))
	assert.Contains(t, s.home(bart), "Claimed by you: 1")
	s.clicksAtHome(id, "followup_release")
	assert.Equal(t, followup.StateOpen, s.state(id))
	assert.Contains(t, s.home(bart), "Not claimed yet: 1")

	published := s.calls("views.publish")
	s.clicksAtHome(id, "followup_done")
	assert.Equal(t, published, s.calls("views.publish"), "an opened form changes nothing")
	s.submits(bart, map[string]string{"outcome": "guide_fixed", "note": "step 3"})
	assert.Equal(t, followup.StateDone, s.state(id))
	assert.Contains(t, s.home(bart), "in good hands")
	s.noReplyTo(bart)
}

// TestLeadsSeeWhatIsLate: a lead also sees what colleagues have claimed and is overdue, others do not.
func TestLeadsSeeWhatIsLate(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	s.clicks(lise, s.about("1001"), "followup_claim")
	s.pass(5 * time.Hour)
	s.opens(leader)
	assert.Contains(t, s.home(leader), "Overdue with colleagues: 1")
	assert.Contains(t, s.home(leader), "1001")
	s.opens(bart)
	assert.Contains(t, s.home(bart), "Nothing to do")
}

func TestHomeFollowsAClickInTheChannel(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	id := s.about("1001")
	s.opens(bart)
	s.clicks(bart, id, "followup_claim")
	assert.Contains(t, s.home(bart), "Claimed by you: 1")
	s.show(support, id)
	s.clicks(lise, id, "followup_release")
	assert.Equal(t, followup.StateOpen, s.state(id))
	assert.Equal(t, 2, s.calls("views.publish"), "she has not opened hers")
}

// TestLateClickAtHomeIsAnsweredInTheChannel checks where the reply goes without a response_url: to the
// support channel.
func TestLateClickAtHomeIsAnsweredInTheChannel(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	id := s.about("1001")
	s.opens(bart)
	s.clicks(lise, id, "followup_claim")
	s.clicksAtHome(id, "followup_claim")
	assert.Contains(t, s.replyTo(bart), "already claimed")
	assert.Equal(t, support, s.slack.Ephemerals(bart)[0].Channel)
	assert.NotContains(t, s.home(bart), "1001", "and it is updated")
}

func TestOwnRatingsAreFoundByAddress(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	s.slack.SetScopes("chat:write", "users:read", "users:read.email", "channels:read", "groups:read", "commands")
	s.slack.AddUser(fakeslack.User{ID: bart, Name: bart, Email: "bart@example.net"})
	s.slack.AddUser(fakeslack.User{ID: lise, Name: lise, Email: "lise@example.net"})
	s.about("1001", ratedOf("Bart@example.net"))
	s.pass(time.Minute)
	s.about("1002", ratedOf("bart@example.net"))
	s.about("1003", ratedOf("lise@example.net"))
	s.about("1004", ratedOf("gone@example.net"))
	s.opens(bart)
	_, ratings, found := strings.Cut(s.home(bart), "Your latest ratings")
	require.True(t, found, s.home(bart))
	assert.Less(t, strings.Index(ratings, "1002"), strings.Index(ratings, "1001"), "the latest first")
	assert.NotContains(t, ratings, "1003")
	assert.Equal(t, 3, s.calls("users.lookupByEmail"), "once for each address, whatever its case")
	s.opens(lise)
	assert.Equal(t, 3, s.calls("users.lookupByEmail"), "who has it and that no one has it is known for a day")
	s.pass(25 * time.Hour)
	s.opens(lise)
	assert.Equal(t, 6, s.calls("users.lookupByEmail"))
	assert.NotContains(t, s.log.String(), "example.net", "no address is logged")
}

func TestWithoutTheScopeRatingsAreLeftOut(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	s.slack.SetScopes("chat:write", "users:read", "channels:read", "groups:read", "commands")
	s.slack.AddUser(fakeslack.User{ID: bart, Name: bart, Email: "bart@example.net"})
	s.about("1001", ratedOf("bart@example.net"))
	s.opens(bart)
	s.opens(bart)
	assert.NotContains(t, s.home(bart), "Your latest ratings")
	assert.Equal(t, 1, s.calls("users.lookupByEmail"))
	s.pass(time.Minute)
	s.opens(bart)
	assert.Equal(t, 2, s.calls("users.lookupByEmail"))
	assert.Equal(t, 1, strings.Count(s.log.String(), "users:read.email"), "said once")

	s.slack.SetScopes("chat:write", "users:read", "users:read.email", "channels:read", "groups:read", "commands")
	s.pass(time.Minute)
	s.opens(bart)
	assert.Contains(t, s.home(bart), "Your latest ratings", "soon after the app was installed again")
}

// TestInvalidAddressIsAskedOnce checks an address that is none: it is no user's, and Slack is asked once.
func TestInvalidAddressIsAskedOnce(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	s.about("1001", ratedOf("Bart of the night shift"))
	s.slack.Fail(fakeslack.Fault{Method: "users.lookupByEmail", Kind: fakeslack.ErrorCode("invalid_arguments"), Times: -1})
	s.opens(bart)
	s.opens(bart)
	assert.Equal(t, 1, s.calls("users.lookupByEmail"))
	assert.NotContains(t, s.log.String(), "night shift")
}

func TestLookupsWaitWhenSlackAsks(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	s.slack.AddUser(fakeslack.User{ID: bart, Name: bart, Email: "bart@example.net"})
	s.about("1001", ratedOf("bart@example.net"))
	s.slack.Fail(fakeslack.Fault{Method: "users.lookupByEmail", Kind: fakeslack.RateLimited(30 * time.Second), Times: 1})
	s.opens(bart)
	s.pass(29 * time.Second)
	s.opens(bart)
	assert.NotContains(t, s.home(bart), "Your latest ratings")
	assert.Equal(t, 1, s.calls("users.lookupByEmail"))
	s.pass(time.Second)
	s.opens(bart)
	assert.Contains(t, s.home(bart), "Your latest ratings")
}

// TestNewerHomeStays checks that a view that has changed meanwhile is not overwritten by an older one,
// but rendered once more.
func TestNewerHomeStays(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	id := s.about("1001")
	s.opens(bart)
	s.slack.Fail(fakeslack.Fault{Method: "views.publish", Kind: fakeslack.ErrorCode("hash_conflict"), Times: 1})
	s.clicks(bart, id, "followup_claim")
	assert.Equal(t, 3, s.calls("views.publish"))
	assert.Contains(t, s.home(bart), "Claimed by you: 1")
	calls := s.slack.Calls()
	assert.NotEmpty(t, calls[len(calls)-2].Args["hash"])
	assert.Empty(t, calls[len(calls)-1].Args["hash"])
}

func TestHomeOfAnUnknownUserIsDropped(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	id := s.about("1001")
	s.opens(bart)
	s.slack.Fail(fakeslack.Fault{Method: "views.publish", Kind: fakeslack.ErrorCode("user_not_found"), Times: 1})
	s.clicks(bart, id, "followup_claim")
	homes, err := s.store.Homes(t.Context())
	require.NoError(t, err)
	assert.Empty(t, homes)
}
