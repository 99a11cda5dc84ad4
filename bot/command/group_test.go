package command_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/store/storetest"
)

// rated imports n answers about an agent, of tickets that waited some minutes for a first reply.
func (s *fixture) rated(agent string, channel feedback.Channel, smiley feedback.Smiley, n, minutes int) {
	s.tb.Helper()
	events := make([]feedback.Event, n)
	for i := range events {
		s.serial++
		e := storetest.Smiley(fmt.Sprint("rated ", s.serial), smiley, s.clock())
		e.Channel = channel
		e.Answer.Agent = feedback.Person{Name: agent}
		e.Answer.Ticket = feedback.Ticket{ID: strconv.Itoa(s.serial), OpenedAt: s.clock().Add(-2 * time.Hour)}
		e.Answer.Ticket.FirstReplyAt = e.Answer.Ticket.OpenedAt.Add(time.Duration(minutes) * time.Minute)
		for _, field := range []feedback.Field{feedback.FieldAgentName, feedback.FieldTicketID, feedback.FieldTicketOpenedAt, feedback.FieldTicketFirstReplyAt} {
			e.Mentions[field] = true
		}
		events[i] = e
	}
	storetest.Import(s.tb, s.store, s.clock(), events...)
}

func newTeam(t *testing.T) *fixture {
	t.Helper()
	s := newFixture(t)
	s.rated("Zoë", feedback.ChannelTicket, feedback.Green, 12, 30)
	s.rated("Bart de Vries", feedback.ChannelChat, feedback.Red, 3, 90)
	s.rated("Bart de Vries", feedback.ChannelTicket, feedback.Green, 9, 10)
	s.rated("anna", feedback.ChannelTicket, feedback.Yellow, 2, 10)
	return s
}

// TestAgentsOfSlackUsers: a mention finds the agent with the user's address, else name, else the name that
// the handle begins; and a name may be typed as it begins.
func TestAgentsOfSlackUsers(t *testing.T) {
	s := newTeam(t)
	robert := storetest.Smiley("robert", feedback.Red, s.clock())
	robert.Answer.Agent = feedback.Person{ID: "7", Name: "Robert Smit", Email: "Bob@Example.org"}
	for _, field := range []feedback.Field{feedback.FieldAgentID, feedback.FieldAgentName, feedback.FieldAgentEmail} {
		robert.Mentions[field] = true
	}
	s.ingest(robert)
	s.rated("piet.smit@example.org", feedback.ChannelTicket, feedback.Green, 1, 10)
	s.rated("piet.jansen@example.org", feedback.ChannelTicket, feedback.Green, 1, 10)
	s.rated("anna@example.org", feedback.ChannelTicket, feedback.Green, 1, 10)
	s.slack.AddUser(fakeslack.User{ID: "U0BOB", Name: "bob", RealName: "Bobby", Email: "bob@example.org"})
	s.slack.AddUser(fakeslack.User{ID: "U0ZOE", Name: "zz", RealName: "zoë"})
	s.slack.AddUser(fakeslack.User{ID: "U0XAVI", Name: "xavi", RealName: "Xavi"})
	for _, row := range []struct{ text, want string }{
		{"agent:<@U0BOB|bob>", "Robert Smit"},
		{"agent: <@U0BOB>", "Robert Smit"},
		{"medewerker:<@U0ZOE|zz> month", "Zoë"},
		{"agent:<@" + bart + "|bart>", "Bart de Vries"},
		{"agent:@bart", "Bart de Vries"},
		{"agent:Bart", "Bart de Vries"},
		{"agent:<@U0XAVI|xavi>", "“agent:@xavi” matches no agent with ratings."},
		{"agent:<@U0GONE|gone>", "“agent:@gone” matches no agent with ratings."},
		{"agent:<@U0GONE>", "“agent:@U0GONE” matches no agent with ratings."},
		{"agent:piet", "Did you mean “agent:piet.jansen” or “agent:piet.smit”?"}, // an address is not shown
		{"agent:piet.smit", "piet.smit"},
		{"agent:anna", "· anna, anna"},
		{"agent:piet.smti", "Did you mean “agent:piet.smit”?"},
		{"agent:Brat", "“agent:Brat” matches no agent with ratings. Did you mean “agent:Bart”?"},
	} {
		s.types(bart, lobby, "/csat", row.text)
		first, _, _ := strings.Cut(s.replyTo(bart), "\n")
		assert.Contains(t, first, row.want, row.text)
	}
	s.types(visitor, lobby, "/csat", "agent:<@U0BOB|bob>")
	assert.Contains(t, s.replyTo(visitor), "Only members of")
	s.slack.Fail(fakeslack.Fault{Kind: fakeslack.ErrorCode("fatal_error"), Method: "users.info"})
	s.types(bart, lobby, "/csat", "agent:<@U0XAVI|xavi>")
	assert.Contains(t, s.replyTo(bart), "I could not check with Slack")
}

// TestFiltersAreNamedInTheAnswer checks that the answer is about the agent and the channel asked for.
func TestFiltersAreNamedInTheAnswer(t *testing.T) {
	s := newTeam(t)
	for _, row := range []struct{ name, text, want string }{
		{"/smileys", "month", "Smileys +69 · November 2026 so far\nNo comparison: 1–20 October has no answers.\n26 answers"},
		{"/smileys", "channel:ticket", "Smileys +91 · November 2026 so far · Ticket\nNo comparison: 1–20 October has no answers.\n23 answers"},
		{"/smileys", "vandaag medewerker:“BART DE VRIES”", "Smileys +50 · today · Bart de Vries\nNo comparison: 19 November until 12:00 has no answers.\n12 answers"},
		{"/smileys", `agent:"Bart de Vries" kanaal:chat week`, "Smileys: too few answers (3) · week 47 of 2026 so far · Chat · Bart de Vries\nToo few answers for a verdict: a score needs at least 10.\n3 answers"},
		{"/service", "agent:zoë", "Service: 30 min to the first reply · November 2026 so far · Zoë\nNo comparison: 1–20 October has too few tickets.\n12 rated tickets."},
		{"/service", "agent:“Bart de Vries” channel:ticket", "Service: too few answers (9) · November 2026 so far · Ticket · Bart de Vries\n9 rated tickets."},
		{"/smileybot", "service channel:ticket", "Service: 30 min to the first reply · November 2026 so far · Ticket\nNo comparison: 1–20 October has too few tickets.\n23 rated tickets."},
	} {
		s.types(bart, lobby, row.name, row.text)
		assert.True(t, strings.HasPrefix(s.replyTo(bart), row.want), "%s %s: %s", row.name, row.text, s.replyTo(bart))
	}
}

// TestGroupsAreInAlphabeticalOrder checks the order whatever the scores, and that an agent without
// answers is left out.
func TestGroupsAreInAlphabeticalOrder(t *testing.T) {
	s := newTeam(t)
	for _, row := range []struct{ name, text, want string }{
		{"/smileys", "by agent", "By agent, in alphabetical order\nanna: 2 answers, too few for a score\n" +
			"Bart de Vries: +50, between −4 and +84, 12 answers\nZoë: +100, between +54 and +100, 12 answers\n"},
		{"/csat", "per medewerker kanaal:ticket", "By agent, in alphabetical order\nanna: 2 answers, too few for a score\n" +
			"Bart de Vries: 9 answers, too few for a score\nZoë: 100%, between 76% and 100%, 12 answers\n"},
		{"/csat", "by channel", "By channel\nChat: 3 answers, too few for a score\nTicket: 91%, between 73% and 98%, 23 answers\n"},
		{"/service", "by agent", "By agent, in alphabetical order\nanna: 2 tickets, too few for figures\n" +
			"Bart de Vries: 10 min to the first reply, 12 tickets\nZoë: 30 min to the first reply, 12 tickets\n"},
		{"/service", "per kanaal agent:zoë", "By channel\nTicket: 30 min to the first reply, 12 tickets\n"},
	} {
		s.types(bart, lobby, row.name, row.text)
		assert.Contains(t, s.replyTo(bart), row.want, "%s %s", row.name, row.text)
	}
	s.types(bart, lobby, "/nps", "by agent")
	assert.NotContains(t, s.replyTo(bart), "alphabetical", "there is no one to list")
}

// TestAgentsAreForTheirTeam checks that outsiders learn neither how single agents are rated nor
// whether there is such an agent.
func TestAgentsAreForTheirTeam(t *testing.T) {
	s := newTeam(t)
	for _, text := range []string{"by agent", "agent:zoë", "agent:nobody", "per medewerker share"} {
		for _, name := range []string{"/csat", "/service", "/smileybot service"} {
			command, more, _ := strings.Cut(name, " ")
			for _, user := range []string{visitor, guest} {
				s.types(user, lobby, command, strings.TrimSpace(more+" "+text))
				assert.Contains(t, s.replyTo(user), "Only members of", "%s %s", name, text)
			}
		}
	}
	s.types(visitor, lobby, "/csat", "by channel channel:ticket")
	assert.Contains(t, s.replyTo(visitor), "By channel")
	s.types(leader, lobby, "/csat", "agent:nobody")
	assert.Contains(t, s.replyTo(leader), "“agent:nobody”")
	assert.Equal(t, 3, strings.Count(s.replyTo(leader), "\n"), "three examples")

	s.types(bart, lobby, "/csat", "by agent share")
	assert.Contains(t, s.replyTo(bart), "shared in <#C0SUPPORT> or <#C0LEAD> only")
	assert.Len(t, s.slack.Messages(lobby), 0, "where everyone reads it")
	s.types(bart, support, "/csat", "by agent share")
	require.Len(t, s.slack.Messages(support), 1)
	assert.Contains(t, s.slack.Messages(support)[0].Text, "alphabetical")
}
