package message

import (
	"fmt"
	"slices"
	"strconv"
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

// Queue answers /followups: a page of the follow-ups that wait, each with its buttons, and how the team
// does.
func (r *Renderer) Queue(q Queue) Message {
	var entries, buttons []slack.Block
	for _, e := range q.Entries[:min(len(q.Entries), QueueRoom)] {
		entries, buttons = append(entries, r.queueEntry(e, q.Now).block()), append(buttons, r.queueButtons(q, e.Snapshot))
	}
	head, weeks := r.queueHead(q).block(), r.weeks(q.Weeks)
	frame := listFrame + len(blocksMrkdwn(weeks))
	return fit(entries, maxTextBytes-frame, maxBlocksUnits-frame-unitsOf(buttons), func(shown []slack.Block) []slack.Block {
		blocks := []slack.Block{head}
		for i, entry := range shown {
			blocks = append(blocks, entry, buttons[i])
		}
		if more := len(entries) - len(shown); more > 0 {
			blocks = append(blocks, contextBlock(r.moreWords(more)))
		}
		return slices.Concat(blocks, r.paging(q), r.handingOver(q), weeks)
	})
}

// queueMark is in the block_id of the buttons of a follow-up in the queue, behind its [BlockID] and
// before what could be typed after /followups.
const queueMark = ":queue:"

// CutQueue divides the block_id of a button. For one of the queue, words is what could be typed after
// /followups to see that page again, and ok is true; any other block_id is returned as it is.
func CutQueue(blockID string) (block, words string, ok bool) { return strings.Cut(blockID, queueMark) }

// queueButtons claim and finish a follow-up from the queue.
func (r *Renderer) queueButtons(q Queue, v followup.Snapshot) slack.Block {
	var elements []slack.BlockElement
	for _, action := range []followup.Action{followup.ActionClaim, followup.ActionFinish} {
		if !slices.Contains(v.FollowUp.State.Actions(), action) {
			continue
		}
		button := r.button(v, ActionID(action))
		if action == followup.ActionClaim {
			button.WithStyle(slack.StylePrimary)
		}
		elements = append(elements, button)
	}
	return slack.NewActionBlock(BlockID(v.Feedback.ID, v.Feedback.Revision)+queueMark+q.words(q.Page), elements...)
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
	here := r.text("queue_page", values{"page": r.count(int64(q.Page)), "pages": r.count(int64(pages))})
	if q.View != QueuePerson {
		here = r.text("queue_typed", values{"page": here, "typed": r.queueCommand(q.View) + " " + strconv.Itoa(to)})
	}
	button := slack.NewButtonBlockElement(ActionPage, q.words(to), plain(r.text(key)))
	return []slack.Block{slack.NewSectionBlock(plain(here), nil, slack.NewAccessory(button))}
}

// queueCommand is what people type to see a view of the queue that is not a person's: "/followups overdue".
func (r *Renderer) queueCommand(view QueueView) string {
	if view == QueueWaiting {
		return "/followups"
	}
	return "/followups " + r.text("queue_word_"+string(view))
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

// weeks say how the team does, a block for each week: how many follow-ups were opened and what became
// of them, how many were in time, and how many customers were happy afterwards.
func (r *Renderer) weeks(weeks []Week) []slack.Block {
	var blocks []slack.Block
	for _, w := range weeks {
		facts := []string{r.openedWords(w.FollowUps)}
		if ended := w.FollowUps.InTime + w.FollowUps.Overdue; ended > 0 {
			facts = append(facts, r.text("week_in_time", values{"intime": r.count(w.FollowUps.InTime), "ended": r.count(ended)}))
		}
		if w.Recovery.All > 0 {
			facts = append(facts, r.recoveryWords(w.Recovery))
		}
		blocks = append(blocks, contextBlock(r.text("week", values{"week": r.weekWords(w.Period), "facts": joined(facts...)})))
	}
	return blocks
}

// openedWords count the follow-ups that were opened, and what became of them: "14 opened: 4 done, 5
// closed by the customer's comment, 5 still open".
func (r *Renderer) openedWords(c score.FollowUpCount) string {
	if c.Opened == 0 {
		return r.text("week_none")
	}
	return r.text("week_opened", values{"n": c.Opened, "sum": r.sumWords(c)})
}

// weekWords name a week by its days: "This week (from Mon 30 Nov)", "23–29 November 2026".
func (r *Renderer) weekWords(p score.Period) string {
	if !p.Running {
		return r.rangeWords(p)
	}
	_, month, day := p.From.Date()
	weekday := strings.Fields(r.text("weekdays_short"))[p.From.Weekday()]
	return r.text("week_running", values{"weekday": weekday, "day": day, "month": r.month("months_short", month)})
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
		l.text(r.text("open"))
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
