package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

// BenchmarkService answers how tickets were served, with the period before, among
// five million tickets of three years (ten million ratings, two a ticket), of 5
// channels and 25 agents: for a month, and for stretches of any length that begin
// and end within months. The tickets were counted as they are after import.
func BenchmarkService(b *testing.B) {
	const tickets, years = 5_000_000, 3
	d := newDesk(b)
	first := feedback.Date(2023, time.November, 27)
	rng := rand.New(rand.NewPCG(1, 2))
	for day := range 365 * years {
		var changes []feedback.ServedChange
		for range tickets / (365 * years) {
			changes = append(changes, feedback.ServedChange{N: 1, Served: feedback.Served{
				Day: first.Add(day), FirstReply: int(rng.ExpFloat64() * 90), Resolution: int(rng.ExpFloat64() * 900),
				Within4h: feedback.Yes, SameDay: feedback.No, OneReply: feedback.Yes,
				Raters: []feedback.Rater{{Channel: feedback.Channels()[rng.IntN(5)], Agent: fmt.Sprint("Agent ", rng.IntN(25))}},
			}})
		}
		require.NoError(b, d.Write(b.Context(), func(t *store.Unit) error { return store.Note(t, changes, 20_000) }))
	}
	require.NoError(b, d.Write(b.Context(), store.CountAll))
	require.NoError(b, d.Close())
	kept := storetest.Open(b, d.path)
	for name, period := range map[string]func() feedback.Period{
		"month": func() feedback.Period {
			return feedback.Period{From: feedback.Date(2026, 10, 1), To: feedback.Date(2026, 10, 31), Unit: feedback.UnitMonth}
		},
		"year": func() feedback.Period {
			return feedback.Period{From: feedback.Date(2025, 1, 1), To: feedback.Date(2025, 12, 31), Unit: feedback.UnitYear}
		},
		"any": func() feedback.Period {
			from := rng.IntN(365 * years)
			return feedback.Period{From: first.Add(from), To: first.Add(from + rng.IntN(365*years-from)), Unit: feedback.UnitRange}
		},
	} {
		for who, by := range map[string]feedback.Rater{"all": {}, "agent": {Agent: "Agent 7"}} {
			b.Run(name+"/"+who, func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					began := time.Now()
					asked := period()
					for _, p := range []feedback.Period{asked, asked.Previous()} {
						if _, err := kept.Service(b.Context(), p.From, p.To, by); err != nil {
							b.Fatal(err)
						}
					}
					took = append(took, time.Since(began))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			})
		}
	}
}
