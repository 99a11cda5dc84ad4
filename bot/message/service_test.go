package message_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// served counts n tickets, each of which took a little longer than the one before.
func served(n int) score.ServiceCount {
	var c score.ServiceCount
	for i := range n {
		s := score.TicketService{FirstReply: 10 + 7*i, Resolution: 60 * i, Within4h: score.Yes, SameDay: score.Yes, OneReply: score.No}
		if i%3 == 0 {
			s.Within4h, s.SameDay, s.OneReply = score.No, score.Unknown, score.Yes
		}
		c.Add(s)
	}
	return c
}

func TestServiceGolden(t *testing.T) {
	t.Parallel()
	november := score.Period{From: office.Date(2026, time.November, 1), To: office.Date(2026, time.November, 30), Unit: score.UnitMonth}
	report := func(now, before int) score.ServiceReport {
		return score.ServiceReport{
			PeriodService: score.PeriodService{Period: november, Count: served(now)},
			Previous:      score.PeriodService{Period: november.Previous(), Count: served(before)},
		}
	}
	sparse := report(12, 0)
	sparse.Count = score.ServiceCount{}
	for range 12 {
		sparse.Count.Add(score.TicketService{FirstReply: -1, Resolution: -1})
	}
	sparse.Previous.Count = sparse.Count
	sparse.GroupBy, sparse.Groups = score.ByAgent, []score.ServiceGroup{{Name: "Kim", ServiceReport: sparse}}
	mistaken, one := report(12, 0), report(12, 0)
	mistaken.Count.Mistaken, one.Count.Mistaken = 2, 1
	today := score.Period{From: office.DayOf(at, at.Location()), To: office.DayOf(at, at.Location()), Unit: score.UnitDay, Running: true, Clock: true}
	one.Period, one.Previous.Period = today, today.PreviousAt(at)
	all := report(12, 0)
	all.Period.Unit = score.UnitAll
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range []struct {
			name   string
			report score.ServiceReport
		}{
			{"service_mistaken", mistaken},
			{"service_mistaken_one", one},
			{"service_all", all},
			{"service", report(1500, 40)},
			{"service_few", report(4, 0)},
			{"service_unknown", sparse},
		} {
			goldenMessage(t, r, test.name, r.Service(test.report, at))
		}
	})
}

func customer() message.Customer {
	nps := with(func(v *followup.Snapshot) {
		v.Feedback.Kind, v.Feedback.Rating, v.Feedback.Channel = feedback.KindNPS, 3, feedback.ChannelPanel
		v.Feedback.Ticket = feedback.Ticket{}
	})
	claimed := with(func(v *followup.Snapshot) {
		v.Feedback.Comment = "Stap 3 klopt niet.\n<!channel> mail me op jan@example.org"
		v.FollowUp = followUp(followup.StateClaimed)
	})
	voided := with(func(v *followup.Snapshot) {
		v.Feedback.Void = feedback.Void{Reason: "a test", By: "U0BART", At: at}
	})
	return message.Customer{
		Last: []message.Entry{{Snapshot: claimed, Permalink: "https://example.slack.com/archives/C0SUPPORT/p1"}, {Snapshot: nps}, {Snapshot: voided}},
		N:    1204, Colours: map[feedback.Smiley]int64{feedback.Green: 1200, feedback.Red: 4}, NPS: &nps.Feedback,
	}
}

func TestCustomerGolden(t *testing.T) {
	t.Parallel()
	nameless := customer()
	nameless.N, nameless.NPS = 2, nil
	for i := range nameless.Last {
		nameless.Last[i].Feedback.Customer = feedback.Person{ID: "jan@example.org", Email: "jan@example.org"}
	}
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range []struct {
			name   string
			answer message.Message
		}{
			{"customer", r.Customer(customer())},
			{"customer_nameless", r.Customer(nameless)},
			{"customer_none", r.Customer(message.Customer{})},
			{"customer_usage", r.Reply(message.CustomerUsage)},
			{"customer_unshared", r.Reply(message.CustomerUnshared)},
		} {
			goldenMessage(t, r, test.name, test.answer)
		}
	})
	assert.NotContains(t, english.Customer(nameless).Text[:60], "@", "no address")
}

// TestAnyCustomerFits checks that Slack accepts the answer, whatever the customer wrote.
func TestAnyCustomerFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := customer()
		for range 12 {
			entry := c.Last[0]
			entry.Feedback.Comment = strings.Repeat(rapid.String().Draw(t, "comment"), 50)
			entry.Feedback.Ticket.Subject = strings.Repeat(rapid.SampledFrom([]string{"<", "&", "é", "\u202e"}).Draw(t, "subject"), feedback.MaxName)
			c.Last = append(c.Last, entry)
		}
		a := english.Customer(c)
		accepted(t, a.Blocks)
		assert.LessOrEqual(t, len(a.Text), 4000)
	})
}
