package score

import (
	"encoding/json"
	"math/big"
)

// ServiceReading counts the rated tickets that were opened in a period.
type ServiceReading struct {
	Period Period
	Count  ServiceCount
}

// ServiceReport is a reading with that of the period before.
type ServiceReport struct {
	ServiceReading
	Previous ServiceReading
	// Filter selects the tickets; its agent has the senders' name.
	Filter Filter
	// GroupBy is how Groups divide the tickets. The groups are in alphabetical order, without
	// those that have no ticket in the period. A ticket that was rated in several groups
	// counts in each.
	Per    GroupBy
	Groups []ServiceGroup
}

// ServiceGroup is the report of one channel or agent.
type ServiceGroup struct {
	// Name is like that of a [Group].
	Name string
	ServiceReport
}

// CompareService makes a report of a reading and that of the period before.
func CompareService(now, before ServiceReading) ServiceReport {
	return ServiceReport{ServiceReading: now, Previous: before}
}

// Quantiles returns the median and the 90th percentile in whole office minutes; ok is
// false with fewer than [FewAnswers] tickets.
func (d Durations) Quantiles() (median, p90 int, ok bool) {
	if d.n < FewAnswers {
		return 0, 0, false
	}
	found := d.Percentiles(50, 90)
	return found[0], found[1], true
}

// Percent is the exact share of yes in percent; nil when All is below [FewAnswers].
func (r Ratio) Percent() *big.Rat {
	if r.All < FewAnswers {
		return nil
	}
	return percent(big.NewRat(r.Yes, r.All))
}

// PercentText is the share in percent with one decimal, as in 87.5, or empty.
func (r Ratio) PercentText() string { return string(figureOf(r.Percent(), 1)) }

// quantilesJSON is a pair of quantiles as `score service --json` writes them.
type quantilesJSON struct {
	Median *int `json:"median"`
	P90    *int `json:"p90"`
}

func (d Durations) forJSON() quantilesJSON {
	median, p90, ok := d.Quantiles()
	if !ok {
		return quantilesJSON{}
	}
	return quantilesJSON{&median, &p90}
}

// serviceJSON is a ServiceReading as `score service --json` writes it.
type serviceJSON struct {
	Metric     string        `json:"metric"`
	From       string        `json:"from"`
	To         string        `json:"to"`
	N          int64         `json:"n"`
	FirstReply quantilesJSON `json:"first_reply"`
	Resolution quantilesJSON `json:"resolution"`
	Within4h   figure        `json:"within_4h"`
	SameDay    figure        `json:"same_day"`
	OneReply   figure        `json:"one_reply"`
}

func (r ServiceReading) forJSON() serviceJSON {
	return serviceJSON{
		Metric:     "service",
		From:       r.Period.From.String(),
		To:         r.Period.To.String(),
		N:          r.Count.N,
		FirstReply: r.Count.FirstReply.forJSON(),
		Resolution: r.Count.Resolution.forJSON(),
		Within4h:   figureOf(r.Count.Within4h.Percent(), 1),
		SameDay:    figureOf(r.Count.SameDay.Percent(), 1),
		OneReply:   figureOf(r.Count.OneReply.Percent(), 1),
	}
}

// serviceReportJSON is a ServiceReport as `score service --json` writes it.
type serviceReportJSON struct {
	serviceJSON
	Previous serviceJSON     `json:"previous"`
	Groups   *[]ServiceGroup `json:"groups,omitempty"`
}

func (r ServiceReport) forJSON() serviceReportJSON {
	object := serviceReportJSON{serviceJSON: r.ServiceReading.forJSON(), Previous: r.Previous.forJSON()}
	if r.Per != ByNothing {
		groups := append([]ServiceGroup{}, r.Groups...)
		object.Groups = &groups
	}
	return object
}

// MarshalJSON writes the object of `score service --json`.
func (r ServiceReport) MarshalJSON() ([]byte, error) { return json.Marshal(r.forJSON()) }

// MarshalJSON writes the report's object with the name in front.
func (g ServiceGroup) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name string `json:"name"`
		serviceReportJSON
	}{g.Name, g.forJSON()})
}
