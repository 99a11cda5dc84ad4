package store_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/storetest"
)

// asked reads a report of the satisfaction by smileys at a moment.
func (d *fixture) asked(tb testing.TB, words string, now time.Time) score.Report {
	tb.Helper()
	q, err := score.ParseQuery(score.MetricCSAT, words, office.DayOf(now, now.Location()))
	require.NoError(tb, err)
	q.Now = now
	report, err := d.Report(tb.Context(), q)
	require.NoError(tb, err)
	return report
}

// TestTodayUntil: today is compared with yesterday until the same time of day, for every filter and
// group; void answers of that time count as void.
func TestTodayUntil(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	zone := storetest.Options(t).Location
	noon := time.Date(2026, time.November, 20, 12, 0, 0, 0, zone)
	var past []store.HistoricEvent
	rate := func(n int, smiley feedback.Smiley, at time.Time, channel feedback.Channel, agent, void string) {
		for range n {
			e := storetest.Smiley(strconv.Itoa(len(past)), smiley, at)
			e.Channel = channel
			past = append(past, store.HistoricEvent{Event: about(e, "", agent), VoidReason: void})
		}
	}
	yesterday := noon.AddDate(0, 0, -1)
	rate(20, feedback.Green, yesterday.Add(-time.Hour), feedback.ChannelTicket, "Bart", "")
	rate(11, feedback.Green, yesterday, feedback.ChannelChat, "Lise", "")
	rate(3, feedback.Red, yesterday.Add(-time.Minute), feedback.ChannelChat, "Lise", "a test")
	rate(100, feedback.Red, yesterday.Add(time.Second), feedback.ChannelTicket, "Bart", "")
	rate(12, feedback.Green, noon.Add(-time.Minute), feedback.ChannelTicket, "Bart", "")
	_, err := d.Import(t.Context(), past, noon)
	require.NoError(t, err)
	for _, c := range []struct {
		words     string
		n, voided int64
	}{
		{"today", 31, 3},
		{"vandaag channel:chat", 11, 3},
		{"today agent:bart", 20, 0},
		{"today agent:lise", 11, 3},
		{"today agent:bart channel:chat", 0, 0},
		{"2026-11-20", 131, 3},
	} {
		report := d.asked(t, c.words, noon)
		assert.Equal(t, c.n, report.Previous.Score.N, c.words)
		assert.Equal(t, c.voided, report.Previous.Voided, c.words)
	}
	report := d.asked(t, "today", noon)
	assert.True(t, report.Previous.Period.Until.Equal(yesterday))
	assert.Equal(t, score.NotSignificant, report.Significance())
	assert.Equal(t, score.Significant, d.asked(t, "2026-11-20", noon).Significance())
	groups := d.asked(t, "today by agent", noon).Groups
	require.Len(t, groups, 1)
	assert.EqualValues(t, 20, groups[0].Previous.Score.N)
	customers, _ := report.Previous.Score.Customers()
	assert.EqualValues(t, 31, customers)
}

// TestTodayUntilOfService: the tickets of yesterday are those that were opened by the same time.
func TestTodayUntilOfService(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	noon := time.Date(2026, time.November, 20, 12, 0, 0, 0, storetest.Options(t).Location)
	for i, opened := range []time.Time{noon.Add(-25 * time.Hour), noon.Add(-24 * time.Hour), noon.Add(-24*time.Hour + time.Millisecond), noon.Add(-time.Hour)} {
		e := storetest.Smiley(strconv.Itoa(i), feedback.Green, noon)
		e.Answer.Ticket = feedback.Ticket{ID: strconv.Itoa(i), OpenedAt: opened, FirstReplyAt: opened.Add(-time.Minute)}
		e.Mentions[feedback.FieldTicketID], e.Mentions[feedback.FieldTicketOpenedAt], e.Mentions[feedback.FieldTicketFirstReplyAt] = true, true, true
		d.take(t, e)
	}
	for _, c := range []struct {
		words         string
		now, previous int64
	}{{"today", 1, 2}, {"2026-11-20", 1, 3}, {"yesterday", 3, 0}} {
		q, err := score.ParseQuery(score.MetricService, c.words, office.DayOf(noon, noon.Location()))
		require.NoError(t, err)
		q.Now = noon
		report, err := d.ServiceReport(t.Context(), q)
		require.NoError(t, err)
		assert.Equal(t, c.now, report.Count.N, c.words)
		assert.Equal(t, c.now, report.Count.Mistaken, c.words)
		assert.Equal(t, c.previous, report.Previous.Count.N, c.words)
	}
}

// TestCustomersOfAnswers: one customer is one id, or without an id one e-mail address in any case;
// an answer that names neither is a customer of its own, and so is each of an erased customer.
func TestCustomersOfAnswers(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	for i, who := range []feedback.Person{
		{ID: "c-1"},
		{ID: "c-1", Email: "jan@example.org"},
		{ID: "c-1"},
		{ID: "C-1"},
		{Email: "eva@example.org"},
		{Email: "Eva@Example.org"},
		{Name: "Eva"},
		{Name: "Eva"},
		{},
		{},
	} {
		e := of(green(strconv.Itoa(i)), who)
		if i < 4 {
			e = about(e, "a-1", []string{"Bart", "Bart de Vries"}[i%2])
		}
		d.take(t, e)
	}
	customers := func(s score.Score) string {
		n, ok := s.Customers()
		require.True(t, ok)
		return fmt.Sprint(n, " ", score.Decimal(s.Effective(), 1))
	}
	assert.Equal(t, "7 5.6", customers(d.ask(t, "month").Score)) // 10²/(3² + 2² + 5)
	assert.Equal(t, "2 1.6", customers(d.ask(t, "month agent:a-1").Score))
	assert.Equal(t, "0 0.0", customers(d.ask(t, "month agent:a-1 channel:chat").Score))
	assert.Equal(t, "0 0.0", customers(d.ask(t, "month").Previous.Score))
	groups := d.ask(t, "month by agent").Groups
	require.Len(t, groups, 1)
	assert.Equal(t, "2 1.6", customers(groups[0].Score))
	_, err := d.Erase(t.Context(), "c-1", noon())
	require.NoError(t, err)
	assert.Equal(t, "9 8.3", customers(d.ask(t, "month").Score)) // 10²/(2² + 8)
}

// TestCustomersOfMany: the customers of more than 5,000 answers are not counted, nor are those of
// the groups.
func TestCustomersOfMany(t *testing.T) {
	t.Parallel()
	storetest.OnlyFile(t, "the bound is this package's, and the rows take seconds on a server")
	d := newFixture(t)
	events := make([]feedback.Event, 5001)
	for i := range events {
		events[i] = of(green(strconv.Itoa(i)), feedback.Person{ID: strconv.Itoa(i % 100)})
		if i > 0 {
			events[i].Channel = feedback.ChannelChat
		}
	}
	storetest.Import(t, d.Store, noon(), events[1:]...)
	customers, ok := d.ask(t, "month").Score.Customers()
	assert.True(t, ok)
	assert.EqualValues(t, 100, customers)
	d.take(t, events[0])
	report := d.ask(t, "month by channel")
	_, ok = report.Score.Customers()
	assert.False(t, ok)
	require.Len(t, report.Groups, 2)
	_, ok = report.Groups[0].Score.Customers()
	assert.False(t, ok)
	_, ok = d.ask(t, "month channel:chat").Score.Customers()
	assert.True(t, ok)
}
