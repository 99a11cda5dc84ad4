package transfer_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/transfer"
)

// tally counts answers: a value, how many gave it, and so on.
func tally(counts ...int64) score.Tally {
	var tally score.Tally
	for i := 0; i < len(counts); i += 2 {
		tally.Add(int(counts[i]), counts[i+1])
	}
	return tally
}

// compared is the report of a running month, of which two answers are voided.
func compared(metric score.Metric, now, before score.Tally) score.Report {
	period := score.Period{From: office.Date(2026, time.November, 1), To: office.Date(2026, time.November, 22), Unit: score.UnitMonth, Running: true}
	return score.Compare(
		score.PeriodScore{Period: period, Score: score.Measure(metric, now), Voided: 2},
		score.PeriodScore{Period: period.Previous(), Score: score.Measure(metric, before)},
	)
}

func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		report score.Report
		want   string
	}{
		{
			"net",
			compared(score.MetricNPS, tally(9, 15, 8, 10, 6, 5), tally(9, 10, 7, 5, 3, 10)),
			`{"metric":"nps","from":"2026-11-01","to":"2026-11-22","n":30,"voided":2,"score":33.3,"interval":[6.7,60.0],` +
				`"split":{"promoters":15,"passives":10,"detractors":5},` +
				`"previous":{"metric":"nps","from":"2026-10-01","to":"2026-10-22","n":25,"voided":0,"score":0.0,"interval":[-35.1,35.1],` +
				`"split":{"promoters":10,"passives":5,"detractors":10}},"change":33.3,"real_change":false}`,
		},
		{
			"alike",
			compared(score.MetricSmileys, tally(3, 10), tally(1, 10)),
			`{"metric":"smileys","from":"2026-11-01","to":"2026-11-22","n":10,"voided":2,"score":100.0,"interval":null,` +
				`"split":{"green":10,"yellow":0,"red":0},` +
				`"previous":{"metric":"smileys","from":"2026-10-01","to":"2026-10-22","n":10,"voided":0,"score":-100.0,"interval":null,` +
				`"split":{"green":0,"yellow":0,"red":10}},"change":200.0,"real_change":true}`,
		},
		{
			"few",
			compared(score.MetricCES, tally(7, 9), tally(7, 4, 6, 3, 5, 5, 1, 3)),
			`{"metric":"ces","from":"2026-11-01","to":"2026-11-22","n":9,"voided":2,"score":null,"interval":null,` +
				`"split":{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":9},"mean":null,` +
				`"previous":{"metric":"ces","from":"2026-10-01","to":"2026-10-22","n":15,"voided":0,"score":80.0,"interval":[54.8,93.0],` +
				`"split":{"1":3,"2":0,"3":0,"4":0,"5":5,"6":3,"7":4},"mean":4.93},"change":null,"real_change":null}`,
		},
		{
			"mean",
			compared(score.MetricReviews, tally(5, 20, 4, 6, 1, 4), tally(5, 10, 2, 5)),
			`{"metric":"reviews","from":"2026-11-01","to":"2026-11-22","n":30,"voided":2,"score":4.3,"interval":[3.78,4.75],` +
				`"split":{"5":20,"4":6,"3":0,"2":0,"1":4},"mean":4.27,` +
				`"previous":{"metric":"reviews","from":"2026-10-01","to":"2026-10-22","n":15,"voided":0,"score":4.0,"interval":[3.26,4.74],` +
				`"split":{"5":10,"4":0,"3":0,"2":5,"1":0},"mean":4.00},"change":0.27,"real_change":false}`,
		},
		{
			"mean, few",
			compared(score.MetricReviews, tally(5, 9), tally(4, 10)),
			`{"metric":"reviews","from":"2026-11-01","to":"2026-11-22","n":9,"voided":2,"score":null,"interval":null,` +
				`"split":{"5":9,"4":0,"3":0,"2":0,"1":0},"mean":null,` +
				`"previous":{"metric":"reviews","from":"2026-10-01","to":"2026-10-22","n":10,"voided":0,"score":4.0,"interval":null,` +
				`"split":{"5":0,"4":10,"3":0,"2":0,"1":0},"mean":4.00},"change":null,"real_change":null}`,
		},
		{
			"no minus zero",
			compared(score.MetricNLS, tally(7, 2999, 6, 1), tally(7, 3000)),
			`{"metric":"nls","from":"2026-11-01","to":"2026-11-22","n":3000,"voided":2,"score":0.0,"interval":[-0.1,0.0],` +
				`"split":{"promoters":0,"passives":2999,"detractors":1},` +
				`"previous":{"metric":"nls","from":"2026-10-01","to":"2026-10-22","n":3000,"voided":0,"score":0.0,"interval":null,` +
				`"split":{"promoters":0,"passives":3000,"detractors":0}},"change":0.0,"real_change":false}`,
		},
		{
			"nothing to compare with",
			compared(score.MetricCSAT5, tally(5, 10), tally()),
			`{"metric":"csat5","from":"2026-11-01","to":"2026-11-22","n":10,"voided":2,"score":100.0,"interval":[72.2,100.0],` +
				`"split":{"1":0,"2":0,"3":0,"4":0,"5":10},` +
				`"previous":{"metric":"csat5","from":"2026-10-01","to":"2026-10-22","n":0,"voided":0,"score":null,"interval":null,` +
				`"split":{"1":0,"2":0,"3":0,"4":0,"5":0}},"change":null,"real_change":null}`,
		},
	} {
		text, err := json.Marshal(transfer.ScoreJSON(c.report))
		require.NoError(t, err)
		assert.Equal(t, c.want, string(text), c.name)
	}
}
