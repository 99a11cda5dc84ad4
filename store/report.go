package store

import (
	"context"
	"strings"

	"smileybot/feedback"
	"smileybot/feedback/score"
)

// Reports reads what a query asks for: the metric and those that are shown with it (see
// [score.Metric.With]), each with the period before and its trend. It reads the tallies
// every time, so a rating that was just acknowledged is in it. When no rated agent has the
// name of the filter, it returns the error of [score.AgentUnknown].
func (s *Store) Reports(ctx context.Context, q score.Query) ([]score.Report, error) {
	var reports []score.Report
	err := s.ask(ctx, q, func(a asked) error {
		reports = nil
		for i, metric := range append([]score.Metric{q.Metric}, q.Metric.With()...) {
			a.Metric = metric
			report, err := a.report(ctx)
			if err != nil {
				return err
			}
			if i > 0 && report.Score.N == 0 {
				continue
			}
			if report.Score.Enough() { // too few show nothing
				if report.Trend, err = a.trend(ctx); err != nil {
					return err
				}
			}
			reports = append(reports, report)
		}
		return nil
	})
	return reports, err
}

// Report reads one metric of a period and of the one before, without a trend. When no rated
// agent fits the filter, it returns the error of [score.AgentUnknown] or [score.AgentsAlike].
func (s *Store) Report(ctx context.Context, q score.Query) (score.Report, error) {
	var report score.Report
	err := s.ask(ctx, q, func(a asked) (err error) {
		report, err = a.report(ctx)
		return err
	})
	return report, err
}

// ask answers a query from one state of the database, so that groups and trends add up. It may
// call answer more than once.
func (s *Store) ask(ctx context.Context, q score.Query, answer func(asked) error) error {
	if !q.Now.IsZero() {
		q.Now = q.Now.In(s.options.Location)
	}
	return s.engine.State(ctx, func(state Reader) error {
		a := asked{Query: q, state: state, refs: []int64{everybody}}
		if err := a.begin(ctx); err != nil {
			return err
		}
		if q.Personal() {
			if err := a.findAgents(ctx); err != nil {
				return err
			}
		}
		return answer(a)
	})
}

// everybody is the agent of the tallies that count all agents.
const everybody int64 = 0

// asked is a query with its agents, on one state of the database.
type asked struct {
	score.Query
	state Reader
	// refs are the rows of the agents to count, or everybody.
	refs []int64
	// names are the names of the agents by row, for a query about agents; rows with the
	// same name are one agent. keys are the names by [feedback.Person.Key].
	names map[int64]string
	keys  map[string]string
	// people are the ids and names of the agents by row, called are the agents' names by these.
	people map[int64]feedback.Person
	called map[feedback.Person]string
}

// begin lets a period of all days begin on the first with an answer of the metric's kind, or today, or
// for served tickets on the first with one.
func (a *asked) begin(ctx context.Context) error {
	if a.Period.Unit != score.UnitAll {
		return nil
	}
	first := a.Period.To
	query, in := `select coalesce(min(day), $1) from ticket_service_day where day <= $1`, []any{int64(first)}
	if a.Metric != score.MetricService {
		query, in = `select coalesce(min(period_start), $1) from tally
where period_start <= $1 and kind = $2 and unit = $3 and channel = '' and agent = $4`, append(in, a.Metric.Kind(), score.UnitDay, everybody)
	}
	err := eachOf(ctx, a.state, "the first day", func(row Scanner) error { return row.Scan(&first) }, query, in...)
	a.Period.From = first
	return err
}

// findAgents finds the agents that a query is about.
func (a *asked) findAgents(ctx context.Context) error {
	agents, err := agents(ctx, a.state)
	if err != nil {
		return err
	}
	a.names, a.keys = make(map[int64]string), make(map[string]string)
	a.people, a.called = make(map[int64]feedback.Person), make(map[feedback.Person]string)
	if a.Filter.Agent != "" {
		if agents, err = find(agents, a.Filter.Agent); err != nil {
			return err
		}
		a.refs = nil
	}
	var who []string
	for _, agent := range agents {
		who = append(who, agent.called())
		for ref, name := range agent.rows {
			person := feedback.Person{ID: agent.id, Name: name}
			a.names[ref], a.people[ref], a.called[person] = agent.name, person, agent.name
			if a.Filter.Agent != "" {
				a.refs = append(a.refs, ref)
			}
		}
		a.keys[agent.key()] = agent.name
	}
	if a.Filter.Agent != "" {
		a.Filter.Agent = strings.Join(who, ", ")
	}
	return nil
}

// before is the query for the period before.
func (a asked) before() asked {
	if a.GroupsNow {
		a.GroupBy = score.ByNothing
	}
	return a
}

// grouped are the tallies of a period: all of it, and by group.
type grouped struct {
	all    score.Count
	groups map[string]score.Count
	// customers are those of the groups, and of all under wholePeriod; nil when not counted.
	customers map[string]score.Customers
}

// measure is the score of a group, or of all under wholePeriod.
func (g grouped) measure(m score.Metric, p score.Period, group string) score.PeriodScore {
	count := g.all
	if group != wholePeriod {
		count = g.groups[group]
	}
	measured := score.PeriodScore{Period: p, Score: score.Measure(m, count.Tally), Voided: count.Voided}
	if g.customers != nil {
		measured.Score = measured.Score.From(g.customers[group])
	}
	return measured
}

// report measures the period and the one before.
func (a asked) report(ctx context.Context) (score.Report, error) {
	previous := a.Period.PreviousAt(a.Now)
	now, err := a.countAll(ctx, a.Period)
	if err != nil {
		return score.Report{}, err
	}
	before, err := a.before().countAll(ctx, previous)
	if err != nil {
		return score.Report{}, err
	}
	compare := func(group string) score.Report {
		return score.Compare(now.measure(a.Metric, a.Period, group), before.measure(a.Metric, previous, group))
	}
	r := compare(wholePeriod)
	r.Filter, r.GroupBy = a.Filter, a.GroupBy
	for name, count := range now.groups {
		if count.Tally.N() == 0 && count.Voided == 0 {
			continue
		}
		r.Groups = append(r.Groups, score.Group{Name: name, Report: compare(name)})
	}
	score.SortGroups(r.Groups)
	if a.Filter.Channel == "" && r.Significance() == score.Significant {
		r.Channels, err = a.channels(ctx, previous)
	}
	return r, err
}

// channels measures the channels that have answers in the period or in the previous one.
func (a asked) channels(ctx context.Context, previous score.Period) ([]score.ChannelScores, error) {
	a.GroupBy = score.ByChannel
	now, err := a.count(ctx, a.Period)
	if err != nil {
		return nil, err
	}
	before, err := a.count(ctx, previous)
	if err != nil {
		return nil, err
	}
	var found []score.ChannelScores
	for _, channel := range feedback.Channels() {
		of, from := now.measure(a.Metric, a.Period, string(channel)), before.measure(a.Metric, previous, string(channel))
		if of.Score.N > 0 || from.Score.N > 0 {
			found = append(found, score.ChannelScores{Channel: channel, Now: of.Score, Before: from.Score})
		}
	}
	return found, nil
}

// countAll counts the answers of a period and their customers.
func (a asked) countAll(ctx context.Context, p score.Period) (grouped, error) {
	r, err := a.count(ctx, p)
	if err != nil {
		return r, err
	}
	return r, a.countCustomers(ctx, p, &r)
}

// count counts the answers of a period. Without a time of day it sums the tallies: for each group,
// it reads one row a month and one a day of the months at its ends, however many answers there are.
func (a asked) count(ctx context.Context, p score.Period) (grouped, error) {
	if !p.Until.IsZero() {
		return a.countUntil(ctx, p)
	}
	r := grouped{groups: make(map[string]score.Count)}
	for _, span := range spans(p) {
		if span.first > span.last {
			continue
		}
		if err := a.sum(ctx, span, &r); err != nil {
			return grouped{}, err
		}
	}
	return r, nil
}

// A span is a range of rows of the tallies, both ends included.
type span struct {
	unit        score.Unit
	first, last int64
}

// spans divide a period into the days before, the whole months, and the days after them. Each
// may be empty.
func spans(p score.Period) [3]span {
	head, months, tail := p.From.Months(p.To)
	return [3]span{
		{score.UnitDay, int64(head[0]), int64(head[1])},
		{score.UnitMonth, int64(months[0]), int64(months[1])},
		{score.UnitDay, int64(tail[0]), int64(tail[1])},
	}
}

// sum adds the tallies of a span.
func (a asked) sum(ctx context.Context, in span, r *grouped) error {
	for _, ref := range a.refs {
		c, err := a.sumOf(ctx, in, a.Filter.Channel, ref)
		if err != nil {
			return err
		}
		r.all = r.all.Plus(c)
		for _, channel := range feedback.Channels() {
			if a.GroupBy != score.ByChannel || a.Filter.Channel != "" && a.Filter.Channel != channel {
				continue
			}
			c, err := a.sumOf(ctx, in, channel, ref)
			if err != nil {
				return err
			}
			r.groups[string(channel)] = r.groups[string(channel)].Plus(c)
		}
	}
	if a.GroupBy == score.ByAgent {
		return a.sumAgents(ctx, in, r)
	}
	return nil
}

// sumOf sums the tallies of a channel and an agent.
func (a asked) sumOf(ctx context.Context, in span, channel feedback.Channel, ref int64) (c score.Count, err error) {
	err = eachOf(ctx, a.state, "the tallies", func(row Scanner) error { return row.Scan(countPlaces(&c)...) },
		`select `+tallySums+` from tally t
where t.kind = $1 and t.unit = $2 and t.channel = $3 and t.agent = $4 and t.period_start between $5 and $6`,
		a.Metric.Kind(), in.unit, channel, ref, in.first, in.last)
	return c, err
}

// sumAgents adds to the group of each agent. The cross join makes SQLite go from agent to
// agent and read only the rows of the span.
func (a asked) sumAgents(ctx context.Context, in span, r *grouped) error {
	return eachOf(ctx, a.state, "the tallies", func(row Scanner) error {
		var ref int64
		var c score.Count
		if err := row.Scan(append([]any{&ref}, countPlaces(&c)...)...); err != nil {
			return err
		}
		if name, asked := a.names[ref]; asked {
			r.groups[name] = r.groups[name].Plus(c)
		}
		return nil
	}, `select a.id, `+tallySums+` from agent a cross join tally t
where t.kind = $1 and t.unit = $2 and t.channel = $3 and t.agent = a.id and t.period_start between $4 and $5 group by a.id`,
		a.Metric.Kind(), in.unit, a.Filter.Channel, in.first, in.last)
}

// tallySums selects the sums of rows of the tallies, in the order of countPlaces.
const tallySums = `coalesce(sum(t.voided), 0), coalesce(sum(t.v0), 0), coalesce(sum(t.v1), 0), coalesce(sum(t.v2), 0),
    coalesce(sum(t.v3), 0), coalesce(sum(t.v4), 0), coalesce(sum(t.v5), 0), coalesce(sum(t.v6), 0),
    coalesce(sum(t.v7), 0), coalesce(sum(t.v8), 0), coalesce(sum(t.v9), 0), coalesce(sum(t.v10), 0)`

// countPlaces are the places of a row of the tallies.
func countPlaces(c *score.Count) []any {
	places := []any{&c.Voided}
	for value := range c.Tally {
		places = append(places, &c.Tally[value])
	}
	return places
}

// trend reads the metric over the course of the period, nil for a period that is too short. It
// reads at most 140 days, or a row a month and a row a day of the months at the ends, however
// many answers there are.
func (a asked) trend(ctx context.Context) (score.Trend, error) {
	stretches := a.Period.Stretches()
	if len(stretches) < 2 {
		return nil, nil
	}
	counts := make([]score.Count, len(stretches))
	base, width, byMonth := stretches[0].Unit.Slot(a.Period.From)
	parts := []slots{{span{score.UnitDay, int64(a.Period.From), int64(a.Period.To)}, base, width, counts}}
	if byMonth { // the days at the ends belong to the first and to the last point
		in := spans(a.Period)
		head, months, tail := in[0], in[1], in[2]
		parts = []slots{
			{head, head.first, head.last - head.first + 1, counts},
			{months, base, width, counts},
			{tail, tail.first, tail.last - tail.first + 1, counts[len(counts)-1:]},
		}
	}
	for _, part := range parts {
		if err := a.slot(ctx, part); err != nil {
			return nil, err
		}
	}
	trend := make(score.Trend, len(stretches))
	for i, stretch := range stretches {
		trend[i] = score.Point{Period: stretch, Score: score.Measure(a.Metric, counts[i].Tally)}
	}
	return trend, nil
}

// slots map the rows of a span to the counts of points; see [score.Unit.Slot].
type slots struct {
	span
	base, width int64
	counts      []score.Count
}

// slot adds the rows of a span to their points.
func (a asked) slot(ctx context.Context, in slots) error {
	if in.first > in.last {
		return nil
	}
	for _, ref := range a.refs {
		err := eachOf(ctx, a.state, "the trend", func(row Scanner) error {
			var slot int
			var c score.Count
			err := row.Scan(append([]any{&slot}, countPlaces(&c)...)...)
			if err == nil {
				in.counts[slot] = in.counts[slot].Plus(c)
			}
			return err
		}, `with t as (select *, (period_start - $1) / $2 as slot from tally
    where kind = $3 and unit = $4 and channel = $5 and agent = $6 and period_start between $7 and $8)
select t.slot, `+tallySums+` from t group by t.slot`,
			in.base, in.width, a.Metric.Kind(), in.unit, a.Filter.Channel, ref, in.first, in.last)
		if err != nil {
			return err
		}
	}
	return nil
}
