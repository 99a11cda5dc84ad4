package store

import (
	"errors"
	"strings"
	"time"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// The keys of bulletins: what is posted once, whenever and however often it is queued.

// DigestKey names a digest by its periods: digest:2026-W47, digest:2026-W44,2026-10.
func DigestKey(periods []score.Period) string {
	words := make([]string, len(periods))
	for i, p := range periods {
		words[i] = p.Typed()
	}
	return digestPrefix + strings.Join(words, ",")
}

const digestPrefix = "digest:"

var errNoDigest = errors.New("not the key of a digest")

// DigestOf gives the periods that a key of [DigestKey] names.
func DigestOf(key string) ([]score.Period, error) {
	words, found := strings.CutPrefix(key, digestPrefix)
	if !found {
		return nil, errNoDigest
	}
	var periods []score.Period
	for word := range strings.SplitSeq(words, ",") {
		p, err := score.ParsePeriod(word, office.Date(9999, time.December, 31))
		if err != nil || word == "" {
			return nil, errors.Join(errNoDigest, err)
		}
		periods = append(periods, p)
	}
	return periods, nil
}

const alertPrefix = "alert:"

// AlertKey names the alert of a morning: alert:2026-11-24.
func AlertKey(morning office.Day) string { return alertPrefix + morning.String() }

// AlertOf gives the morning that a key of [AlertKey] names.
func AlertOf(key string) (office.Day, error) {
	day, found := strings.CutPrefix(key, alertPrefix)
	if !found {
		return 0, errors.New("not the key of an alert")
	}
	return office.ParseDay(day)
}
