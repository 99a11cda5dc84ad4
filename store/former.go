package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"smileybot/feedback"
)

// A former customer of a feedback is one that a later rating replaced. The claims of the feedback still
// name them, and so may what was before an import. Erasing takes them out of both.

// formerPage is how many rows are read at a time.
const formerPage = 500

// answersOfFormer lists the feedback of former customers, with all customers that it names by an id or an address.
// It reads the feedback that has former customers, and what imports changed, a page at a time.
func (s *Store) answersOfFormer(ctx context.Context) (found []customerAnswer, err error) {
	for last := ""; ; {
		var page []feedback.Feedback
		err := s.each(ctx, "former customers", collect(&page, scanFormer),
			`select id, customer_id, customer_email, claims from feedback where former = 1 and id > $1 order by id limit $2`, last, formerPage)
		if err != nil {
			return nil, err
		}
		for _, f := range page {
			for _, p := range f.FormerCustomers() {
				found = append(found, customerAnswer{f.ID, p})
			}
		}
		if len(page) < formerPage {
			break
		}
		last = page[len(page)-1].ID
	}
	type change struct {
		feedbackID string
		number     int64
		before     string
	}
	for last := (change{}); ; {
		var page []change
		err := s.each(ctx, "what was before imports", collect(&page, func(row Scanner) (c change, err error) {
			err = row.Scan(&c.feedbackID, &c.number, &c.before)
			return c, err
		}), `select feedback_id, import_id, before from import_change where (feedback_id, import_id) > ($1, $2) and before <> '' order by feedback_id, import_id limit $3`,
			last.feedbackID, last.number, formerPage)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			people, err := peopleBefore(c.before)
			if err != nil {
				return nil, err
			}
			for _, p := range people {
				found = append(found, customerAnswer{c.feedbackID, p})
			}
		}
		if len(page) < formerPage {
			return found, nil
		}
		last = page[len(page)-1]
	}
}

// scanFormer reads the customers that a feedback names.
func scanFormer(row Scanner) (f feedback.Feedback, err error) {
	var claims string
	if err := row.Scan(&f.ID, &f.Customer.ID, &f.Customer.Email, &claims); err != nil {
		return f, err
	}
	if err := json.Unmarshal([]byte(claims), &f.Claims); err != nil {
		return f, fmt.Errorf("reading what the events of a feedback said of its people: %w", err)
	}
	return f, nil
}

// peopleBefore are the customers that a feedback named before an import, by an id or an address.
func peopleBefore(text string) ([]feedback.Person, error) {
	var before keptState
	if err := json.Unmarshal([]byte(text), &before); err != nil {
		return nil, fmt.Errorf("reading a feedback before an import: %w", err)
	}
	people := feedback.Feedback{Claims: before.Claims}.FormerCustomers()
	if c := before.Answer.Customer; c.ID != "" || c.Email != "" {
		people = append(people, c)
	}
	return people, nil
}

// A wanted customer is known by some ids and addresses.
type wanted struct {
	who         string
	ids, emails []string
}

// is reports whether a person is the customer: by the id, and without an id by an address.
func (w wanted) is(p feedback.Person) bool {
	email := lower(p.Email)
	switch {
	case p.ID != "" && (p.ID == w.who || slices.Contains(w.ids, p.ID)), email != "" && email == lower(w.who):
		return true
	default:
		return p.ID == "" && email != "" && slices.Contains(w.emails, email)
	}
}

// hashes identify the customer later.
func (w wanted) hashes() [][]byte {
	people := [][]byte{hashID(w.who), hashEmail(w.who)}
	for _, email := range w.emails {
		people = append(people, hashEmail(email))
	}
	for _, id := range w.ids {
		people = append(people, hashID(id))
	}
	return people
}

// formerly finds the feedback of which the customer is a former one, and adds it to why.
func (w wanted) formerly(earlier []customerAnswer, why map[string]int) map[string]bool {
	former := make(map[string]bool)
	for _, a := range earlier {
		_, found := why[a.feedbackID]
		if found && !former[a.feedbackID] || !w.is(a.customer) {
			continue
		}
		former[a.feedbackID] = true
		match := matchIndirect
		if a.customer.ID != "" && a.customer.Email != "" {
			match = matchLinking
		}
		why[a.feedbackID] = max(why[a.feedbackID], match)
	}
	return former
}

// eraseFormer takes a former customer out of a feedback: out of its claims, its former comments, the
// bodies of its deliveries, and what was before its imports. It erases a feedback that has more of them.
func eraseFormer(t *Unit, id string, who wanted, now time.Time) (Erased, error) {
	f, counted, err := scanFormerOf(t.Row, id, who)
	if err != nil {
		return counted, err
	}
	rest, remains := f.WithoutFormer(who.is)
	if remains {
		return erase(t, id, now)
	}
	f.Claims = rest
	if err := t.Exec(`update feedback set claims = $1, former = $2 where id = $3`, claimsText(f), flag(len(f.FormerCustomers()) > 0), id); err != nil {
		return counted, err
	}
	return counted, eraseEarlier(t, id)
}

// scanFormerOf reads a feedback and counts what [eraseFormer] erases of it.
func scanFormerOf(row func(query string, args ...any) Scanner, id string, who wanted) (feedback.Feedback, Erased, error) {
	found, err := scanSnapshot(row(selectSnapshot+` where f.id = $1`, id))
	if errors.Is(err, ErrNotFound) { // the undo of an import removed it, and left what was before another
		return feedback.Feedback{}, Erased{}, nil
	}
	if err != nil {
		return feedback.Feedback{}, Erased{}, err
	}
	counted, err := scanErasable(row(selectErasable, id))
	if _, remains := found.Feedback.WithoutFormer(who.is); !remains {
		counted = Erased{Feedback: counted.Feedback, Payloads: counted.Payloads}
	}
	return found.Feedback, counted, err
}
