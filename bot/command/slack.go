package command

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/slack-go/slack"
)

const (
	// callTimeout bounds every call of Slack's API.
	callTimeout = 8 * time.Second
	// thinking bounds everything before an answer is on its way: Slack shows an
	// answer as late after 3 s, and a trigger_id lives no longer.
	thinking = 2 * time.Second
)

// client is Slack's API with every call bounded in time. Nothing is tried
// again: the person who asked does that.
type client struct{ api *slack.Client }

// workspace returns whose token it is: the id of the workspace and its address.
func (c client) workspace(ctx context.Context) (workspace, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	who, err := c.api.AuthTestContext(ctx)
	if err != nil {
		return workspace{}, trouble("auth.test", err)
	}
	return workspace{id: who.TeamID, address: who.URL}, nil
}

// user returns what Slack knows of a user.
func (c client) user(ctx context.Context, id string) (*slack.User, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	user, err := c.api.GetUserInfoContext(ctx, id)
	if err != nil {
		return nil, trouble("users.info", err)
	}
	return user, nil
}

// membersPage is how many members are asked for at once, the most that Slack
// gives.
const membersPage = 1000

// member reports whether a user is in a channel, page by page.
func (c client) member(ctx context.Context, channel, user string) (bool, error) {
	page := slack.GetUsersInConversationParameters{ChannelID: channel, Limit: membersPage}
	for {
		members, next, err := c.members(ctx, page)
		if err != nil {
			return false, err
		}
		if slices.Contains(members, user) {
			return true, nil
		}
		if next == "" || next == page.Cursor {
			return false, nil
		}
		page.Cursor = next
	}
}

func (c client) members(ctx context.Context, page slack.GetUsersInConversationParameters) ([]string, string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	members, next, err := c.api.GetUsersInConversationContext(ctx, &page)
	if err != nil {
		return nil, "", trouble("conversations.members", err)
	}
	return members, next, nil
}

// open shows a modal.
func (c client) open(ctx context.Context, trigger string, view slack.ModalViewRequest) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.api.OpenViewContext(ctx, trigger, view)
	return trouble("views.open", err)
}

// whisper shows a user a message in a channel that nobody else sees.
func (c client) whisper(ctx context.Context, channel, user string, options ...slack.MsgOption) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.api.PostEphemeralContext(ctx, channel, user, options...)
	return trouble("chat.postEphemeral", err)
}

// trouble names the call that failed. An error of the network names its address,
// which is left out: a response_url is a secret.
func trouble(method string, err error) error {
	if err == nil {
		return nil
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return fmt.Errorf("%s: %w", method, err)
}

// code is the error code that Slack answered with, empty when it did not answer.
func code(err error) string {
	refused, _ := errors.AsType[slack.SlackErrorResponse](err)
	return refused.Err
}
