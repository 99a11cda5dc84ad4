package main

import (
	"fmt"
	"math/big"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// This file and the other reference_*_test.go are a second implementation of the scores, slow and
// independent of package feedback. A fault stays hidden only if both have it.

// A refRating is one row of a history.
type refRating struct {
	id, kind, channel, agent string
	value                    int
	at                       time.Time
	void                     bool
	opened, replied, solved  time.Time // of its ticket; each ticket is rated once
	replies                  int
}

// refMetric defines a metric: the answers it counts, which of them are good and bad, and the words of its
// split.
type refMetric struct {
	name, kind   string
	net          bool
	good, bad    func(value int) bool
	low, high    int
	label        string
	parts        []string // green first; nil when it is counted by value
	one          []string
	filter, also string
}

func refMetrics() []refMetric {
	from := func(low int) func(int) bool { return func(v int) bool { return v >= low } }
	to := func(high int) func(int) bool { return func(v int) bool { return v <= high } }
	people, colours := []string{"promoters", "passives", "detractors"}, []string{"green", "yellow", "red"}
	person := []string{"promoter", "passive", "detractor"}
	return []refMetric{
		{name: "nps", kind: "nps", net: true, good: from(9), bad: to(6), high: 10, label: "NPS", parts: people, one: person},
		{name: "nps", kind: "nps", net: true, good: from(8), bad: to(5), high: 10, label: "NPS", parts: people, one: person, filter: "eu"},
		{name: "nls", kind: "nls", net: true, good: from(9), bad: to(6), high: 10, label: "NLS", parts: people, one: person},
		{name: "csat", kind: "smiley", good: from(3), bad: to(1), low: 1, high: 3, label: "CSAT", parts: colours, one: colours, also: "csat5"},
		{name: "smileys", kind: "smiley", net: true, good: from(3), bad: to(1), low: 1, high: 3, label: "Smileys", parts: colours, one: colours},
		{name: "csat5", kind: "csat", good: from(4), bad: to(2), low: 1, high: 5, label: "CSAT 1–5"},
		{name: "ces", kind: "ces", good: from(5), bad: to(3), low: 1, high: 7, label: "CES"},
	}
}

// refScore is the result of a metric.
type refScore struct {
	refMetric
	n, voided, good, bad int64
	sum                  int64
	byValue              map[int]int64
}

// measure returns the score of the ratings of a period that fit.
func (m refMetric) measure(all []refRating, zone *time.Location, from, to time.Time, fits func(refRating) bool) refScore {
	s := refScore{refMetric: m, byValue: make(map[int]int64)}
	for _, r := range all {
		y, month, d := r.at.In(zone).Date()
		day := refDate(y, month, d)
		switch {
		case r.kind != m.kind || day.Before(from) || day.After(to) || !fits(r):
			continue
		case r.void:
			s.voided++
			continue
		case m.good(r.value):
			s.good++
		case m.bad(r.value):
			s.bad++
		}
		s.n++
		s.sum += int64(r.value)
		s.byValue[r.value]++
	}
	return s
}

func (s refScore) enough() bool { return s.n >= 10 }

// exact returns the score in points or percent.
func (s refScore) exact() *big.Rat {
	top := s.good
	if s.net {
		top -= s.bad
	}
	return big.NewRat(100*top, s.n)
}

// spread returns the variance of a net score, or of a share of which p is good.
func (s refScore) spread() *big.Rat {
	n := new(big.Rat).SetInt64(s.n)
	if !s.net {
		p := big.NewRat(s.good, s.n)
		return p.Mul(p, big.NewRat(s.n-s.good, s.n))
	}
	net := big.NewRat(s.good-s.bad, s.n)
	return new(big.Rat).Sub(new(big.Rat).Quo(new(big.Rat).SetInt64(s.good+s.bad), n), net.Mul(net, net))
}

// interval returns both ends × 10^decimals, rounded half away from zero.
func (s refScore) interval(decimals int) (low, high int64, ok bool) {
	if !s.enough() || s.net && s.spread().Sign() == 0 {
		return 0, 0, false
	}
	n, z := refFloat(big.NewRat(s.n, 1)), refFloat(big.NewRat(196, 100))
	if s.net { // 100·(p − d) ± 100·1.96·√(variance/n), cut off
		centre := refFloat(s.exact())
		margin := refOp(func(r *big.Float) { r.Quo(refFloat(s.spread()), n).Sqrt(r).Mul(r, z).Mul(r, big.NewFloat(100)) })
		low = refRound(refOp(func(r *big.Float) { r.Sub(centre, margin) }), decimals)
		high = refRound(refOp(func(r *big.Float) { r.Add(centre, margin) }), decimals)
		edge := refRound(big.NewFloat(100), decimals)
		return max(low, -edge), min(high, edge), true
	}
	// Wilson: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)
	p := refFloat(big.NewRat(s.good, s.n))
	zz := refOp(func(r *big.Float) { r.Mul(z, z).Quo(r, n) })
	centre := refOp(func(r *big.Float) { r.Quo(zz, big.NewFloat(2)).Add(r, p) })
	root := refOp(func(r *big.Float) {
		quarter := refOp(func(q *big.Float) { q.Quo(zz, n).Quo(q, big.NewFloat(4)) })
		r.Quo(refFloat(s.spread()), n).Add(r, quarter).Sqrt(r).Mul(r, z)
	})
	below := refOp(func(r *big.Float) { r.Add(zz, big.NewFloat(1)) })
	end := func(sign float64) int64 {
		return refRound(refOp(func(r *big.Float) {
			r.Mul(root, big.NewFloat(sign)).Add(r, centre).Quo(r, below).Mul(r, big.NewFloat(100))
		}), decimals)
	}
	return end(-1), end(+1), true
}

const refBits = 500

func refFloat(x *big.Rat) *big.Float { return new(big.Float).SetPrec(refBits).SetRat(x) }

func refOp(do func(result *big.Float)) *big.Float {
	result := new(big.Float).SetPrec(refBits)
	do(result)
	return result
}

// refRound rounds half away from zero. A number within 10⁻⁹⁹ of a half is a half: no square root of such
// numbers comes so near to one without being it.
func refRound(x *big.Float, decimals int) int64 {
	scaled := refOp(func(r *big.Float) { r.Abs(x) })
	for range decimals {
		scaled.Mul(scaled, big.NewFloat(10))
	}
	nudge, _ := new(big.Float).SetPrec(refBits).SetString("1e-99")
	scaled.Add(scaled, big.NewFloat(0.5)).Add(scaled, nudge)
	whole, _ := scaled.Int64()
	if x.Sign() < 0 {
		return -whole
	}
	return whole
}

// real reports whether two scores differ by more than chance, nil when one has too few answers.
func (s refScore) real(before refScore) *bool {
	if !s.enough() || !before.enough() {
		return nil
	}
	share := func(s refScore) *big.Rat { return new(big.Rat).Quo(s.exact(), big.NewRat(100, 1)) }
	delta := new(big.Rat).Sub(share(s), share(before))
	noise := new(big.Rat).Add(new(big.Rat).Quo(s.spread(), big.NewRat(s.n, 1)), new(big.Rat).Quo(before.spread(), big.NewRat(before.n, 1)))
	if !s.net {
		p := big.NewRat(s.good+before.good, s.n+before.n)
		noise.Mul(p, new(big.Rat).Sub(big.NewRat(1, 1), p))
		noise.Mul(noise, new(big.Rat).Add(big.NewRat(1, s.n), big.NewRat(1, before.n)))
	}
	noise.Mul(noise, big.NewRat(196*196, 100*100))
	real := delta.Sign() != 0
	if noise.Sign() != 0 {
		real = delta.Mul(delta, delta).Cmp(noise) > 0
	}
	return &real
}

// refFixed writes an exact number with so many decimals, half away from zero.
func refFixed(x *big.Rat, decimals int) string {
	units := refRound(refFloat(x), decimals)
	sign := ""
	if units < 0 {
		sign, units = "-", -units
	}
	digits := fmt.Sprintf("%0*d", decimals+1, units)
	if decimals == 0 {
		return sign + digits
	}
	return sign + digits[:len(digits)-decimals] + "." + digits[len(digits)-decimals:]
}

// refTenths writes tenths with a decimal point.
func refTenths(tenths int64) string { return refFixed(big.NewRat(tenths, 10), 1) }

// json returns the fields that `score --json` must print for a score, in order.
func (s refScore) json(from, to time.Time) string {
	score, interval, mean := "null", "null", ""
	if s.enough() {
		score = refFixed(s.exact(), 1)
	}
	if low, high, ok := s.interval(1); ok {
		interval = "[" + refTenths(low) + "," + refTenths(high) + "]"
	}
	var split []string
	if s.parts != nil {
		for i, n := range []int64{s.good, s.n - s.good - s.bad, s.bad} {
			split = append(split, fmt.Sprintf("%q:%d", s.parts[i], n))
		}
	} else {
		for v := s.low; v <= s.high; v++ {
			split = append(split, fmt.Sprintf(`"%d":%d`, v, s.byValue[v]))
		}
	}
	if s.name == "ces" {
		mean = `,"mean":null`
		if s.enough() {
			mean = `,"mean":` + refFixed(big.NewRat(s.sum, s.n), 2)
		}
	}
	eu := ""
	if s.filter == "eu" {
		eu = `"eu":true,`
	}
	return fmt.Sprintf(`"metric":%q,%s"from":%q,"to":%q,"n":%d,"voided":%d,"score":%s,"interval":%s,"split":{%s}%s`,
		s.name, eu, from.Format(time.DateOnly), to.Format(time.DateOnly), s.n, s.voided, score, interval, strings.Join(split, ","), mean)
}

// refReport returns what `score --json` must print, without groups and braces.
func refReport(now, before refScore, p refPeriod) string {
	change, real := "null", "null"
	if now.enough() && before.enough() {
		change = refFixed(new(big.Rat).Sub(now.exact(), before.exact()), 1)
		real = strconv.FormatBool(*now.real(before))
	}
	return now.json(p.from, p.to) + `,"previous":{` + before.json(p.before, p.then) + `},"change":` + change + `,"real_change":` + real
}

// refService returns how tickets were served, in office hours from Monday to Friday, 9 to 17.
func refService(all []refRating, zone *time.Location, from, to time.Time, fits func(refRating) bool) string {
	var n int64
	var replies, solutions []int
	var within, same, once [2]int64 // yes, all
	add := func(to *[2]int64, yes bool) {
		to[1]++
		if yes {
			to[0]++
		}
	}
	for _, r := range all {
		if r.opened.IsZero() || r.void || !fits(r) {
			continue
		}
		day := refLocalDay(r.opened, zone)
		if day.Before(from) || day.After(to) {
			continue
		}
		n++
		if !r.replied.IsZero() {
			minutes := refOfficeMinutes(r.opened, r.replied, zone)
			replies = append(replies, minutes)
			add(&within, minutes <= 4*60)
			if opened := r.opened.In(zone); opened.Weekday()%6 != 0 && opened.Hour() < 17 {
				add(&same, refLocalDay(r.replied, zone).Equal(day))
			}
		}
		if !r.solved.IsZero() {
			solutions = append(solutions, refOfficeMinutes(r.opened, r.solved, zone))
			if r.replies > 0 {
				add(&once, r.replies == 1)
			}
		}
	}
	quantiles := func(minutes []int) string {
		if len(minutes) < 10 {
			return `{"median":null,"p90":null}`
		}
		sort.Ints(minutes)
		rank := func(percent int) int { return minutes[(len(minutes)*percent+99)/100-1] }
		return fmt.Sprintf(`{"median":%d,"p90":%d}`, rank(50), rank(90))
	}
	share := func(of [2]int64) string {
		if of[1] < 10 {
			return "null"
		}
		return refFixed(big.NewRat(100*of[0], of[1]), 1)
	}
	return fmt.Sprintf(`"metric":"service","from":%q,"to":%q,"n":%d,"first_reply":%s,"resolution":%s,"within_4h":%s,"same_day":%s,"one_reply":%s`,
		from.Format(time.DateOnly), to.Format(time.DateOnly), n, quantiles(replies), quantiles(solutions), share(within), share(same), share(once))
}

func refLocalDay(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return refDate(y, m, d)
}

// refOfficeMinutes counts whole minutes of office time, one by one.
func refOfficeMinutes(from, to time.Time, zone *time.Location) int {
	minutes := 0
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		local := at.In(zone)
		if local.Weekday()%6 != 0 && local.Hour() >= 9 && local.Hour() < 17 {
			minutes++
		}
	}
	return minutes
}

// refNames returns the names of the groups in alphabetical order.
func refNames(all []refRating, of func(refRating) string) []string {
	var names []string
	for _, r := range all {
		if name := of(r); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return names
}
