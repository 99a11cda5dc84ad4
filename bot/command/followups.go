package command

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback/score"
	"smileybot/store"
)

// queue answers with a page of the follow-ups that wait, and with the team's figures.
func (h *Handler) queue(ctx context.Context, user string, q queueQuery) (m message.Message, err error) {
	own, err := h.insider(ctx, user)
	if err != nil {
		return m, err
	}
	page, number, err := h.pageOf(ctx, user, q)
	if err != nil {
		return m, err
	}
	weeks, err := h.weeks(ctx)
	if err != nil {
		return m, err
	}
	return h.renderer.Queue(message.Queue{
		View: q.view, Person: q.person, Page: number, QueuePage: queuePage(own, page), Weeks: weeks, Now: h.now(),
	}), nil
}

// pageOf reads a page of a view. A page after the last one becomes the last one: the queue may have
// become shorter since it was shown.
func (h *Handler) pageOf(ctx context.Context, user string, q queueQuery) (page store.QueuePage, number int, err error) {
	read := func(number int) (store.QueuePage, error) {
		p := store.Page{Limit: message.QueueRoom, Skip: (number - 1) * message.QueueRoom}
		switch q.view {
		case message.QueueMine:
			return h.store.AssignedTo(ctx, user, p)
		case message.QueuePerson:
			return h.store.AssignedTo(ctx, q.person, p)
		case message.QueueOverdue:
			return h.store.Overdue(ctx, h.now(), p)
		case message.QueueAll:
			return h.store.WholeQueue(ctx, p)
		default:
			return h.store.Queue(ctx, p)
		}
	}
	page, err = read(q.page)
	if err != nil || len(page.First) > 0 || page.Total == 0 {
		return page, q.page, err
	}
	last := (page.Total-1)/message.QueueRoom + 1
	page, err = read(last)
	return page, last, err
}

// weeks are the team's figures of this week so far and of the week before.
func (h *Handler) weeks(ctx context.Context) ([]message.Week, error) {
	var weeks []message.Week
	for _, words := range []string{"week", "last week"} {
		period, err := score.ParsePeriod(words, h.today())
		if err != nil {
			return nil, err
		}
		stats, err := h.store.FollowUpStats(ctx, period, h.now())
		if err != nil {
			return nil, err
		}
		weeks = append(weeks, message.Week{Period: period, FollowUpStats: stats})
	}
	return weeks, nil
}

// turnPage shows another page of the queue in place of the one that was clicked.
func (h *Handler) turnPage(ctx context.Context, c slack.InteractionCallback, words string) {
	q := query{label: labelFollowUps}
	q.queue, _ = parseQueue(words)
	m, err := h.answer(ctx, slack.SlashCommand{TeamID: slackapi.InteractionTeam(&c), UserID: c.User.ID}, q)
	if err != nil {
		h.respondError(ctx, c.ResponseURL, err, labelPage)
		return
	}
	r := slackapi.Response{Type: slackapi.ResponseEphemeral, Text: m.Text, Blocks: m.Blocks, ReplaceOriginal: true}
	if err := h.send(ctx, c.ResponseURL, r); err != nil {
		h.log.WarnContext(ctx, "could not send an answer to slack", "error", err)
	}
}

// handOver hands all follow-ups of a person over to one who may act on them.
func (h *Handler) handOver(ctx context.Context, c slack.InteractionCallback, from, to string) {
	m, err := h.handAllOver(ctx, c, from, to)
	if err != nil {
		h.respondError(ctx, c.ResponseURL, err, labelClick)
		return
	}
	h.respond(ctx, c.ResponseURL, m, false)
}

func (h *Handler) handAllOver(ctx context.Context, c slack.InteractionCallback, from, to string) (m message.Message, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if err := h.slack.CheckTeam(ctx, slackapi.InteractionTeam(&c)); err != nil {
		return m, err
	}
	if err := h.authz.admit(ctx, c.User.ID, h.channels); err != nil {
		return m, err
	}
	switch err := h.authz.admit(ctx, to, h.channels); {
	case errors.Is(err, errOutsider):
		return h.renderer.CannotHandOver(to, h.channels), nil
	case err != nil:
		return m, err
	}
	n, err := h.store.HandOver(ctx, from, to, c.User.ID, h.now())
	h.wake() // also after an error: some may be handed over
	return h.renderer.AllHandedOver(n, from, to), err
}
