package demo

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"reflect"
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

// canary is in every variable of the environment that the demo must not read.
const canary = "c4n4ry"

// play runs a demo to its end, in a temporary folder that must be empty afterwards, and returns what
// it printed. The environment is full of wrong settings.
func play(t *testing.T, o Options) (printed string, err error) {
	t.Helper()
	folder := t.TempDir()
	for _, c := range []struct {
		name  string
		value string
	}{
		{"SLACK_BOT_TOKEN", canary},
		{"SLACK_API_URL", "http://127.0.0.1:1/"},
		{"SMILEYBOT_DATABASE", "/nowhere/" + canary},
		{"SMILEYBOT_TIMEZONE", canary},
		{"TMPDIR", folder},
	} {
		t.Setenv(c.name, c.value)
	}
	var out, log bytes.Buffer
	o.Log = warnings(&log)
	err = Run(t.Context(), o, &out)
	assert.Empty(t, log.String())
	assert.NotContains(t, out.String(), canary)
	assert.Empty(t, entries(t, folder))
	return out.String(), err
}

func entries(t *testing.T, folder string) []os.DirEntry {
	t.Helper()
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	return left
}

// warnings is the log of a demo in a writer.
func warnings(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// options are those of a quick demo.
func options(once int, language message.Language) Options {
	return Options{Once: once, Seed: 7, Listen: "127.0.0.1:0", Language: language}
}

// TestOnceShowsEverythingTheBotDoes plays twenty customers, who show everything the bot does.
func TestOnceShowsEverythingTheBotDoes(t *testing.T) {
	printed, err := play(t, options(20, message.English))
	require.NoError(t, err)
	_, channel, found := strings.Cut(printed, "#support in Slack afterwards")
	require.True(t, found)
	channel, leads, found := strings.Cut(channel, "#leads in Slack afterwards")
	require.True(t, found)
	leads, score, found := strings.Cut(leads, "/nps 30d")
	require.True(t, found)
	messages := regexp.MustCompile(`(?m)^smileybot  \d\d:\d\d`)
	assert.Len(t, messages.FindAllString(channel, -1), 20+3, "the prologue's customers are three")
	assert.GreaterOrEqual(t, len(messages.FindAllString(leads, -1)), 5, "three digests, an alert and an escalation")
	assert.Contains(t, leads, "/followups overdue")
	assert.Contains(t, leads, "/smileys 7d by channel")
	for _, shown := range []string{"Closed: the customer explained", "Withdrawn", "Done by @", "(edited)", "↳ smileybot", "[Claim]"} {
		assert.Contains(t, channel, shown)
	}
	assert.Contains(t, score, "NPS")
	assert.Contains(t, score, "Before (")
}

// TestOnceInDutch checks that the bot speaks Dutch, and still understands English periods.
func TestOnceInDutch(t *testing.T) {
	printed, err := play(t, options(5, message.Dutch))
	require.NoError(t, err)
	assert.Contains(t, printed, "[Oppakken]")
	assert.NotContains(t, printed, "Follow-Up")
	assert.Contains(t, printed, "Daarvoor (")
	for _, english := range []string{"today", "yesterday", "edited", "visible", "gives", "comments", "afterwards", " and "} {
		assert.NotContains(t, printed, english)
	}
}

// TestDemoRunsUntilStopped checks that the demo without Once runs until its context ends, prints what is
// posted, and leaves nothing behind.
func TestDemoRunsUntilStopped(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &until{word: "  posted   ", then: stop}
	var log bytes.Buffer
	o := options(0, message.English)
	o.Log = warnings(&log)
	require.NoError(t, Run(ctx, o, out))
	assert.Regexp(t, `(?m)^Open http://127\.0\.0\.1:\d+ in a browser`, out.text.String())
	assert.Regexp(t, `smileybot send --url http://127\.0\.0\.1:\d+/webhooks/feedback --secret whsec_\S+ --id mine --smiley red`, out.text.String())
	assert.Empty(t, log.String())
	assert.Empty(t, entries(t, folder))
}

// until is a writer that calls a function when a word is written.
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

// TestColleaguesSkipWhatAVisitorHasDone checks that the demo's colleagues skip what a visitor has already done, and
// that the demo goes on.
func TestColleaguesSkipWhatAVisitorHasDone(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	o := options(0, message.English)
	o.Log = warnings(t.Output())
	s, err := openStage(t.Context(), o, 1, outbox.Pace{Post: time.Millisecond, Edits: 1e6})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.close()) }()
	shows := func(p *performance, words string) func(*fakeslack.Server) bool {
		return func(*fakeslack.Server) bool {
			m, _ := s.messageOf(p.feedback)
			return strings.Contains(m.Text, words)
		}
	}
	cast := newCast(1, message.English)
	finished := &performance{story: story{steps: helped(cast.character())}, number: 1}
	cast.count++ // another customer
	claimed := &performance{story: story{steps: helped(cast.character())}, number: 2}
	p := player{stage: s, live: true, narrate: func(string) {}, running: []*performance{finished, claimed}}
	require.NoError(t, p.slot(s.ctx, 0))
	for _, f := range []*performance{finished, claimed} {
		require.NoError(t, s.await(s.ctx, "the message", shows(f, "Follow-up open")))
	}
	m, _ := s.messageOf(finished.feedback)
	require.NoError(t, s.finish(s.ctx, "U0BART", m.TS, followup.OutcomeOther, "the visitor's"))
	m, _ = s.messageOf(claimed.feedback)
	require.NoError(t, s.press(s.ctx, "U0BART", m.TS, followup.ActionClaim))
	require.NoError(t, s.await(s.ctx, "the end", shows(finished, "Follow-up done")))
	require.NoError(t, s.await(s.ctx, "the claim", shows(claimed, "Follow-up claimed")))
	for slot := range longestStory {
		require.NoError(t, p.slot(s.ctx, slot+1))
	}
	assert.Empty(t, p.running)
	forms := 0
	for _, c := range s.slack.Calls() {
		if c.Method == "views.open" {
			forms++
		}
	}
	assert.Equal(t, 1, forms, "no colleague finishes what the visitor has claimed")
	for _, c := range actors() {
		assert.False(t, c.playable)
		assert.NotEqual(t, lead(), c.user)
	}
}

func TestUnusableAddressNamesTheFlag(t *testing.T) {
	o := options(1, message.English)
	o.Listen = "192.0.2.1:1"
	_, err := play(t, o)
	assert.ErrorContains(t, err, "give another address with --listen")
}

// TestCastIsRepeatable checks that the same seed gives the same customers, and another seed others.
func TestCastIsRepeatable(t *testing.T) {
	const customers = 40
	script := func(seed uint64) []string {
		var words []string
		c := newCast(seed, message.English)
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

// TestStoriesEnd checks that every step waits for the one before, and that no story is longer than
// the times of Once allow for.
func TestStoriesEnd(t *testing.T) {
	c := newCast(3, message.Dutch)
	for range 100 {
		slots := 0
		for i, s := range c.next().steps {
			slots += s.wait
			assert.Equal(t, i == 0, s.wait == 0, s.words)
		}
		assert.Less(t, slots, longestStory)
	}
}

// TestLinesMatchAcrossLanguages checks that a seed gives the same story in each language.
func TestLinesMatchAcrossLanguages(t *testing.T) {
	english, dutch := linesIn(message.English), linesIn(message.Dutch)
	require.Len(t, dutch.topics, len(english.topics))
	for i, topic := range english.topics {
		assert.Equal(t, topic.outcome, dutch.topics[i].outcome, topic.subject)
		assert.NotEqual(t, topic.complaint, dutch.topics[i].complaint)
	}
	assert.Len(t, dutch.thanks, len(english.thanks))
	assert.Len(t, dutch.praises, len(english.praises))
	assert.Len(t, dutch.complaints, len(english.complaints))
}

// TestHistoryIsRepeatableAndHasADip checks the history's size, weekends and dip.
func TestHistoryIsRepeatableAndHasADip(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, zone)
	past := newHistory(1, historyPerDay, now, message.English).until(now)
	again := newHistory(1, historyPerDay, now, message.English)
	inPieces := append(again.until(now.AddDate(0, 0, -40)), again.until(now)...)
	byDay := func(a, b feedback.Event) int { return strings.Compare(a.ID, b.ID) }
	same := reflect.DeepEqual(slices.SortedFunc(slices.Values(past), byDay), slices.SortedFunc(slices.Values(inPieces), byDay))
	assert.True(t, same, "the same seed gives the same history, in pieces, too")
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
