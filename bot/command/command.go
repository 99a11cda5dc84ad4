package command

import (
	"context"
	"errors"
	"slices"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// Command answers a slash command through its response_url, to the person alone
// or, with share, to the channel. It returns when Slack has taken the answer, or
// will not take it. An answer is on its way within 2 s, if need be that none
// could be found.
func (h *Handler) Command(ctx context.Context, c slack.SlashCommand) {
	q := read(c.Command, c.Text, office.DayOf(h.now(), h.location))
	defer h.took(q.label, h.now())
	a, err := h.answer(ctx, c, q)
	if err == nil {
		h.say(ctx, c.ResponseURL, a, q.score.Share)
		return
	}
	if excuse, ok := h.excuse(ctx, err, q.label, h.channels); ok {
		h.say(ctx, c.ResponseURL, excuse, false)
	}
}

// answer finds what a command asks for. The error says why there is nothing to
// be found; see excuse.
func (h *Handler) answer(ctx context.Context, c slack.SlashCommand, q question) (message.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if err := h.slack.CheckTeam(ctx, c.TeamID); err != nil {
		return message.Message{}, err
	}
	if q.strange != nil {
		return message.Message{}, q.strange
	}
	switch q.label {
	case labelFollowUps:
		return h.queue(ctx, c.UserID, q.queue)
	case labelSmileybot:
		return h.self(ctx, q), nil
	case labelReviews:
		return h.reviews(ctx, c, q.score)
	case labelService:
		return h.service(ctx, c, q.score)
	case labelCustomer:
		return h.customer(ctx, c.UserID, q)
	default:
		return h.scores(ctx, c, q.score)
	}
}

// scores answers with what is asked for.
func (h *Handler) scores(ctx context.Context, c slack.SlashCommand, q score.Query) (message.Message, error) {
	if err := h.personal(ctx, c, q); err != nil {
		return message.Message{}, err
	}
	q.GroupsNow = true
	reports, err := h.store.Reports(ctx, q)
	if err != nil {
		return message.Message{}, err
	}
	return h.speaker.Score(reports, h.now()), nil
}

// service answers how rated tickets were served.
func (h *Handler) service(ctx context.Context, c slack.SlashCommand, q score.Query) (message.Message, error) {
	if err := h.personal(ctx, c, q); err != nil {
		return message.Message{}, err
	}
	q.GroupsNow = true
	report, err := h.store.ServiceReport(ctx, q)
	if err != nil {
		return message.Message{}, err
	}
	return h.speaker.Service(report, h.now()), nil
}

// personal refuses who may not know what is asked, and to tell it where others could
// read it: how single agents are rated is for their team alone.
func (h *Handler) personal(ctx context.Context, c slack.SlashCommand, q score.Query) error {
	if !q.Personal() {
		return nil
	}
	if err := h.door.admit(ctx, c.UserID, h.channels); err != nil {
		return err
	}
	if q.Share && !slices.Contains(h.channels, c.ChannelID) {
		return errElsewhere
	}
	return nil
}

// errElsewhere is returned for an answer that is not to be shared in that channel.
var errElsewhere = errors.New("not in this channel")

// customer answers with what a customer has said so far, to those alone who work
// with customers.
func (h *Handler) customer(ctx context.Context, user string, q question) (message.Message, error) {
	if err := h.door.admit(ctx, user, h.channels); err != nil {
		return message.Message{}, err
	}
	who := q.customer
	switch {
	case q.unshared:
		return h.speaker.CustomerUnshared(), nil
	case who == "":
		return h.speaker.CustomerUsage(), nil
	}
	own, err := h.slack.Workspace(ctx)
	if err != nil {
		return message.Message{}, err
	}
	known, err := h.store.Customer(ctx, who)
	if err != nil {
		return message.Message{}, err
	}
	shown := message.Customer{N: known.N, Colours: known.Colours, NPS: known.NPS}
	for _, w := range known.Last {
		shown.Last = append(shown.Last, message.Entry{Snapshot: w.Snapshot, Permalink: own.Permalink(w.SlackChannel, w.TS)})
	}
	return h.speaker.Customer(shown), nil
}

// self answers with the help, which ends with the self-check, or with that alone.
func (h *Handler) self(ctx context.Context, q question) message.Message {
	if q.check {
		return h.speaker.SelfCheck(h.health(ctx))
	}
	return h.speaker.Help(h.health(ctx))
}
