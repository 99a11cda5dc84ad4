package bot_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/sqlite"
)

// prove reads the history again and compares it with what the bot says.
func (q *quarter) prove() {
	q.t.Helper()
	q.t.Logf("%d ratings, %d follow-ups, %d transitions, %d notices, %d runs of the bot",
		q.number(`select count(*) from feedback`), q.number(`select count(*) from followup`), q.number(`select count(*) from transition`),
		q.number(`select count(*) from outbox where notice is not null`), len(q.runs))
	q.enough(q.number(`select count(*) from feedback`), 600)
	q.everythingIsShownOnce()
	lives := q.lives()
	q.lawful(lives)
	q.queueAgrees(lives)
	q.remindersAreRight(lives)
	q.escalationsAreRight(lives)
	q.digestsAreRight()
	q.riskIsRight()
	q.scoresAreRight()
}

// enough requires that so much happened that the proof means something, except in a fortnight.
func (q *quarter) enough(n, least int64) {
	q.t.Helper()
	if !testing.Short() && !q.brief {
		require.Greater(q.t, n, least)
	}
}

func (q *quarter) number(query string, args ...any) int64 {
	q.t.Helper()
	var n int64
	require.NoError(q.t, q.db.QueryRowContext(q.t.Context(), query, args...).Scan(&n))
	return n
}

// each reads rows of texts and numbers, all as texts.
func (q *quarter) each(query string, take func(row []string)) {
	q.t.Helper()
	rows, err := q.db.QueryContext(q.t.Context(), query)
	require.NoError(q.t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(q.t, err)
	for rows.Next() {
		row, places := make([]string, len(columns)), make([]any, len(columns))
		for i := range row {
			places[i] = &row[i]
		}
		require.NoError(q.t, rows.Scan(places...))
		take(row)
	}
	require.NoError(q.t, rows.Err())
}

func moment(ms string) time.Time {
	n, _ := strconv.ParseInt(ms, 10, 64)
	return time.UnixMilli(n)
}

// everythingIsShownOnce: one message for each feedback, in its last state, and one for each
// notice. What was in a support channel that was archived stays there besides.
func (q *quarter) everythingIsShownOnce() {
	q.t.Helper()
	shown := make(map[string][]float64) // revisions, by feedback or notice
	channels := []string{q.config.SlackChannel, leads}
	if q.config.SlackChannel != support {
		channels = append(channels, support)
	}
	for i, channel := range channels {
		for _, m := range q.slack.Messages(channel) {
			if m.Metadata == nil {
				continue // a score that someone shared
			}
			key, _ := m.Metadata.EventPayload["key"].(string)
			id, _ := m.Metadata.EventPayload["feedback_id"].(string)
			revision, _ := m.Metadata.EventPayload["revision"].(float64)
			if i > 1 && len(shown[key+id]) > 0 {
				continue
			}
			shown[key+id] = append(shown[key+id], revision)
		}
	}
	wanted := 0
	q.each(`select key, coalesce(notice, ''), revision, shown from outbox`, func(row []string) {
		wanted++
		assert.Len(q.t, shown[row[0]], 1, row[0])
		assert.Equal(q.t, row[2], row[3], row[0])
		if row[1] == "" && len(shown[row[0]]) == 1 {
			assert.Equal(q.t, row[2], strconv.Itoa(int(shown[row[0]][0])), row[0])
		}
	})
	assert.Len(q.t, shown, wanted)
}

// A life is what happened to a follow-up, as its transitions alone report it.
type life struct {
	id, feedbackID string
	suspect        bool // at some time
	parts          []part
}

// A part is a stretch of a life without a change.
type part struct {
	from, to       time.Time
	state          followup.State
	before         followup.State
	claimer        string
	due            time.Time
	opening, nth   int  // which opening, and how many snoozes since
	opened, newDue bool // it opened; its due time is new
	voided         bool // it was withdrawn because its feedback was voided
}

// String prints a life in lines, to look for a mistake.
func (l *life) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, l.id, l.feedbackID)
	for _, p := range l.parts {
		fmt.Fprintf(&b, "  %s %s -> %s %s due %s, opening %d, snooze %d\n", p.from, p.before, p.state, p.claimer, p.due, p.opening, p.nth)
	}
	return b.String()
}

func (p part) active() bool {
	return p.state == followup.StateOpen || p.state == followup.StateClaimed
}

// lives replays the transitions of every follow-up, and computes when it is due.
func (q *quarter) lives() []*life {
	q.t.Helper()
	ruled := make(map[string]bool)
	q.each(`select action || feedback_id || at_ms from moderation`, func(row []string) { ruled[row[0]] = true })
	byID := make(map[string]*life)
	var all []*life
	q.each(`select u.id, u.feedback_id, t.at_ms, t.from_state, t.to_state, t.claimer, f.suspect or f.confirmed
from transition t join followup u on u.id = t.followup_id join feedback f on f.id = u.feedback_id order by t.id`, func(row []string) {
		l := byID[row[0]]
		if l == nil {
			l = &life{id: row[0], feedbackID: row[1], suspect: row[6] == "1"}
			byID[row[0]] = l
			all = append(all, l)
		}
		next := part{from: moment(row[2]), to: time.Now(), before: followup.State(row[3]), state: followup.State(row[4]), claimer: row[5]}
		if n := len(l.parts); n > 0 {
			last := &l.parts[n-1]
			last.to = next.from
			next.due, next.opening, next.nth = last.due, last.opening, last.nth
		}
		next.voided = next.state == followup.StateWithdrawn && ruled["void"+row[1]+row[2]]
		q.schedule(l, &next, next.before == followup.StateWithdrawn && ruled["restore"+row[1]+row[2]])
		l.parts = append(l.parts, next)
	})
	return all
}

// schedule finds when a follow-up is due after a transition.
func (q *quarter) schedule(l *life, p *part, restored bool) {
	pending := []followup.State{followup.StateOpen, followup.StateClaimed, followup.StateSnoozed}
	switch {
	case p.state == followup.StateOpen && !slices.Contains(pending, p.before) && (!restored || len(l.parts) == 0 || !q.wasPending(l)):
		p.due, p.opening, p.nth, p.opened, p.newDue = officeLater(p.from, 4*time.Hour), p.opening+1, 0, true, true
	case p.state == followup.StateSnoozed && !restored:
		p.nth++
		if until := q.until(l.feedbackID, p.from); p.due.Before(until) {
			p.due, p.newDue = until, true
		}
	}
}

// wasPending reports whether a follow-up waited when its feedback was voided.
func (q *quarter) wasPending(l *life) bool {
	last := l.parts[len(l.parts)-1]
	before := last.before
	return last.voided && (before == followup.StateOpen || before == followup.StateClaimed || before == followup.StateSnoozed)
}

// until is the end of the snooze that was chosen at a moment.
func (q *quarter) until(feedbackID string, at time.Time) time.Time {
	q.t.Helper()
	chosen := slices.Clone(q.snoozes[feedbackID])
	slices.SortFunc(chosen, func(a, b snoozed) int { return cmp.Compare(at.Sub(a.at).Abs(), at.Sub(b.at).Abs()) })
	require.NotEmpty(q.t, chosen, "no one snoozed it: %s at %s", feedbackID, at)
	choice := chosen[0].choice
	switch choice {
	case "1h":
		return at.Add(time.Hour)
	case "4h":
		return at.Add(4 * time.Hour)
	}
	local := at.In(q.config.Location)
	day := time.Date(local.Year(), local.Month(), local.Day()+1, 9, 0, 0, 0, q.config.Location)
	for choice == "monday" && day.Weekday() != time.Monday {
		day = day.AddDate(0, 0, 1)
	}
	for !officeDay(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// officeDay reports whether people work on a local day of that quarter.
func officeDay(local time.Time) bool {
	holiday := slices.Contains([]string{"2027-01-01", "2027-03-26", "2027-03-29"}, local.Format(time.DateOnly))
	return local.Weekday() != time.Saturday && local.Weekday() != time.Sunday && !holiday
}

// officeLater is some office time later, counted by the hour.
func officeLater(at time.Time, d time.Duration) time.Time {
	zone, _ := time.LoadLocation("Europe/Amsterdam")
	for d > 0 {
		local := at.In(zone)
		left := at.Truncate(time.Hour).Add(time.Hour).Sub(at)
		if officeDay(local) && local.Hour() >= 9 && local.Hour() < 17 {
			left = min(left, d)
			d -= left
		}
		at = at.Add(left)
	}
	return at
}

// lawful: every transition goes on from the one before, and is one that there is.
func (q *quarter) lawful(lives []*life) {
	q.t.Helper()
	known := map[followup.State]string{
		"": "open", "open": "claimed done snoozed explained withdrawn", "claimed": "open claimed done snoozed withdrawn",
		"snoozed": "open claimed done explained withdrawn", "done": "open", "explained": "done open withdrawn", "withdrawn": "open claimed snoozed explained",
	}
	for _, l := range lives {
		state := followup.StateNone
		for _, p := range l.parts {
			require.Equal(q.t, state, p.before, l.id)
			require.Contains(q.t, strings.Fields(known[p.before]), string(p.state), l.id)
			require.Equal(q.t, p.state == followup.StateClaimed, p.claimer != "" && p.state != followup.StateSnoozed, l.id)
			state = p.state
		}
		last := l.parts[len(l.parts)-1]
		assert.EqualValues(q.t, 1, q.number(`select count(*) from followup where id = $1 and state = $2 and claimer = $3 and due_ms = $4 and openings = $5`,
			l.id, last.state, last.claimer, last.due.UnixMilli(), last.opening), "%s", l)
	}
}

// queueAgrees: what waits by the history is what /followups lists, page by page.
func (q *quarter) queueAgrees(lives []*life) {
	q.t.Helper()
	var waits []string
	for _, l := range lives {
		if last := l.parts[len(l.parts)-1]; last.active() || last.state == followup.StateSnoozed {
			m := q.shownAs(l.feedbackID)
			waits = append(waits, "/p"+strings.ReplaceAll(m, ".", ""))
		}
	}
	require.NotEmpty(q.t, waits)
	var listed strings.Builder
	for page := 1; page <= (len(waits)+9)/10; page++ {
		q.types("U0ANNA", "/followups", fmt.Sprint("all ", page))
		synctest.Wait()
		all := q.slack.Ephemerals("U0ANNA")
		shown := all[len(all)-1]
		require.True(q.t, strings.HasPrefix(strings.ReplaceAll(shown.Text, ",", ""), strconv.Itoa(len(waits))+" follow-ups including snoozed ones"), "%d: %.60s", len(waits), shown.Text)
		listed.Write(shown.Blocks)
	}
	for _, w := range waits {
		assert.Contains(q.t, listed.String(), w)
	}
	assert.Equal(q.t, len(waits), strings.Count(listed.String(), "/archives/"+support+"/"))
}

// shownAs is the ts of a feedback's message.
func (q *quarter) shownAs(feedbackID string) string {
	q.t.Helper()
	var ts string
	require.NoError(q.t, q.db.QueryRowContext(q.t.Context(), `select ts from outbox where key = $1`, feedbackID).Scan(&ts))
	return ts
}

// running is the first moment from at on at which the bot ran.
func (q *quarter) running(at time.Time) time.Time {
	for _, r := range q.runs {
		if at.Before(r.from) {
			return r.from
		}
		if at.Before(r.to) {
			return at
		}
	}
	return q.runs[len(q.runs)-1].to
}

// soonOver reports whether a follow-up needed no work soon after a moment: a notice of it may have
// been pointless when Slack could take it.
func (l *life) soonOver(at time.Time) bool {
	const outage = 3 * time.Hour
	return slices.ContainsFunc(l.parts, func(p part) bool {
		return !p.active() && p.from.After(at.Add(-time.Second)) && p.from.Before(at.Add(outage))
	})
}

// A reminder is one that the bot had to send.
type reminder struct {
	life *life
	key  string
	at   time.Time
	late bool
}

// reminders are those that the bot had to send: when something is due and active, or becomes active
// afterwards, once a due time, at the first moment that the bot runs.
func (q *quarter) reminders(lives []*life) []reminder {
	var all []reminder
	for _, l := range lives {
		said := false
		for _, p := range l.parts {
			said = said && !p.newDue
			if said || !p.active() {
				continue
			}
			at := p.due
			if at.Before(p.from) {
				at = p.from
			}
			if at = q.running(at); !at.Before(p.to) {
				continue
			}
			said = true
			key := fmt.Sprintf("due:%s:%d", l.id, p.opening)
			if p.nth > 0 {
				key += fmt.Sprintf(":%d", p.nth)
			}
			all = append(all, reminder{l, key, at, at.Sub(p.due) > 10*time.Minute})
		}
	}
	return all
}

// remindersAreRight: each was posted once, in time, in its thread or, of several that were missed,
// together.
func (q *quarter) remindersAreRight(lives []*life) {
	q.t.Helper()
	const exact = 2 * time.Second // Slack's time is known to a second
	said, together := make(map[string]time.Time), make(map[string][]time.Time)
	q.each(`select key, queued_ms from outbox where notice = 'due'`, func(row []string) { said[row[0]] = moment(row[1]) })
	q.each(`select c.feedback_id, o.queued_ms from outbox o join covered c on c.key = o.key where o.notice = 'missed'`, func(row []string) {
		together[row[0]] = append(together[row[0]], moment(row[1]))
	})
	wanted := q.reminders(lives)
	late := make(map[int64]int)
	for _, r := range wanted {
		if r.late && slices.ContainsFunc(q.runs, func(s span) bool { return s.from.UnixMilli() == r.at.UnixMilli() }) {
			late[r.at.UnixMilli()]++
		}
	}
	bulletins := 0
	for _, r := range wanted {
		if r.late && late[r.at.UnixMilli()] > 1 {
			bulletins++
			before := together[r.life.feedbackID]
			after := slices.DeleteFunc(slices.Clone(before), func(at time.Time) bool { return at.Sub(r.at).Abs() < exact })
			if len(after) == len(before) && r.life.soonOver(r.at) {
				continue
			}
			assert.Len(q.t, after, len(before)-1, "missed at %s: %s %s", r.at, r.key, r.life)
			if together[r.life.feedbackID] = after; len(after) == 0 {
				delete(together, r.life.feedbackID)
			}
			continue
		}
		at, found := said[r.key]
		if !found && r.life.soonOver(r.at) {
			continue
		}
		assert.True(q.t, found, "%s at %s", r.key, r.at)
		assert.WithinDuration(q.t, r.at, at, exact, r.key)
		delete(said, r.key)
	}
	assert.Empty(q.t, said, "and no others")
	assert.Empty(q.t, together)
	q.enough(int64(len(wanted)), 150)
	q.enough(int64(bulletins), 3)
}

// mornings are the moments at which the leads had to be notified: at the opening of each
// office day, or as soon as the bot ran in office time.
func (q *quarter) mornings() []time.Time {
	var all []time.Time
	for day := q.runs[0].from; day.Before(q.runs[len(q.runs)-1].to); day = day.AddDate(0, 0, 1) {
		local := day.In(q.config.Location)
		open := time.Date(local.Year(), local.Month(), local.Day(), 9, 0, 0, 0, q.config.Location)
		if !officeDay(open) || open.Before(q.runs[0].from) {
			continue
		}
		if at := q.running(open); at.Before(open.Add(8*time.Hour)) && at.Before(q.runs[len(q.runs)-1].to) {
			all = append(all, at)
		}
	}
	return all
}

// escalationsAreRight: on each morning the leads were notified of what had become overdue, and
// of each opening once.
func (q *quarter) escalationsAreRight(lives []*life) {
	q.t.Helper()
	posted := make(map[string]time.Time) // by feedback and moment
	q.each(`select c.feedback_id, o.queued_ms, o.key from outbox o join covered c on c.key = o.key where o.notice = 'escalation'`, func(row []string) {
		at := moment(row[1])
		posted[row[0]+" "+row[1]] = at
		assert.Equal(q.t, "escalation:"+at.In(q.config.Location).Format(time.DateOnly), row[2])
	})
	n := 0
	for _, l := range lives {
		escalated := 0 // the opening that was
		for _, morning := range q.mornings() {
			for _, p := range l.parts {
				if !p.active() || p.from.After(morning) || !morning.Before(p.to) || !p.due.Before(morning) || p.opening == escalated || l.suspect {
					continue
				}
				escalated = p.opening
				n++
				key := l.feedbackID + " " + strconv.FormatInt(morning.UnixMilli(), 10)
				if _, found := posted[key]; !found && l.soonOver(morning) {
					continue
				}
				assert.Contains(q.t, posted, key, "%s on %s", l.id, morning)
				delete(posted, key)
			}
		}
	}
	for key := range posted {
		id, _, _ := strings.Cut(key, " ")
		assert.True(q.t, slices.ContainsFunc(lives, func(l *life) bool { return l.feedbackID == id && l.suspect }), "escalated without a reason: %s", key)
	}
	q.enough(int64(n), 50)
}

// digestsAreRight: every week and every month was reported once, in office time.
func (q *quarter) digestsAreRight() {
	q.t.Helper()
	posted := make(map[string]int)
	q.each(`select key, queued_ms from outbox where notice = 'digest'`, func(row []string) {
		for period := range strings.SplitSeq(strings.TrimPrefix(row[0], "digest:"), ",") {
			posted[period]++
		}
	})
	wanted := make(map[string]int)
	begin, end := q.runs[0].from.In(q.config.Location), q.runs[len(q.runs)-1].to
	for day := begin.AddDate(0, 0, 7); day.Before(end); day = day.AddDate(0, 0, 7) {
		year, week := day.AddDate(0, 0, -7).ISOWeek()
		wanted[fmt.Sprintf("%d-W%02d", year, week)] = 1
	}
	for next := time.Date(begin.Year(), begin.Month()+1, 1, 9, 0, 0, 0, q.config.Location); next.Before(end); next = next.AddDate(0, 1, 0) {
		wanted[next.AddDate(0, -1, 0).Format("2006-01")] = 1
	}
	assert.Equal(q.t, wanted, posted)
}

// riskIsRight: flagged are exactly the answers of streaks.
func (q *quarter) riskIsRight() {
	q.t.Helper()
	type answer struct {
		id    string
		kind  feedback.Kind
		mark  int
		at    time.Time
		shown bool
	}
	said := make(map[string][]answer)
	q.each(`select customer_id, id, kind, rating, occurred_ms, at_risk from feedback
where customer_id <> '' and voided_ms is null and kind in ('smiley', 'csat', 'nps') order by occurred_ms, id`, func(row []string) {
		mark, _ := strconv.Atoi(row[3])
		said[row[0]] = append(said[row[0]], answer{row[1], feedback.Kind(row[2]), mark, moment(row[4]), row[5] == "1"})
	})
	flagged := 0
	for customer, answers := range said {
		var streak []answer
		unhappy, near := 0, false
		for _, a := range answers {
			happy := a.kind == "smiley" && a.mark == 3 || a.kind == "csat" && a.mark >= 4 || a.kind == "nps" && a.mark >= 9
			switch {
			case happy:
				streak, unhappy, near = nil, 0, false
			case a.kind == "nps" && a.mark > 6:
			default:
				for _, b := range streak {
					near = near || (a.kind == "nps") != (b.kind == "nps") && a.at.Sub(b.at) <= 90*24*time.Hour
				}
				streak = append(streak, a)
				if a.kind != "nps" {
					unhappy++
				}
			}
		}
		risky := unhappy >= 3 || near
		for _, a := range answers {
			in := risky && slices.ContainsFunc(streak, func(b answer) bool { return b.id == a.id })
			assert.Equal(q.t, in, a.shown, "%s of %s", a.id, customer)
			if in {
				flagged++
			}
		}
	}
	q.enough(int64(flagged), 20)
	q.enough(q.number(`select count(*) from outbox where notice = 'risk'`), 10)
}

// scoresAreRight: the tallies are what counting everything gives.
func (q *quarter) scoresAreRight() {
	q.t.Helper()
	q.stop()
	s, err := sqlite.Open(q.t.Context(), q.config.Database.Reveal(), bot.StoreOptions(q.config))
	require.NoError(q.t, err)
	rebuilt, err := s.Rebuild(q.t.Context(), func(done, total int64) {})
	require.NoError(q.t, err)
	assert.Zero(q.t, rebuilt.Moved+rebuilt.Different+rebuilt.Service)
	require.NoError(q.t, s.Close())
}
