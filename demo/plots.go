package demo

import (
	"fmt"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// A story is what happens to the feedback of one customer.
type story struct{ steps []step }

// longestStory is more slots than any story takes.
const longestStory = 12

// A step of a story is a webhook or an action of a colleague.
type step struct {
	wait  int    // slots after the step before
	words string // what happens, for people

	event  payload
	repeat bool // send the latest delivery again

	by      string // Slack user of the colleague; empty for a webhook
	action  followup.Action
	outcome followup.Outcome
	note    string
}

// comment returns the comment of the customer in this step.
func (s step) comment() string {
	if s.event.Comment == nil {
		return ""
	}
	return *s.event.Comment
}

// The plots of the demo's customers. Each shows one thing the bot does.

// lateComment: a follow-up opens, and closes when the comment comes.
func lateComment(c *character) []step {
	return []step{c.rates(feedback.ChannelTicket, feedback.Red), c.says(3, feedback.ChannelTicket, feedback.KindSmiley, c.topic.complaint)}
}

// content: a green smiley without a comment.
func content(c *character) []step {
	return []step{c.rates(c.somewhere(), feedback.Green)}
}

// thanked: a green smiley with a comment.
func thanked(c *character) []step {
	return []step{withComment(c.rates(feedback.ChannelChat, feedback.Green), c.pick(thanks()))}
}

// helped: the reason is unknown, so a colleague claims, asks and finishes.
func helped(c *character) []step {
	return []step{c.rates(feedback.ChannelChat, feedback.Yellow), c.claims(2), c.finishes(3)}
}

// changedMind: red by mistake, then green; the follow-up is withdrawn.
func changedMind(c *character) []step {
	e := c.update(feedback.ChannelTicket, feedback.KindSmiley)
	e.Smiley = new(string(feedback.Green))
	return []step{
		c.rates(feedback.ChannelTicket, feedback.Red),
		{wait: 4, event: e, words: c.name + " has a change of mind: green"},
	}
}

// twice: the sender delivers the same webhook again, which changes nothing.
func twice(c *character) []step {
	first := c.rates(feedback.ChannelTicket, feedback.Green)
	again := first
	again.wait, again.repeat = 1, true
	again.words = "the same delivery again: it changes nothing"
	return []step{first, again}
}

// answeredWhileClaimed: the comment comes after a colleague has claimed. The colleague is notified
// in the thread and finishes.
func answeredWhileClaimed(c *character) []step {
	first := c.rates(feedback.ChannelTicket, feedback.Red)
	first.event.Ticket.Urgent = true
	return []step{
		first,
		c.claims(1),
		c.says(2, feedback.ChannelTicket, feedback.KindSmiley, c.topic.complaint),
		c.finishes(2),
	}
}

// silent: unhappy without a comment, and the follow-up is still unclaimed.
func silent(c *character) []step {
	return []step{c.rates(feedback.ChannelTicket, feedback.Yellow)}
}

// explainedAtOnce: unhappy, with a reason.
func explainedAtOnce(c *character) []step {
	return []step{withComment(c.rates(feedback.ChannelTicket, feedback.Yellow), c.topic.complaint)}
}

// lowScore: a rating of 1 or 2 by e-mail, explained later.
func lowScore(c *character) []step {
	return []step{
		c.scores(feedback.ChannelEmail, feedback.KindCSAT, 1+c.rng.IntN(2)),
		c.says(3, feedback.ChannelEmail, feedback.KindCSAT, c.topic.complaint),
	}
}

func promoter(c *character) []step {
	return []step{withComment(c.scores(feedback.ChannelPanel, feedback.KindNPS, 9+c.rng.IntN(2)), c.pick(praises()))}
}

func passive(c *character) []step {
	return []step{c.scores(feedback.ChannelPanel, feedback.KindNPS, 7+c.rng.IntN(2))}
}

// detractor: a low NPS, explained later.
func detractor(c *character) []step {
	return []step{
		c.scores(feedback.ChannelPanel, feedback.KindNPS, 2+c.rng.IntN(5)),
		c.says(2, feedback.ChannelPanel, feedback.KindNPS, c.pick(complaints())),
	}
}

// reviewer: few stars on a review site, which need a reply.
func reviewer(c *character) []step {
	return []step{withComment(c.scores(feedback.ChannelReview, feedback.KindReview, 1+c.rng.IntN(3)), c.topic.complaint)}
}

// says is a comment that comes after the rating.
func (c *character) says(wait int, channel feedback.Channel, kind feedback.Kind, comment string) step {
	e := c.update(channel, kind)
	e.Comment = new(comment)
	return step{wait: wait, event: e, words: fmt.Sprintf("%s comments, later: “%s”", c.name, comment)}
}

func withComment(s step, comment string) step {
	s.event.Comment = new(comment)
	s.words += fmt.Sprintf(" and says “%s”", comment)
	return s
}

func (c *character) claims(wait int) step {
	return step{
		wait: wait, by: c.colleague.user, action: followup.ActionClaim,
		words: fmt.Sprintf("%s claims the follow-up with %s", c.colleague.name, c.name),
	}
}

func (c *character) finishes(wait int) step {
	return step{
		wait: wait, by: c.colleague.user, action: followup.ActionFinish, outcome: c.topic.outcome, note: c.topic.note,
		words: fmt.Sprintf("%s finishes the follow-up: %s", c.colleague.name, c.topic.note),
	}
}

func (c *character) somewhere() feedback.Channel {
	if c.rng.IntN(3) == 0 {
		return feedback.ChannelChat
	}
	return feedback.ChannelTicket
}
