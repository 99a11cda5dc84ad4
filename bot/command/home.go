package command

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/slack-go/slack"

	"smileybot/bot/internal/loop"
	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback/score"
	"smileybot/store"
)

// eventHomeOpened says that a user looks at the app
// (https://docs.slack.dev/reference/events/app_home_opened).
const eventHomeOpened = "app_home_opened"

const (
	// ratingsSince is how far back one's own ratings are shown.
	ratingsSince = 30 * 24 * time.Hour
	// homeEvery is the least time between two updates of a Home tab, unless its user does something.
	homeEvery = time.Minute
	// homeDebounce is how long a change may wait for those that come with it: the message of a new
	// rating, say.
	homeDebounce = time.Second
	// maxHomeRetry bounds the wait after failures in a row.
	maxHomeRetry = 64 * time.Minute
)

// homes is the state of the Home tabs that is kept in memory.
type homes struct {
	wake loop.Wakeup

	mu           sync.Mutex
	busy         map[string]int     // by user: publications that are under way
	leads        map[string]bool    // the leads among the users whose tabs were published since the start
	failed       map[string]failure // by user, while the tab cannot be published
	limitedUntil time.Time          // until when Slack asks not to be called
}

// A failure is until when a Home tab is not retried after it could not be published, or recorded.
type failure struct {
	backoff *backoff.ExponentialBackOff
	until   time.Time
}

func newHomes() *homes {
	return &homes{wake: loop.NewWakeup(), busy: make(map[string]int), leads: make(map[string]bool), failed: make(map[string]failure)}
}

// begin notes that a publication is under way until the returned function is called.
func (h *homes) begin(user string) (end func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy[user]++
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.busy[user]--; h.busy[user] == 0 {
			delete(h.busy, user)
		}
		h.wake.Signal()
	}
}

// setLead notes whether a user was a lead when the tab was published, so that Slack is not asked at
// each change of what waits.
func (h *homes) setLead(user string, lead bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if lead {
		h.leads[user] = true
	} else {
		delete(h.leads, user)
	}
}

func (h *homes) lead(user string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.leads[user]
}

func (h *homes) succeeded(user string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.failed, user)
}

// fail notes a failure; limited is not nil when Slack said how long to wait.
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

// Event does what an event of the own workspace asks for, and ignores an unknown one. Slack may send an
// event twice: doing it twice must do no harm.
func (h *Handler) Event(ctx context.Context, e slackapi.Event) {
	switch err := h.slack.CheckTeam(ctx, e.TeamID); {
	case err != nil:
		h.log.WarnContext(ctx, "ignored event", "type", short(e.Type), "error", err)
	case e.Type == eventHomeOpened:
		h.homeOpened(ctx, e)
	default:
		h.log.DebugContext(ctx, "ignored unknown event", "type", short(e.Type))
	}
}

// homeOpened publishes a user's Home tab, and records that it is kept up to date.
func (h *Handler) homeOpened(ctx context.Context, e slackapi.Event) {
	var opened struct {
		User string `json:"user"`
		Tab  string `json:"tab"`
	}
	if err := json.Unmarshal(e.Inner, &opened); err != nil || opened.User == "" || opened.Tab != "home" {
		return // the Messages tab, which the app does not have
	}
	began := h.now()
	defer func() { h.observe(labelHome, began) }()
	if err := h.store.OpenHome(ctx, opened.User, began); err != nil {
		h.log.WarnContext(ctx, "could not record a home tab", "error", err)
	}
	h.showHome(ctx, opened.User, always)
}

// WaitingChanged signals that what waits for people may have changed. It never blocks.
func (h *Handler) WaitingChanged() { h.homes.wake.Signal() }

// KeepHomes updates the Home tabs of the users who have opened one, when what waits for them has
// changed: each at most once a minute. It returns when ctx ends, and may be called once.
func (h *Handler) KeepHomes(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := h.updateHomes(ctx)
		if err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "could not update home tabs; will retry", "error", err)
			next = h.now().Add(homeEvery)
		}
		if !next.IsZero() {
			next = time.Now().Add(next.Sub(h.now())) // a timer goes by the monotonic clock
		}
		if loop.Wait(ctx, next, h.homes.wake) {
			loop.Sleep(ctx, homeDebounce)
		}
	}
}

// updateHomes updates what has changed and may be updated, and returns when to look again at the
// latest, zero when only a change matters.
func (h *Handler) updateHomes(ctx context.Context) (next time.Time, err error) {
	all, err := h.store.Homes(ctx)
	if err != nil || len(all) == 0 {
		return time.Time{}, err
	}
	if next, err = h.store.NextOverdue(ctx, h.now()); err != nil {
		return time.Time{}, err
	}
	for _, known := range all {
		again, err := h.updateHome(ctx, known)
		if err != nil {
			return time.Time{}, err
		}
		next = loop.Earliest(next, again)
	}
	return next, nil
}

// updateHome updates one Home tab if it has changed. While that is not allowed yet, it returns when it
// is. A panic over one tab ends neither the bot nor the others', and counts as a failure.
func (h *Handler) updateHome(ctx context.Context, known store.Home) (again time.Time, err error) {
	err = loop.Protect(ctx, h.log, "panic in home tab", func() error {
		waits, err := h.waitingFor(ctx, known.User, h.homes.lead(known.User))
		if err != nil || fingerprint(h.now(), waits.pages()...) == known.Waiting {
			return err
		}
		now := h.now()
		at, idle := h.homes.allowed(known)
		switch {
		case !idle: // its end signals
		case at.After(now) && at.Sub(now) <= maxHomeRetry: // a longer wait was noted before the clock was corrected
			again = at
		default:
			h.showHome(ctx, known.User, ifChanged)
		}
		return nil
	})
	if errors.Is(err, loop.ErrPanic) {
		h.homes.fail(known.User, nil, h.now())
		again, _ = h.homes.allowed(known)
		return again, nil
	}
	return again, err
}

// homeOfActor updates the Home tab of a user who has done something, if that changed what waits.
func (h *Handler) homeOfActor(ctx context.Context, user string) {
	if ctx.Err() != nil { // the answer took all the time
		h.WaitingChanged()
		return
	}
	h.showHome(ctx, user, ifChanged)
}

// when says when a Home tab is published.
type when bool

const (
	always    when = true
	ifChanged when = false
)

// showHome publishes a user's Home tab. After a failure [Handler.KeepHomes] retries it.
func (h *Handler) showHome(ctx context.Context, user string, w when) {
	known, err := h.store.Home(ctx, user)
	switch {
	case errors.Is(err, store.ErrNotFound):
		if w == ifChanged {
			return
		}
	case err != nil:
		h.log.WarnContext(ctx, "could not read a home tab", "error", err)
		return
	}
	known.User = user
	defer h.homes.begin(user)()
	if err := h.publish(ctx, known, w); err != nil {
		h.homeFailed(ctx, known, err)
	}
}

// publish renders a Home tab and has Slack show it. The hash keeps it from replacing a newer one: then
// it is rendered once more.
func (h *Handler) publish(ctx context.Context, known store.Home, w when) error {
	if err := h.homes.paused(h.now()); err != nil {
		return err
	}
	view, waiting, err := h.homeView(ctx, known.User)
	if err != nil || w == ifChanged && waiting == known.Waiting && waiting != "" {
		return err
	}
	hash, err := h.slack.PublishHome(ctx, known.User, view, known.Hash)
	if slackapi.Code(err) == "hash_conflict" {
		if view, waiting, err = h.homeView(ctx, known.User); err != nil {
			return err
		}
		hash, err = h.slack.PublishHome(ctx, known.User, view, "")
	}
	if err != nil {
		return err
	}
	if waiting == "" {
		err = h.store.DropHome(ctx, known.User)
	} else {
		err = h.store.HomeShown(ctx, store.Home{User: known.User, PublishedAt: h.now(), Waiting: waiting, Hash: hash})
	}
	if err == nil {
		h.homes.succeeded(known.User)
	}
	return err
}

// homeFailed has [Handler.KeepHomes] retry a Home tab that could not be published, later each time,
// unless Slack does not know the user.
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
	}
	if !errors.Is(err, errPaused) && slackapi.Code(err) != "not_enabled" { // which the client reports once
		h.log.WarnContext(ctx, "could not publish a home tab; will retry", "error", err)
	}
	again := store.Home{User: known.User, PublishedAt: known.PublishedAt} // it shows nothing that is known
	if err := h.store.HomeShown(context.WithoutCancel(ctx), again); err != nil {
		h.log.WarnContext(ctx, "could not schedule the retry of a home tab; it waits for the next change", "error", err)
	}
}

// gone reports whether Slack says that there is no such user.
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

// homeView renders the Home tab of a user. What waits is for those who may see the queue; waiting is its
// fingerprint, empty for the others.
func (h *Handler) homeView(ctx context.Context, user string) (view slack.HomeTabViewRequest, waiting string, err error) {
	now := h.now()
	scores, err := h.monthScores(ctx)
	if err != nil {
		return view, "", err
	}
	own, err := h.insider(ctx, user)
	if errors.Is(err, errOutsider) {
		return h.renderer.HomeElsewhere(h.channels, scores, now), "", nil
	}
	if err != nil {
		return view, "", err
	}
	lead := h.leads(ctx, user)
	h.homes.setLead(user, lead)
	waits, err := h.waitingFor(ctx, user, lead)
	if err != nil {
		return view, "", err
	}
	home := waits.in(own, now)
	home.Scores = scores
	if err := h.addRatings(ctx, &home, own, user); err != nil {
		return view, "", err
	}
	return h.renderer.Home(home), fingerprint(now, waits.pages()...), nil
}

// waiting is what waits for a user: what the user has claimed, what is not claimed, and for a lead what
// colleagues have claimed and is overdue.
type waiting struct{ mine, open, late store.QueuePage }

func (w waiting) pages() []store.QueuePage { return []store.QueuePage{w.mine, w.open, w.late} }

// in is what waits as a Home tab of the workspace shows it.
func (w waiting) in(own slackapi.Workspace, now time.Time) message.Home {
	return message.Home{Mine: queuePage(own, w.mine), Open: queuePage(own, w.open), Late: queuePage(own, w.late), Now: now}
}

func (h *Handler) waitingFor(ctx context.Context, user string, lead bool) (w waiting, err error) {
	page := store.Page{Limit: message.HomeRoom}
	if w.mine, err = h.store.ClaimedBy(ctx, user, page); err != nil {
		return w, err
	}
	if w.open, err = h.store.Unclaimed(ctx, page); err != nil || !lead {
		return w, err
	}
	w.late, err = h.store.OverdueOfOthers(ctx, user, h.now(), page)
	return w, err
}

// leads reports whether a user is a lead: a member of a lead channel of its own. It is false while
// Slack cannot say.
func (h *Handler) leads(ctx context.Context, user string) bool {
	return h.lead != "" && h.authz.admit(ctx, user, []string{h.lead}) == nil
}

func queuePage(own slackapi.Workspace, p store.QueuePage) message.QueuePage {
	return message.QueuePage{Entries: entries(own, p.First), Total: p.Total}
}

// entries links each feedback to its message.
func entries(own slackapi.Workspace, all []store.PostedFeedback) []message.Entry {
	var linked []message.Entry
	for _, c := range all {
		linked = append(linked, message.Entry{Snapshot: c.Snapshot, Permalink: own.Permalink(c.SlackChannel, c.TS)})
	}
	return linked
}

// fingerprint differs when what a Home tab shows as waiting differs. It is never empty.
func fingerprint(now time.Time, pages ...store.QueuePage) string {
	var all strings.Builder
	for _, page := range pages {
		fmt.Fprintf(&all, "%d\n", page.Total)
		for _, c := range page.First {
			fmt.Fprintf(&all, "%s %d %s %t\n", c.Feedback.ID, c.Feedback.Revision, c.TS, c.FollowUp.Overdue(now))
		}
	}
	sum := sha256.Sum256([]byte(all.String()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// addRatings adds the ratings of a user's own answers, if the user is known as an agent.
func (h *Handler) addRatings(ctx context.Context, home *message.Home, own slackapi.Workspace, user string) error {
	since := home.Now.Add(-ratingsSince)
	emails, err := h.store.AgentEmails(ctx, since)
	if err != nil {
		return err
	}
	var rated []store.PostedFeedback
	for _, email := range h.agents.emailsOf(ctx, user, emails) {
		more, err := h.store.RatingsOf(ctx, email, since, message.HomeRoom)
		if err != nil {
			return err
		}
		home.Rated = true
		rated = append(rated, more...)
	}
	slices.SortStableFunc(rated, store.Latest)
	home.Ratings = entries(own, rated)
	return nil
}

// monthScores are the team's scores of this month so far.
func (h *Handler) monthScores(ctx context.Context) ([]score.Score, error) {
	month, err := score.ParsePeriod("month", h.today())
	if err != nil {
		return nil, err
	}
	var scores []score.Score
	for _, metric := range []score.Metric{
		score.MetricCSAT, score.MetricCSAT5, score.MetricNPS, score.MetricCES, score.MetricNLS,
	} {
		report, err := h.store.Report(ctx, score.NewQuery(metric, month))
		if err != nil {
			return nil, err
		}
		scores = append(scores, report.Score)
	}
	return scores, nil
}
