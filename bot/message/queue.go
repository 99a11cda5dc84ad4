package message

import (
	"fmt"
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
func Queue(waiting []Waiting, total int, now time.Time, o Options) Answer {
	if len(waiting) == 0 {
		return told(wordQueueEmpty)
	}
	var entries []slack.Block
	for _, w := range waiting[:min(len(waiting), queuePage)] {
		entries = append(entries, rich(waitingLine(w, now, o).section()))
	}
	total = max(total, len(waiting))
	head := rich(queueHead(total).section())
	inBlocks := fitting(entries, maxBlocksUnits-queueFrame, func(b slack.Block) int { return unitsOf([]slack.Block{b}) })
	inText := fitting(entries, maxTextBytes-queueFrame, func(b slack.Block) int { return len(flat([]slack.Block{b})) + 1 })
	return Answer{
		Text:   flat(queueOf(head, entries[:inText], total)),
		Blocks: queueOf(head, entries[:inBlocks], total),
	}
}

// queueFrame is more than head and end of the queue ever take.
const queueFrame = 300

func queueOf(head slack.Block, entries []slack.Block, total int) []slack.Block {
	blocks := append([]slack.Block{head}, entries...)
	if more := total - len(entries); more > 0 {
		blocks = append(blocks, slack.NewContextBlock("", plain(fmt.Sprintf("And %d more.", more))))
	}
	return blocks
}

func queueHead(total int) line {
	var l line
	if total == 1 {
		l.bold("1 follow-up waits")
	} else {
		l.bold(fmt.Sprintf("%d follow-ups wait", total))
	}
	l.text(", urgent ones first, then the oldest.")
	return l
}

// fitting is how many entries from the first on have together a size of at most
// limit.
func fitting(entries []slack.Block, limit int, size func(slack.Block) int) int {
	for i, entry := range entries {
		if limit -= size(entry); limit < 0 {
			return i
		}
	}
	return len(entries)
}

// waitingLine is one follow-up of the queue.
func waitingLine(w Waiting, now time.Time, o Options) line {
	l := subject(w.Feedback)
	if customer := name(w.Feedback.Customer); customer != "" {
		l.dot()
		l.text(customer)
	}
	l.text("\n")
	l.waiting(w, now, o)
	return l
}

// waiting tells who is on it, until when, and where.
func (l *line) waiting(w Waiting, now time.Time, o Options) {
	if w.FollowUp.Claimer == "" {
		l.text("Open")
	} else {
		l.text("Claimed by ")
		l.user(w.FollowUp.Claimer)
	}
	if w.FollowUp.Overdue(now) {
		l.dot()
		l.bold("Overdue")
		l.since(w.FollowUp.DueAt, " since ", o)
	} else {
		l.since(w.FollowUp.DueAt, separator+"due ", o)
	}
	if address := link(w.Permalink); address != "" {
		l.dot()
		l.link(address, wordToMessage)
	}
}
