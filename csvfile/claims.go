package csvfile

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"smileybot/feedback"
)

// The column claims has what the events of a feedback said of its people, where the other columns do
// not tell it, as a list in JSON. So a late event names the same people in a copy as in the original.

// writeClaims writes the claims of a row.
func writeClaims(r Row) string {
	if len(r.Event.Claims) == 0 {
		return ""
	}
	all := slices.Clone(r.Event.Claims)
	for i := range all {
		all[i].At = all[i].At.UTC()
	}
	text, err := json.Marshal(all)
	if err != nil { // unreachable: texts, numbers and moments
		return ""
	}
	return string(text)
}

// parseClaims reads what [writeClaims] wrote. [maxRecord] bounds its length.
func parseClaims(cell string, k feedback.Kind, now time.Time) ([]feedback.Claim, error) {
	wrong := errors.New("must be claims as export writes them, none of them in the future")
	var all []feedback.Claim
	d := json.NewDecoder(strings.NewReader(cell))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil || len(all) > feedback.MaxClaims {
		return nil, wrong
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) { // something follows the list
		return nil, wrong
	}
	for i, c := range all {
		if !validClaim(c, k, now) || i > 0 && c.At.Before(all[i-1].At) {
			return nil, wrong
		}
	}
	return all, nil
}

// validClaim reports whether a claim may be one of an event of a kind.
func validClaim(c feedback.Claim, k feedback.Kind, now time.Time) bool {
	low, high := k.Scale()
	if c.At.Unix() < 0 || c.At.After(now) || c.Rating != nil && (*c.Rating < low || *c.Rating > high) {
		return false
	}
	for field, value := range c.People {
		if !field.OfPerson() || strings.ContainsRune(value, 0) || feedback.CheckText(value, max(feedback.MaxID, feedback.MaxName)) != nil {
			return false
		}
	}
	return c.Rating != nil || len(c.People) > 0
}
