package store

import (
	"context"
	"slices"
	"time"

	"smileybot/feedback"
)

// updateRelated updates what a change of one feedback means for others: whether its customer
// is at risk, and whether a follow-up helped.
func (s *Store) updateRelated(t *Unit, before *feedback.Feedback, after feedback.Feedback, now time.Time) error {
	if before != nil && before.Answer == after.Answer && before.Voided() == after.Voided() && before.OccurredAt.Equal(after.OccurredAt) {
		return nil
	}
	if err := updateRisk(t, before, after, now); err != nil {
		return err
	}
	return refreshJudged(t, before, after, now)
}

// refreshJudged refreshes the message of the feedback that after.FollowUpOf refers to, and of
// the one that it referred to before.
func refreshJudged(t *Unit, before *feedback.Feedback, after feedback.Feedback, now time.Time) error {
	firsts := []string{after.FollowUpOf}
	if before != nil && before.FollowUpOf != after.FollowUpOf {
		firsts = append(firsts, before.FollowUpOf)
	}
	for _, first := range firsts {
		if first == "" {
			continue
		}
		ids, err := fetch(t, t.loaded.judged, judgedKey{after.Sender, first}, queryJudged)
		if err != nil {
			return err
		}
		for _, id := range *ids {
			if id == after.ID {
				continue
			}
			if err := queueRefresh(t, id, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// A judgedKey is an id by which a sender names the feedback whose follow-up an answer judges.
type judgedKey struct{ sender, id string }

func queryJudged(b *Batch, key judgedKey) *[]string {
	ids := new([]string)
	b.Each(column(ids), selectSent, key.sender, key.id)
	return ids
}

// selectSent finds the feedback that a sender names by an id, of any channel and kind. The
// lists make SQLite use the index of the feedback's keys.
const selectSent = `
select id from feedback
where sender = $1 and external_id = $2
  and channel in ('ticket', 'chat', 'panel', 'email', 'phone', 'social', 'review')
  and kind in ('smiley', 'nps', 'csat', 'ces', 'nls', 'review')`

// updateRisk recomputes the at-risk flag of all of the customer's answers and queues a
// bulletin for a new streak. Imported answers are ignored.
func updateRisk(t *Unit, before *feedback.Feedback, after feedback.Feedback, now time.Time) error {
	if !after.Kind.CountsForRisk() {
		return nil
	}
	if before != nil && before.Customer != after.Customer {
		if err := updateCustomerRisk(t, before.Customer, after, now); err != nil {
			return err
		}
	}
	if before == nil && after.Colour() == feedback.Green {
		flagged, err := fetch(t, t.loaded.atRisk, keyOf(after.Customer), queryAtRisk)
		if err != nil || !*flagged {
			return err
		}
	}
	return updateCustomerRisk(t, after.Customer, after, now)
}

// A customerKey is what identifies a customer: an id, or else an e-mail address.
type customerKey struct{ id, email string }

func keyOf(c feedback.Person) customerKey { return customerKey{c.ID, c.Email} }

// queryAtRisk reads whether an answer of a customer is flagged.
func queryAtRisk(b *Batch, c customerKey) *bool {
	flagged := new(bool)
	b.Each(func(row Scanner) error { return row.Scan(flagged) }, `
select exists (select 1 from feedback where at_risk = 1 and customer_id <> '' and customer_id = $1)
    or exists (select 1 from feedback where at_risk = 1 and customer_email <> '' and lower(customer_email) = $2)`,
		c.id, lower(c.email))
	return flagged
}

// updateCustomerRisk flags the answers of a customer. An answer that leaves a streak may be
// reported again in a later one. The message of changed is already queued, so it is skipped here.
func updateCustomerRisk(t *Unit, c feedback.Person, changed feedback.Feedback, now time.Time) error {
	answers, err := fetch(t, t.loaded.answers, keyOf(c), queryAnswers)
	if err != nil {
		return err
	}
	all, counting := answers.with(changed, keyOf(c)).split()
	former := slices.DeleteFunc(slices.Clone(all), func(m feedback.RiskAnswer) bool { return !m.Flagged })
	streak := feedback.RiskStreak(counting)
	in, reported := make(map[string]bool), false
	covers := make([]string, len(streak))
	for i, m := range streak {
		in[m.FeedbackID], reported, covers[i] = true, reported || m.Reported, m.FeedbackID
	}
	for _, m := range all {
		flagged := in[m.FeedbackID]
		if flagged != m.Flagged || flagged != m.Reported {
			err := t.Exec(`update feedback set at_risk = $1, risk_told = $1 where id = $2`, flag(flagged), m.FeedbackID)
			if err != nil {
				return err
			}
		}
		says := flagged && feedback.RiskOf(streak, m.FeedbackID) != feedback.RiskOf(former, m.FeedbackID)
		if (flagged != m.Flagged || says) && m.FeedbackID != changed.ID {
			if err := queueRefresh(t, m.FeedbackID, now); err != nil {
				return err
			}
		}
	}
	if len(streak) == 0 || reported {
		return nil
	}
	return Bulletin{Notice: NoticeRisk, Key: NoticeRisk + ":" + changed.ID, Covers: covers}.queue(t, now)
}

// risk is why an answer puts its customer at risk.
func (s *Store) risk(ctx context.Context, f feedback.Feedback) (feedback.Risk, error) {
	var b Batch
	answers := queryAnswers(&b, keyOf(f.Customer))
	for _, q := range b.Statements() {
		if err := s.each(ctx, "a customer's answers", q.Scan, q.Query, q.Args...); err != nil {
			return feedback.Risk{}, err
		}
	}
	_, counting := answers.split()
	return feedback.RiskOf(feedback.RiskStreak(counting), f.ID), nil
}

// customerAnswers are the latest answers of a customer that count for risk: those with the
// customer's id, and those with the e-mail address that have no id.
type customerAnswers struct{ byID, byEmail []customerRating }

// A customerRating is an answer of a customer, void or not.
type customerRating struct {
	feedback.RiskAnswer

	void bool
}

// queryAnswers reads the latest answers of a customer.
func queryAnswers(b *Batch, c customerKey) *customerAnswers {
	found := new(customerAnswers)
	scan := func(row Scanner) (m customerRating, err error) {
		err = row.Scan(&m.FeedbackID, &m.Kind, &m.Rating, momentIn(&m.At), &m.Flagged, &m.Reported, &m.void)
		return m, err
	}
	if c.id != "" {
		b.Each(collect(&found.byID, scan), selectRiskAnswers(byCustomerID, ""), c.id)
	}
	switch {
	case c.email == "":
	case c.id != "": // and answers without an id
		b.Each(collect(&found.byEmail, scan), selectRiskAnswers(byCustomerEmail, ` and f.customer_id = ''`), lower(c.email))
	default:
		b.Each(collect(&found.byEmail, scan), selectRiskAnswers(byCustomerEmail, ""), lower(c.email))
	}
	return found
}

// with are the answers with the one of a feedback as it is now.
func (a *customerAnswers) with(f feedback.Feedback, c customerKey) *customerAnswers {
	sameEmail := c.email != "" && lower(f.Customer.Email) == lower(c.email)
	return &customerAnswers{
		byID:    withAnswer(a.byID, f, c.id != "" && f.Customer.ID == c.id),
		byEmail: withAnswer(a.byEmail, f, sameEmail && (c.id == "" || f.Customer.ID == "")),
	}
}

// withAnswer are answers with the one of a live feedback if it is one of them, and without it if not.
func withAnswer(answers []customerRating, f feedback.Feedback, is bool) []customerRating {
	own := customerRating{RiskAnswer: feedback.RiskAnswer{FeedbackID: f.ID}}
	others := make([]customerRating, 0, len(answers)+1)
	for _, m := range answers {
		if m.FeedbackID == f.ID {
			own.Flagged, own.Reported = m.Flagged, m.Reported
			continue
		}
		others = append(others, m)
	}
	if is && f.Live() {
		own.Kind, own.Rating, own.At, own.void = f.Kind, f.Rating, f.OccurredAt, f.Voided()
		others = append(others, own)
	}
	if len(others) > maxRiskAnswers {
		slices.SortStableFunc(others, func(a, b customerRating) int { return b.At.Compare(a.At) })
		others = others[:maxRiskAnswers]
	}
	return others
}

// split lists all answers, and those that are not void.
func (a *customerAnswers) split() (all, counting []feedback.RiskAnswer) {
	for _, m := range slices.Concat(a.byID, a.byEmail) {
		all = append(all, m.RiskAnswer)
		if !m.void {
			counting = append(counting, m.RiskAnswer)
		}
	}
	return all, counting
}

// maxRiskAnswers is how many answers of a customer are looked at, as in selectRiskAnswers.
const maxRiskAnswers = 100

// selectRiskAnswers finds the live answers of a customer that count for risk, as many as
// matter: a streak is three answers long. It looks at the latest answers only, because one id
// may be that of all guests of many imported years.
func selectRiskAnswers(by, and string) string {
	return `
select f.id, f.kind, f.rating, f.occurred_ms, f.at_risk, f.risk_told, f.voided_ms is not null
from (
    select f.id, f.kind, f.rating, f.occurred_ms, f.at_risk, f.risk_told, f.voided_ms, f.customer_id
    from feedback f` + by + ` order by f.occurred_ms desc limit 500) f
where case f.kind when 'smiley' then 1 when 'csat' then 1 when 'nps' then 1 else 0 end = 1 and exists (select 1 from outbox o where o.key = f.id)` + and + `
order by f.occurred_ms desc limit 100`
}
