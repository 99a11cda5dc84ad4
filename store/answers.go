package store

import (
	"context"
	"math"

	"smileybot/feedback"
	"smileybot/feedback/score"
)

// The tallies do not say who answered, nor at what time of the day. The answers themselves do.

// An answer is what a score needs of a feedback that is read by itself. Fields that a query does not
// need are not read.
type answer struct {
	channel feedback.Channel
	agent   feedback.Person // the id and the name
	// customer is the id, else the e-mail address in lower case, each in its own form; else empty.
	customer string
	rating   int
	voided   bool
}

// What eachAnswer reads of an answer, besides its groups.
const (
	// An address does not begin with a space. Two of one name may be two people, so a name alone
	// identifies no one.
	answerCustomer = `, case f.customer_id when '' then lower(f.customer_email) else ' ' || f.customer_id end`
	answerRating   = `, f.rating`
)

// eachAnswer passes on the answers of a period that the query selects, voided ones included. It
// reads nothing but these, by an index.
func (a asked) eachAnswer(ctx context.Context, p score.Period, what string, pass func(answer)) error {
	until := int64(math.MaxInt64)
	if !p.Until.IsZero() {
		until = ms(p.Until)
	}
	var of answer
	query, places := `select f.channel, f.voided_ms is not null`, []any{&of.channel, &of.voided}
	if a.GroupBy == score.ByAgent {
		query, places = query+`, f.agent_id, f.agent_name`, append(places, &of.agent.ID, &of.agent.Name)
	}
	query += what + ` from feedback f `
	if what == answerCustomer {
		places = append(places, &of.customer)
	} else {
		places = append(places, &of.rating)
	}
	scan := func(row Scanner) error {
		err := row.Scan(places...)
		if a.Filter.Channel == "" || a.Filter.Channel == of.channel {
			pass(of)
		}
		return err
	}
	if a.Filter.Agent != "" {
		for _, ref := range a.refs {
			who := a.people[ref]
			err := eachOf(ctx, a.state, "the answers", scan, query+`
where f.agent_id = $1 and f.agent_name = $2 and (f.agent_id <> '' or f.agent_name <> '')
    and f.kind = $3 and f.day between $4 and $5 and f.occurred_ms <= $6`,
				who.ID, who.Name, a.Metric.Kind(), int64(p.From), int64(p.To), until)
			if err != nil {
				return err
			}
		}
		return nil
	}
	for _, channel := range feedback.Channels() {
		if a.Filter.Channel != "" && a.Filter.Channel != channel {
			continue
		}
		err := eachOf(ctx, a.state, "the answers", scan, query+`
where f.kind = $1 and f.channel = $2 and f.day between $3 and $4 and f.occurred_ms <= $5`,
			a.Metric.Kind(), channel, int64(p.From), int64(p.To), until)
		if err != nil {
			return err
		}
	}
	return nil
}

// group is the name of the group that an answer counts in; ok is false when it counts in none.
func (a asked) group(of answer) (name string, ok bool) {
	switch a.GroupBy {
	case score.ByChannel:
		return string(of.channel), true
	case score.ByAgent:
		name, ok = a.called[of.agent]
		return name, ok
	default:
		return "", false
	}
}

// countUntil counts the answers of a day up to a moment.
func (a asked) countUntil(ctx context.Context, p score.Period) (grouped, error) {
	r := grouped{groups: make(map[string]score.Count)}
	err := a.eachAnswer(ctx, p, answerRating, func(of answer) {
		count := score.Count{Voided: 1}
		if !of.voided {
			count = score.Count{}
			count.Tally.Add(of.rating, 1)
		}
		r.all = r.all.Plus(count)
		if name, ok := a.group(of); ok {
			r.groups[name] = r.groups[name].Plus(count)
		}
	})
	return r, err
}

// wholePeriod is the key of the customers of all groups.
const wholePeriod = ""

// countCustomers counts the customers who gave the answers of a period, of all and by group, unless
// there are too many answers.
func (a asked) countCustomers(ctx context.Context, p score.Period, r *grouped) error {
	if r.all.Tally.N() > score.CustomersWithin {
		return nil
	}
	answers := map[string]map[string]int64{wholePeriod: {}}
	for name := range r.groups {
		answers[name] = make(map[string]int64)
	}
	unnamed := make(map[string]int64)
	count := func(group, who string) {
		switch {
		case answers[group] == nil: // a tally that is wrong has no such group; rebuild repairs it
		case who == "":
			unnamed[group]++
		default:
			answers[group][who]++
		}
	}
	if r.all.Tally.N() > 0 {
		err := a.eachAnswer(ctx, p, answerCustomer, func(of answer) {
			if of.voided {
				return
			}
			count(wholePeriod, of.customer)
			if name, ok := a.group(of); ok {
				count(name, of.customer)
			}
		})
		if err != nil {
			return err
		}
	}
	r.customers = make(map[string]score.Customers)
	for group, of := range answers {
		c := score.Customers{N: unnamed[group], Squares: unnamed[group]}
		for _, n := range of {
			c.Add(n)
		}
		r.customers[group] = c
	}
	return nil
}
