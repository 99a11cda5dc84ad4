package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

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

// feedbackOfCustomer lists the feedback of a customer in the order of erasing, and the hashes
// that identify the customer later. who is an id or an e-mail address. An id also matches
// answers without an id that have one of its addresses; an address also matches every answer
// of the ids seen with it.
func (s *Store) feedbackOfCustomer(ctx context.Context, who string) (ids []string, people [][]byte, err error) {
	byID, err := s.answersOf(ctx, byCustomerID, who)
	if err != nil {
		return nil, nil, err
	}
	byEmail, err := s.answersOf(ctx, byCustomerEmail, who)
	if err != nil {
		return nil, nil, err
	}
	why := make(map[string]int)
	for _, a := range slices.Concat(byID, byEmail) {
		why[a.feedbackID] = matchByName
		if a.customer.ID != "" && a.customer.Email != "" {
			why[a.feedbackID] = matchLinking
		}
	}
	emails, theirIDs := distinct(byID, func(p feedback.Person) string { return lower(p.Email) }), distinct(byEmail, func(p feedback.Person) string { return p.ID })
	people = append(people, hashID(who), hashEmail(who))
	for by, names := range map[string][]string{byCustomerEmail + ` and f.customer_id = ''`: emails, byCustomerID: theirIDs} {
		for _, name := range names {
			others, err := s.answersOf(ctx, by, name)
			if err != nil {
				return nil, nil, err
			}
			for _, a := range others {
				why[a.feedbackID] = max(why[a.feedbackID], matchIndirect)
			}
		}
	}
	for _, email := range emails {
		people = append(people, hashEmail(email))
	}
	for _, id := range theirIDs {
		people = append(people, hashID(id))
	}
	ids = slices.SortedFunc(maps.Keys(why), func(a, b string) int { return cmp.Or(cmp.Compare(why[a], why[b]), cmp.Compare(a, b)) })
	return ids, people, nil
}

// answersOf lists a customer's answers.
func (s *Store) answersOf(ctx context.Context, by, name string) (found []customerAnswer, err error) {
	err = s.each(ctx, "a customer's answers", func(row Scanner) error {
		var a customerAnswer
		err := row.Scan(&a.feedbackID, &a.customer.ID, &a.customer.Email)
		found = append(found, a)
		return err
	}, `select f.id, f.customer_id, f.customer_email from feedback f`+by, name)
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

// hashID and hashEmail identify an erased customer.
func hashID(id string) []byte       { return hashOf("id", id) }
func hashEmail(email string) []byte { return hashOf("email", lower(email)) }

// lower is what SQLite's lower does: it changes letters of ASCII only.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func hashOf(what, value string) []byte {
	sum := sha256.Sum256([]byte(what + ":" + value))
	return sum[:]
}

// anonymizeIfForgotten removes personal data from an old event of an erased customer, and
// returns when the customer was erased; since is zero for any other event.
func anonymizeIfForgotten(t *Unit, e feedback.Event) (plain feedback.Event, since time.Time, err error) {
	who := make([][]byte, 0, 2)
	if e.Mentions[feedback.FieldCustomerID] && e.Answer.Customer.ID != "" {
		who = append(who, hashID(e.Answer.Customer.ID))
	}
	if e.Mentions[feedback.FieldCustomerEmail] && e.Answer.Customer.Email != "" {
		who = append(who, hashEmail(e.Answer.Customer.Email))
	}
	if len(who) > 0 {
		if some, err := t.anyForgotten(); err != nil || !some {
			return e, since, err
		}
	}
	for _, hash := range who {
		var at sql.NullInt64
		err := t.Row(`select max(at_ms) from forgotten where who = $1 and at_ms >= $2`, hash, ms(e.OccurredAt)).Scan(&at)
		if err != nil {
			return e, since, fmt.Errorf("looking for an erased customer: %w", err)
		}
		if at := moment(at); at.After(since) {
			since = at
		}
	}
	if since.IsZero() {
		return e, since, nil
	}
	return e.Anonymous(), since, nil
}

// anyForgotten reports whether any customer is erased; a transaction looks once.
func (t *Unit) anyForgotten() (bool, error) {
	if !t.someForgotten.Valid {
		if err := t.Row(`select exists (select 1 from forgotten)`).Scan(&t.someForgotten); err != nil {
			return false, fmt.Errorf("looking for erased customers: %w", err)
		}
	}
	return t.someForgotten.Bool, nil
}

// eraseIfForgotten erases the feedback if its customer was erased at since, unless it was
// already known with a later OccurredAt.
func eraseIfForgotten(t *Unit, before *feedback.Feedback, after feedback.Feedback, since, now time.Time) error {
	if since.IsZero() || after.Forgotten() || before != nil && before.OccurredAt.After(since) {
		return nil
	}
	_, err := erase(t, after.ID, now)
	return err
}
