package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"smileybot/feedback"
)

// DeliveryRetention is how long deliveries, their bodies and rejected deliveries are kept.
const DeliveryRetention = 30 * 24 * time.Hour

// Delivery is one proven request of a sender.
type Delivery struct {
	Sender string
	// ID is the sender's id of the delivery, which identifies a repeat; empty when it has no id.
	ID         string
	Body       []byte
	ReceivedAt time.Time
	// Strict refuses an event that comes before its rating, in the place of keeping it.
	Strict bool
}

// A deliveryKey is what a repeated delivery is recognized by, and from when on in milliseconds.
type deliveryKey struct {
	sender, id string
	since      int64
}

func (d Delivery) key() deliveryKey {
	return deliveryKey{d.Sender, d.ID, ms(d.ReceivedAt.Add(-DeliveryRetention))}
}

// A knownDelivery is an earlier delivery with the same id, if it was found.
type knownDelivery struct {
	found      bool
	feedbackID string
}

// findDelivery looks for an earlier delivery with the same id.
func findDelivery(t *Unit, d Delivery) (*knownDelivery, error) {
	if d.ID == "" {
		return new(knownDelivery), nil
	}
	return fetch(t, t.loaded.deliveries, d.key(), queryDelivery)
}

func queryDelivery(b *Batch, key deliveryKey) *knownDelivery {
	d := new(knownDelivery)
	b.Each(func(row Scanner) error {
		d.found = true
		return row.Scan(&d.feedbackID)
	}, selectDelivery, key.sender, key.id, key.since)
	return d
}

const selectDelivery = `select feedback_id from delivery where sender = $1 and delivery_id = $2 and received_ms > $3`

// Delivered reports whether a delivery was ingested in the last 30 days, and the id of its
// feedback.
func (s *Store) Delivered(ctx context.Context, sender, id string, now time.Time) (feedbackID string, found bool, err error) {
	err = s.row(ctx, "the delivery", selectDelivery, sender, id, ms(now.Add(-DeliveryRetention))).Scan(&feedbackID)
	if errors.Is(err, ErrNotFound) {
		return "", false, nil
	}
	return feedbackID, err == nil, err
}

// LatestArrival is the latest moment at which a delivery that is still kept arrived, 1970 when there is
// none.
func (s *Store) LatestArrival(ctx context.Context) (time.Time, error) {
	var latest int64
	err := s.engine.Row(ctx, `select coalesce(max(received_ms), 0) from payload`).Scan(&latest)
	return time.UnixMilli(latest).UTC(), err
}

// CorrectArrivals gives deliveries that arrived more than [feedback.MaxAhead] ahead of now, while the clock
// ran ahead, the time now: they would be kept for too long, and [Store.LatestArrival] would be wrong.
func (s *Store) CorrectArrivals(ctx context.Context, now time.Time) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		for _, update := range []string{
			`update delivery set received_ms = $1 where received_ms > $2`,
			`update payload set received_ms = $1 where received_ms > $2`,
			`update kept set received_ms = $1 where received_ms > $2`,
		} {
			if err := t.Exec(update, ms(now), ms(now.Add(feedback.MaxAhead))); err != nil {
				return err
			}
		}
		return nil
	})
}

// recordDelivery keeps the delivery's id and, if whole, its body.
func recordDelivery(t *Unit, d Delivery, taken []Ingested, whole bool) error {
	id := ""
	if i := slices.IndexFunc(taken, func(one Ingested) bool { return one.FeedbackID != "" }); i >= 0 {
		id = taken[i].FeedbackID
	}
	if d.ID != "" {
		err := t.Exec(`
insert into delivery (sender, delivery_id, feedback_id, received_ms) values ($1, $2, $3, $4)
on conflict (sender, delivery_id) do update set feedback_id = excluded.feedback_id, received_ms = excluded.received_ms`,
			d.Sender, d.ID, id, ms(d.ReceivedAt))
		if err != nil {
			return err
		}
	}
	if !whole {
		return nil
	}
	const insert = `insert into payload (feedback_id, received_ms, body) values ($1, $2, $3)`
	body := append([]byte{}, d.Body...)
	others := slices.DeleteFunc(slices.Clone(taken), func(one Ingested) bool { return one.FeedbackID == "" || one.FeedbackID == id })
	if len(others) == 0 {
		return t.Exec(insert, id, ms(d.ReceivedAt), body)
	}
	payload, err := t.Insert(insert, id, ms(d.ReceivedAt), body)
	for i := 0; err == nil && i < len(others); i++ {
		err = t.Exec(`insert into payload_also (feedback_id, payload_id) values ($1, $2) on conflict do nothing`, others[i].FeedbackID, payload)
	}
	return err
}

// refusalsKept is how many rejected deliveries are kept.
const refusalsKept = 100

// RejectedDelivery is a delivery that was proven and rejected.
type RejectedDelivery struct {
	Sender string
	// Status is 400 or 422.
	Status int
	// Detail says what is wrong, without the sender's words.
	Detail     string
	ReceivedAt time.Time
	Body       []byte
}

// RecordRejected keeps a rejected delivery, so that the operator can find out what a sender does
// wrong. Only the last 100 are kept.
func (s *Store) RecordRejected(ctx context.Context, r RejectedDelivery) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		err := t.Exec(`insert into refusal (sender, status, detail, received_ms, body) values ($1, $2, $3, $4, $5)`,
			r.Sender, r.Status, r.Detail, ms(r.ReceivedAt), append([]byte{}, r.Body...))
		if err != nil {
			return err
		}
		return t.Exec(`delete from refusal where id <= (select max(id) from refusal) - $1`, refusalsKept)
	})
}

// RejectedDeliveries lists the rejected deliveries that are kept, the latest first, without
// their bodies.
func (s *Store) RejectedDeliveries(ctx context.Context) ([]RejectedDelivery, error) {
	var refusals []RejectedDelivery
	err := s.each(ctx, "the rejected deliveries", collect(&refusals, func(row Scanner) (r RejectedDelivery, err error) {
		err = row.Scan(&r.Sender, &r.Status, &r.Detail, momentIn(&r.ReceivedAt))
		return r, err
	}), `select sender, status, detail, received_ms from refusal order by id desc`)
	return refusals, err
}

// One transaction of a sweep deletes so many rows at most, and bodies of about so many bytes: few
// enough that webhooks do not wait, and that the write-ahead log, in which deleted bodies are
// overwritten, stays small.
const (
	sweepRows  = 500
	sweepBytes = 4 << 20
)

// sweepBodies deletes rows of a table with bodies and returns how many.
func sweepBodies(t *Unit, list, erase string, old int64) (n int64, err error) {
	type row struct{ id, size int64 }
	var rows []row
	err = t.Each(collect(&rows, func(from Scanner) (r row, err error) {
		err = from.Scan(&r.id, &r.size)
		return r, err
	}), list, old, sweepRows)
	for bytes := int64(0); err == nil && n < int64(len(rows)) && bytes < sweepBytes; n++ {
		bytes += rows[n].size
		err = t.Exec(erase, rows[n].id)
	}
	return n, err
}

// Sweep deletes bodies, delivery ids, rejected deliveries and the hashes of erased customers
// that are older than [DeliveryRetention], a little at a time.
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	old := ms(now.Add(-DeliveryRetention))
	for _, sweep := range []func(t *Unit) (int64, error){
		func(t *Unit) (int64, error) {
			return sweepBodies(t, `select id, length(body) from payload where received_ms <= $1 order by received_ms limit $2`, `delete from payload where id = $1`, old)
		},
		func(t *Unit) (int64, error) {
			return sweepBodies(t, `select id, length(body) from refusal where received_ms <= $1 limit $2`, `delete from refusal where id = $1`, old)
		},
		func(t *Unit) (int64, error) {
			return t.Affect(`delete from delivery where (sender, delivery_id) in (select sender, delivery_id from delivery where received_ms <= $1 order by received_ms limit $2)`, old, sweepRows)
		},
		func(t *Unit) (int64, error) {
			return sweepBodies(t, `select id, length(event) from kept where received_ms <= $1 order by received_ms limit $2`, `delete from kept where id = $1`, old)
		},
		func(t *Unit) (int64, error) {
			return t.Affect(`delete from forgotten where who in (select who from forgotten where at_ms <= $1 limit $2)`, old, sweepRows)
		},
	} {
		for n := int64(1); n > 0; {
			err := s.engine.Write(ctx, func(t *Unit) (err error) {
				n, err = sweep(t)
				return err
			})
			if err != nil {
				return fmt.Errorf("deleting old deliveries: %w", err)
			}
		}
	}
	return nil
}
