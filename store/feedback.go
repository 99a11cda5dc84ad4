package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
)

// Snapshot returns one feedback with its follow-up. It returns [ErrNotFound] for an unknown id.
func (s *Store) Snapshot(ctx context.Context, id string) (followup.Snapshot, error) {
	c, err := scanSnapshot(s.engine.Row(ctx, selectSnapshot+` where f.id = $1`, id))
	if err == nil && c.Feedback.AtRisk {
		c.Risk, err = s.risk(ctx, c.Feedback)
	}
	return c, err
}

// A storedFeedback is a feedback with its follow-up, and the day on which it is tallied; the zero
// value is no feedback.
type storedFeedback struct {
	followup.Snapshot

	day office.Day
}

// before is the feedback before an event, nil for a new one.
func (f *storedFeedback) before() *feedback.Feedback {
	if f.Feedback.ID == "" {
		return nil
	}
	return &f.Feedback
}

// findByKey returns the feedback of a key with its follow-up, without the recovery; nil for a new one.
func findByKey(t *Unit, key feedback.Key) (*feedback.Feedback, followup.Snapshot, error) {
	found, err := fetch(t, t.loaded.feedback, key, queryByKey)
	return found.before(), found.Snapshot, err
}

func queryByKey(b *Batch, key feedback.Key) *storedFeedback {
	found := new(storedFeedback)
	b.Each(func(row Scanner) (err error) {
		found.Snapshot, err = scanSnapshot(row, &found.day)
		return err
	}, `select `+feedbackColumns+`, '', `+followUpColumns+`, f.day`+snapshotTables+`
where f.id = (select k.id from feedback k where k.sender = $1 and k.channel = $2 and k.kind = $3 and k.external_id = $4)`, // of four columns, SQLite may choose another index
		key.Sender, key.Channel, key.Kind, key.ID)
	return found
}

// selectSnapshot selects the columns of scanSnapshot. A feedback without a message has revision 0.
const selectSnapshot = "select " + snapshotColumns + snapshotTables

const snapshotColumns = feedbackColumns + `, coalesce(` + recoveryOf + `, ''), ` + followUpColumns

const feedbackColumns = `f.id, f.sender, f.channel, f.kind, f.external_id, f.rating, f.rating_raw, f.comment,
       f.customer_id, f.customer_name, f.customer_email,
       f.agent_id, f.agent_name, f.agent_email,
       f.ticket_id, f.ticket_subject, f.ticket_url, f.ticket_urgent,
       f.ticket_opened_ms, f.ticket_replied_ms, f.ticket_resolved_ms, f.ticket_replies,
       f.site, f.follow_up_of, f.set_ns, f.claims, f.occurred_ms, f.received_ms, f.suspect,
       f.voided_ms, f.voided_by, f.void_reason, f.confirmed, f.at_risk, f.forgotten_ms,
       coalesce(o.revision, 0)`

const followUpColumns = `coalesce(u.id, ''), coalesce(u.state, ''), coalesce(u.claimer, ''), coalesce(u.outcome, ''), coalesce(u.note, ''),
       u.opened_ms, u.due_ms, coalesce(u.openings, 0), u.snoozed_ms, coalesce(u.snoozes, 0), coalesce(u.reminded, 0), coalesce(u.escalated, 0),
       coalesce(u.was_state, ''), coalesce(u.was_claimer, ''), u.was_snoozed_ms, coalesce(u.was_explained, 0), coalesce(u.was_happy, 0),
       u.changed_ms, coalesce(u.changed_by, '')`

// recoveryOf is the latest answer to the question whether the follow-up of f helped: its kind
// and its rating.
const recoveryOf = `(
    select s.kind || ' ' || s.rating from feedback s
    where s.sender = f.sender and s.follow_up_of <> '' and s.follow_up_of = f.external_id and s.voided_ms is null and s.id <> f.id
    order by s.occurred_ms desc, s.id desc limit 1)`

const snapshotTables = `
from feedback f
left join outbox o on o.key = f.id
left join followup u on u.feedback_id = f.id`

// scanSnapshot reads a row of selectSnapshot, or returns [ErrNotFound].
func scanSnapshot(row Scanner, more ...any) (followup.Snapshot, error) {
	var c followup.Snapshot
	var set, claims, recovery string
	f, u := &c.Feedback, &c.FollowUp
	err := namedRow{row, "a feedback"}.Scan(append([]any{
		&f.ID, &f.Sender, &f.Channel, &f.Kind, &f.Key.ID, &f.Rating, &f.Raw, &f.Comment,
		&f.Customer.ID, &f.Customer.Name, &f.Customer.Email,
		&f.Agent.ID, &f.Agent.Name, &f.Agent.Email,
		&f.Ticket.ID, &f.Ticket.Subject, &f.Ticket.URL, &f.Ticket.Urgent,
		momentIn(&f.Ticket.OpenedAt), momentIn(&f.Ticket.FirstReplyAt), momentIn(&f.Ticket.ResolvedAt), &f.Ticket.Replies,
		&f.Site, &f.FollowUpOf, &set, &claims, momentIn(&f.OccurredAt), momentIn(&f.ReceivedAt), &f.Suspect,
		momentIn(&f.Void.At), &f.Void.By, &f.Void.Reason, &f.Confirmed, &f.AtRisk, momentIn(&f.ErasedAt), &f.Revision, &recovery,
		&u.ID, &u.State, &u.Claimer, &u.Outcome, &u.Note,
		momentIn(&u.OpenedAt), momentIn(&u.DueAt), &u.Openings, momentIn(&u.SnoozedUntil), &u.Snoozes, &u.Reminded, &u.Escalated,
		&u.BeforeVoid.State, &u.BeforeVoid.Claimer, momentIn(&u.BeforeVoid.SnoozedUntil), &u.BeforeVoid.Explained, &u.BeforeVoid.Happy,
		momentIn(&u.ChangedAt), &u.ChangedBy,
	}, more...)...)
	if err == nil {
		f.SetAt, err = parseStamps(set)
	}
	if err == nil && claims != "" {
		if err = json.Unmarshal([]byte(claims), &f.Claims); err != nil {
			err = fmt.Errorf("reading what the events of a feedback said of its people: %w", err)
		}
	}
	if err != nil {
		return followup.Snapshot{}, err
	}
	c.Recovery = colourOf(recovery)
	return c, nil
}

// colourOf is the colour of a value of recoveryOf.
func colourOf(answer string) feedback.Smiley {
	kind, rating, _ := strings.Cut(answer, " ")
	n, err := strconv.Atoi(rating)
	if err != nil {
		return ""
	}
	return feedback.Kind(kind).Colour(n)
}

// saveFeedback inserts or updates a feedback.
func (s *Store) saveFeedback(t *Unit, f feedback.Feedback) error {
	return t.Exec(`
insert into feedback (id, sender, channel, kind, external_id, rating, rating_raw, comment,
                      customer_id, customer_name, customer_email, agent_id, agent_name, agent_email,
                      ticket_id, ticket_subject, ticket_url, ticket_urgent,
                      ticket_opened_ms, ticket_replied_ms, ticket_resolved_ms, ticket_replies,
                      site, follow_up_of, set_ns, occurred_ms, day, received_ms, suspect,
                      voided_ms, voided_by, void_reason, confirmed, claims, former)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
        $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35)
on conflict (id) do update set
    rating = excluded.rating, rating_raw = excluded.rating_raw, comment = excluded.comment,
    customer_id = excluded.customer_id, customer_name = excluded.customer_name, customer_email = excluded.customer_email,
    agent_id = excluded.agent_id, agent_name = excluded.agent_name, agent_email = excluded.agent_email,
    ticket_id = excluded.ticket_id, ticket_subject = excluded.ticket_subject, ticket_url = excluded.ticket_url,
    ticket_urgent = excluded.ticket_urgent, ticket_opened_ms = excluded.ticket_opened_ms,
    ticket_replied_ms = excluded.ticket_replied_ms, ticket_resolved_ms = excluded.ticket_resolved_ms,
    ticket_replies = excluded.ticket_replies, site = excluded.site, follow_up_of = excluded.follow_up_of,
    set_ns = excluded.set_ns, occurred_ms = excluded.occurred_ms, day = excluded.day, suspect = excluded.suspect,
    voided_ms = excluded.voided_ms, voided_by = excluded.voided_by, void_reason = excluded.void_reason, confirmed = excluded.confirmed,
    claims = excluded.claims, former = excluded.former`,
		f.ID, f.Sender, f.Channel, f.Kind, f.Key.ID, f.Rating, f.Raw, f.Comment,
		f.Customer.ID, f.Customer.Name, f.Customer.Email, f.Agent.ID, f.Agent.Name, f.Agent.Email,
		f.Ticket.ID, f.Ticket.Subject, f.Ticket.URL, flag(f.Ticket.Urgent),
		nullMS(f.Ticket.OpenedAt), nullMS(f.Ticket.FirstReplyAt), nullMS(f.Ticket.ResolvedAt), f.Ticket.Replies,
		f.Site, f.FollowUpOf, stamps(f.SetAt), ms(f.OccurredAt), int64(s.day(f.OccurredAt)), ms(f.ReceivedAt), flag(f.Suspect),
		nullMS(f.Void.At), f.Void.By, f.Void.Reason, flag(f.Confirmed), claimsText(f), flag(len(f.FormerCustomers()) > 0))
}

// claimsText encodes what the events of a feedback said of its people, "" for nothing.
func claimsText(f feedback.Feedback) string {
	if len(f.Claims) == 0 {
		return ""
	}
	text, err := json.Marshal(f.Claims)
	if err != nil { // unreachable: texts, numbers and moments
		return ""
	}
	return string(text)
}

// stamps encodes when each field was set, to the nanosecond: events of the same millisecond
// have an order, too.
func stamps(set map[feedback.Field]time.Time) string {
	text := []byte{'{'}
	for field, at := range set {
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(strconv.AppendQuote(text, string(field)), ':') // no field's name needs escaping
		text = strconv.AppendInt(text, at.UnixNano(), 10)
	}
	return string(append(text, '}'))
}

func parseStamps(text string) (map[feedback.Field]time.Time, error) {
	var kept map[feedback.Field]int64
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return nil, fmt.Errorf("reading when a feedback's fields were set: %w", err)
	}
	set := make(map[feedback.Field]time.Time, len(kept))
	for field, at := range kept {
		set[field] = time.Unix(0, at).UTC()
	}
	return set, nil
}

// appendHistory adds changes to a feedback's history. A rating that changed nothing is kept
// once for each moment at which it was reported.
func appendHistory(t *Unit, id string, changes []feedback.Change, now time.Time) error {
	for _, c := range changes {
		query := applied
		if !c.Applied {
			query = seen
		}
		if err := t.Exec(query, id, c.Field, c.Old, c.New, ms(c.OccurredAt), ms(now)); err != nil {
			return err
		}
	}
	return nil
}

const (
	applied = `
insert into history (feedback_id, field, old, new, occurred_ms, recorded_ms, applied)
values ($1, $2, $3, $4, $5, $6, 1)`
	seen = `
insert into history (feedback_id, field, old, new, occurred_ms, recorded_ms, applied)
select $1, $2, $3, $4, $5, $6, 0
where not exists (
    select 1 from history where feedback_id = $1 and field = $2 and new = $4 and occurred_ms = $5)`
)

// A seenKey names the ratings of a feedback close to a moment, in milliseconds.
type seenKey struct {
	feedbackID string
	at         int64
}

// seenOf is what sightings looks for; may is false for an event that cannot be suspect.
func seenOf(before feedback.Feedback, e feedback.Event) (key seenKey, may bool) {
	return seenKey{before.ID, ms(e.OccurredAt)}, e.Kind == feedback.KindSmiley && e.Mentions[feedback.FieldRating]
}

// sightings lists the smileys that were reported for a feedback close to the moment of an event:
// for each smiley the earliest one, if possible without a comment.
func sightings(t *Unit, before *feedback.Feedback, e feedback.Event) ([]feedback.SeenRating, error) {
	if before == nil {
		return nil, nil
	}
	key, may := seenOf(*before, e)
	if !may {
		return nil, nil
	}
	seen, err := fetch(t, t.loaded.seen, key, querySeen)
	return *seen, err
}

func querySeen(b *Batch, key seenKey) *[]feedback.SeenRating {
	var seen []feedback.SeenRating
	window := feedback.SuspectWithin.Milliseconds()
	for _, smiley := range feedback.Smileys() {
		b.Each(collect(&seen, func(row Scanner) (feedback.SeenRating, error) {
			one := feedback.SeenRating{Rating: smiley.Value()}
			err := row.Scan(momentIn(&one.At), &one.Commented)
			return one, err
		}), `
select h.occurred_ms, exists (
    select 1 from history c
    where c.feedback_id = h.feedback_id and c.field = 'comment' and c.new <> '' and c.occurred_ms = h.occurred_ms) as commented
from history h
where h.feedback_id = $1 and h.field = 'rating' and h.new = $2 and h.occurred_ms > $3 and h.occurred_ms < $4
order by commented, h.occurred_ms limit 1`,
			key.feedbackID, smiley, key.at-window, key.at+window)
	}
	return &seen
}
