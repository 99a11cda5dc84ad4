package score_test

import (
	"os"
	"regexp"
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
		{"medewerker:'Bart de Vries' maand delen", score.Query{Period: month, Filter: bart, Share: true}},
		{"agent:‘Bart de Vries’", score.Query{Period: month, Filter: bart}},
		{"agent:`Bart de Vries` \u200bmonth.", score.Query{Period: month, Filter: bart}},
		{"agent:O'Brien month", score.Query{Period: month, Filter: score.Filter{Agent: "O'Brien"}}},
		{"agent:'t", score.Query{Period: month, Filter: score.Filter{Agent: "'t"}}},
		{"agent:\u00ab\u00a0Bart  de\u2009Vries\u00a0\u00bb", score.Query{Period: month, Filter: bart}},
		{"agent:Lise agent:lise", score.Query{Period: month, Filter: score.Filter{Agent: "lise"}}},
		{`"last week" “channel:chat”`, score.Query{Period: lastWeek, Filter: chat}},
		{`channel:"Control panel"`, score.Query{Period: month, Filter: score.Filter{Channel: feedback.ChannelPanel}}},
		{"kanaal:controlepaneel", score.Query{Period: month, Filter: score.Filter{Channel: feedback.ChannelPanel}}},
		{"channel:#chat, last week", score.Query{Period: lastWeek, Filter: chat}},
		{"per collega", score.Query{Period: month, GroupBy: score.ByAgent}},
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
		assert.Equal(t, c.want.Personal(), got.Personal(), c.text)
	}
}

func TestParseQuestionNamesWhatIsStrange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, word string
		reason     score.QueryReason
		near       []string
	}{
		{"channel:chut", "channel:chut", score.ReasonNoChannel, []string{"channel:chat"}},
		{"kanaal:chta vorige week", "kanaal:chta", score.ReasonNoChannel, []string{"kanaal:chat"}},
		{"chanel:ticket", "chanel:ticket", score.ReasonUnknown, []string{"channel:ticket"}},
		{"chanel:ticket channel:chat", "chanel:ticket", score.ReasonUnknown, nil}, // Two channels fail, too.
		{"month channel:", "channel:", score.ReasonNoChannel, nil},
		{"month agent:", "agent:", score.ReasonNoName, nil},
		{`month agent:""`, `agent:""`, score.ReasonNoName, nil},
		{"channel:chat channel:email", "channel:email", score.ReasonTwoChannels, nil},
		{"agent:Bart agent:Lise", "agent:Lise", score.ReasonTwoAgents, nil},
		{"by", "by", score.ReasonNoGroups, nil},
		{"by week", "by week", score.ReasonNoGroups, nil},
		{"by chanel", "by chanel", score.ReasonNoGroups, []string{"by channel"}},
		{"per medewreker", "per medewreker", score.ReasonNoGroups, []string{"per medewerker"}},
		{"by channel by agent", "by agent", score.ReasonTwoGroups, nil},
		{"eu", "eu", score.ReasonNotNPS, nil},
		{"month nonsense channel:chat", "nonsense", score.ReasonUnknown, nil},
		{"agnet:Bart", "agnet:Bart", score.ReasonUnknown, []string{"agent:Bart"}},
		{`agents:"Bart de Vries" last week`, `agents:"Bart de Vries"`, score.ReasonUnknown, []string{`agent:"Bart de Vries"`}},
		{"vorige week medewreker:Bart", "medewreker:Bart", score.ReasonUnknown, []string{"medewerker:Bart"}},
		{"agnet:", "agnet:", score.ReasonUnknown, nil},
		{"agnet:Bart agent:Lise", "agnet:Bart", score.ReasonUnknown, nil}, // Two agents fail, too.
		{"team:support month", "team:support", score.ReasonUnknown, nil},
		{"2030 by channel", "2030", score.ReasonFuture, nil},
		{"chat vorige week", "chat", score.ReasonUnknown, []string{"channel:chat"}},
		{"maadn", "maadn", score.ReasonUnknown, []string{"maand"}},
		{"deze mand delen", "deze mand", score.ReasonUnknown, []string{"deze maand"}},
		{"last 30 dasy", "last 30 dasy", score.ReasonUnknown, []string{"last 30 days"}},
		{"deze", "deze", score.ReasonUnknown, []string{"deze week", "deze maand"}},
		{"last channel:chat mnth", "last mnth", score.ReasonUnknown, []string{"last month"}},
		{"month yeer", "yeer", score.ReasonUnknown, nil}, // Two periods fail, too.
		{"month shar", "shar", score.ReasonUnknown, []string{"share"}},
		{"tody", "tody", score.ReasonUnknown, []string{"today"}},
		{"xy", "xy", score.ReasonUnknown, nil},
		{"gibberish", "gibberish", score.ReasonUnknown, nil},
		{"week 99x", "99x", score.ReasonUnknown, nil},
	} {
		_, err := score.ParseQuery(score.MetricCSAT, c.text, theDay())
		var strange *score.QueryError
		require.ErrorAs(t, err, &strange, c.text)
		assert.Equal(t, score.QueryError{Word: c.word, Reason: c.reason, Near: c.near}, *strange, c.text)
		for _, near := range strange.Near {
			_, err := score.ParseQuery(score.MetricCSAT, strings.Replace(c.text, c.word, near, 1), theDay())
			if strings.Contains(c.text, c.word) {
				assert.NoError(t, err, "%s, with what is offered", c.text)
			}
		}
	}
}

// FuzzParseQuestion: whatever is typed is a question or names what is not, in a few
// words; and the order of filters does not matter.
func FuzzParseQuestion(f *testing.F) {
	for _, text := range []string{"", "by channel", "agent:\"Bart de Vries\" 30d", "per kanaal eu share", "channel:", "“", "agent:“x", "by by by", "maadn", "agent:'x' 'y", "\x00:\xff"} {
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
		if q.Filter.Agent != "" || q.GroupBy != "" || strings.ContainsAny(text, "\"“”„‟«»″＂'‘’‚‛‹›`´′＇:") {
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
		err  error
		want score.QueryError
	}{
		{score.AgentUnknown("Bert"), score.QueryError{Word: "agent:Bert", Reason: score.ReasonNoAgent}},
		{score.AgentUnknown("Bert de Vries", "Bart"), score.QueryError{Word: `agent:"Bert de Vries"`, Reason: score.ReasonNoAgent, Near: []string{"agent:Bart"}}},
		{score.AgentsAlike("B", "Bo", "Bart de Vries"), score.QueryError{Word: "agent:B", Reason: score.ReasonManyAgents, Near: []string{"agent:Bo", `agent:"Bart de Vries"`}}},
	} {
		var strange *score.QueryError
		require.ErrorAs(t, c.err, &strange)
		assert.Equal(t, c.want, *strange)
	}
}

// TestGuideIsUnderstood: what the guide lists is understood.
func TestGuideIsUnderstood(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/guide.md")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(guide), "### Periods and filters")
	table, _, _ = strings.Cut(table, "\n- ")
	words := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(table, -1)
	require.Greater(t, len(words), 60)
	for _, word := range words {
		if strings.HasSuffix(word[1], ":") {
			word[1] += "chat"
		}
		typed := strings.NewReplacer("from … to …", "from 1 oct to 3 oct", "between … and …", "between oct and nov", "van … tot …", "van 1 okt tot 3 okt",
			"tussen … en …", "tussen oktober en november").Replace(word[1])
		_, err := score.ParseQuery(score.MetricNPS, typed, theDay())
		assert.NoError(t, err, typed)
	}
}
