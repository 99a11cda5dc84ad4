package message_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

func stars(t *testing.T) []score.Report {
	t.Helper()
	now := reading(t, score.MetricReviews, "month", map[int]int64{5: 20, 4: 6, 2: 1, 1: 3})
	now.Voided = 1
	return []score.Report{score.Compare(now, reading(t, score.MetricReviews, "2026-10-01..2026-10-20", map[int]int64{5: 10, 2: 5}))}
}

func waitingReview(state followup.State, stars int) message.Entry {
	return message.Entry{Snapshot: reviewed(state, stars), Permalink: "https://example.slack.com/archives/C0SUPPORT/p1763634660000100"}
}

func TestReviewsGolden(t *testing.T) {
	t.Parallel()
	few := []score.Report{score.Compare(
		reading(t, score.MetricReviews, "today", map[int]int64{5: 3, 1: 1}), reading(t, score.MetricReviews, "yesterday", nil),
	)}
	listed := []message.Entry{waitingReview(followup.StateOpen, 1), waitingReview(followup.StateClaimed, 3)}
	channels := []string{"C0SUPPORT", "C0LEADS"}
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range []struct {
			name    string
			reviews message.Reviews
		}{
			{"reviews", message.Reviews{Reports: stars(t), Waiting: message.QueuePage{Entries: listed, Total: 12}}},
			{"reviews_one", message.Reviews{Reports: stars(t), Waiting: message.QueuePage{Entries: listed[:1], Total: 1}}},
			{"reviews_none", message.Reviews{Reports: few}},
			{"reviews_members", message.Reviews{Reports: stars(t), Waiting: message.QueuePage{Total: 2}, Hidden: message.HiddenFromOutsider}},
			{"reviews_shared", message.Reviews{Reports: stars(t), Waiting: message.QueuePage{Total: 2}, Hidden: message.HiddenWhenShared}},
			{"reviews_unchecked", message.Reviews{Reports: stars(t), Waiting: message.QueuePage{Total: 1}, Hidden: message.HiddenUnchecked}},
		} {
			test.reviews.Now, test.reviews.Channels = at.Add(time.Hour), channels
			goldenMessage(t, r, test.name, r.Reviews(test.reviews))
		}
	})
}

// TestHiddenReviewsAreNotListed checks that hidden reviews stay hidden even when they are passed in.
func TestHiddenReviewsAreNotListed(t *testing.T) {
	t.Parallel()
	for _, hidden := range []message.Hidden{message.HiddenFromOutsider, message.HiddenWhenShared, message.HiddenUnchecked} {
		answer := english.Reviews(message.Reviews{
			Reports: stars(t), Waiting: message.QueuePage{Entries: []message.Entry{waitingReview(followup.StateOpen, 1)}, Total: 1}, Hidden: hidden, Now: at,
		})
		said := answer.Text + string(asJSON(t, answer.Blocks))
		for _, personal := range []string{"Jan", "Slow support", "reviews.example.org"} {
			assert.NotContains(t, said, personal, hidden)
		}
	}
}

// TestNoticesQuoteNoReview checks that no notice repeats the title of a review, which is the
// customer's.
func TestNoticesQuoteNoReview(t *testing.T) {
	t.Parallel()
	w := waitingReview(followup.StateClaimed, 2)
	listing := message.Listing{Key: "k", Entries: []message.Entry{w}, Now: at}
	for _, m := range []message.Message{
		english.Due(message.Reminder{Key: "k", Snapshot: w.Snapshot}), english.Escalation(listing), english.Missed(listing),
	} {
		assert.Contains(t, m.Text, "2 of 5 stars on Trustpilot")
		assert.NotContains(t, m.Text+string(asJSON(t, m.Blocks)), "Slow support")
	}
}

func TestSitesAreWrittenAsNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		site string
		want string
	}{
		{"trustpilot", "on Trustpilot"},
		{"Kiyoh", "on Kiyoh"},
		{"webhosters.nl", "on webhosters.nl"},
		{"iOS", "on iOS"},
		{"", "stars from Jan de Vries"},
		{"ẞ", "on ẞ"},
	} {
		v := reviewed(followup.StateOpen, 2)
		v.Feedback.Site = test.site
		assert.Contains(t, english.Feedback(v).Text, test.want)
	}
}

func TestAnyReviewsAreAcceptedBySlack(t *testing.T) {
	t.Parallel()
	reports := stars(t)
	for i := range 70 { // more than a table has
		reports[0].Groups = append(reports[0].Groups, score.Group{Name: fmt.Sprintf("agent %d of the late shift", i), Report: reports[0]})
	}
	divided := []score.Report{reports[0]}
	divided[0].GroupBy = score.ByAgent
	rapid.Check(t, func(t *rapid.T) {
		r := anyRenderer().Draw(t, "renderer")
		reviews := message.Reviews{
			Reports: rapid.SampledFrom([][]score.Report{reports[:1], divided}).Draw(t, "reports"), Now: at,
			Hidden: rapid.SampledFrom([]message.Hidden{"", message.HiddenFromOutsider, message.HiddenWhenShared}).Draw(t, "hidden"),
		}
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			w := message.Entry{Snapshot: anyCase().Draw(t, "view"), Permalink: anything(100).Draw(t, "link")}
			w.Feedback.Kind = feedback.KindReview
			reviews.Waiting.Entries = append(reviews.Waiting.Entries, w)
		}
		reviews.Waiting.Total = len(reviews.Waiting.Entries) + rapid.IntRange(0, 10_000).Draw(t, "more")
		answer := r.Reviews(reviews)
		wellFormed(t, answer.Blocks)
		wellFormedText(t, answer.Text, 3000)
		assert.True(t, strings.HasPrefix(answer.Text, "Reviews "), answer.Text)
	})
}
