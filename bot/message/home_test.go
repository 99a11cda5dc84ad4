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

// numbered gives feedback an id of its own.
func numbered(w message.Waiting, n int) message.Waiting {
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
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		for name, view := range map[string]slack.HomeTabViewRequest{
			"home": s.Home(message.Home{
				Mine: message.Pile{First: []message.Waiting{urgent}, Total: 1}, Open: message.Pile{First: []message.Waiting{open}, Total: 14},
				Rated: true, Ratings: []message.Waiting{praise}, Scores: scores, Now: now,
			}),
			"home_empty":     s.Home(message.Home{Rated: true, Now: now}),
			"home_elsewhere": s.HomeElsewhere([]string{"C0SUPPORT", "C0LEADS"}, scores[:1], now),
		} {
			golden(t, s, name, view)
			taken(t, view)
		}
	})
}

// taken checks that Slack would take a Home tab.
func taken(t require.TestingT, view slack.HomeTabViewRequest) {
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

func TestAnyHomeIsTakenBySlack(t *testing.T) {
	t.Parallel()
	pile := func(t *rapid.T, first int, name string) message.Pile {
		var p message.Pile
		for i := range rapid.IntRange(0, 20).Draw(t, name) {
			w := message.Waiting{Snapshot: anyView().Draw(t, "view"), Permalink: anything(100).Draw(t, "link")}
			p.First = append(p.First, numbered(w, first+i))
		}
		p.Total = len(p.First)
		return p
	}
	rapid.Check(t, func(t *rapid.T) {
		s := anySpeaker().Draw(t, "speaker")
		h := message.Home{
			Mine: pile(t, 0, "mine"), Open: pile(t, 100, "open"), Rated: true, Ratings: pile(t, 200, "ratings").First, Now: at,
		}
		view := s.Home(h)
		taken(t, view)
		assert.NotContains(t, string(asJSON(t, view)), "secret@example.com")
		taken(t, s.HomeElsewhere([]string{anything(50).Draw(t, "channel"), "C1"}, nil, at))
	})
}

// TestHomeAtItsLongest: however much waits, the first of it is shown with its
// buttons, and the rest counted.
func TestHomeAtItsLongest(t *testing.T) {
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
		h.Mine.First = append(h.Mine.First, numbered(long, i))
		h.Open.First = append(h.Open.First, numbered(long, 100+i))
	}
	h.Mine.Total, h.Open.Total, h.Now = 1040, 40, at
	view := english.Home(h)
	taken(t, view)
	buttons := 0
	for _, block := range view.Blocks.BlockSet {
		if _, ok := block.(*slack.ActionBlock); ok {
			buttons++
		}
	}
	assert.Greater(t, buttons, 5)
	assert.True(t, regexp.MustCompile(`"And 1,0\d\d more: /followups"`).Match(asJSON(t, view)), "the rest is counted")
}
