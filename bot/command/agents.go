package command

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"

	"smileybot/bot/slackapi"
)

const (
	// acquaintedFor is how long it is remembered who has an e-mail address, and
	// that nobody has it.
	acquaintedFor = 24 * time.Hour
	// unscopedFor is how long Slack is not asked after it said that the token may
	// not. The app may be installed again at any moment, often with the same token.
	unscopedFor = time.Minute
	// maxAcquaintances bounds how many addresses are remembered.
	maxAcquaintances = 1000
	// lookups bounds how many addresses are asked for at once; Slack takes some 50
	// a minute (docs.slack.dev, users.lookupByEmail, Tier 3). The others follow
	// when somebody's Home tab is shown the next time.
	lookups           = 50
	lookupsConcurrent = 5
)

// agents tells which agents of the ticket system a user of Slack is, by their
// e-mail addresses. Addresses are asked for when they are first needed.
type agents struct {
	slack *slackapi.Client
	now   func() time.Time
	log   *slog.Logger

	mu       sync.Mutex
	known    map[string]acquaintance // by address in lower case
	silent   time.Time               // until when Slack is not asked
	unscoped bool                    // Slack last said that the token may not ask
}

// acquaintance is who has an address; nobody when user is empty.
type acquaintance struct {
	user  string
	until time.Time
}

func newAgents(api *slackapi.Client, now func() time.Time, log *slog.Logger) *agents {
	return &agents{slack: api, now: now, log: log, known: make(map[string]acquaintance)}
}

// are picks the addresses that are a user's. An address that Slack cannot be
// asked about now is left out.
func (a *agents) are(ctx context.Context, user string, emails []string) []string {
	a.ask(ctx, a.strangers(emails))
	a.mu.Lock()
	defer a.mu.Unlock()
	var own []string
	for _, email := range emails {
		if a.known[strings.ToLower(email)].user == user {
			own = append(own, email)
		}
	}
	return own
}

// strangers picks the addresses to ask Slack about.
func (a *agents) strangers(emails []string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if now.Before(a.silent) {
		return nil
	}
	unknown := make(map[string]bool)
	for _, email := range emails {
		email = strings.ToLower(email)
		if len(unknown) < lookups && !now.Before(a.known[email].until) {
			unknown[email] = true
		}
	}
	return slices.Collect(maps.Keys(unknown))
}

func (a *agents) ask(ctx context.Context, emails []string) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var asking errgroup.Group
	asking.SetLimit(lookupsConcurrent)
	for _, email := range emails {
		asking.Go(func() error {
			if !a.hushed() {
				user, err := a.slack.UserIDByEmail(ctx, email)
				a.learn(ctx, email, user, err)
			}
			return nil
		})
	}
	_ = asking.Wait()
}

func (a *agents) hushed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now().Before(a.silent)
}

// learn remembers what Slack said of an address; one that is none of Slack's, or
// none at all, is nobody's. Without the scope nobody is known, which is said once.
func (a *agents) learn(ctx context.Context, email, user string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if limited, wait := errors.AsType[*slack.RateLimitedError](err); wait {
		a.silent = now.Add(limited.RetryAfter)
		return
	}
	switch refusal := slackapi.Code(err); {
	case err == nil, refusal == "users_not_found", refusal == "user_not_found", refusal == "invalid_arguments":
		a.makeRoom(now)
		a.known[email] = acquaintance{user: user, until: now.Add(acquaintedFor)}
		a.unscoped = false
	case refusal == "missing_scope":
		if !a.unscoped {
			a.log.InfoContext(ctx, "home tabs lack people's own ratings: the token lacks the scope users:read.email")
		}
		a.silent, a.unscoped = now.Add(unscopedFor), true
	}
}

// makeRoom forgets what has expired when there is no more room, or else all.
func (a *agents) makeRoom(now time.Time) {
	if len(a.known) < maxAcquaintances {
		return
	}
	maps.DeleteFunc(a.known, func(_ string, old acquaintance) bool { return !now.Before(old.until) })
	if len(a.known) >= maxAcquaintances {
		clear(a.known)
	}
}
