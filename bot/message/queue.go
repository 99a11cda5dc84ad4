package message

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// QueueRoom is how many follow-ups a page of the queue shows.
const QueueRoom = 10

// QueueView is which follow-ups are asked for.
type QueueView string

// The views of the queue.
const (
	QueueWaiting QueueView = "waiting" // that somebody has to do something about now
	QueueMine    QueueView = "mine"    // the asker's own, snoozed ones included
	QueueOverdue QueueView = "overdue"
	QueueAll     QueueView = "all" // snoozed ones included
)

// Queue is a page of the follow-ups that wait.
type Queue struct {
	View QueueView
	// Page counts from 1.
	Page int
	QueuePage
	// Weeks tell how the team does: this week, and the one before.
	Weeks []Week
	Now   time.Time
}

// Week is what became of the follow-ups of a week.
type Week struct {
	Period feedback.Period
	feedback.Work
}

// Queue answers with a page of the follow-ups that wait, and how the team does.
func (r *Renderer) Queue(q Queue) Message {
	var entries []slack.Block
	for _, w := range q.Entries[:min(len(q.Entries), QueueRoom)] {
		entries = append(entries, rich(r.queueEntry(w, q.Now).section()))
	}
	head := rich(r.queueHead(q).section())
	weeks := r.weeks(q.Weeks)
	frame := queueFrame + len(blocksMrkdwn(weeks))
	inBlocks := countThatFit(entries, maxBlocksUnits-frame, func(b slack.Block) int { return unitsOf([]slack.Block{b}) })
	inText := countThatFit(entries, maxTextBytes-frame, func(b slack.Block) int { return len(blocksMrkdwn([]slack.Block{b})) + 1 })
	compose := func(shown int) []slack.Block {
		blocks := append([]slack.Block{head}, entries[:shown]...)
		if more := len(entries) - shown; more > 0 {
			blocks = append(blocks, slack.NewContextBlock("", plain(r.text("queue_more", values{"more": r.number(strconv.Itoa(more))}))))
		}
		return append(append(blocks, r.paging(q)...), weeks...)
	}
	return Message{Text: blocksMrkdwn(compose(inText)), Blocks: compose(inBlocks)}
}

// queueFrame is more than head and paging of the queue ever take.
const queueFrame = 500

func (r *Renderer) queueHead(q Queue) line {
	if q.Total == 0 {
		return textLine(r.text("queue_none_" + string(q.View)))
	}
	key := "queue_head"
	if q.Total == 1 {
		key = "queue_head_one"
	}
	return r.line(key, values{"waiting": bold(r.text("queue_total_"+string(q.View), values{"n": q.Total}))})
}

// ActionPage is the action_id of the buttons that turn a page of the queue. The value is
// the words that would ask for that page.
const ActionPage = "followups_page"

// paging tells which page it is, with buttons to the next and the one before; nothing
// when there is one only.
func (r *Renderer) paging(q Queue) []slack.Block {
	pages := (q.Total + QueueRoom - 1) / QueueRoom
	if pages <= 1 {
		return nil
	}
	turn := func(to int, key string) slack.Block {
		button := slack.NewButtonBlockElement(ActionPage, q.words(to), plain(r.text(key)))
		here := plain(r.text("queue_page", values{"page": r.number(strconv.Itoa(q.Page)), "pages": r.number(strconv.Itoa(pages)), "typed": "/followups " + q.words(to)}))
		return slack.NewSectionBlock(here, nil, slack.NewAccessory(button))
	}
	switch {
	case q.Page < pages:
		return []slack.Block{turn(q.Page+1, "queue_next")}
	default:
		return []slack.Block{turn(1, "queue_first")}
	}
}

// words are what asks for a page of the same view.
func (q Queue) words(page int) string {
	view := string(q.View)
	if q.View == QueueWaiting {
		view = ""
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d", view, page))
}

// weeks tell how the team does: how many were opened and handled, how many in time, and
// how many customers were happy afterwards.
func (r *Renderer) weeks(weeks []Week) []slack.Block {
	var blocks []slack.Block
	for _, w := range weeks {
		facts := []string{
			r.text("week_opened", values{"n": w.FollowUps.Opened}),
			r.text("week_handled", values{"n": w.Handled()}),
		}
		if ended := w.FollowUps.InTime + w.FollowUps.Overdue; ended > 0 {
			facts = append(facts, r.text("week_in_time", values{"share": percentOf(w.FollowUps.InTime, ended)}))
		}
		if w.Recovery.All > 0 {
			facts = append(facts, r.text("week_recovery", values{"share": percentOf(w.Recovery.Yes, w.Recovery.All), "n": w.Recovery.All}))
		}
		blocks = append(blocks, slack.NewContextBlock("", plain(r.text("week", values{"week": r.periodWords(w.Period), "facts": joined(facts...)}))))
	}
	return blocks
}

// fitting is how many entries from the first on have together a size of at most
// limit.
func countThatFit[T any](entries []T, limit int, size func(T) int) int {
	for i, entry := range entries {
		if limit -= size(entry); limit < 0 {
			return i
		}
	}
	return len(entries)
}

// waitingLine is one follow-up of the queue.
func (r *Renderer) queueEntry(w Entry, now time.Time) line {
	l := r.ratingLine(w.Feedback)
	if customer := name(w.Feedback.Customer); customer != "" {
		l.dot()
		l.text(customer)
	}
	l.text("\n")
	l.join(r.waitingFacts(w, now))
	return l
}

// waiting tells who is on it, until when, and where.
func (r *Renderer) waitingFacts(w Entry, now time.Time) line {
	var l line
	switch f := w.FollowUp; {
	case f.State == feedback.StateSnoozed:
		l.join(r.snoozedLine(f))
		l.fact(r.claimedLine(f))
	case f.Claimer == "":
		l.text(r.text("queue_open"))
	default:
		l.join(r.claimedLine(f))
	}
	l.fact(r.task(w.Case))
	l.fact(r.dueLine(w.FollowUp, now))
	if w.Feedback.AtRisk {
		l.fact(textLine(r.text("at_risk_short")))
	}
	l.fact(r.messageLink(w.Permalink))
	return l
}

// toMessage links to the message in its channel; nothing when there is none yet.
func (r *Renderer) messageLink(permalink string) line {
	address := link(permalink)
	if address == "" {
		return nil
	}
	return linked(address, r.text("to_message"))
}

// dueLine tells until when a follow-up may wait, or since when it waits too long.
func (r *Renderer) dueLine(f feedback.FollowUp, now time.Time) line {
	if !f.Overdue(now) {
		return r.when(f.DueAt, "due")
	}
	l := bold(r.text("queue_overdue"))
	l.join(r.when(f.DueAt, "since"))
	return l
}
