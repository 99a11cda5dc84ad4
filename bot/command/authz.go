package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/slack-go/slack"

	"smileybot/bot/slackapi"
)

// errOutsider is returned for a person who may not do this: a guest, or no
// member of the channels it takes.
var errOutsider = errors.New("a guest, or no member of the channels")

// How long the door remembers who was let in, so that a click is fast, and who was not, so that repeated
// clicks do not flood Slack. A person who was let in may act for that long after leaving the channel.
const (
	insiderFor  = time.Minute
	outsiderFor = 3 * time.Second
)

// maxRemembered bounds how many answers are remembered.
const maxRemembered = 1000

// door decides who may press buttons and see the queue.
type door struct {
	slack *slackapi.Client
	now   func() time.Time

	remembered *lru.Cache[pass, verdict]
}

// pass is a person who wants to act where the members of these channels may.
type pass struct{ user, channels string }

// verdict is what was found out about a pass.
type verdict struct {
	err   error
	until time.Time
}

func newDoor(api *slackapi.Client, now func() time.Time) *door {
	return &door{slack: api, now: now, remembered: newCache[pass, verdict](maxRemembered)}
}

// admit reports whether a person is a member of one of the channels and no
// guest: nil, [errOutsider], or [slackapi.ErrUnavailable] when Slack does not answer.
func (d *door) admit(ctx context.Context, user string, channels []string) error {
	p := pass{user, fmt.Sprint(channels)}
	if v, ok := d.remembered.Get(p); ok && d.now().Before(v.until) {
		return v.err
	}
	err := d.ask(ctx, user, channels)
	switch {
	case err == nil:
		d.remembered.Add(p, verdict{until: d.now().Add(insiderFor)})
	case errors.Is(err, errOutsider):
		d.remembered.Add(p, verdict{err: err, until: d.now().Add(outsiderFor)})
	}
	return err
}

// ask asks Slack both questions at once. One "no" is enough, even when the other
// question stays open.
func (d *door) ask(ctx context.Context, user string, channels []string) error {
	var resident, insider error
	var both sync.WaitGroup
	both.Go(func() { resident = d.resident(ctx, user) })
	both.Go(func() { insider = d.insider(ctx, user, channels) })
	both.Wait()
	err := errors.Join(resident, insider)
	if errors.Is(err, errOutsider) {
		return errOutsider
	}
	return err
}

// resident finds out whether a person belongs to the workspace and is no guest.
func (d *door) resident(ctx context.Context, id string) error {
	own, err := d.slack.Workspace(ctx)
	if err != nil {
		return err
	}
	user, err := d.slack.User(ctx, id)
	if slackapi.Code(err) == "user_not_found" {
		return errOutsider
	}
	if err != nil {
		return fmt.Errorf("%w: %w", slackapi.ErrUnavailable, err)
	}
	if guest(user, own.ID) {
		return errOutsider
	}
	return nil
}

// guest reports whether a user is not a full member of the workspace: a bot, a guest of one or several
// channels, a member of another organisation in a shared channel, or no longer there. In an organisation of several workspaces
// a member belongs to each of Enterprise.Teams.
func guest(u *slack.User, team string) bool {
	if u.Deleted || u.IsBot || u.IsRestricted || u.IsUltraRestricted || u.IsStranger {
		return true
	}
	return u.TeamID != "" && u.TeamID != team && !slices.Contains(u.Enterprise.Teams, team)
}

// insider finds out whether a person is a member of one of the channels. One
// channel that cannot be asked matters only when no other lets the person in.
func (d *door) insider(ctx context.Context, user string, channels []string) error {
	err := errOutsider
	for _, channel := range channels {
		member, failed := d.slack.IsMember(ctx, channel, user)
		if failed != nil {
			err = fmt.Errorf("%w: channel %s: %w", slackapi.ErrUnavailable, channel, failed)
		}
		if member {
			return nil
		}
	}
	return err
}

// newCache returns a cache of so many entries. They do not expire by themselves: an expirable cache has
// a goroutine that cannot be stopped, and reads a clock of its own.
func newCache[K comparable, V any](size int) *lru.Cache[K, V] {
	c, err := lru.New[K, V](size)
	if err != nil {
		panic(err) // the size is positive
	}
	return c
}
