package store

import (
	"context"
	"slices"
	"sync"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// ServiceReport reads how the tickets that a question selects were served, in its period
// and in the one before. The question's metric does not matter. When no rated agent has
// the filter's name, the error is that of [score.AgentUnknown].
func (s *Store) ServiceReport(ctx context.Context, q score.Query) (score.ServiceReport, error) {
	var r score.ServiceReport
	err := s.ask(ctx, q, func(a asked) error {
		now, err := a.service(ctx, &s.served, a.Period)
		if err != nil {
			return err
		}
		before, err := a.before().service(ctx, &s.served, a.Period.Previous())
		if err != nil {
			return err
		}
		r = score.CompareService(now.reading(&now.all), before.reading(&before.all))
		r.Filter, r.GroupBy = a.Filter, a.GroupBy
		for name, count := range now.groups {
			if count.N > 0 {
				report := score.CompareService(now.reading(count), before.reading(before.group(name)))
				r.Groups = append(r.Groups, score.ServiceGroup{Name: name, ServiceReport: report})
			}
		}
		score.SortGroups(r.Groups)
		return nil
	})
	return r, err
}

// A serviceReading counts the tickets of a period: all that are asked about, and by group.
type serviceReading struct {
	period score.Period
	all    score.ServiceCount
	groups map[string]*score.ServiceCount
}

func (r *serviceReading) reading(count *score.ServiceCount) score.PeriodService {
	return score.PeriodService{Period: r.period, Count: *count}
}

func (r *serviceReading) group(name string) *score.ServiceCount {
	if r.groups[name] == nil {
		r.groups[name] = new(score.ServiceCount)
	}
	return r.groups[name]
}

// service counts the tickets that were opened in a period.
func (a asked) service(ctx context.Context, cache *serviceCache, p score.Period) (*serviceReading, error) {
	versions := make(map[office.Day]int64)
	err := eachOf(ctx, a.state, "the days of the service", func(row Scanner) error {
		var day office.Day
		var version int64
		err := row.Scan(&day, &version)
		versions[day] = version
		return err
	}, `select day, version from ticket_service_day where day between $1 and $2`, int64(p.From), int64(p.To))
	if err != nil {
		return nil, err
	}
	r := &serviceReading{period: p, groups: make(map[string]*score.ServiceCount)}
	into := make(map[string][]*score.ServiceCount) // by the text of scopes
	for day, version := range versions {
		counted, err := cache.day(ctx, a.state, day, version)
		if err != nil {
			return nil, err
		}
		for text, count := range counted {
			counts, known := into[text]
			if !known {
				scopes, err := parseScopes(text)
				if err != nil {
					return nil, err
				}
				counts = r.counts(a, scopes)
				into[text] = counts
			}
			for _, c := range counts {
				c.Merge(count)
			}
		}
	}
	return r, nil
}

// counts are those in which a ticket with these scopes counts, in each once.
func (r *serviceReading) counts(a asked, scopes []score.Scope) []*score.ServiceCount {
	var found []*score.ServiceCount
	add := func(c *score.ServiceCount) {
		if !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	for _, s := range scopes {
		agent, known := a.keys[s.Agent]
		if a.Filter.Channel != "" && s.Channel != a.Filter.Channel || a.Filter.Agent != "" && !known {
			continue
		}
		add(&r.all)
		switch {
		case a.GroupBy == score.ByChannel:
			add(r.group(string(s.Channel)))
		case a.GroupBy == score.ByAgent && known:
			add(r.group(agent))
		}
	}
	return found
}

// A serviceCache counts days of ticket_service. SQLite takes 300 ms for the medians of a
// million tickets by agent, and 50 ms only to count them; to add up the days of a year takes
// a tenth of that. A count is valid for one version of its day, so a report is never behind
// the database, whichever process changes it.
type serviceCache struct {
	mu   sync.Mutex
	days map[office.Day]cachedDay
	size int // in bytes, about
}

// maxCache bounds the cache, in bytes: for some millions of tickets.
const maxCache = 64 << 20

// A cachedDay counts the tickets of a day at a version, by the text of their scopes.
type cachedDay struct {
	version int64
	counts  map[string]*score.ServiceCount
}

// size is about how many bytes the day takes.
func (d cachedDay) size() int {
	const count, ticket = 256, 8
	n := 0
	for _, c := range d.counts {
		n += count + ticket*int(c.N)
	}
	return n
}

// day counts the tickets of a day at the version that it has in the state.
func (c *serviceCache) day(ctx context.Context, state Snapshot, day office.Day, version int64) (map[string]*score.ServiceCount, error) {
	c.mu.Lock()
	cached := c.days[day]
	c.mu.Unlock()
	if cached.version == version {
		return cached.counts, nil
	}
	read := cachedDay{version, make(map[string]*score.ServiceCount)}
	err := eachOf(ctx, state, "the served tickets", func(row Scanner) error {
		var r serviceRow
		if err := row.Scan(r.places()...); err != nil {
			return err
		}
		if read.counts[r.scopes] == nil {
			read.counts[r.scopes] = new(score.ServiceCount)
		}
		read.counts[r.scopes].Add(r.TicketService)
		return nil
	}, `select `+serviceColumns+` from ticket_service s where s.day = $1`, int64(day))
	if err == nil {
		c.keep(day, read)
	}
	return read.counts, err
}

// keep caches a day, unless a later version of it is cached, and drops others to stay in
// the bound.
func (c *serviceCache) keep(day office.Day, read cachedDay) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.days == nil {
		c.days = make(map[office.Day]cachedDay)
	}
	if cached := c.days[day]; cached.version < read.version {
		c.size += read.size() - cached.size()
		c.days[day] = read
	}
	for other, cached := range c.days {
		if c.size <= maxCache {
			break
		}
		c.size -= cached.size()
		delete(c.days, other)
	}
}
