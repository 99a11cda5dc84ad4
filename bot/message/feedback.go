package message

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Feedback is the message of a feedback. From the first line on it shows the colour,
// what was rated and who answered it; the comment, which is cut when Slack's limits are reached;
// the customer, the channel and the time; its flags; and the state of the follow-up, with buttons
// for what can be done.
func (r *Renderer) Feedback(v followup.Snapshot) Message {
	comment := prose(v.Feedback.Comment)
	rest := unitsOf(r.feedbackBlocks(v, ""))
	return Message{
		Text:     r.sentence(v),
		Blocks:   r.feedbackBlocks(v, cut(comment, maxBlocksUnits-rest)),
		Metadata: feedbackMetadata(v.Feedback),
		plain:    func() string { return r.plainFeedback(v) },
	}
}

// maxReason limits the reason that is shown for a void feedback, in characters.
const maxReason = 500

func (r *Renderer) feedbackBlocks(v followup.Snapshot, comment string) []slack.Block {
	top := []slack.RichTextElement{r.headline(v.Feedback).section()}
	if comment != "" {
		top = append(top, quote(comment))
	}
	blocks := []slack.Block{rich(top...)}
	if small := r.facts(v.Feedback); len(small) > 0 {
		blocks = append(blocks, slack.NewContextBlock("", small...))
	}
	for _, flag := range r.flags(v) {
		blocks = append(blocks, contextBlock(flag))
	}
	if state := r.stateElements(v); len(state) > 0 {
		blocks = append(blocks, rich(state...))
	}
	return append(blocks, r.buttons(v))
}

func (r *Renderer) flags(v followup.Snapshot) []string {
	var flags []string
	if v.Feedback.AtRisk {
		flags = append(flags, r.text("at_risk"))
	}
	if v.Feedback.Suspect {
		flags = append(flags, r.text("suspect"))
	}
	if v.Feedback.Void.By == feedback.ByCustomer {
		flags = append(flags, r.text("taken_back"))
	} else if reason := phrase(v.Feedback.Void.Reason, maxReason); reason != "" {
		flags = append(flags, r.text("void", values{"reason": reason}))
	}
	if v.Feedback.Erased() {
		flags = append(flags, r.text("forgotten"))
	}
	switch {
	case v.Recovery == feedback.Green:
		flags = append(flags, r.text("recovered"))
	case v.Recovery.Unhappy():
		flags = append(flags, r.text("not_recovered"))
	}
	return flags
}

// ratingLine says what was rated, and how: colour, score, conversation, urgency.
func (r *Renderer) ratingLine(f feedback.Feedback) line {
	l := r.colour(f.Colour())
	rated := r.ratedOf(f)
	l.fact(rated.score)
	l.fact(rated.subject)
	if f.Ticket.Urgent {
		l.fact(bold(r.text("urgent")))
	}
	return l
}

func (r *Renderer) headline(f feedback.Feedback) line {
	l := r.ratingLine(f)
	if agent := name(f.Agent); agent != "" {
		key := "answered_by"
		if f.Colour() == feedback.Green {
			key = "answered_well_by"
		}
		l.fact(textLine(r.text(key, values{"agent": agent})))
	}
	return l
}

// rated is what was rated: a score, if it is more than a colour, and the conversation. The address
// links the conversation; without one it links the score, and for a review the site.
type rated struct{ score, subject line }

func (r *Renderer) ratedOf(f feedback.Feedback) rated {
	address, score, thing := link(f.Ticket.URL), r.ratingWord(f), r.describeSubject(f)
	switch {
	case f.Kind == feedback.KindReview:
		return rated{r.reviewLine(f, address), bold(thing)}
	case thing != "":
		return rated{textLine(score), linked(address, thing)}
	case score != "":
		return rated{score: linked(address, score)}
	default:
		return rated{subject: linked(address, r.channelWord(f.Channel))}
	}
}

// about names the customer and the conversation, as far as they are known.
func (r *Renderer) about(f feedback.Feedback) string {
	return joinedBy(", ", name(f.Customer), r.describeSubject(f))
}

func (r *Renderer) facts(f feedback.Feedback) []slack.MixedElement {
	var small []slack.MixedElement
	if who := joined(name(f.Customer), r.channelWord(f.Channel)); who != "" {
		small = append(small, plain(who))
	}
	if !f.OccurredAt.IsZero() {
		small = append(small, mrkdwn(date(f.OccurredAt, r.moment(f.OccurredAt))))
	}
	return small
}

func joined(parts ...string) string { return joinedBy(separator, parts...) }

func joinedBy(separator string, parts ...string) string {
	present := slices.DeleteFunc(slices.Clone(parts), func(part string) bool { return part == "" })
	return strings.Join(present, separator)
}

// sentence is the point of a message for notifications and screen readers: "🔴 Red smiley from Jan
// de Vries on Ticket 4711: Website offline. “Step 3 is wrong.” Follow-up open.".
func (r *Renderer) sentence(v followup.Snapshot) string {
	head := escape(r.sentenceStart(v.Feedback))
	tail := r.sentenceEnd(v)
	comment := strings.Map(oneLine, prose(v.Feedback.Comment))
	if comment == "" {
		return head + tail
	}
	const quotes = " “”"
	return head + " “" + escapeWithin(comment, maxTextBytes-len(head)-len(tail)-len(quotes)) + "”" + tail
}

// sentenceStart names colour, customer and conversation. Its parts are so short that they leave
// room for the comment even when every character is escaped.
func (r *Renderer) sentenceStart(f feedback.Feedback) string {
	const maxThing, maxScore = 200, 60
	score := r.ratingWord(f)
	if f.Kind == feedback.KindReview {
		score = r.reviewSpoken(f)
	}
	shown := colourOf(f.Colour())
	words := shown.emoji + " "
	if score != "" {
		words += r.text("sentence_score", values{"colour": r.text("colour_" + shown.key), "score": phrase(score, maxScore)})
	} else {
		words += r.text("smiley_" + shown.key)
	}
	if customer := name(f.Customer); customer != "" {
		words += r.text("sentence_from", values{"customer": customer})
	}
	if about := r.describeSubject(f); about != "" && f.Kind == feedback.KindReview {
		return words + r.text("sentence_title", values{"title": phrase(about, maxThing)})
	} else if about != "" {
		return words + r.text("sentence_about", values{"thing": phrase(about, maxThing)}) + "."
	}
	if channel := r.channelWord(f.Channel); channel != "" && f.Kind != feedback.KindReview {
		words += r.text("sentence_via", values{"channel": strings.ToLower(channel)})
	}
	return words + "."
}

func (r *Renderer) sentenceEnd(v followup.Snapshot) string {
	words := ""
	if v.Feedback.Ticket.Urgent {
		words += " " + r.text("urgent") + "."
	}
	if v.Feedback.AtRisk {
		words += " " + r.text("at_risk_short") + "."
	}
	if v.Feedback.Suspect {
		words += " " + r.text("suspect_short")
	}
	if v.Feedback.Voided() {
		words += " " + r.text("void_short")
	}
	if state := r.stateWord(v); state != "" {
		words += " " + state + "."
	}
	return words
}

// plainFeedback is everything that the blocks of a feedback's message say, as text. Long values are
// cut shorter than in the blocks.
func (r *Renderer) plainFeedback(v followup.Snapshot) string {
	v = shortened(v)
	rest := blocksMrkdwn(r.feedbackBlocks(v, ""))
	const marks = "\n“”"
	comment := cutEscaped(prose(v.Feedback.Comment), maxPlainBytes-len(rest)-len(marks))
	return blocksMrkdwn(r.feedbackBlocks(v, comment))
}

// shortened cuts everything except the comment, so that a thousand bytes are left for the comment
// even when every character is escaped.
func shortened(v followup.Snapshot) followup.Snapshot {
	const maxID, maxName, maxSubject, maxNote, maxAddress = 100, 200, 300, 600, 800
	f := &v.Feedback
	for _, value := range []struct {
		text  *string
		limit int
	}{
		{&f.Ticket.ID, maxID},
		{&f.Ticket.Subject, maxSubject},
		{&f.Site, maxID},
		{&f.Customer.Name, maxName},
		{&f.Customer.ID, maxID},
		{&f.Agent.Name, maxName},
		{&f.Agent.ID, maxID},
		{&v.FollowUp.Note, maxNote},
	} {
		*value.text = cutEscaped(prose(*value.text), value.limit)
	}
	if len(addressMrkdwn(f.Ticket.URL)) > maxAddress {
		f.Ticket.URL = ""
	}
	return v
}
