package store_test

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/storetest"
)

// BenchmarkTake takes ratings that arrive at once, each on disk when it is
// counted. The file is in the temporary folder: TMPDIR names the disk.
func BenchmarkTake(b *testing.B) {
	for _, senders := range []int{1, 64} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			s := storetest.New(b)
			var n atomic.Int64
			b.SetParallelism(senders) // × GOMAXPROCS
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					id := strconv.FormatInt(n.Add(1), 10)
					e := ordinary(id, int(n.Load()))
					_, err := s.Ingest(b.Context(), store.Delivery{Sender: "feedback", ID: id, Body: make([]byte, 600), ReceivedAt: noon()}, e)
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ratings/s")
		})
	}
}

// BenchmarkTallies is what the tallies of a group of 64 ratings cost, of as many agents as
// a team has, and reports their share in the time of taking these ratings.
func BenchmarkTallies(b *testing.B) {
	d := newFixture(b)
	group := func(n, first int) (took time.Duration) {
		began := time.Now()
		require.NoError(b, d.Write(b.Context(), func(t *store.Unit) error {
			for i := range n {
				t.Count(score.Place{Kind: feedback.KindSmiley, Channel: feedback.ChannelTicket, Day: office.DayOf(noon(), time.UTC), AgentID: "a-" + strconv.Itoa((first+i)%12)}, i%3+1)
			}
			return nil
		}))
		return time.Since(began)
	}
	var tallies, taking time.Duration
	for n := range b.N {
		bare := group(0, n)
		tallies += group(64, n) - bare
		taking += d.sixtyFour(b, n)
	}
	b.ReportMetric(float64(tallies.Microseconds())/float64(b.N), "µs/tallies")
	b.ReportMetric(float64(taking.Microseconds())/float64(b.N), "µs/group")
	b.ReportMetric(100*tallies.Seconds()/taking.Seconds(), "%")
	b.ReportMetric(0, "ns/op")
}

// sixtyFour takes new ratings at once and returns how long that took from the moment at
// which the writer was free.
func (d *fixture) sixtyFour(b *testing.B, n int) time.Duration {
	b.Helper()
	busy, free := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		assert.NoError(b, d.Write(b.Context(), func(*store.Unit) error {
			close(busy)
			<-free
			return nil
		}))
	})
	<-busy
	for i := range 64 {
		all.Go(func() {
			id := strconv.Itoa(64*n + i)
			_, err := d.Ingest(b.Context(), store.Delivery{Sender: "feedback", ID: id, Body: []byte("{}"), ReceivedAt: noon()}, ordinary(id, i))
			assert.NoError(b, err)
		})
	}
	time.Sleep(2 * time.Millisecond) // until all wait
	began := time.Now()
	close(free)
	all.Wait()
	return time.Since(began)
}

// BenchmarkTakeOfGuests takes ratings of a customer id that the guests of many imported years
// share.
func BenchmarkTakeOfGuests(b *testing.B) {
	d := newFixture(b)
	_, err := d.raw.ExecContext(b.Context(), `with recursive c (i) as (select 1 union all select i + 1 from c where i < 50000)
insert into feedback select 'f' || i, 'feedback', 'ticket', 'smiley', 'f' || i, 3, '', 'guest', '', '', '', '', '', '', '', '', 0,
       null, null, null, 0, '', '', '{}', i, 20000, i, 0, null, '', '', 0, 0, 0, null, '' from c`)
	require.NoError(b, err)
	n := 0
	for b.Loop() {
		n++
		d.take(b, of(red(strconv.Itoa(n)), feedback.Person{ID: "guest"}))
	}
}

// BenchmarkTallyMonth counts the month's answers in a store with a million NPS
// answers of a year. They were put in as rows, with one statement: taking a
// million would need an hour and come to the same.
func BenchmarkTallyMonth(b *testing.B) {
	d := newFixture(b)
	first := office.Date(2026, time.January, 1)
	_, err := d.raw.ExecContext(b.Context(), `with recursive c (i) as (select 1 union all select i + 1 from c where i < 1000000)
insert into feedback select 'f' || i, 'feedback', 'panel', 'nps', 'f' || i, abs(i * 7919) % 11, '', '', '', '', '', '', '', '', '', '', 0,
       null, null, null, 0, '', '', '{}', $1 * 86400000 + i % 365 * 86400000, 0, i, 0, null, '', '', 0, 0, 0, null, '' from c`, int64(first))
	require.NoError(b, err)
	_, err = d.Rebuild(b.Context(), func(done, total int64) {})
	require.NoError(b, err)
	from, to := office.Date(2026, time.November, 1), office.Date(2026, time.November, 30)
	counted, err := d.Tally(b.Context(), feedback.KindNPS, from, to)
	require.NoError(b, err)
	require.InDelta(b, 1e6*30/365, counted.N(), 100)
	for b.Loop() {
		if _, err := d.Tally(b.Context(), feedback.KindNPS, from, to); err != nil {
			b.Fatal(err)
		}
	}
}
