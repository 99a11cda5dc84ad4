package message

import (
	"strconv"
	"time"

	"smileybot/feedback"

	"github.com/slack-go/slack"
)

// queuePage is how many follow-ups are shown at most.
const queuePage = 15

// Waiting is a follow-up in the queue with the link to its message, which may
// be missing.
type Waiting struct {
	feedback.Case
	Permalink string
}

// Queue answers with the follow-ups that wait, in the order given; total tells
// how many there are in all. What does not fit is counted.
func (s *Speaker) Queue(waiting []Waiting, total int, now time.Time) Answer {
	if len(waiting) == 0 {
		return s.told("queue_empty")
	}
	var entries []slack.Block
	for _, w := range waiting[:min(len(waiting), queuePage)] {
		entries = append(entries, rich(s.waitingLine(w, now).section()))
	}
	total = max(total, len(waiting))
	head := rich(s.queueHead(total).section())
	inBlocks := fitting(entries, maxBlocksUnits-queueFrame, func(b slack.Block) int { return unitsOf([]slack.Block{b}) })
	inText := fitting(entries, maxTextBytes-queueFrame, func(b slack.Block) int { return len(flat([]slack.Block{b})) + 1 })
	return Answer{
		Text:   flat(s.queueOf(head, entries[:inText], total)),
		Blocks: s.queueOf(head, entries[:inBlocks], total),
	}
}

// queueFrame is more than head and end of the queue ever take.
const queueFrame = 300

func (s *Speaker) queueOf(head slack.Block, entries []slack.Block, total int) []slack.Block {
	blocks := append([]slack.Block{head}, entries...)
	if more := total - len(entries); more > 0 {
		blocks = append(blocks, slack.NewContextBlock("", plain(s.say("queue_more", values{"more": s.number(strconv.Itoa(more))}))))
	}
	return blocks
}

func (s *Speaker) queueHead(total int) line {
	waiting := bold(s.say("queue_waiting", values{"n": total}))
	if total == 1 {
		return s.line("queue_head_one", values{"waiting": waiting})
	}
	return s.line("queue_head", values{"waiting": waiting})
}

// fitting is how many entries from the first on have together a size of at most
// limit.
func fitting[T any](entries []T, limit int, size func(T) int) int {
	for i, entry := range entries {
		if limit -= size(entry); limit < 0 {
			return i
		}
	}
	return len(entries)
}

// waitingLine is one follow-up of the queue.
func (s *Speaker) waitingLine(w Waiting, now time.Time) line {
	l := s.subject(w.Feedback)
	if customer := name(w.Feedback.Customer); customer != "" {
		l.dot()
		l.text(customer)
	}
	l.text("\n")
	l.join(s.waiting(w, now))
	return l
}

// waiting tells who is on it, until when, and where.
func (s *Speaker) waiting(w Waiting, now time.Time) line {
	var l line
	if w.FollowUp.Claimer == "" {
		l.text(s.say("queue_open"))
	} else {
		l.join(s.line("queue_claimed", values{"who": s.user(w.FollowUp.Claimer)}))
	}
	l.fact(s.dueLine(w.FollowUp, now))
	l.fact(s.toMessage(w))
	return l
}

// toMessage links to the message in its channel; nothing when there is none yet.
func (s *Speaker) toMessage(w Waiting) line {
	address := link(w.Permalink)
	if address == "" {
		return nil
	}
	return linked(address, s.say("to_message"))
}

// dueLine tells until when a follow-up may wait, or since when it waits too long.
func (s *Speaker) dueLine(f feedback.FollowUp, now time.Time) line {
	if !f.Overdue(now) {
		return s.when(f.DueAt, "due")
	}
	l := bold(s.say("queue_overdue"))
	l.join(s.when(f.DueAt, "since"))
	return l
}
