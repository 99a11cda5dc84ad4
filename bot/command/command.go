package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback/score"
	"smileybot/store"
)

// Command answers a slash command through its response_url, to the user alone or, with share, to the
// channel. The answer, or the reason that there is none, is on its way within 2 s. Command returns when
// Slack has accepted it, or will not.
func (h *Handler) Command(ctx context.Context, c slack.SlashCommand) {
	q := parse(c.Command, c.Text, h.today())
	defer h.observe(q.label, h.now())
	m, err := h.answer(ctx, c, q)
	if err != nil {
		h.respondError(ctx, c.ResponseURL, err, q.label)
		return
	}
	h.respond(ctx, c.ResponseURL, m, q.score.Share)
}

// answer finds what a command asks for. [Handler.errorReply] explains the error.
func (h *Handler) answer(ctx context.Context, c slack.SlashCommand, q query) (m message.Message, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if err := h.slack.CheckTeam(ctx, c.TeamID); err != nil {
		return m, err
	}
	if q.err != nil {
		return m, q.err
	}
	switch q.label {
	case labelFollowUps:
		return h.queue(ctx, c.UserID, q.queue)
	case labelSmileybot:
		return h.self(ctx, q.check), nil
	case labelCustomer:
		return h.customer(ctx, c.UserID, q)
	default:
		return h.scores(ctx, c, q)
	}
}

// scores answers with the scores of a period, with its reviews, or with how its rated tickets were
// served.
func (h *Handler) scores(ctx context.Context, c slack.SlashCommand, q query) (m message.Message, err error) {
	if err := h.checkPersonal(ctx, c, q.score); err != nil {
		return m, err
	}
	if q.score.Filter.Agent, err = h.agentOf(ctx, q.score.Filter.Agent); err != nil {
		return m, err
	}
	q.score.GroupsNow, q.score.Now = true, h.now()
	if q.label == labelService {
		report, err := h.store.ServiceReport(ctx, q.score)
		if err != nil {
			return m, err
		}
		return h.renderer.Service(report, h.now()), nil
	}
	reports, err := h.store.Reports(ctx, q.score)
	if err != nil {
		return m, err
	}
	if q.label == labelReviews && q.score.Filter.Agent == "" { // a review site knows no agents
		return h.reviews(ctx, c.UserID, q.score, reports)
	}
	return h.renderer.Score(reports, h.now()), nil
}

// errElsewhere is returned for an answer that must not be shared in that channel.
var errElsewhere = errors.New("not in this channel")

// checkPersonal refuses a question about single agents to a user outside the team, and to share its
// answer outside the team's channels.
func (h *Handler) checkPersonal(ctx context.Context, c slack.SlashCommand, q score.Query) error {
	if !q.Personal() {
		return nil
	}
	if err := h.authz.admit(ctx, c.UserID, h.channels); err != nil {
		return err
	}
	if q.Share && !slices.Contains(h.channels, c.ChannelID) {
		return errElsewhere
	}
	return nil
}

// agentOf is the filter by an agent that was typed, or for the mention of a user, the filter that finds
// the agent with the user's e-mail address, else with the user's name, else the name that the handle
// begins.
func (h *Handler) agentOf(ctx context.Context, filter string) (string, error) {
	id, handle, ok := mention(filter)
	if !ok {
		return filter, nil
	}
	user, err := h.slack.User(ctx, id)
	switch slackapi.Code(err) {
	case "":
		if err != nil {
			return "", fmt.Errorf("%w: %w", slackapi.ErrUnavailable, err)
		}
	case "user_not_found", "user_not_visible":
		return "", score.AgentUnknown("@" + cmp.Or(handle, id))
	default:
		return "", fmt.Errorf("%w: %w", slackapi.ErrUnavailable, err)
	}
	found, err := h.store.AgentOf(ctx, user.Profile.Email, user.RealName, user.Profile.RealName, user.Profile.DisplayName)
	return cmp.Or(found, "@"+cmp.Or(handle, user.Name, id)), err
}

// reviews answers with the stars of a period, which are for everyone, and with the reviews in it that
// wait for a reply. The list names customers, so it is for those who may see the queue, and not shared.
func (h *Handler) reviews(ctx context.Context, user string, q score.Query, reports []score.Report) (m message.Message, err error) {
	r := message.Reviews{Reports: reports, Channels: h.channels, Now: h.now(), Hidden: h.hidden(ctx, user, q)}
	page := store.Page{Limit: message.ReviewsRoom}
	if r.Hidden != "" {
		page.Limit = 0
	}
	waiting, err := h.store.Unanswered(ctx, q.Period, q.Filter.Channel, page)
	if err != nil {
		return m, err
	}
	own, err := h.slack.Workspace(ctx)
	if err != nil {
		return m, err
	}
	r.Waiting = queuePage(own, waiting)
	return h.renderer.Reviews(r), nil
}

// hidden says why an answer does not list the reviews that wait for a reply.
func (h *Handler) hidden(ctx context.Context, user string, q score.Query) message.Hidden {
	if q.Share {
		return message.HiddenWhenShared
	}
	switch err := h.authz.admit(ctx, user, h.channels); {
	case err == nil:
		return ""
	case errors.Is(err, errOutsider):
		return message.HiddenFromOutsider
	default:
		h.log.WarnContext(ctx, "could not list reviews", "error", err)
		return message.HiddenUnchecked
	}
}

// customer answers with what a customer has said so far, for those who may see the queue.
func (h *Handler) customer(ctx context.Context, user string, q query) (m message.Message, err error) {
	own, err := h.insider(ctx, user)
	switch {
	case err != nil:
		return m, err
	case q.unshared:
		return h.renderer.Reply(message.CustomerUnshared), nil
	case q.customer == "":
		return h.renderer.Reply(message.CustomerUsage), nil
	}
	return h.customerAnswers(ctx, own, q.customer)
}

// customerAnswers is what a customer, by id or e-mail address, has said so far.
func (h *Handler) customerAnswers(ctx context.Context, own slackapi.Workspace, customer string) (m message.Message, err error) {
	known, err := h.store.Customer(ctx, customer)
	if straight := score.Straight(customer); err == nil && known.N == 0 && straight != customer {
		known, err = h.store.Customer(ctx, straight) // phones make long dashes of hyphens
	}
	if err != nil {
		return m, err
	}
	return h.renderer.Customer(message.Customer{
		Asked: customer, Last: entries(own, known.Last), N: known.N, Colours: known.Colours, NPS: known.NPS,
	}), nil
}

// self answers with the self-check, after the help unless only the check is asked for.
func (h *Handler) self(ctx context.Context, check bool) message.Message {
	var health message.Health
	if h.health != nil {
		health = h.health(ctx)
	}
	health.Version = h.version
	if check {
		return h.renderer.SelfCheck(health)
	}
	return h.renderer.Help(health)
}

// insider returns the workspace, for links, to a user who may see the queue. The error of another user
// is errOutsider.
func (h *Handler) insider(ctx context.Context, user string) (own slackapi.Workspace, err error) {
	if err := h.authz.admit(ctx, user, h.channels); err != nil {
		return own, err
	}
	return h.slack.Workspace(ctx)
}
