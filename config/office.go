package config

import (
	"errors"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the time zones, for machines and images without them

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// office reads the time zone, the language and when follow-up time runs.
func (r *reader) office(c *Config, env environment) {
	c.Location = r.location(env.Timezone)
	c.Language = strings.ToLower(env.Language.value)
	if c.Language != "en" && c.Language != "nl" {
		r.wrong(env.Language, "no such language", "set it to en or nl")
	}
	switch green := strings.ToLower(env.Green.value); green {
	case "post", "digest":
		c.QuietGreen = green == "digest"
	default:
		r.wrong(env.Green, "no such choice", "set it to post or digest")
	}
	closed, wrongHolidays := office.ParseHolidays(env.Holidays.value)
	open, wrongHours := office.ParseHours(env.OfficeHours.value, c.Location, closed)
	r.wrongEntries(env.OfficeHours, wrongHours)
	r.wrongEntries(env.Holidays, wrongHolidays)
	c.OfficeHours = open
	c.FollowUpDue = r.due(env.FollowUpDue, open)
	c.FollowUpDueUrgent = r.due(env.FollowUpDueUrgent, open)
}

// maxDue is the longest due time, a year.
const maxDue = 365 * 24 * time.Hour

// due takes an office time above zero and of at most a year that passes within [office.Horizon] of
// now. The zero hours, which are what wrong settings leave, hold any such time.
func (r *reader) due(v variable, open office.Hours) time.Duration {
	const remedy = "write it as 4h, 90m or 1h30m, at most 8760h"
	now := time.Now()
	d, err := time.ParseDuration(v.value)
	switch {
	case err != nil || d <= 0:
		r.wrong(v, "not a time above zero", remedy)
	case d > maxDue:
		r.wrong(v, "longer than a year", remedy)
	case !open.Add(now, d).Before(office.Horizon(now)):
		r.wrong(v, "with these office hours and holidays it ends in more than ten years", "shorten it, or open the office longer")
	default:
		return d
	}
	return 0
}

// location takes the name of a time zone.
func (r *reader) location(v variable) *time.Location {
	zone, ok := feedback.Zone(v.value)
	if !ok {
		r.wrong(v, "not the name of a time zone", "write it as Europe/Amsterdam, or UTC")
		return nil
	}
	return zone
}

// wrongEntries notes every [office.EntryError] that the error joins.
func (r *reader) wrongEntries(v variable, err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			r.wrongEntries(v, err)
		}
	} else if err != nil {
		entry, _ := errors.AsType[office.EntryError](err)
		r.wrong(v, entry.Problem, entry.Remedy)
	}
}

// maxRetention is a hundred years, in days.
const maxRetention = 36525

// retention takes a number of days, "730d", or 0.
func (r *reader) retention(v variable) time.Duration {
	if v.value == "0" {
		return 0
	}
	digits, inDays := strings.CutSuffix(v.value, "d")
	days, err := strconv.Atoi(digits)
	if days > maxRetention && inDays { // Atoi returns the highest number for one that is too high
		r.wrong(v, "longer than a hundred years", "write at most 36525d, or 0 to keep everything")
		return 0
	}
	if !inDays || err != nil || days < 1 || strings.HasPrefix(digits, "+") {
		r.wrong(v, "not a number of days", "write it as 730d, or as 0 to keep everything")
		return 0
	}
	return time.Duration(days) * 24 * time.Hour
}
