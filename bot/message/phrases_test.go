package message

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// renderer returns a renderer of English.
func renderer() *Renderer { return NewRenderer(Options{}) }

// periodOf parses the words for a period, on a day such as "2026-11-22".
func periodOf(t *testing.T, words, today string) score.Period {
	t.Helper()
	day, err := office.ParseDay(today)
	require.NoError(t, err)
	period, err := score.ParsePeriod(words, day)
	require.NoError(t, err, words)
	return period
}

func TestPeriodWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		asked string
		want  string
	}{
		{"today", "today"},
		{"2026-11-22", "today"},
		{"yesterday", "21 November 2026"},
		{"2026-10-05", "5 October 2026"},
		{"week", "week 47 of 2026 so far"},
		{"last week", "week 46 of 2026"},
		{"2026-W01", "week 1 of 2026"}, // Begins in 2025.
		{"2020-W53", "week 53 of 2020"},
		{"month", "November 2026 so far"},
		{"last month", "October 2026"},
		{"quarter", "Q4 2026 so far"},
		{"2026-Q3", "Q3 2026"},
		{"year", "2026 so far"},
		{"last year", "2025"},
		{"0001", "1"},
		{"30d", "last 30 days"},
		{"1d", "last 1 day"},
		{"36500d", "last 36,500 days"},
		{"2026-10-01..2026-10-15", "1–15 October 2026"},
		{"2026-10-01..2026-10-01", "1 October 2026"},
		{"2026-09-28..2026-10-03", "28 September – 3 October 2026"},
		{"2025-12-28..2026-01-03", "28 December 2025 – 3 January 2026"},
		{"2025-11-20..2026-11-30", "20 November 2025 – 30 November 2026"},
		{"2026-11-20..2026-11-30", "20–30 November 2026"},
		{"0001-01-01..9999-12-31", "1 January 1 – 31 December 9999"},
	} {
		assert.Equal(t, test.want, renderer().periodWords(periodOf(t, test.asked, "2026-11-22")), test.asked)
	}
}

func TestPreviousPeriodWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ today, asked, want string }{
		{"2026-03-01", "month", "1 February 2026"},
		{"2026-03-31", "month", "February 2026"},
		{"2026-11-30", "month", "1–30 October 2026"}, // The last day is not over.
		{"2026-11-18", "week", "9–11 November 2026"},
		{"2027-01-03", "week", "week 52 of 2026"},
		{"2026-06-30", "quarter", "Q1 2026"},
		{"2028-12-31", "year", "2027"},
		{"2029-12-31", "year", "1 January – 30 December 2028"},
	} {
		assert.Equal(t, c.want, renderer().periodWords(periodOf(t, c.asked, c.today).Previous()), c.today)
	}
}

func TestEveryPeriodHasWords(t *testing.T) {
	t.Parallel()
	units := []score.Unit{
		score.UnitDay, score.UnitWeek, score.UnitMonth, score.UnitQuarter, score.UnitYear, score.UnitDays,
		score.UnitRange, "",
	}
	words := renderer()
	rapid.Check(t, func(t *rapid.T) {
		first := office.Date(rapid.IntRange(0, 9999).Draw(t, "year"), time.January, 1)
		period := score.Period{
			From: first, To: first.Add(rapid.IntRange(0, score.LongestDays).Draw(t, "days")),
			Unit: rapid.SampledFrom(units).Draw(t, "unit"), Running: rapid.Bool().Draw(t, "running"),
		}
		assert.NotEmpty(t, words.periodWords(period))
	})
}

func TestNoPeriodGivesAReason(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		e    score.QueryError
		want string
	}{
		{score.QueryError{Reason: score.ReasonUnknown}, "“x” is not a period or filter I know"},
		{score.QueryError{Reason: score.ReasonLength}, "“x” must be 1 to 36,500 days long"},
		{score.QueryError{Reason: score.ReasonNoChannel}, "“x” is not a channel; choose from ticket, chat, panel, email, phone, social, review"},
		{score.QueryError{}, "“x” is not a period or filter I know"},
		{score.QueryError{Near: []string{"month", "maand"}}, "“x” is not a period or filter I know. Did you mean “month” or “maand”?"},
	} {
		test.e.Word = "x"
		assert.Equal(t, test.want, renderer().NoPeriod(&test.e))
	}
	for _, reason := range score.QueryReasons() {
		for _, language := range []Language{English, Dutch} {
			said := NewRenderer(Options{Language: language}).NoPeriod(&score.QueryError{Word: "x", Reason: reason})
			assert.NotContains(t, said, "period_", reason)
		}
	}
}

func TestNotUnderstoodGivesAReasonWhenThereIsOne(t *testing.T) {
	t.Parallel()
	const try = " Try:\n/csat month\n/csat last week by channel\n/csat 30d channel:chat share"
	for _, test := range []struct {
		e    score.QueryError
		want string
	}{
		{score.QueryError{Word: "x"}, "I did not understand “x”." + try},
		{score.QueryError{Word: "x", Reason: score.ReasonUnknown}, "I did not understand “x”." + try},
		{score.QueryError{Word: "mont", Near: []string{"month"}}, "I did not understand “mont”. Did you mean “month”?" + try},
		{score.QueryError{Word: "0d", Reason: score.ReasonLength}, "“0d” must be 1 to 36,500 days long." + try},
		{score.QueryError{Word: "2030", Reason: score.ReasonFuture}, "2030 has not started yet." + try},
		{score.QueryError{Word: "channel:ticket", Reason: score.ReasonTwoChannels}, "“channel:ticket” is one too many: one channel at a time, or by channel." + try},
		{score.QueryError{Word: "agent:B", Reason: score.ReasonManyAgents, Near: []string{"agent:Bo", `agent:"Bart de Vries"`}}, `“agent:B” matches several agents. Did you mean “agent:Bo” or “agent:"Bart de Vries"”?` + try},
	} {
		assert.Equal(t, test.want, renderer().NotUnderstood(&test.e, "csat").Text)
	}
}

func TestPeriodWordsInDutch(t *testing.T) {
	t.Parallel()
	dutch := NewRenderer(Options{Language: Dutch})
	for _, test := range []struct {
		asked string
		want  string
	}{
		{"vandaag", "vandaag"},
		{"gisteren", "21 november 2026"},
		{"week", "week 47 van 2026 tot nu toe"},
		{"vorige maand", "oktober 2026"},
		{"kwartaal", "4e kwartaal 2026 tot nu toe"},
		{"vorig jaar", "2025"},
		{"1d", "afgelopen 1 dag"},
		{"30d", "afgelopen 30 dagen"},
		{"2026-03-01..2026-03-15", "1–15 maart 2026"},
		{"2026-02-28..2026-03-03", "28 februari – 3 maart 2026"},
	} {
		assert.Equal(t, test.want, dutch.periodWords(periodOf(t, test.asked, "2026-11-22")), test.asked)
	}
}

func TestScoreWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		metric     score.Metric
		score, few string
	}{
		{score.MetricNPS, "NPS −100", "NPS: too few answers (4)"},
		{score.MetricNPSEU, "NPS −100", "NPS: too few answers (4)"},
		{score.MetricNLS, "NLS −100", "NLS: too few answers (4)"},
		{score.MetricSmileys, "Smileys −100", "Smileys: too few answers (4)"},
		{score.MetricCSAT, "CSAT 0%", "CSAT: too few answers (4)"},
		{score.MetricCSAT5, "CSAT 1–5 0%", "CSAT 1–5: too few answers (4)"},
		{score.MetricCES, "CES 0%", "CES: too few answers (4)"},
		{score.MetricReviews, "Reviews 1.00 of 5", "Reviews: too few answers (4)"},
	} {
		var few, enough score.Tally
		few.Add(1, 4)
		enough.Add(1, score.FewAnswers)
		assert.Equal(t, test.few, renderer().scoreWords(score.Measure(test.metric, few)))
		assert.Equal(t, test.score, renderer().scoreWords(score.Measure(test.metric, enough)))
	}
	assert.Equal(t, "NPS: too few answers (0)", renderer().scoreWords(score.Measure(score.MetricNPS, score.Tally{})))
}

func TestScoreWordsInDutch(t *testing.T) {
	t.Parallel()
	dutch := NewRenderer(Options{Language: Dutch})
	var few, enough score.Tally
	few.Add(1, 4)
	enough.Add(1, score.FewAnswers)
	assert.Equal(t, "NPS: te weinig antwoorden (4)", dutch.scoreWords(score.Measure(score.MetricNPS, few)))
	assert.Equal(t, "Reviews 1,00 van 5 sterren", dutch.scoreWords(score.Measure(score.MetricReviews, enough)))
	assert.Equal(t, "Smileys −100", dutch.scoreWords(score.Measure(score.MetricSmileys, enough)))
}
