package message_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"smileybot/bot/message"
	"smileybot/feedback"
)

func waiting(state feedback.State, change func(*feedback.Case)) message.Waiting {
	v := with(change)
	v.FollowUp = followUp(state)
	return message.Waiting{Case: v, Permalink: "https://example.slack.com/archives/C0SUPPORT/p1763634660000100"}
}

func TestQueueGolden(t *testing.T) {
	t.Parallel()
	urgent := waiting(feedback.StateOpen, func(v *feedback.Case) { v.Feedback.Ticket.Urgent = true })
	claimed := waiting(feedback.StateClaimed, func(v *feedback.Case) { v.Feedback.Customer = feedback.Person{} })
	claimed.Permalink, claimed.FollowUp.DueAt = "", at.Add(24*time.Hour)
	now := at.Add(5 * time.Hour)
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		for name, answer := range map[string]message.Answer{
			"queue_empty": s.Queue(nil, 0, now),
			"queue_one":   s.Queue([]message.Waiting{claimed}, 1, now),
			"queue_more":  s.Queue([]message.Waiting{urgent, claimed}, 14, now),
		} {
			golden(t, s, name, ofAnswer(answer))
			accepted(t, answer.Blocks)
		}
	})
}

func TestQueueCountsWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("&", 200)
	tests := map[string]struct {
		subject string
		n       int
	}{
		"a full page":    {"Website offline", 15},
		"many":           {"Website offline", 400},
		"long subjects":  {long, 40},
		"one long entry": {long, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all []message.Waiting
			for range test.n {
				all = append(all, waiting(feedback.StateOpen, func(v *feedback.Case) {
					v.Feedback.Ticket.Subject = test.subject
				}))
			}
			answer := english.Queue(all, test.n, at)
			accepted(t, answer.Blocks)
			assert.LessOrEqual(t, len(answer.Text), 3000)
			assert.Contains(t, answer.Text, fmt.Sprintf("%d follow-up", test.n))
			listed := strings.Count(answer.Text, "Jan de Vries")
			assert.Positive(t, listed)
			if listed < test.n {
				assert.Contains(t, answer.Text, fmt.Sprintf("And %d more.", test.n-listed))
			}
			shown := strings.Count(string(asJSON(t, answer.Blocks)), "Jan de Vries")
			assert.LessOrEqual(t, shown, 15)
			if shown < test.n {
				assert.Contains(t, string(asJSON(t, answer.Blocks)), fmt.Sprintf("And %d more.", test.n-shown))
			}
		})
	}
}
