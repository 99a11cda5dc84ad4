package command

import (
	"context"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
)

// queueQuestion is which page of the queue is asked for.
type queueQuestion struct {
	view message.QueueView
	page int
}

// maxPage bounds the pages that can be asked for.
const maxPage = 100_000

// readQueue understands what follows /followups: a view and a page, each of which may
// be missing. strange is what was not understood.
func readQueue(text string) (q queueQuestion, strange string) {
	q = queueQuestion{view: message.QueueWaiting, page: 1}
	words := strings.Fields(strings.ToLower(text))
	if len(words) > 0 {
		if page, err := strconv.Atoi(words[len(words)-1]); err == nil && page >= 1 && page <= maxPage {
			q.page, words = page, words[:len(words)-1]
		}
	}
	switch typed := strings.Join(words, " "); typed {
	case "":
	case "mine", "mijn":
		q.view = message.QueueMine
	case "overdue", "te laat", "telaat":
		q.view = message.QueueOverdue
	case "all", "alle", "alles":
		q.view = message.QueueAll
	default:
		strange = typed
	}
	return q, strange
}

// queue answers with a page of the follow-ups that wait, and with how the team does.
func (h *Handler) queue(ctx context.Context, user string, q queueQuestion) (message.Message, error) {
	if err := h.door.admit(ctx, user, h.channels); err != nil {
		return message.Message{}, err
	}
	own, err := h.slack.Workspace(ctx)
	if err != nil {
		return message.Message{}, err
	}
	share, page, err := h.pageOf(ctx, user, q)
	if err != nil {
		return message.Message{}, err
	}
	weeks, err := h.weeks(ctx)
	if err != nil {
		return message.Message{}, err
	}
	return h.speaker.Queue(message.Queue{
		View: q.view, Page: page, QueuePage: queuePage(own, share), Weeks: weeks, Now: h.now(),
	}), nil
}

// pageOf reads a page of a view. After the last one there is the last one: the queue
// may have become shorter since it was seen.
func (h *Handler) pageOf(ctx context.Context, user string, q queueQuestion) (share store.QueuePage, page int, err error) {
	read := func(page int) (store.QueuePage, error) {
		p := store.Page{Limit: message.QueueRoom, Skip: (page - 1) * message.QueueRoom}
		switch q.view {
		case message.QueueMine:
			return h.store.AssignedTo(ctx, user, p)
		case message.QueueOverdue:
			return h.store.Overdue(ctx, h.now(), p)
		case message.QueueAll:
			return h.store.WholeQueue(ctx, p)
		default:
			return h.store.Queue(ctx, p)
		}
	}
	share, err = read(q.page)
	if err != nil || len(share.First) > 0 || share.Total == 0 {
		return share, q.page, err
	}
	last := (share.Total-1)/message.QueueRoom + 1
	share, err = read(last)
	return share, last, err
}

// weeks tell how the team does: this week so far, and the one before.
func (h *Handler) weeks(ctx context.Context) ([]message.Week, error) {
	now := h.now()
	var weeks []message.Week
	for _, words := range []string{"week", "last week"} {
		period, err := score.ParsePeriod(words, office.DayOf(now, h.location))
		if err != nil {
			return nil, err
		}
		work, err := h.store.FollowUpStats(ctx, period, now)
		if err != nil {
			return nil, err
		}
		weeks = append(weeks, message.Week{Period: period, FollowUpStats: work})
	}
	return weeks, nil
}

// turnPage shows another page of the queue in place of the one that was clicked.
func (h *Handler) turnPage(ctx context.Context, c slack.InteractionCallback, words string) {
	q, _ := readQueue(words)
	answer, err := h.turned(ctx, c, q)
	if err == nil {
		h.replace(ctx, c.ResponseURL, answer)
		return
	}
	if excuse, ok := h.excuse(ctx, err, labelPage, h.channels); ok {
		h.say(ctx, c.ResponseURL, excuse, false)
	}
}

func (h *Handler) turned(ctx context.Context, c slack.InteractionCallback, q queueQuestion) (message.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if err := h.slack.CheckTeam(ctx, c.Team.ID); err != nil {
		return message.Message{}, err
	}
	return h.queue(ctx, c.User.ID, q)
}
