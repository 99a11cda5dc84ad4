package store_test

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/storetest"
)

// ask reads the report of the satisfaction that words ask for, on 20 November 2026.
func (d *fixture) ask(tb testing.TB, words string) score.Report {
	tb.Helper()
	q, err := score.ParseQuery(score.MetricCSAT, words, office.Date(2026, time.November, 20))
	require.NoError(tb, err)
	report, err := d.Report(tb.Context(), q)
	require.NoError(tb, err)
	return report
}

// sizes are the groups with their numbers of answers.
func sizes(groups []score.Group) []string {
	var all []string
	for _, g := range groups {
		all = append(all, g.Name+" "+strconv.FormatInt(g.Score.N, 10))
	}
	return all
}

// TestAgentsByIDAndName: one id is one agent, shown by the latest name; who has no id goes by
// name.
func TestAgentsByIDAndName(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	n := 0
	rate := func(id, name string, day int) {
		n++
		e := about(storetest.Smiley(strconv.Itoa(n), feedback.Green, noon().AddDate(0, 0, day)), id, name)
		if n%2 == 0 {
			e.Channel = feedback.ChannelChat
		}
		d.takeAt(t, noon(), e)
	}
	rate("a-1", "Lise Jansen", -9)
	rate("a-1", "Lise de Vries", -2)
	rate("a-1", "Lise Jansen", -5) // arrives late
	rate("a-2", "", -1)
	rate("a-2", "", -1)
	rate("", "Bart", -1)
	rate("", "bart", -1)
	rate("b-7", "Zoë", -3)
	rate("b-8", "zoë", -3)
	d.take(t, green("nobody's"))
	report := d.ask(t, "by agent")
	assert.EqualValues(t, 10, report.Score.N)
	assert.Equal(t, []string{"a-2 2", "bart 2", "Lise de Vries 3", "Zoë (b-7) 1", "zoë (b-8) 1"}, sizes(report.Groups))
	for _, c := range []struct {
		words string
		want  int64
	}{
		{"agent:a-1", 3},
		{`agent:"lise JANSEN"`, 3},
		{`agent:"Lise de Vries"`, 3},
		{"agent:A-2", 2},
		{"agent:BART", 2},
		{"agent:zoë", 2},
		{"agent:b-7", 1},
		{"agent:a-1 channel:chat", 1},
		{"agent:a-1 channel:ticket", 2},
		{"agent:a-1 today", 0},
		{`agent:‘LISE  de vries’`, 3},
		{"agent:Lise", 3},
		{"agent:b", 2}, // bart; an id is not begun
		{"agent:@bart", 2},
		{`agent:"Zoë (b-7)"`, 1},
		{"agent:a-1 all", 3},
		{"agent:a-1 since 2026-11-15", 2},
	} {
		assert.Equal(t, c.want, d.ask(t, c.words).Score.N, c.words)
	}
	assert.Equal(t, "Lise de Vries", d.ask(t, "agent:a-1").Filter.Agent)
	assert.Equal(t, "Zoë (b-7), zoë (b-8)", d.ask(t, "agent:zoë").Filter.Agent, "the answers of both are counted")
	assert.Equal(t, []string{"chat 1", "ticket 2"}, sizes(d.ask(t, "agent:a-1 by channel").Groups))
	assert.Equal(t, []string{"Lise de Vries 3"}, sizes(d.ask(t, "agent:a-1 by agent").Groups))
	all := d.ask(t, "all")
	assert.Equal(t, []string{"2026-11-11", "2026-11-20"}, []string{all.Period.From.String(), all.Period.To.String()}, "from the first answer")
	assert.EqualValues(t, 10, all.Score.N)
	assert.Zero(t, all.Previous.Score.N)
	rate("c-1", "Lise Bakker", -1)
	for _, c := range []struct {
		agent  string
		reason score.QueryReason
		near   []string
	}{
		{"Bert", score.ReasonNoAgent, []string{"agent:bart"}},
		{"Lies", score.ReasonNoAgent, nil}, // Two are called Lise.
		{"Lise Baker", score.ReasonNoAgent, []string{`agent:"Lise Bakker"`}},
		{"Xander", score.ReasonNoAgent, nil},
		{"lise", score.ReasonManyAgents, []string{`agent:"Lise Bakker"`, `agent:"Lise de Vries"`}},
	} {
		_, err := d.Reports(t.Context(), score.Query{Metric: score.MetricCSAT, Filter: score.Filter{Agent: c.agent}})
		var strange *score.QueryError
		require.ErrorAs(t, err, &strange, c.agent)
		assert.Equal(t, c.reason, strange.Reason, c.agent)
		assert.Equal(t, c.near, strange.Near, c.agent)
	}
}

// TestReportsAreTheCount: every filter, group and period gives what counting the
// answers one by one gives.
func TestReportsAreTheCount(t *testing.T) {
	t.Parallel()
	options := storetest.Options(t)
	today := office.Date(2026, time.November, 20)
	rapid.Check(t, func(rt *rapid.T) {
		d := &fixture{Store: storetest.New(storetest.Check(t, rt))}
		var past []store.HistoricEvent
		for i := range rapid.IntRange(0, 60).Draw(rt, "answers") {
			at := noon().Add(-time.Duration(rapid.IntRange(0, 1200*24).Draw(rt, "hours")) * time.Hour)
			kind := rapid.SampledFrom([]feedback.Kind{feedback.KindSmiley, feedback.KindNPS}).Draw(rt, "kind")
			low, high := kind.Scale()
			e := storetest.Score(strconv.Itoa(i), kind, rapid.IntRange(low, high).Draw(rt, "rating"), at)
			e.Channel = rapid.SampledFrom(feedback.Channels()).Draw(rt, "channel")
			if who := rapid.SampledFrom([]string{"", "Bart", "Lise", "Anna"}).Draw(rt, "agent"); who != "" {
				e = about(e, strings.ToLower(who[:1]), who)
			}
			e = of(e, rapid.SampledFrom([]feedback.Person{
				{}, {}, {ID: "c-1"}, {ID: "c-1", Email: "jan@example.org"}, {Email: "jan@example.org"}, {Email: "JAN@example.org"}, {Name: "Jan"},
			}).Draw(rt, "customer"))
			past = append(past, store.HistoricEvent{Event: e, VoidReason: rapid.SampledFrom([]string{"", "", "", "a test"}).Draw(rt, "void")})
		}
		_, err := d.Import(t.Context(), past, noon())
		require.NoError(rt, err)
		words := rapid.SampledFrom([]string{"month", "year", "last year", "2025", "900d", "30d", "2025-01-15..2026-11-03", "2024-Q1", "week", "2025-W01"}).Draw(rt, "period")
		q, err := score.ParseQuery(rapid.SampledFrom([]score.Metric{score.MetricNPS, score.MetricCSAT}).Draw(rt, "metric"), words, today)
		require.NoError(rt, err)
		q.Filter.Channel = rapid.SampledFrom([]feedback.Channel{"", feedback.ChannelChat, feedback.ChannelPanel}).Draw(rt, "only")
		q.GroupBy = rapid.SampledFrom([]score.GroupBy{score.ByNothing, score.ByChannel, score.ByAgent}).Draw(rt, "per")
		if len(past) > 0 && past[0].Event.Answer.Agent.Name != "" && rapid.Bool().Draw(rt, "of one") {
			q.Filter.Agent = past[0].Event.Answer.Agent.Name
		}
		slow := func(period score.Period, within func(feedback.Event) bool) score.PeriodScore {
			r := score.PeriodScore{Period: period}
			var tally score.Tally
			known := make(map[string]int64)
			var customers score.Customers
			for _, p := range past {
				day := office.DayOf(p.Event.OccurredAt, options.Location)
				if p.Event.Kind != q.Metric.Kind() || day < period.From || day > period.To || !within(p.Event) ||
					q.Filter.Channel != "" && p.Event.Channel != q.Filter.Channel || q.Filter.Agent != "" && p.Event.Answer.Agent.Name != q.Filter.Agent {
					continue
				}
				if p.VoidReason != "" {
					r.Voided++
				} else {
					tally.Add(p.Event.Answer.Rating, 1)
					switch who := p.Event.Answer.Customer; {
					case who.ID != "":
						known["id "+who.ID]++
					case who.Email != "":
						known["e-mail "+strings.ToLower(who.Email)]++
					default:
						customers.Add(1)
					}
				}
			}
			for _, n := range known {
				customers.Add(n)
			}
			r.Score = score.Measure(q.Metric, tally).From(customers)
			return r
		}
		compared := func(within func(feedback.Event) bool) score.Report {
			return score.Compare(slow(q.Period, within), slow(q.Period.Previous(), within))
		}
		want := compared(func(feedback.Event) bool { return true })
		want.Filter, want.GroupBy = q.Filter, q.GroupBy
		names := make(map[string]bool)
		part := func(e feedback.Event) string { return string(e.Channel) }
		if q.GroupBy == score.ByAgent {
			part = func(e feedback.Event) string { return e.Answer.Agent.Name }
		}
		for _, p := range past {
			if name := part(p.Event); q.GroupBy != score.ByNothing && name != "" && !names[name] {
				names[name] = true
				group := score.Group{Name: name, Report: compared(func(e feedback.Event) bool { return part(e) == name })}
				if group.Score.N > 0 || group.Voided > 0 {
					want.Groups = append(want.Groups, group)
				}
			}
		}
		slices.SortFunc(want.Groups, func(a, b score.Group) int { return cmp.Compare(a.Name, b.Name) })
		got, err := d.Report(t.Context(), q)
		require.NoError(rt, err)
		if q.Filter.Channel == "" && want.Significance() == score.Significant {
			for _, channel := range feedback.Channels() {
				of := compared(func(e feedback.Event) bool { return e.Channel == channel })
				if of.Score.N+of.Previous.Score.N > 0 {
					want.Channels = append(want.Channels, score.ChannelScores{Channel: channel, Now: of.Score, Before: of.Previous.Score})
				}
			}
			for i, of := range got.Channels { // their customers do not matter
				assert.Equal(rt, want.Channels[i].Now.Split, of.Now.Split)
				assert.Equal(rt, want.Channels[i].Before.Split, of.Before.Split)
			}
			require.Len(rt, got.Channels, len(want.Channels))
			want.Channels = got.Channels
		}
		assert.Equal(rt, want, got)
		q.GroupsNow = true
		got, err = d.Report(t.Context(), q)
		require.NoError(rt, err)
		for i := range want.Groups {
			want.Groups[i].Previous.Score, want.Groups[i].Previous.Voided = score.Measure(q.Metric, score.Tally{}).From(score.Customers{}), 0
		}
		assert.Equal(rt, want, got, "the same, except what the groups were before")
	})
}

// TestTrendAddsUp checks that each point of a trend is what the score of its own days
// is, for any period, over years with a leap day and both nights on which the clocks
// change.
func TestTrendAddsUp(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	var events []feedback.Event
	n, apart := 3000, 14*time.Hour // from January 2022 to October 2026
	if storetest.OnServer() {      // where a row takes longer
		n, apart = n/5, 5*apart
	}
	at := time.Date(2022, 1, 1, 0, 30, 0, 0, time.UTC)
	for i := range n {
		e := storetest.Score(strconv.Itoa(i), feedback.KindNPS, i*i%11, at)
		at = at.Add(apart)
		if i%2 == 0 {
			e.Channel = feedback.ChannelChat
		}
		if i%3 == 0 { // one agent by two rows
			e = about(e, "", []string{"Bart", "bart"}[i/3%2])
		}
		events = append(events, e)
	}
	storetest.Import(t, s, noon(), events...)
	rapid.Check(t, func(rt *rapid.T) {
		from := office.Date(2021, time.December, 1).Add(rapid.IntRange(0, 1900).Draw(rt, "from"))
		days := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 2500)).Draw(rt, "days")
		period := score.Period{From: from, To: from.Add(days - 1), Unit: score.UnitRange}
		asked := score.NewQuery(score.MetricNPS, period)
		asked.Filter = score.Filter{
			Channel: rapid.SampledFrom([]feedback.Channel{"", feedback.ChannelChat}).Draw(rt, "channel"),
			Agent:   rapid.SampledFrom([]string{"", "Bart"}).Draw(rt, "agent"),
		}
		reports, err := s.Reports(t.Context(), asked)
		require.NoError(rt, err)
		trend, stretches := reports[0].Trend, period.Stretches()
		if len(stretches) < 2 || reports[0].Score.N < score.FewAnswers {
			require.Empty(rt, trend)
			return
		}
		require.Len(rt, trend, len(stretches))
		for i, point := range trend {
			require.Equal(rt, stretches[i], point.Period)
			asked.Period = point.Period
			want, err := s.Report(t.Context(), asked)
			require.NoError(rt, err)
			require.Equal(rt, want.Score.Split, point.Score.Split, "%v", point.Period)
		}
	})
}

func TestReportsHaveTrendsOfEnoughAnswers(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	week, err := score.ParsePeriod("week", office.DayOf(noon(), storetest.Options(t).Location))
	require.NoError(t, err)
	for i := range 10 {
		reports, err := s.Reports(t.Context(), score.NewQuery(score.MetricNPS, week))
		require.NoError(t, err)
		require.Empty(t, reports[0].Trend, "%d answers", i)
		storetest.Import(t, s, noon(), storetest.Score(strconv.Itoa(i), feedback.KindNPS, 9, noon()))
	}
	reports, err := s.Reports(t.Context(), score.NewQuery(score.MetricNPS, week))
	require.NoError(t, err)
	require.EqualValues(t, 10, reports[0].Trend[len(reports[0].Trend)-1].Score.N, "what was just taken is in it")
}
