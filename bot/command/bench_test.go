package command_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"smileybot/bot/command"
	"smileybot/feedback"
	"smileybot/store/storetest"
)

// BenchmarkMonthScore answers /nps month with a million ratings in the database,
// spread over 13 months and all channels: from the words that were typed to the
// answer on its way.
func BenchmarkMonthScore(b *testing.B) {
	const ratings = 1_000_000
	taken := new(taker)
	s := newStage(b, func(o *command.Options) { o.HTTP = &http.Client{Transport: taken} })
	s.history(ratings)
	asked := slack.SlashCommand{
		TeamID: s.slack.Options().TeamID, UserID: bart, Command: "/nps", Text: "month",
		ResponseURL: "https://slack.fake/response",
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Command(context.Background(), asked)
	}
	require.Contains(b, taken.last, "NPS ")
	require.NotContains(b, taken.last, "too few")
}

// history imports ratings of the 13 months until now.
func (s *stage) history(n int) {
	const batch, months = 10_000, 13
	channels := feedback.Channels()
	span := months * 30 * 24 * time.Hour
	for first := 0; first < n; first += batch {
		events := make([]feedback.Event, 0, batch)
		for i := first; i < min(first+batch, n); i++ {
			events = append(events, feedback.Event{
				Key: feedback.Key{
					Sender: "feedback", Channel: channels[i%len(channels)], Kind: feedback.KindNPS, ID: strconv.Itoa(i),
				},
				OccurredAt: feedback.Moment(s.clock().Add(-span / time.Duration(n) * time.Duration(i))),
				Answer:     feedback.Answer{Rating: i % 11},
				Mentions:   map[feedback.Field]bool{feedback.FieldRating: true},
			})
		}
		storetest.Import(s.tb, s.store, s.clock(), events...)
	}
}

// taker takes whatever is sent and keeps the last of it.
type taker struct{ last string }

func (t *taker) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	t.last = string(body)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("ok")), Request: r}, err
}
