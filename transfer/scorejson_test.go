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
			`{"metric":"nps","from":"2026-11-01","to":"2026-11-22","n":30,"customers":null,"effective_n":null,"voided":2,"score":33.3,"interval":[4.8,55.8],` +
				`"split":{"promoters":15,"passives":10,"detractors":5},` +
				`"previous":{"metric":"nps","from":"2026-10-01","to":"2026-10-22","n":25,"customers":null,"effective_n":null,"voided":0,"score":0.0,"interval":[-32.5,32.5],` +
				`"split":{"promoters":10,"passives":5,"detractors":10}},"change":33.3,"real_change":false}`,
		},
		{
			"alike",
			compared(score.MetricSmileys, tally(3, 10), tally(1, 10)),
			`{"metric":"smileys","from":"2026-11-01","to":"2026-11-22","n":10,"customers":null,"effective_n":null,"voided":2,"score":100.0,"interval":[47.5,100.0],` +
				`"split":{"green":10,"yellow":0,"red":0},` +
				`"previous":{"metric":"smileys","from":"2026-10-01","to":"2026-10-22","n":10,"customers":null,"effective_n":null,"voided":0,"score":-100.0,"interval":[-100.0,-47.5],` +
				`"split":{"green":0,"yellow":0,"red":10}},"change":200.0,"real_change":true}`,
		},
		{
			"few",
			compared(score.MetricCES, tally(7, 9), tally(7, 4, 6, 3, 5, 5, 1, 3)),
			`{"metric":"ces","from":"2026-11-01","to":"2026-11-22","n":9,"customers":null,"effective_n":null,"voided":2,"score":null,"interval":null,` +
				`"split":{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":9},"mean":null,` +
				`"previous":{"metric":"ces","from":"2026-10-01","to":"2026-10-22","n":15,"customers":null,"effective_n":null,"voided":0,"score":80.0,"interval":[54.8,93.0],` +
				`"split":{"1":3,"2":0,"3":0,"4":0,"5":5,"6":3,"7":4},"mean":4.93},"change":null,"real_change":null}`,
		},
		{
			"mean",
			compared(score.MetricReviews, tally(5, 20, 4, 6, 1, 4), tally(5, 10, 2, 5)),
			`{"metric":"reviews","from":"2026-11-01","to":"2026-11-22","n":30,"customers":null,"effective_n":null,"voided":2,"score":4.3,"interval":[3.68,4.65],` +
				`"split":{"5":20,"4":6,"3":0,"2":0,"1":4},"mean":4.27,` +
				`"previous":{"metric":"reviews","from":"2026-10-01","to":"2026-10-22","n":15,"customers":null,"effective_n":null,"voided":0,"score":4.0,"interval":[3.15,4.56],` +
				`"split":{"5":10,"4":0,"3":0,"2":5,"1":0},"mean":4.00},"change":0.27,"real_change":false}`,
		},
		{
			"mean, few",
			compared(score.MetricReviews, tally(5, 9), tally(4, 10)),
			`{"metric":"reviews","from":"2026-11-01","to":"2026-11-22","n":9,"customers":null,"effective_n":null,"voided":2,"score":null,"interval":null,` +
				`"split":{"5":9,"4":0,"3":0,"2":0,"1":0},"mean":null,` +
				`"previous":{"metric":"reviews","from":"2026-10-01","to":"2026-10-22","n":10,"customers":null,"effective_n":null,"voided":0,"score":4.0,"interval":[3.37,4.23],` +
				`"split":{"5":0,"4":10,"3":0,"2":0,"1":0},"mean":4.00},"change":null,"real_change":null}`,
		},
		{
			"no minus zero",
			compared(score.MetricNLS, tally(7, 2999, 6, 1), tally(7, 3000)),
			`{"metric":"nls","from":"2026-11-01","to":"2026-11-22","n":3000,"customers":null,"effective_n":null,"voided":2,"score":0.0,"interval":[-0.1,0.1],` +
				`"split":{"promoters":0,"passives":2999,"detractors":1},` +
				`"previous":{"metric":"nls","from":"2026-10-01","to":"2026-10-22","n":3000,"customers":null,"effective_n":null,"voided":0,"score":0.0,"interval":[-0.1,0.1],` +
				`"split":{"promoters":0,"passives":3000,"detractors":0}},"change":0.0,"real_change":false}`,
		},
		{
			"nothing to compare with",
			compared(score.MetricCSAT5, tally(5, 10), tally()),
			`{"metric":"csat5","from":"2026-11-01","to":"2026-11-22","n":10,"customers":null,"effective_n":null,"voided":2,"score":100.0,"interval":[72.2,100.0],` +
				`"split":{"1":0,"2":0,"3":0,"4":0,"5":10},` +
				`"previous":{"metric":"csat5","from":"2026-10-01","to":"2026-10-22","n":0,"customers":null,"effective_n":null,"voided":0,"score":null,"interval":null,` +
				`"split":{"1":0,"2":0,"3":0,"4":0,"5":0}},"change":null,"real_change":null}`,
		},
	} {
		text, err := json.Marshal(transfer.ScoreJSON(c.report))
		require.NoError(t, err)
		assert.Equal(t, c.want, string(text), c.name)
	}
}

// TestTodayAsJSON: the day before has the moment until which it counts, and answers have their
// customers.
func TestTodayAsJSON(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 3600)
	today := score.Period{From: office.Date(2026, time.November, 22), To: office.Date(2026, time.November, 22), Unit: score.UnitDay, Running: true, Clock: true}
	before := today.PreviousAt(time.Date(2026, time.November, 22, 15, 30, 0, 0, zone))
	report := score.Compare(
		score.PeriodScore{Period: today, Score: score.Measure(score.MetricNPSEU, tally(8, 12, 0, 3)).From(score.Customers{N: 4, Squares: 147})},
		score.PeriodScore{Period: before, Score: score.Measure(score.MetricNPSEU, tally(8, 1)).From(score.Customers{N: 1, Squares: 1})},
	)
	text, err := json.Marshal(transfer.ScoreJSON(report))
	require.NoError(t, err)
	assert.JSONEq(t, `{"metric":"nps","from":"2026-11-22","to":"2026-11-22","n":15,"customers":4,"effective_n":1.5,"voided":0,"score":60.0,"interval":[-52.7,93.2],
"split":{"promoters":12,"passives":0,"detractors":3},"previous":{"metric":"nps","from":"2026-11-21","to":"2026-11-21","until":"2026-11-21T15:30:00+01:00",
"n":1,"customers":1,"effective_n":1.0,"voided":0,"score":null,"interval":null,"split":{"promoters":1,"passives":0,"detractors":0}},"change":null,"real_change":null}`, string(text))
	text, err = json.Marshal(transfer.ServiceJSON(score.CompareService(score.PeriodService{Period: today}, score.PeriodService{Period: before})))
	require.NoError(t, err)
	assert.Contains(t, string(text), `"to":"2026-11-21","until":"2026-11-21T15:30:00+01:00"`)
}

// TestGroupsAsJSON: a group's change is one of several.
func TestGroupsAsJSON(t *testing.T) {
	t.Parallel()
	report := compared(score.MetricCSAT, tally(3, 84, 1, 16), tally(3, 94, 1, 6)) // z is 2.26
	report.GroupBy, report.Groups = score.ByAgent, []score.Group{{Name: "Bart", Report: report}}
	var shown struct {
		RealChange bool `json:"real_change"`
		Groups     []struct {
			Name       string `json:"name"`
			RealChange bool   `json:"real_change"`
		} `json:"groups"`
	}
	text, err := json.Marshal(transfer.ScoreJSON(report))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &shown))
	assert.True(t, shown.RealChange)
	require.Len(t, shown.Groups, 1)
	assert.Equal(t, "Bart", shown.Groups[0].Name)
	assert.False(t, shown.Groups[0].RealChange)
}
