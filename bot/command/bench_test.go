package command_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"smileybot/bot/command"
	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/storetest"
)

var (
	ratings  = flag.Int("ratings", 10_000, "how many ratings BenchmarkScores has")
	database = flag.String("database", "", "a file in which BenchmarkScores finds its ratings the next time; give another file for another number of them")
)

// BenchmarkScores answers slash commands about ratings of three years, through 5
// channels, about 25 agents: from the words that were typed to the answer as it is
// sent, with charts. The ratings are imported first; ten million take some minutes.
func BenchmarkScores(b *testing.B) {
	path := *database
	if path == "" {
		path = filepath.Join(b.TempDir(), "smileybot.db")
	}
	kept := storetest.Open(b, path)
	remember(b, kept, *ratings)
	taken := new(taker)
	s := newFixture(b, func(o *command.Options) { o.Slack, o.Store = clientOver(taken), kept })
	taken.others = s.slack.Transport()
	for _, bench := range []struct {
		name      string
		questions []string
	}{
		{"score", []string{
			"/nps month", "/nps year eu", "/nps last quarter by channel", "/nps last year by agent", "/nps 2024-01-15..2026-11-03 by agent",
			"/csat week", "/csat last year channel:chat", "/csat month by agent", "/smileys year", "/smileys 30d by agent channel:ticket",
			"/smileys 2023-12-05..2026-11-03", `/smileys quarter agent:"Agent 7" by channel`, "/ces month", "/ces 2025 by agent", "/nls last month",
		}},
		{"service", []string{
			"/service month", "/service year", "/service last month by channel", "/service month by agent", "/service 2025 by agent", "/service year by agent",
		}},
	} {
		for _, question := range bench.questions {
			b.Run(bench.name+"/"+strings.TrimPrefix(question, "/"), func(b *testing.B) { s.measure(b, taken, func() string { return question }) })
		}
		b.Run(bench.name+"/any", func(b *testing.B) {
			s.measure(b, taken, func() string { return bench.questions[rand.IntN(len(bench.questions))] })
		})
	}
}

// measure asks and reports the median and the 99th percentile of the answers.
func (s *fixture) measure(b *testing.B, taken *taker, question func() string) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		name, text, _ := strings.Cut(question(), " ")
		asked := slack.SlashCommand{
			TeamID: s.slack.Options().TeamID, UserID: bart, Command: name, Text: text, ResponseURL: "https://slack.fake/response",
		}
		began := time.Now()
		s.Command(context.Background(), asked)
		took = append(took, time.Since(began))
		require.Contains(b, taken.last, "Computed ", "%s %s", name, text)
		require.NotContains(b, strings.SplitN(taken.last, "\\n", 2)[0], "too few")
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "median-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
}

// remember imports ratings of the three years until now, unless they are there.
func remember(b *testing.B, kept *store.Store, n int) {
	b.Helper()
	const batch, years, agents = 10_000, 3, 25
	summary, err := kept.Report(b.Context(), score.NewQuery(score.MetricNPS, score.Period{To: office.DayOf(noon(), time.UTC), Unit: score.UnitRange}))
	require.NoError(b, err)
	if summary.Score.N > 0 {
		return
	}
	require.NoError(b, kept.Bulk(b.Context()))
	rng := rand.New(rand.NewPCG(1, 2))
	kinds := []feedback.Kind{
		feedback.KindSmiley, feedback.KindSmiley, feedback.KindSmiley, feedback.KindSmiley, feedback.KindSmiley, feedback.KindSmiley,
		feedback.KindNPS, feedback.KindNPS, feedback.KindCES, feedback.KindNLS,
	}
	for first := 0; first < n; first += batch {
		var events []feedback.Event
		for i := first; i < min(first+batch, n); i++ {
			at := noon().Add(-time.Duration(float64(years*365*24*time.Hour) * float64(n-i) / float64(n)))
			kind := kinds[rng.IntN(len(kinds))]
			low, high := kind.Scale()
			e := storetest.Score(strconv.Itoa(i), kind, max(low+rng.IntN(high-low+1), low+rng.IntN(high-low+1)), at)
			e.Channel = feedback.Channels()[rng.IntN(5)]
			number := rng.IntN(agents)
			e.Answer.Agent = feedback.Person{ID: fmt.Sprint("a-", number), Name: fmt.Sprint("Agent ", number)}
			opened := at.Add(-time.Duration(rng.IntN(4320)) * time.Minute)
			e.Answer.Ticket = feedback.Ticket{
				ID: strconv.Itoa(i), OpenedAt: opened, FirstReplyAt: opened.Add(at.Sub(opened) / 4), ResolvedAt: at, Replies: 1 + rng.IntN(4),
			}
			for _, field := range []feedback.Field{
				feedback.FieldAgentID, feedback.FieldAgentName, feedback.FieldTicketID, feedback.FieldTicketOpenedAt,
				feedback.FieldTicketFirstReplyAt, feedback.FieldTicketResolvedAt, feedback.FieldTicketReplies,
			} {
				e.Mentions[field] = true
			}
			events = append(events, e)
		}
		storetest.Import(b, kept, noon(), events...)
	}
}

// taker accepts every answer and keeps the last of them. Calls of the API go to the stand-in.
type taker struct {
	last   string
	others http.RoundTripper
}

func (t *taker) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/response" {
		return t.others.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	t.last = string(body)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("ok")), Request: r}, err
}
