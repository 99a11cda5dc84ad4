package message

import (
	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Explanation is what the claimer of a follow-up hears when the customer comments after all.
type Explanation struct {
	// Key is the notice's own, see [EventNotice].
	Key string
	// Claimer is a Slack user.
	Claimer string
	Comment string
	// Forgotten says that the comment has been erased since.
	Forgotten bool
}

// Explained is the reply in a thread that mentions the claimer and quotes the comment.
func (r *Renderer) Explained(e Explanation) Message {
	key := "explained"
	switch {
	case e.Forgotten:
		key = "explained_forgotten"
	case prose(e.Comment) == "":
		key = "explained_empty"
	}
	return r.withQuote(e.Key, r.line(key, values{"who": r.user(e.Claimer)}), e.Comment)
}

// Closing is how a follow-up ended, with the note.
type Closing struct {
	// Key is the notice's own, see [EventNotice].
	Key string
	// By is a Slack user.
	By      string
	Outcome followup.Outcome
	Note    string
}

// Closed is the reply in a thread that keeps the note with which the follow-up ended.
func (r *Renderer) Closed(c Closing) Message {
	key := "closed"
	if prose(c.Note) == "" {
		key = "closed_forgotten"
	}
	return r.withQuote(c.Key, r.line(key, values{"who": r.user(c.By), "outcome": r.outcomeWord(c.Outcome)}), c.Note)
}

// ModerationNotice is that a feedback was voided or restored.
type ModerationNotice struct {
	// Key is the notice's own, see [EventNotice].
	Key string
	feedback.Moderation
}

// Moderated is the reply in a thread that says who voided or restored the feedback, and quotes why.
// A customer who takes an answer back gives no reason.
func (r *Renderer) Moderated(n ModerationNotice) Message {
	switch {
	case n.By == feedback.ByCustomer && n.Action == feedback.ModerationVoid:
		return r.withQuote(n.Key, textLine(r.text("moderated_taken_back")), "")
	case n.By == feedback.ByCustomer:
		return r.withQuote(n.Key, textLine(r.text("moderated_given_again")), "")
	}
	return r.withQuote(n.Key, r.line("moderated_"+string(n.Action), values{"who": user(n.By, r.text("unknown_user"))}), n.Reason)
}

// Handover is that a follow-up was handed over to a user.
type Handover struct {
	// Key is the notice's own, see [EventNotice].
	Key string
	// To and By are Slack users.
	To, By string
}

// HandedOver is the reply in a thread for the user who has the follow-up now.
func (r *Renderer) HandedOver(h Handover) Message {
	return notice(h.Key, r.line("handed_over", values{"who": r.user(h.To), "by": r.user(h.By)}).block())
}

// Reminder is that a follow-up is due.
type Reminder struct {
	// Key is the notice's own, see [EventNotice].
	Key string
	followup.Snapshot
	Permalink string
}

// Due is the reply in a thread that reminds the claimer of the follow-up, or the channel when it
// is not claimed. It says nothing of the customer: the message above it does.
func (r *Renderer) Due(reminder Reminder) Message {
	open, claimed := "due_open", "due_claimed"
	if reminder.Feedback.Kind == feedback.KindReview {
		open, claimed = "due_open_review", "due_claimed_review"
	}
	head := textLine(r.text(open))
	if reminder.FollowUp.Claimer != "" {
		head = r.line(claimed, values{"who": r.user(reminder.FollowUp.Claimer)})
	}
	below := r.short(reminder.Feedback)
	below.fact(r.when(reminder.FollowUp.DueAt, "due"))
	below.fact(r.messageLink(reminder.Permalink))
	return notice(reminder.Key, lines(head, below).block())
}

// withQuote is a notice of a line and, if there are any, the words of a person, which are cut when
// Slack's limits are reached.
func (r *Renderer) withQuote(key string, l line, words string) Message {
	words = prose(words)
	if words == "" {
		return notice(key, l.block())
	}
	head := blocksMrkdwn([]slack.Block{l.block()})
	text := func(limit int) string {
		const marks = "\n“”"
		return head + "\n“" + escapeWithin(words, limit-len(head)-len(marks)) + "”"
	}
	return Message{
		Text:     text(maxTextBytes),
		Blocks:   []slack.Block{rich(l.section(), quote(cut(words, maxBlocksUnits-lineUnits(l))))},
		Metadata: noticeMetadata(key),
		plain:    func() string { return text(maxPlainBytes) },
	}
}

// Test is what `check --post` posts to see whether it may.
func (r *Renderer) Test(key string) Message {
	return Message{Text: r.text("test"), Metadata: noticeMetadata(key)}
}
