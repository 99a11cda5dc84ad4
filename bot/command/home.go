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
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
)

// eventHomeOpened says that somebody looks at the app
// (https://docs.slack.dev/reference/events/app_home_opened).
const eventHomeOpened = "app_home_opened"

// ratingsSince is how far back one's own ratings are shown.
const ratingsSince = 30 * 24 * time.Hour

// homeOpened shows a person's Home tab anew, and remembers to keep it so.
func (h *Handler) homeOpened(ctx context.Context, e slackapi.Event) {
	var opened struct {
		User string `json:"user"`
		Tab  string `json:"tab"`
	}
	if err := json.Unmarshal(e.Inner, &opened); err != nil || opened.User == "" || opened.Tab != "home" {
		return // the Messages tab, which the app does not have
	}
	began := h.now()
	defer func() { h.took(labelHome, began) }()
	if err := h.store.OpenHome(ctx, opened.User, began); err != nil {
		h.log.WarnContext(ctx, "could not remember a home tab", "error", err)
	}
	h.showHome(ctx, opened.User, always)
}

// homeOfActor shows the Home tab of a person anew who has done something, if
// that changed what waits for them.
func (h *Handler) homeOfActor(ctx context.Context, user string) {
	if ctx.Err() != nil { // the answer has taken all the time there was
		h.WaitingChanged()
		return
	}
	h.showHome(ctx, user, ifChanged)
}

// When a Home tab is shown anew.
type when bool

const (
	always    when = true
	ifChanged when = false
)

// showHome shows a person's Home tab anew. When that fails, it is tried again
// later, see KeepHomes.
func (h *Handler) showHome(ctx context.Context, user string, w when) {
	known, err := h.store.Home(ctx, user)
	if err != nil && (w == ifChanged || !errors.Is(err, store.ErrNotFound)) {
		if !errors.Is(err, store.ErrNotFound) {
			h.log.WarnContext(ctx, "could not read a home tab", "error", err)
		}
		return
	}
	known.User = user
	h.homes.begin(user)
	defer h.homes.end(user)
	if err := h.publish(ctx, known, w); err != nil {
		h.homeFailed(ctx, known, err)
	}
}

// homeTab is a Home tab to be shown.
type homeTab struct {
	view slack.HomeTabViewRequest
	// waiting is the fingerprint of what it shows as waiting; empty for somebody
	// who may not see that.
	waiting string
}

// publish renders a Home tab as all stands now and has Slack show it. The hash
// keeps it from taking the place of a newer one: then it is rendered once more.
func (h *Handler) publish(ctx context.Context, known store.Home, w when) error {
	if err := h.homes.paused(h.now()); err != nil {
		return err
	}
	v, err := h.homeView(ctx, known.User)
	if err != nil || w == ifChanged && v.waiting == known.Waiting && v.waiting != "" {
		return err
	}
	hash, err := h.slack.PublishHome(ctx, known.User, v.view, known.Hash)
	if slackapi.Code(err) == "hash_conflict" {
		if v, err = h.homeView(ctx, known.User); err != nil {
			return err
		}
		hash, err = h.slack.PublishHome(ctx, known.User, v.view, "")
	}
	if err != nil {
		return err
	}
	if v.waiting == "" {
		err = h.store.DropHome(ctx, known.User)
	} else {
		err = h.store.HomeShown(ctx, store.Home{User: known.User, PublishedAt: h.now(), Waiting: v.waiting, Hash: hash})
	}
	if err == nil {
		h.homes.succeeded(known.User)
	}
	return err
}

// homeView renders the Home tab of a person: what waits is for those who may see
// the queue.
func (h *Handler) homeView(ctx context.Context, user string) (homeTab, error) {
	now := h.now()
	scores, err := h.monthScores(ctx, now)
	if err != nil {
		return homeTab{}, err
	}
	err = h.door.admit(ctx, user, h.channels)
	if errors.Is(err, errOutsider) {
		return homeTab{view: h.speaker.HomeElsewhere(h.channels, scores, now)}, nil
	}
	if err != nil {
		return homeTab{}, err
	}
	own, err := h.slack.Workspace(ctx)
	if err != nil {
		return homeTab{}, err
	}
	mine, open, err := h.waitingFor(ctx, user)
	if err != nil {
		return homeTab{}, err
	}
	home := message.Home{Mine: queuePage(own, mine), Open: queuePage(own, open), Scores: scores, Now: now}
	if err := h.addRatings(ctx, &home, own, user); err != nil {
		return homeTab{}, err
	}
	return homeTab{view: h.speaker.Home(home), waiting: fingerprint(now, mine, open)}, nil
}

// waitingFor lists what a person has claimed, and what nobody has.
func (h *Handler) waitingFor(ctx context.Context, user string) (mine, open store.QueuePage, err error) {
	if mine, err = h.store.ClaimedBy(ctx, user, store.Page{Limit: message.HomeRoom}); err != nil {
		return mine, open, err
	}
	open, err = h.store.Unclaimed(ctx, store.Page{Limit: message.HomeRoom})
	return mine, open, err
}

func queuePage(own slackapi.Workspace, s store.QueuePage) message.QueuePage {
	return message.QueuePage{Entries: linked(own, s.First), Total: s.Total}
}

// linked adds to each where its message stands.
func linked(own slackapi.Workspace, all []store.PostedCase) []message.Entry {
	var shown []message.Entry
	for _, w := range all {
		shown = append(shown, message.Entry{Snapshot: w.Snapshot, Permalink: own.Permalink(w.SlackChannel, w.TS)})
	}
	return shown
}

// fingerprint tells whether what a Home tab shows as waiting has changed. It is
// never empty.
func fingerprint(now time.Time, shares ...store.QueuePage) string {
	var all strings.Builder
	for _, share := range shares {
		fmt.Fprintf(&all, "%d\n", share.Total)
		for _, w := range share.First {
			fmt.Fprintf(&all, "%s %d %s %t\n", w.Feedback.ID, w.Feedback.Revision, w.TS, w.FollowUp.Overdue(now))
		}
	}
	sum := sha256.Sum256([]byte(all.String()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// addRatings adds how customers rated a person's own answers, if the person is
// known as an agent.
func (h *Handler) addRatings(ctx context.Context, home *message.Home, own slackapi.Workspace, user string) error {
	since := home.Now.Add(-ratingsSince)
	emails, err := h.store.AgentEmails(ctx, since)
	if err != nil {
		return err
	}
	var rated []store.PostedCase
	for _, email := range h.agents.are(ctx, user, emails) {
		more, err := h.store.RatingsOf(ctx, email, since, message.HomeRoom)
		if err != nil {
			return err
		}
		home.Rated = true
		rated = append(rated, more...)
	}
	slices.SortStableFunc(rated, store.Latest)
	home.Ratings = linked(own, rated)
	return nil
}

// monthScores are the team's scores of this month so far.
func (h *Handler) monthScores(ctx context.Context, now time.Time) ([]score.Score, error) {
	month, err := score.ParsePeriod("month", office.DayOf(now, h.location))
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
