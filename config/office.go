package config

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the time zones, for machines and images without them

	"smileybot/feedback"
)

// office reads what time is and when follow-up time runs.
func (r *reader) office(c *Config, env environment) {
	c.Location = r.location("SMILEYBOT_TIMEZONE", env.Timezone)
	c.Language = r.language("SMILEYBOT_LANGUAGE", env.Language)
	r.stretches("SMILEYBOT_OFFICE_HOURS", env.OfficeHours)
	holidays := r.holidays("SMILEYBOT_HOLIDAYS", env.Holidays)
	// What is wrong with the hours is noted above, stretch by stretch.
	c.OfficeHours, _ = feedback.ParseHours(env.OfficeHours, c.Location, holidays)
	c.FollowUpDue = r.duration("SMILEYBOT_FOLLOWUP_DUE", env.FollowUpDue)
	c.FollowUpDueUrgent = r.duration("SMILEYBOT_FOLLOWUP_DUE_URGENT", env.FollowUpDueUrgent)
}

// location takes the name of a time zone. "Local" is refused: with it the same
// settings would count other days on another machine.
func (r *reader) location(name, value string) *time.Location {
	loc, err := time.LoadLocation(value)
	if err != nil || loc == time.Local {
		r.mistakes.add(name, "not the name of a time zone", "write it as Europe/Amsterdam, or UTC")
		return nil
	}
	return loc
}

// language takes the language of the bot.
func (r *reader) language(name, value string) string {
	switch language := strings.ToLower(value); language {
	case "en":
		return language
	case "nl":
		r.mistakes.add(name, "Dutch comes later", "unset it, or set it to en")
	default:
		r.mistakes.add(name, "no such language", "unset it, or set it to en")
	}
	return ""
}

// stretches notes every wrong stretch of the office hours.
func (r *reader) stretches(name, value string) {
	none := true
	for i, stretch := range strings.Split(value, ";") {
		if strings.TrimSpace(stretch) == "" {
			continue
		}
		none = false
		if _, err := feedback.ParseHours(stretch, time.UTC, feedback.Holidays{}); err != nil {
			// The error gives the place of the stretch, here always the first,
			// around what is wrong.
			r.mistakes.add(name, "stretch "+strconv.Itoa(i+1)+": "+cmp.Or(errors.Unwrap(err), err).Error(), "put ; between stretches")
		}
	}
	if none {
		r.mistakes.add(name, "no office hours in it", "write it as Mon-Fri 09:00-17:00, or unset it")
	}
}

// holidays takes "nl,+2026-12-24,-2027-05-05" and notes every wrong entry.
// The errors of [feedback.ParseHolidays] are not used: they repeat dates.
func (r *reader) holidays(name, value string) feedback.Holidays {
	const cure = "write it as nl,+2026-12-24,-2027-05-05"
	wrong := false
	for i, entry := range strings.Split(value, ",") {
		if _, err := feedback.ParseHolidays(entry); err != nil {
			r.mistakes.add(name, "entry "+strconv.Itoa(i+1)+": neither a country I know nor a date with + or - before it", cure)
			wrong = true
		}
	}
	holidays, err := feedback.ParseHolidays(value)
	if err != nil && !wrong {
		r.mistakes.add(name, "a day has both + and -", "keep one of them")
	}
	return holidays
}
