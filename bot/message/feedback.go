package message

import (
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Feedback is the one living message of a feedback. From the first line on it
// tells: the colour, what was rated, who answered it; the comment, which gives
// way when Slack's limits are reached; the customer, the channel, the time;
// its flags, see [Speaker.flags]; and where the follow-up stands, with the buttons for
// what can be done.
func (s *Speaker) Feedback(v followup.Snapshot) Message {
	comment := prose(v.Feedback.Comment)
	rest := unitsOf(s.feedbackBlocks(v, ""))
	return Message{
		Text:     s.sentence(v),
		Blocks:   s.feedbackBlocks(v, cut(comment, maxBlocksUnits-rest)),
		Metadata: metadataOf(v.Feedback),
	}
}

// maxReason is how much is shown of why a feedback is void, in characters.
const maxReason = 500

func (s *Speaker) feedbackBlocks(v followup.Snapshot, comment string) []slack.Block {
	top := []slack.RichTextElement{s.headline(v.Feedback).section()}
	if comment != "" {
		top = append(top, quote(comment))
	}
	blocks := []slack.Block{rich(top...)}
	if small := s.facts(v.Feedback); len(small) > 0 {
		blocks = append(blocks, slack.NewContextBlock("", small...))
	}
	for _, flag := range s.flags(v) {
		blocks = append(blocks, slack.NewContextBlock("", plain(flag)))
	}
	if state := s.standing(v); len(state) > 0 {
		blocks = append(blocks, rich(state...))
	}
	return append(blocks, s.buttons(v))
}

// flags are what is to be known of a feedback beside what it says, a sentence each.
func (s *Speaker) flags(v followup.Snapshot) []string {
	var flags []string
	if v.Feedback.AtRisk {
		flags = append(flags, s.say("at_risk"))
	}
	if v.Feedback.Suspect {
		flags = append(flags, s.say("suspect"))
	}
	if v.Feedback.Void.By == feedback.ByCustomer {
		flags = append(flags, s.say("taken_back"))
	} else if reason := phrase(v.Feedback.Void.Reason, maxReason); reason != "" {
		flags = append(flags, s.say("void", values{"reason": reason}))
	}
	if v.Feedback.Forgotten() {
		flags = append(flags, s.say("forgotten"))
	}
	switch {
	case v.Recovery == feedback.Green:
		flags = append(flags, s.say("recovered"))
	case v.Recovery.Unhappy():
		flags = append(flags, s.say("not_recovered"))
	}
	return flags
}

// subject says what was rated, and how: colour, score, conversation, urgency.
func (s *Speaker) subject(f feedback.Feedback) line {
	l := s.colour(f.Colour())
	rated := s.ratedOf(f)
	l.fact(rated.score)
	l.fact(rated.thing)
	if f.Ticket.Urgent {
		l.dot()
		l.bold(s.say("urgent"))
	}
	return l
}

// headline says what happened: the subject and who answered it.
func (s *Speaker) headline(f feedback.Feedback) line {
	l := s.subject(f)
	if agent := name(f.Agent); agent != "" {
		key := "answered_by"
		if f.Colour() == feedback.Green {
			key = "answered_well_by"
		}
		l.dot()
		l.text(s.say(key, values{"agent": agent}))
	}
	return l
}

// rated is what was rated: a score, if it is more than a colour, and the
// conversation it was about. The address belongs to the conversation; one without a
// conversation to the score, and a review's to its site.
type rated struct{ score, thing line }

func (s *Speaker) ratedOf(f feedback.Feedback) rated {
	address, score, thing := link(f.Ticket.URL), s.ratingWord(f), s.thing(f)
	switch {
	case f.Kind == feedback.KindReview:
		return rated{s.reviewLine(f, address), bold(thing)}
	case thing != "":
		return rated{text(score), linked(address, thing)}
	case score != "":
		return rated{score: linked(address, score)}
	default:
		return rated{thing: linked(address, s.channelWord(f.Channel))}
	}
}

// about names what a feedback is about: its customer and the conversation, as
// far as they are known.
func (s *Speaker) about(f feedback.Feedback) string {
	return joinedBy(", ", name(f.Customer), s.thing(f))
}

// facts are the small print: customer, channel, time.
func (s *Speaker) facts(f feedback.Feedback) []slack.MixedElement {
	var small []slack.MixedElement
	if who := joined(name(f.Customer), s.channelWord(f.Channel)); who != "" {
		small = append(small, plain(who))
	}
	if !f.OccurredAt.IsZero() {
		small = append(small, mrkdwn(date(f.OccurredAt, s.moment(f.OccurredAt))))
	}
	return small
}

func joined(parts ...string) string { return joinedBy(separator, parts...) }

func joinedBy(separator string, parts ...string) string {
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
func (s *Speaker) sentence(v followup.Snapshot) string {
	head := escape(s.opening(v.Feedback))
	tail := s.closing(v)
	comment := strings.Map(oneLine, prose(v.Feedback.Comment))
	if comment == "" {
		return head + tail
	}
	const quotes = " “”"
	return head + " “" + escapeWithin(comment, maxTextBytes-len(head)-len(tail)-len(quotes)) + "”" + tail
}

// opening tells colour, customer and what was rated. Its parts are so short
// that they leave room for the comment even when every character is escaped.
func (s *Speaker) opening(f feedback.Feedback) string {
	const maxThing, maxScore = 200, 60
	score := s.ratingWord(f)
	if f.Kind == feedback.KindReview {
		score = s.reviewSpoken(f)
	}
	_, emoji := colourEmoji(f.Colour())
	words := emoji + " "
	if score != "" {
		words += s.say("sentence_score", values{"colour": s.colourWord(f.Colour()), "score": phrase(score, maxScore)})
	} else {
		words += s.smileyWord(f.Colour())
	}
	if customer := name(f.Customer); customer != "" {
		words += s.say("sentence_from", values{"customer": customer})
	}
	if about := s.thing(f); about != "" && f.Kind == feedback.KindReview {
		return words + s.say("sentence_title", values{"title": phrase(about, maxThing)})
	} else if about != "" {
		return words + s.say("sentence_about", values{"thing": phrase(about, maxThing)}) + "."
	}
	if channel := s.channelWord(f.Channel); channel != "" && f.Kind != feedback.KindReview {
		words += s.say("sentence_via", values{"channel": strings.ToLower(channel)})
	}
	return words + "."
}

// closing tells what else matters at a glance.
func (s *Speaker) closing(v followup.Snapshot) string {
	words := ""
	if v.Feedback.Ticket.Urgent {
		words += " " + s.say("urgent") + "."
	}
	if v.Feedback.AtRisk {
		words += " " + s.say("at_risk_short") + "."
	}
	if v.Feedback.Suspect {
		words += " " + s.say("suspect_short")
	}
	if v.Feedback.Voided() {
		words += " " + s.say("void_short")
	}
	if state := s.stateWord(v); state != "" {
		words += " " + state + "."
	}
	return words
}
