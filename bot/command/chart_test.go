package command_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"

	"smileybot/fakeslack"
	"smileybot/feedback"
)

// twoDays has a trend: answers of today and of the day before.
func (s *fixture) twoDays() {
	s.tb.Helper()
	s.answers(feedback.KindNPS, 9, 12, s.clock())
	s.answers(feedback.KindNPS, 3, 12, s.clock().Add(-24*time.Hour))
}

// charted reports whether the last message in the lobby has a chart.
func (s *fixture) charted() bool {
	s.tb.Helper()
	messages := s.slack.Messages(lobby)
	return strings.Contains(string(messages[len(messages)-1].Blocks), `"data_visualization"`)
}

func (s *fixture) refusals() float64 {
	families, _ := s.registry.Gather()
	for _, family := range families {
		if family.GetName() == "smileybot_charts_refused_total" {
			return family.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return -1
}

func TestRefusedChartIsRemembered(t *testing.T) {
	for _, test := range []struct {
		name string
		kind fakeslack.Kind
	}{
		{"code", fakeslack.ErrorCode("invalid_blocks")},
		{"status", fakeslack.Status(http.StatusBadRequest)},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newFixture(t)
			s.twoDays()
			s.types(bart, lobby, "/nps", "week share")
			assert.True(t, s.charted())

			s.slack.Fail(fakeslack.Fault{Method: "response_url", Kind: test.kind})
			s.types(bart, lobby, "/nps", "week share")
			messages := s.slack.Messages(lobby)
			assert.Contains(t, messages[1].Text, "▁▇", "said at once in text")
			assert.Equal(t, 3, s.calls("response_url"))

			s.types(bart, lobby, "/nps", "week share")
			assert.False(t, s.charted())
			assert.Contains(t, string(s.slack.Messages(lobby)[2].Blocks), "▁▇")
			assert.Equal(t, 4, s.calls("response_url"), "no chart was tried")
			assert.Equal(t, 1, strings.Count(s.log.String(), "slack rejected a chart"))
			assert.InDelta(t, 1, s.refusals(), 0)

			s.pass(24 * time.Hour)
			s.answers(feedback.KindNPS, 10, 12, s.clock()) // two days of six are no trend
			s.types(bart, lobby, "/nps", "week share")
			assert.True(t, s.charted(), "a day later it is tried again")
		})
	}
}

func TestRejectionsWithoutAChartLeaveChartsOn(t *testing.T) {
	s := newFixture(t)
	s.twoDays()
	for _, kind := range []fakeslack.Kind{
		fakeslack.Status(http.StatusNotFound), fakeslack.ErrorCode("expired_url"), fakeslack.Status(500), fakeslack.CutBefore(),
	} {
		s.slack.Fail(fakeslack.Fault{Method: "response_url", Kind: kind})
		s.types(bart, lobby, "/nps", "week share")
	}
	s.slack.Fail(fakeslack.Fault{Method: "response_url", Kind: fakeslack.ErrorCode("invalid_blocks")})
	s.types(bart, lobby, "/nps", "today share") // has no chart
	s.types(bart, lobby, "/nps", "week share")
	assert.True(t, s.charted())
	assert.InDelta(t, 0, s.refusals(), 0)
	problems, err := testutil.GatherAndLint(s.registry)
	assert.NoError(t, err)
	assert.Empty(t, problems)
}
