package score_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// theDay is a Friday.
func theDay() office.Day { return office.Date(2026, time.November, 20) }

func TestParseQuestion(t *testing.T) {
	t.Parallel()
	month, err := score.ParsePeriod("month", theDay())
	require.NoError(t, err)
	lastWeek, err := score.ParsePeriod("last week", theDay())
	require.NoError(t, err)
	chat, bart := score.Filter{Channel: feedback.ChannelChat}, score.Filter{Agent: "Bart de Vries"}
	for _, c := range []struct {
		text string
		want score.Query
	}{
		{"", score.Query{Period: month}},
		{"share", score.Query{Period: month, Share: true}},
		{"channel:chat", score.Query{Period: month, Filter: chat}},
		{"CHANNEL:Chat last week", score.Query{Period: lastWeek, Filter: chat}},
		{"last channel: chat week", score.Query{Period: lastWeek, Filter: chat}},
		{"vorige week kanaal:chat", score.Query{Period: lastWeek, Filter: chat}},
		{"kanaal:telefoon", score.Query{Period: month, Filter: score.Filter{Channel: feedback.ChannelPhone}}},
		{"channel:e-mail channel:email", score.Query{Period: month, Filter: score.Filter{Channel: feedback.ChannelEmail}}},
		{`agent:"Bart de Vries" month`, score.Query{Period: month, Filter: bart}},
		{`month agent:“Bart de Vries”`, score.Query{Period: month, Filter: bart}},
		{`medewerker:„Bart de Vries“`, score.Query{Period: month, Filter: bart}},
		{`agent: "Bart de Vries" by channel`, score.Query{Period: month, Filter: bart, GroupBy: score.ByChannel}},
		{`agent:"Bart de Vries`, score.Query{Period: month, Filter: bart}},
		{"agent:Bart", score.Query{Period: month, Filter: score.Filter{Agent: "Bart"}}},
		{"agent:a:7", score.Query{Period: month, Filter: score.Filter{Agent: "a:7"}}},
		{"by agent channel:chat share", score.Query{Period: month, Filter: chat, GroupBy: score.ByAgent, Share: true}},
		{"per medewerker", score.Query{Period: month, GroupBy: score.ByAgent}},
		{"Per Kanaal vorige week", score.Query{Period: lastWeek, GroupBy: score.ByChannel}},
		{"by kanaal by channel", score.Query{Period: month, GroupBy: score.ByChannel}},
		{"eu by channel last week", score.Query{Metric: score.MetricNPSEU, Period: lastWeek, GroupBy: score.ByChannel}},
	} {
		if c.want.Metric == "" {
			c.want.Metric = score.MetricNPS
		}
		got, err := score.ParseQuery(score.MetricNPS, c.text, theDay())
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, got, c.text)
		assert.Equal(t, strings.Contains(c.text, "agent") || strings.Contains(c.text, "medewerker"), got.Personal(), c.text)
	}
}

func TestParseQuestionNamesWhatIsStrange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want score.QueryError
	}{
		{"channel:chut", score.QueryError{Word: "channel:chut", Reason: score.ReasonNoChannel}},
		{"month channel:", score.QueryError{Word: "channel:", Reason: score.ReasonNoChannel}},
		{"month agent:", score.QueryError{Word: "agent:", Reason: score.ReasonUnknown}},
		{`month agent:""`, score.QueryError{Word: `agent:""`, Reason: score.ReasonUnknown}},
		{"channel:chat channel:email", score.QueryError{Word: "channel:email", Reason: score.ReasonUnknown}},
		{"agent:Bart agent:Lise", score.QueryError{Word: "agent:Lise", Reason: score.ReasonUnknown}},
		{"by", score.QueryError{Word: "by", Reason: score.ReasonUnknown}},
		{"by week", score.QueryError{Word: "by week", Reason: score.ReasonUnknown}},
		{"by channel by agent", score.QueryError{Word: "by agent", Reason: score.ReasonUnknown}},
		{"eu", score.QueryError{Word: "eu", Reason: score.ReasonUnknown}},
		{"month nonsense channel:chat", score.QueryError{Word: "nonsense", Reason: score.ReasonUnknown}},
		{"team:support month", score.QueryError{Word: "team:support", Reason: score.ReasonUnknown}},
		{"2030 by channel", score.QueryError{Word: "2030", Reason: score.ReasonFuture}},
		{`"channel:chat"`, score.QueryError{Word: `"channel:chat"`, Reason: score.ReasonUnknown}},
	} {
		_, err := score.ParseQuery(score.MetricCSAT, c.text, theDay())
		var strange *score.QueryError
		require.ErrorAs(t, err, &strange, c.text)
		assert.Equal(t, c.want, *strange, c.text)
	}
}

// FuzzParseQuestion: whatever is typed is a question or names what is not, in a few
// words; and the order of filters does not matter.
func FuzzParseQuestion(f *testing.F) {
	for _, text := range []string{"", "by channel", "agent:\"Bart de Vries\" 30d", "per kanaal eu share", "channel:", "“", "agent:“x", "by by by", "\x00:\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := score.ParseQuery(score.MetricNPS, text, theDay())
		if err != nil {
			var strange *score.QueryError
			require.ErrorAs(t, err, &strange)
			require.LessOrEqual(t, utf8.RuneCountInString(strange.Word), 41)
			return
		}
		require.LessOrEqual(t, q.Period.From, q.Period.To)
		if q.Filter.Agent != "" || q.GroupBy != "" || strings.ContainsAny(text, "\"“”„‟«»:") {
			return
		}
		more, err := score.ParseQuery(score.MetricNPS, `by agent agent:"Bart de Vries" `+text, theDay())
		require.NoError(t, err)
		q.GroupBy, q.Filter.Agent = score.ByAgent, "Bart de Vries"
		require.Equal(t, q, more)
	})
}

func TestAgentUnknown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		agent string
		want  string
	}{{"Bert", "agent:Bert"}, {"Bert de Vries", `agent:"Bert de Vries"`}} {
		var strange *score.QueryError
		require.ErrorAs(t, score.AgentUnknown(c.agent), &strange)
		assert.Equal(t, score.QueryError{Word: c.want, Reason: score.ReasonNoAgent}, *strange)
	}
}
