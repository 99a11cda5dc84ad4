package main

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

// kept makes a database with events and names it in the environment.
func kept(t *testing.T, events ...feedback.Event) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	s, err := sqlite.Open(t.Context(), path, storetest.Options(t))
	require.NoError(t, err)
	storetest.Import(t, s, time.Now(), events...)
	require.NoError(t, s.Close())
	setenv(t, map[string]string{"SMILEYBOT_DATABASE": path})
}

// octobers returns NPS answers of October 2026.
func octobers(scores ...int) []feedback.Event {
	var events []feedback.Event
	for i, score := range scores {
		events = append(events, storetest.Score(strconv.Itoa(i), feedback.KindNPS, score, time.Date(2026, 10, 5, 12, i, 0, 0, time.UTC)))
	}
	return events
}

func TestScoreJSON(t *testing.T) {
	kept(t, octobers(9, 10, 9, 10, 9, 7, 8, 7, 6, 0)...)
	done := call(t, "score", "NPS", "2026-10", "--json")
	require.Zero(t, done.status, done.stderr)
	assert.JSONEq(t, `{
		"metric": "nps", "from": "2026-10-01", "to": "2026-10-31", "n": 10, "customers": 10, "effective_n": 10.0, "voided": 0,
		"score": 30.0, "interval": [-19.1, 65.2], "split": {"promoters": 5, "passives": 3, "detractors": 2},
		"previous": {
			"metric": "nps", "from": "2026-09-01", "to": "2026-09-30", "n": 0, "customers": 0, "effective_n": 0.0, "voided": 0,
			"score": null, "interval": null, "split": {"promoters": 0, "passives": 0, "detractors": 0}
		},
		"change": null, "real_change": null
	}`, done.stdout)
}

func TestScoreText(t *testing.T) {
	kept(t, octobers(9, 10, 9, 10, 9, 7, 8, 7, 6, 0)...)
	done := call(t, "score", "nps", "2026-10-01", "..", "2026-10-15")
	require.Zero(t, done.status, done.stderr)
	assert.Regexp(t, `^NPS \+30 · 1–15 October 2026\n`, done.stdout)
	assert.Contains(t, done.stdout, "Margin of error: between −19 and +65.")
	assert.NotRegexp(t, `[<>]|&amp;`, done.stdout)
}

func TestScoreTextInDutch(t *testing.T) {
	kept(t, octobers(9, 10, 9, 10, 9, 7, 8, 7, 6, 0)...)
	t.Setenv("SMILEYBOT_LANGUAGE", "nl")
	done := call(t, "score", "nps", "2026-10-01..2026-10-15")
	require.Zero(t, done.status, done.stderr)
	assert.Regexp(t, `^NPS \+30 · 1–15 oktober 2026\nGeen vergelijking: 16–30 september heeft geen antwoorden\.\n10 antwoorden: 5 promotors`, done.stdout)
}

func TestScoreOfCSATShowsBothScales(t *testing.T) {
	at := time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)
	kept(t, storetest.Smiley("1", feedback.Green, at), storetest.Score("2", feedback.KindCSAT, 5, at))
	done := call(t, "score", "csat", "2026-10")
	assert.Regexp(t, `(?s)^CSAT: too few answers \(1\).*CSAT 1–5: too few answers \(1\)`, done.stdout)
	done = call(t, "score", "csat", "2026-09")
	assert.NotContains(t, done.stdout, "1–5")
}

func TestScoreOfReviews(t *testing.T) {
	var events []feedback.Event
	for i, stars := range []int{5, 5, 5, 5, 5, 5, 5, 4, 2, 1} {
		events = append(events, storetest.Score(strconv.Itoa(i), feedback.KindReview, stars, time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)))
	}
	kept(t, events...)
	done := call(t, "score", "reviews", "2026-10")
	require.Zero(t, done.status, done.stderr)
	assert.Regexp(t, `^Reviews 4\.20 of 5 · October 2026\nNo comparison: September has no answers\.\n10 answers · 5 ★: 7 \(70%\) · 4 ★: 1`, done.stdout)
	done = call(t, "score", "reviews", "2026-10", "--json")
	assert.Contains(t, done.stdout, `"n":10,"customers":10,"effective_n":10.0,"voided":0,"score":4.2,"interval":[3.10,4.82],"split":{"5":7,"4":1,"3":0,"2":1,"1":1},"mean":4.20,"previous"`)
}

// TestScoreExamples holds the worked examples of docs/scores.md.
func TestScoreExamples(t *testing.T) {
	var events []feedback.Event
	add := func(n int, e feedback.Event) {
		for range n {
			e.ID = strconv.Itoa(len(events))
			events = append(events, e)
		}
	}
	smileys := func(channel feedback.Channel, green, red int, at time.Time) {
		for smiley, n := range map[feedback.Smiley]int{feedback.Green: green, feedback.Red: red} {
			e := storetest.Smiley("", smiley, at)
			e.Channel = channel
			add(n, e)
		}
	}
	september, october := time.Date(2026, 9, 10, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 10, 12, 0, 0, 0, time.UTC)
	smileys(feedback.ChannelChat, 57, 3, september)
	smileys(feedback.ChannelTicket, 168, 72, september)
	smileys(feedback.ChannelChat, 171, 9, october)
	smileys(feedback.ChannelTicket, 84, 36, october)
	for who, n := range map[string]int{"c-1": 12, "c-2": 1, "c-3": 1, "c-4": 1} {
		e := storetest.Score("", feedback.KindNPS, map[bool]int{true: 10, false: 0}[n > 1], october)
		e.Answer.Customer.ID, e.Mentions[feedback.FieldCustomerID] = who, true
		add(n, e)
	}
	kept(t, events...)
	text := call(t, "score", "csat", "2026-10").stdout
	assert.Contains(t, text, "CSAT 85% · October 2026\n")
	assert.Contains(t, text, "Clearly up from September (75%): +10 points, more than chance explains.\n")
	assert.Contains(t, text, "More than half of the change comes from a different mix of channels, "+
		"not from different scores within them: Chat has 60% of the answers, before that 20%.\n")
	assert.NotContains(t, call(t, "score", "csat", "2026-10", "channel:chat").stdout, "mix of channels")
	text = call(t, "score", "nps", "2026-10").stdout
	assert.Contains(t, text, "\n15 answers by 4 customers: 12 promoters (80%)")
	assert.Contains(t, text, "between −53 and +93.")
	assert.Contains(t, call(t, "score", "nps", "2026-10", "--json").stdout, `"n":15,"customers":4,"effective_n":1.5,`)
	assert.NotContains(t, call(t, "score", "nps", "2026-10", "eu", "--json").stdout, `"eu"`)
}

func TestScoreOfThisMonthByDefault(t *testing.T) {
	kept(t)
	done := call(t, "score", "smileys", "--json")
	var got struct{ From, To string }
	require.NoError(t, json.Unmarshal([]byte(done.stdout), &got))
	zone, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	assert.Equal(t, time.Now().In(zone).Format("2006-01")+"-01", got.From)
	assert.Equal(t, time.Now().In(zone).Format(time.DateOnly), got.To)
}

func TestScoreWithoutDatabase(t *testing.T) {
	setenv(t, map[string]string{"SMILEYBOT_DATABASE": filepath.Join(t.TempDir(), "none.db")})
	done := call(t, "score", "nps")
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stderr, "there is no database at")
}

func TestScoreService(t *testing.T) {
	var events []feedback.Event
	for i := range 10 {
		opened := time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC) // Monday, ten in Amsterdam
		e := storetest.Smiley(strconv.Itoa(i), feedback.Green, opened.Add(8*time.Hour))
		e.Answer.Ticket = feedback.Ticket{
			ID: strconv.Itoa(i / 2 * 2), OpenedAt: opened, FirstReplyAt: opened.Add(time.Duration(i/2+1) * time.Hour),
			ResolvedAt: opened.Add(24 * time.Hour), Replies: 1 + i/8,
		}
		if i%2 == 1 {
			e.Answer.Ticket.ID = strconv.Itoa(i)
		}
		for _, f := range []feedback.Field{
			feedback.FieldTicketID, feedback.FieldTicketOpenedAt, feedback.FieldTicketFirstReplyAt, feedback.FieldTicketResolvedAt, feedback.FieldTicketReplies,
		} {
			e.Mentions[f] = true
		}
		events = append(events, e)
	}
	again := events[9]
	again.ID = "again"
	kept(t, append(events, again)...)
	done := call(t, "score", "Service", "2026-10", "--json")
	require.Zero(t, done.status, done.stderr)
	assert.JSONEq(t, `{
		"metric": "service", "from": "2026-10-01", "to": "2026-10-31", "n": 10,
		"first_reply": {"median": 180, "p90": 300}, "resolution": {"median": 480, "p90": 480},
		"within_4h": 80.0, "same_day": 100.0, "one_reply": 80.0,
		"previous": {
			"metric": "service", "from": "2026-09-01", "to": "2026-09-30", "n": 0,
			"first_reply": {"median": null, "p90": null}, "resolution": {"median": null, "p90": null},
			"within_4h": null, "same_day": null, "one_reply": null
		}
	}`, done.stdout)
	assert.Regexp(t, `^Service: 3 h to the first reply · October 2026\n`, call(t, "score", "service", "2026-10").stdout)
}

// TestScoreGroups checks that a filter is understood without the quotes, which the shell removes, and
// that groups are objects with a name.
func TestScoreGroups(t *testing.T) {
	events := octobers(9, 10, 9, 10, 9, 7, 8, 7, 6, 0)
	for i := range events {
		events[i].Answer.Agent = feedback.Person{ID: "a-7", Name: "Bart de Vries"}
		events[i].Mentions[feedback.FieldAgentID], events[i].Mentions[feedback.FieldAgentName] = true, true
	}
	kept(t, events...)
	for _, agent := range []string{"agent:Bart de Vries", `agent:"bart de vries"`, "medewerker:A-7", `agent:“Bart de Vries”`} {
		done := call(t, "score", "nps", "2026-10", agent, "by agent", "--json")
		require.Zero(t, done.status, done.stderr)
		var got struct {
			N      int `json:"n"`
			Groups []struct {
				Name       string  `json:"name"`
				N          int     `json:"n"`
				Score      float64 `json:"score"`
				RealChange any     `json:"real_change"`
			} `json:"groups"`
		}
		require.NoError(t, json.Unmarshal([]byte(done.stdout), &got))
		assert.Equal(t, 10, got.N)
		require.Len(t, got.Groups, 1)
		assert.Equal(t, "Bart de Vries", got.Groups[0].Name)
		assert.InDelta(t, 30, got.Groups[0].Score, 0)
	}
	assert.Contains(t, call(t, "score", "nps", "2026-10", "eu", "by", "agent").stdout, "By agent, in alphabetical order\nBart de Vries: +50")
	assert.JSONEq(t, `[]`, groupsOf(t, "score", "csat", "2026-10", "by", "channel", "--json"))
	assert.JSONEq(t, `[]`, groupsOf(t, "score", "service", "2026-10", "by", "channel", "--json"))
	unknown := call(t, "score", "nps", "2026-10", "agent:Bert")
	assert.Equal(t, 2, unknown.status)
	assert.Contains(t, unknown.stderr, "“agent:Bert” matches no agent with ratings. Did you mean “agent:Bart”? Try: ")
}

// TestScoreWords: the command understands what Slack's commands understand.
func TestScoreWords(t *testing.T) {
	kept(t, octobers(9, 10, 9, 10, 9, 7, 8, 7, 6, 0)...)
	for _, words := range [][]string{{"2026-10"}, {"oct", "2026"}, {"oktober 2026"}, {"2026–10"}, {"1 oct 2026", "to", "31 oct 2026"}, {"2026-10..2026-10"}} {
		done := call(t, append([]string{"score", "nps", "--json"}, words...)...)
		assert.Contains(t, done.stdout, `"from":"2026-10-01","to":"2026-10-31","n":10`, "%q: %s", words, done.stderr)
	}
	done := call(t, "score", "nps", "all", "--json")
	assert.Contains(t, done.stdout, `"from":"2026-10-05"`, "the first answer's day")
	for _, help := range []string{"help", "?", "hulp"} {
		done := call(t, "score", "nps", help)
		assert.Contains(t, done.stdout, "Periods, in English or Dutch")
		assert.Zero(t, done.status)
	}
	assert.Contains(t, call(t, "score", "nps", "2030").stderr, "“2030” has not started yet. Try: 'smileybot score nps month'")
}

func groupsOf(t *testing.T, args ...string) string {
	t.Helper()
	done := call(t, args...)
	require.Zero(t, done.status, done.stderr)
	var got struct {
		Groups json.RawMessage `json:"groups"`
	}
	require.NoError(t, json.Unmarshal([]byte(done.stdout), &got))
	return string(got.Groups)
}

// TestScoreExamplesWork checks that each mistake is followed by three examples, which work.
func TestScoreExamplesWork(t *testing.T) {
	kept(t, octobers(9)...)
	for _, wrong := range [][]string{
		{"nbs"},
		{"nps", "next"},
		{"nps", "by", "mood"},
		{"csat", "eu"},
		{"nps", "channel:chut"},
		{"nps", "agent:Nobody"},
		{"nps", "share"},
		{"service", "2026-W99"},
		{"nps", "9999"},
		{"nps", "2026-10-15..2026-10-01"},
		{"ces", "0d"},
		{"nps", "channel:"},
	} {
		done := call(t, append([]string{"score"}, wrong...)...)
		require.Equal(t, 2, done.status, "%q: %s", wrong, done.stderr)
		_, shown, _ := strings.Cut(strings.TrimSpace(done.stderr), " Try: ")
		examples := strings.Split(shown, ", ")
		require.Len(t, examples, 3, done.stderr)
		for _, example := range examples {
			words := strings.Fields(strings.Trim(example, "'"))
			require.Equal(t, "smileybot", words[0])
			assert.Zero(t, call(t, words[1:]...).status, example)
		}
	}
}
