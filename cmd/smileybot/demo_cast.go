package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// A story is what happens to one customer's feedback.
type story struct{ steps []step }

// longestStory is more slots than any story takes.
const longestStory = 12

// A step of a story: an event the sender tells, or what a colleague does.
type step struct {
	wait  int    // slots since the step before
	words string // what happens, for people

	event  said
	repeat bool // the same delivery once more

	by      string // the Slack user of
	action  followup.Action
	outcome followup.Outcome
	note    string
}

// comment is what the customer says in this step.
func (s step) comment() string {
	if s.event.Comment == nil {
		return ""
	}
	return *s.event.Comment
}

// A cast invents customers. The same seed gives the same ones.
type cast struct {
	rng   *rand.Rand
	count int
}

func newCast(seed uint64) *cast { return &cast{rng: seeded(seed, 1)} }

// seeded is randomness that is always the same.
func seeded(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream)) //nolint:gosec // plays customers, guards nothing
}

// next is the next customer. The plots take turns, so that a few customers show
// all there is.
func (c *cast) next() story {
	plots := []func(*character) []step{
		lateComment, content, promoter, helped, thanked, changedMind, detractor, twice,
		answeredWhileClaimed, passive, reviewer, lowScore, explainedAtOnce, content, silent, promoter, content,
	}
	ch := c.character()
	plot := plots[c.count%len(plots)]
	c.count++
	return story{steps: plot(ch)}
}

// A character is a customer with what went well or wrong.
type character struct {
	rng       *rand.Rand
	number    int
	name      string
	affair    affair
	agent     colleague
	colleague colleague // who looks after it
	pick      func(lines []string) string
}

func (c *cast) character() *character {
	pick := func(lines []string) string { return lines[c.rng.IntN(len(lines))] }
	colleagues, minders := team(), played()
	return &character{
		rng: c.rng, number: c.count + 1, pick: pick,
		name:      pick(firstNames()) + " " + pick(lastNames()),
		affair:    affairs()[c.rng.IntN(len(affairs()))],
		agent:     colleagues[c.rng.IntN(len(colleagues))],
		colleague: minders[c.rng.IntN(len(minders))],
	}
}

// rates is a first event about a ticket or chat.
func (c *character) rates(channel feedback.Channel, smiley feedback.Smiley) step {
	e := c.asked(channel, feedback.KindSmiley)
	e.Smiley = new(string(smiley))
	return step{event: e, words: fmt.Sprintf("%s gives a %s smiley for %s", c.name, smiley, c.about(channel))}
}

// scores is a first event with a score.
func (c *character) scores(channel feedback.Channel, kind feedback.Kind, score int) step {
	e := c.asked(channel, kind)
	e.Score = new(score)
	return step{event: e, words: fmt.Sprintf("%s gives %d (%s)", c.name, score, kind)}
}

func (c *character) about(channel feedback.Channel) string {
	if channel == feedback.ChannelTicket {
		return "ticket " + c.ticket()
	}
	return "a " + string(channel)
}

func (c *character) ticket() string { return strconv.Itoa(4700 + c.number) }

// asked is what the sender knows of a question.
func (c *character) asked(channel feedback.Channel, kind feedback.Kind) said {
	e := c.refers(channel, kind)
	e.Customer = person{ID: new(fmt.Sprintf("c-%d", 1000+c.number)), Name: new(c.name), Email: new(c.address())}
	if channel == feedback.ChannelPanel {
		return e
	}
	if channel == feedback.ChannelReview {
		e.Site, e.Ticket.Subject = new(reviewSite), new(c.affair.subject)
		e.Ticket.URL = new(fmt.Sprintf("https://reviews.example.org/%d", c.number))
		return e
	}
	e.Agent = person{ID: new(c.agent.agent), Name: new(c.agent.name), Email: new(c.agent.email())}
	e.Ticket.Subject = new(c.affair.subject)
	if channel == feedback.ChannelTicket {
		e.Ticket.ID = new(c.ticket())
		e.Ticket.URL = new("https://tickets.example.org/" + c.ticket())
	}
	return e
}

// refers names the feedback as an update does.
func (c *character) refers(channel feedback.Channel, kind feedback.Kind) said {
	return said{ID: fmt.Sprintf("%s-%d", channel, c.number), Kind: string(kind), Channel: string(channel)}
}

func (c *character) address() string {
	return strings.ToLower(strings.ReplaceAll(c.name, " ", ".")) + "@example.org"
}
