package bot_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

var (
	days       = flag.Int("days", 1, "how many days TestABadDay plays, each with another seed")
	dayRatings = flag.Int("day-ratings", 0, "how many ratings come in on each of them; 0 is 300, or 100 with -short")
)

// silence is what Slack asks for on a bad day whenever it asks for silence.
const silence = 17 * time.Second

// ratings is how many ratings come in on a bad day.
func ratings() int {
	switch {
	case *dayRatings > 0:
		return *dayRatings
	case testing.Short():
		return 100
	default:
		return 300
	}
}

// TestABadDay plays a day on which Slack fails in every way it has, one after the other,
// and is away for two hours while customers go on rating. In the end everything is posted once,
// in its last state; nothing came too early; the unhappy came first; and the log stayed short.
func TestABadDay(t *testing.T) {
	t.Parallel()
	const first = 70
	for i := range *days {
		seed := uint64(first + i)
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := &badDay{quarter: newQuarter(t, seed)}
				d.play()
				d.prove()
			})
		})
	}
}

type badDay struct {
	*quarter

	outage span
	logged [2]map[string]int // lines of the log when the outage began and ended, by what they say
}

// play lets ratings come in evenly over 20 hours, and trouble all the while.
func (d *badDay) play() {
	d.t.Helper()
	synctest.Wait()
	n := ratings()
	step := 20 * time.Hour / time.Duration(n)
	trouble := time.Now()
	for i := range n {
		time.Sleep(time.Duration(2 * d.random.Float64() * float64(step)))
		switch {
		case i == n/3:
			d.begins()
		case i == n/3+n/10: // two hours later
			d.ends()
			trouble = time.Now().Add(20 * time.Minute)
		case (i < n/3 || i > n/3+n/10) && time.Now().After(trouble):
			d.slack.Heal()
			d.goesWrong()
			trouble = time.Now().Add(time.Duration(d.random.Float64() * float64(10*time.Minute)))
		}
		d.ratesOnce()
		if len(d.explain) > 0 && d.random.IntN(3) == 0 {
			say := d.explain[0]
			d.explain = d.explain[1:]
			say()
		}
		if d.random.IntN(10) == 0 {
			d.works()
		}
	}
	d.slack.Heal()
	time.Sleep(time.Hour + time.Duration(n)*2*time.Second) // and all the messages that wait, a second each
	synctest.Wait()
	d.runs[len(d.runs)-1].to = time.Now()
}

// ratesOnce has one customer answer, who perhaps explains later.
func (d *badDay) ratesOnce() {
	d.t.Helper()
	d.serial++
	event := map[string]any{
		"id": "r-" + strconv.Itoa(d.serial), "channel": "ticket", "occurred_at": now(), "smiley": []string{"green", "green", "green", "yellow", "red"}[d.random.IntN(5)],
		"customer": map[string]any{"id": "c-" + strconv.Itoa(d.serial)},
	}
	d.send(event)
	d.later(event)
}

// goesWrong has Slack fail in some way, for some calls or until it is healed.
func (d *badDay) goesWrong() {
	d.t.Helper()
	type failure struct {
		method string
		kind   fakeslack.Kind
	}
	const post, update, history = "chat.postMessage", "chat.update", "conversations.history"
	failures := []failure{
		{post, fakeslack.RateLimited(silence)},
		{update, fakeslack.RateLimited(silence)},
		{history, fakeslack.RateLimited(silence)},
		{"", fakeslack.Status(http.StatusServiceUnavailable)},
		{post, fakeslack.StatusAfter(http.StatusBadGateway)},
		{post, fakeslack.ErrorCode("internal_error")},
		{post, fakeslack.ErrorCodeAfter("fatal_error")},
		{update, fakeslack.ErrorCodeAfter("internal_error")},
		{"", fakeslack.CutBefore()},
		{"", fakeslack.CutAfter()},
		{post, fakeslack.Hang()},
		{post, fakeslack.HangAfter()},
		{"", fakeslack.Garbage()},
		{post, fakeslack.GarbageAfter()},
		{"", fakeslack.ErrorCode("token_revoked")},
		{post, fakeslack.ErrorCode("not_in_channel")},
		{post, fakeslack.ErrorCode("is_archived")},
		{post, fakeslack.ErrorCode("invalid_blocks")},
		{update, fakeslack.ErrorCode("edit_window_closed")},
		{update, fakeslack.ErrorCode("message_not_found")},
		{update, fakeslack.ErrorCode("cant_update_message")},
		{history, fakeslack.ErrorCode("missing_scope")},
	}
	f := failures[d.random.IntN(len(failures))]
	times := 1 + d.random.IntN(6)
	if f.method == post && d.random.IntN(4) == 0 {
		times = -1
	}
	d.slack.Fail(fakeslack.Fault{Method: f.method, Kind: f.kind, Times: times})
}

// begins and ends are those of the outage.
func (d *badDay) begins() {
	d.t.Helper()
	d.slack.Heal()
	synctest.Wait()
	d.outage.from, d.logged[0] = time.Now(), d.troubled()
	d.slack.Fail(fakeslack.Fault{Kind: []fakeslack.Kind{fakeslack.Status(http.StatusServiceUnavailable), fakeslack.CutBefore(), fakeslack.Hang()}[d.random.IntN(3)], Times: -1})
}

func (d *badDay) ends() {
	d.t.Helper()
	d.outage.to, d.logged[1] = time.Now(), d.troubled()
	d.slack.Heal()
}

// troubled counts the lines of the log that are not about a rating that was taken, nor about
// what people asked for: those are as many as people ask.
func (d *badDay) troubled() map[string]int {
	d.t.Helper()
	lines := make(map[string]int)
	for scanner := bufio.NewScanner(strings.NewReader(d.log.String())); scanner.Scan(); {
		var line struct{ Msg, Method string }
		require.NoError(d.t, json.Unmarshal(scanner.Bytes(), &line))
		switch line.Msg {
		case "stored feedback", "command failed", "could not send an answer to slack":
		default:
			lines[strings.TrimSpace(line.Msg+" "+line.Method)]++
		}
	}
	return lines
}

func (d *badDay) prove() {
	d.t.Helper()
	logged := 0
	for what, n := range d.logged[1] {
		if more := n - d.logged[0][what]; more > 0 {
			d.t.Logf("logged %d times during the outage: %s", more, what)
			logged += more
		}
	}
	d.t.Logf("%d ratings, %d calls of Slack, %d of them during %s without it; the log then grew by %d lines",
		d.number(`select count(*) from feedback`), len(d.slack.Calls()), d.callsWithin(d.outage), d.outage.to.Sub(d.outage.from).Round(time.Minute), logged)
	require.Equal(d.t, int64(ratings()), d.number(`select count(*) from feedback`))
	d.everythingIsShownOnce()
	d.showsTheLastState()
	d.lawful(d.lives())
	d.keepsThePace()
	d.unhappyFirst()
	assert.LessOrEqual(d.t, logged, int(d.outage.to.Sub(d.outage.from)/(5*time.Minute)), "lines of the log without Slack: less than one in five minutes")
}

func (d *badDay) callsWithin(s span) (n int) {
	for _, c := range d.slack.Calls() {
		if c.At.After(s.from) && c.At.Before(s.to) {
			n++
		}
	}
	return n
}

// showsTheLastState: the colour as a word, and the comment, as the database has them.
func (d *badDay) showsTheLastState() {
	d.t.Helper()
	shown := make(map[string]fakeslack.Message)
	for _, m := range d.slack.Messages(support) {
		if id, ok := m.Metadata.EventPayload["feedback_id"].(string); ok {
			shown[id] = m
		}
	}
	d.each(`select id, rating, comment from feedback`, func(row []string) {
		m := shown[row[0]]
		assert.Contains(d.t, strings.ToLower(m.Text), map[string]string{"1": "red", "2": "yellow", "3": "green"}[row[1]], row[0])
		comment, err := json.Marshal(row[2])
		require.NoError(d.t, err)
		assert.Contains(d.t, string(m.Blocks), strings.Trim(string(comment), `"`), row[0])
	})
}

// keepsThePace: a second between two posts in a channel, and no call of a method before the
// silence is over that Slack asked for.
func (d *badDay) keepsThePace() {
	d.t.Helper()
	posted, limited := make(map[string]time.Time), make(map[string]time.Time)
	silences := 0
	for _, c := range d.slack.Calls() {
		if at := limited[c.Method]; !at.IsZero() {
			assert.GreaterOrEqual(d.t, c.At.Sub(at), silence, "%s at %s", c.Method, c.At)
		}
		delete(limited, c.Method)
		if c.Outcome == "ratelimited" {
			limited[c.Method] = c.At
			silences++
		}
		if c.Method != "chat.postMessage" {
			continue
		}
		if at := posted[c.Channel]; !at.IsZero() {
			assert.GreaterOrEqual(d.t, c.At.Sub(at), time.Second, "a post in %s at %s", c.Channel, c.At)
		}
		posted[c.Channel] = c.At
	}
	assert.Positive(d.t, silences)
}

// unhappyFirst: after the outage no message of a happy customer is posted while one of an
// unhappy customer has been waiting, of those who never changed their mind.
func (d *badDay) unhappyFirst() {
	d.t.Helper()
	type waiting struct {
		rating   string
		received time.Time
	}
	known := make(map[string]waiting)
	d.each(`
select f.id, f.rating, f.received_ms from feedback f where (select count(*) from history h where h.feedback_id = f.id and h.field = 'rating') = 1`, func(row []string) {
		known[row[0]] = waiting{row[1], moment(row[2])}
	})
	var order []waiting
	var at []time.Time
	for _, c := range d.slack.Calls() {
		var metadata struct {
			Payload struct {
				ID string `json:"feedback_id"`
			} `json:"event_payload"`
		}
		if c.Method != "chat.postMessage" || !c.Done || c.At.Before(d.outage.to) || c.At.After(d.outage.to.Add(15*time.Minute)) ||
			json.Unmarshal([]byte(c.Args["metadata"]), &metadata) != nil {
			continue
		}
		if w, ok := known[metadata.Payload.ID]; ok {
			order, at = append(order, w), append(at, c.At)
		}
	}
	require.Greater(d.t, len(order), ratings()/20, "messages that waited")
	reds := 0
	for i, w := range order {
		if w.rating == "1" && w.received.Before(d.outage.to) {
			reds++
		}
		for _, later := range order[i+1:] {
			if w.rating > later.rating {
				assert.True(d.t, later.received.After(at[i].Add(-2*time.Second)), "a message of colour %s went before one of colour %s that came at %s", w.rating, later.rating, later.received)
			}
		}
	}
	assert.Positive(d.t, reds)
}
