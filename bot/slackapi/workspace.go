package slackapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrForeign is returned for a request of another workspace than the token's.
var ErrForeign = errors.New("the request is of another Slack workspace than the bot's")

// ErrUnavailable is returned while Slack cannot say which workspace is the token's, or who a user
// is. Trying again helps.
var ErrUnavailable = errors.New("slack cannot be asked now")

// gateTimeout bounds how long a request waits before it is acknowledged, the first time that Slack
// is asked for the token's workspace.
const gateTimeout = time.Second

// Workspace is one Slack workspace.
type Workspace struct {
	ID      string
	Address string // https://example.slack.com/
}

// Permalink is the address of a message as Slack makes it. It is empty for a message that is not
// posted yet, and in a workspace whose address is unknown.
func (w Workspace) Permalink(channel, ts string) string {
	if ts == "" || w.Address == "" {
		return ""
	}
	return strings.TrimSuffix(w.Address, "/") + "/archives/" + channel + "/p" + strings.ReplaceAll(ts, ".", "")
}

// Workspace returns the token's workspace, or [ErrUnavailable]. Slack is asked once. Concurrent
// callers share one call, which continues for the others when one of them gives up.
func (c *Client) Workspace(ctx context.Context) (Workspace, error) {
	if w := c.own.Load(); w != nil {
		return *w, nil
	}
	answer := c.asking.DoChan("", func() (any, error) {
		return c.Identity(context.WithoutCancel(ctx))
	})
	select {
	case a := <-answer:
		if a.Err != nil {
			return Workspace{}, fmt.Errorf("%w: %w", ErrUnavailable, a.Err)
		}
		return *c.own.Load(), nil
	case <-ctx.Done():
		return Workspace{}, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
}

// CheckTeam returns nil when a request names the token's own workspace, [ErrForeign] when it names
// another, and [ErrUnavailable] while that is unknown. It takes at most a second, and nothing once
// Slack has named the workspace. A transport refuses on ErrForeign only: the sender of any other
// request gets an answer that says why it is not carried out.
func (c *Client) CheckTeam(ctx context.Context, team string) error {
	ctx, cancel := context.WithTimeout(ctx, gateTimeout)
	defer cancel()
	own, err := c.Workspace(ctx)
	if err != nil {
		return err
	}
	if team != own.ID {
		return ErrForeign
	}
	return nil
}
