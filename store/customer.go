package store

import (
	"context"
	"errors"

	"smileybot/feedback"
)

// Customer is what is known of one customer.
type Customer struct {
	// Last are the ten latest answers, the latest first, with where their messages
	// stand; N counts all.
	Last []Waiting
	N    int64
	// Colours counts all answers by colour.
	Colours map[feedback.Smiley]int64
	// NPS is the latest answer to the NPS question, nil when there is none.
	NPS *feedback.Feedback
}

// The two ways to name a customer, each with an index of its own. The plus keeps SQLite
// from putting $1 in the place of the other customer_id, after which it would plan the
// query anew each time.
const (
	byCustomerID    = ` where f.customer_id = +$1 and f.customer_id <> ''`
	byCustomerEmail = ` where lower(f.customer_email) = lower($1) and f.customer_email <> ''`
)

// Customer finds what a customer has said, imported answers included: the one with
// this id, else with this e-mail address, whose case does not matter. Names find
// nobody, since several customers may share one.
func (s *Store) Customer(ctx context.Context, who string) (Customer, error) {
	c, err := s.customer(ctx, byCustomerID, who)
	if err == nil && c.N == 0 {
		c, err = s.customer(ctx, byCustomerEmail, who)
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
	err = s.each(ctx, "the customer's answers", func(row Scanner) error {
		var w Waiting
		var err error
		w.Case, err = scanCase(row, &w.SlackChannel, &w.TS)
		c.Last = append(c.Last, w)
		return err
	}, "select "+caseColumns+", coalesce(o.slack_channel, ''), coalesce(o.ts, '')"+caseTables+by+` order by f.occurred_ms desc limit 10`, who)
	if err != nil {
		return c, err
	}
	nps, err := scanCase(s.engine.Row(ctx, selectCase+by+` and f.kind = 'nps' order by f.occurred_ms desc limit 1`, who))
	switch {
	case errors.Is(err, ErrNotFound):
		return c, nil
	case err != nil:
		return c, err
	}
	c.NPS = &nps.Feedback
	return c, nil
}
