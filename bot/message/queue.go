package message

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// QueueRoom is how many follow-ups a page of the queue shows.
const QueueRoom = 10

// Waiting is a follow-up in the queue with the link to its message, which may
// be missing.
type Waiting struct {
	followup.Snapshot
	Permalink string
}

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
	// First are those of the page, in order; Total tells how many there are in all.
	First []Waiting
	Total int
	// Weeks tell how the team does: this week, and the one before.
	Weeks []Week
	Now   time.Time
}

// Week is what became of the follow-ups of a week.
type Week struct {
	Period score.Period
	score.FollowUpStats
}

// Queue answers with a page of the follow-ups that wait, and how the team does.
func (s *Speaker) Queue(q Queue) Answer {
	var entries []slack.Block
	for _, w := range q.First[:min(len(q.First), QueueRoom)] {
		entries = append(entries, rich(s.waitingLine(w, q.Now).section()))
	}
	head := rich(s.queueHead(q).section())
	weeks := s.weeks(q.Weeks)
	frame := queueFrame + len(flat(weeks))
	inBlocks := fitting(entries, maxBlocksUnits-frame, func(b slack.Block) int { return unitsOf([]slack.Block{b}) })
	inText := fitting(entries, maxTextBytes-frame, func(b slack.Block) int { return len(flat([]slack.Block{b})) + 1 })
	compose := func(shown int) []slack.Block {
		blocks := append([]slack.Block{head}, entries[:shown]...)
		if more := len(entries) - shown; more > 0 {
			blocks = append(blocks, slack.NewContextBlock("", plain(s.say("queue_more", values{"more": s.number(strconv.Itoa(more))}))))
		}
		return append(append(blocks, s.paging(q)...), weeks...)
	}
	return Answer{Text: flat(compose(inText)), Blocks: compose(inBlocks)}
}

// queueFrame is more than head and paging of the queue ever take.
const queueFrame = 500

func (s *Speaker) queueHead(q Queue) line {
	if q.Total == 0 {
		return text(s.say("queue_none_" + string(q.View)))
	}
	key := "queue_head"
	if q.Total == 1 {
		key = "queue_head_one"
	}
	return s.line(key, values{"waiting": bold(s.say("queue_total_"+string(q.View), values{"n": q.Total}))})
}

// ActionPage is the action_id of the buttons that turn a page of the queue. The value is
// the words that would ask for that page.
const ActionPage = "followups_page"

// paging tells which page it is, with buttons to the next and the one before; nothing
// when there is one only.
func (s *Speaker) paging(q Queue) []slack.Block {
	pages := (q.Total + QueueRoom - 1) / QueueRoom
	if pages <= 1 {
		return nil
	}
	turn := func(to int, key string) slack.Block {
		button := slack.NewButtonBlockElement(ActionPage, q.words(to), plain(s.say(key)))
		here := plain(s.say("queue_page", values{"page": s.number(strconv.Itoa(q.Page)), "pages": s.number(strconv.Itoa(pages)), "typed": "/followups " + q.words(to)}))
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
func (s *Speaker) weeks(weeks []Week) []slack.Block {
	var blocks []slack.Block
	for _, w := range weeks {
		facts := []string{
			s.say("week_opened", values{"n": w.FollowUps.Opened}),
			s.say("week_handled", values{"n": w.Handled()}),
		}
		if ended := w.FollowUps.InTime + w.FollowUps.Overdue; ended > 0 {
			facts = append(facts, s.say("week_in_time", values{"share": percentOf(w.FollowUps.InTime, ended)}))
		}
		if w.Recovery.All > 0 {
			facts = append(facts, s.say("week_recovery", values{"share": percentOf(w.Recovery.Yes, w.Recovery.All), "n": w.Recovery.All}))
		}
		blocks = append(blocks, slack.NewContextBlock("", plain(s.say("week", values{"week": s.periodWords(w.Period), "facts": joined(facts...)}))))
	}
	return blocks
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
	switch f := w.FollowUp; {
	case f.State == followup.StateSnoozed:
		l.join(s.snoozedLine(f))
		l.fact(s.claimedLine(f))
	case f.Claimer == "":
		l.text(s.say("queue_open"))
	default:
		l.join(s.claimedLine(f))
	}
	l.fact(s.task(w.Snapshot))
	l.fact(s.dueLine(w.FollowUp, now))
	if w.Feedback.AtRisk {
		l.fact(text(s.say("at_risk_short")))
	}
	l.fact(s.toMessage(w.Permalink))
	return l
}

// toMessage links to the message in its channel; nothing when there is none yet.
func (s *Speaker) toMessage(permalink string) line {
	address := link(permalink)
	if address == "" {
		return nil
	}
	return linked(address, s.say("to_message"))
}

// dueLine tells until when a follow-up may wait, or since when it waits too long.
func (s *Speaker) dueLine(f followup.FollowUp, now time.Time) line {
	if !f.Overdue(now) {
		return s.when(f.DueAt, "due")
	}
	l := bold(s.say("queue_overdue"))
	l.join(s.when(f.DueAt, "since"))
	return l
}
