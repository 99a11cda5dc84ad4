package message

import (
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// Feedback is the one living message of a feedback. From the first line on it
// tells: the colour, what was rated, who answered it; the comment, which gives
// way when Slack's limits are reached; the customer, the channel, the time; and
// where the follow-up stands, with the buttons for what can be done.
func Feedback(v feedback.Case, o Options) Message {
	comment := prose(v.Feedback.Comment)
	rest := unitsOf(feedbackBlocks(v, o, ""))
	return Message{
		Text:     sentence(v),
		Blocks:   feedbackBlocks(v, o, cut(comment, maxBlocksUnits-rest)),
		Metadata: metadataOf(v.Feedback),
	}
}

func feedbackBlocks(v feedback.Case, o Options, comment string) []slack.Block {
	top := []slack.RichTextElement{headline(v.Feedback).section()}
	if comment != "" {
		top = append(top, quote(comment))
	}
	blocks := []slack.Block{rich(top...)}
	if small := facts(v.Feedback, o); len(small) > 0 {
		blocks = append(blocks, slack.NewContextBlock("", small...))
	}
	if v.Feedback.Suspect {
		blocks = append(blocks, slack.NewContextBlock("", plain(wordSuspect)))
	}
	if state := standing(v, o); len(state) > 0 {
		blocks = append(blocks, rich(state...))
	}
	return append(blocks, buttons(v))
}

// subject says what was rated, and how: colour, score, conversation, urgency.
func subject(f feedback.Feedback) line {
	var l line
	l.colour(f.Colour())
	l.rated(ratedOf(f))
	if f.Ticket.Urgent {
		l.dot()
		l.bold(wordUrgent)
	}
	return l
}

// headline says what happened: the subject and who answered it.
func headline(f feedback.Feedback) line {
	l := subject(f)
	if agent := name(f.Agent); agent != "" {
		l.dot()
		l.text("answered by " + agent)
	}
	return l
}

// rated is what was rated: a score, if it is more than a colour, and the
// conversation it was about. The address belongs to the conversation; a
// review's, or one without a conversation, to the score.
type rated struct {
	score, thing string
	scoreAddress string
	thingAddress string
}

func ratedOf(f feedback.Feedback) rated {
	r := rated{score: ratingWord(f), thing: thing(f)}
	if r.score == "" && r.thing == "" {
		r.thing = channelWord(f.Channel)
	}
	if r.thing == "" || f.Kind == feedback.KindReview {
		r.scoreAddress = link(f.Ticket.URL)
	} else {
		r.thingAddress = link(f.Ticket.URL)
	}
	return r
}

// thing names the conversation: "Ticket 4711: Website offline".
func thing(f feedback.Feedback) string {
	id := phrase(f.Ticket.ID, feedback.MaxID)
	subject := phrase(f.Ticket.Subject, feedback.MaxName)
	switch {
	case id == "":
		return subject
	case subject == "":
		return thingWord(f.Channel) + " " + id
	default:
		return thingWord(f.Channel) + " " + id + ": " + subject
	}
}

func (l *line) rated(r rated) {
	if r.score != "" {
		l.dot()
		l.link(r.scoreAddress, r.score)
	}
	if r.thing != "" {
		l.dot()
		l.link(r.thingAddress, r.thing)
	}
}

// facts are the small print: customer, channel, time.
func facts(f feedback.Feedback, o Options) []slack.MixedElement {
	var small []slack.MixedElement
	if who := joined(name(f.Customer), channelWord(f.Channel)); who != "" {
		small = append(small, plain(who))
	}
	if !f.OccurredAt.IsZero() {
		small = append(small, mrkdwn(when(f.OccurredAt, moment(f.OccurredAt, o.Zone))))
	}
	return small
}

func joined(parts ...string) string {
	var present []string
	for _, part := range parts {
		if part != "" {
			present = append(present, part)
		}
	}
	return strings.Join(present, separator)
}

// sentence states the point of a message for notifications and screen readers,
// such as "🔴 Red smiley from Jan de Vries on Ticket 4711: Website offline. “Step
// 3 is wrong.” Follow-up open.".
func sentence(v feedback.Case) string {
	head := escape(opening(v.Feedback))
	tail := closing(v)
	comment := strings.Map(oneLine, prose(v.Feedback.Comment))
	if comment == "" {
		return head + tail
	}
	const quotes = " “”"
	return head + " “" + escapeWithin(comment, maxTextBytes-len(head)-len(tail)-len(quotes)) + "”" + tail
}

// opening tells colour, customer and what was rated. Its parts are so short
// that they leave room for the comment even when every character is escaped.
func opening(f feedback.Feedback) string {
	const maxThing, maxScore = 200, 60
	_, emoji := colourEmoji(f.Colour())
	words := emoji + " " + colourWord(f.Colour())
	if score := ratingWord(f); score != "" {
		words += ": " + phrase(score, maxScore)
	} else {
		words += " smiley"
	}
	if customer := name(f.Customer); customer != "" {
		words += " from " + customer
	}
	if about := thing(f); about != "" {
		return words + " on " + phrase(about, maxThing) + "."
	}
	if channel := channelWord(f.Channel); channel != "" && f.Kind != feedback.KindReview {
		words += " via " + strings.ToLower(channel)
	}
	return words + "."
}

// closing tells what else matters at a glance.
func closing(v feedback.Case) string {
	words := ""
	if v.Feedback.Ticket.Urgent {
		words += " " + wordUrgent + "."
	}
	if v.Feedback.Suspect {
		words += " " + wordSuspectShort
	}
	if state := stateWord(v.FollowUp.State); state != "" {
		words += " " + state + "."
	}
	return words
}
