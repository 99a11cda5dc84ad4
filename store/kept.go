package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"smileybot/feedback"
)

// Events that come before the first rating of their feedback are kept for [DeliveryRetention], and become
// part of the feedback when the rating arrives. They hold personal data, and are erased with it.

// keptPerKey is how many events are kept for one feedback: more than any customer causes.
const keptPerKey = 100

// keep keeps an event that waits for a rating.
func keep(t *Unit, e feedback.Event, now time.Time) error {
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("keeping an event: %w", err)
	}
	var byID, byEmail []byte
	if c := e.Answer.Customer; e.Mentions[feedback.FieldCustomerID] && c.ID != "" {
		byID = hashID(c.ID)
	}
	if c := e.Answer.Customer; e.Mentions[feedback.FieldCustomerEmail] && c.Email != "" {
		byEmail = hashEmail(c.Email)
	}
	err = t.Exec(`insert into kept (sender, channel, kind, external_id, event, received_ms, who_id, who_email) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		e.Sender, e.Channel, e.Kind, e.ID, string(text), ms(now), byID, byEmail)
	if err != nil {
		return err
	}
	return t.Exec(`
delete from kept where id in (
    select id from kept where sender = $1 and channel = $2 and kind = $3 and external_id = $4 order by id desc limit $5 offset $5)`,
		e.Sender, e.Channel, e.Kind, e.ID, keptPerKey)
}

// A keptKey names the events that wait for a feedback and arrived after a moment, in milliseconds.
type keptKey struct {
	feedback.Key

	since int64
}

func keptSince(key feedback.Key, now time.Time) keptKey {
	return keptKey{key, ms(now.Add(-DeliveryRetention))}
}

// A keptEvent is an event that waits, as it is encoded.
type keptEvent struct {
	id   int64
	text string
}

// queryKept finds them in no order: to sort costs SQLite three times as much as to find none.
func queryKept(b *Batch, key keptKey) *[]keptEvent {
	found := new([]keptEvent)
	b.Each(collect(found, func(row Scanner) (one keptEvent, err error) {
		err = row.Scan(&one.id, &one.text)
		return one, err
	}), `
select id, event from kept where sender = $1 and channel = $2 and kind = $3 and external_id = $4 and received_ms > $5`,
		key.Sender, key.Channel, key.Kind, key.ID, key.since)
	return found
}

// waitingFor returns the events that wait for the first rating of a feedback, in the order of their
// arrival, without the personal data of customers who were erased since.
func waitingFor(t *Unit, key feedback.Key, now time.Time) ([]feedback.Event, error) {
	found, err := fetch(t, t.loaded.kept, keptSince(key, now), queryKept)
	if err != nil {
		return nil, err
	}
	kept := *found
	slices.SortFunc(kept, func(a, b keptEvent) int { return cmp.Compare(a.id, b.id) })
	events := make([]feedback.Event, len(kept))
	for i, k := range kept {
		if err := json.Unmarshal([]byte(k.text), &events[i]); err != nil {
			return nil, fmt.Errorf("reading a kept event: %w", err)
		}
		if events[i], _, err = anonymizeIfErased(t, events[i]); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// takeKept is waitingFor, and deletes them.
func takeKept(t *Unit, key feedback.Key, now time.Time) ([]feedback.Event, error) {
	events, err := waitingFor(t, key, now)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	return events, t.Exec(`delete from kept where sender = $1 and channel = $2 and kind = $3 and external_id = $4`,
		key.Sender, key.Channel, key.Kind, key.ID)
}

// eraseKept deletes the events of a customer that wait for a rating, and counts them.
func eraseKept(t *Unit, people [][]byte) (n int, err error) {
	for _, hash := range people {
		for _, erase := range []string{`delete from kept where who_id = $1`, `delete from kept where who_email = $1`} {
			deleted, err := t.Affect(erase, hash)
			if err != nil {
				return n, err
			}
			n += int(deleted)
		}
	}
	return n, nil
}

// WaitsLong is how long an event may wait for its rating until the operator should look: a rating that
// comes at all comes within minutes, or with the next try of its sender.
const WaitsLong = 24 * time.Hour

// Waiting are the events of one sender that wait for a rating.
type Waiting struct {
	Sender string
	Count  int
	Oldest time.Time // its arrival
}

// maxWaiting bounds what is counted: metrics are read every few seconds.
const maxWaiting = 10_000

// WaitingLong counts by sender the events that have waited for [WaitsLong] or longer, the oldest 10,000.
func (s *Store) WaitingLong(ctx context.Context, now time.Time) (all []Waiting, err error) {
	err = s.each(ctx, "the kept events", func(row Scanner) error {
		w := Waiting{Count: 1}
		err := row.Scan(&w.Sender, momentIn(&w.Oldest))
		if i := slices.IndexFunc(all, func(other Waiting) bool { return other.Sender == w.Sender }); i >= 0 {
			all[i].Count++
			return err
		}
		all = append(all, w)
		return err
	}, `select sender, received_ms from kept where received_ms <= $1 order by received_ms, id limit $2`, ms(now.Add(-WaitsLong)), maxWaiting)
	return all, err
}

// countKept counts the events of a customer that wait for a rating.
func (s *Store) countKept(ctx context.Context, people [][]byte) (n int, err error) {
	for _, hash := range people {
		var some int
		err := s.row(ctx, "the kept events", `
select (select count(*) from kept where who_id = $1) + (select count(*) from kept where who_email = $1 and (who_id is null or who_id <> $1))`, hash).Scan(&some)
		if err != nil {
			return n, err
		}
		n += some
	}
	return n, nil
}
