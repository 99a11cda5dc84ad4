package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// The table ticket_service has a row for each rated ticket with a known opening. It is
// computed from the ticket's ratings, in the transaction that changes one of them.

// updateService updates the rows of the tickets that a changed feedback rates and rated.
// before is nil for a new feedback.
func (s *Store) updateService(t *Unit, before *feedback.Feedback, after feedback.Feedback) error {
	tickets := []string{after.Ticket.ID}
	if before != nil && before.Ticket.ID != after.Ticket.ID {
		tickets = append(tickets, before.Ticket.ID)
	}
	for _, id := range tickets {
		if id == "" {
			continue
		}
		if _, err := s.refreshTicket(t, ticketKey{after.Sender, id}, &after); err != nil {
			return err
		}
	}
	return nil
}

// A serviceRow is a row of ticket_service without the ticket's name; the zero value is no
// row. scopes is a JSON list of channels and agents.
type serviceRow struct {
	score.TicketService

	scopes string
}

// refreshTicket computes the row of a ticket again and reports whether that changed it. own, if it is
// not nil, is a feedback that changes in the same transaction.
func (s *Store) refreshTicket(t *Unit, ticket ticketKey, own *feedback.Feedback) (changed bool, err error) {
	rows, err := fetch(t, t.loaded.tickets, ticket, queryTicket)
	if err != nil {
		return false, err
	}
	was, ratings := rows.was, rows.ratingsWith(own, ticket)
	var is serviceRow
	service, counts := score.Serve(s.options.Policy.Hours, ratings)
	if counts {
		is = serviceRow{service, scopesText(score.Scopes(ratings))}
	}
	if was == is {
		return false, nil
	}
	if rows.exists {
		if err := noteDay(t, was.Day); err != nil {
			return true, err
		}
		err = t.Exec(`delete from ticket_service where sender = $1 and ticket_id = $2`, ticket.sender, ticket.id)
	}
	if err != nil || !counts {
		return true, err
	}
	if err := noteDay(t, is.Day); err != nil {
		return true, err
	}
	return true, t.Exec(`
insert into ticket_service (sender, ticket_id, day, first_reply, resolution, within_4h, same_day, one_reply, scopes, opened_ms, mistaken)
values ($1, $2, $3, nullif($4, -1), nullif($5, -1), nullif($6, 0) - 1, nullif($7, 0) - 1, nullif($8, 0) - 1, $9, $10, $11)`,
		ticket.sender, ticket.id, int64(is.Day), is.FirstReply, is.Resolution, is.Within4h, is.SameDay, is.OneReply, is.scopes, ms(is.OpenedAt), flag(is.Mistaken))
}

// noteDay raises the version of a day, so that the counts of it that readers keep are stale.
func noteDay(t *Unit, day office.Day) error {
	return t.Exec(`
insert into ticket_service_day (day, version) values ($1, 1)
on conflict (day) do update set version = ticket_service_day.version + 1`, int64(day))
}

// serviceColumns are in the order of places, with the numbers of [score.TicketService]
// for what is unknown.
const serviceColumns = `s.day, coalesce(s.first_reply, -1), coalesce(s.resolution, -1),
    coalesce(s.within_4h + 1, 0), coalesce(s.same_day + 1, 0), coalesce(s.one_reply + 1, 0), s.scopes,
    s.opened_ms, s.mistaken`

func (r *serviceRow) places() []any {
	return []any{&r.Day, &r.FirstReply, &r.Resolution, &r.Within4h, &r.SameDay, &r.OneReply, &r.scopes, momentIn(&r.OpenedAt), &r.Mistaken}
}

// A ticketKey names a ticket by the names of its sender.
type ticketKey struct{ sender, id string }

// ticketRows are what is stored of a ticket: its row, if it has one, and the ratings that count.
type ticketRows struct {
	was     serviceRow
	exists  bool
	ratings []storedRating
}

// A storedRating is a rating of a ticket with the id of its feedback.
type storedRating struct {
	feedbackID string
	score.TicketRating
}

func queryTicket(b *Batch, ticket ticketKey) *ticketRows {
	rows := new(ticketRows)
	b.Each(func(row Scanner) error {
		rows.exists = true
		return row.Scan(rows.was.places()...)
	}, `select `+serviceColumns+` from ticket_service s where s.sender = $1 and s.ticket_id = $2`, ticket.sender, ticket.id)
	b.Each(collect(&rows.ratings, func(row Scanner) (storedRating, error) { return scanRating(row) }),
		`select `+ratingColumns+` from feedback where sender = $1 and ticket_id = $2 and ticket_id <> '' and voided_ms is null`, ticket.sender, ticket.id)
	return rows
}

// ratingColumns are in the order of [scanRating].
const ratingColumns = `id, channel, agent_id, agent_name, ticket_opened_ms, ticket_replied_ms, ticket_resolved_ms, ticket_replies, set_ns`

// scanRating reads ratingColumns, after those of first.
func scanRating(row Scanner, first ...any) (r storedRating, err error) {
	var agent feedback.Person
	var set string
	err = row.Scan(append(first, &r.feedbackID, &r.Channel, &agent.ID, &agent.Name, momentIn(&r.Ticket.OpenedAt), momentIn(&r.Ticket.FirstReplyAt),
		momentIn(&r.Ticket.ResolvedAt), &r.Ticket.Replies, &set)...)
	if err != nil {
		return r, err
	}
	r.Agent = agent.Key()
	r.SetAt, err = parseStamps(set)
	return r, err
}

// ratingsWith are the ratings of a ticket, with the one of own as it is now.
func (r *ticketRows) ratingsWith(own *feedback.Feedback, ticket ticketKey) []score.TicketRating {
	var all []score.TicketRating
	for _, one := range r.ratings {
		if own == nil || one.feedbackID != own.ID {
			all = append(all, one.TicketRating)
		}
	}
	if own == nil || own.Ticket.ID != ticket.id || own.Voided() {
		return all
	}
	f := own.Ticket
	return append(all, score.TicketRating{
		Channel: own.Channel, Agent: feedback.Person{ID: own.Agent.ID, Name: own.Agent.Name}.Key(), SetAt: own.SetAt,
		Ticket: feedback.Ticket{OpenedAt: kept(f.OpenedAt), FirstReplyAt: kept(f.FirstReplyAt), ResolvedAt: kept(f.ResolvedAt), Replies: f.Replies},
	})
}

// scopesText writes scopes as the column has them, such as [["chat","a-7"]].
func scopesText(scopes []score.Scope) string {
	pairs := make([][2]string, len(scopes))
	for i, s := range scopes {
		pairs[i] = [2]string{string(s.Channel), s.Agent}
	}
	text, _ := json.Marshal(pairs) //nolint:errchkjson // strings never fail
	return string(text)
}

// selectNextTickets reads the tickets after one. Each part has the limit of its own, because PostgreSQL
// would read all rows of both before it sorts them.
const selectNextTickets = `
select sender, ticket_id from (
    select distinct sender, ticket_id from feedback where ticket_id <> '' and (sender, ticket_id) > ($1, $2)
    order by sender, ticket_id limit $3) as rated
union
select sender, ticket_id from (
    select sender, ticket_id from ticket_service where (sender, ticket_id) > ($1, $2) order by sender, ticket_id limit $3) as served
order by sender, ticket_id limit $3`

// loadTickets loads what is stored of all tickets from the first to the last of some.
func (t *Unit) loadTickets(names [][2]string) error {
	t.loaded = newLoaded()
	if len(names) == 0 {
		return nil
	}
	for _, name := range names {
		t.loaded.tickets[ticketKey{name[0], name[1]}] = new(ticketRows)
	}
	first, last := names[0], names[len(names)-1]
	var b Batch
	b.Each(func(row Scanner) error {
		var ticket ticketKey
		var was serviceRow
		err := row.Scan(append([]any{&ticket.sender, &ticket.id}, was.places()...)...)
		if known := t.loaded.tickets[ticket]; known != nil { // another may be new
			known.exists, known.was = true, was
		}
		return err
	}, `
select s.sender, s.ticket_id, `+serviceColumns+` from ticket_service s
where (s.sender, s.ticket_id) >= ($1, $2) and (s.sender, s.ticket_id) <= ($3, $4) order by s.sender, s.ticket_id`, first[0], first[1], last[0], last[1])
	b.Each(func(row Scanner) error {
		var ticket ticketKey
		rating, err := scanRating(row, &ticket.sender, &ticket.id)
		if known := t.loaded.tickets[ticket]; known != nil {
			known.ratings = append(known.ratings, rating)
		}
		return err
	}, `
select sender, ticket_id, `+ratingColumns+` from feedback
where (sender, ticket_id) >= ($1, $2) and (sender, ticket_id) <= ($3, $4) and ticket_id <> '' and voided_ms is null`,
		first[0], first[1], last[0], last[1])
	return t.Batch(&b)
}

// service computes the rows of all tickets again, in the order of their names: of those that a
// feedback rates, and of those that have a row. Others may write after every few of them.
func (r *rebuild) service(ctx context.Context) error {
	for more := true; more; {
		var names [][2]string
		last := r.at
		err := r.each(ctx, "the rated tickets", collect(&names, func(row Scanner) ([2]string, error) {
			err := row.Scan(&last.sender, &last.id)
			last.done++
			return [2]string{last.sender, last.id}, err
		}), selectNextTickets, r.at.sender, r.at.id, r.writes)
		if err != nil {
			return err
		}
		var different int64
		err = r.reach(ctx, last, func(t *Unit) error {
			different = 0 // it may run again
			if err := t.loadTickets(names); err != nil {
				return err
			}
			for _, name := range names {
				differs, err := r.refreshTicket(t, ticketKey{name[0], name[1]}, nil)
				if err != nil {
					return err
				}
				different += flag(differs)
			}
			return nil
		})
		if err != nil {
			return err
		}
		r.found.Service += different
		more = len(names) == r.writes
	}
	r.progress(rebuildPasses-1, r.last)
	return nil
}

// ServiceReport reads how the tickets that a query selects were served, in its period and in
// the one before. The query's metric does not matter. When no rated agent has the filter's
// name, it returns the error of [score.AgentUnknown].
func (s *Store) ServiceReport(ctx context.Context, q score.Query) (score.ServiceReport, error) {
	var r score.ServiceReport
	q.Metric = score.MetricService
	err := s.ask(ctx, q, func(a asked) error {
		previous := a.Period.PreviousAt(a.Now)
		now, err := a.service(ctx, &s.served, a.Period)
		if err != nil {
			return err
		}
		before, err := a.before().service(ctx, &s.served, previous)
		if err != nil {
			return err
		}
		compare := func(now, before score.ServiceCount) score.ServiceReport {
			return score.CompareService(score.PeriodService{Period: a.Period, Count: now}, score.PeriodService{Period: previous, Count: before})
		}
		r = compare(now.all, before.all)
		r.Filter, r.GroupBy = a.Filter, a.GroupBy
		for name, count := range now.groups {
			r.Groups = append(r.Groups, score.ServiceGroup{Name: name, ServiceReport: compare(*count, *before.group(name))})
		}
		score.SortGroups(r.Groups)
		return nil
	})
	return r, err
}

// groupedService are the counts of the tickets of a period: all that the query selects, and by group.
type groupedService struct {
	all    score.ServiceCount
	groups map[string]*score.ServiceCount
}

func (r *groupedService) group(name string) *score.ServiceCount {
	if r.groups[name] == nil {
		r.groups[name] = new(score.ServiceCount)
	}
	return r.groups[name]
}

// service counts the tickets that were opened in a period.
func (a asked) service(ctx context.Context, cache *serviceCache, p score.Period) (*groupedService, error) {
	versions := make(map[office.Day]int64)
	err := eachOf(ctx, a.state, "the days of the served tickets", func(row Scanner) error {
		var day office.Day
		var version int64
		err := row.Scan(&day, &version)
		versions[day] = version
		return err
	}, `select day, version from ticket_service_day where day between $1 and $2`, int64(p.From), int64(p.To))
	if err != nil {
		return nil, err
	}
	r := &groupedService{groups: make(map[string]*score.ServiceCount)}
	into := make(map[string][]*score.ServiceCount) // by the text of scopes
	for day, version := range versions {
		var counted map[string]*score.ServiceCount
		if p.Until.IsZero() {
			counted, err = cache.day(ctx, a.state, day, version)
		} else {
			counted, err = readService(ctx, a.state, day, p.Until)
		}
		if err != nil {
			return nil, err
		}
		for text, count := range counted {
			if _, known := into[text]; !known {
				if into[text], err = r.selected(a, text); err != nil {
					return nil, err
				}
			}
			for _, c := range into[text] {
				c.Merge(count)
			}
		}
	}
	return r, nil
}

// selected returns the counts in which a ticket with these scopes counts, each once.
func (r *groupedService) selected(a asked, scopes string) (found []*score.ServiceCount, err error) {
	var pairs [][2]string
	if err := json.Unmarshal([]byte(scopes), &pairs); err != nil {
		return nil, fmt.Errorf("reading the scopes of a ticket: %w", err)
	}
	add := func(c *score.ServiceCount) {
		if !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	for _, pair := range pairs {
		channel := pair[0]
		agent, known := a.keys[pair[1]]
		if a.Filter.Channel != "" && channel != string(a.Filter.Channel) || a.Filter.Agent != "" && !known {
			continue
		}
		add(&r.all)
		switch {
		case a.GroupBy == score.ByChannel:
			add(r.group(channel))
		case a.GroupBy == score.ByAgent && known:
			add(r.group(agent))
		}
	}
	return found, nil
}

// A serviceCache keeps the counts of days. SQLite takes 300 ms for the medians of a million
// tickets by agent, and 50 ms only to count them; adding up the days of a year takes a tenth
// of that. A count is valid for one version of its day, so a report is never behind the
// database, whichever process changes it.
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
	for scopes, c := range d.counts {
		n += len(scopes) + count + ticket*int(c.N)
	}
	return n
}

// day counts the tickets of a day at the version that it has in the state.
func (c *serviceCache) day(ctx context.Context, state Reader, day office.Day, version int64) (map[string]*score.ServiceCount, error) {
	c.mu.Lock()
	cached := c.days[day]
	c.mu.Unlock()
	if cached.version == version {
		return cached.counts, nil
	}
	read, err := readService(ctx, state, day, time.Time{})
	if err == nil {
		c.keep(day, cachedDay{version, read})
	}
	return read, err
}

// readService counts the tickets that were opened on a day, up to a moment if that is not zero, by
// the text of their scopes.
func readService(ctx context.Context, state Reader, day office.Day, until time.Time) (map[string]*score.ServiceCount, error) {
	counts := make(map[string]*score.ServiceCount)
	err := eachOf(ctx, state, "the served tickets", func(row Scanner) error {
		var r serviceRow
		if err := row.Scan(r.places()...); err != nil || !until.IsZero() && r.OpenedAt.After(until) {
			return err
		}
		if counts[r.scopes] == nil {
			counts[r.scopes] = new(score.ServiceCount)
		}
		counts[r.scopes].Add(r.TicketService)
		return nil
	}, `select `+serviceColumns+` from ticket_service s where s.day = $1`, int64(day))
	return counts, err
}

// keep caches a day, unless a later version of it is cached, and drops others to stay in the bound.
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
