package store_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
)

// TestRejectedDeliveriesAreKept: the last hundred are kept, the latest first.
func TestRejectedDeliveriesAreKept(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	for i := range 130 {
		status := []int{400, 422}[i%2]
		require.NoError(t, d.RecordRejected(t.Context(), store.RejectedDelivery{
			Sender: "feedback", Status: status, Detail: fmt.Sprint("detail ", i), ReceivedAt: after(float64(i)), Body: []byte{byte(i)},
		}))
	}
	got, err := d.RejectedDeliveries(t.Context())
	require.NoError(t, err)
	require.Len(t, got, 100)
	assert.Equal(t, store.RejectedDelivery{Sender: "feedback", Status: 422, Detail: "detail 129", ReceivedAt: after(129)}, got[0])
	assert.Equal(t, "detail 30", got[99].Detail)
	assert.Equal(t, []byte{129}, d.one(t, `select body from refusal order by id desc limit 1`))
	require.Error(t, d.RecordRejected(t.Context(), store.RejectedDelivery{Status: 401}), "only what proved its sender is kept")
	require.NoError(t, d.RecordRejected(t.Context(), store.RejectedDelivery{Status: 400}), "an empty body is kept")
}

// TestSweepDeletesOldDeliveries: what is thirty days old goes, what is younger stays.
func TestSweepDeletesOldDeliveries(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	now := noon().Add(store.DeliveryRetention)
	for i, at := range []time.Time{after(-3600), noon(), after(0.001), now} {
		_, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: strconv.Itoa(i), ReceivedAt: at}, red("1"))
		require.NoError(t, err)
		require.NoError(t, d.RecordRejected(t.Context(), store.RejectedDelivery{Sender: "feedback", Status: 400, Detail: strconv.Itoa(i), ReceivedAt: at}))
	}
	require.NoError(t, d.Sweep(t.Context(), now))
	kept := [][]any{{after(0.001).UnixMilli()}, {now.UnixMilli()}}
	for _, table := range []string{"payload", "delivery", "refusal"} {
		assert.Equal(t, kept, d.rows(t, `select received_ms from `+table+` order by 1`), table)
	}
	assert.EqualValues(t, 1, d.one(t, `select count(*) from feedback`))
	assert.EqualValues(t, 1, d.one(t, `select count(*) from history`), "the history stays")
	require.NoError(t, d.RecordRejected(t.Context(), store.RejectedDelivery{Sender: "feedback", Status: 400, ReceivedAt: now}))
}

// TestArrivalsAreCorrected that are ahead of now; until then the latest one is known as it was stored.
func TestArrivalsAreCorrected(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	latest, err := d.LatestArrival(t.Context())
	require.NoError(t, err)
	assert.Zero(t, latest.UnixMilli())
	years := noon().AddDate(3, 0, 0)
	for i, at := range []time.Time{noon(), years, noon().Add(-time.Hour)} {
		_, err := d.Ingest(t.Context(), store.Delivery{Sender: "feedback", ID: strconv.Itoa(i), ReceivedAt: at}, red("1"))
		require.NoError(t, err)
	}
	latest, err = d.LatestArrival(t.Context())
	require.NoError(t, err)
	assert.Equal(t, years, latest)
	require.NoError(t, d.CorrectArrivals(t.Context(), after(1)))
	for _, table := range []string{"payload", "delivery"} {
		assert.Equal(t, [][]any{{noon().Add(-time.Hour).UnixMilli()}, {noon().UnixMilli()}, {after(1).UnixMilli()}}, d.rows(t, `select received_ms from `+table+` order by 1`), table)
	}
}

// TestSweepInBatches: however many there are, all go.
func TestSweepInBatches(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	require.NoError(t, d.Write(t.Context(), func(tx *store.Unit) error {
		for i := range 1100 {
			err := errors.Join(
				tx.Exec(`insert into payload (feedback_id, received_ms, body) values ('f', $1, $2)`, i, []byte{0}),
				tx.Exec(`insert into delivery (sender, delivery_id, feedback_id, received_ms) values ('s', $1, 'f', $2)`, strconv.Itoa(i), i))
			if err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, d.Sweep(t.Context(), noon()))
	assert.EqualValues(t, 0, d.one(t, `select count(*) from payload`))
	assert.EqualValues(t, 0, d.one(t, `select count(*) from delivery`))
}
