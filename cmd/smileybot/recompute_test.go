package main

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/store/storetest"
)

// TestScoresAreRecomputed compares each score of random histories, on days at the edges of the
// calendar, with that of a second implementation: every digit of the JSON, and the texts in the
// terminal and in Slack. With -short it takes the first four days.
func TestScoresAreRecomputed(t *testing.T) {
	days := calendarEdges()
	const questions = 8
	if testing.Short() {
		days = days[:4]
	}
	for i, c := range days {
		t.Run(c.zone+" "+c.today, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			require.NoError(t, err)
			now, err := time.ParseInLocation("2006-01-02 15:04", c.today+" 15:30", zone)
			require.NoError(t, err)
			database := filepath.Join(storetest.Folder(t), "smileybot.db")
			setenv(t, map[string]string{"SMILEYBOT_DATABASE": database, "SMILEYBOT_TIMEZONE": c.zone})
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(now))
				r := recomputed{T: t, rng: rand.New(rand.NewPCG(uint64(i), 2026)), zone: zone, now: now, fixture: newRefFixture(t)}
				r.history()
				for range questions {
					r.ask()
				}
			})
		})
	}
}

// A calendarEdge is a day on which periods are easily computed wrong.
type calendarEdge struct{ zone, today, why string }

func calendarEdges() []calendarEdge {
	return []calendarEdge{
		{"Europe/Amsterdam", "2026-11-20", "a Friday like any other"},
		{"Europe/Amsterdam", "2026-03-29", "after the short night"},
		{"Europe/Amsterdam", "2026-03-30", "the day after it"},
		{"Europe/Amsterdam", "2026-10-25", "after the long night"},
		{"Europe/Amsterdam", "2026-10-26", "the day after it"},
		{"Europe/Amsterdam", "2027-01-03", "the last day of week 53 of 2026"},
		{"Europe/Amsterdam", "2027-01-04", "the first of week 1 of 2027"},
		{"Europe/Amsterdam", "2021-01-03", "the last day of week 53 of 2020"},
		{"Europe/Amsterdam", "2025-12-29", "the first of week 1 of 2026"},
		{"Europe/Amsterdam", "2026-12-31", "the last of the year"},
		{"Europe/Amsterdam", "2028-02-29", "a leap day"},
		{"Europe/Amsterdam", "2025-03-31", "longer than the month before"},
		{"America/Havana", "2026-03-08", "whose midnight does not exist"},
		{"America/Havana", "2026-11-01", "whose midnight comes twice"},
		{"Asia/Kolkata", "2026-07-01", "the first of a quarter, half an hour off"},
		{"Pacific/Apia", "2012-01-02", "three days after one that never was"},
	}
}

// recomputed is an imported history.
type recomputed struct {
	*testing.T

	rng     *rand.Rand
	zone    *time.Location
	now     time.Time
	all     []refRating
	fixture *refFixture
}

func (r *recomputed) today() time.Time { return refLocalDay(r.now, r.zone) }

// moment returns a random time before now, often at a border of the calendar.
func (r *recomputed) moment() time.Time {
	day := r.today().AddDate(0, 0, -[]int{r.rng.IntN(3), r.rng.IntN(14), r.rng.IntN(60), r.rng.IntN(800)}[r.rng.IntN(4)])
	if r.rng.IntN(2) == 0 {
		day, _ = refUnit([]string{"week", "month", "quarter", "year"}[r.rng.IntN(4)], day)
	}
	y, m, d := day.Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, r.zone)
	switch r.rng.IntN(4) {
	case 0:
	case 1:
		at = at.Add(-time.Millisecond)
	default:
		at = at.Add(time.Duration(r.rng.IntN(25*60)) * time.Minute)
	}
	if at.After(r.now) {
		return r.now.Add(-time.Minute)
	}
	return at
}

// history stores ratings, most from CSV and some by webhook. The number of each kind is at a limit from
// which scores are shown or compared.
func (r *recomputed) history() {
	r.Helper()
	channels, agents := []string{"ticket", "chat", "panel"}, [][2]string{ // id and name; three have one name
		{"", ""}, {"", "Bart de Vries"}, {"b-1", "Bart de Vries"}, {"b-2", "bart de vries"}, {"", "anna"}, {"z-1", "Zoë"},
	}
	customers := [][2]string{ // id and e-mail address: five customers
		{"c-1", ""}, {"c-1", "jan@example.org"}, {"c-2", ""}, {"C-1", ""}, {"", "jan@example.org"}, {"", "Jan@Example.org"}, {"", "eva@example.org"},
	}
	for _, of := range []struct {
		kind      string
		low, high int
	}{{"smiley", 1, 3}, {"nps", 0, 10}, {"csat", 1, 5}, {"ces", 1, 7}, {"nls", 0, 10}, {"review", 1, 5}} {
		alike := r.rng.IntN(4) == 0
		for i := range []int{9, 10, 29, 30, 31, 60, 150}[r.rng.IntN(7)] {
			value := of.low + r.rng.IntN(of.high-of.low+1)
			if alike {
				value = of.high
			}
			rating := refRating{
				id: fmt.Sprint(of.kind, i), kind: of.kind, value: value, at: r.moment(), void: r.rng.IntN(12) == 0,
				channel: channels[r.rng.IntN(len(channels))], ticket: fmt.Sprint("T-", of.kind, i),
			}
			if of.kind == "review" {
				rating.channel = "review"
			}
			agent := agents[r.rng.IntN(len(agents))]
			rating.agentID, rating.agent = agent[0], agent[1]
			if r.rng.IntN(3) > 0 {
				who := customers[r.rng.IntN(len(customers))]
				rating.customer, rating.email = who[0], who[1]
			}
			switch r.rng.IntN(6) {
			case 0, 1: // no times
			case 2: // the ticket of another rating, maybe with another agent
				if len(r.all) == 0 {
					break
				}
				// A ticket's times may not be much later than its rating.
				if other := r.all[r.rng.IntN(len(r.all))]; other.at.Before(rating.at.AddDate(0, 6, 0)) {
					rating.ticket, rating.opened, rating.replied, rating.solved, rating.replies = other.ticket, other.opened, other.replied, other.solved, other.replies
				}
			default:
				r.serve(&rating)
			}
			r.all = append(r.all, rating)
		}
	}
	slices.SortFunc(r.all, func(a, b refRating) int { return strings.Compare(a.id, b.id) })
	r.rng.Shuffle(len(r.all), func(i, j int) { r.all[i], r.all[j] = r.all[j], r.all[i] })
	var file strings.Builder
	w := csv.NewWriter(&file)
	require.NoError(r, w.Write(strings.Split("id,kind,channel,smiley,score,agent.id,agent.name,customer.id,customer.email,ticket.id,ticket.opened_at,ticket.first_reply_at,ticket.resolved_at,ticket.replies,occurred_at,void_reason", ",")))
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(time.FixedZone("", 3600*(r.rng.IntN(25)-12))).Format(time.RFC3339Nano)
	}
	imported := 0
	for _, a := range r.all {
		if !a.void && r.rng.IntN(5) == 0 {
			r.fixture.deliver(r.T, a, http.StatusAccepted)
			continue
		}
		imported++
		smiley, score, replies, void := "", strconv.Itoa(a.value), "", ""
		if a.kind == "smiley" {
			smiley, score = []string{"red", "yellow", "green"}[a.value-1], ""
		}
		if a.replies > 0 {
			replies = strconv.Itoa(a.replies)
		}
		if a.void {
			void = "a test"
		}
		require.NoError(r, w.Write([]string{
			a.id, a.kind, a.channel, smiley, score, a.agentID, a.agent, a.customer, a.email, a.ticket, moment(a.opened), moment(a.replied), moment(a.solved), replies, moment(a.at), void,
		}))
	}
	w.Flush()
	done := call(r.T, "import", written(r.T, "history.csv", file.String()))
	require.Equal(r, fmt.Sprintf("rows %d: %[1]d created, 0 updated, 0 unchanged, 0 stale, 0 rejected\n", imported), done.stdout, done.stderr)
	r.late()
}

// late delivers older events of some ratings: they change nothing but the moment that counts.
func (r *recomputed) late() {
	r.Helper()
	for i := range r.all {
		if a := &r.all[i]; !a.void && r.rng.IntN(15) == 0 {
			older := refRating{id: a.id, kind: a.kind, channel: a.channel, value: a.value, at: a.at.Add(-time.Duration(1+r.rng.IntN(48*60)) * time.Minute)}
			r.fixture.deliver(r.T, older, http.StatusOK)
			a.at = older.at
		}
	}
}

// shown returns the name by which an agent is shown.
func (r *recomputed) shown(a refRating) string {
	for _, other := range r.all {
		if a.agentID != "" && strings.EqualFold(other.agent, a.agent) && other.agentID != a.agentID {
			return a.agent + " (" + a.agentID + ")"
		}
	}
	return a.agent
}

// serve gives a rating the times of its ticket, in whole minutes before it.
func (r *recomputed) serve(a *refRating) {
	later := func(t time.Time, most int) time.Time { return t.Add(time.Duration(r.rng.IntN(most)) * time.Minute) }
	a.opened = a.at.Truncate(time.Minute).Add(-time.Duration(r.rng.IntN(6*24*60)) * time.Minute)
	if r.rng.IntN(5) > 0 {
		a.replied = later(a.opened, []int{60, 600, 5000}[r.rng.IntN(3)])
		if r.rng.IntN(12) == 0 { // a mistake
			a.replied = a.opened.Add(-time.Minute)
		}
	}
	if r.rng.IntN(5) > 0 {
		a.solved, a.replies = later(a.opened, 8000), r.rng.IntN(4)
		if r.rng.IntN(12) == 0 {
			a.solved = a.opened.Add(-time.Hour)
		}
	}
}

// ask asks a random question and compares the answers.
func (r *recomputed) ask() {
	r.Helper()
	periods := refPeriods(refLocalDay(r.moment(), r.zone), r.today(), 1+r.rng.IntN(45))
	p := periods[r.rng.IntN(len(periods))]
	if r.rng.IntN(8) == 0 || p.words == "today" || p.words == "vandaag" {
		p = refCalendar([]string{"today", "vandaag"}[r.rng.IntN(2)], "day", r.today(), r.today())
		y, m, d := p.before.Date()
		now := time.Now().In(r.zone)
		p.until = time.Date(y, m, d, now.Hour(), now.Minute(), now.Second(), 0, r.zone)
	}
	metrics := refMetrics()
	m := metrics[r.rng.IntN(len(metrics))]
	words := []string{p.words, m.filter}
	fits := func(refRating) bool { return true }
	only := func(word string, also func(refRating) bool) {
		before := fits
		words, fits = append(words, word), func(a refRating) bool { return before(a) && also(a) }
	}
	if r.rng.IntN(3) == 0 {
		only([]string{"channel:", "kanaal:"}[r.rng.IntN(2)]+"chat", func(a refRating) bool { return a.channel == "chat" })
	}
	switch r.rng.IntN(6) {
	case 0, 1:
		only([]string{`agent:"Bart de Vries"`, "medewerker:“BART DE VRIES”"}[r.rng.IntN(2)], func(a refRating) bool { return strings.EqualFold(a.agent, "Bart de Vries") })
	case 2:
		only("agent:B-1", func(a refRating) bool { return a.agentID == "b-1" })
	}
	var of func(refRating) string
	switch r.rng.IntN(4) {
	case 0:
		words, of = append(words, []string{"by channel", "per kanaal"}[r.rng.IntN(2)]), func(a refRating) string { return a.channel }
	case 1:
		words, of = append(words, []string{"by agent", "per medewerker"}[r.rng.IntN(2)]), r.shown
	}
	r.rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	if r.rng.IntN(6) == 0 {
		words = slices.DeleteFunc(words, func(word string) bool { return word == "eu" })
		r.compareService(p, words, fits, of)
		return
	}
	r.compareScore(m, p, words, fits, of)
}

func (r *recomputed) compareScore(m refMetric, p refPeriod, words []string, fits func(refRating) bool, of func(refRating) string) {
	r.Helper()
	measure := func(m refMetric, fits func(refRating) bool) (now, before refScore) {
		return m.measure(r.all, r.zone, p.from, p.to, fits), m.measure(r.all, r.zone, p.before, p.then, func(a refRating) bool {
			return fits(a) && (p.until.IsZero() || !a.at.After(p.until))
		})
	}
	now, before := measure(m, fits)
	want, lines := refReport(now, before, p, 196), refText(now, before)
	var channels [][2]refScore
	for _, channel := range refNames(r.all, func(a refRating) string { return a.channel }) {
		n, b := measure(m, func(a refRating) bool { return fits(a) && a.channel == channel })
		channels = append(channels, [2]refScore{n, b})
	}
	mix := refFromMix(now, before, channels)
	if of != nil {
		var groups []string
		rest := now.n
		for _, name := range refNames(r.all, of) {
			n, b := measure(m, func(a refRating) bool { return fits(a) && of(a) == name })
			rest -= n.n
			if n.n > 0 || n.voided > 0 {
				groups = append(groups, fmt.Sprintf(`{"name":%q,%s}`, name, refReport(n, b, p, 258)))
				lines = append(lines, refGroup(name, n))
			}
		}
		want += `,"groups":[` + strings.Join(groups, ",") + `]`
		if rest > 0 && rest < now.n {
			lines = append(lines, fmt.Sprintf("%d answer", rest))
		}
	}
	asked := append([]string{"score", m.name}, words...)
	done := call(r.T, append(asked, "--json")...)
	require.Equal(r, "{"+want+"}\n", done.stdout, "%q %s", asked, done.stderr)
	said := call(r.T, asked...).stdout
	for _, text := range []string{said, r.slack(m, words)} {
		if text == "" {
			continue
		}
		for _, line := range lines {
			require.Contains(r, text, line, "%q", asked)
		}
		require.True(r, strings.HasPrefix(text, refHead(now)), "%q: %s", asked, text)
		head, _, _ := strings.Cut(text, "\nCSAT 1–5")
		require.Equal(r, mix, strings.Contains(head, "comes from a different mix of channels"), "%q: %s", asked, text)
	}
	if m.name != "csat5" {
		dutch := r.fixture.types(r.T, message.Dutch, m.name, words)
		for _, line := range refDutch(now, before) {
			require.Contains(r, "\n"+dutch, line, "%q", asked)
		}
	}
	also := slices.IndexFunc(refMetrics(), func(other refMetric) bool { return other.name == m.also })
	if also < 0 {
		return
	}
	if below, _ := measure(refMetrics()[also], fits); below.n > 0 {
		assert.Contains(r, said, "\n"+refHead(below), "%q", asked)
	} else {
		assert.NotContains(r, said, "CSAT 1–5", "%q", asked)
	}
}

// slack asks the same in Slack, which has no command for csat5.
func (r *recomputed) slack(m refMetric, words []string) string {
	r.Helper()
	if m.name == "csat5" {
		return ""
	}
	return r.fixture.types(r.T, message.English, m.name, words)
}

func (r *recomputed) compareService(p refPeriod, words []string, fits func(refRating) bool, of func(refRating) string) {
	r.Helper()
	both := func(fits func(refRating) bool) string {
		return refService(r.all, r.zone, p.from, p.to, time.Time{}, fits) + `,"previous":{` + refService(r.all, r.zone, p.before, p.then, p.until, fits) + "}"
	}
	want := both(fits)
	if of != nil {
		var groups []string
		for _, name := range refNames(r.all, of) {
			group := both(func(a refRating) bool { return fits(a) && of(a) == name })
			if !strings.Contains(strings.SplitN(group, "first_reply", 2)[0], `"n":0,`) {
				groups = append(groups, fmt.Sprintf(`{"name":%q,%s}`, name, group))
			}
		}
		want += `,"groups":[` + strings.Join(groups, ",") + `]`
	}
	asked := append([]string{"score", "service"}, words...)
	done := call(r.T, append(asked, "--json")...)
	require.Equal(r, "{"+want+"}\n", done.stdout, "%q %s", asked, done.stderr)
	for _, text := range []string{call(r.T, asked...).stdout, r.fixture.types(r.T, message.English, "service", words)} {
		for _, line := range refServiceText(r.T, "{"+want+"}") {
			require.Contains(r, text, line, "%q", asked)
		}
	}
}
