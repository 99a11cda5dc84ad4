package message_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

func waiting(state followup.State, change func(*followup.Snapshot)) message.Waiting {
	v := with(change)
	v.FollowUp = followUp(state)
	return message.Waiting{Snapshot: v, Permalink: "https://example.slack.com/archives/C0SUPPORT/p1763634660000100"}
}

func TestQueueGolden(t *testing.T) {
	t.Parallel()
	urgent := waiting(followup.StateOpen, func(v *followup.Snapshot) { v.Feedback.Ticket.Urgent = true })
	claimed := waiting(followup.StateClaimed, func(v *followup.Snapshot) { v.Feedback.Customer = feedback.Person{} })
	claimed.Permalink, claimed.FollowUp.DueAt = "", at.Add(24*time.Hour)
	snoozed := waiting(followup.StateSnoozed, func(v *followup.Snapshot) { v.Feedback.AtRisk = true })
	snoozed.FollowUp.Claimer = "U0BART"
	now := at.Add(5 * time.Hour)
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		for name, q := range map[string]message.Queue{
			"queue_empty":   {View: message.QueueWaiting, Page: 1, Weeks: weeks(t)},
			"queue_one":     {View: message.QueueWaiting, Page: 1, First: []message.Waiting{claimed}, Total: 1},
			"queue_more":    {View: message.QueueOverdue, Page: 1, First: []message.Waiting{urgent, claimed}, Total: 14, Weeks: weeks(t)},
			"queue_last":    {View: message.QueueAll, Page: 2, First: []message.Waiting{snoozed}, Total: 11},
			"queue_mine":    {View: message.QueueMine, Page: 1, First: []message.Waiting{snoozed}, Total: 1},
			"queue_no_mine": {View: message.QueueMine, Page: 1},
		} {
			q.Now = now
			answer := s.Queue(q)
			golden(t, s, name, ofAnswer(answer))
			accepted(t, answer.Blocks)
		}
	})
}

// weeks are how a team did.
func weeks(t *testing.T) []message.Week {
	t.Helper()
	var weeks []message.Week
	for words, work := range map[string]score.FollowUpStats{
		"2026-W47": {
			FollowUps: score.FollowUpCount{Opened: 12, InTime: 9, Overdue: 1, Waiting: 2},
			Outcomes:  []score.OutcomeCount{{Outcome: followup.OutcomeOther, N: 7}, {Outcome: followup.OutcomeNoReply, N: 1}},
			Recovery:  score.Ratio{Yes: 3, All: 4},
		},
	} {
		period, err := score.ParsePeriod(words, office.Date(2026, 12, 1))
		require.NoError(t, err)
		weeks = append(weeks, message.Week{Period: period, FollowUpStats: work}, message.Week{Period: period})
	}
	return weeks
}

// TestAPageOfTheQueueHasRoom: nothing of a page is left out of the blocks, however long
// names and subjects are; in the text it is counted.
func TestAPageOfTheQueueHasRoom(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("&", 500)
	for name, subject := range map[string]string{"short": "Website offline", "long": long} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := message.Queue{View: message.QueueAll, Page: 3, Total: 4711, Now: at, Weeks: weeks(t)}
			for range message.QueueRoom {
				q.First = append(q.First, waiting(followup.StateClaimed, func(v *followup.Snapshot) {
					v.Feedback.Ticket = feedback.Ticket{ID: "4711", Subject: subject, URL: "https://tickets.example.org/1"}
					v.Feedback.Customer.Name, v.Feedback.AtRisk = "Jan de Vries"+subject, true
				}))
			}
			answer := english.Queue(q)
			accepted(t, answer.Blocks)
			assert.LessOrEqual(t, len(answer.Text), 3000)
			assert.Contains(t, answer.Text, "4,711 follow-ups")
			listed := strings.Count(answer.Text, "Jan de Vries")
			assert.Positive(t, listed)
			if listed < message.QueueRoom {
				assert.Contains(t, answer.Text, fmt.Sprintf("And %d more.", message.QueueRoom-listed))
			}
			shown := string(asJSON(t, answer.Blocks))
			assert.Equal(t, message.QueueRoom, strings.Count(shown, "Jan de Vries"))
			assert.Contains(t, shown, `"value":"all 4"`)
		})
	}
}
