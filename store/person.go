package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// Customer is the history of one customer.
type Customer struct {
	// Last are the ten latest answers, the latest first, with the places of their messages; N
	// counts all.
	Last []PostedFeedback
	N    int64
	// Colours counts all answers by colour.
	Colours map[feedback.Smiley]int64
	// NPS is the latest answer to the NPS question, nil without one.
	NPS *feedback.Feedback
}

// The two ways to name a customer, each with its own index. The empty suffix keeps SQLite
// from replacing the other customer_id by $1, after which it would plan the query each time.
const (
	byCustomerID    = ` where f.customer_id = $1 || '' and f.customer_id <> ''`
	byCustomerEmail = ` where lower(f.customer_email) = $1 and f.customer_email <> ''`
)

// Customer finds the answers of a customer, imported ones included: of the one with this id,
// else with this e-mail address in any case. It does not search names, because several customers
// may share one.
func (s *Store) Customer(ctx context.Context, who string) (Customer, error) {
	c, err := s.customer(ctx, byCustomerID, who)
	if err == nil && c.N == 0 {
		c, err = s.customer(ctx, byCustomerEmail, lower(who))
	}
	return c, err
}

func (s *Store) customer(ctx context.Context, by, who string) (Customer, error) {
	c := Customer{Colours: make(map[feedback.Smiley]int64)}
	err := s.each(ctx, "the customer's answers", func(row Scanner) error {
		var kind feedback.Kind
		var rating int
		var n int64
		err := row.Scan(&kind, &rating, &n)
		c.Colours[kind.Colour(rating)] += n
		c.N += n
		return err
	}, `select f.kind, f.rating, count(*) from feedback f`+by+` group by f.kind, f.rating`, who)
	if err != nil || c.N == 0 {
		return c, err
	}
	if c.Last, err = s.waiting(ctx, by+` order by f.occurred_ms desc limit 10`, who); err != nil {
		return c, err
	}
	nps, err := s.waiting(ctx, by+` and f.kind = 'nps' order by f.occurred_ms desc limit 1`, who)
	if len(nps) > 0 {
		c.NPS = &nps[0].Feedback
	}
	return c, err
}

// agent is a rated person: all names under one id, or without an id one name in any case.
type agent struct {
	id string
	// name is the latest one, or the id of an agent without a name. It ends with the id when
	// another agent has the same name.
	name string
	seen office.Day
	// rows are the agent's names by the row of the table; a name may be empty.
	rows map[int64]string
}

// key identifies the agent in the counts of served tickets.
func (a agent) key() string { return feedback.Person{ID: a.id, Name: a.name}.Key() }

// called is what an agent is called in answers, and may be typed: e-mail addresses are not shown, and of one
// that is all there is, the part before the at sign is.
func (a agent) called() string {
	local, _, _ := strings.Cut(a.name, "@")
	return cmp.Or(feedback.WithoutAddresses(a.name), local)
}

// How a filter fits an agent, the best last.
const (
	fitsNot   = iota
	fitsStart // a name begins so
	fitsWords // a name begins with these words
	fitsWhole // it is the id or a name, or what the agent is called
)

// fits says how a folded filter fits the agent's id and names. Case and the sort of quotes, dashes and
// spaces do not matter; see [score.Fold].
func (a agent) fits(filter string) int {
	if filter == "" {
		return fitsNot
	}
	best := fitsNot
	if slices.Contains([]string{score.Fold(a.id), score.Fold(a.name), score.Fold(a.called())}, filter) {
		best = fitsWhole
	}
	for _, own := range a.rows {
		switch own = score.Fold(own); {
		case own == filter:
			best = fitsWhole
		case strings.HasPrefix(own, filter+" "):
			best = max(best, fitsWords)
		case strings.HasPrefix(own, filter):
			best = max(best, fitsStart)
		}
	}
	return best
}

// find finds the agents that a filter fits. Those whose id or name it is go together; else one alone may
// have a name that begins so. The error of several is that of [score.AgentsAlike] with their names, at
// most ten; that of none is that of [score.AgentUnknown] with the nearest names. An @ before the filter is
// left out: a handle often is the beginning of a name.
func find(all []*agent, filter string) ([]*agent, error) {
	found := fitting(all, filter)
	if len(found) == 0 {
		var known []string
		for _, a := range all {
			first, _, _ := strings.Cut(a.called(), " ")
			known = append(known, a.called(), first)
		}
		slices.Sort(known)
		return nil, score.AgentUnknown(filter, score.Nearest(filter, slices.Compact(known), func(name string) bool {
			_, err := find(all, name)
			return err == nil
		})...)
	}
	if len(found) == 1 || found[0].fits(folded(filter)) == fitsWhole {
		return found, nil
	}
	const most = 10
	names := make([]string, 0, most)
	for _, a := range found[:min(most, len(found))] {
		names = append(names, a.called())
	}
	slices.Sort(names)
	return nil, score.AgentsAlike(filter, names...)
}

// fitting are the agents that a filter fits best, all equally.
func fitting(all []*agent, filter string) []*agent {
	var found []*agent
	best := fitsStart
	for _, a := range all {
		how := a.fits(folded(filter))
		if how > best {
			best, found = how, nil
		}
		if how == best {
			found = append(found, a)
		}
	}
	return found
}

// folded is a filter without an @ before it, as names are compared.
func folded(filter string) string { return score.Fold(strings.TrimPrefix(filter, "@")) }

// AgentOf is the filter that finds a rated agent by an e-mail address, in any case, else by one of these
// names in full; empty when there is none.
func (s *Store) AgentOf(ctx context.Context, email string, names ...string) (filter string, err error) {
	addresses, err := s.AgentEmails(ctx, time.Time{})
	if err != nil {
		return "", err
	}
	for _, address := range addresses {
		if !strings.EqualFold(address, email) {
			continue
		}
		err := s.each(ctx, "the agent", func(row Scanner) error { return row.Scan(&filter) }, `
select case f.agent_id when '' then f.agent_name else f.agent_id end from feedback f
where f.agent_email <> '' and f.agent_email = $1 order by f.occurred_ms desc limit 1`, address)
		if err != nil || filter != "" {
			return filter, err
		}
	}
	err = s.engine.State(ctx, func(state Reader) error {
		all, err := agents(ctx, state)
		for _, name := range names {
			for _, a := range all {
				if filter == "" && a.fits(score.Fold(name)) == fitsWhole {
					filter = name
				}
			}
		}
		return err
	})
	return filter, err
}

// agents lists the agents with feedback, voided or not, in an order that depends only on
// it: a copy of the feedback has the same agents.
func agents(ctx context.Context, state Reader) ([]*agent, error) {
	type agentRow struct {
		ref      int64
		id, name string
		seen     office.Day
	}
	var rows []agentRow
	err := eachOf(ctx, state, "the agents", collect(&rows, func(row Scanner) (r agentRow, err error) {
		err = row.Scan(&r.ref, &r.id, &r.name, &r.seen)
		return r, err
	}), `select id, external_id, name, last_day from agent where exists (
    select 1 from tally t where t.agent = agent.id and t.agent <> 0 and `+counted+`)`)
	slices.SortFunc(rows, func(a, b agentRow) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.name, b.name)) })
	var all []*agent
	known := make(map[feedback.Person]*agent)
	for _, r := range rows {
		who := feedback.Person{ID: r.id}
		if r.id == "" {
			who.Name = strings.ToLower(r.name)
		}
		a := known[who]
		if a == nil {
			a = &agent{id: r.id, rows: make(map[int64]string)}
			known[who] = a
			all = append(all, a)
		}
		a.add(r.ref, r.name, r.seen)
	}
	distinguish(all)
	return all, err
}

// add adds a row of the agent.
func (a *agent) add(ref int64, name string, seen office.Day) {
	a.rows[ref] = name
	if name != "" && (a.name == "" || seen >= a.seen) {
		a.name, a.seen = name, seen
	}
}

// distinguish gives agents with the same name different ones.
func distinguish(all []*agent) {
	named := make(map[string]int)
	for _, a := range all {
		if a.name == "" {
			a.name = a.id
		}
		named[strings.ToLower(a.name)]++
	}
	for _, a := range all {
		if named[strings.ToLower(a.name)] > 1 && a.id != "" && a.id != a.name {
			a.name += " (" + a.id + ")"
		}
	}
}

// maxAgents bounds the addresses that [Store.AgentEmails] looks at, in case a sender puts
// something else there.
const maxAgents = 500

// AgentEmails lists the e-mail addresses of agents whose answers were rated since a moment. It
// jumps from address to address in the index, so its cost depends on the number of agents only.
func (s *Store) AgentEmails(ctx context.Context, since time.Time) ([]string, error) {
	var emails []string
	err := s.each(ctx, "the agents", column(&emails), `
with recursive known (email, n) as (
    select (select min(agent_email) from feedback where agent_email <> ''), 1
    union all
    select (select min(f.agent_email) from feedback f where f.agent_email <> '' and f.agent_email > known.email), known.n + 1
    from known where known.email is not null and known.n < $1)
select email from known
where email is not null
  and exists (select 1 from feedback f where f.agent_email <> '' and f.agent_email = known.email and f.occurred_ms > $2)`,
		maxAgents, ms(since))
	return emails, err
}

// RatingsOf lists the live feedback that counts for the agent with an e-mail address since a
// moment, the latest first, at most limit of it.
func (s *Store) RatingsOf(ctx context.Context, email string, since time.Time, limit int) ([]PostedFeedback, error) {
	return s.waiting(ctx, `where f.agent_email <> '' and f.agent_email = $1 and f.occurred_ms > $2 and f.voided_ms is null and o.key is not null
order by f.occurred_ms desc, f.id limit $3`, email, ms(since), limit)
}

// Latest compares feedback for the order of [Store.RatingsOf].
func Latest(a, b PostedFeedback) int { return b.Feedback.OccurredAt.Compare(a.Feedback.OccurredAt) }
