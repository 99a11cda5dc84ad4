package message

import (
	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// Explanation is what the claimer of a follow-up hears when the customer's
// comment comes after all.
type Explanation struct {
	// Claimer is the Slack user.
	Claimer string
	Comment string
	// Forgotten tells that the comment was erased since.
	Forgotten bool
	// Key is the notice's own, see [EventNotice].
	Key string
}

// Explained is the reply in the thread of a feedback that mentions the claimer
// and quotes the comment.
func (r *Renderer) Explained(e Explanation) Message {
	return r.withQuote(e.Key, r.line(e.key(), values{"who": r.user(e.Claimer)}), e.Comment)
}

func (e Explanation) key() string {
	switch {
	case e.Forgotten:
		return "explained_forgotten"
	case prose(e.Comment) == "":
		return "explained_empty"
	default:
		return "explained"
	}
}

// Closing is what ended a follow-up, with the note.
type Closing struct {
	// By is the Slack user.
	By      string
	Outcome feedback.Outcome
	Note    string
	// Key is the notice's own, see [EventNotice].
	Key string
}

// Closed is the reply in the thread that keeps the note with which a follow-up ended.
func (r *Renderer) Closed(c Closing) Message { return r.withQuote(c.Key, r.closed(c), c.Note) }

func (r *Renderer) closed(c Closing) line {
	key := "closed"
	if prose(c.Note) == "" {
		key = "closed_forgotten"
	}
	return r.line(key, values{"who": r.user(c.By), "outcome": r.outcomeWord(c.Outcome)})
}

// Verdict is what somebody said of whether a feedback counts.
type ModerationNotice struct {
	feedback.Ruling
	// Key is the notice's own, see [EventNotice].
	Key string
}

// Ruled is the reply in the thread that tells who voided or restored a feedback, and
// why.
func (r *Renderer) Moderated(v ModerationNotice) Message {
	return r.withQuote(v.Key, r.moderated(v), v.reason())
}

// reason is in somebody's words; a customer who takes an answer back gives none.
func (v ModerationNotice) reason() string {
	if v.By == feedback.ByCustomer {
		return ""
	}
	return v.Reason
}

func (r *Renderer) moderated(v ModerationNotice) line {
	switch {
	case v.By == feedback.ByCustomer && v.Act == feedback.ActVoid:
		return textLine(r.text("moderated_taken_back"))
	case v.By == feedback.ByCustomer:
		return textLine(r.text("moderated_given_anew"))
	}
	return r.line("moderated_"+string(v.Act), values{"who": user(v.By, r.text("unknown_user"))})
}

// Handover is that somebody was handed a follow-up.
type Handover struct {
	// To and By are Slack users.
	To, By string
	// Key is the notice's own, see [EventNotice].
	Key string
}

// HandedOver is the reply in the thread for whoever was handed a follow-up.
func (r *Renderer) HandedOver(h Handover) Message {
	return r.withQuote(h.Key, r.line("handed_over", values{"who": r.user(h.To), "by": r.user(h.By)}), "")
}

// Reminder is that a follow-up is due.
type Reminder struct {
	feedback.Case
	Permalink string
	// Key is the notice's own, see [EventNotice].
	Key string
}

// Due is the reply in the thread that reminds the claimer of a follow-up, or everybody
// when there is none. It says nothing of the customer: that stands above it.
func (r *Renderer) Due(reminder Reminder) Message {
	return r.withQuote(reminder.Key, r.due(reminder), "")
}

func (r *Renderer) due(reminder Reminder) line {
	open, claimed := "due_open", "due_claimed"
	if reminder.Feedback.Kind == feedback.KindReview {
		open, claimed = "due_open_review", "due_claimed_review"
	}
	l := textLine(r.text(open))
	if reminder.FollowUp.Claimer != "" {
		l = r.line(claimed, values{"who": r.user(reminder.FollowUp.Claimer)})
	}
	l.text("\n")
	l.join(r.short(reminder.Feedback))
	l.fact(r.when(reminder.FollowUp.DueAt, "due"))
	l.fact(r.messageLink(reminder.Permalink))
	return l
}

// quoting is a notice of a line and what somebody wrote, if anything, which gives way
// when Slack's limits are reached.
func (r *Renderer) withQuote(key string, l line, words string) Message {
	blocks := func(words string) []slack.Block {
		if words == "" {
			return []slack.Block{rich(l.section())}
		}
		return []slack.Block{rich(l.section(), quote(words))}
	}
	return Message{
		Text:     withQuoteText(l, words, maxTextBytes),
		Blocks:   blocks(cut(prose(words), maxBlocksUnits-unitsOf(blocks("")))),
		Metadata: noticeMetadata(key),
		plain:    func() string { return withQuoteText(l, words, maxPlainBytes) },
	}
}

func withQuoteText(l line, words string, limit int) string {
	head := blocksMrkdwn([]slack.Block{rich(l.section())})
	words = prose(words)
	if words == "" {
		return head
	}
	const marks = "\n“”"
	return head + "\n“" + escapeWithin(words, limit-len(head)-len(marks)) + "”"
}

// Test is what `check --post` posts to see whether it may.
func (r *Renderer) Test(key string) Message {
	return Message{Text: r.text("test"), Metadata: noticeMetadata(key)}
}
