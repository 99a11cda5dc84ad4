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
	id, kind, channel, agent string // agent is the name
	agentID, customer, email string
	value                    int
	at                       time.Time // the earliest known
	void                     bool
	ticket                   string
	opened, replied, solved  time.Time // of its ticket
	replies                  int
}

// refMetric defines a metric: the answers it counts, which of them are good and bad, and the words of its
// split.
type refMetric struct {
	name, kind   string
	net, stars   bool
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
		{name: "reviews", kind: "review", stars: true, good: from(4), bad: to(2), low: 1, high: 5, label: "Reviews"},
	}
}

// refScore is the result of a metric.
type refScore struct {
	refMetric
	n, voided, good, bad int64
	sum                  int64
	byValue              map[int]int64
	byCustomer           map[string]int64
}

// measure returns the score of the ratings of a period that fit.
func (m refMetric) measure(all []refRating, zone *time.Location, from, to time.Time, fits func(refRating) bool) refScore {
	s := refScore{refMetric: m, byValue: make(map[int]int64), byCustomer: make(map[string]int64)}
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
		who := "answer " + r.id
		if r.customer != "" {
			who = "id " + r.customer
		} else if r.email != "" {
			who = "e-mail " + strings.ToLower(r.email)
		}
		s.byCustomer[who]++
	}
	return s
}

// effective returns n²/Σnᵢ² over the customers, 0 without answers.
func (s refScore) effective() *big.Rat {
	if s.n == 0 {
		return new(big.Rat)
	}
	squares := int64(0)
	for _, n := range s.byCustomer {
		squares += n * n
	}
	return big.NewRat(s.n*s.n, squares)
}

// refMoments returns the mean of numbers with weights, and the sum of their weighed square distances
// from it.
func refMoments(numbers []int64, weights []*big.Rat) (total, mean, around *big.Rat) {
	total, mean, around = new(big.Rat), new(big.Rat), new(big.Rat)
	for i, w := range weights {
		total.Add(total, w)
		mean.Add(mean, new(big.Rat).Mul(w, big.NewRat(numbers[i], 1)))
	}
	mean.Quo(mean, total)
	for i, w := range weights {
		off := new(big.Rat).Sub(big.NewRat(numbers[i], 1), mean)
		around.Add(around, off.Mul(off, off).Mul(off, w))
	}
	return total, mean, around
}

// adjusted returns the centre of a net score or of a mean, and the square of its standard error,
// with the answers that are added to the effective ones.
func (s refScore) adjusted(mean bool) (centre, noise *big.Rat) {
	of := func(count int64, more *big.Rat) *big.Rat {
		share := big.NewRat(count, s.n)
		return share.Mul(share, s.effective()).Add(share, more)
	}
	if !mean {
		total, centre, around := refMoments([]int64{1, 0, -1}, []*big.Rat{
			of(s.good, big.NewRat(3, 4)), of(s.n-s.good-s.bad, big.NewRat(3, 2)), of(s.bad, big.NewRat(3, 4)),
		})
		return centre, around.Quo(around, total).Quo(around, total)
	}
	var numbers []int64
	var weights []*big.Rat
	for v := s.low; v <= s.high; v++ {
		numbers, weights = append(numbers, int64(v)), append(weights, of(s.byValue[v], big.NewRat(1, 2)))
	}
	total, centre, around := refMoments(numbers, weights)
	less := new(big.Rat).Sub(total, big.NewRat(1, 1))
	return centre, around.Quo(around, less).Quo(around, total)
}

func (s refScore) enough() bool { return s.n >= 10 }

// exact returns the score in points, percent or stars.
func (s refScore) exact() *big.Rat {
	switch {
	case s.stars:
		return big.NewRat(s.sum, s.n)
	case s.net:
		return big.NewRat(100*(s.good-s.bad), s.n)
	default:
		return big.NewRat(100*s.good, s.n)
	}
}

// interval returns both ends × 10^decimals, rounded half away from zero.
func (s refScore) interval(decimals int) (low, high int64, ok bool) {
	switch {
	case !s.enough():
		return 0, 0, false
	case s.stars:
		low, high = s.around(true, 1, decimals, int64(s.low), int64(s.high))
		return low, high, true
	case s.net:
		low, high = s.around(false, 100, decimals, -100, 100)
		return low, high, true
	}
	n, z := refFloat(s.effective()), refFloat(big.NewRat(196, 100))
	// Wilson: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)
	p := refFloat(big.NewRat(s.good, s.n))
	zz := refOp(func(r *big.Float) { r.Mul(z, z).Quo(r, n) })
	centre := refOp(func(r *big.Float) { r.Quo(zz, big.NewFloat(2)).Add(r, p) })
	root := refOp(func(r *big.Float) {
		quarter := refOp(func(q *big.Float) { q.Quo(zz, n).Quo(q, big.NewFloat(4)) })
		spread := new(big.Rat).Mul(big.NewRat(s.good, s.n), big.NewRat(s.n-s.good, s.n))
		r.Quo(refFloat(spread), n).Add(r, quarter).Sqrt(r).Mul(r, z)
	})
	below := refOp(func(r *big.Float) { r.Add(zz, big.NewFloat(1)) })
	end := func(sign float64) int64 {
		return refRound(refOp(func(r *big.Float) {
			r.Mul(root, big.NewFloat(sign)).Add(r, centre).Quo(r, below).Mul(r, big.NewFloat(100))
		}), decimals)
	}
	return end(-1), end(+1), true
}

// around returns unit·(centre ± 1.96·√noise), cut off.
func (s refScore) around(mean bool, unit int64, decimals int, least, most int64) (low, high int64) {
	centre, noise := s.adjusted(mean)
	half := refOp(func(r *big.Float) { r.Sqrt(refFloat(noise)).Mul(r, refFloat(big.NewRat(196*unit, 100))) })
	middle := refFloat(new(big.Rat).Mul(centre, big.NewRat(unit, 1)))
	low = refRound(refOp(func(r *big.Float) { r.Sub(middle, half) }), decimals)
	high = refRound(refOp(func(r *big.Float) { r.Add(middle, half) }), decimals)
	edge := func(x int64) int64 { return refRound(refFloat(big.NewRat(x, 1)), decimals) }
	return max(low, edge(least)), min(high, edge(most))
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

// real reports whether |z| of two scores is above so many hundredths, nil when one has too few
// answers.
func (s refScore) real(before refScore, hundredths int64) *bool {
	if !s.enough() || !before.enough() {
		return nil
	}
	var delta, noise *big.Rat
	if s.net || s.stars {
		centre, error1 := s.adjusted(s.stars)
		from, error2 := before.adjusted(s.stars)
		delta, noise = new(big.Rat).Sub(centre, from), new(big.Rat).Add(error1, error2)
	} else {
		n, m := s.effective(), before.effective()
		p, q := big.NewRat(s.good, s.n), big.NewRat(before.good, before.n)
		delta = new(big.Rat).Sub(p, q)
		all := new(big.Rat).Add(n, m)
		pooled := new(big.Rat).Quo(new(big.Rat).Add(p.Mul(p, n), q.Mul(q, m)), all)
		// p(1 − p)(1/n + 1/m), and 1/n + 1/m is (n + m)/nm
		noise = new(big.Rat).Sub(big.NewRat(1, 1), pooled)
		noise.Mul(noise, pooled).Mul(noise, all).Quo(noise, n).Quo(noise, m)
	}
	noise.Mul(noise, big.NewRat(hundredths*hundredths, 100*100))
	real := delta.Mul(delta, delta).Cmp(noise) > 0
	return &real
}

// refFromMix reports whether more than half of a real change comes from the channels' shares: what
// is left of the change when the scores within the channels have their part. Each channel's scores are
// those of its own answers.
func refFromMix(now, before refScore, channels [][2]refScore) bool {
	if real := now.real(before, 196); real == nil || !*real {
		return false
	}
	change := new(big.Rat).Sub(now.exact(), before.exact())
	left, some := new(big.Rat).Set(change), 0
	for _, c := range channels {
		if c[0].n+c[1].n > 0 {
			some++
		}
		if c[0].n == 0 || c[1].n == 0 { // no change within it
			continue
		}
		within := new(big.Rat).Sub(c[0].exact(), c[1].exact())
		weight := new(big.Rat).Add(big.NewRat(c[0].n, now.n), big.NewRat(c[1].n, before.n))
		left.Sub(left, within.Mul(within, weight).Quo(within, big.NewRat(2, 1)))
	}
	return some > 1 && left.Quo(left, change).Cmp(big.NewRat(1, 2)) > 0
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

// refUnits writes units of 10^-decimals with a decimal point.
func refUnits(units int64, decimals int) string {
	return refFixed(big.NewRat(units, map[int]int64{1: 10, 2: 100}[decimals]), decimals)
}

// decimals is how many an interval and a change have.
func (s refScore) decimals() int {
	if s.stars {
		return 2
	}
	return 1
}

// json returns the fields that `score --json` must print for a score, in order.
func (s refScore) json(from, to, until time.Time) string {
	score, interval, mean := "null", "null", ""
	if s.enough() {
		score = refFixed(s.exact(), 1)
	}
	if low, high, ok := s.interval(s.decimals()); ok {
		interval = "[" + refUnits(low, s.decimals()) + "," + refUnits(high, s.decimals()) + "]"
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
		if s.stars {
			slices.Reverse(split)
		}
	}
	if s.name == "ces" || s.stars {
		mean = `,"mean":null`
		if s.enough() {
			mean = `,"mean":` + refFixed(big.NewRat(s.sum, s.n), 2)
		}
	}
	end := ""
	if !until.IsZero() {
		end = fmt.Sprintf(`"until":%q,`, until.Format(time.RFC3339))
	}
	return fmt.Sprintf(`"metric":%q,"from":%q,"to":%q,%s"n":%d,"customers":%d,"effective_n":%s,"voided":%d,"score":%s,"interval":%s,"split":{%s}%s`,
		s.name, from.Format(time.DateOnly), to.Format(time.DateOnly), end, s.n, len(s.byCustomer), refFixed(s.effective(), 1), s.voided, score, interval, strings.Join(split, ","), mean)
}

// refReport returns what `score --json` must print, without groups and braces; a change is real above
// so many hundredths of z.
func refReport(now, before refScore, p refPeriod, hundredths int64) string {
	change, real := "null", "null"
	if now.enough() && before.enough() {
		change = refFixed(new(big.Rat).Sub(now.exact(), before.exact()), now.decimals())
		real = strconv.FormatBool(*now.real(before, hundredths))
	}
	return now.json(p.from, p.to, time.Time{}) + `,"previous":{` + before.json(p.before, p.then, p.until) + `},"change":` + change + `,"real_change":` + real
}

// refService returns how tickets were served, in office hours from Monday to Friday, 9 to 17.
func refService(all []refRating, zone *time.Location, from, to, until time.Time, fits func(refRating) bool) string {
	var n int64
	counted := make(map[string]bool)
	var replies, solutions []int
	var within, same, once [2]int64 // yes, all
	add := func(to *[2]int64, yes bool) {
		to[1]++
		if yes {
			to[0]++
		}
	}
	for _, r := range all {
		if r.opened.IsZero() || r.void || !fits(r) || counted[r.ticket] || !until.IsZero() && r.opened.After(until) {
			continue
		}
		day := refLocalDay(r.opened, zone)
		if day.Before(from) || day.After(to) {
			continue
		}
		n++
		counted[r.ticket] = true
		if !r.replied.IsZero() && !r.replied.Before(r.opened) {
			minutes := refOfficeMinutes(r.opened, r.replied, zone)
			replies = append(replies, minutes)
			add(&within, minutes <= 4*60)
			if opened := r.opened.In(zone); opened.Weekday()%6 != 0 && opened.Hour() < 17 {
				add(&same, refLocalDay(r.replied, zone).Equal(day))
			}
		}
		if !r.solved.IsZero() && !r.solved.Before(r.opened) {
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
	end := ""
	if !until.IsZero() {
		end = fmt.Sprintf(`"until":%q,`, until.Format(time.RFC3339))
	}
	return fmt.Sprintf(`"metric":"service","from":%q,"to":%q,%s"n":%d,"first_reply":%s,"resolution":%s,"within_4h":%s,"same_day":%s,"one_reply":%s`,
		from.Format(time.DateOnly), to.Format(time.DateOnly), end, n, quantiles(replies), quantiles(solutions), share(within), share(same), share(once))
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
