package command

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"

	"smileybot/bot/slackapi"
)

const (
	// cachedFor is how long it is remembered who has an e-mail address, and that no user has it.
	cachedFor = 24 * time.Hour
	// unscopedFor is how long Slack is not asked after it said that the token may not. The app may be
	// installed again at any moment, often with the same token.
	unscopedFor = time.Minute
	// maxCachedUsers bounds how many addresses are remembered.
	maxCachedUsers = 1000
	// lookupsPerRun bounds how many addresses are looked up at once; Slack allows some 50 a minute
	// (docs.slack.dev, users.lookupByEmail, Tier 3). The others follow when a Home tab is shown the next
	// time.
	lookupsPerRun     = 50
	lookupsConcurrent = 5
)

// agents finds out which agents of the ticket system a user of Slack is, by their e-mail addresses.
// Addresses are looked up when they are first needed.
type agents struct {
	slack *slackapi.Client
	now   func() time.Time
	log   *slog.Logger
	cache *lru.Cache[string, cachedUser] // by address in lower case

	mu           sync.Mutex
	limitedUntil time.Time // until when Slack is not asked
	unscoped     bool      // Slack last said that the token may not ask
}

// A cachedUser is the user who has an address, empty when no user has it.
type cachedUser struct {
	user  string
	until time.Time
}

func newAgents(api *slackapi.Client, now func() time.Time, log *slog.Logger) *agents {
	return &agents{slack: api, now: now, log: log, cache: newCache[string, cachedUser](maxCachedUsers)}
}

// emailsOf picks the addresses that are a user's. It leaves out those that Slack cannot be asked about
// now.
func (a *agents) emailsOf(ctx context.Context, user string, emails []string) []string {
	a.lookUp(ctx, a.toLookUp(emails))
	var own []string
	for _, email := range emails {
		if cached, ok := a.cache.Get(strings.ToLower(email)); ok && cached.user == user {
			own = append(own, email)
		}
	}
	return own
}

// toLookUp picks the addresses to ask Slack about.
func (a *agents) toLookUp(emails []string) []string {
	if a.rateLimited() {
		return nil
	}
	var unknown []string
	for _, email := range emails {
		email = strings.ToLower(email)
		cached, _ := a.cache.Get(email)
		if len(unknown) < lookupsPerRun && !a.now().Before(cached.until) && !slices.Contains(unknown, email) {
			unknown = append(unknown, email)
		}
	}
	return unknown
}

func (a *agents) lookUp(ctx context.Context, emails []string) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var lookups errgroup.Group
	lookups.SetLimit(lookupsConcurrent)
	for _, email := range emails {
		lookups.Go(func() error {
			if !a.rateLimited() {
				user, err := a.slack.UserIDByEmail(ctx, email)
				a.learn(ctx, email, user, err)
			}
			return nil
		})
	}
	_ = lookups.Wait()
}

func (a *agents) rateLimited() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now().Before(a.limitedUntil)
}

// learn remembers Slack's answer about an address. An address that Slack does not know, or that is not
// valid, belongs to no user. Without the scope no user is known, which is logged once.
func (a *agents) learn(ctx context.Context, email, user string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if limited, wait := errors.AsType[*slack.RateLimitedError](err); wait {
		a.limitedUntil = now.Add(limited.RetryAfter)
		return
	}
	switch refusal := slackapi.Code(err); {
	case err == nil, refusal == "users_not_found", refusal == "user_not_found", refusal == "invalid_arguments":
		a.cache.Add(email, cachedUser{user: user, until: now.Add(cachedFor)})
		a.unscoped = false
	case refusal == "missing_scope":
		if !a.unscoped {
			a.log.InfoContext(ctx, "home tabs lack people's own ratings: the token lacks the scope users:read.email")
		}
		a.limitedUntil, a.unscoped = now.Add(unscopedFor), true
	}
}
