package message

import (
	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// answer is an answer whose blocks are short enough to be the text as well.
func answer(blocks ...slack.Block) Answer {
	return Answer{Text: flat(blocks), Blocks: blocks}
}

// said is an answer of one line.
func said(l line) Answer { return answer(rich(l.section())) }

// told is an answer of words alone.
func told(s string) Answer {
	var l line
	l.text(s)
	return said(l)
}

// maxWord is how much of what somebody typed is said back, in characters.
const maxWord = 80

// NotUnderstood names what was not understood of a command, and shows examples
// that work. It gives the reason when there is one to give: not for "" and
// [feedback.PeriodUnknown].
func NotUnderstood(word string, reason feedback.PeriodReason, examples ...string) Answer {
	var l line
	shown := phrase(word, maxWord)
	switch {
	case shown == "":
		l.text("I did not understand that. These work:")
	case reason == "" || reason == feedback.PeriodUnknown:
		l.text("I did not understand “" + shown + "”. These work:")
	default:
		l.text("I did not understand “" + shown + "”: it " + reasonWords(reason) + ". These work:")
	}
	for _, example := range examples {
		l.text("\n")
		l.code(example)
	}
	return said(l)
}

// NotAllowed tells that only members of these Slack channels, who are no
// guests, may do something.
func NotAllowed(channels ...string) Answer {
	var l line
	l.text("Only members of ")
	for i, channel := range channels {
		if i > 0 {
			l.text(" or ")
		}
		l.channel(channel)
	}
	if len(channels) == 0 {
		l.text("the support channel")
	}
	l.text(" can do this, guests cannot. Join the channel, or ask a member.")
	return said(l)
}

// NotFound tells that the feedback of a message is not known, which happens
// when the database was replaced.
func NotFound() Answer {
	return told("I do not know this feedback: it is not in my database.")
}

// Trouble tells that something failed which is not the asker's fault.
func Trouble() Answer {
	return told("I could not do that just now. Nothing has changed: please try again in a minute.")
}
