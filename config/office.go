package config

import (
	"errors"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the time zones, for machines and images without them

	"smileybot/feedback/office"
)

// office reads what time is and when follow-up time runs.
func (r *reader) office(c *Config, env environment) {
	c.Location = r.location(env.Timezone)
	c.Language = r.language(env.Language)
	c.OfficeHours = r.officeHours(env.OfficeHours, env.Holidays, c.Location)
	c.FollowUpDue = r.duration(env.FollowUpDue)
	c.FollowUpDueUrgent = r.duration(env.FollowUpDueUrgent)
}

// location takes the name of a time zone. "Local" is refused: with it the same
// settings would count other days on another machine.
func (r *reader) location(v variable) *time.Location {
	loc, err := time.LoadLocation(v.value)
	if err != nil || loc == time.Local {
		r.mistakes.add(v, "not the name of a time zone", "write it as Europe/Amsterdam, or UTC")
		return nil
	}
	return loc
}

// language takes the language of the bot.
func (r *reader) language(v variable) string {
	switch language := strings.ToLower(v.value); language {
	case "en", "nl":
		return language
	default:
		r.mistakes.add(v, "no such language", "set it to en or nl")
	}
	return ""
}

// officeHours takes "Mon-Fri 09:00-17:00" without the days of
// "nl,+2026-12-24,-2027-05-05".
func (r *reader) officeHours(hours, holidays variable, loc *time.Location) office.Hours {
	closed, holidayErr := office.ParseHolidays(holidays.value)
	open, err := office.ParseHours(hours.value, loc, closed)
	r.faults(hours, err)
	r.faults(holidays, holidayErr)
	return open
}

// faults notes every [office.EntryError] that the error joins.
func (r *reader) faults(v variable, err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			r.faults(v, err)
		}
		return
	}
	fault, _ := errors.AsType[office.EntryError](err)
	r.mistakes.add(v, fault.Problem, fault.Remedy)
}

// maxRetention is more than anybody keeps anything, a hundred years.
const maxRetention = 36525

// retention reads for how many days feedback keeps what is personal.
func (r *reader) retention(v variable) time.Duration {
	if v.value == "0" {
		return 0
	}
	digits, inDays := strings.CutSuffix(v.value, "d")
	days, err := strconv.Atoi(digits)
	if !inDays || err != nil || days < 1 || days > maxRetention || strings.HasPrefix(digits, "+") {
		r.mistakes.add(v, "not a number of days", "write it as 730d, or as 0 to keep everything")
		return 0
	}
	return time.Duration(days) * 24 * time.Hour
}
