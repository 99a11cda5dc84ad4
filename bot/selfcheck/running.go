package selfcheck

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// maxReadiness bounds the answer of /readyz, which has a few kilobytes at most.
const maxReadiness = 1 << 20

// running reports what a bot that runs with these settings has seen go wrong. No bot need run.
func (c *checker) running(ctx context.Context) {
	if c.AdminListen == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, aliveTimeout)
	defer cancel()
	answer, err := askAdmin(ctx, c.AdminListen, "/readyz")
	if err != nil {
		return
	}
	defer answer.Body.Close()
	var ready struct {
		Status   string `json:"status"`
		Reason   string `json:"reason"`
		Remedy   string `json:"cure"`
		Failures []struct {
			Channel string `json:"channel"`
			Method  string `json:"method"`
			Reason  string `json:"reason"`
			Remedy  string `json:"cure"`
		} `json:"troubles"`
		Refused []struct {
			At       string    `json:"at"`
			Reason   string    `json:"reason"`
			Unproved string    `json:"unproved"`
			Count    int       `json:"count"`
			Last     time.Time `json:"last"`
			Remedy   string    `json:"cure"`
		} `json:"refused"`
		Lost []struct {
			At     string    `json:"at"`
			What   string    `json:"what"`
			Field  string    `json:"field"`
			Count  int       `json:"count"`
			Last   time.Time `json:"last"`
			Remedy string    `json:"cure"`
		} `json:"lost"`
	}
	if json.NewDecoder(io.LimitReader(answer.Body, maxReadiness)).Decode(&ready) != nil || ready.Status == "" {
		return // another program
	}
	for _, f := range ready.Failures {
		c.fail("running bot: "+strings.Join(strings.Fields(f.Method+" "+f.Channel), " ")+": "+f.Reason, f.Remedy)
	}
	for _, f := range ready.Refused {
		c.report(Result{
			Text: fmt.Sprintf("running bot: refused %s at %s, the last on %s: %s", count(f.Count, "request"), f.At, f.Last.Format(time.RFC3339),
				strings.TrimSpace(f.Reason+" "+f.Unproved)),
			Remedy: f.Remedy, Warning: true,
		})
	}
	for _, l := range ready.Lost {
		text := fmt.Sprintf("running bot: left out of what came from %s: %s, the last on %s", l.At, lostThing(l.What, l.Field, l.Count), l.Last.Format(time.RFC3339))
		if l.What == "ignored" || l.What == "bot" || l.What == "waiting" { // as most senders do
			c.ok("%s", text)
			continue
		}
		c.report(Result{Text: text, Remedy: l.Remedy, Warning: true})
	}
	switch {
	case len(ready.Failures) > 0:
	case ready.Status == "ok":
		c.ok("running bot: ok")
	default:
		c.fail("running bot: "+ready.Status+": "+ready.Reason, ready.Remedy)
	}
}

// lostThing says how many things of a kind a running bot has left out.
func lostThing(what, field string, n int) string {
	switch what {
	case "field":
		return fmt.Sprintf("the field %s, in %s", field, count(n, "rating"))
	case "part":
		return count(n, "rating") + " of deliveries with several"
	case "waiting":
		return count(n, "event") + " that waited for a rating"
	case "bot":
		return count(n, "rating") + " of bots"
	default:
		return count(n, "webhook") + " without a rating"
	}
}
