package command

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"smileybot/store"
)

const (
	// homeEvery is how long a Home tab stays as it is at least, unless the person
	// does something.
	homeEvery = time.Minute
	// homeSettles is how long a change may wait for those that come with it: the
	// message of a new rating, say.
	homeSettles = time.Second
	// maxHomeDoublings bounds the wait after failures in a row: about an hour.
	maxHomeDoublings = 6
)

// homes is what is known of the Home tabs while the bot runs.
type homes struct {
	stirred chan struct{}

	mu     sync.Mutex
	busy   map[string]int     // by user: publications that are under way
	failed map[string]failure // by user: failures in a row
	silent time.Time          // until when Slack asked not to be called
}

// failure is how often a Home tab could not be shown, or not noted, and when last:
// the store may be what fails.
type failure struct {
	times int
	last  time.Time
}

func newHomes() *homes {
	return &homes{stirred: make(chan struct{}, 1), busy: make(map[string]int), failed: make(map[string]failure)}
}

// stir says that something may have changed.
func (h *homes) stir() {
	select {
	case h.stirred <- struct{}{}:
	default:
	}
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
	h.stir()
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
		h.silent = now.Add(limited.RetryAfter)
		return
	}
	h.failed[user] = failure{times: h.failed[user].times + 1, last: now}
}

// allowed is when a Home tab may be shown anew, and whether that is not under way:
// a minute after the last time, or after failures in a row 1, 2, 4 … 64 minutes.
func (h *homes) allowed(known store.Home) (at time.Time, idle bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at = known.PublishedAt.Add(homeEvery)
	if f := h.failed[known.User]; f.times > 0 {
		at = latest(at, f.last.Add(homeEvery<<min(f.times-1, maxHomeDoublings)))
	}
	return latest(at, h.silent), h.busy[known.User] == 0
}

// errPaused is returned while Slack asked not to be called.
var errPaused = errors.New("slack asked not to be called yet")

// paused is [errPaused] while Slack asked not to be called.
func (h *homes) paused(now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Before(h.silent) {
		return errPaused
	}
	return nil
}

// KeepHomes shows the Home tabs anew of those who have opened one, when what
// waits for them has changed: for each at most once a minute. It returns when ctx
// ends, and may be called once.
func (h *Handler) KeepHomes(ctx context.Context) {
	for ctx.Err() == nil {
		h.homes.await(ctx, h.homeRound(ctx))
	}
}

// WaitingChanged says that what waits for people may have changed. It never
// blocks.
func (h *Handler) WaitingChanged() { h.homes.stir() }

// await returns at a moment, or a little after something stirs, or when ctx ends.
func (h *homes) await(ctx context.Context, next time.Time) {
	timer := time.NewTimer(time.Until(next))
	defer timer.Stop()
	if next.IsZero() {
		timer.Stop()
	}
	select {
	case <-timer.C:
		return
	case <-h.stirred:
	case <-ctx.Done():
		return
	}
	settled := time.NewTimer(homeSettles)
	defer settled.Stop()
	select {
	case <-settled.C:
	case <-ctx.Done():
	}
}

// homeRound shows anew what has changed and may be shown, and returns when to
// look again at the latest; the zero time when only a change matters.
func (h *Handler) homeRound(ctx context.Context) time.Time {
	next, err := h.showChanged(ctx)
	if err != nil && ctx.Err() == nil {
		h.log.WarnContext(ctx, "Home tabs are not up to date", "error", err)
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
		if !again.IsZero() {
			next = earlier(next, again)
		}
	}
	return next, nil
}

// keepHome shows one Home tab anew if it has changed. When that may not be done
// yet, it returns when it may. A panic over one tab ends neither the bot nor the
// others', and counts as a failure.
func (h *Handler) keepHome(ctx context.Context, known store.Home) (again time.Time, err error) {
	defer func() {
		if recover() != nil {
			h.log.ErrorContext(ctx, "showing a Home tab panicked: this is a bug", "stack", string(debug.Stack()))
			h.homes.fail(known.User, nil, h.now())
			again, _ = h.homes.allowed(known)
		}
	}()
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
	case !idle: // its end stirs
		return time.Time{}, nil
	case at.After(now):
		return at, nil
	default:
		h.showHome(ctx, known.User, ifChanged)
		return time.Time{}, nil
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// earlier is the earlier of two moments, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
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
	if !errors.Is(err, errPaused) { // which was told when it began
		limited, _ := errors.AsType[*slack.RateLimitedError](err)
		h.homes.fail(known.User, limited, h.now())
		h.log.WarnContext(ctx, "a Home tab could not be shown; it is tried again", "error", err)
	}
	again := store.Home{User: known.User, PublishedAt: known.PublishedAt} // it shows nothing that is known
	if err := h.store.HomeShown(context.WithoutCancel(ctx), again); err != nil {
		h.log.WarnContext(ctx, "a Home tab is not tried again until something changes", "error", err)
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
