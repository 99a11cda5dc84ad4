package command_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store/storetest"
)

func TestScoresCountTheirPeriod(t *testing.T) {
	s := newFixture(t)
	// Each stretch has its own number of answers, so that a sum shows its days.
	for _, day := range []struct {
		date string
		n    int
	}{
		{"2026-11-20", 10}, // Friday, today
		{"2026-11-19", 20},
		{"2026-11-16", 40},  // Monday of this week
		{"2026-11-15", 80},  // Sunday of the week before
		{"2026-11-09", 160}, // its Monday
		{"2026-11-01", 320},
		{"2026-10-31", 640},
		{"2026-10-01", 1280},
		{"2026-09-30", 2560},
		{"2026-01-01", 5120},
		{"2025-12-31", 10240},
	} {
		at, err := time.Parse(time.DateOnly, day.date)
		require.NoError(t, err)
		s.answers(feedback.KindNPS, 10, day.n, at.Add(8*time.Hour))
	}
	for _, test := range []struct{ name, want string }{
		{"", "630 answers"},
		{"today", "10 answers"},
		{"vandaag", "10 answers"},
		{"yesterday", "20 answers"},
		{"gisteren", "20 answers"},
		{"week", "70 answers"},
		{"WEEK", "70 answers"},
		{"last week", "240 answers"},
		{"vorige week", "240 answers"},
		{"2026-W46", "240 answers"},
		{"month", "630 answers"},
		{"maand", "630 answers"},
		{"last month", "1,920 answers"},
		{"Last  Month", "1,920 answers"},
		{"lastmonth", "1,920 answers"},
		{"vorige maand", "1,920 answers"},
		{"2026-10", "1,920 answers"},
		{"quarter", "2,550 answers"},
		{"kwartaal", "2,550 answers"},
		{"last quarter", "2,560 answers"},
		{"vorig kwartaal", "2,560 answers"},
		{"2026-Q3", "2,560 answers"},
		{"year", "10,230 answers"},
		{"jaar", "10,230 answers"},
		{"2026", "10,230 answers"},
		{"last year", "10,240 answers"},
		{"vorig jaar", "10,240 answers"},
		{"2d", "30 answers"},
		{"30 d", "1,270 answers"},
		{"2026-11-16", "40 answers"},
		{"2026-11-15..2026-11-19", "140 answers"},
		{"2026-11-15 .. 2026-11-19", "140 answers"},
		{"2026-11-19..2027-01-01", "30 answers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.types(visitor, lobby, "/nps", test.name)
			text := s.replyTo(visitor)
			assert.True(t, strings.HasPrefix(text, "NPS +100"), text)
			assert.Contains(t, text, test.want)
		})
	}
}

func TestScoreIsComparedWithThePeriodBefore(t *testing.T) {
	s := newFixture(t)
	s.answers(feedback.KindNPS, 10, 40, s.clock())
	s.answers(feedback.KindNPS, 0, 50, s.clock().AddDate(0, 0, -1))
	report, err := s.store.Report(t.Context(), score.NewQuery(score.MetricNPS, score.Period{
		From: office.Date(2026, 11, 20), To: office.Date(2026, 11, 20), Unit: score.UnitDay, Running: true,
	}))
	require.NoError(t, err)
	assert.EqualValues(t, 40, report.Score.N)
	assert.EqualValues(t, 50, report.Previous.Score.N)
	assert.Equal(t, score.Significant, report.Significance())

	s.types(visitor, lobby, "/nps", "today")
	assert.Contains(t, s.replyTo(visitor), "Clearly up from 19 November until 12:00 (−100): +200 points, more than chance explains.")
}

func TestScoreIsLive(t *testing.T) {
	s := newFixture(t)
	for i := range 10 {
		s.types(visitor, lobby, "/smileys", "today")
		if i == 0 {
			assert.Contains(t, s.replyTo(visitor), "No answers.")
		} else {
			assert.Contains(t, s.replyTo(visitor), "Smileys: too few answers ("+string(rune('0'+i))+")")
		}
		s.ingest(storetest.Smiley(string(rune('a'+i)), feedback.Green, s.clock()))
	}
	s.types(visitor, lobby, "/smileys", "today")
	assert.True(t, strings.HasPrefix(s.replyTo(visitor), "Smileys +100"), s.replyTo(visitor))
}

func TestEachCommandHasItsScore(t *testing.T) {
	s := newFixture(t)
	s.answers(feedback.KindNPS, 9, 12, s.clock())
	s.answers(feedback.KindSmiley, 3, 30, s.clock())
	s.answers(feedback.KindSmiley, 1, 10, s.clock())
	s.answers(feedback.KindCES, 7, 10, s.clock())
	s.answers(feedback.KindNLS, 3, 10, s.clock())
	for _, row := range []struct{ name, text, want string }{
		{"/nps", "month", "NPS +100"},
		{"/csat", "month", "CSAT 75%"},
		{"/smileys", "month", "Smileys +50"},
		{"/smileybot", "nps month", "NPS +100"},
		{"/smileybot", "/CSAT today", "CSAT 75%"},
		{"/smileybot", "smileys", "Smileys +50"},
		{" /NPS ", "", "NPS +100"},
		{"/ces", "today", "CES 100%"},
		{"/nls", "vandaag", "NLS −100"},
		{"/nps", "eu month", "NPS +100"},
		{"/reviews", "vandaag", "Reviews: too few answers (0)"},
	} {
		s.types(visitor, lobby, row.name, row.text)
		assert.True(t, strings.HasPrefix(s.replyTo(visitor), row.want), "%s %s: %s", row.name, row.text, s.replyTo(visitor))
		assert.NotContains(t, s.replyTo(visitor), "1–5")
	}

	s.answers(feedback.KindCSAT, 5, 10, s.clock())
	s.types(visitor, lobby, "/csat", "month")
	first, second := strings.Index(s.replyTo(visitor), "CSAT 75%"), strings.Index(s.replyTo(visitor), "CSAT 1–5 100%")
	assert.Zero(t, first)
	assert.Positive(t, second, s.replyTo(visitor))
}

func TestShareAnswersInTheChannel(t *testing.T) {
	s := newFixture(t)
	s.answers(feedback.KindNPS, 9, 10, s.clock())
	for i, text := range []string{"share", "share month", "month share", "last SHARE month", "  Share  "} {
		s.types(bart, lobby, "/nps", text)
		messages := s.slack.Messages(lobby)
		require.Len(t, messages, i+1, text)
		assert.True(t, strings.HasPrefix(messages[i].Text, "NPS"), messages[i].Text)
	}
	s.noReplyTo(bart)

	t.Run("never what was not understood", func(t *testing.T) {
		s.types(bart, lobby, "/nps", "share nonsense")
		assert.Contains(t, s.replyTo(bart), "“nonsense”")
		assert.Len(t, s.slack.Messages(lobby), 5)
	})
	t.Run("never the queue", func(t *testing.T) {
		s.types(bart, lobby, "/followups", "share")
		assert.Contains(t, s.replyTo(bart), "“share”")
		assert.Len(t, s.slack.Messages(lobby), 5)
	})
}

func TestStrangeWordsAreQuotedWithExamples(t *testing.T) {
	s := newFixture(t)
	for _, row := range []struct{ name, text, want string }{
		{"/nps", "nonsense", "“nonsense”"},
		{"/nps", "month channel:chut", "“channel:chut” is not a channel; choose from ticket, chat, panel, email, phone, social, review. Did you mean “channel:chat”?"},
		{"/nps", "channel: month", "“channel: month”"},
		{"/nps", "by mood last month", "“by mood”"},
		{"/nps", "last week by", "“by”"},
		{"/csat", "eu", "“eu”"},
		{"/nps", "month week", "“week”"},
		{"/nps", "2027", "2027 has not started yet. Try:"},
		{"/nps", "2026-12", "2026-12 has not started yet."},
		{"/nps", "2027-01-01..2027-02-01", "2027-01-01..2027-02-01 has not started yet."},
		{"/nps", "channel:chat channel:ticket", "one channel at a time, or by channel"},
		{"/nps", "deze mand", "Did you mean “deze maand”?"},
		{"/followups", "overdeu 2", "I did not understand “overdeu”. Did you mean “overdue”?"},
		{"/smileybot", "npss month", "Did you mean “nps”?"},
		{"/nps", "2025-W53", "“2025-W53”"},
		{"/nps", "0d", "“0d”"},
		{"/nps", "<!channel> & *you*", "“&lt;!channel&gt; &amp; *you*”"},
		{"/nps", strings.Repeat("x", 5000), "x…”"},
		{"/nps", "a " + strings.Repeat("b ", 4000), "“a b b"},
		{"/smileybot", "cesar month", "“cesar”"},
		{"/smileybot", "smileybot smileybot", "“smileybot”"},
		{"/smileybot", "nps nonsense", "“nonsense”"},
		{"/cesar", "month", "“cesar”"},
		{"/service", "soon", "“soon”"},
		{"/service", "eu", "“eu”"},
		{"/followups", "soon", "“soon”"},
		{"/followups", "mine 0", "“mine 0”"},
	} {
		s.types(visitor, lobby, row.name, row.text)
		text := s.replyTo(visitor)
		assert.Contains(t, text, row.want, "%s %s", row.name, row.text)
		assert.Equal(t, 3, strings.Count(text, "\n"), "three examples: %s", text)
		assert.Less(t, len(text), 600)
	}
}

// TestExtremePeriodsAreAnsweredAtOnce types periods at the ends of the calendar and beyond: each is
// answered or refused with its reason, with charts that Slack accepts, and fast.
func TestExtremePeriodsAreAnsweredAtOnce(t *testing.T) {
	s := newFixture(t)
	s.answers(feedback.KindNPS, 10, 40, s.clock())
	s.answers(feedback.KindSmiley, 3, 40, s.clock())
	nines := strings.Repeat("9", 1000)
	for _, row := range []struct{ period, want string }{
		{"0001-01-01..9999-12-31", "40 answers"},
		{"9999-12-31..0001-01-01", "ends before it begins"},
		{"2026-01-01..9999-12-31", "40 answers"},
		{"0001", "No answers"},
		{"0001-01", "No answers"},
		{"0001-W01", "No answers"},
		{"0001-01-01", "No answers"},
		{"36500d", "40 answers"},
		{"36501d", "must be 1 to 36,500 days long"},
		{"99999d", "must be 1 to 36,500 days long"},
		{"100000000d", "must be 1 to 36,500 days long"},
		{nines + "d", "must be 1 to 36,500 days long"},
		{"-1d", "not understand"},
		{"0000", "not a date of the calendar"},
		{"0000-01-01..2026-01-01", "not a date of the calendar"},
		{"2026-W99", "is not a week of that year"},
		{"2026-Q9", "not a date of the calendar"},
		{"2026-99", "not a date of the calendar"},
		{"9999", "has not started yet"},
		{"9999-W53", "is not a week of that year"},
		{"10000", "not understand"},
		{"10000-01-01..10001-01-01", "not understand"},
		{nines, "not understand"},
	} {
		for _, command := range []string{"/nps", "/smileys", "/service"} {
			for _, by := range []string{"", " by channel"} {
				begin := time.Now()
				s.types(bart, support, command, row.period+by)
				text := s.replyTo(bart)
				assert.Less(t, time.Since(begin), 5*time.Second, row.period)
				assert.Less(t, len(text), 2000, row.period)
				if command != "/service" || !strings.Contains(row.want, "nswers") {
					assert.Contains(t, text, row.want, "%s %s", command, row.period)
				}
			}
		}
	}
}

func TestExamplesWork(t *testing.T) {
	s := newFixture(t)
	for _, name := range []string{"/nps", "/csat", "/smileys", "/ces", "/nls", "/reviews", "/service", "/followups", "/other"} {
		s.types(bart, lobby, name, "nonsense")
		for line := range strings.Lines(s.replyTo(bart)) {
			example, isExample := strings.CutPrefix(strings.Trim(line, " \n`"), "/")
			if !isExample {
				continue
			}
			command, text, _ := strings.Cut(example, " ")
			before := len(s.slack.Messages(lobby))
			s.types(bart, lobby, "/"+command, text)
			if len(s.slack.Messages(lobby)) == before {
				assert.NotContains(t, s.replyTo(bart), "did not understand", example)
			}
		}
	}
}

func TestHelpEndsWithTheSelfCheck(t *testing.T) {
	s := newFixture(t)
	for _, typed := range []struct{ name, text string }{
		{"/smileybot", ""},
		{"/smileybot", "help"},
		{"/smileybot", "HELP me"},
		{"/smileybot", " "},
		{"/smileybot", "hulp"},
		{"/smileybot", "?"},
		{"/nps", "help"},
		{"/csat", "?"},
		{"/followups", "Hulp"},
		{"/smileybot", "nps help"},
	} {
		s.types(visitor, lobby, typed.name, typed.text)
		assert.Contains(t, s.replyTo(visitor), "/csat last week")
		assert.Contains(t, s.replyTo(visitor), "1.2.3")
	}
	s.types(visitor, lobby, "/smileybot", "Check")
	assert.Contains(t, s.replyTo(visitor), "ok Slack")
	assert.NotContains(t, s.replyTo(visitor), "/csat last week")
}

func TestQueueIsForMembers(t *testing.T) {
	s := newFixture(t)
	s.types(bart, lobby, "/followups", "")
	assert.Contains(t, s.replyTo(bart), "No open follow-ups")

	id := s.unhappy()
	s.pass(time.Minute)
	s.ingest(storetest.Smiley("r-2", feedback.Yellow, s.clock())) // not posted yet
	s.types(leader, lobby, "/smileybot", "followups")
	text := s.replyTo(leader)
	assert.Contains(t, text, "2 open follow-ups")
	assert.Contains(t, text, "https://fakeslack.slack.com/archives/"+support+"/p"+strings.ReplaceAll(s.shown[id], ".", ""))
	assert.Equal(t, 1, strings.Count(text, "/archives/"))

	for _, outsider := range []string{guest, visitor, chris, "U0UNKNOWN"} {
		if outsider == chris {
			s.slack.Leave(support, chris)
		}
		s.types(outsider, chat, "/followups", "")
		assert.Contains(t, s.replyTo(outsider), "Only members of <#"+support+"> or <#"+lead+">", outsider)
	}
}

func TestCommandsOfAnotherWorkspaceAreRefused(t *testing.T) {
	s := newFixture(t)
	require.NoError(t, s.client.CheckTeam(t.Context(), "T0FAKE"))
	require.Error(t, s.client.CheckTeam(t.Context(), "T0OTHER"))
	require.Error(t, s.client.CheckTeam(t.Context(), ""))
	s.asks(fakeslack.Slash{User: bart, Channel: support, Command: "/nps", Text: "month", TeamID: "T0OTHER"})
	s.noReplyTo(bart)
	assert.Zero(t, s.calls("response_url"))
	assert.Equal(t, 1, s.calls("auth.test"), "asked once and kept")
}
