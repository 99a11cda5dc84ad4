package main

import (
	"fmt"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// The plots of the demo's customers. Each shows one thing the bot does.

// lateComment: the follow-up opens, and closes itself when the comment comes.
func lateComment(c *character) []step {
	return []step{c.rates(feedback.ChannelTicket, feedback.Red), c.says(3, feedback.ChannelTicket, feedback.KindSmiley, c.affair.complaint)}
}

// content: a green smiley and not a word.
func content(c *character) []step {
	return []step{c.rates(c.somewhere(), feedback.Green)}
}

// thanked: a green smiley with a word of thanks.
func thanked(c *character) []step {
	return []step{withComment(c.rates(feedback.ChannelChat, feedback.Green), c.pick(thanks()))}
}

// helped: nobody knows why, so a colleague claims, asks and finishes.
func helped(c *character) []step {
	return []step{c.rates(feedback.ChannelChat, feedback.Yellow), c.claims(2), c.finishes(3)}
}

// changedMind: red by mistake, then green; the follow-up is withdrawn.
func changedMind(c *character) []step {
	e := c.refers(feedback.ChannelTicket, feedback.KindSmiley)
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

// answeredWhileClaimed: the comment comes while a colleague is on it, who is
// told in the thread and finishes.
func answeredWhileClaimed(c *character) []step {
	first := c.rates(feedback.ChannelTicket, feedback.Red)
	first.event.Urgent = new(true)
	return []step{
		first,
		c.claims(1),
		c.says(2, feedback.ChannelTicket, feedback.KindSmiley, c.affair.complaint),
		c.finishes(2),
	}
}

// silent: unhappy without a word, and nobody has taken it up yet.
func silent(c *character) []step {
	return []step{c.rates(feedback.ChannelTicket, feedback.Yellow)}
}

// explainedAtOnce: unhappy, but it is clear why.
func explainedAtOnce(c *character) []step {
	return []step{withComment(c.rates(feedback.ChannelTicket, feedback.Yellow), c.affair.complaint)}
}

// lowScore: an answer on 1–5 by mail, explained late.
func lowScore(c *character) []step {
	return []step{
		c.scores(feedback.ChannelEmail, feedback.KindCSAT, 1+c.rng.IntN(2)),
		c.says(3, feedback.ChannelEmail, feedback.KindCSAT, c.affair.complaint),
	}
}

func promoter(c *character) []step {
	return []step{withComment(c.scores(feedback.ChannelPanel, feedback.KindNPS, 9+c.rng.IntN(2)), c.pick(praises()))}
}

func passive(c *character) []step {
	return []step{c.scores(feedback.ChannelPanel, feedback.KindNPS, 7+c.rng.IntN(2))}
}

// detractor: the reason for a low NPS comes later.
func detractor(c *character) []step {
	return []step{
		c.scores(feedback.ChannelPanel, feedback.KindNPS, 2+c.rng.IntN(5)),
		c.says(2, feedback.ChannelPanel, feedback.KindNPS, c.pick(grudges())),
	}
}

// reviewer: few stars on a review site, where somebody is to reply.
func reviewer(c *character) []step {
	return []step{withComment(c.scores(feedback.ChannelReview, feedback.KindReview, 1+c.rng.IntN(3)), c.affair.complaint)}
}

// says is a comment that comes later.
func (c *character) says(wait int, channel feedback.Channel, kind feedback.Kind, comment string) step {
	e := c.refers(channel, kind)
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
		wait: wait, by: c.colleague.user, action: followup.ActionFinish, outcome: c.affair.outcome, note: c.affair.note,
		words: fmt.Sprintf("%s finishes the follow-up: %s", c.colleague.name, c.affair.note),
	}
}

func (c *character) somewhere() feedback.Channel {
	if c.rng.IntN(3) == 0 {
		return feedback.ChannelChat
	}
	return feedback.ChannelTicket
}
