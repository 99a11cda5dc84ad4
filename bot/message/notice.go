package message

import (
	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
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
func (s *Speaker) Explained(e Explanation) Message {
	return s.quoting(e.Key, s.line(e.key(), values{"who": s.user(e.Claimer)}), e.Comment)
}

// PlainExplained is [Speaker.Explained] without blocks, for when Slack refuses them.
func (s *Speaker) PlainExplained(e Explanation) Message {
	return s.plainQuoting(e.Key, s.line(e.key(), values{"who": s.user(e.Claimer)}), e.Comment)
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
	Outcome followup.Outcome
	Note    string
	// Key is the notice's own, see [EventNotice].
	Key string
}

// Closed is the reply in the thread that keeps the note with which a follow-up ended.
func (s *Speaker) Closed(c Closing) Message { return s.quoting(c.Key, s.closed(c), c.Note) }

// PlainClosed is [Speaker.Closed] without blocks, for when Slack refuses them.
func (s *Speaker) PlainClosed(c Closing) Message { return s.plainQuoting(c.Key, s.closed(c), c.Note) }

func (s *Speaker) closed(c Closing) line {
	key := "closed"
	if prose(c.Note) == "" {
		key = "closed_forgotten"
	}
	return s.line(key, values{"who": s.user(c.By), "outcome": s.outcomeWord(c.Outcome)})
}

// Verdict is what somebody said of whether a feedback counts.
type Verdict struct {
	feedback.Moderation
	// Key is the notice's own, see [EventNotice].
	Key string
}

// Ruled is the reply in the thread that tells who voided or restored a feedback, and
// why.
func (s *Speaker) Ruled(v Verdict) Message { return s.quoting(v.Key, s.ruled(v), v.reason()) }

// PlainRuled is [Speaker.Ruled] without blocks, for when Slack refuses them.
func (s *Speaker) PlainRuled(v Verdict) Message { return s.plainQuoting(v.Key, s.ruled(v), v.reason()) }

// reason is in somebody's words; a customer who takes an answer back gives none.
func (v Verdict) reason() string {
	if v.By == feedback.ByCustomer {
		return ""
	}
	return v.Reason
}

func (s *Speaker) ruled(v Verdict) line {
	switch {
	case v.By == feedback.ByCustomer && v.Action == feedback.ModerationVoid:
		return text(s.say("ruled_taken_back"))
	case v.By == feedback.ByCustomer:
		return text(s.say("ruled_given_anew"))
	}
	return s.line("ruled_"+string(v.Action), values{"who": user(v.By, s.say("late_somebody"))})
}

// Handover is that somebody was handed a follow-up.
type Handover struct {
	// To and By are Slack users.
	To, By string
	// Key is the notice's own, see [EventNotice].
	Key string
}

// HandedOver is the reply in the thread for whoever was handed a follow-up.
func (s *Speaker) HandedOver(h Handover) Message {
	return s.quoting(h.Key, s.line("handed_over", values{"who": s.user(h.To), "by": s.user(h.By)}), "")
}

// PlainHandedOver is [Speaker.HandedOver] without blocks, for when Slack refuses them.
func (s *Speaker) PlainHandedOver(h Handover) Message {
	return s.plainQuoting(h.Key, s.line("handed_over", values{"who": s.user(h.To), "by": s.user(h.By)}), "")
}

// Reminder is that a follow-up is due.
type Reminder struct {
	followup.Snapshot
	Permalink string
	// Key is the notice's own, see [EventNotice].
	Key string
}

// Due is the reply in the thread that reminds the claimer of a follow-up, or everybody
// when there is none. It says nothing of the customer: that stands above it.
func (s *Speaker) Due(r Reminder) Message { return s.quoting(r.Key, s.due(r), "") }

// PlainDue is [Speaker.Due] without blocks, for when Slack refuses them.
func (s *Speaker) PlainDue(r Reminder) Message { return s.plainQuoting(r.Key, s.due(r), "") }

func (s *Speaker) due(r Reminder) line {
	open, claimed := "due_open", "due_claimed"
	if r.Feedback.Kind == feedback.KindReview {
		open, claimed = "due_open_review", "due_claimed_review"
	}
	l := text(s.say(open))
	if r.FollowUp.Claimer != "" {
		l = s.line(claimed, values{"who": s.user(r.FollowUp.Claimer)})
	}
	l.text("\n")
	l.join(s.brief(r.Feedback))
	l.fact(s.when(r.FollowUp.DueAt, "due"))
	l.fact(s.toMessage(r.Permalink))
	return l
}

// quoting is a notice of a line and what somebody wrote, if anything, which gives way
// when Slack's limits are reached.
func (s *Speaker) quoting(key string, l line, words string) Message {
	blocks := func(words string) []slack.Block {
		if words == "" {
			return []slack.Block{rich(l.section())}
		}
		return []slack.Block{rich(l.section(), quote(words))}
	}
	return Message{
		Text:     quotingText(l, words, maxTextBytes),
		Blocks:   blocks(cut(prose(words), maxBlocksUnits-unitsOf(blocks("")))),
		Metadata: noticeMetadata(key),
	}
}

func (s *Speaker) plainQuoting(key string, l line, words string) Message {
	return Message{Text: quotingText(l, words, maxPlainBytes), Metadata: noticeMetadata(key)}
}

func quotingText(l line, words string, limit int) string {
	head := flat([]slack.Block{rich(l.section())})
	words = prose(words)
	if words == "" {
		return head
	}
	const marks = "\n“”"
	return head + "\n“" + escapeWithin(words, limit-len(head)-len(marks)) + "”"
}

// Test is what `check --post` posts to see whether it may.
func (s *Speaker) Test(key string) Message {
	return Message{Text: s.say("test"), Metadata: noticeMetadata(key)}
}
