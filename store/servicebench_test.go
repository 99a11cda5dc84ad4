package store_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store/storetest"
)

// BenchmarkService answers how a million tickets of a year were served, of 5 channels and
// 25 agents, with the period before. The first answer of each question, which reads the
// days, is reported apart. In live questions a ticket of one of the last days changes before
// each answer.
func BenchmarkService(b *testing.B) {
	d := newFixture(b)
	first := office.Date(2026, time.January, 1)
	for _, query := range []string{
		`with recursive c (i) as (select 1 union all select i + 1 from c where i < 1000000)
insert into ticket_service (sender, ticket_id, day, first_reply, resolution, within_4h, same_day, one_reply, scopes) select 'feedback', 't' || i, $1 + i * 365 / 1000001, abs(random()) % 480, abs(random()) % 4800,
    abs(random()) % 2, abs(random()) % 2, abs(random()) % 2, '[["' || substr('chatmail', 1 + i % 2 * 4, 4) || '","a-' || (abs(random()) % 25) || '"]]' from c`,
		`insert into ticket_service_day select distinct day, $1 from ticket_service`,
		`insert into agent (external_id, name, last_day) select distinct substr(scopes, 11, length(scopes) - 13), '', $1 from ticket_service`,
	} {
		_, err := d.raw.ExecContext(b.Context(), query, int64(first))
		require.NoError(b, err)
	}
	ask := func(b *testing.B, q score.Query) time.Duration {
		b.Helper()
		began := time.Now()
		r, err := d.ServiceReport(b.Context(), q)
		require.NoError(b, err)
		_, err = json.Marshal(r)
		took := time.Since(began)
		require.NoError(b, err)
		require.Greater(b, r.Count.N, int64(10_000))
		if q.GroupBy == score.ByAgent {
			require.Len(b, r.Groups, 25)
		}
		return took
	}
	year := score.Period{From: first, To: office.Date(2026, time.December, 31), Unit: score.UnitYear}
	for _, c := range []struct {
		name string
		q    score.Query
		live bool
	}{
		{"year by agent", score.Query{GroupBy: score.ByAgent, Period: year}, false},
		{"year by agent, live", score.Query{GroupBy: score.ByAgent, Period: year}, true},
		{"year by channel", score.Query{GroupBy: score.ByChannel, Period: year}, false},
		{"year of an agent", score.Query{Filter: score.Filter{Agent: "a-7"}, Period: year}, false},
		{"month by agent", score.Query{GroupBy: score.ByAgent, Period: score.Period{From: office.Date(2026, 10, 1), To: office.Date(2026, 10, 31), Unit: score.UnitMonth}}, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			require.NoError(b, d.Close())
			d.Store = storetest.Open(b, d.path)
			cold := ask(b, c.q)
			var took []time.Duration
			for n := 0; b.Loop(); n++ {
				if c.live {
					_, err := d.raw.ExecContext(b.Context(), `update ticket_service_day set version = version + 1 where day = $1`, int64(year.To)-int64(n%5))
					require.NoError(b, err)
				}
				took = append(took, ask(b, c.q))
			}
			slices.Sort(took)
			b.ReportMetric(float64(cold.Microseconds())/1000, "first-ms")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
