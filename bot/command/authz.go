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

// errOutsider is returned for a user who may not act: one who is no member of the channels, or, as the
// errors that wrap it say, none of them by kind.
var (
	errOutsider = errors.New("no member of the channels")
	errGuest    = fmt.Errorf("a guest: %w", errOutsider)
	errStranger = fmt.Errorf("of another company or workspace: %w", errOutsider)
)

// insiderFor is how long an admission is cached: clicks are fast, and a user who leaves may act that
// much longer. outsiderFor is how long a refusal is cached, so that clicks do not flood Slack.
const (
	insiderFor  = time.Minute
	outsiderFor = 3 * time.Second
)

// maxDecisions bounds how many decisions are remembered.
const maxDecisions = 1000

// authorizer decides who may press buttons and see the queue.
type authorizer struct {
	slack     *slackapi.Client
	now       func() time.Time
	decisions *lru.Cache[permission, decision]
}

// permission names a user, and the channels whose members may act.
type permission struct{ user, channels string }

// decision is nil or [errOutsider], until it is asked for again.
type decision struct {
	err   error
	until time.Time
}

func newAuthorizer(api *slackapi.Client, now func() time.Time) *authorizer {
	return &authorizer{slack: api, now: now, decisions: newCache[permission, decision](maxDecisions)}
}

// admit returns nil for a member of one of the channels who is no guest, [errOutsider] for any other
// user, and [slackapi.ErrUnavailable] when Slack does not answer.
func (a *authorizer) admit(ctx context.Context, user string, channels []string) error {
	p := permission{user, fmt.Sprint(channels)}
	if d, ok := a.decisions.Get(p); ok && a.now().Before(d.until) {
		return d.err
	}
	err := a.ask(ctx, user, channels)
	switch {
	case err == nil:
		a.decisions.Add(p, decision{until: a.now().Add(insiderFor)})
	case errors.Is(err, errOutsider):
		a.decisions.Add(p, decision{err: err, until: a.now().Add(outsiderFor)})
	}
	return err
}

// ask asks Slack both questions at once. One refusal is enough, even when the other question stays
// open.
func (a *authorizer) ask(ctx context.Context, user string, channels []string) error {
	var resident, insider error
	var both sync.WaitGroup
	both.Go(func() { resident = a.checkResident(ctx, user) })
	both.Go(func() { insider = a.checkMember(ctx, user, channels) })
	both.Wait()
	for _, refusal := range []error{resident, insider} {
		if errors.Is(refusal, errOutsider) {
			return refusal
		}
	}
	return errors.Join(resident, insider)
}

// checkResident checks that a user belongs to the workspace and is no guest.
func (a *authorizer) checkResident(ctx context.Context, id string) error {
	own, err := a.slack.Workspace(ctx)
	if err != nil {
		return err
	}
	user, err := a.slack.User(ctx, id)
	switch slackapi.Code(err) {
	case "user_not_found", "users_not_found", "user_not_visible":
		return errOutsider
	}
	if err != nil {
		return fmt.Errorf("%w: %w", slackapi.ErrUnavailable, err)
	}
	return outsider(user, own)
}

// outsider returns why a user is not a full member of the workspace, nil for one who is: a bot, a guest
// of one or several channels, a member of another company in a shared channel, or no longer there. On
// Enterprise Grid the members of all workspaces of the organisation are colleagues: channels that are
// shared among the workspaces decide.
func outsider(u *slack.User, own slackapi.Workspace) error {
	colleague := u.TeamID == "" || u.TeamID == own.ID || slices.Contains(u.Enterprise.Teams, own.ID) ||
		own.Enterprise != "" && u.Enterprise.EnterpriseID == own.Enterprise
	switch {
	case u.Deleted || u.IsBot:
		return errOutsider
	case u.IsStranger || !colleague:
		return errStranger
	case u.IsRestricted || u.IsUltraRestricted:
		return errGuest
	default:
		return nil
	}
}

// checkMember checks that a user is a member of one of the channels. A channel that cannot be asked
// matters only when the user is in no other.
func (a *authorizer) checkMember(ctx context.Context, user string, channels []string) error {
	err := errOutsider
	for _, channel := range channels {
		member, failed := a.slack.IsMember(ctx, channel, user)
		if failed != nil {
			err = fmt.Errorf("%w: channel %s: %w", slackapi.ErrUnavailable, channel, failed)
		}
		if member {
			return nil
		}
	}
	return err
}

// Belongs reports whether a user may still act on a message in a Slack channel, "" before it is posted.
// While Slack cannot be reached, fails or refuses the token it returns [slackapi.ErrUnavailable]. What Slack
// refuses to say for longer, such as the members of a channel that the bot has left, counts as yes.
func (h *Handler) Belongs(ctx context.Context, user, slackChannel string) (bool, error) {
	err := h.authz.admit(ctx, user, h.channelsOf(replyTarget{channel: slackChannel}))
	said := slackapi.Classify(err)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, errOutsider):
		return false, nil
	case slackapi.Code(err) != "" && said.Class == slackapi.ClassOperator && !slackapi.AffectsWorkspace(said.Reason):
		return true, nil
	default:
		return false, err
	}
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
