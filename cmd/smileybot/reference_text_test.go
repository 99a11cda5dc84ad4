package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// refHead returns the beginning of an answer.
func refHead(s refScore) string {
	if !s.enough() {
		return fmt.Sprintf("%s: too few answers (%d)", s.label, s.n)
	}
	return s.label + " " + refFigure(s)
}

// refFigure returns a score for people.
func refFigure(s refScore) string {
	whole := refRound(refFloat(s.exact()), 0)
	if s.stars {
		return refFixed(s.exact(), 2)
	}
	if !s.net {
		return fmt.Sprintf("%d%%", whole)
	}
	return refSigned(whole)
}

func refSigned(n int64) string {
	switch {
	case n == 0:
		return "0"
	case n < 0:
		return fmt.Sprintf("−%d", -n)
	default:
		return fmt.Sprintf("+%d", n)
	}
}

// refText returns the lines of an answer for people, after the first.
func refText(now, before refScore) []string {
	var lines []string
	percent := func(n int64) string { return refFixed(big.NewRat(100*n, now.n), 0) + "%" }
	if now.n > 0 {
		var parts []string
		if now.parts != nil {
			for i, n := range []int64{now.good, now.n - now.good - now.bad, now.bad} {
				name := now.parts[i]
				if n == 1 {
					name = now.one[i]
				}
				parts = append(parts, fmt.Sprintf("%d %s (%s)", n, name, percent(n)))
			}
		}
		for v := now.low; now.parts == nil && v <= now.high; v++ {
			star := map[bool]string{true: " ★", false: ""}[now.stars]
			parts = append(parts, fmt.Sprintf("%d%s: %d (%s)", v, star, now.byValue[v], percent(now.byValue[v])))
		}
		if now.stars {
			slices.Reverse(parts)
		}
		lines = append(lines, strings.Join(parts, map[bool]string{true: " · ", false: ", "}[now.parts == nil]), refBasis(now))
	}
	if low, high, ok := refEnds(now); ok {
		lines = append(lines, fmt.Sprintf("Margin of error: between %s and %s.", low, high))
	} else if now.n > 0 {
		lines = append(lines, "Too few answers for a verdict: a score needs at least 10.")
	} else {
		lines = append(lines, "\nNo answers.")
	}
	if now.n >= 10 && now.n < 30 {
		lines = append(lines, "Indicative")
	}
	if now.name == "ces" && now.enough() {
		low, high := now.around(true, 1, 2, 1, 7)
		lines = append(lines, fmt.Sprintf("Mean %s of 7, between %s and %s.", refFixed(big.NewRat(now.sum, now.n), 2), refUnits(low, 2), refUnits(high, 2)))
	}
	if now.voided > 0 {
		lines = append(lines, refAnswers(now.voided)+" excluded from scores.")
	}
	switch {
	case before.enough():
		lines = append(lines, "): "+refFigure(before)+" from "+refBasis(before))
	case now.enough():
		lines = append(lines, "No comparison: ")
	case before.n == 0:
		lines = append(lines, "): no answers.")
	default:
		lines = append(lines, "): "+refBasis(before))
	}
	switch change, unit := refChange(now, before), map[bool]string{true: " star", false: " point"}[now.stars]; {
	case change == "":
	case !*now.real(before, 196):
		lines = append(lines, "No clear change from ", fmt.Sprintf(" (%s)", refFigure(before)), "Change: "+change+unit)
	case strings.HasPrefix(change, "−"):
		lines = append(lines, "Clearly down from ", fmt.Sprintf(" (%s): %s%s", refFigure(before), change, unit))
	default:
		lines = append(lines, "Clearly up from ", fmt.Sprintf(" (%s): %s%s", refFigure(before), change, unit))
	}
	return lines
}

func refAnswers(n int64) string {
	if n == 1 {
		return "1 answer"
	}
	return fmt.Sprintf("%d answers", n)
}

// refBasis returns the number of answers, and of customers when those are fewer.
func refBasis(s refScore) string {
	switch customers := len(s.byCustomer); {
	case int64(customers) == s.n:
		return refAnswers(s.n)
	case customers == 1:
		return refAnswers(s.n) + " by 1 customer"
	default:
		return fmt.Sprintf("%s by %d customers", refAnswers(s.n), customers)
	}
}

// refEnds returns the ends of an interval.
func refEnds(s refScore) (low, high string, ok bool) {
	from, to, ok := s.interval(map[bool]int{true: 2, false: 0}[s.stars])
	switch {
	case !ok:
		return "", "", false
	case s.stars:
		return refUnits(from, 2), refUnits(to, 2), true
	case s.net:
		return refSigned(from), refSigned(to), true
	default:
		return fmt.Sprintf("%d%%", from), fmt.Sprintf("%d%%", to), true
	}
}

// refGroup returns the line of a group.
func refGroup(name string, s refScore) string {
	if name := map[string]string{"ticket": "Ticket", "chat": "Chat", "panel": "Control panel", "review": "Review"}[name]; name != "" {
		return refGroup(name, s)
	}
	low, high, ok := refEnds(s)
	if !ok {
		return fmt.Sprintf("\n%s: %s, too few for a score", name, refBasis(s))
	}
	return fmt.Sprintf("\n%s: %s, between %s and %s, %s", name, refFigure(s), low, high, refBasis(s))
}

// refDutch returns lines of an answer in Dutch.
func refDutch(now, before refScore) []string {
	head := func(s refScore) string {
		return strings.Replace(refHead(s), "too few answers", "te weinig antwoorden", 1)
	}
	decimal := func(text string) string { return strings.ReplaceAll(text, ".", ",") }
	lines := []string{"\n" + decimal(head(now))}
	if before.enough() {
		lines = append(lines, "): "+decimal(refFigure(before))+" bij ")
	}
	if low, high, ok := refEnds(now); ok {
		lines = append(lines, fmt.Sprintf("Met 95%% zekerheid tussen %s en %s.", decimal(low), decimal(high)))
	}
	if customers := int64(len(now.byCustomer)); customers < now.n {
		lines = append(lines, fmt.Sprintf("antwoorden van %d klant", customers))
	}
	if change := refChange(now, before); change != "" {
		lines = append(lines, decimal(change)+map[bool]string{true: " sterren", false: " punt"}[now.stars],
			map[bool]string{true: "Duidelijk ", false: "Geen duidelijk verschil met "}[*now.real(before, 196)])
	}
	return lines
}

// refChange returns the change for people, empty without one.
func refChange(now, before refScore) string {
	if now.real(before, 196) == nil {
		return ""
	}
	change := strings.Replace(refFixed(new(big.Rat).Sub(now.exact(), before.exact()), map[bool]int{true: 2, false: 0}[now.stars]), "-", "−", 1)
	switch {
	case strings.Trim(change, "0.") == "":
		return "0"
	case strings.HasPrefix(change, "−"):
		return change
	default:
		return "+" + change
	}
}

// refServiceText returns lines of an answer for people, from the JSON for machines.
func refServiceText(t *testing.T, shown string) []string {
	t.Helper()
	type quantiles struct{ Median, P90 *int }
	var of struct {
		N          int64     `json:"n"`
		FirstReply quantiles `json:"first_reply"`
		Resolution quantiles `json:"resolution"`
		Within4h   *float64  `json:"within_4h"`
		SameDay    *float64  `json:"same_day"`
		OneReply   *float64  `json:"one_reply"`
	}
	require.NoError(t, json.Unmarshal([]byte(shown), &of))
	lines := []string{fmt.Sprintf("%d rated ticket", of.N)}
	for _, c := range []struct {
		name string
		q    quantiles
	}{{"First reply", of.FirstReply}, {"Solved", of.Resolution}} {
		if c.q.Median != nil {
			lines = append(lines, fmt.Sprintf("%s: median %s, 90%% within %s.", c.name, refOfficeTime(*c.q.Median), refOfficeTime(*c.q.P90)))
		}
	}
	for _, c := range []struct {
		name  string
		share *float64
	}{{"Answered within 4 hours", of.Within4h}, {"Answered the same day", of.SameDay}, {"Solved with one reply", of.OneReply}} {
		if c.share != nil {
			lines = append(lines, c.name+": ")
		}
	}
	return lines
}

// refOfficeTime returns a number of minutes for people.
func refOfficeTime(minutes int) string {
	switch hours, rest := minutes/60, minutes%60; {
	case hours == 0:
		return fmt.Sprintf("%d min", rest)
	case rest == 0:
		return fmt.Sprintf("%d h", hours)
	default:
		return fmt.Sprintf("%d h %d min", hours, rest)
	}
}
