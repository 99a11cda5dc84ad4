package message

import (
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// Explanation is the notice to a claimer that the customer has commented.
type Explanation struct {
	Key     string // of the notice, see [EventNotice]
	Claimer string // a Slack user
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
	Key     string // of the notice, see [EventNotice]
	By      string // a Slack user
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

// ModerationNotice is the notice that a feedback was voided or restored.
type ModerationNotice struct {
	Key string // of the notice, see [EventNotice]
	feedback.Moderation
}

// Moderated is the reply in a thread that says who voided or restored the feedback, and quotes why.
// A customer who takes an answer back gives no reason.
func (r *Renderer) Moderated(n ModerationNotice) Message {
	switch {
	case n.By == feedback.ByCustomer && n.Action == feedback.ModerationVoid:
		return notice(n.Key, textLine(r.text("moderated_taken_back")).block())
	case n.By == feedback.ByCustomer:
		return notice(n.Key, textLine(r.text("moderated_given_again")).block())
	}
	return r.withQuote(n.Key, r.line("moderated_"+string(n.Action), values{"who": user(n.By, r.text("unknown_user"))}), n.Reason)
}

// Handover is the notice that a follow-up was handed over to a user.
type Handover struct {
	Key    string // of the notice, see [EventNotice]
	To, By string // Slack users
}

// HandedOver is the reply in a thread for the user who has the follow-up now.
func (r *Renderer) HandedOver(h Handover) Message {
	return notice(h.Key, r.line("handed_over", values{"who": r.user(h.To), "by": r.user(h.By)}).block())
}

// Reminder is the notice that a follow-up is due.
type Reminder struct {
	Key string // of the notice, see [EventNotice]
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
		Blocks:   marked(key, []slack.Block{rich(l.section(), quote(cut(words, maxBlocksUnits-lineUnits(l))))}),
		Metadata: noticeMetadata(key),
		plain:    func() string { return text(maxPlainBytes) },
	}
}

// Test is what `check --post` posts to see whether it may.
func (r *Renderer) Test(key string) Message { return notice(key, textLine(r.text("test")).block()) }

const (
	// maxEntries is the most feedback that a bulletin lists; the rest is counted.
	maxEntries = 10
	// maxShort limits the subject of each, in characters.
	maxShort = 60
)

// Listing is a bulletin that lists feedback, with links to their messages.
type Listing struct {
	Key string // of the notice, see [EventNotice]
	// Entries are in order. [Renderer.Risk] has an order of its own.
	Entries []Entry
	Now     time.Time
}

// Escalation shows the leads which follow-ups are overdue. It says nothing of their customers: the
// messages do.
func (r *Renderer) Escalation(l Listing) Message {
	return r.listing(l, bold(r.text("escalation", values{"n": len(l.Entries)})), "escalation_closer", r.overdueLine)
}

// Missed shows the channel which follow-ups came due while the bot was away.
func (r *Renderer) Missed(l Listing) Message {
	return r.listing(l, bold(r.text("missed", values{"n": len(l.Entries)})), "missed_closer", r.overdueLine)
}

// Risk shows the leads that a customer is at risk and why, with links to the answers, the latest
// first, and a button that shows all that the customer has said.
func (r *Renderer) Risk(l Listing) Message {
	l.Entries = slices.SortedStableFunc(slices.Values(l.Entries), func(a, b Entry) int {
		return b.Feedback.OccurredAt.Compare(a.Feedback.OccurredAt)
	})
	who, key, unhappy := nameOf(l.Entries), "risk", 0
	if who == "" {
		key = "risk_nameless"
	}
	for _, e := range l.Entries {
		if e.Feedback.Kind != feedback.KindNPS {
			unhappy++
		}
	}
	why := r.text("risk_why_nps")
	if unhappy > 2 {
		why = r.text("risk_why", values{"n": unhappy})
	}
	m := r.listing(l, bold(r.text(key, values{"customer": who, "why": why})), "", r.answerLine)
	for _, e := range l.Entries {
		if e.Feedback.Customer.Known() {
			history := r.button(e.Snapshot, ActionHistory)
			m.Blocks = append(m.Blocks, slack.NewActionBlock(BlockID(e.Feedback.ID, e.Feedback.Revision), history))
			break
		}
	}
	return m
}

func (r *Renderer) listing(l Listing, head line, closer string, entry func(Entry, time.Time) line) Message {
	for _, e := range l.Entries[:min(len(l.Entries), maxEntries)] {
		head = lines(head, entry(e, l.Now))
	}
	if more := len(l.Entries) - maxEntries; more > 0 {
		head.text("\n" + r.moreWords(more))
	}
	if closer != "" {
		head = lines(head, r.line(closer, values{"queue": code(r.queueCommand(QueueWaiting)), "overdue": code(r.queueCommand(QueueOverdue))}))
	}
	return notice(l.Key, head.block())
}

func (r *Renderer) short(f feedback.Feedback) line {
	l := r.colour(f.Colour())
	l.fact(textLine(phrase(r.subject(f), maxShort)))
	if r.subject(f) == "" {
		l.fact(textLine(joined(r.ratingWord(f), r.channelWord(f.Channel))))
	}
	return l
}

// placed is short with the channel where the customer was served, unless it is named already.
func (r *Renderer) placed(f feedback.Feedback) line {
	l := r.short(f)
	channel, subject := r.channelWord(f.Channel), r.subject(f)
	if channel != "" && subject != "" && !strings.HasPrefix(subject, channel+" ") {
		l.fact(textLine(channel))
	}
	return l
}

func (r *Renderer) overdueLine(e Entry, now time.Time) line {
	l := r.placed(e.Feedback)
	if e.FollowUp.State.Active() {
		if e.FollowUp.Claimer == "" {
			l.fact(textLine(r.text("open")))
		}
		l.fact(r.claimedLine(e.FollowUp))
		l.fact(r.task(e.Snapshot))
		l.fact(r.dueLine(e.FollowUp, now))
	} else {
		l.fact(textLine(r.stateWord(e.Snapshot)))
	}
	l.fact(r.messageLink(e.Permalink))
	return l
}

func (r *Renderer) answerLine(e Entry, _ time.Time) line {
	l := r.placed(e.Feedback)
	l.fact(r.time(e.Feedback.OccurredAt))
	l.fact(r.messageLink(e.Permalink))
	return l
}
