package main

import (
	"encoding/json"
	"fmt"
	"math/big"
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
			parts = append(parts, fmt.Sprintf("%d: %d (%s)", v, now.byValue[v], percent(now.byValue[v])))
		}
		lines = append(lines, strings.Join(parts, map[bool]string{true: " · ", false: ", "}[now.parts == nil]), refAnswers(now.n))
	}
	low, high, ok := now.interval(0)
	switch {
	case !now.enough():
		lines = append(lines, "Fewer than 10 answers: the counts, no score.")
	case !ok:
		lines = append(lines, "alike")
	case now.net:
		square := new(big.Rat).Quo(now.spread(), big.NewRat(now.n, 1))
		margin := refOp(func(r *big.Float) {
			r.Sqrt(refFloat(square)).Mul(r, big.NewFloat(100)).Mul(r, refFloat(big.NewRat(196, 100)))
		})
		lines = append(lines, fmt.Sprintf("Margin of error: ±%d points (95%%), so between %s and %s.", refRound(margin, 0), refSigned(low), refSigned(high)))
	default:
		lines = append(lines, fmt.Sprintf("Margin of error: between %d%% and %d%% (95%%).", low, high))
	}
	if now.n >= 10 && now.n < 30 {
		lines = append(lines, "Indicative")
	}
	if now.name == "ces" && now.enough() {
		lines = append(lines, refFixed(big.NewRat(now.sum, now.n), 2))
	}
	if now.voided > 0 {
		lines = append(lines, fmt.Sprintf("Not counted: %d voided answer", now.voided))
	}
	was := "): " + refHead(before)
	if before.enough() {
		was += ", " + refAnswers(before.n)
	}
	lines = append(lines, was)
	if change := refChange(now, before); change == "" {
		lines = append(lines, "too few answers to tell")
	} else {
		lines = append(lines, fmt.Sprintf("Change: %s points, %s.", change, map[bool]string{true: "a real change", false: "no real change"}[*now.real(before)]))
	}
	return lines
}

func refAnswers(n int64) string {
	if n == 1 {
		return "1 answer"
	}
	return fmt.Sprintf("%d answers", n)
}

// refGroup returns the line of a group.
func refGroup(name string, s refScore) string {
	if name := map[string]string{"ticket": "Ticket", "chat": "Chat", "panel": "Panel"}[name]; name != "" {
		return refGroup(name, s)
	}
	low, high, ok := s.interval(0)
	switch {
	case !s.enough():
		return fmt.Sprintf("\n%s: %s, too few for a score", name, refAnswers(s.n))
	case !ok:
		return fmt.Sprintf("\n%s: %s, all alike, %s", name, refFigure(s), refAnswers(s.n))
	case s.net:
		return fmt.Sprintf("\n%s: %s, between %s and %s, %s", name, refFigure(s), refSigned(low), refSigned(high), refAnswers(s.n))
	default:
		return fmt.Sprintf("\n%s: %s, between %d%% and %d%%, %s", name, refFigure(s), low, high, refAnswers(s.n))
	}
}

// refDutch returns lines of an answer in Dutch.
func refDutch(now, before refScore) []string {
	head := func(s refScore) string {
		return strings.Replace(refHead(s), "too few answers", "te weinig antwoorden", 1)
	}
	lines := []string{"\n" + head(now), "): " + head(before)}
	low, high, ok := now.interval(0)
	switch {
	case ok && now.net:
		lines = append(lines, fmt.Sprintf("dus tussen %s en %s.", refSigned(low), refSigned(high)))
	case ok:
		lines = append(lines, fmt.Sprintf("Foutmarge: tussen %d%% en %d%% (95%%).", low, high))
	}
	if change := refChange(now, before); change != "" {
		lines = append(lines, fmt.Sprintf("Verschil: %s punten, %s.", strings.Replace(change, ".", ",", 1),
			map[bool]string{true: "een echte verandering", false: "geen echte verandering"}[*now.real(before)]))
	}
	return lines
}

// refChange returns the change for people, empty without one.
func refChange(now, before refScore) string {
	if now.real(before) == nil {
		return ""
	}
	change := strings.Replace(refFixed(new(big.Rat).Sub(now.exact(), before.exact()), 1), "-", "−", 1)
	switch {
	case change == "0.0":
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
			lines = append(lines, fmt.Sprintf("%s: %.1f%% of ", c.name, *c.share))
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
