package schedule_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"smileybot/bot/schedule"
	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A fixture is a real store and a clock, in fake time.
type fixture struct {
	t         *testing.T
	path      string
	options   store.Options
	store     *store.Store
	clock     *schedule.Scheduler
	registry  *prometheus.Registry
	log       *bytes.Buffer
	woken     atomic.Int64
	reports   atomic.Int64 // of losses
	retention time.Duration
	belongs   func(ctx context.Context, user, channel string) (bool, error)
	shown     schedule.Clock // the machine's when nil
	old       string         // the id of feedback of long ago
	stop      func()
}

// inOffice runs a test in fake time, from noon on a Friday: 20 November 2026.
func inOffice(t *testing.T, test func(o *fixture)) {
	t.Helper()
	path := filepath.Join(storetest.Folder(t), "smileybot.db")
	holidays, err := office.ParseHolidays("NL")
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		o := &fixture{t: t, path: path, options: storetest.Options(t), log: new(bytes.Buffer)}
		hours, err := office.ParseHours("Mon-Fri 09:00-17:00", o.options.Location, holidays)
		require.NoError(t, err)
		o.options.Policy.Hours = hours
		time.Sleep(time.Until(time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC)))
		o.start()
		defer func() { o.stop() }()
		test(o)
	})
}

func (o *fixture) start() {
	o.t.Helper()
	s, err := sqlite.Open(o.t.Context(), o.path, o.options)
	require.NoError(o.t, err)
	o.store, o.registry = s, prometheus.NewRegistry()
	clock := schedule.New(schedule.Options{
		Hours: o.options.Policy.Hours, Registry: o.registry, Log: slog.New(slog.NewTextHandler(o.log, nil)),
		Wake: func() { o.woken.Add(1) }, Retention: o.retention, Clock: o.shown,
		ReportLosses: func() { o.reports.Add(1) },
		Belongs: func(ctx context.Context, user, channel string) (bool, error) {
			if o.belongs == nil {
				return true, nil
			}
			return o.belongs(ctx, user, channel)
		},
	})
	o.clock = clock
	ctx, cancel := context.WithCancel(o.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		clock.Run(ctx, s)
	}()
	o.stop = func() {
		cancel()
		<-ended
		require.NoError(o.t, s.Close())
		o.stop = func() {}
	}
	synctest.Wait() // or whether the jobs have begun would be left to chance
}

// without does something with the store while the bot is away.
func (o *fixture) without(do func()) {
	o.t.Helper()
	s, err := sqlite.Open(o.t.Context(), o.path, o.options)
	require.NoError(o.t, err)
	o.store = s
	do()
	require.NoError(o.t, s.Close())
}

// until lets time pass, to a moment of the local clock.
func (o *fixture) until(local string) {
	o.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", local, o.options.Location)
	require.NoError(o.t, err)
	time.Sleep(time.Until(at))
	synctest.Wait()
}

// smileys take so many ratings at a moment of the local clock.
func (o *fixture) smileys(local string, smiley feedback.Smiley, n int) {
	o.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", local, o.options.Location)
	require.NoError(o.t, err)
	var events []feedback.Event
	for i := range n {
		events = append(events, storetest.Smiley(local+string(smiley)+strconv.Itoa(i), smiley, at))
	}
	storetest.Import(o.t, o.store, time.Now(), events...)
}

// said are the keys of what was queued, in order.
func (o *fixture) said() []string {
	o.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+o.path+"?mode=ro")
	require.NoError(o.t, err)
	defer db.Close()
	rows, err := db.QueryContext(o.t.Context(), `select key from outbox where notice is not null order by queued_ms, key`)
	require.NoError(o.t, err)
	defer rows.Close()
	said := []string{}
	for rows.Next() {
		var key string
		require.NoError(o.t, rows.Scan(&key))
		said = append(said, key)
	}
	require.NoError(o.t, rows.Err())
	return said
}

// alerts are those of them that are an alert's.
func (o *fixture) alerts() []string {
	o.t.Helper()
	var found []string
	for _, key := range o.said() {
		if _, err := store.AlertOf(key); err == nil {
			found = append(found, key)
		}
	}
	return found
}

func TestDigestsOnTheirMornings(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		o.smileys("2026-11-12 10:00", feedback.Green, 3)
		o.smileys("2026-11-19 10:00", feedback.Green, 3)
		o.until("2026-11-23 08:59")
		assert.Empty(t, o.said(), "not before the office opens")
		o.until("2026-11-23 09:00")
		assert.Equal(t, []string{"digest:2026-W47"}, o.said())
		assert.EqualValues(t, 1, o.woken.Load())
		o.smileys("2026-11-24 10:00", feedback.Green, 1)
		o.until("2026-12-01 09:00")
		assert.Equal(t, []string{"digest:2026-W47", "digest:2026-W48", "digest:2026-11"}, o.said())
		o.until("2026-12-14 12:00")
		assert.Len(t, o.said(), 3, "of a week in which nothing happened there is nothing to tell")
		o.smileys("2026-12-23 10:00", feedback.Red, 1)
		o.until("2026-12-31 12:00")
		assert.Equal(t, "digest:2026-W52", o.said()[3])
		o.until("2027-01-04 09:00") // 1 January is a holiday, 2 and 3 a weekend
		assert.Equal(t, "digest:2026-W53,2026-12", o.said()[4], "of week 53 there is nothing to tell, of the month there is")
		assert.Len(t, o.said(), 5)
		assert.InDelta(t, 45, o.runs("sweep", "ok"), 1)
		assert.Empty(t, o.log.String())
	})
}

// runs counts what a routine did, by its outcome.
func (o *fixture) runs(name, outcome string) float64 {
	o.t.Helper()
	families, err := o.registry.Gather()
	require.NoError(o.t, err)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if m.GetLabel()[1].GetValue() == name && m.GetLabel()[0].GetValue() == outcome {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// TestDigestsOverRestarts: neither a restart nor a time without the bot skips or repeats
// one, and what was missed is reported in one message.
func TestDigestsOverRestarts(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		for day := range 60 { // every day one
			at := time.Date(2026, 10, 20+day, 12, 0, 0, 0, o.options.Location)
			o.smileys(at.Format("2006-01-02 15:04"), feedback.Green, 1)
		}
		for _, local := range []string{"2026-11-23 08:59", "2026-11-23 09:00", "2026-11-23 09:01"} {
			o.until(local)
			o.stop()
			o.start()
			synctest.Wait()
		}
		assert.Equal(t, []string{"digest:2026-W47"}, o.said())
		o.stop()
		o.until("2026-12-08 03:00")
		o.start()
		synctest.Wait()
		assert.Len(t, o.said(), 1, "no one is in the office")
		o.until("2026-12-08 09:00")
		assert.Equal(t, []string{"digest:2026-W47", "digest:2026-W49,2026-11"}, o.said(), "missed: 30 November, 1 and 7 December")
		o.until("2026-12-14 12:00")
		assert.Equal(t, []string{"digest:2026-W47", "digest:2026-W49,2026-11", "digest:2026-W50"}, o.said())
	})
}

// TestFirstStart: what was due before the bot was there is not made up for.
func TestFirstStart(t *testing.T) {
	inOffice(t, func(o *fixture) {
		o.smileys("2026-11-12 10:00", feedback.Green, 3)
		o.until("2026-11-22 23:00")
		assert.Empty(o.t, o.said())
	})
}

// TestDropIsReportedOnce: a drop is reported on one morning, and again only when it was over.
func TestDropIsReportedOnce(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		o.smileys("2026-11-02 10:00", feedback.Green, 100)
		o.until("2026-11-23 12:00")
		o.smileys("2026-11-23 10:00", feedback.Red, 29)
		o.until("2026-11-24 12:00")
		assert.Empty(t, o.alerts(), "29 answers are too few")
		o.smileys("2026-11-24 09:30", feedback.Red, 1)
		o.until("2026-11-25 08:59")
		assert.Empty(t, o.alerts(), "at opening time")
		o.until("2026-11-25 09:00")
		want := []string{"alert:2026-11-25"}
		assert.Equal(t, want, o.alerts())
		o.until("2026-11-27 12:00")
		o.stop()
		o.start()
		o.until("2026-11-30 12:00")
		assert.Equal(t, want, o.alerts(), "once, over a weekend and a restart")
		o.until("2026-12-02 12:00") // there are no 30 answers in the last days any more
		o.smileys("2026-12-02 09:30", feedback.Red, 60)
		o.until("2026-12-03 09:00")
		assert.Equal(t, append(want, "alert:2026-12-03"), o.alerts())
	})
}

// TestAlertOverATimeWithoutTheBot: what was reported and was over meanwhile is reported again;
// what began and was over meanwhile is not.
func TestAlertOverATimeWithoutTheBot(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		o.smileys("2026-11-02 10:00", feedback.Green, 100)
		o.smileys("2026-11-19 10:00", feedback.Red, 40)
		o.until("2026-11-23 12:00")
		assert.Equal(t, []string{"alert:2026-11-23"}, o.alerts())
		o.stop()
		o.until("2026-11-30 07:00") // on the 27th the red ones were out of the seven days
		o.without(func() { o.smileys("2026-11-28 10:00", feedback.Red, 90) })
		o.start()
		o.until("2026-11-30 12:00")
		assert.Equal(t, []string{"alert:2026-11-23", "alert:2026-11-30"}, o.alerts())
		o.smileys("2026-11-30 11:00", feedback.Green, 300)
		o.until("2026-12-07 12:00")
		o.stop()
		o.until("2026-12-21 12:00")
		o.without(func() { o.smileys("2026-12-08 10:00", feedback.Red, 90) }) // seen on the 9th, and over on the 16th
		o.start()
		o.until("2026-12-22 12:00")
		assert.Len(t, o.alerts(), 2)
	})
}

// TestFailuresAreTriedAgain and hold nothing else up.
func TestFailuresAreTriedAgain(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		o.smileys("2026-11-19 10:00", feedback.Green, 3)
		o.raw(`alter table tally rename to elsewhere`)
		o.until("2026-11-23 09:05")
		assert.Empty(t, o.said())
		assert.InDelta(t, 6, o.runs("digest", "failed"), 1)
		assert.Equal(t, 1, strings.Count(o.log.String(), `msg="job failed; will retry every minute" job=digest`), "once an hour")
		assert.InDelta(t, 2, o.runs("sweep", "ok"), 0)
		o.raw(`alter table elsewhere rename to tally`)
		o.until("2026-11-23 09:07")
		assert.Equal(t, []string{"digest:2026-W47"}, o.said())
	})
}

// TestAClockThatWasAhead: what was noted by it does not stop the routines until then.
func TestAClockThatWasAhead(t *testing.T) {
	inOffice(t, func(o *fixture) {
		o.smileys("2026-11-19 10:00", feedback.Green, 3)
		o.stop()
		o.raw(`update routine set done_ms = 4000000000000`)
		o.start()
		o.until("2026-11-23 09:00")
		assert.Equal(o.t, []string{"digest:2026-W47"}, o.said())
	})
}

// TestAClockThatWasFarBehind starts after a machine without a clock began in 1970, and after an absurd
// moment: the missed days are not looked at one by one.
func TestAClockThatWasFarBehind(t *testing.T) {
	const limit = 20 * time.Second // a second alone, more where other tests take the processors
	for _, done := range []string{"0", "-62135596800000", "-9223372036854775808"} {
		begin := time.Now()
		inOffice(t, func(o *fixture) {
			o.smileys("2026-11-19 10:00", feedback.Green, 3)
			o.stop()
			o.raw(`update routine set done_ms = ` + done)
			o.start()
			o.until("2026-11-23 09:00")
			assert.Equal(o.t, []string{"digest:2026-W47"}, o.said(), done)
			assert.InDelta(o.t, 2, o.runs("alert", "ok"), 0, "at the start, and on Monday")
		})
		assert.Less(t, time.Since(begin), limit, done)
	}
}

// number is what a query counts.
func (o *fixture) number(query string) (n int64) {
	o.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+o.path+"?mode=ro")
	require.NoError(o.t, err)
	defer db.Close()
	require.NoError(o.t, db.QueryRowContext(o.t.Context(), query).Scan(&n))
	return n
}

func (o *fixture) raw(query string) {
	o.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+o.path)
	require.NoError(o.t, err)
	defer db.Close()
	_, err = db.ExecContext(o.t.Context(), query)
	require.NoError(o.t, err)
}

func TestDeliveriesAreForgottenAfterThirtyDays(t *testing.T) {
	inOffice(t, func(o *fixture) {
		t := o.t
		refuse := func() {
			require.NoError(t, o.store.RecordRejected(t.Context(), store.RejectedDelivery{Sender: "feedback", Status: 400, Detail: "x", ReceivedAt: time.Now()}))
		}
		kept := func() int {
			refusals, err := o.store.RejectedDeliveries(t.Context())
			require.NoError(t, err)
			return len(refusals)
		}
		refuse()
		time.Sleep(29*24*time.Hour + time.Minute)
		synctest.Wait()
		assert.Equal(t, 1, kept(), "after 29 days")
		refuse()
		time.Sleep(2 * 24 * time.Hour)
		synctest.Wait()
		assert.Equal(t, 1, kept(), "the old one is gone, the new one not")
	})
}

// TestLossesAreReportedOnceADay: what was left out of webhooks is logged every day, weekends included, and
// once over a restart.
func TestLossesAreReportedOnceADay(t *testing.T) {
	inOffice(t, func(o *fixture) {
		assert.Zero(o.t, o.reports.Load(), "nothing on the day of the first start")
		time.Sleep(24*time.Hour - time.Minute)
		synctest.Wait()
		assert.Zero(o.t, o.reports.Load())
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.EqualValues(o.t, 1, o.reports.Load(), "on a Saturday")
		o.stop()
		o.start()
		assert.EqualValues(o.t, 1, o.reports.Load())
		time.Sleep(3 * 24 * time.Hour)
		synctest.Wait()
		assert.EqualValues(o.t, 4, o.reports.Load())
		assert.InDelta(o.t, 3, o.runs("losses", "ok"), 0)
	})
}
