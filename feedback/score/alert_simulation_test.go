package score_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

var alertYears = flag.Int("alert-years", 40, "how many years TestAlertSimulation plays for each row of its table; docs/scores.md has 400")

// TestAlertSimulation plays the alert over years in which nothing changes, and over drops: the history
// before a drop has as many days as the alert compares. Answers come on five days a week, as many as
// a Poisson process gives, each of its own customer. -v prints the tables of docs/scores.md.
func TestAlertSimulation(t *testing.T) {
	t.Parallel()
	const daysInYear, caughtWithin = 365, 90
	years := *alertYears
	if testing.Short() {
		years = min(years, 8)
	}
	quiet := mix{84, 9, 7}
	var table strings.Builder
	table.WriteString("\n| answers a week | false alerts a year | drop of | caught within 7 days | 28 days | 90 days |\n| --- | --- | --- | --- | --- | --- |\n")
	for i, weekly := range []int{30, 100, 300} {
		random := rand.New(rand.NewPCG(1, uint64(i)))
		history := newLeadsYear(random)
		history.live(historyDays, quiet, weekly)
		history.alerts = 0
		history.live(years*daysInYear, quiet, weekly)
		falsely := float64(history.alerts) / float64(years)
		assert.Less(t, falsely, 1.5, "false alerts a year, at %d answers a week", weekly)
		if weekly == 30 {
			assert.Less(t, falsely, 1.0, "false alerts a year, at %d answers a week", weekly)
		}
		for _, drop := range []struct {
			points int
			mix    mix
		}{{10, mix{79, 9, 12}}, {20, mix{74, 9, 17}}} {
			require.Equal(t, quiet.net()-drop.points, drop.mix.net())
			var within [3]int
			for range years {
				h := newLeadsYear(random)
				h.live(historyDays+random.IntN(daysInWeek), quiet, weekly) // on any day of the week
				h.alerts = 0
				h.live(caughtWithin, drop.mix, weekly)
				for j, limit := range []int{7, 28, caughtWithin} {
					if h.alerts > 0 && h.firstAfter <= limit {
						within[j]++
					}
				}
			}
			share := func(j int) float64 { return 100 * float64(within[j]) / float64(years) }
			fmt.Fprintf(&table, "| %d | %.2f | %d points | %.0f %% | %.0f %% | %.0f %% |\n", weekly, falsely, drop.points, share(0), share(1), share(2))
			if drop.points == 20 && !testing.Short() {
				assert.GreaterOrEqual(t, share(2), 80.0, "caught within 90 days, at %d answers a week", weekly)
			}
		}
	}
	t.Log(table.String())
}

const (
	daysInWeek  = 7
	historyDays = 28 + 91
)

// mix is the share of green, yellow and red in percent.
type mix [3]int

func (m mix) net() int { return m[0] - m[2] }

// leadsYear is the history that the leads' alert sees.
type leadsYear struct {
	random *rand.Rand
	sums   []score.Tally // the answers of all days before each day
	// sudden and slow say whether the last drop was reported, lastSudden is the last morning that had a
	// sudden one.
	sudden, slow bool
	lastSudden   office.Day
	// alerts is how many messages there were since it was set to 0, firstAfter how many days after
	// that the first was.
	alerts, firstAfter int
}

func newLeadsYear(random *rand.Rand) *leadsYear {
	return &leadsYear{random: random, sums: make([]score.Tally, 1), lastSudden: math.MinInt32}
}

// live lets days pass.
func (l *leadsYear) live(days int, m mix, weekly int) {
	for passed := range days {
		today := office.Day(len(l.sums) - 1)
		if today >= historyDays {
			l.morning(today, passed)
		}
		sum := l.sums[today]
		for range l.answers(today, weekly) {
			sum.Add(l.answer(m), 1)
		}
		l.sums = append(l.sums, sum)
	}
}

func open(day office.Day) bool { return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday }

// morning does what the schedule does: a drop begins on an office day, and ends on any.
func (l *leadsYear) morning(today office.Day, passed int) {
	found, _ := score.NewAlert(today, func(p score.Period) (score.PeriodScore, error) {
		tally := l.sums[p.To+1]
		for value, n := range l.sums[p.From] {
			tally[value] -= n
		}
		return score.PeriodScore{Period: p, Score: score.Measure(score.MetricSmileys, tally)}, nil
	})
	sudden, slow := found.Sudden.SignificantDrop(), found.Slow.SignificantDrop()
	l.sudden, l.slow = l.sudden && sudden, l.slow && slow
	if !open(today) {
		return
	}
	if sudden {
		l.lastSudden = today
	}
	from, _ := score.SameDrop(today)
	news := sudden && !l.sudden || slow && !l.slow && l.lastSudden < from
	l.sudden, l.slow = sudden, slow
	if news && l.alerts == 0 {
		l.firstAfter = passed
	}
	if news {
		l.alerts++
	}
}

// answers is how many there are on a day: Poisson, by counting unit exponential waits.
func (l *leadsYear) answers(day office.Day, weekly int) int {
	const officeDays = 5
	if !open(day) {
		return 0
	}
	n := 0
	for wait := l.random.ExpFloat64(); wait < float64(weekly)/officeDays; wait += l.random.ExpFloat64() {
		n++
	}
	return n
}

func (l *leadsYear) answer(m mix) int {
	const green, yellow, red = 3, 2, 1
	switch at := l.random.IntN(100); {
	case at < m[0]:
		return green
	case at < m[0]+m[1]:
		return yellow
	default:
		return red
	}
}
