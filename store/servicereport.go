package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"smileybot/feedback"
)

// ServiceReport reads how the tickets were served that a question is about, over its
// period and over the one before it. The metric does not matter. Without a rated agent
// of the filter's name the error is [feedback.AgentUnknown]'s.
func (s *Store) ServiceReport(ctx context.Context, q feedback.Question) (feedback.ServiceReport, error) {
	var report feedback.ServiceReport
	err := s.ask(ctx, q, func(a asked) (err error) {
		report, err = a.serviceReport(ctx)
		return err
	})
	return report, err
}

func (a asked) serviceReport(ctx context.Context) (feedback.ServiceReport, error) {
	now, groups, err := a.service(ctx, a.Period)
	if err != nil {
		return feedback.ServiceReport{}, err
	}
	before, groupsBefore, err := a.before().service(ctx, a.Period.Previous())
	if err != nil {
		return feedback.ServiceReport{}, err
	}
	r := feedback.CompareService(now, before)
	r.Filter, r.Per = a.Filter, a.Per
	for name, group := range groups {
		if group.Count.N == 0 {
			continue
		}
		was := feedback.ServiceReading{Period: before.Period}
		if known := groupsBefore[name]; known != nil {
			was = *known
		}
		r.Groups = append(r.Groups, feedback.ServiceGroup{Name: name, ServiceReport: feedback.CompareService(*group, was)})
	}
	feedback.SortGroups(r.Groups)
	return r, nil
}

// service counts the tickets that were opened in a period: all that are asked about, and
// by group. A ticket that was rated about somebody by id and also by name alone counts
// twice for an agent who goes by both.
func (a asked) service(ctx context.Context, p feedback.Period) (all feedback.ServiceReading, groups map[string]*feedback.ServiceReading, err error) {
	all.Period, groups = p, make(map[string]*feedback.ServiceReading)
	into := make(serviceCounts)
	group := func(name string, by feedback.Rater) {
		if groups[name] == nil {
			groups[name] = &feedback.ServiceReading{Period: p}
		}
		into[by] = append(into[by], &groups[name].Count)
	}
	keys := []string{""}
	if a.Filter.Agent != "" {
		keys = slices.Collect(maps.Keys(a.keys))
	}
	for _, key := range keys {
		by := feedback.Rater{Channel: a.Filter.Channel, Agent: key}
		into[by] = append(into[by], &all.Count)
		if a.Per == feedback.PerChannel {
			for _, channel := range a.channels() {
				group(string(channel), feedback.Rater{Channel: channel, Agent: key})
			}
		}
	}
	if a.Per == feedback.PerAgent {
		for key, name := range a.keys {
			group(name, feedback.Rater{Channel: a.Filter.Channel, Agent: key})
		}
	}
	return all, groups, into.read(ctx, a.state, p.From, p.To)
}

// serviceCounts are counts by what they count: the tickets that were rated by who is
// given; the zero Rater is everybody.
type serviceCounts map[feedback.Rater][]*feedback.ServiceCount

// read adds the rated tickets that were opened on the local days from first to last,
// both included. It costs a read of at most the days of two months and the months
// between for each Rater, and of what waits to be counted in those months, however many
// tickets there are.
func (into serviceCounts) read(ctx context.Context, state Snapshot, first, last feedback.Day) error {
	head, months, tail := first.Months(last)
	for by, counts := range into {
		err := eachOf(ctx, state, "the service", func(row Scanner) error {
			var data sql.RawBytes // megabytes of it in years by agent
			if err := row.Scan(&data); err != nil {
				return err
			}
			for _, count := range counts {
				if err := count.Decode(data); err != nil {
					return err
				}
			}
			return nil
		}, `
select counts from service where channel = $1 and agent = $2 and unit = 'day' and first between $3 and $4
union all
select counts from service where channel = $1 and agent = $2 and unit = 'month' and first between $5 and $6
union all
select counts from service where channel = $1 and agent = $2 and unit = 'day' and first between $7 and $8`,
			by.Channel, by.Agent, head[0], head[1], months[0], months[1], tail[0], tail[1])
		if err != nil {
			return err
		}
	}
	return eachOf(ctx, state, "the service", func(row Scanner) error {
		changes, err := scanChanges(row)
		for _, c := range changes {
			if first <= c.Day && c.Day <= last {
				into.add(c)
			}
		}
		return err
	}, `select changes from service_change where month between $1 and $2`, first.Month(), last.Month())
}

// add adds a ticket that is not counted yet.
func (into serviceCounts) add(c feedback.ServedChange) {
	for by, counts := range into {
		if !slices.ContainsFunc(c.Raters, by.Finds) {
			continue
		}
		for _, count := range counts {
			count.Add(c.Served, c.N)
		}
	}
}
