package feedback_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
)

// theDay is a Friday.
func theDay() feedback.Day { return feedback.Date(2026, time.November, 20) }

func TestParseQuestion(t *testing.T) {
	t.Parallel()
	month, err := feedback.ParsePeriod("month", theDay())
	require.NoError(t, err)
	lastWeek, err := feedback.ParsePeriod("last week", theDay())
	require.NoError(t, err)
	chat, bart := feedback.Filter{Channel: feedback.ChannelChat}, feedback.Filter{Agent: "Bart de Vries"}
	for text, want := range map[string]feedback.Question{
		"":                                  {Period: month},
		"share":                             {Period: month, Share: true},
		"channel:chat":                      {Period: month, Filter: chat},
		"CHANNEL:Chat last week":            {Period: lastWeek, Filter: chat},
		"last channel: chat week":           {Period: lastWeek, Filter: chat},
		"vorige week kanaal:chat":           {Period: lastWeek, Filter: chat},
		"kanaal:telefoon":                   {Period: month, Filter: feedback.Filter{Channel: feedback.ChannelPhone}},
		"channel:e-mail channel:email":      {Period: month, Filter: feedback.Filter{Channel: feedback.ChannelEmail}},
		`agent:"Bart de Vries" month`:       {Period: month, Filter: bart},
		`month agent:“Bart de Vries”`:       {Period: month, Filter: bart},
		`medewerker:„Bart de Vries“`:        {Period: month, Filter: bart},
		`agent: "Bart de Vries" by channel`: {Period: month, Filter: bart, Per: feedback.PerChannel},
		`agent:"Bart de Vries`:              {Period: month, Filter: bart},
		"agent:Bart":                        {Period: month, Filter: feedback.Filter{Agent: "Bart"}},
		"agent:a:7":                         {Period: month, Filter: feedback.Filter{Agent: "a:7"}},
		"by agent channel:chat share":       {Period: month, Filter: chat, Per: feedback.PerAgent, Share: true},
		"per medewerker":                    {Period: month, Per: feedback.PerAgent},
		"Per Kanaal vorige week":            {Period: lastWeek, Per: feedback.PerChannel},
		"by kanaal by channel":              {Period: month, Per: feedback.PerChannel},
		"eu by channel last week":           {Metric: feedback.MetricNPSEU, Period: lastWeek, Per: feedback.PerChannel},
	} {
		if want.Metric == "" {
			want.Metric = feedback.MetricNPS
		}
		got, err := feedback.ParseQuestion(feedback.MetricNPS, text, theDay())
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
		assert.Equal(t, strings.Contains(text, "agent") || strings.Contains(text, "medewerker"), got.Personal(), text)
	}
}

func TestParseQuestionNamesWhatIsStrange(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]feedback.QuestionError{
		"channel:chut":                {Word: "channel:chut", Reason: feedback.ReasonNoChannel},
		"month channel:":              {Word: "channel:", Reason: feedback.ReasonNoChannel},
		"month agent:":                {Word: "agent:", Reason: feedback.ReasonUnknown},
		`month agent:""`:              {Word: `agent:""`, Reason: feedback.ReasonUnknown},
		"channel:chat channel:email":  {Word: "channel:email", Reason: feedback.ReasonUnknown},
		"agent:Bart agent:Lise":       {Word: "agent:Lise", Reason: feedback.ReasonUnknown},
		"by":                          {Word: "by", Reason: feedback.ReasonUnknown},
		"by week":                     {Word: "by week", Reason: feedback.ReasonUnknown},
		"by channel by agent":         {Word: "by agent", Reason: feedback.ReasonUnknown},
		"eu":                          {Word: "eu", Reason: feedback.ReasonUnknown},
		"month nonsense channel:chat": {Word: "nonsense", Reason: feedback.ReasonUnknown},
		"team:support month":          {Word: "team:support", Reason: feedback.ReasonUnknown},
		"2030 by channel":             {Word: "2030", Reason: feedback.ReasonFuture},
		`"channel:chat"`:              {Word: `"channel:chat"`, Reason: feedback.ReasonUnknown},
	} {
		_, err := feedback.ParseQuestion(feedback.MetricCSAT, text, theDay())
		var strange *feedback.QuestionError
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
		q, err := feedback.ParseQuestion(feedback.MetricNPS, text, theDay())
		if err != nil {
			var strange *feedback.QuestionError
			require.ErrorAs(t, err, &strange)
			require.LessOrEqual(t, utf8.RuneCountInString(strange.Word), 41)
			return
		}
		require.LessOrEqual(t, q.Period.From, q.Period.To)
		if q.Filter.Agent != "" || q.Per != "" || strings.ContainsAny(text, "\"“”„‟«»:") {
			return
		}
		more, err := feedback.ParseQuestion(feedback.MetricNPS, `by agent agent:"Bart de Vries" `+text, theDay())
		require.NoError(t, err)
		q.Per, q.Filter.Agent = feedback.PerAgent, "Bart de Vries"
		require.Equal(t, q, more)
	})
}

func TestAgentUnknown(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{"Bert": "agent:Bert", "Bert de Vries": `agent:"Bert de Vries"`} {
		var strange *feedback.QuestionError
		require.ErrorAs(t, feedback.AgentUnknown(agent), &strange)
		assert.Equal(t, feedback.QuestionError{Word: want, Reason: feedback.ReasonNoAgent}, *strange)
	}
}
