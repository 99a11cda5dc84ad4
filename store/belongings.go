package store

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"smileybot/feedback"
)

// customerAnswer is an answer of a customer, and by what it names them.
type customerAnswer struct {
	feedbackID string
	customer   feedback.Person
}

// How an answer was matched to the customer. Answers that link an id with an address are
// erased last, so that an interrupted run still finds the rest by the same name.
const (
	matchIndirect = iota
	matchByName
	matchLinking
)

// belongings are what has data of a customer.
type belongings struct {
	wanted
	// feedback lists the ids of their feedback in the order of erasing; of those in former, they are a
	// former customer.
	feedback []string
	former   map[string]bool
}

// feedbackOfCustomer lists the feedback of a customer. who is an id or an e-mail address. An id also matches
// answers without an id that have one of its addresses; an address also matches every answer
// of the ids seen with it.
func (s *Store) feedbackOfCustomer(ctx context.Context, who string) (belongings, error) {
	byID, err := s.answersOf(ctx, byCustomerID, who)
	if err != nil {
		return belongings{}, err
	}
	byEmail, err := s.answersOf(ctx, byCustomerEmail, lower(who))
	if err != nil {
		return belongings{}, err
	}
	why := make(map[string]int)
	for _, a := range slices.Concat(byID, byEmail) {
		why[a.feedbackID] = matchByName
		if a.customer.ID != "" && a.customer.Email != "" {
			why[a.feedbackID] = matchLinking
		}
	}
	earlier, err := s.answersOfFormer(ctx)
	if err != nil {
		return belongings{}, err
	}
	for _, a := range earlier {
		if a.customer.ID == who {
			byID = append(byID, a)
		}
		if lower(a.customer.Email) == lower(who) {
			byEmail = append(byEmail, a)
		}
	}
	known := wanted{
		who: who, ids: distinct(byEmail, func(p feedback.Person) string { return p.ID }),
		emails: distinct(byID, func(p feedback.Person) string { return lower(p.Email) }),
	}
	for by, names := range map[string][]string{byCustomerEmail + ` and f.customer_id = ''`: known.emails, byCustomerID: known.ids} {
		for _, name := range names {
			others, err := s.answersOf(ctx, by, name)
			if err != nil {
				return belongings{}, err
			}
			for _, a := range others {
				why[a.feedbackID] = max(why[a.feedbackID], matchIndirect)
			}
		}
	}
	former := known.formerly(earlier, why)
	ids := slices.SortedFunc(maps.Keys(why), func(a, b string) int { return cmp.Or(cmp.Compare(why[a], why[b]), cmp.Compare(a, b)) })
	return belongings{wanted: known, feedback: ids, former: former}, nil
}

// answersOf lists a customer's answers.
func (s *Store) answersOf(ctx context.Context, by, name string) (found []customerAnswer, err error) {
	err = s.each(ctx, "a customer's answers", collect(&found, func(row Scanner) (a customerAnswer, err error) {
		err = row.Scan(&a.feedbackID, &a.customer.ID, &a.customer.Email)
		return a, err
	}), `select f.id, f.customer_id, f.customer_email from feedback f`+by, name)
	return found, err
}

// distinct lists the names of customers in answers, each once.
func distinct(answers []customerAnswer, name func(feedback.Person) string) []string {
	names := make(map[string]bool)
	for _, a := range answers {
		names[name(a.customer)] = true
	}
	delete(names, "")
	return slices.Sorted(maps.Keys(names))
}
