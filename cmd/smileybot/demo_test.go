package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/bot/outbox"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// TestDemoOnce plays the twenty customers. The environment is full of
// nonsense, which it must not look at.
func TestDemoOnce(t *testing.T) {
	temporary := t.TempDir()
	setenv(t, map[string]string{
		"SLACK_BOT_TOKEN": canary, "SLACK_API_URL": "http://127.0.0.1:1/", "SMILEYBOT_DATABASE": "/nowhere/" + canary,
		"SMILEYBOT_TIMEZONE": canary, "TMPDIR": temporary,
	})
	done := call(t, "demo", "--once", "20", "--seed", "7")
	require.Zero(t, done.status, done.stderr)
	assert.Empty(t, done.stderr)

	_, stands, found := strings.Cut(done.stdout, "how it stands in Slack then")
	require.True(t, found)
	stands, score, found := strings.Cut(stands, "/nps month")
	require.True(t, found)
	assert.Len(t, regexp.MustCompile(`(?m)^smileybot  \d\d:\d\d`).FindAllString(stands, -1), 20)
	for _, shown := range []string{"Closed itself: the customer explained", "Withdrawn", "Done by @", "(edited)", "↳ smileybot", "[Claim Follow-Up]"} {
		assert.Contains(t, stands, shown)
	}
	assert.Contains(t, score, "NPS")
	assert.Contains(t, score, "Previous period")
	assert.Empty(t, entries(t, temporary))
}

// TestDemoInDutch: the bot speaks Dutch, and periods are understood as ever.
func TestDemoInDutch(t *testing.T) {
	done := call(t, "demo", "--once", "5", "--language", "nl")
	require.Zero(t, done.status, done.stderr)
	_, stands, found := strings.Cut(done.stdout, "how it stands in Slack then")
	require.True(t, found)
	assert.Contains(t, stands, "[Opvolging")
	assert.Contains(t, stands, "Vorige periode")
	assert.NotContains(t, stands, "Follow-Up")
}

func entries(t *testing.T, folder string) []os.DirEntry {
	t.Helper()
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	return left
}

// TestDemoUntilStopped: without --once it goes on until Ctrl-C, prints what is
// posted, and leaves nothing behind.
func TestDemoUntilStopped(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &until{word: "  posted   ", then: stop}
	var errs bytes.Buffer
	assert.Zero(t, run(ctx, []string{"demo"}, strings.NewReader(""), out, &errs), errs.String())
	assert.Regexp(t, `(?m)^Open http://127\.0\.0\.1:\d+ in a browser`, out.text.String())
	assert.Regexp(t, `smileybot send --url http://127\.0\.0\.1:\d+/webhooks/feedback --secret whsec_\S+ --id mine --smiley red`, out.text.String())
	assert.Empty(t, errs.String())
	assert.Empty(t, entries(t, temporary))
}

// until calls a function when a word is written.
type until struct {
	text bytes.Buffer
	word string
	then func()
}

func (u *until) Write(p []byte) (int, error) {
	if strings.Contains(string(p), u.word) {
		u.then()
	}
	return u.text.Write(p)
}

// TestVisitorIsQuicker: what a visitor has done already, the demo's colleagues
// leave, and the demo goes on.
func TestVisitorIsQuicker(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	pace := outbox.Pace{Post: time.Millisecond, Edits: 1e6}
	s, err := openStage(t.Context(), stageOptions{listen: "127.0.0.1:0", language: message.English, seed: 1, perDay: 1, pace: pace, log: t.Output()})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.close()) }()
	says := func(t *telling, words string) func(*fakeslack.Server) bool {
		return func(*fakeslack.Server) bool {
			shown, _ := s.shown(t.feedback)
			return strings.Contains(shown.Text, words)
		}
	}
	cast := newCast(1)
	finished := &telling{story: story{steps: helped(cast.character())}, number: 1}
	cast.count++ // another customer
	claimed := &telling{story: story{steps: helped(cast.character())}, number: 2}
	p := player{stage: s, live: true, tell: func(string) {}, on: []*telling{finished, claimed}}
	require.NoError(t, p.slot(s.ctx, 0))
	for _, told := range []*telling{finished, claimed} {
		require.NoError(t, s.await(s.ctx, "the message", says(told, "Follow-up open")))
	}
	shown, _ := s.shown(finished.feedback)
	require.NoError(t, s.finish(s.ctx, "U0BART", shown.TS, followup.OutcomeOther, "the visitor's"))
	shown, _ = s.shown(claimed.feedback)
	require.NoError(t, s.press(s.ctx, "U0BART", shown.TS, followup.ActionClaim))
	require.NoError(t, s.await(s.ctx, "the end", says(finished, "Follow-up done")))
	require.NoError(t, s.await(s.ctx, "the claim", says(claimed, "Follow-up claimed")))
	for slot := range longestStory {
		require.NoError(t, p.slot(s.ctx, slot+1))
	}
	assert.Empty(t, p.on)
	forms := 0
	for _, c := range s.slack.Calls() {
		if c.Method == "views.open" {
			forms++
		}
	}
	assert.Equal(t, 1, forms, "nobody finishes what the visitor has claimed")
	for _, c := range played() {
		assert.Empty(t, c.title)
		assert.NotEqual(t, lead(), c.user)
	}
}

func TestDemoAddressInUse(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	done := call(t, "demo", "--once", "1", "--listen", "192.0.2.1:1")
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stderr, "give another address with --listen")
	assert.Empty(t, entries(t, temporary))
}

// TestCastIsRepeatable: the same seed gives the same customers, another seed
// others.
func TestCastIsRepeatable(t *testing.T) {
	const customers = 40
	script := func(seed uint64) []string {
		var words []string
		c := newCast(seed)
		for range customers {
			for _, s := range c.next().steps {
				words = append(words, s.words)
			}
		}
		return words
	}
	assert.Equal(t, script(1), script(1))
	assert.NotEqual(t, script(1), script(2))
}

// TestStoriesEnd: every step waits for the one before, and no story is longer
// than the clocks of --once allow for.
func TestStoriesEnd(t *testing.T) {
	c := newCast(3)
	for range 100 {
		slots := 0
		for i, s := range c.next().steps {
			slots += s.wait
			assert.Equal(t, i == 0, s.wait == 0, s.words)
		}
		assert.Less(t, slots, longestStory)
	}
}

func TestHistory(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, zone)
	past := history(1, historyPerDay, now)
	assert.Equal(t, past, history(1, historyPerDay, now))
	assert.Greater(t, len(past), 5000)

	var weekdays, weekend, dip, usual score.Tally
	keys := map[feedback.Key]bool{}
	for _, e := range past {
		assert.False(t, keys[e.Key], "%v twice", e.Key)
		keys[e.Key] = true
		low, high := e.Kind.Scale()
		assert.True(t, low <= e.Answer.Rating && e.Answer.Rating <= high, "%v", e)
		assert.False(t, e.OccurredAt.After(now))
		if e.Kind != feedback.KindSmiley {
			continue
		}
		local := e.OccurredAt.In(zone)
		if slices.Contains([]time.Weekday{time.Saturday, time.Sunday}, local.Weekday()) {
			weekend.Add(e.Answer.Rating, 1)
		} else {
			weekdays.Add(e.Answer.Rating, 1)
		}
		if ago := int(now.Sub(local).Hours() / 24); dipEnded < ago && ago < dipBegan {
			dip.Add(e.Answer.Rating, 1)
		} else {
			usual.Add(e.Answer.Rating, 1)
		}
	}
	assert.Greater(t, weekdays.N()*2, 5*weekend.N()*2, "weekdays are busier")
	worse := score.Compare(
		score.PeriodScore{Score: score.Measure(score.MetricSmileys, dip)},
		score.PeriodScore{Score: score.Measure(score.MetricSmileys, usual)},
	)
	assert.Equal(t, score.Significant, worse.Significance())
	assert.Negative(t, worse.Change().Sign())
}
