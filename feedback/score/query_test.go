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
	for text, want := range map[string]score.Query{
		"":                                  {Period: month},
		"share":                             {Period: month, Share: true},
		"channel:chat":                      {Period: month, Filter: chat},
		"CHANNEL:Chat last week":            {Period: lastWeek, Filter: chat},
		"last channel: chat week":           {Period: lastWeek, Filter: chat},
		"vorige week kanaal:chat":           {Period: lastWeek, Filter: chat},
		"kanaal:telefoon":                   {Period: month, Filter: score.Filter{Channel: feedback.ChannelPhone}},
		"channel:e-mail channel:email":      {Period: month, Filter: score.Filter{Channel: feedback.ChannelEmail}},
		`agent:"Bart de Vries" month`:       {Period: month, Filter: bart},
		`month agent:“Bart de Vries”`:       {Period: month, Filter: bart},
		`medewerker:„Bart de Vries“`:        {Period: month, Filter: bart},
		`agent: "Bart de Vries" by channel`: {Period: month, Filter: bart, GroupBy: score.ByChannel},
		`agent:"Bart de Vries`:              {Period: month, Filter: bart},
		"agent:Bart":                        {Period: month, Filter: score.Filter{Agent: "Bart"}},
		"agent:a:7":                         {Period: month, Filter: score.Filter{Agent: "a:7"}},
		"by agent channel:chat share":       {Period: month, Filter: chat, GroupBy: score.ByAgent, Share: true},
		"per medewerker":                    {Period: month, GroupBy: score.ByAgent},
		"Per Kanaal vorige week":            {Period: lastWeek, GroupBy: score.ByChannel},
		"by kanaal by channel":              {Period: month, GroupBy: score.ByChannel},
		"eu by channel last week":           {Metric: score.MetricNPSEU, Period: lastWeek, GroupBy: score.ByChannel},
	} {
		if want.Metric == "" {
			want.Metric = score.MetricNPS
		}
		got, err := score.ParseQuery(score.MetricNPS, text, theDay())
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
		assert.Equal(t, strings.Contains(text, "agent") || strings.Contains(text, "medewerker"), got.Personal(), text)
	}
}

func TestParseQuestionNamesWhatIsStrange(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]score.QueryError{
		"channel:chut":                {Word: "channel:chut", Reason: score.ReasonNoChannel},
		"month channel:":              {Word: "channel:", Reason: score.ReasonNoChannel},
		"month agent:":                {Word: "agent:", Reason: score.ReasonUnknown},
		`month agent:""`:              {Word: `agent:""`, Reason: score.ReasonUnknown},
		"channel:chat channel:email":  {Word: "channel:email", Reason: score.ReasonUnknown},
		"agent:Bart agent:Lise":       {Word: "agent:Lise", Reason: score.ReasonUnknown},
		"by":                          {Word: "by", Reason: score.ReasonUnknown},
		"by week":                     {Word: "by week", Reason: score.ReasonUnknown},
		"by channel by agent":         {Word: "by agent", Reason: score.ReasonUnknown},
		"eu":                          {Word: "eu", Reason: score.ReasonUnknown},
		"month nonsense channel:chat": {Word: "nonsense", Reason: score.ReasonUnknown},
		"team:support month":          {Word: "team:support", Reason: score.ReasonUnknown},
		"2030 by channel":             {Word: "2030", Reason: score.ReasonFuture},
		`"channel:chat"`:              {Word: `"channel:chat"`, Reason: score.ReasonUnknown},
	} {
		_, err := score.ParseQuery(score.MetricCSAT, text, theDay())
		var strange *score.QueryError
		require.ErrorAs(t, err, &strange, text)
		assert.Equal(t, want, *strange, text)
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
	for agent, want := range map[string]string{"Bert": "agent:Bert", "Bert de Vries": `agent:"Bert de Vries"`} {
		var strange *score.QueryError
		require.ErrorAs(t, score.AgentUnknown(agent), &strange)
		assert.Equal(t, score.QueryError{Word: want, Reason: score.ReasonNoAgent}, *strange)
	}
}
