package message_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/bot/message"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// scoreOf is a metric's score of a tally: how many answers gave each value.
func scoreOf(m score.Metric, values map[int]int64) score.Score {
	var tally score.Tally
	for value, n := range values {
		tally.Add(value, n)
	}
	return score.Measure(m, tally)
}

// numbered returns an entry with an id of its own.
func numbered(w message.Entry, n int) message.Entry {
	w.Feedback.ID = fmt.Sprintf("019a9f3e-7c2b-7d4e-8f00-%012d", n)
	return w
}

func TestHomeGolden(t *testing.T) {
	t.Parallel()
	urgent := numbered(waiting(followup.StateClaimed, func(v *followup.Snapshot) {
		v.Feedback.Ticket.Urgent, v.Feedback.Comment = true, "It was <!channel> & step 3.\nReally."
	}), 1)
	open := numbered(waiting(followup.StateOpen, func(v *followup.Snapshot) { v.Feedback.Customer = feedback.Person{} }), 2)
	open.Permalink, open.FollowUp.DueAt = "", at.Add(24*time.Hour)
	praise := numbered(waiting(followup.StateNone, func(v *followup.Snapshot) {
		v.Feedback.Rating, v.Feedback.Comment = feedback.Green.Value(), "Top!"
	}), 3)
	scores := []score.Score{
		scoreOf(score.MetricCSAT, map[int]int64{1: 5, 2: 8, 3: 87}),
		scoreOf(score.MetricCSAT5, nil),
		scoreOf(score.MetricNPS, map[int]int64{3: 20, 7: 30, 9: 62}),
		scoreOf(score.MetricCES, map[int]int64{6: 12}),
		scoreOf(score.MetricNLS, map[int]int64{9: 4}),
	}
	now := at.Add(5 * time.Hour)
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range []struct {
			name string
			view slack.HomeTabViewRequest
		}{
			{"home", r.Home(message.Home{
				Mine: message.QueuePage{Entries: []message.Entry{urgent}, Total: 1}, Open: message.QueuePage{Entries: []message.Entry{open}, Total: 14},
				Rated: true, Ratings: []message.Entry{praise}, Scores: scores, Now: now,
			})},
			{"home_empty", r.Home(message.Home{Rated: true, Now: now})},
			{"home_elsewhere", r.HomeElsewhere([]string{"C0SUPPORT", "C0LEADS"}, scores[:1], now)},
		} {
			golden(t, r, test.name, test.view)
			acceptedHome(t, test.view)
		}
	})
}

// acceptedHome checks that Slack would accept a Home tab.
func acceptedHome(t require.TestingT, view slack.HomeTabViewRequest) {
	raw := asJSON(t, view)
	assert.Empty(t, fakeslack.ValidateView(raw, "home"))
	assert.LessOrEqual(t, len(view.Blocks.BlockSet), 100)
	var tree any
	require.NoError(t, json.Unmarshal(raw, &tree))
	walk(tree, func(n node) {
		if n["type"] == "mrkdwn" {
			harmless(t, n["text"].(string))
		}
	})
}

func TestAnyHomeIsAcceptedBySlack(t *testing.T) {
	t.Parallel()
	pile := func(t *rapid.T, first int, name string) message.QueuePage {
		var p message.QueuePage
		for i := range rapid.IntRange(0, 12).Draw(t, name) {
			w := message.Entry{Snapshot: anyCase().Draw(t, "view"), Permalink: anything(100).Draw(t, "link")}
			p.Entries = append(p.Entries, numbered(w, first+i))
		}
		p.Total = len(p.Entries)
		return p
	}
	rapid.Check(t, func(t *rapid.T) {
		r := anyRenderer().Draw(t, "renderer")
		h := message.Home{
			Mine: pile(t, 0, "mine"), Open: pile(t, 100, "open"), Rated: true, Ratings: pile(t, 200, "ratings").Entries, Now: at,
		}
		view := r.Home(h)
		acceptedHome(t, view)
		assert.NotContains(t, string(asJSON(t, view)), "secret@example.com")
		acceptedHome(t, r.HomeElsewhere([]string{anything(50).Draw(t, "channel"), "C1"}, nil, at))
	})
}

// TestLongestHomeFits checks that however much waits, the first follow-ups are shown with their
// buttons, and the rest is counted.
func TestLongestHomeFits(t *testing.T) {
	t.Parallel()
	long := waiting(followup.StateClaimed, func(v *followup.Snapshot) {
		filler := make([]rune, 3000)
		for i := range filler {
			filler[i] = '&'
		}
		v.Feedback.Comment, v.Feedback.Customer.Name, v.Feedback.Ticket.Subject = string(filler), string(filler), string(filler)
		v.Feedback.Ticket.URL = "https://tickets.example.org/" + string(filler[:2900])
	})
	var h message.Home
	for i := range 40 {
		h.Mine.Entries = append(h.Mine.Entries, numbered(long, i))
		h.Open.Entries = append(h.Open.Entries, numbered(long, 100+i))
	}
	h.Mine.Total, h.Open.Total, h.Now = 1040, 40, at
	view := english.Home(h)
	acceptedHome(t, view)
	buttons := 0
	for _, block := range view.Blocks.BlockSet {
		if _, ok := block.(*slack.ActionBlock); ok {
			buttons++
		}
	}
	assert.Greater(t, buttons, 5)
	assert.True(t, regexp.MustCompile(`"And 1,0\d\d more: /followups"`).Match(asJSON(t, view)), "the rest is counted")
}
