package office_test

import (
	"fmt"
	"time"

	"smileybot/feedback/office"
)

// Four office hours from Friday afternoon end on Monday.
func ExampleHours_Add() {
	holidays, err := office.ParseHolidays("nl,+2026-12-24")
	if err != nil {
		fmt.Println(err)
		return
	}
	hours, err := office.ParseHours("Mon-Fri 09:00-17:00", time.UTC, holidays)
	if err != nil {
		fmt.Println(err)
		return
	}
	friday := time.Date(2026, time.November, 20, 15, 0, 0, 0, time.UTC)
	fmt.Println(hours.Add(friday, 4*time.Hour).Format(time.RFC1123))
	// Output: Mon, 23 Nov 2026 11:00:00 UTC
}
