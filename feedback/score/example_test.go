package score_test

import (
	"fmt"
	"time"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// The NPS of 60 promoters, 25 passives and 15 detractors.
func ExampleMeasure() {
	nps := score.Measure(score.MetricNPS, score.Tally{9: 40, 10: 20, 8: 25, 5: 15})
	low, high, _ := nps.IntervalText()
	fmt.Println(nps.Figure(), "between", low, "and", high)
	// Output: +45 between +29 and +58
}

// A period and filters in any order, in English or Dutch.
func ExampleParseQuery() {
	today := office.Date(2026, time.November, 20)
	for _, typed := range []string{"last month by channel", "2026-Q3 kanaal:chat", "gibberish"} {
		q, err := score.ParseQuery(score.MetricCSAT, typed, today)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s to %s, channel %q, by %q\n", q.Period.From, q.Period.To, q.Filter.Channel, q.GroupBy)
	}
	// Output:
	// 2026-10-01 to 2026-10-31, channel "", by "channel"
	// 2026-07-01 to 2026-09-30, channel "chat", by ""
	// “gibberish” is not understood (unknown)
}
