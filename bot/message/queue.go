package message

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// QueueRoom is how many follow-ups a page of the queue shows.
const QueueRoom = 10

// QueueView says which follow-ups are asked for.
type QueueView string

// The views of the queue.
const (
	QueueWaiting QueueView = "waiting" // that need someone now
	QueueMine    QueueView = "mine"    // the asker's own, snoozed ones included
	QueueOverdue QueueView = "overdue"
	QueueAll     QueueView = "all"    // snoozed ones included
	QueuePerson  QueueView = "person" // another person's, snoozed ones included
)

// Queue is a page of the follow-ups that wait.
type Queue struct {
	View QueueView
	// Person is the Slack user whose follow-ups [QueuePerson] shows.
	Person string
	// Page counts from 1.
	Page int
	QueuePage
	// Weeks say how the team does: this week, and the one before.
	Weeks []Week
	Now   time.Time
}

// Week is what became of the follow-ups of a week.
type Week struct {
	Period score.Period
	score.FollowUpStats
}

// Queue answers /followups: a page of the follow-ups that wait, and how the team does.
func (r *Renderer) Queue(q Queue) Message {
	var entries []slack.Block
	for _, e := range q.Entries[:min(len(q.Entries), QueueRoom)] {
		entries = append(entries, r.queueEntry(e, q.Now).block())
	}
	head, weeks := r.queueHead(q).block(), r.weeks(q.Weeks)
	frame := listFrame + len(blocksMrkdwn(weeks))
	return fit(entries, maxTextBytes-frame, maxBlocksUnits-frame, func(shown []slack.Block) []slack.Block {
		blocks := append([]slack.Block{head}, shown...)
		if more := len(entries) - len(shown); more > 0 {
			blocks = append(blocks, contextBlock(r.moreWords(more)))
		}
		return slices.Concat(blocks, r.paging(q), r.handingOver(q), weeks)
	})
}

func (r *Renderer) queueHead(q Queue) line {
	if q.Total == 0 {
		return r.line("queue_none_"+string(q.View), values{"who": r.user(q.Person)})
	}
	key := "queue_head"
	if q.Total == 1 {
		key = "queue_head_one"
	}
	total := bold(r.text("queue_total_"+string(q.View), values{"n": q.Total}))
	if q.View == QueuePerson {
		return r.line("queue_head_person", values{"waiting": total, "who": r.user(q.Person)})
	}
	return r.line(key, values{"waiting": total})
}

func (r *Renderer) moreWords(n int) string {
	return r.text("queue_more", values{"more": r.count(int64(n))})
}

// ActionPage is the action_id of the buttons that turn a page of the queue. The value of such a
// button is what could be typed after /followups.
const ActionPage = "followups_page"

// paging says which page it is, with a button to the next page, on the last page to the first. It
// is nil for a single page.
func (r *Renderer) paging(q Queue) []slack.Block {
	pages := (q.Total + QueueRoom - 1) / QueueRoom
	if pages <= 1 {
		return nil
	}
	to, key := 1, "queue_first"
	if q.Page < pages {
		to, key = q.Page+1, "queue_next"
	}
	here := plain(r.text("queue_page", values{
		"page": r.count(int64(q.Page)), "pages": r.count(int64(pages)), "typed": "/followups " + q.words(to),
	}))
	button := slack.NewButtonBlockElement(ActionPage, q.words(to), plain(r.text(key)))
	return []slack.Block{slack.NewSectionBlock(here, nil, slack.NewAccessory(button))}
}

// ActionHandOver is the action_id of the select that hands over all follow-ups of a person. Its block_id
// is what [HandedOver] reads.
const ActionHandOver = "followups_hand_over"

const handOverPrefix = "followups:"

// HandedOver is the Slack user whose follow-ups a select with this block_id hands over.
func HandedOver(blockID string) string {
	from, _ := strings.CutPrefix(blockID, handOverPrefix)
	return from
}

// handingOver lets all follow-ups of a person be handed over, after a confirmation.
func (r *Renderer) handingOver(q Queue) []slack.Block {
	if q.View != QueuePerson || q.Total == 0 {
		return nil
	}
	all := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain(r.text("assign_to")), ActionHandOver)
	all.Confirm = slack.NewConfirmationBlockObject(plain(r.text("hand_over_title")), plain(r.text("hand_over_sure", values{"n": q.Total})),
		plain(r.text("hand_over_yes")), plain(r.text("hand_over_no")))
	ask := slack.NewSectionBlock(plain(r.text("hand_over_all", values{"n": q.Total})), nil, slack.NewAccessory(all))
	ask.BlockID = handOverPrefix + q.Person
	return []slack.Block{ask}
}

// AllHandedOver says that so many follow-ups of a person are another's now.
func (r *Renderer) AllHandedOver(n int, from, to string) Message {
	l := r.line("all_handed_over", values{"waiting": bold(r.text("queue_total_person", values{"n": n})), "from": r.user(from), "to": r.user(to)})
	return Message{Text: blocksMrkdwn([]slack.Block{l.block()}), Blocks: []slack.Block{l.block()}}
}

func (q Queue) words(page int) string {
	view := string(q.View)
	switch q.View {
	case QueueWaiting:
		view = ""
	case QueuePerson:
		view = "<@" + q.Person + ">"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d", view, page))
}

// weeks say how the team does, a block for each week: how many follow-ups were opened and what became of
// them, which adds up, how many were in time, and how many customers were happy afterwards.
func (r *Renderer) weeks(weeks []Week) []slack.Block {
	var blocks []slack.Block
	for _, w := range weeks {
		c := w.FollowUps
		facts := []string{r.text("week_opened", values{"n": c.Opened}), r.text("week_done", values{"n": c.Done})}
		if c.ByCustomer > 0 {
			facts = append(facts, r.text("week_by_customer", values{"n": c.ByCustomer}))
		}
		if c.Excluded > 0 {
			facts = append(facts, r.text("week_excluded", values{"n": c.Excluded}))
		}
		facts = append(facts, r.text("week_open", values{"n": c.Open}))
		if ended := c.InTime + c.Overdue; ended > 0 {
			facts = append(facts, r.text("week_in_time", values{"share": percentOf(c.InTime, ended)}))
		}
		if w.Recovery.All > 0 {
			facts = append(facts, r.text("week_recovery", values{"share": percentOf(w.Recovery.Yes, w.Recovery.All), "n": w.Recovery.All}))
		}
		blocks = append(blocks, contextBlock(r.text("week", values{"week": r.weekWords(w.Period), "facts": joined(facts...)})))
	}
	return blocks
}

// weekWords name this week or the last one by its Monday.
func (r *Renderer) weekWords(p score.Period) string {
	key := "week_last"
	if p.Running {
		key = "week_this"
	}
	_, month, day := p.From.Date()
	return r.text(key, values{"day": day, "month": r.month("months_short", month)})
}

func (r *Renderer) queueEntry(e Entry, now time.Time) line {
	l := r.ratingLine(e.Feedback)
	l.fact(textLine(name(e.Feedback.Customer)))
	return lines(l, r.waitingFacts(e, now))
}

// waitingFacts say who has claimed the follow-up, until when it may wait, and where it is.
func (r *Renderer) waitingFacts(e Entry, now time.Time) line {
	var l line
	switch f := e.FollowUp; {
	case f.State == followup.StateSnoozed:
		l.join(r.snoozedLine(f))
		l.fact(r.claimedLine(f))
	case f.Claimer == "":
		l.text(r.text("queue_open"))
	default:
		l.join(r.claimedLine(f))
	}
	l.fact(r.task(e.Snapshot))
	l.fact(r.dueLine(e.FollowUp, now))
	if e.Feedback.AtRisk {
		l.fact(textLine(r.text("at_risk_short")))
	}
	l.fact(r.messageLink(e.Permalink))
	return l
}

// messageLink links to a message in its channel; it is nil without an address.
func (r *Renderer) messageLink(permalink string) line {
	address := link(permalink)
	if address == "" {
		return nil
	}
	return linked(address, r.text("to_message"))
}

// dueLine says until when a follow-up may wait, or since when it is overdue.
func (r *Renderer) dueLine(f followup.FollowUp, now time.Time) line {
	if !f.Overdue(now) {
		return r.when(f.DueAt, "due")
	}
	l := bold(r.text("queue_overdue"))
	l.join(r.when(f.DueAt, "since"))
	return l
}
