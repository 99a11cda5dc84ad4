package command

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// ErrForeign is returned for a request of another workspace than the token's.
var ErrForeign = errors.New("the request is of another Slack workspace than the bot's")

// ErrUnasked is returned while Slack cannot be asked what the token's workspace
// is, or who a person is. Trying again helps.
var ErrUnasked = errors.New("slack cannot be asked now")

// gateTimeout bounds how long a request waits before it is acknowledged, the
// first time that Slack is asked whose token it is.
const gateTimeout = time.Second

// workspace is one Slack workspace.
type workspace struct {
	id      string
	address string // https://example.slack.com/
}

// ownWorkspace is the token's workspace, asked for when it is first needed and kept.
type ownWorkspace struct {
	slack  client
	known  atomic.Pointer[workspace]
	asking singleflight.Group
}

// workspace returns the token's workspace. Many who ask at once are one call,
// which goes on for the others when one of them cannot wait.
func (h *ownWorkspace) workspace(ctx context.Context) (workspace, error) {
	if w := h.known.Load(); w != nil {
		return *w, nil
	}
	answer := h.asking.DoChan("", func() (any, error) {
		w, err := h.slack.workspace(context.WithoutCancel(ctx))
		if err == nil {
			h.known.Store(&w)
		}
		return nil, err
	})
	select {
	case a := <-answer:
		if a.Err != nil {
			return workspace{}, fmt.Errorf("%w: %w", ErrUnasked, a.Err)
		}
		return *h.known.Load(), nil
	case <-ctx.Done():
		return workspace{}, fmt.Errorf("%w: %w", ErrUnasked, ctx.Err())
	}
}

// Foreign tells whether a request of that workspace (team_id) may be served: nil
// when it is the token's own, [ErrForeign] when it is another, [ErrUnasked]
// while that cannot be told. It costs nothing once Slack has been asked, and a
// second at most before. A transport refuses on ErrForeign only: whoever sent
// the others is told why they get no answer.
func (h *Handler) Foreign(ctx context.Context, team string) error {
	ctx, cancel := context.WithTimeout(ctx, gateTimeout)
	defer cancel()
	own, err := h.own.workspace(ctx)
	if err != nil {
		return err
	}
	if team != own.id {
		return ErrForeign
	}
	return nil
}
