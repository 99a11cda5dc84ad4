package score_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// TestDigestMornings: over years, every week and every month with an office day has
// one digest, on the first office morning after it ended, at opening time; whatever the
// hours, the holidays and the time zone are.
func TestDigestMornings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"Europe/Amsterdam", "America/Sao_Paulo", "Asia/Kolkata", "UTC"}).Draw(rt, "zone"))
		require.NoError(rt, err)
		words := rapid.SampledFrom([]string{"Mon-Fri 09:00-17:00", "Tue,Thu 08:30-12:00", "Sat,Sun 00:00-24:00", "Mon-Sun 02:30-03:30", "Wed 13:00-14:00"}).Draw(rt, "hours")
		free := rapid.SampledFrom([]string{"", "NL", "NL,+2026-11-02,+2026-11-30,+2026-12-01", "+2026-03-30,+2027-01-04"}).Draw(rt, "holidays")
		holidays, err := office.ParseHolidays(free)
		require.NoError(rt, err)
		hours, err := office.ParseHours(words, zone, holidays)
		require.NoError(rt, err)

		first := office.Date(2026, time.January, 5).Add(rapid.IntRange(0, 500).Draw(rt, "first"))
		last := first.Add(150)
		at := first.Time(zone).Add(-time.Nanosecond)
		got := make(map[string]time.Time)
		for {
			next := score.NextDigest(hours, at)
			require.True(rt, next.After(at))
			at = next
			day := office.DayOf(at, zone)
			if day > last {
				break
			}
			require.Equal(rt, hours.Opening(day), at, "at opening time")
			periods := score.DigestPeriods(hours, day)
			require.NotEmpty(rt, periods)
			for _, p := range periods {
				require.NotContains(rt, got, p.Typed(), "once")
				got[p.Typed()] = at
				require.Less(rt, p.To, day)
			}
		}
		// Slowly: the week and the month before each day, unless an office day of the
		// same week or month went before it.
		want := make(map[string]time.Time)
		for day := first; day <= last; day++ {
			if !hours.OfficeDay(day) {
				continue
			}
			year, week := day.Add(-7).ISOWeek()
			thisWeek := day.Add(-int(day.Weekday()+6) % 7)
			if !openedSince(hours, thisWeek, day) {
				want[isoWords(year, week)] = hours.Opening(day)
			}
			y, m, d := day.Date()
			if !openedSince(hours, day.Add(1-d), day) {
				want[office.Date(y, m, 1).Add(-1).String()[:7]] = hours.Opening(day)
			}
		}
		require.Equal(rt, want, got)
	})
}

func openedSince(hours office.Hours, from, before office.Day) bool {
	for ; from < before; from++ {
		if hours.OfficeDay(from) {
			return true
		}
	}
	return false
}

func isoWords(year, week int) string {
	return score.Period{From: mondayOf(year, week), Unit: score.UnitWeek}.Typed()
}

// mondayOf is the Monday of an ISO week: week 1 has 4 January in it.
func mondayOf(year, week int) office.Day {
	fourth := office.Date(year, time.January, 4)
	return fourth.Add(-int(fourth.Weekday()+6)%7 + 7*(week-1))
}

func TestFollowUpCount(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	var c score.FollowUpCount
	for _, f := range []followup.FollowUp{
		{State: followup.StateDone, DueAt: now.Add(-time.Hour), ChangedAt: now.Add(-time.Hour)},
		{State: followup.StateExplained, DueAt: now.Add(-time.Hour), ChangedAt: now.Add(-time.Hour).Add(-time.Millisecond)},
		{State: followup.StateDone, DueAt: now.Add(-time.Hour), ChangedAt: now.Add(-time.Hour).Add(time.Millisecond)},
		{State: followup.StateWithdrawn, DueAt: now.Add(time.Hour), ChangedAt: now},
		{State: followup.StateWithdrawn, DueAt: now.Add(time.Hour), ChangedAt: now, ChangedBy: feedback.ByCustomer},
		{State: followup.StateClaimed, DueAt: now, ChangedAt: now.Add(-time.Hour)},
		{State: followup.StateOpen, DueAt: now.Add(-time.Millisecond)},
	} {
		c.Add(f, now)
	}
	assert.Equal(t, score.FollowUpCount{Opened: 7, Done: 2, Explained: 1, Withdrawn: 2, Open: 2, InTime: 4, Overdue: 2, Waiting: 1}, c)
}

func TestSortOutcomes(t *testing.T) {
	t.Parallel()
	counts := []score.OutcomeCount{{followup.OutcomeOther, 2}, {followup.OutcomeNoReply, 2}, {followup.OutcomeGuideFixed, 1}, {followup.OutcomeBugReported, 5}}
	score.SortOutcomes(counts)
	assert.Equal(t, []score.OutcomeCount{{followup.OutcomeBugReported, 5}, {followup.OutcomeNoReply, 2}, {followup.OutcomeOther, 2}, {followup.OutcomeGuideFixed, 1}}, counts)
}

// wordy is a case with a comment of so many characters.
func wordy(id string, colour feedback.Smiley, length, hour int) followup.Snapshot {
	return followup.Snapshot{Feedback: feedback.Feedback{
		ID: id, Key: feedback.Key{Kind: feedback.KindSmiley, ID: id},
		Answer:     feedback.Answer{Rating: colour.Value(), Comment: strings.Repeat("é", length), Ticket: feedback.Ticket{ID: id}},
		OccurredAt: time.Date(2026, 11, 20, hour, 0, 0, 0, time.UTC),
	}}
}

func picked(cases []followup.Snapshot) []string {
	var ids []string
	for _, c := range cases {
		ids = append(ids, c.Feedback.ID)
	}
	return ids
}

func TestWorthReading(t *testing.T) {
	t.Parallel()
	long, short, yellow := wordy("long", feedback.Red, 200, 1), wordy("short", feedback.Red, 20, 2), wordy("yellow", feedback.Yellow, 250, 3)
	endless, later := wordy("endless", feedback.Red, 3000, 1), wordy("later", feedback.Red, 300, 2)
	thanks, praise := wordy("thanks", feedback.Green, 5, 9), wordy("praise", feedback.Green, 90, 4)
	void, mute := wordy("void", feedback.Red, 299, 8), wordy("mute", feedback.Red, 0, 8)
	void.Feedback.Void = feedback.Void{Reason: "a test", By: "U1", At: time.Now()}
	again := wordy("again", feedback.Red, 100, 5)
	again.Feedback.Ticket.ID = "long"
	same := wordy("same", feedback.Yellow, 240, 5)
	same.Feedback.Customer.Email, yellow.Feedback.Customer.Email = "jan@example.org", "jan@example.org"
	for _, test := range []struct {
		name  string
		cases []followup.Snapshot
		n     int
		want  []string
	}{
		{"nothing", nil, 3, nil},
		{"no comment, or void", []followup.Snapshot{void, mute}, 3, nil},
		{"red before yellow, longer", []followup.Snapshot{yellow, short, long}, 3, []string{"long", "short", "yellow"}},
		{"beyond telling: the later", []followup.Snapshot{endless, later}, 1, []string{"later"}},
		{"one of the happy", []followup.Snapshot{thanks, yellow, short, long, praise}, 3, []string{"long", "short", "praise"}},
		{"more of them, when room", []followup.Snapshot{thanks, long, praise}, 3, []string{"long", "praise", "thanks"}},
		{"the happy alone", []followup.Snapshot{thanks, praise}, 3, []string{"praise", "thanks"}},
		{"room for one", []followup.Snapshot{thanks, yellow}, 1, []string{"yellow"}},
		{"one of a ticket", []followup.Snapshot{again, long, yellow}, 3, []string{"long", "yellow"}},
		{"one of a customer", []followup.Snapshot{same, yellow}, 3, []string{"yellow"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, picked(score.WorthReading(test.cases, test.n)))
			slices.Reverse(test.cases)
			assert.Equal(t, test.want, picked(score.WorthReading(test.cases, test.n)), "in any order")
		})
	}
}
