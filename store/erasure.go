package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// Erasing removes personal data of a customer: name, e-mail address, customer id, comments,
// the team's notes and reasons, and the bodies of deliveries. Ratings, ids and times stay. The
// deliverer edits the messages in Slack, see [Store.Erasures].

// Erased counts what was erased or would be.
type Erased struct {
	Feedback, Comments, Notes, Payloads int
	// Messages counts those in Slack, with thread replies and lists for the leads.
	Messages int
}

func (e Erased) plus(other Erased) Erased {
	return Erased{
		e.Feedback + other.Feedback, e.Comments + other.Comments, e.Notes + other.Notes,
		e.Payloads + other.Payloads, e.Messages + other.Messages,
	}
}

// eraseBatch is how many feedbacks one transaction erases.
const eraseBatch = 100

// Erase erases the customer with that id or e-mail address, a little at a time. After an
// interruption, the same call continues. Old events that senders repeat later bring nothing
// back. [Store.Scrub] must follow.
//
// It lists the answers, records the hashes of the customer, and lists again until there are
// no new ones: the second list has what arrived before the record, and the record identifies
// what arrives later.
func (s *Store) Erase(ctx context.Context, who string, now time.Time) (Erased, error) {
	noted, waiting := make(map[string]bool), 0
	for {
		theirs, err := s.feedbackOfCustomer(ctx, who)
		if err != nil {
			return Erased{}, err
		}
		people := slices.DeleteFunc(theirs.hashes(), func(hash []byte) bool { return noted[string(hash)] })
		if len(people) == 0 {
			erased, err := s.eraseAll(ctx, theirs.feedback, func(t *Unit, id string) (Erased, error) {
				if theirs.former[id] {
					return eraseFormer(t, id, theirs.wanted, now)
				}
				return erase(t, id, now)
			})
			erased.Comments += waiting
			return erased, err
		}
		n, err := s.noteForgotten(ctx, people, now)
		if err != nil {
			return Erased{}, err
		}
		waiting += n
		for _, hash := range people {
			noted[string(hash)] = true
		}
	}
}

// noteForgotten records the hashes of erased customers, so that their old events bring nothing
// back, and deletes and counts their events that wait for a rating.
func (s *Store) noteForgotten(ctx context.Context, people [][]byte, now time.Time) (waiting int, err error) {
	return s.counting(ctx, func(t *Unit) (int, error) {
		t.someForgotten = sql.NullBool{} // the neighbours in the transaction must look again
		for _, hash := range people {
			err := t.Exec(`insert into forgotten (who, at_ms) values ($1, $2) on conflict (who) do update set at_ms = excluded.at_ms`, hash, ms(now))
			if err != nil {
				return 0, err
			}
		}
		if err := t.Exec(`delete from refusal`); err != nil { // they may be of any customer
			return 0, err
		}
		return eraseKept(t, people)
	})
}

// ErasedSince reports whether a customer was erased since then.
func (s *Store) ErasedSince(ctx context.Context, since time.Time) (some bool, err error) {
	err = s.row(ctx, "the erased customers", `select exists (select 1 from forgotten where at_ms >= $1)`, ms(since)).Scan(&some)
	return some, err
}

// CountErasable counts what [Store.Erase] would erase.
func (s *Store) CountErasable(ctx context.Context, who string) (Erased, error) {
	theirs, err := s.feedbackOfCustomer(ctx, who)
	if err != nil {
		return Erased{}, err
	}
	var all Erased
	if all.Comments, err = s.countKept(ctx, theirs.hashes()); err != nil {
		return Erased{}, err
	}
	row := func(query string, args ...any) Scanner { return s.row(ctx, "what would be erased", query, args...) }
	for _, id := range theirs.feedback {
		one, err := countErasable(row, id, theirs)
		if err != nil {
			return Erased{}, err
		}
		all = all.plus(one)
	}
	return all, nil
}

func countErasable(row func(query string, args ...any) Scanner, id string, theirs belongings) (Erased, error) {
	if theirs.former[id] {
		_, counted, err := scanFormerOf(row, id, theirs.wanted)
		return counted, err
	}
	return scanErasable(row(selectErasable, id))
}

// EraseBefore erases the feedback before a local day, see [Store.Erase], and counts it. It looks
// through all feedback, a little at a time.
func (s *Store) EraseBefore(ctx context.Context, from office.Day, now time.Time) (Erased, error) {
	var all Erased
	for last := ""; ; {
		var ids []string
		err := s.each(ctx, "old feedback", column(&ids),
			`select id from feedback where id > $1 and day < $2 and forgotten_ms is null order by id limit $3`, last, int64(from), eraseBatch)
		if err != nil || len(ids) == 0 {
			return all, err
		}
		last = ids[len(ids)-1]
		some, err := s.eraseAll(ctx, ids, func(t *Unit, id string) (Erased, error) { return erase(t, id, now) })
		all = all.plus(some)
		if err != nil {
			return all, err
		}
	}
}

func (s *Store) eraseAll(ctx context.Context, ids []string, erase func(t *Unit, id string) (Erased, error)) (Erased, error) {
	each, stored := make([]Erased, len(ids)), 0
	err := inPieces(ctx, s.engine, eraseBatch, ids, func(t *Unit, i int, id string) (err error) {
		if each[i], err = erase(t, id); err != nil {
			return err
		}
		return t.Exec(`update home set waiting = '' where waiting <> ''`) // they show comments
	}, func(rows int) { stored = rows })
	var all Erased
	for _, one := range each[:stored] {
		all = all.plus(one)
	}
	if err != nil {
		return all, fmt.Errorf("erasing: %w", err)
	}
	return all, nil
}

// erase removes personal data from one feedback and all that belongs to it.
func erase(t *Unit, id string, now time.Time) (Erased, error) {
	counted, err := scanErasable(t.Row(selectErasable, id))
	if err != nil {
		return counted, err
	}
	if err := eraseAnswer(t, id, now); err != nil {
		return counted, err
	}
	return counted, eraseMessages(t, id, now)
}

// eraseAnswer removes personal data from a feedback and its history.
func eraseAnswer(t *Unit, id string, now time.Time) error {
	err := t.Exec(`
update feedback set comment = '', claims = '', former = 0, customer_id = '', customer_name = '', customer_email = '', at_risk = 0, forgotten_ms = $1,
                    ticket_subject = case kind when 'review' then '' else ticket_subject end, -- its title, and its page
                    ticket_url = case kind when 'review' then '' else ticket_url end,
                    void_reason = case when voided_ms is null then '' else '–' end
where id = $2`, ms(now), id)
	if err != nil {
		return err
	}
	for _, query := range []string{
		`delete from kept where (sender, channel, kind, external_id) in (select sender, channel, kind, external_id from feedback where id = $1)`,
		`update followup set note = '' where feedback_id = $1`,
		`update transition set note = '' where followup_id in (select id from followup where feedback_id = $1)`,
		`update moderation set reason = case reason when '' then '' else '–' end where feedback_id = $1`,
	} {
		if err := t.Exec(query, id); err != nil {
			return err
		}
	}
	return eraseEarlier(t, id)
}

// eraseEarlier removes what a feedback was earlier: the comments in its history, the bodies of its
// deliveries, and its states before imports.
func eraseEarlier(t *Unit, id string) error {
	for _, query := range []string{
		`update history set old = case old when '' then '' else '–' end, new = case new when '' then '' else '–' end
where feedback_id = $1 and field = 'comment'`,
		`delete from payload where id in (select payload_id from payload_also where feedback_id = $1)`,
		`delete from payload where feedback_id = $1`,
		`update import_change set before = case when before is null then null else '' end, after_print = 0 where feedback_id = $1`,
	} {
		if err := t.Exec(query, id); err != nil {
			return err
		}
	}
	return nil
}

// messagesOf are the keys of the messages with data of the customer of a feedback, $1.
const messagesOf = `
with messages (key) as (
    select $1
    union all select n.key from outbox n where n.feedback_id = $1 and n.notice is not null and n.notice in ('explained', 'done', 'void')
    union all select c.key from covered c where c.feedback_id = $1 and c.key like 'risk:%')`

// eraseMessages queues edits of the messages with data of the customer of a feedback. A
// message that is being posted now may already contain the old text, so it is marked too and
// edited as soon as it has a timestamp. One that is withheld says less than before, and stays withheld.
// Undeletable messages are tried once more. The edits come after all others, because no person waits for
// them.
func eraseMessages(t *Unit, id string, now time.Time) error {
	var keys []string
	err := t.Each(column(&keys), messagesOf+` select key from messages`, id)
	for i := 0; err == nil && i < len(keys); i++ {
		err = t.Exec(`
update outbox set erasure = 'wanted', revision = revision + 1, retry_ms = 0,
                  former_ts = coalesce(former_ts || ' ' || stuck_ts, former_ts, stuck_ts), stuck_ts = null,
                  rank = case when ts is null then rank else 3 end,
                  withheld = case when withheld = revision then revision + 1 else withheld end,
                  queued_ms = case when shown = revision then $1 else queued_ms end
where key = $2`, ms(now), keys[i])
	}
	return err
}

// selectErasable counts what would be erased of a feedback.
const selectErasable = messagesOf + `
select (select count(*) from feedback where id = $1 and comment <> ''),
       (select count(*) from transition where followup_id = (select id from followup where feedback_id = $1) and note <> ''),
       (select count(*) from payload where feedback_id = $1) + (select count(*) from payload_also where feedback_id = $1),
       (select count(*) from outbox where ` + perhapsInSlack + ` and key in (select key from messages))`

func scanErasable(row Scanner) (Erased, error) {
	e := Erased{Feedback: 1}
	err := row.Scan(&e.Comments, &e.Notes, &e.Payloads, &e.Messages)
	return e, err
}

// Erasures is the progress of erasing in Slack.
type Erasures struct {
	// Wanted counts the messages that must still be edited, or whose replaced message must
	// still be deleted.
	Wanted int
	// Failed are the messages that Slack refuses to edit and to delete.
	Failed []Remnant
}

// Remnant is a message in Slack with data of an erased customer.
type Remnant struct {
	// Key is the key in the outbox.
	Key, SlackChannel, TS string
}

// perhapsInSlack selects rows of the outbox with a message that is or may be in Slack.
const perhapsInSlack = `(ts is not null or attempt_ms is not null or former_ts is not null or recheck_from_ms is not null)`

// Erasures returns the progress of erasing in Slack.
func (s *Store) Erasures(ctx context.Context) (Erasures, error) {
	var e Erasures
	err := s.row(ctx, "the outbox", `select count(*) from outbox where erasure <> '' and erasure = 'wanted' and `+perhapsInSlack).Scan(&e.Wanted)
	if err != nil {
		return e, err
	}
	err = s.each(ctx, "the outbox", func(row Scanner) error {
		var key, channel, kept string
		err := row.Scan(&key, &channel, &kept)
		for _, p := range places(kept, channel) {
			e.Failed = append(e.Failed, Remnant{Key: key, SlackChannel: p.SlackChannel, TS: p.TS})
		}
		return err
	}, `
select key, slack_channel, ts from outbox where erasure <> '' and erasure = 'failed'
union all select o.key, o.slack_channel, o.stuck_ts from outbox o where `+undeletableOfErased)
	return e, err
}

// undeletableOfErased selects rows of the outbox with an undeletable message that has data of
// an erased customer.
const undeletableOfErased = `o.stuck_ts is not null and (o.notice is null or o.notice in ('explained', 'done', 'void', 'risk')) and (
    exists (select 1 from feedback f where f.id = o.feedback_id and f.forgotten_ms is not null)
    or exists (select 1 from covered c join feedback f on f.id = c.feedback_id where c.key = o.key and f.forgotten_ms is not null))`

// ErasureDone records that a message has no personal data left, after an edit to a revision or
// because it is deleted. The erasure ends when replaced messages are deleted, too.
func (s *Store) ErasureDone(ctx context.Context, key string, revision int64) error {
	return s.updateOne(ctx, key, `
update outbox set shown = case when shown < $1 then $1 else shown end, retry_ms = 0,
                  erasure = case when $1 < revision then erasure when former_ts is null and recheck_from_ms is null then '' else 'wanted' end
where key = $2 and ts is not null and $1 <= revision`, revision, key)
}

// ErasureFailed records that Slack refuses to edit and to delete a message. The bot retries when
// it starts.
func (s *Store) ErasureFailed(ctx context.Context, key string) error {
	return s.updateOne(ctx, key, `update outbox set shown = revision, erasure = 'failed' where key = $1 and ts is not null`, key)
}

// MarkUndeletable records a replaced message that Slack refuses to delete.
func (s *Store) MarkUndeletable(ctx context.Context, key string, at Place) error {
	return s.updateOne(ctx, key, `update outbox set stuck_ts = `+stuckWith("$1")+` where key = $2`, at.String(), key)
}

// stuckWith is stuck_ts with a place in it, once.
func stuckWith(place string) string {
	const list = `' ' || coalesce(stuck_ts, '') || ' '`
	return `case when replace(` + list + `, ' ' || ` + place + ` || ' ', '') <> ` + list + ` then stuck_ts
         else coalesce(stuck_ts || ' ', '') || ` + place + ` end`
}

// RetryErasures queues failed erasures again.
func (s *Store) RetryErasures(ctx context.Context, now time.Time) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		err := t.Exec(`update outbox set erasure = 'wanted', revision = revision + 1, queued_ms = $1 where erasure <> '' and erasure = 'failed'`, ms(now))
		if err != nil {
			return err
		}
		return t.Exec(`
update outbox as o set former_ts = coalesce(former_ts || ' ', '') || stuck_ts, stuck_ts = null, retry_ms = 0,
                       erasure = 'wanted'
where ` + undeletableOfErased)
	})
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

// customerHashes are the hashes of the customer that an event mentions.
func customerHashes(e feedback.Event) [][]byte {
	who := make([][]byte, 0, 2)
	if e.Mentions[feedback.FieldCustomerID] && e.Answer.Customer.ID != "" {
		who = append(who, hashID(e.Answer.Customer.ID))
	}
	if e.Mentions[feedback.FieldCustomerEmail] && e.Answer.Customer.Email != "" {
		who = append(who, hashEmail(e.Answer.Customer.Email))
	}
	return who
}

// anonymizeIfErased removes personal data from an old event of an erased customer, and
// returns when the customer was erased; since is zero for any other event.
func anonymizeIfErased(t *Unit, e feedback.Event) (plain feedback.Event, since time.Time, err error) {
	who := customerHashes(e)
	if len(who) > 0 {
		if some, err := t.anyForgotten(); err != nil || !some {
			return e, since, err
		}
	}
	for _, hash := range who {
		at, err := fetch(t, t.loaded.forgotten, forgottenKey{string(hash), ms(e.OccurredAt)}, queryForgotten)
		if err != nil {
			return e, since, err
		}
		if at.After(since) {
			since = *at
		}
	}
	if since.IsZero() {
		return e, since, nil
	}
	return e.Anonymous(), since, nil
}

// claimsOfKnown returns the claims of a row, or none when one of them names an erased customer.
func claimsOfKnown(t *Unit, e feedback.Event) ([]feedback.Claim, error) {
	for _, c := range e.Claims {
		said := feedback.Event{Key: e.Key, OccurredAt: c.At, Mentions: make(map[feedback.Field]bool)}
		said.Answer.Customer = feedback.Person{ID: c.People[feedback.FieldCustomerID], Email: c.People[feedback.FieldCustomerEmail]}
		said.Mentions[feedback.FieldCustomerID], said.Mentions[feedback.FieldCustomerEmail] = true, true
		if _, since, err := anonymizeIfErased(t, said); err != nil || !since.IsZero() {
			return nil, err
		}
	}
	return e.Claims, nil
}

// A forgottenKey is the hash of a customer, and from when on in milliseconds.
type forgottenKey struct {
	hash  string
	since int64
}

// queryForgotten reads when a customer was erased; zero is never.
func queryForgotten(b *Batch, key forgottenKey) *time.Time {
	at := new(time.Time)
	b.Each(func(row Scanner) error { return row.Scan(momentIn(at)) },
		`select max(at_ms) from forgotten where who = $1 and at_ms >= $2`, []byte(key.hash), key.since)
	return at
}

const selectSomeForgotten = `select exists (select 1 from forgotten)`

// anyForgotten reports whether any customer is erased; a transaction looks once.
func (t *Unit) anyForgotten() (bool, error) {
	if !t.someForgotten.Valid {
		if err := t.Row(selectSomeForgotten).Scan(&t.someForgotten); err != nil {
			return false, err
		}
	}
	return t.someForgotten.Bool, nil
}

// eraseIfCustomerErased erases the feedback if its customer was erased at since, unless it was
// already known with a later OccurredAt.
func eraseIfCustomerErased(t *Unit, before *feedback.Feedback, after feedback.Feedback, since, now time.Time) error {
	if since.IsZero() || after.Erased() || before != nil && before.OccurredAt.After(since) {
		return nil
	}
	_, err := erase(t, after.ID, now)
	return err
}
