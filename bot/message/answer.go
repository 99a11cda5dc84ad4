package message

import "github.com/slack-go/slack"

// answer is an answer whose blocks are short enough to be the text as well.
func answer(blocks ...slack.Block) Answer {
	return Answer{Text: flat(blocks), Blocks: blocks}
}

// maxWord is how much of what somebody typed is said back, in characters.
const maxWord = 80

// NotUnderstood names what was not understood of a command, with the reason if
// there is one to give (the end of a sentence about the word), and shows
// examples that work.
func NotUnderstood(word, reason string, examples ...string) Answer {
	var l line
	shown := phrase(word, maxWord)
	switch {
	case shown == "":
		l.text("I did not understand that. These work:")
	case reason == "":
		l.text("I did not understand “" + shown + "”. These work:")
	default:
		l.text("I did not understand “" + shown + "”: it " + reason + ". These work:")
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
	var l line
	l.text("I do not know this feedback: it is not in my database.")
	return said(l)
}

// Trouble tells that something failed which is not the asker's fault.
func Trouble() Answer {
	var l line
	l.text("I could not do that just now. Nothing has changed: please try again in a minute.")
	return said(l)
}
