package message

import (
	"slices"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// Listing is a bulletin that names feedback, with links to their messages.
type Listing struct {
	// Key is the notice's own, see [EventNotice].
	Key string
	// Listed is what it is about, in order; [Speaker.Risk] has an order of its own.
	Listed []Waiting
	Now    time.Time
}

// listed is how many a bulletin names; the rest is counted.
const listed = 10

// Escalation tells the leads which follow-ups are overdue. Of their customers it says
// nothing: that stands in the messages.
func (s *Speaker) Escalation(l Listing) Message {
	return s.listing(l, "escalation", "escalation_closer", s.overdueLine)
}

// PlainEscalation is [Speaker.Escalation] without blocks, for when Slack refuses them.
func (s *Speaker) PlainEscalation(l Listing) Message { return withoutBlocks(s.Escalation(l)) }

// Missed tells everybody which follow-ups came due while the bot was away.
func (s *Speaker) Missed(l Listing) Message {
	return s.listing(l, "missed", "missed_closer", s.overdueLine)
}

// PlainMissed is [Speaker.Missed] without blocks, for when Slack refuses them.
func (s *Speaker) PlainMissed(l Listing) Message { return withoutBlocks(s.Missed(l)) }

// Risk tells the leads that a customer is at risk, with links to what made them so, the
// latest first.
func (s *Speaker) Risk(l Listing) Message {
	l.Listed = slices.SortedStableFunc(slices.Values(l.Listed), func(a, b Waiting) int {
		return b.Feedback.OccurredAt.Compare(a.Feedback.OccurredAt)
	})
	who := ""
	for _, w := range l.Listed {
		if who = name(w.Feedback.Customer); who != "" {
			break
		}
	}
	key := "risk"
	if who == "" {
		key = "risk_nameless"
	}
	return s.listingOf(l, bold(s.say(key, values{"customer": who})), "risk_closer", s.answerLine)
}

// PlainRisk is [Speaker.Risk] without blocks, for when Slack refuses them.
func (s *Speaker) PlainRisk(l Listing) Message { return withoutBlocks(s.Risk(l)) }

func (s *Speaker) listing(l Listing, head, closer string, entry func(Waiting, time.Time) line) Message {
	return s.listingOf(l, bold(s.say(head, values{"n": len(l.Listed)})), closer, entry)
}

func (s *Speaker) listingOf(l Listing, head line, closer string, entry func(Waiting, time.Time) line) Message {
	shown := l.Listed[:min(len(l.Listed), listed)]
	for _, w := range shown {
		head.text("\n")
		head.join(entry(w, l.Now))
	}
	if more := len(l.Listed) - len(shown); more > 0 {
		head.text("\n" + s.say("queue_more", values{"more": s.number(strconv.Itoa(more))}))
	}
	head.text("\n")
	head.join(s.line(closer, values{"queue": code("/followups"), "overdue": code("/followups " + string(QueueOverdue)), "customer": code("/customer")}))
	blocks := []slack.Block{rich(head.section())}
	return Message{Text: flat(blocks), Blocks: blocks, Metadata: noticeMetadata(l.Key)}
}

func withoutBlocks(m Message) Message {
	m.Blocks = nil
	return m
}

// maxListed is how much of a subject is shown of each, in characters.
const maxListed = 60

// brief says what was rated, in short.
func (s *Speaker) brief(f feedback.Feedback) line {
	l := s.colour(f.Colour())
	l.fact(text(phrase(s.gist(f), maxListed)))
	if len(l) > 0 && s.gist(f) == "" {
		l.fact(text(joined(s.ratingWord(f), s.channelWord(f.Channel))))
	}
	return l
}

// overdueLine is one follow-up: who is on it, since when it is overdue, or what became
// of it since.
func (s *Speaker) overdueLine(w Waiting, now time.Time) line {
	l := s.brief(w.Feedback)
	switch {
	case !w.FollowUp.State.Active():
		l.fact(text(s.stateWord(w.Snapshot)))
	case w.FollowUp.Claimer == "":
		l.fact(text(s.say("queue_open")))
		l.fact(s.task(w.Snapshot))
		l.fact(s.dueLine(w.FollowUp, now))
	default:
		l.fact(s.claimedLine(w.FollowUp))
		l.fact(s.task(w.Snapshot))
		l.fact(s.dueLine(w.FollowUp, now))
	}
	l.fact(s.toMessage(w.Permalink))
	return l
}

// answerLine is one answer: what it was, and when.
func (s *Speaker) answerLine(w Waiting, _ time.Time) line {
	l := s.brief(w.Feedback)
	l.fact(s.time(w.Feedback.OccurredAt))
	l.fact(s.toMessage(w.Permalink))
	return l
}
