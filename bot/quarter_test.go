package bot_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback/office"
)

const leads = "C0LEADS"

// TestAQuarterAgreesWithItsHistory plays a quarter of a support team in fake time: some 5,000
// ratings of customers who comment late, change their mind and answer whether it helped;
// supporters who press every button; a Slack that fails in every way; and a bot that is stopped at
// any moment, sometimes for hours. Then other code than the bot's reads the history again, which
// must agree with what the bot says: see quarterproof_test.go. Without -quarters it is the first five
// weeks with some 800 ratings, with -short the first fortnight.
func TestAQuarterAgreesWithItsHistory(t *testing.T) {
	t.Parallel()
	const first = 6
	for i := range max(*quarters, 1) {
		seed := uint64(first + i)
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := newQuarter(t, seed, overHTTP)
				q.play()
				q.calm()
				q.prove()
			})
		})
	}
}

var quarters = flag.Int("quarters", 0, "how many busy quarters to play, each with another seed; 0 is five calmer weeks")

// A quarter is what happens in one.
type quarter struct {
	*fixture

	random *rand.Rand
	db     *sql.DB
	// ends is when the last event happens, pause the longest time between two of them.
	ends    time.Time
	pause   time.Duration
	up      bool
	unsent  []delivery // what the bot was not there to take
	serial  int
	explain []func() // what customers will still say
	team    []string // who presses buttons
	// runs are the times in which the bot ran; snoozes what was chosen, by feedback.
	runs    []span
	snoozes map[string][]snoozed
	// brief means that it is shorter than five weeks.
	brief bool
	// undated is how many of a hundred ratings come without occurred_at; arrived is when a delivery
	// did, by its id.
	undated int
	arrived map[string]time.Time
}

type span struct{ from, to time.Time }

type delivery struct {
	id   string
	body []byte
}

// snoozed is a choice of a snooze.
type snoozed struct {
	at     time.Time
	choice string
}

// newQuarter is early on Monday, 28 December 2026; the quarter has New Year's Day, Easter
// and the beginning of summer time in it.
func newQuarter(t *testing.T, seed uint64, w way) *quarter {
	t.Helper()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	time.Sleep(time.Until(time.Date(2026, 12, 28, 6, 0, 0, 0, amsterdam)))
	var lines pipes
	s := &fixture{t: t, way: w, listen: lines.listen, client: &http.Client{Transport: &http.Transport{DialContext: lines.dial}}, waits: time.Hour}
	q := &quarter{
		fixture: s, random: rand.New(rand.NewPCG(seed, 5)), snoozes: make(map[string][]snoozed), arrived: make(map[string]time.Time), up: true, team: []string{"U0BART", "U0ANNA"},
		ends: time.Date(2027, 2, 3, 0, 0, 0, 0, amsterdam), pause: 130 * time.Minute,
	}
	switch {
	case *quarters > 0:
		q.ends, q.pause = time.Date(2027, 4, 1, 0, 0, 0, 0, amsterdam), 52*time.Minute
	case testing.Short():
		q.ends = time.Date(2027, 1, 11, 0, 0, 0, 0, amsterdam)
	}
	s.open()
	s.stop()
	s.slack.AddChannel(fakeslack.Channel{ID: leads, Name: "leads", Members: []string{s.slack.Options().BotUserID, "U0ANNA"}})
	holidays, err := office.ParseHolidays("nl")
	require.NoError(t, err)
	s.config.LeadChannel = leads
	s.config.OfficeHours, err = office.ParseHours("Mon-Fri 09:00-17:00", amsterdam, holidays)
	require.NoError(t, err)
	q.runs = append(q.runs, span{from: time.Now()})
	s.start()
	q.db, err = sql.Open("sqlite3", "file:"+s.config.Database.Reveal()+"?mode=ro")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, q.db.Close()) })
	return q
}

// play makes something happen again and again, mostly a rating.
func (q *quarter) play() {
	q.t.Helper()
	for time.Now().Before(q.ends) {
		time.Sleep(time.Duration(q.random.Float64() * float64(q.pause)))
		switch what := q.random.IntN(100); {
		case what < 2:
			q.away()
		case what < 4:
			q.fails()
		case what < 55:
			q.rates()
		case what < 65 && len(q.explain) > 0:
			i := q.random.IntN(len(q.explain))
			say := q.explain[i]
			q.explain = slices.Delete(q.explain, i, i+1)
			say()
		default:
			for range 1 + q.random.IntN(4) {
				q.works()
				time.Sleep(time.Second)
			}
		}
	}
}

// away stops the bot, for a moment or for up to a day.
func (q *quarter) away() {
	q.t.Helper()
	q.stop()
	q.runs[len(q.runs)-1].to = time.Now()
	q.up = false
	if q.random.IntN(3) == 0 {
		gap := time.Duration(q.random.Float64() * float64(24*time.Hour))
		for until := time.Now().Add(gap); time.Now().Before(until); {
			time.Sleep(gap / 4)
			q.rates()
		}
	}
	q.back()
}

func (q *quarter) back() {
	q.t.Helper()
	q.runs = append(q.runs, span{from: time.Now()})
	q.start()
	q.up = true
	synctest.Wait()
	unsent := q.unsent
	q.unsent = nil
	for _, d := range unsent { // in any order
		q.post(d)
	}
}

// fails has Slack fail for some minutes.
func (q *quarter) fails() {
	q.t.Helper()
	kinds := []fakeslack.Kind{
		fakeslack.Status(http.StatusServiceUnavailable), fakeslack.StatusAfter(http.StatusBadGateway), fakeslack.CutAfter(), fakeslack.CutBefore(),
		fakeslack.RateLimited(30 * time.Second), fakeslack.ErrorCodeAfter("internal_error"), fakeslack.ErrorCode("not_in_channel"),
	}
	method := []string{"chat.postMessage", "chat.update", ""}[q.random.IntN(3)]
	q.slack.Fail(fakeslack.Fault{Method: method, Kind: kinds[q.random.IntN(len(kinds))], Times: -1})
	for range q.random.IntN(4) {
		q.rates()
		time.Sleep(time.Duration(q.random.Float64() * float64(20*time.Minute)))
		q.works()
	}
	q.slack.Heal()
}

// rates has a few customers answer.
func (q *quarter) rates() {
	q.t.Helper()
	for range 1 + q.random.IntN(3) {
		q.serial++
		event := map[string]any{"id": fmt.Sprint("r-", q.serial), "channel": "ticket", "occurred_at": now()}
		if n := q.random.IntN(300); n > 20 {
			event["customer"] = map[string]any{"id": fmt.Sprint("c-", n), "name": "Jan de Vries"}
		}
		switch q.random.IntN(10) {
		case 0:
			event["kind"], event["channel"], event["score"] = "nps", "panel", q.random.IntN(11)
		case 1:
			event["kind"], event["score"] = "csat", 1+q.random.IntN(5)
		default:
			event["smiley"] = []string{"green", "green", "green", "yellow", "red"}[q.random.IntN(5)]
		}
		if q.random.IntN(5) == 0 {
			event["comment"] = "Stap 3 klopt niet"
		}
		if first := q.random.IntN(12); first == 0 && q.serial > 20 {
			event["follow_up_of"] = fmt.Sprint("r-", q.serial-1-q.random.IntN(20))
		}
		if q.undated > 0 && q.random.IntN(100) < q.undated {
			delete(event, "occurred_at")
		}
		q.send(event)
		q.later(event)
	}
}

func now() string { return time.Now().UTC().Format(time.RFC3339Nano) }

// later has a customer explain, change their mind, or click twice, sometimes.
func (q *quarter) later(event map[string]any) {
	q.t.Helper()
	smiley, ok := event["smiley"].(string)
	switch dice := q.random.IntN(20); {
	case dice < 5:
		q.explain = append(q.explain, func() {
			q.send(map[string]any{"id": event["id"], "channel": event["channel"], "kind": kindOf(event), "comment": "Ach ja", "occurred_at": now()})
		})
	case dice < 8 && ok:
		q.explain = append(q.explain, func() {
			other := []string{"green", "red"}[q.random.IntN(2)]
			q.send(map[string]any{"id": event["id"], "channel": "ticket", "smiley": other, "occurred_at": now()})
		})
	case dice == 8 && ok: // a mail scanner
		time.Sleep(2 * time.Second)
		other := map[string]string{"green": "red", "yellow": "green", "red": "yellow"}[smiley]
		q.send(map[string]any{"id": event["id"], "channel": "ticket", "smiley": other, "occurred_at": now()})
	}
}

func kindOf(event map[string]any) string {
	kind, _ := event["kind"].(string)
	return kind
}

// send delivers an event, now and then twice.
func (q *quarter) send(event map[string]any) {
	q.t.Helper()
	if event["kind"] == "" {
		delete(event, "kind")
	}
	body, err := json.Marshal(event)
	require.NoError(q.t, err)
	q.serial++
	d := delivery{id: fmt.Sprint("d-", q.serial), body: body}
	q.post(d)
	if q.random.IntN(20) == 0 {
		q.post(d)
	}
}

// post fires the webhook; a sender keeps what was not taken.
func (q *quarter) post(d delivery) {
	q.t.Helper()
	if !q.up {
		q.unsent = append(q.unsent, d)
		return
	}
	hook, err := standardwebhooks.NewWebhook(webhookSecret)
	require.NoError(q.t, err)
	at := time.Now()
	signature, err := hook.Sign(d.id, at, d.body)
	require.NoError(q.t, err)
	r, err := http.NewRequestWithContext(q.t.Context(), http.MethodPost, q.url+"/webhooks/feedback", bytes.NewReader(d.body))
	require.NoError(q.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("webhook-id", d.id)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("webhook-signature", signature)
	status, text := q.do(r)
	if status == http.StatusUnprocessableEntity {
		return // the comment came before its rating: senders that reorder do that
	}
	require.Contains(q.t, []int{http.StatusOK, http.StatusAccepted}, status, text)
	if _, repeated := q.arrived[d.id]; !repeated {
		q.arrived[d.id] = at
	}
	if q.random.IntN(4) > 0 {
		synctest.Wait()
	}
}

// works has a supporter press something in the message of one of the last feedbacks that
// Slack shows.
func (q *quarter) works() {
	q.t.Helper()
	if !q.up {
		return
	}
	var id, ts string
	err := q.db.QueryRowContext(q.t.Context(), `
select key, ts from outbox where notice is null and ts is not null and slack_channel = $1 and rank < 2 order by key desc limit 1 offset $2`,
		q.config.SlackChannel, q.random.IntN(25)).Scan(&id, &ts)
	if err != nil {
		return
	}
	m, found := q.slack.Message(q.config.SlackChannel, ts)
	if !found {
		return
	}
	c := fakeslack.Click{User: q.pick(q.team), Channel: q.config.SlackChannel, MessageTS: ts}
	buttons, menu := actionsOf(q.t, m)
	c.ActionID = q.pick(append(buttons, menu...))
	if c.ActionID == "" {
		return
	}
	if slices.Contains(menu, c.ActionID) {
		c.ActionID, c.Option = "feedback_more", c.ActionID
	}
	if q.way == overSocket {
		q.slack.CloseViews(c.User) // of a click that came late
		n, err := q.slack.PushClick(c)
		q.arrives(n, err)
	} else {
		r, err := q.slack.ClickRequest(q.t.Context(), q.url+"/slack/interactions", c)
		q.takes(r, err)
	}
	synctest.Wait()
	q.fillsIn(c.User, id)
}

// takes checks that the bot takes a request.
func (q *quarter) takes(r *http.Request, err error) {
	q.t.Helper()
	require.NoError(q.t, err)
	status, body := q.do(r)
	require.Equal(q.t, http.StatusOK, status, body)
}

// arrives waits until the bot has acknowledged an envelope.
func (q *quarter) arrives(n int, err error) {
	q.t.Helper()
	require.NoError(q.t, err)
	q.fixture.until("the acknowledgement", func(f *fakeslack.Server) bool { return f.Envelope(n).Acked })
}

func (q *quarter) pick(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[q.random.IntN(len(list))]
}

// fillsIn submits the form that a click has opened, mostly.
func (q *quarter) fillsIn(user, feedbackID string) {
	q.t.Helper()
	views := q.slack.Views(user)
	if len(views) == 0 {
		return
	}
	f := fakeslack.Submission{ViewID: views[len(views)-1].ID, Values: map[string]string{"outcome": "guide_fixed", "note": "Stap 3 herschreven"}}
	switch views[len(views)-1].CallbackID {
	case "feedback_void":
		f.Values = map[string]string{"reason": "een test"}
	case "followup_snooze":
		until := q.pick([]string{"1h", "4h", "tomorrow", "monday"})
		f.Values = map[string]string{"until": until}
		q.snoozes[feedbackID] = append(q.snoozes[feedbackID], snoozed{time.Now(), until})
	case "followup_assign":
		f.Values = map[string]string{"assignee": q.pick(append([]string{"U0GUEST"}, q.team...))}
	}
	if q.way == overSocket {
		n, err := q.slack.PushSubmission(f)
		q.arrives(n, err)
		synctest.Wait()
		return
	}
	r, err := q.slack.SubmitRequest(q.t.Context(), q.url+"/slack/interactions", f)
	q.takes(r, err)
	synctest.Wait()
	require.NoError(q.t, q.slack.Answered(f.ViewID, nil))
}

// actionsOf are the ids of what can be pressed in a message, and chosen in its menu.
func actionsOf(t *testing.T, m fakeslack.Message) (buttons, menu []string) {
	t.Helper()
	var blocks []struct {
		Type     string `json:"type"`
		Elements []struct {
			ActionID string `json:"action_id"`
			Options  []struct {
				Value string `json:"value"`
			} `json:"options"`
		} `json:"elements"`
	}
	if len(m.Blocks) > 0 { // else Slack refused them, and it is text
		require.NoError(t, json.Unmarshal(m.Blocks, &blocks))
	}
	for _, b := range blocks {
		if b.Type != "actions" {
			continue
		}
		for _, e := range b.Elements {
			if e.ActionID != "feedback_more" {
				buttons = append(buttons, e.ActionID)
			}
			for _, o := range e.Options {
				menu = append(menu, o.Value)
			}
		}
	}
	return buttons, menu
}

// calm lets three days pass with a Slack that works, until nothing is under way any more.
func (q *quarter) calm() {
	q.t.Helper()
	q.slack.Heal()
	time.Sleep(72 * time.Hour)
	synctest.Wait()
	q.runs[len(q.runs)-1].to = time.Now()
}
