package score

import (
	"encoding/json"
	"math/big"
)

// ServiceReading is how the rated tickets were served that were opened in a period.
type ServiceReading struct {
	Period Period
	Count  ServiceCount
}

// ServiceReport is a reading beside that of the period before.
type ServiceReport struct {
	ServiceReading
	Previous ServiceReading
	// Filter says whose tickets it is about; an agent is named as the senders do.
	Filter Filter
	// GroupBy is what Groups divide it by, in alphabetical order; those without a ticket in
	// the period are left out. A ticket that was rated in several groups counts in each.
	Per    GroupBy
	Groups []ServiceGroup
}

// ServiceGroup is a report of one part of what was asked about.
type ServiceGroup struct {
	// Name is as that of a [Group].
	Name string
	ServiceReport
}

// CompareService puts a reading beside that of the period before.
func CompareService(now, before ServiceReading) ServiceReport {
	return ServiceReport{ServiceReading: now, Previous: before}
}

// Quantiles gives the median and the 90th percentile in whole office minutes; ok is
// false with fewer than [FewAnswers] tickets of which it is known.
func (m Minutes) Quantiles() (median, p90 int, ok bool) {
	if m.n < FewAnswers {
		return 0, 0, false
	}
	return m.Rank(50), m.Rank(90), true
}

// Percent is the share of yes in percent, exactly; nil with fewer than [FewAnswers]
// tickets of which it is known.
func (y YesNo) Percent() *big.Rat {
	if y.All < FewAnswers {
		return nil
	}
	return percent(big.NewRat(y.Yes, y.All))
}

// PercentText is the share in percent with one decimal, as in 87.5, or nothing.
func (y YesNo) PercentText() string { return string(figureOf(y.Percent(), 1)) }

// minutesJSON is two quantiles as `score service --json` writes them.
type minutesJSON struct {
	Median *int `json:"median"`
	P90    *int `json:"p90"`
}

func (m Minutes) forJSON() minutesJSON {
	median, p90, ok := m.Quantiles()
	if !ok {
		return minutesJSON{}
	}
	return minutesJSON{&median, &p90}
}

// serviceJSON is a ServiceReading as `score service --json` writes it.
type serviceJSON struct {
	Metric     string      `json:"metric"`
	From       string      `json:"from"`
	To         string      `json:"to"`
	N          int64       `json:"n"`
	FirstReply minutesJSON `json:"first_reply"`
	Resolution minutesJSON `json:"resolution"`
	Within4h   figure      `json:"within_4h"`
	SameDay    figure      `json:"same_day"`
	OneReply   figure      `json:"one_reply"`
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
