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

// client is Slack's API with every call bounded in time and counted. Nothing is
// tried again: the person who asked does that.
type client struct {
	api   *slack.Client
	count func(method, outcome string)
}

// ask makes one call.
func (c client) ask(ctx context.Context, method string, timeout time.Duration, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := call(ctx)
	c.count(method, outcome(err))
	return trouble(method, err)
}

// outcome is how a call went, as the metric counts it.
func outcome(err error) string {
	_, limited := errors.AsType[*slack.RateLimitedError](err)
	switch {
	case err == nil:
		return "ok"
	case limited:
		return "limited"
	case code(err) != "":
		return "refused"
	default:
		return "failed"
	}
}

// workspace returns whose token it is: the id of the workspace and its address.
func (c client) workspace(ctx context.Context) (own workspace, err error) {
	err = c.ask(ctx, "auth.test", callTimeout, func(ctx context.Context) error {
		who, err := c.api.AuthTestContext(ctx)
		if err == nil {
			own = workspace{id: who.TeamID, address: who.URL}
		}
		return err
	})
	return own, err
}

// user returns what Slack knows of a user.
func (c client) user(ctx context.Context, id string) (user *slack.User, err error) {
	err = c.ask(ctx, "users.info", callTimeout, func(ctx context.Context) (err error) {
		user, err = c.api.GetUserInfoContext(ctx, id)
		return err
	})
	return user, err
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

func (c client) members(ctx context.Context, page slack.GetUsersInConversationParameters) (members []string, next string, err error) {
	err = c.ask(ctx, "conversations.members", callTimeout, func(ctx context.Context) (err error) {
		members, next, err = c.api.GetUsersInConversationContext(ctx, &page)
		return err
	})
	return members, next, err
}

// open shows a modal.
func (c client) open(ctx context.Context, trigger string, view slack.ModalViewRequest) error {
	return c.ask(ctx, "views.open", thinking, func(ctx context.Context) error {
		_, err := c.api.OpenViewContext(ctx, trigger, view)
		return err
	})
}

// publish shows a user's Home tab, unless it has another hash than given, which may
// be empty; it returns the new one.
func (c client) publish(ctx context.Context, user string, view slack.HomeTabViewRequest, hash string) (now string, err error) {
	request := slack.PublishViewContextRequest{UserID: user, View: view}
	if hash != "" {
		request.Hash = &hash
	}
	err = c.ask(ctx, "views.publish", callTimeout, func(ctx context.Context) error {
		shown, err := c.api.PublishViewContext(ctx, request)
		if err == nil {
			now = shown.Hash
		}
		return err
	})
	return now, err
}

// byEmail returns the user who has an e-mail address.
func (c client) byEmail(ctx context.Context, email string) (id string, err error) {
	err = c.ask(ctx, "users.lookupByEmail", callTimeout, func(ctx context.Context) error {
		user, err := c.api.GetUserByEmailContext(ctx, email)
		if err == nil {
			id = user.ID
		}
		return err
	})
	return id, err
}

// whisper shows a user a message in a channel that nobody else sees.
func (c client) whisper(ctx context.Context, channel, user string, options ...slack.MsgOption) error {
	return c.ask(ctx, "chat.postEphemeral", callTimeout, func(ctx context.Context) error {
		_, err := c.api.PostEphemeralContext(ctx, channel, user, options...)
		return err
	})
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
