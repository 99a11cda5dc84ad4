package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"smileybot/feedback"
)

// Erasing takes out what a feedback tells of its customer: name, e-mail address,
// customer id, comments, the team's notes and reasons, and what the sender sent. What
// counts stays, and so do ids and moments. What stands in Slack is edited by whoever
// delivers, see [Store.Erasures].

// Erased counts what was erased, or is to be.
type Erased struct {
	Feedback, Comments, Notes, Payloads int
	// Messages are those in Slack, thread replies and lists for the leads included.
	Messages int
}

func (e Erased) plus(other Erased) Erased {
	return Erased{
		e.Feedback + other.Feedback, e.Comments + other.Comments, e.Notes + other.Notes,
		e.Payloads + other.Payloads, e.Messages + other.Messages,
	}
}

// eraseBatch is how many feedbacks one transaction erases, few enough for webhooks not
// to wait.
const eraseBatch = 100

// Forget erases what is known of the customer with that id or e-mail address, a little
// at a time: when it is interrupted, the same call goes on. Old events that senders
// repeat afterwards bring nothing back. [Store.Scrub] is to follow.
func (s *Store) Forget(ctx context.Context, who string, now time.Time) (Erased, error) {
	ids, people, err := s.of(ctx, who)
	if err != nil {
		return Erased{}, err
	}
	err = s.writer.do(ctx, func(t *tx) error {
		for _, hash := range people {
			err := t.exec(`insert into forgotten (who, at_ms) values ($1, $2) on conflict (who) do update set at_ms = excluded.at_ms`, hash, ms(now))
			if err != nil {
				return err
			}
		}
		return t.exec(`delete from refusal`) // whoever they are of
	})
	if err != nil {
		return Erased{}, fmt.Errorf("noting who is forgotten: %w", err)
	}
	return s.eraseAll(ctx, ids, now)
}

// Forgettable counts what [Store.Forget] would erase.
func (s *Store) Forgettable(ctx context.Context, who string) (Erased, error) {
	ids, _, err := s.of(ctx, who)
	if err != nil {
		return Erased{}, err
	}
	var all Erased
	for _, id := range ids {
		one, err := erasable(func(query string, args ...any) scanner { return s.read.QueryRowContext(ctx, query, args...) }, id)
		if err != nil {
			return Erased{}, err
		}
		all = all.plus(one)
	}
	return all, nil
}

// of lists the feedback of a customer that is to be erased, and by which hashes the
// customer will be known again. Those with the id are theirs, and those with the e-mail
// address; with an address of theirs those without an id, too, and with an id of theirs
// all.
func (s *Store) of(ctx context.Context, who string) (ids []string, people [][]byte, err error) {
	people = [][]byte{hashID(who), hashEmail(who)}
	found := make(map[string]bool)
	look := func(by, value string) (others []feedback.Person, err error) {
		err = s.each(ctx, "a customer's answers", func(row scanner) error {
			var id string
			var p feedback.Person
			err := row.Scan(&id, &p.ID, &p.Email)
			found[id] = true
			others = append(others, p)
			return err
		}, `select f.id, f.customer_id, f.customer_email from feedback f`+by, value)
		return others, err
	}
	byID, err := look(byCustomerID, who)
	if err != nil {
		return nil, nil, err
	}
	byEmail, err := look(byCustomerEmail, who)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range byID {
		people = append(people, hashEmail(p.Email))
		if _, err := look(byCustomerEmail+` and f.customer_id = ''`, p.Email); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range byEmail {
		people = append(people, hashID(p.ID))
		if _, err := look(byCustomerID, p.ID); err != nil {
			return nil, nil, err
		}
	}
	for id := range found {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	people = slices.DeleteFunc(people, func(hash []byte) bool { return hash == nil })
	return ids, people, nil
}

// hashID and hashEmail tell a customer apart who is forgotten; nil for nobody.
func hashID(id string) []byte       { return hashOf("id", id) }
func hashEmail(email string) []byte { return hashOf("email", strings.ToLower(email)) }

func hashOf(what, value string) []byte {
	if value == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(what + ":" + value))
	return sum[:]
}

// Retain erases the feedback of before a local day, see [Store.Forget], and returns how
// many there were. It looks through all feedback, a little at a time.
func (s *Store) Retain(ctx context.Context, from feedback.Day, now time.Time) (Erased, error) {
	var all Erased
	for last := int64(0); ; {
		var ids []string
		err := s.each(ctx, "old feedback", func(row scanner) error {
			var id string
			err := row.Scan(&last, &id)
			ids = append(ids, id)
			return err
		}, `select rowid, id from feedback where rowid > $1 and day < $2 and forgotten_ms is null order by rowid limit $3`, last, int64(from), eraseBatch)
		if err != nil || len(ids) == 0 {
			return all, err
		}
		some, err := s.eraseAll(ctx, ids, now)
		all = all.plus(some)
		if err != nil {
			return all, err
		}
	}
}

func (s *Store) eraseAll(ctx context.Context, ids []string, now time.Time) (Erased, error) {
	var all Erased
	for batch := range slices.Chunk(ids, eraseBatch) {
		var some Erased
		err := s.writer.do(ctx, func(t *tx) error {
			some = Erased{}
			for _, id := range batch {
				one, err := erase(t, id, now)
				if err != nil {
					return err
				}
				some = some.plus(one)
			}
			return t.exec(`update home set waiting = ''`) // they show comments, too
		})
		if err != nil {
			return all, fmt.Errorf("erasing: %w", err)
		}
		all = all.plus(some)
	}
	return all, nil
}

// erase takes out of one feedback, and all that belongs to it, what is personal.
func erase(t *tx, id string, now time.Time) (Erased, error) {
	counted, err := erasable(t.row, id)
	if err != nil {
		return counted, err
	}
	err = errors.Join(
		t.exec(`
update feedback set comment = '', customer_id = '', customer_name = '', customer_email = '', at_risk = 0, forgotten_ms = $1,
                    void_reason = case when voided_ms is null then '' else '–' end
where id = $2`, ms(now), id),
		t.exec(`update history set old = case old when '' then '' else '–' end, new = case new when '' then '' else '–' end
where feedback_id = $1 and field = 'comment'`, id),
		t.exec(`delete from payload where feedback_id = $1`, id),
		t.exec(`update followup set note = '' where feedback_id = $1`, id),
		t.exec(`update transition set note = '' where followup_id in (select id from followup where feedback_id = $1)`, id),
		t.exec(`update act set reason = case reason when '' then '' else '–' end where feedback_id = $1`, id),
		t.exec(`
update outbox set erasure = 'wanted', revision = revision + 1, rank = 3, retry_ms = 0, -- rank: after all others, since nobody waits for it
                  queued_ms = case when shown = revision then $1 else queued_ms end
where (ts is not null or attempt_ms is not null) and key in (
    select $2 union all select o.key from outbox o where o.feedback_id = $2 and o.notice is not null and o.notice in ('explained', 'done', 'void')
    union all select c.key from covered c where c.feedback_id = $2 and c.key like 'risk:%')`, ms(now), id),
	)
	return counted, err
}

// erasable counts what is to be erased of a feedback.
func erasable(row func(query string, args ...any) scanner, id string) (Erased, error) {
	e := Erased{Feedback: 1}
	err := row(`
select (select count(*) from feedback where id = $1 and comment <> ''),
       (select count(*) from transition where followup_id = (select id from followup where feedback_id = $1) and note <> ''),
       (select count(*) from payload where feedback_id = $1),
       (select count(*) from outbox where (ts is not null or attempt_ms is not null) and key in (
            select $1 union all select o.key from outbox o where o.feedback_id = $1 and o.notice is not null and o.notice in ('explained', 'done', 'void')
            union all select c.key from covered c where c.feedback_id = $1 and c.key like 'risk:%'))`,
		id).Scan(&e.Comments, &e.Notes, &e.Payloads, &e.Messages)
	if err != nil {
		return Erased{}, fmt.Errorf("counting what is to be erased: %w", err)
	}
	return e, nil
}

// stripped is an event without what is personal, when it is an old one of a customer
// who is forgotten.
func stripped(t *tx, e feedback.Event) (plain feedback.Event, old bool, err error) {
	who := make([][]byte, 0, 2)
	if e.Mentions[feedback.FieldCustomerID] {
		who = append(who, hashID(e.Answer.Customer.ID))
	}
	if e.Mentions[feedback.FieldCustomerEmail] {
		who = append(who, hashEmail(e.Answer.Customer.Email))
	}
	for _, hash := range who {
		if hash == nil || old {
			continue
		}
		err := t.row(`select exists (select 1 from forgotten where who = $1 and at_ms >= $2)`, hash, ms(e.OccurredAt)).Scan(&old)
		if err != nil {
			return e, false, fmt.Errorf("looking whether a customer is forgotten: %w", err)
		}
	}
	if !old {
		return e, false, nil
	}
	return e.Anonymous(), true, nil
}
