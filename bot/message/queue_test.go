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

func waiting(state followup.State, change func(*followup.Snapshot)) message.Entry {
	v := with(change)
	v.FollowUp = followUp(state)
	return message.Entry{Snapshot: v, Permalink: "https://example.slack.com/archives/C0SUPPORT/p1763634660000100"}
}

func TestQueueGolden(t *testing.T) {
	t.Parallel()
	urgent := waiting(followup.StateOpen, func(v *followup.Snapshot) { v.Feedback.ID, v.Feedback.Ticket.Urgent = "f2", true })
	claimed := waiting(followup.StateClaimed, func(v *followup.Snapshot) { v.Feedback.Customer = feedback.Person{} })
	claimed.Permalink, claimed.FollowUp.DueAt = "", at.Add(24*time.Hour)
	snoozed := waiting(followup.StateSnoozed, func(v *followup.Snapshot) { v.Feedback.AtRisk = true })
	snoozed.FollowUp.Claimer = "U0BART"
	now := at.Add(5 * time.Hour)
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range []struct {
			name  string
			queue message.Queue
		}{
			{"queue_empty", message.Queue{View: message.QueueWaiting, Page: 1, Weeks: weeks(t)}},
			{"queue_one", message.Queue{View: message.QueueWaiting, Page: 1, QueuePage: message.QueuePage{Entries: []message.Entry{claimed}, Total: 1}}},
			{"queue_more", message.Queue{View: message.QueueOverdue, Page: 1, QueuePage: message.QueuePage{Entries: []message.Entry{urgent, claimed}, Total: 14}, Weeks: weeks(t)}},
			{"queue_last", message.Queue{View: message.QueueAll, Page: 2, QueuePage: message.QueuePage{Entries: []message.Entry{snoozed}, Total: 11}}},
			{"queue_mine", message.Queue{View: message.QueueMine, Page: 1, QueuePage: message.QueuePage{Entries: []message.Entry{snoozed}, Total: 1}}},
			{"queue_no_mine", message.Queue{View: message.QueueMine, Page: 1}},
		} {
			test.queue.Now = now
			goldenMessage(t, r, test.name, r.Queue(test.queue))
		}
	})
}

// weeks say how a team did.
func weeks(t *testing.T) []message.Week {
	t.Helper()
	running, err := score.ParsePeriod("week", office.Date(2026, 12, 1))
	require.NoError(t, err)
	period, err := score.ParsePeriod("2026-W48", office.Date(2026, 12, 1))
	require.NoError(t, err)
	return []message.Week{
		{Period: running, FollowUpStats: score.FollowUpStats{
			FollowUps: score.FollowUpCount{Opened: 14, Done: 4, Explained: 5, Withdrawn: 1, Open: 4, InTime: 9, Overdue: 1, Waiting: 4},
			Outcomes:  []score.OutcomeCount{{Outcome: followup.OutcomeOther, N: 7}, {Outcome: followup.OutcomeNoReply, N: 1}},
			Recovery:  score.Ratio{Yes: 3, All: 4},
		}},
		{Period: period},
	}
}

// TestQueuePageFits checks that the blocks show a whole page, however long names and subjects are;
// the text counts what it leaves out.
func TestQueuePageFits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("&", 500)
	for _, test := range []struct {
		name    string
		subject string
	}{{"short", "Website offline"}, {"long", long}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			q := message.Queue{View: message.QueueAll, Page: 3, QueuePage: message.QueuePage{Total: 4711}, Now: at, Weeks: weeks(t)}
			for i := range message.QueueRoom {
				q.Entries = append(q.Entries, waiting(followup.StateClaimed, func(v *followup.Snapshot) {
					v.Feedback.ID = fmt.Sprint("f", i)
					v.Feedback.Ticket = feedback.Ticket{ID: "4711", Subject: test.subject, URL: "https://tickets.example.org/1"}
					v.Feedback.Customer.Name, v.Feedback.AtRisk = "Jan de Vries"+test.subject, true
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
			assert.Equal(t, message.QueueRoom, strings.Count(shown, `"type":"actions"`))
			assert.Contains(t, shown, `"value":"all 4"`)
		})
	}
}
