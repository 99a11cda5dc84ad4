package message

import (
	"strings"

	"github.com/slack-go/slack"
)

// Unchecked tells that Slack could not be asked who somebody is.
func Unchecked() Answer {
	return told("I could not check with Slack whether you may do this, so nothing has changed. Please try again in a minute.")
}

// Counted tells that a click on an old copy was good all the same.
func Counted() Answer {
	return told("The message was out of date and is being refreshed. Your click counted all the same.")
}

// NotCounted tells that a click on an old copy was not good.
func NotCounted() Answer {
	return told("The message was out of date and is being refreshed, so your click changed nothing. Look again, then click if you still want to.")
}

// FormFailed tells that Slack did not open the form.
func FormFailed() Answer {
	return told("Slack did not open the form. Please click again.")
}

// UnknownOutcome tells that a form came with an outcome that there is not.
func UnknownOutcome() Answer {
	return told("I do not know that outcome, so nothing has changed. Please open the form again and choose one that it offers.")
}

// NoteBack gives a note back that was not kept, whole, so that it can be copied;
// without a note there is nothing to say.
func NoteBack(note string) Answer {
	note = prose(note)
	if note == "" {
		return Answer{}
	}
	var l line
	l.text("Your note was not kept. To copy it:")
	intro := flat([]slack.Block{rich(l.section())})
	return Answer{
		Text:   intro + "\n" + escapeWithin(note, maxTextBytes-len(intro)-1),
		Blocks: []slack.Block{rich(l.section(), quote(note))},
	}
}

// Together is several answers in one.
func Together(answers ...Answer) Answer {
	var texts []string
	var all Answer
	for _, a := range answers {
		if a.Text != "" {
			texts = append(texts, a.Text)
		}
		all.Blocks = append(all.Blocks, a.Blocks...)
	}
	all.Text = strings.Join(texts, "\n")
	return all
}
