package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store/storetest"
)

// BenchmarkCustomers measures the answer about a period of 5,000 answers, whose customers are read,
// and about a year of 1,000,000, among as many. Half of them are of one agent and of one channel.
func BenchmarkCustomers(b *testing.B) {
	d := newFixture(b)
	first := office.Date(2026, time.January, 1)
	_, err := d.raw.ExecContext(b.Context(), `
with recursive c (i) as (select 0 union all select i + 1 from c where i < 999999)
insert into feedback (id, sender, channel, kind, external_id, rating, comment, customer_id, customer_name, customer_email,
                      agent_id, agent_name, agent_email, ticket_id, ticket_subject, ticket_url, ticket_urgent,
                      ticket_opened_ms, ticket_replied_ms, ticket_resolved_ms, ticket_replies,
                      site, follow_up_of, set_ns, occurred_ms, day, received_ms, suspect, voided_ms, voided_by, void_reason)
select printf('f%07d', i), 'feedback', substr('chatmail', 1 + i % 2 * 4, 4), 'smiley', 'f' || i, 1 + i % 3, 'Stap 3 klopt niet meer.', 'c-' || (i * 7919 % 300000), '', '',
       'a-' || (i % 2), 'Bart', '', '', '', '', 0, null, null, null, 0, '', '', '{}',
       ($1 + i * 365 / 1000000) * 86400000, $2 + i * 365 / 1000000, 0, 0, null, '', '' from c`, int64(first), int64(first))
	require.NoError(b, err)
	_, err = d.Rebuild(b.Context(), func(int64, int64) {})
	require.NoError(b, err)
	require.NoError(b, d.Close())
	d.Store = storetest.Open(b, d.path)
	days := func(from, n int) score.Period {
		return score.Period{From: first.Add(from), To: first.Add(from + n - 1), Unit: score.UnitRange}
	}
	for _, c := range []struct {
		name string
		q    score.Query
		n    int64
	}{
		{"a day", score.Query{Period: days(200, 1)}, 2739},
		{"an agent's three days", score.Query{Period: days(200, 3), Filter: score.Filter{Agent: "a-1"}}, 4110},
		{"a channel's three days by agent", score.Query{Period: days(200, 3), Filter: score.Filter{Channel: feedback.ChannelChat}, GroupBy: score.ByAgent}, 4110},
		{"today", score.Query{Period: score.Period{From: first.Add(364), To: first.Add(364), Unit: score.UnitDay, Running: true, Clock: true}, Now: first.Add(364).Time(time.UTC).Add(12 * time.Hour)}, 2739},
		{"a year", score.Query{Period: days(0, 365)}, 1_000_000},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.q.Metric = score.MetricSmileys
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				r, err := d.Report(b.Context(), c.q)
				took = append(took, time.Since(began))
				require.NoError(b, err)
				require.InDelta(b, c.n, r.Score.N, 5)
				_, counted := r.Score.Customers()
				require.Equal(b, c.n <= score.CustomersWithin, counted)
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
