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
		var ids []string
		err := t.Each(column(&ids), selectSent, after.Sender, first, after.ID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := queueRefresh(t, id, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// selectSent finds the feedback that a sender names by an id, of any channel and kind. The
// lists make SQLite use the index of the feedback's keys.
const selectSent = `
select id from feedback
where sender = $1 and external_id = $2 and id <> $3
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
		if flagged, err := atRisk(t, after.Customer); err != nil || !flagged {
			return err
		}
	}
	return updateCustomerRisk(t, after.Customer, after, now)
}

// atRisk reports whether an answer of a customer is flagged.
func atRisk(t *Unit, c feedback.Person) (flagged bool, err error) {
	err = t.Row(`
select exists (select 1 from feedback where at_risk = 1 and customer_id <> '' and customer_id = $1)
    or exists (select 1 from feedback where at_risk = 1 and customer_email <> '' and lower(customer_email) = $2)`,
		c.ID, lower(c.Email)).Scan(&flagged)
	return flagged, err
}

// updateCustomerRisk flags the answers of a customer. An answer that leaves a streak may be
// reported again in a later one. The message of changed is already queued, so it is skipped here.
func updateCustomerRisk(t *Unit, c feedback.Person, changed feedback.Feedback, now time.Time) error {
	all, counting, err := riskAnswers(t.Each, c)
	if err != nil {
		return err
	}
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

// eachRow passes the rows of a query to scan, as [Unit.Each] does.
type eachRow func(scan func(Scanner) error, query string, args ...any) error

// risk is why an answer puts its customer at risk.
func (s *Store) risk(ctx context.Context, f feedback.Feedback) (feedback.Risk, error) {
	_, counting, err := riskAnswers(func(scan func(Scanner) error, query string, args ...any) error {
		return s.each(ctx, "a customer's answers", scan, query, args...)
	}, f.Customer)
	return feedback.RiskOf(feedback.RiskStreak(counting), f.ID), err
}

// riskAnswers reads the latest answers of a customer, identified by id, else by e-mail
// address: all of them, and those that are not void.
func riskAnswers(each eachRow, c feedback.Person) (all, counting []feedback.RiskAnswer, err error) {
	scan := func(row Scanner) error {
		var m feedback.RiskAnswer
		var voided bool
		err := row.Scan(&m.FeedbackID, &m.Kind, &m.Rating, momentIn(&m.At), &m.Flagged, &m.Reported, &voided)
		all = append(all, m)
		if !voided {
			counting = append(counting, m)
		}
		return err
	}
	if c.ID != "" {
		err = each(scan, selectRiskAnswers(byCustomerID, ""), c.ID)
	}
	switch {
	case err != nil || c.Email == "":
	case c.ID != "": // and answers without an id
		err = each(scan, selectRiskAnswers(byCustomerEmail, ` and f.customer_id = ''`), c.Email)
	default:
		err = each(scan, selectRiskAnswers(byCustomerEmail, ""), c.Email)
	}
	return all, counting, err
}

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
