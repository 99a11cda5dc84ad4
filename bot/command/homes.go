package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/slack-go/slack"

	"smileybot/bot/internal/loop"
	"smileybot/store"
)

const (
	// homeEvery is the least time between two updates of a Home tab, unless the person does something.
	homeEvery = time.Minute
	// homeDebounce is how long a change may wait for those that come with it: the
	// message of a new rating, say.
	homeDebounce = time.Second
	// maxHomeRetry bounds the wait after failures in a row.
	maxHomeRetry = 64 * time.Minute
)

// homes is what is known of the Home tabs while the bot runs.
type homes struct {
	wake loop.Wakeup

	mu           sync.Mutex
	busy         map[string]int     // by user: publications that are under way
	failed       map[string]failure // by user, while its tab cannot be shown
	limitedUntil time.Time          // until when Slack asks not to be called
}

// A failure is until when a Home tab is not retried after it could not be shown, or recorded.
type failure struct {
	backoff *backoff.ExponentialBackOff
	until   time.Time
}

func newHomes() *homes {
	return &homes{wake: loop.NewWakeup(), busy: make(map[string]int), failed: make(map[string]failure)}
}

func (h *homes) begin(user string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy[user]++
}

func (h *homes) end(user string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.busy[user]--; h.busy[user] == 0 {
		delete(h.busy, user)
	}
	h.wake.Signal()
}

func (h *homes) succeeded(user string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.failed, user)
}

// fail notes a failure; limited is when Slack said how long to wait.
func (h *homes) fail(user string, limited *slack.RateLimitedError, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if limited != nil {
		h.limitedUntil = now.Add(limited.RetryAfter)
		return
	}
	f := h.failed[user]
	if f.backoff == nil {
		f.backoff = &backoff.ExponentialBackOff{InitialInterval: homeEvery, Multiplier: 2, MaxInterval: maxHomeRetry}
	}
	f.until = now.Add(f.backoff.NextBackOff())
	h.failed[user] = f
}

// allowed is when a Home tab may be updated, and whether no update is under way: a minute after the last
// one, or after failures in a row 1, 2, 4 … 64 minutes.
func (h *homes) allowed(known store.Home) (at time.Time, idle bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at = loop.Latest(known.PublishedAt.Add(homeEvery), h.failed[known.User].until, h.limitedUntil)
	return at, h.busy[known.User] == 0
}

// errPaused is returned while Slack asks not to be called.
var errPaused = errors.New("rate limited by slack")

// paused returns [errPaused] while Slack asks not to be called.
func (h *homes) paused(now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Before(h.limitedUntil) {
		return errPaused
	}
	return nil
}

// KeepHomes updates the Home tabs of the people who have opened one, when what waits for them has
// changed: each at most once a minute. It returns when ctx ends, and may be called once.
func (h *Handler) KeepHomes(ctx context.Context) {
	for ctx.Err() == nil {
		if loop.Wait(ctx, h.homeRound(ctx), h.homes.wake) {
			loop.Sleep(ctx, homeDebounce)
		}
	}
}

// WaitingChanged signals that what waits for people may have changed. It never blocks.
func (h *Handler) WaitingChanged() { h.homes.wake.Signal() }

// homeRound updates what has changed and may be updated, and returns when to look again at the latest,
// zero when only a change matters.
func (h *Handler) homeRound(ctx context.Context) time.Time {
	next, err := h.showChanged(ctx)
	if err != nil && ctx.Err() == nil {
		h.log.WarnContext(ctx, "could not update home tabs; will retry", "error", err)
		return h.now().Add(homeEvery)
	}
	return next
}

func (h *Handler) showChanged(ctx context.Context) (next time.Time, err error) {
	known, err := h.store.Homes(ctx)
	if err != nil || len(known) == 0 {
		return time.Time{}, err
	}
	if next, err = h.store.NextOverdue(ctx, h.now()); err != nil {
		return time.Time{}, err
	}
	for _, home := range known {
		again, err := h.keepHome(ctx, home)
		if err != nil {
			return time.Time{}, err
		}
		next = loop.Earliest(next, again)
	}
	return next, nil
}

// keepHome updates one Home tab if it has changed. When that may not be done yet, it returns when it
// may. A panic over one tab ends neither the bot nor the others', and counts as a failure.
func (h *Handler) keepHome(ctx context.Context, known store.Home) (again time.Time, err error) {
	err = loop.Protect(ctx, h.log, "panic in home tab", func() error {
		again, err = h.updateHome(ctx, known)
		return err
	})
	if errors.Is(err, loop.ErrPanic) {
		h.homes.fail(known.User, nil, h.now())
		again, _ = h.homes.allowed(known)
		return again, nil
	}
	return again, err
}

func (h *Handler) updateHome(ctx context.Context, known store.Home) (again time.Time, err error) {
	mine, open, err := h.waitingFor(ctx, known.User)
	if err != nil {
		return time.Time{}, err
	}
	now := h.now()
	if fingerprint(now, mine, open) == known.Waiting {
		return time.Time{}, nil
	}
	at, idle := h.homes.allowed(known)
	switch {
	case !idle: // its end signals
		return time.Time{}, nil
	case at.After(now):
		return at, nil
	default:
		h.showHome(ctx, known.User, ifChanged)
		return time.Time{}, nil
	}
}

// homeFailed notes that a Home tab could not be shown: it is tried again by
// KeepHomes, later each time, unless the person is gone.
func (h *Handler) homeFailed(ctx context.Context, known store.Home, err error) {
	if gone(err) {
		if err = h.store.DropHome(ctx, known.User); err == nil {
			h.homes.succeeded(known.User)
			return
		}
	}
	if !errors.Is(err, errPaused) { // which was logged when it began
		limited, _ := errors.AsType[*slack.RateLimitedError](err)
		h.homes.fail(known.User, limited, h.now())
		h.log.WarnContext(ctx, "could not publish a home tab; will retry", "error", err)
	}
	again := store.Home{User: known.User, PublishedAt: known.PublishedAt} // it shows nothing that is known
	if err := h.store.HomeShown(context.WithoutCancel(ctx), again); err != nil {
		h.log.WarnContext(ctx, "could not schedule the retry of a home tab; it waits for the next change", "error", err)
	}
}

// gone reports whether Slack says that there is no such person.
func gone(err error) bool {
	refused, ok := errors.AsType[slack.SlackErrorResponse](err)
	if !ok {
		return false
	}
	switch refused.Err {
	case "user_not_found", "users_not_found", "user_disabled", "invalid_user_id":
		return true
	case "invalid_arguments": // its messages say: invalid `user_id`
		return strings.Contains(fmt.Sprint(refused.ResponseMetadata.Messages), "user_id")
	default:
		return false
	}
}
