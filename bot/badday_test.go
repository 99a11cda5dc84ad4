package bot_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"net/http"
	"slices"
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
	days       = flag.Int("days", 3, "how many days TestABadDay plays, each with another seed; one with -short")
	dayRatings = flag.Int("day-ratings", 45, "how many ratings come in on each of them, apart from those of two busy hours")
)

// silence is what Slack asks for on a bad day whenever it asks for silence.
const silence = 17 * time.Second

// moved is the channel in which the support team goes on when its own is archived.
const moved = "C0MOVED"

// TestABadDay plays a day on which Slack fails in every way it has, one after the other, also after it
// did what was asked, and is away for two busy hours. Before that a claimer leaves; afterwards the support
// channel is archived and the bot gets another one. The seed chooses how Slack speaks to the bot, how much of
// the history the bot may read, and how much of the metadata the history shows. In the end everything is
// posted once, in its last state; nothing came too early; the unhappy came first; and the log stayed short.
func TestABadDay(t *testing.T) {
	t.Parallel()
	const first = 70
	for i := range *days {
		if testing.Short() && i > 0 {
			break
		}
		seed := uint64(first + i)
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newBadDay(t, seed)
				d.play()
				d.prove()
			})
		})
	}
}

type badDay struct {
	*quarter

	rated     int
	rationed  bool // the bot may read little of the history
	outage    span
	logged    [2]map[string]int // lines of the log when the outage began and ended, by what they say
	left      time.Time         // when U0BART did
	disturbed map[string]int    // how often what went wrong that is not a fault
}

func newBadDay(t *testing.T, seed uint64) *badDay {
	t.Helper()
	d := &badDay{quarter: newQuarter(t, seed, []way{overHTTP, overSocket}[seed%2]), disturbed: make(map[string]int)}
	for _, id := range []string{"U0VERA", "U0CEES"} {
		d.slack.AddUser(fakeslack.User{ID: id, Name: strings.ToLower(id[2:])})
		d.slack.Join(support, id)
	}
	d.slack.ShowMetadata(fakeslack.Shown(seed % 3))
	if d.rationed = seed/2%2 > 0; d.rationed {
		d.slack.LimitHistory(15, time.Minute)
	}
	return d
}

// play lets ratings come in evenly over 20 hours, and trouble all the while.
func (d *badDay) play() {
	d.t.Helper()
	synctest.Wait()
	n := *dayRatings
	step := 20 * time.Hour / time.Duration(n)
	trouble := time.Now()
	for i := range n {
		time.Sleep(time.Duration(2 * d.random.Float64() * float64(step)))
		away := i >= n/3 && i < n/3+n/10 // two hours
		switch {
		case i == n/3:
			d.begins()
		case i == n/3+n/10:
			d.ends()
			trouble = time.Now().Add(20 * time.Minute)
		case i == n*2/3:
			d.moves()
		case i == n/4:
			d.leaves()
		case !away && time.Now().After(trouble):
			d.slack.Heal()
			d.goesWrong()
			trouble = time.Now().Add(time.Duration(d.random.Float64() * float64(10*time.Minute)))
		}
		d.ratesOnce()
		if away {
			d.ratesOnce()
			d.ratesOnce()
		}
		if len(d.explain) > 0 && d.random.IntN(3) == 0 {
			say := d.explain[0]
			d.explain = d.explain[1:]
			say()
		}
		if d.random.IntN(2) == 0 && (d.way == overHTTP || d.slack.Sockets() > 0) {
			d.works()
		}
	}
	d.slack.Heal()
	time.Sleep(3*time.Hour + time.Duration(n)*2*time.Second) // and all the messages that wait, a second each
	synctest.Wait()
	d.runs[len(d.runs)-1].to = time.Now()
}

// moves has the support channel archived, and the bot restarted with another one.
func (d *badDay) moves() {
	d.t.Helper()
	d.slack.Heal()
	d.slack.AddChannel(fakeslack.Channel{ID: moved, Name: "moved", Members: []string{d.slack.Options().BotUserID, "U0BART", "U0ANNA", "U0GUEST", "U0VERA", "U0CEES"}})
	d.slack.Archive(support, true)
	time.Sleep(time.Minute)
	d.stop()
	d.runs[len(d.runs)-1].to = time.Now()
	d.config.SlackChannel = moved
	d.back()
}

// leaves has Slack deactivate a colleague who has just claimed what is open.
func (d *badDay) leaves() {
	d.t.Helper()
	d.slack.Heal()
	var open []string
	d.each(`select o.ts from outbox o join followup u on u.feedback_id = o.key where u.state = 'open' and o.ts is not null`, func(row []string) {
		m, _ := d.slack.Message(support, row[0])
		if buttons, _ := actionsOf(d.t, m); slices.Contains(buttons, "followup_claim") {
			open = append(open, row[0])
		}
	})
	for _, ts := range open {
		c := fakeslack.Click{User: "U0BART", Channel: support, MessageTS: ts, ActionID: "followup_claim"}
		if d.way == overSocket {
			n, err := d.slack.PushClick(c)
			d.arrives(n, err)
		} else {
			r, err := d.slack.ClickRequest(d.t.Context(), d.url+"/slack/interactions", c)
			d.takes(r, err)
		}
		synctest.Wait()
	}
	d.slack.AddUser(fakeslack.User{ID: "U0BART", Name: "bart", Deleted: true})
	d.left, d.team = time.Now(), []string{"U0CEES", "U0ANNA"}
}

// ratesOnce has one customer answer, who perhaps explains later.
func (d *badDay) ratesOnce() {
	d.t.Helper()
	d.serial++
	d.rated++
	event := map[string]any{
		"id": "r-" + strconv.Itoa(d.serial), "channel": "ticket", "occurred_at": now(), "smiley": []string{"green", "green", "green", "yellow", "red"}[d.random.IntN(5)],
		"customer": map[string]any{"id": "c-" + strconv.Itoa(d.serial)},
	}
	d.send(event)
	d.later(event)
}

// goesWrong has something go wrong: mostly Slack, for some calls or until it is healed.
func (d *badDay) goesWrong() {
	d.t.Helper()
	other := []func(){d.asks, d.shares}
	if d.way == overSocket {
		other = append(other, d.disconnects, d.disconnects)
	}
	if i := d.random.IntN(4 * len(other)); i < len(other) {
		other[i]()
		return
	}
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
		{post, fakeslack.RateLimitedAfter(silence)},
		{post, fakeslack.ErrorCodeAfter("message_limit_exceeded")},
		{post, fakeslack.ErrorCodeAfter("unheard_of")},
		{update, fakeslack.RateLimitedAfter(silence)},
		{post, fakeslack.ErrorCode("restricted_action_read_only_channel")},
		{"users.info", fakeslack.Status(http.StatusBadGateway)},
		{"response_url", fakeslack.Status(http.StatusServiceUnavailable)},
	}
	f := failures[d.random.IntN(len(failures))]
	times := 1 + d.random.IntN(6)
	if f.method == post && d.random.IntN(4) == 0 {
		times = -1
	}
	d.slack.Fail(fakeslack.Fault{Method: f.method, Kind: f.kind, Times: times})
}

// asks has someone ask for a score, which arrives twice over HTTP, while the first answer does not get
// through. One does, and no more.
func (d *badDay) asks() {
	d.t.Helper()
	before := len(d.slack.Ephemerals("U0VERA"))
	kinds := []fakeslack.Kind{fakeslack.Status(http.StatusInternalServerError), fakeslack.Status(http.StatusServiceUnavailable), fakeslack.CutBefore()}
	d.command("today", kinds[d.random.IntN(len(kinds))])
	assert.Len(d.t, d.slack.Ephemerals("U0VERA"), before+1, "answers to a question")
	d.disturbed["question"]++
}

// shares has someone share a score; Slack shows it, and its answer to the bot gets lost.
func (d *badDay) shares() {
	d.t.Helper()
	scores := func() (n int) {
		for _, m := range d.slack.Messages(d.config.SlackChannel) {
			if strings.HasPrefix(m.Text, "Smileys") && !m.IsReply() {
				n++
			}
		}
		return n
	}
	before := scores()
	kinds := []fakeslack.Kind{fakeslack.StatusAfter(http.StatusInternalServerError), fakeslack.CutAfter(), fakeslack.HangAfter()}
	d.command("today share", kinds[d.random.IntN(len(kinds))])
	assert.Equal(d.t, before+1, scores(), "shared scores")
	d.disturbed["share"]++
}

// command types a command whose first answer fails.
func (d *badDay) command(text string, kind fakeslack.Kind) {
	d.t.Helper()
	d.slack.Fail(fakeslack.Fault{Method: "response_url", Kind: kind})
	c := fakeslack.Slash{User: "U0VERA", Channel: d.config.SlackChannel, Command: "/smileys", Text: text}
	if d.way == overSocket {
		d.arrives(d.slack.PushSlash(c), nil)
	} else {
		r, err := d.slack.SlashRequest(d.t.Context(), d.url+"/slack/commands", c)
		require.NoError(d.t, err)
		again := r.Clone(r.Context())
		again.Body, err = r.GetBody()
		d.takes(r, err)
		d.takes(again, nil)
	}
	time.Sleep(time.Minute)
	synctest.Wait()
	d.slack.Heal()
}

// disconnects ends the connection for one of Slack's reasons, or none, perhaps with acknowledgements on
// the way.
func (d *badDay) disconnects() {
	d.t.Helper()
	ways := []func() error{d.slack.DropLine, d.slack.StopPings}
	for _, reason := range []string{"warning", "refresh_requested", "link_disabled", "too_many_websockets", "unheard_of"} {
		ways = append(ways, func() error { return d.slack.Disconnect(reason) })
	}
	d.slack.LoseAcks(d.random.IntN(2))
	require.NoError(d.t, ways[d.random.IntN(len(ways))]())
	d.disturbed["disconnect"]++
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
	d.t.Logf("besides: %v; %d claims came back", d.disturbed, d.number(`select count(*) from transition where made_by = 'clock' and from_state = 'claimed'`))
	require.Equal(d.t, int64(d.rated), d.number(`select count(*) from feedback`))
	d.everythingIsShownOnce()
	assert.Zero(d.t, d.number(`select count(*) from followup where state = 'claimed' and claimer = 'U0BART' and due_ms between $1 and $2`,
		d.left.Add(time.Hour).UnixMilli(), time.Now().Add(-time.Hour).UnixMilli()), "claims of who left")
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
	for _, channel := range []string{support, moved} {
		for _, m := range d.slack.Messages(channel) {
			if m.Metadata == nil {
				continue
			}
			if id, ok := m.Metadata.EventPayload["feedback_id"].(string); ok {
				shown[id] = m
			}
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
		if at := limited[c.Method]; !at.IsZero() && !strings.HasPrefix(c.Method, "conversations.") {
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
// unhappy customer has been waiting, of those who never changed their mind. A post in doubt waits for the
// history, where little of it may be read.
func (d *badDay) unhappyFirst() {
	d.t.Helper()
	type waiting struct {
		rating   string
		received time.Time
		doubt    bool
	}
	known := make(map[string]waiting)
	d.each(`
select f.id, f.rating, f.received_ms from feedback f where (select count(*) from history h where h.feedback_id = f.id and h.field = 'rating') = 1`, func(row []string) {
		known[row[0]] = waiting{rating: row[1], received: moment(row[2])}
	})
	var order []waiting
	var at []time.Time
	for _, c := range d.slack.Calls() {
		var metadata struct {
			Payload struct {
				ID string `json:"feedback_id"`
			} `json:"event_payload"`
		}
		if c.Method != "chat.postMessage" || c.At.After(d.outage.to.Add(15*time.Minute)) || json.Unmarshal([]byte(c.Args["metadata"]), &metadata) != nil {
			continue
		}
		w, ok := known[metadata.Payload.ID]
		switch {
		case ok && c.At.Before(d.outage.to):
			w.doubt = d.rationed
			known[metadata.Payload.ID] = w
		case ok && c.Done:
			order, at = append(order, w), append(at, c.At)
		}
	}
	require.Greater(d.t, len(order), *dayRatings/20, "messages that waited")
	reds := 0
	for i, w := range order {
		if w.rating == "1" && w.received.Before(d.outage.to) {
			reds++
		}
		for _, later := range order[i+1:] {
			if w.rating > later.rating && !later.doubt {
				assert.True(d.t, later.received.After(at[i].Add(-2*time.Second)), "a message of colour %s went before one of colour %s that came at %s", w.rating, later.rating, later.received)
			}
		}
	}
	assert.Positive(d.t, reds)
}
