package message

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Feedback is the message of a feedback. Its first line shows the colour, the customer, what was
// rated, and what makes it pressing; then follow the comment, which is cut when Slack's limits are
// reached, the state of the follow-up, and in small print who answered, the channel and the time. An
// answer that needs no reader is one line. Buttons and a menu offer what can be done.
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

func (r *Renderer) feedbackBlocks(v followup.Snapshot, comment string) []slack.Block {
	var blocks []slack.Block
	if quiet(v) {
		blocks = []slack.Block{r.quietLine(v.Feedback).block()}
	} else {
		top := []slack.RichTextElement{r.headline(v).section()}
		if comment != "" {
			top = append(top, quote(comment))
		}
		blocks = []slack.Block{rich(top...)}
	}
	for _, flag := range r.flags(v) {
		blocks = append(blocks, flag.block())
	}
	if state := r.stateLine(v); len(state) > 0 {
		blocks = append(blocks, state.block())
	}
	if small := r.facts(v.Feedback); len(small) > 0 && !quiet(v) {
		blocks = append(blocks, slack.NewContextBlock("", small...))
	}
	return append(blocks, r.buttons(v))
}

// quiet reports whether a message has one line.
func quiet(v followup.Snapshot) bool {
	return v.Quiet() && prose(v.Feedback.Comment) == "" && v.FollowUp.State == followup.StateNone && !v.Feedback.Voided()
}

// quietLine is all that an answer says that needs no reader.
func (r *Renderer) quietLine(f feedback.Feedback) line {
	l := restyled(r.colour(f.Colour()), nil)
	rated := r.ratedOf(f)
	l.fact(textLine(name(f.Customer)))
	l.fact(rated.score)
	l.fact(rated.subject)
	l.fact(textLine(name(f.Agent)))
	l.fact(r.time(f.OccurredAt))
	return l
}

// flags are what else there is to know, a line each: whether it counts, and what came of it.
func (r *Renderer) flags(v followup.Snapshot) []line {
	var flags []line
	if v.Feedback.Suspect {
		flags = append(flags, textLine(r.text("suspect")))
	}
	switch {
	case v.Feedback.Void.By == feedback.ByCustomer:
		flags = append(flags, bold(r.text("taken_back")))
	case v.Feedback.Voided() && !slackID(v.Feedback.Void.By):
		flags = append(flags, bold(r.text("void_short")))
	case v.Feedback.Voided():
		flags = append(flags, r.line("void", values{"void": bold(r.text("void_short")), "who": r.user(v.Feedback.Void.By)}))
	}
	if v.Feedback.Erased() {
		flags = append(flags, textLine(r.text("forgotten")))
	}
	switch {
	case v.Recovery == feedback.Green:
		flags = append(flags, bold(r.text("recovered")))
	case v.Recovery.Unhappy():
		flags = append(flags, bold(r.text("not_recovered")))
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

// headline says what a message is about: colour, customer, what was rated, and what makes it
// pressing. It is struck through when the answer does not count.
func (r *Renderer) headline(v followup.Snapshot) line {
	f := v.Feedback
	l := r.colour(f.Colour())
	rated := r.ratedOf(f)
	l.fact(bold(name(f.Customer)))
	l.fact(rated.score)
	l.fact(rated.subject)
	if f.Voided() {
		return struck(l)
	}
	if f.Ticket.Urgent {
		l.fact(bold(r.text("urgent")))
	}
	if f.AtRisk {
		l.fact(bold("⚠️ " + r.riskWords(v.Risk)))
	}
	return l
}

// riskWords say why a customer is at risk.
func (r *Renderer) riskWords(risk feedback.Risk) string {
	ordinals := strings.Fields(r.text("ordinals")) // from the third on
	switch at := risk.InRow - 3; {
	case at < 0 && risk.Several:
		return r.text("risk_several")
	case at < 0:
		return r.text("risk_nps")
	case at < len(ordinals):
		return r.text("risk_in_row", values{"nth": ordinals[at]})
	default:
		return r.text("risk_why", values{"n": risk.InRow})
	}
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

// facts are the small print: who answered, the channel, the time.
func (r *Renderer) facts(f feedback.Feedback) []slack.MixedElement {
	var small []slack.MixedElement
	if what := joined(r.answeredBy(f), r.channelWord(f.Channel)); what != "" {
		small = append(small, plain(what))
	}
	if !f.OccurredAt.IsZero() {
		small = append(small, mrkdwn(date(f.OccurredAt, r.moment(f.OccurredAt))))
	}
	return small
}

func (r *Renderer) answeredBy(f feedback.Feedback) string {
	agent := name(f.Agent)
	switch {
	case agent == "":
		return ""
	case f.Colour() == feedback.Green:
		return r.text("answered_well_by", values{"agent": agent})
	default:
		return r.text("answered_by", values{"agent": agent})
	}
}

func joined(parts ...string) string { return joinedBy(separator, parts...) }

func joinedBy(separator string, parts ...string) string {
	present := slices.DeleteFunc(slices.Clone(parts), func(part string) bool { return part == "" })
	return strings.Join(present, separator)
}

// sentence is a message for notifications and screen readers. It begins with what matters, then comes
// as much of the comment as fits: "🔴 Red smiley from Jan de Vries on Ticket 4711: Website offline.
// Follow-up claimed by @Bart. Answered by Piet. “Step 3 is wrong.”".
func (r *Renderer) sentence(v followup.Snapshot) string {
	v = shortened(v)
	head := escape(r.sentenceStart(v.Feedback)) + r.sentenceFacts(v)
	comment := strings.Map(oneLine, prose(v.Feedback.Comment))
	if comment == "" {
		return head
	}
	const quotes = " “”"
	continues := " " + escape(r.text("sentence_continues"))
	whole := escape(comment)
	if len(head)+len(quotes)+len(whole) <= maxPlainBytes {
		return head + " “" + whole + "”"
	}
	return head + " “" + escapeWithin(comment, maxPlainBytes-len(head)-len(quotes)-len(continues)) + "”" + continues
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

// sentenceFacts are short sentences, as mrkdwn: what makes it pressing, whether it counts, the state
// of the follow-up with its claimer, and who answered.
func (r *Renderer) sentenceFacts(v followup.Snapshot) string {
	var facts []line
	if v.Feedback.Ticket.Urgent {
		facts = append(facts, textLine(r.text("urgent")))
	}
	if v.Feedback.AtRisk && !v.Feedback.Voided() {
		facts = append(facts, textLine(r.text("sentence_risk", values{"why": r.riskWords(v.Risk)})))
	}
	if v.Feedback.Suspect {
		facts = append(facts, textLine(r.text("suspect_short")))
	}
	if v.Feedback.Voided() {
		facts = append(facts, textLine(r.text("void_short")))
	}
	switch {
	case v.Recovery == feedback.Green:
		facts = append(facts, textLine(r.text("recovered")))
	case v.Recovery.Unhappy():
		facts = append(facts, textLine(r.text("not_recovered")))
	}
	facts = append(append(facts, r.spokenState(v)...), textLine(r.answeredBy(v.Feedback)))
	said := ""
	for _, fact := range facts {
		if len(fact) > 0 {
			said += " " + lineMrkdwn(fact) + "."
		}
	}
	return said
}

// spokenState is the state of the follow-up with who has claimed or finished it.
func (r *Renderer) spokenState(v followup.Snapshot) []line {
	state, who := textLine(r.stateWord(v)), v.FollowUp.Claimer
	if v.FollowUp.State == followup.StateDone {
		who = v.FollowUp.ChangedBy
	}
	switch {
	case len(r.stateLine(v)) == 0:
		return nil
	case !slackID(who):
		return []line{state}
	case v.FollowUp.State == followup.StateSnoozed:
		return []line{state, r.claimedLine(v.FollowUp)}
	default:
		return []line{r.line("sentence_by", values{"state": state, "who": r.user(who)})}
	}
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
