package transfer

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strconv"
	"time"

	"smileybot/feedback/score"
)

// ScoreJSON is a report as `score --json` prints it. Encode it with encoding/json.
func ScoreJSON(r score.Report) any { return reportJSONOf(r) }

// ServiceJSON is a report as `score service --json` prints it. Encode it with encoding/json.
func ServiceJSON(r score.ServiceReport) any { return serviceReportJSONOf(r) }

type periodJSON struct {
	Metric     score.Metric        `json:"metric"`
	From       string              `json:"from"`
	To         string              `json:"to"`
	Until      string              `json:"until,omitempty"` // of the day that today is compared with
	N          int64               `json:"n"`
	Customers  *int64              `json:"customers"`
	EffectiveN json.RawMessage     `json:"effective_n"`
	Voided     int64               `json:"voided"`
	Score      json.RawMessage     `json:"score"`
	Interval   *[2]json.RawMessage `json:"interval"`
	Split      json.RawMessage     `json:"split"`
	Mean       json.RawMessage     `json:"mean,omitempty"`
}

type reportJSON struct {
	Name string `json:"name,omitempty"` // of a group
	periodJSON
	Previous   periodJSON      `json:"previous"`
	Change     json.RawMessage `json:"change"`
	RealChange *bool           `json:"real_change"`
	Groups     *[]reportJSON   `json:"groups,omitempty"`
}

func reportJSONOf(r score.Report) reportJSON {
	object := reportJSON{
		periodJSON: periodJSONOf(r.PeriodScore),
		Previous:   periodJSONOf(r.Previous),
		Change:     number(r.Change(), r.Score.Metric.Decimals()),
	}
	object.RealChange = realChange(r.Significance())
	if r.GroupBy != score.ByNothing {
		groups := make([]reportJSON, len(r.Groups))
		for i, g := range r.Groups {
			groups[i] = reportJSONOf(g.Report)
			groups[i].Name, groups[i].RealChange = g.Name, realChange(g.Significance())
		}
		object.Groups = &groups
	}
	return object
}

// realChange is true, false, or null with too few answers.
func realChange(s score.Significance) *bool {
	if s == score.SignificanceUnknown {
		return nil
	}
	significant := s == score.Significant
	return &significant
}

func periodJSONOf(p score.PeriodScore) periodJSON {
	object := periodJSON{
		Metric:     p.Score.Metric,
		From:       p.Period.From.String(),
		To:         p.Period.To.String(),
		Until:      untilJSON(p.Period),
		N:          p.Score.N,
		EffectiveN: number(p.Score.Effective(), 1),
		Voided:     p.Voided,
		Score:      number(p.Score.Exact(), 1),
		Split:      splitJSON(p.Score.Split),
	}
	if object.Metric == score.MetricNPSEU { // asked for as nps, by filter
		object.Metric = score.MetricNPS
	}
	if n, ok := p.Score.Customers(); ok {
		object.Customers = &n
	}
	if interval, ok := p.Score.Interval(); ok {
		decimals := p.Score.Metric.Decimals()
		low, high := interval.Round(decimals)
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil).Int64()
		object.Interval = &[2]json.RawMessage{number(big.NewRat(low, unit), decimals), number(big.NewRat(high, unit), decimals)}
	}
	if p.Score.Metric == score.MetricCES || p.Score.Metric.Averaged() {
		object.Mean = number(p.Score.Mean(), 2)
	}
	return object
}

// untilJSON is the moment that a period ends at when it is not the end of a day, else empty.
func untilJSON(p score.Period) string {
	if p.Until.IsZero() {
		return ""
	}
	return p.Until.Format(time.RFC3339)
}

// splitJSON is one object with a key for each part, in order.
func splitJSON(split score.Split) json.RawMessage {
	var object bytes.Buffer
	object.WriteByte('{')
	for i, part := range split {
		if i > 0 {
			object.WriteByte(',')
		}
		object.WriteString(strconv.Quote(part.Name) + ":" + strconv.FormatInt(part.N, 10))
	}
	object.WriteByte('}')
	return object.Bytes()
}

// number is an exact number rounded to so many decimals, null for nil.
func number(exact *big.Rat, decimals int) json.RawMessage {
	if exact == nil {
		return json.RawMessage("null")
	}
	return json.RawMessage(score.Decimal(exact, decimals))
}

type quantilesJSON struct {
	Median *int `json:"median"`
	P90    *int `json:"p90"`
}

type serviceJSON struct {
	Metric     score.Metric    `json:"metric"`
	From       string          `json:"from"`
	To         string          `json:"to"`
	Until      string          `json:"until,omitempty"` // of the day that today is compared with
	N          int64           `json:"n"`
	FirstReply quantilesJSON   `json:"first_reply"`
	Resolution quantilesJSON   `json:"resolution"`
	Within4h   json.RawMessage `json:"within_4h"`
	SameDay    json.RawMessage `json:"same_day"`
	OneReply   json.RawMessage `json:"one_reply"`
}

type serviceReportJSON struct {
	Name string `json:"name,omitempty"` // of a group
	serviceJSON
	Previous serviceJSON          `json:"previous"`
	Groups   *[]serviceReportJSON `json:"groups,omitempty"`
}

func serviceReportJSONOf(r score.ServiceReport) serviceReportJSON {
	object := serviceReportJSON{serviceJSON: serviceJSONOf(r.PeriodService), Previous: serviceJSONOf(r.Previous)}
	if r.GroupBy != score.ByNothing {
		groups := make([]serviceReportJSON, len(r.Groups))
		for i, g := range r.Groups {
			groups[i] = serviceReportJSONOf(g.ServiceReport)
			groups[i].Name = g.Name
		}
		object.Groups = &groups
	}
	return object
}

func serviceJSONOf(p score.PeriodService) serviceJSON {
	return serviceJSON{
		Metric:     score.MetricService,
		From:       p.Period.From.String(),
		To:         p.Period.To.String(),
		Until:      untilJSON(p.Period),
		N:          p.Count.N,
		FirstReply: quantilesJSONOf(p.Count.FirstReply),
		Resolution: quantilesJSONOf(p.Count.Resolution),
		Within4h:   number(p.Count.Within4h.Percent(), 1),
		SameDay:    number(p.Count.SameDay.Percent(), 1),
		OneReply:   number(p.Count.OneReply.Percent(), 1),
	}
}

func quantilesJSONOf(d score.Durations) quantilesJSON {
	median, p90, ok := d.Quantiles()
	if !ok {
		return quantilesJSON{}
	}
	return quantilesJSON{&median, &p90}
}
