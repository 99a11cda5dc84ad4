package soak

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

var (
	kills = flag.Int("kills", 5, "how often TestKilled kills the program")
	seed  = flag.Uint64("seed", 0, "of TestKilled and TestDisturbed; 0 is one of the clock's")
)

// TestKilled kills the real program at any moment, while it starts, stores, posts or stops, under
// load and with a Slack that fails in every way. Senders repeat what was not acknowledged. In the
// end everything that was acknowledged is in the database, and in Slack exactly once, in its last
// state.
func TestKilled(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits half a minute and more for posts in doubt")
	}
	s := newSeed()
	t.Logf("go test ./test/soak -run=TestKilled -kills=%d -seed=%d", *kills, s)
	w := newWorld(t, s)
	w.long = *kills > 10
	w.send(6, func() int { return 8 * *kills })
	w.disturb()
	for range *kills {
		w.killSoon()
	}
	w.finish()
	w.prove()
}

func newSeed() uint64 {
	if *seed != 0 {
		return *seed
	}
	return uint64(time.Now().UnixNano())
}

// A world is a bot that is killed, its senders and its Slack.
type world struct {
	t       *testing.T
	random  *rand.Rand
	slack   *fakeslack.Server
	program builder
	env     []string
	path    string
	url     atomic.Pointer[string] // of the bot that runs, if one does
	route   func() *string         // the URL that a request goes to, nil when no bot listens
	within  time.Duration          // how long a sender waits for an answer
	hearing sync.WaitGroup         // until it listens or is gone
	ledger  ledger
	sending sync.WaitGroup
	faults  sync.WaitGroup
	over    context.Context //nolint:containedctx // ends with the kills
	end     context.CancelFunc
	running *serving
	starts  int
	long    bool // the long form

	repeated []string // the results that a repeat may have
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := &world{
		t: t, program: program, random: rand.New(rand.NewPCG(seed, 1)), path: filepath.Join(t.TempDir(), "smileybot.db"),
		slack: fakeslack.New(fakeslack.Options{SigningSecret: signing}), ledger: ledger{rated: make(map[string]*rated)},
		repeated: []string{"duplicate"}, within: 10 * time.Second,
	}
	w.route = w.url.Load
	w.over, w.end = context.WithCancel(t.Context())
	w.slack.AddUser(fakeslack.User{ID: "U0BART", Name: "bart", RealName: "Bart"})
	var routes []string
	for _, c := range append([]string{"lead"}, channels...) {
		w.slack.AddChannel(fakeslack.Channel{ID: slackChannel(c), Name: c, Members: []string{w.slack.Options().BotUserID, "U0BART"}})
		routes = append(routes, c+"="+slackChannel(c))
	}
	server := httptest.NewServer(w.slack)
	t.Cleanup(server.Close)
	t.Cleanup(w.slack.Heal) // or what hangs would hold the server up
	w.slack.SetBaseURL(server.URL)
	w.env = settings(w.path, w.slack.APIURL(), "SMILEYBOT_ROUTES="+strings.Join(routes[1:], ","), "SMILEYBOT_LEAD_CHANNEL="+slackChannel("lead"))
	return w
}

// send starts senders, each with customers of its own, until the kills are over; together
// they rate at most so many things.
func (w *world) send(senders int, most func() int) {
	for n := range senders {
		random := rand.New(rand.NewPCG(w.random.Uint64(), 2))
		w.sending.Go(func() {
			for i := 0; w.over.Err() == nil; i++ {
				if w.ledger.size() < most() {
					w.customer(random, fmt.Sprintf("%d-%d", n, i))
				} else {
					w.again(random)
					time.Sleep(20 * time.Millisecond)
				}
			}
		})
	}
}

// customer rates something, perhaps changes their mind and explains, in any order.
func (w *world) customer(random *rand.Rand, id string) {
	smileys := []string{"green", "yellow", "red"}
	at := time.Now().UTC().Add(-3 * time.Hour)
	channel := channels[random.IntN(len(channels))]
	next := func() event {
		at = at.Add(time.Minute + time.Duration(random.IntN(60))*time.Second)
		return event{delivery: "d-" + id + "-" + strconv.Itoa(random.IntN(1e9)), id: "r-" + id, channel: channel, at: at, smiley: smileys[random.IntN(3)]}
	}
	events := []event{next()}
	for range random.IntN(3) {
		e := next()
		if random.IntN(2) == 0 {
			text := fmt.Sprintf("Stap %d klopt niet.", random.IntN(100))
			if random.IntN(5) == 0 {
				text = "" // taken back
			}
			e.comment = &text
			if random.IntN(2) == 0 {
				e.smiley = ""
			}
		}
		events = append(events, e)
	}
	random.Shuffle(len(events), func(i, j int) { // except the first, which must have a smiley
		if i > 0 && j > 0 {
			events[i], events[j] = events[j], events[i]
		}
	})
	for _, e := range events {
		w.deliver(e)
		if random.IntN(8) == 0 {
			w.again(random)
		}
		if random.IntN(8) == 0 {
			w.click(random)
		}
	}
}

// deliver posts an event until it is acknowledged.
func (w *world) deliver(e event) {
	for {
		if status, answer := w.post(e); status == http.StatusAccepted || status == http.StatusOK {
			assert.Contains(w.t, []string{"created", "updated", "unchanged", "stale", "duplicate"}, answer.Result)
			w.ledger.take(e, answer.ID)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// again repeats a delivery that was acknowledged.
func (w *world) again(random *rand.Rand) {
	e, ok := w.ledger.any(random)
	if !ok {
		return
	}
	if status, answer := w.post(e); status != 0 && status != http.StatusServiceUnavailable {
		assert.Contains(w.t, w.repeated, answer.Result)
	}
}

type answered struct{ ID, Result string }

// post posts an event once; status 0 is no answer.
func (w *world) post(e event) (status int, a answered) {
	url := w.route()
	if url == nil {
		return 0, a
	}
	ctx, cancel := context.WithTimeout(context.Background(), w.within)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, *url+"/webhooks/feedback", strings.NewReader(e.body()))
	if err != nil {
		return 0, a
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("webhook-id", e.delivery)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, a
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || json.Unmarshal(body, &a) != nil {
		return 0, answered{} // it was cut off
	}
	return response.StatusCode, a
}

// click has a supporter claim some message.
func (w *world) click(random *rand.Rand) {
	url := w.route()
	messages := w.slack.Messages(slackChannel(channels[random.IntN(len(channels))]))
	if url == nil || len(messages) == 0 {
		return
	}
	m := messages[random.IntN(len(messages))]
	ctx, cancel := context.WithTimeout(context.Background(), w.within)
	defer cancel()
	r, err := w.slack.ClickRequest(ctx, *url+"/slack/interactions", fakeslack.Click{User: "U0BART", Channel: m.Channel, MessageTS: m.TS, ActionID: "followup_claim"})
	if err != nil {
		return // it has no such button
	}
	if response, err := http.DefaultClient.Do(r); err == nil {
		_ = response.Body.Close()
	}
}

// disturb has Slack fail again and again, each time for a moment, until the kills are over.
func (w *world) disturb() {
	random := rand.New(rand.NewPCG(w.random.Uint64(), 3))
	kinds := []fakeslack.Kind{
		fakeslack.Status(http.StatusServiceUnavailable), fakeslack.StatusAfter(http.StatusBadGateway), fakeslack.CutAfter(), fakeslack.CutBefore(),
		fakeslack.Hang(), fakeslack.HangAfter(), fakeslack.RateLimited(time.Second), fakeslack.ErrorCodeAfter("internal_error"), fakeslack.ErrorCodeAfter("fatal_error"),
	}
	w.faults.Go(func() {
		for w.over.Err() == nil {
			method := []string{"chat.postMessage", "chat.postMessage", "chat.update", "conversations.history", ""}[random.IntN(5)]
			w.slack.Fail(fakeslack.Fault{Method: method, Kind: kinds[random.IntN(len(kinds))], Times: 1 + random.IntN(4)})
			time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
			if random.IntN(3) == 0 {
				w.slack.Heal()
			}
		}
	})
}

// killSoon starts the program and kills it within a second, perhaps before it listens, or
// while it stops.
func (w *world) killSoon() {
	w.t.Helper()
	w.run()
	time.Sleep(time.Duration(w.random.Float64() * w.random.Float64() * float64(1200*time.Millisecond)))
	if w.random.IntN(10) == 0 {
		_ = w.running.command.Process.Signal(os.Interrupt)
		time.Sleep(time.Duration(w.random.IntN(30)) * time.Millisecond)
	}
	w.running.kill()
	w.hearing.Wait() // or the senders would be given the address of one that is gone
	w.url.Store(nil)
}

func (w *world) run() {
	w.t.Helper()
	w.running = w.start()
}

// start starts the program; the senders are given its address when it listens.
func (w *world) start() *serving {
	w.t.Helper()
	return w.startAs(w.env, &w.url)
}

// startAs starts the program with other settings, and stores its address when it listens.
func (w *world) startAs(env []string, url *atomic.Pointer[string]) *serving {
	w.t.Helper()
	w.starts++
	s := start(w.t, w.program, env)
	w.hearing.Go(func() {
		select {
		case <-s.listening:
			url.Store(&s.url)
		case <-s.ended:
		}
	})
	return s
}

// finish lets the bot run in peace until everything is in Slack.
func (w *world) finish() {
	w.t.Helper()
	w.end()
	w.faults.Wait()
	w.slack.Heal()
	select {
	case <-w.running.gone:
		w.run()
	default:
	}
	require.True(w.t, w.running.up(w.t), w.running.said())
	w.sending.Wait()
	w.settle()
	w.running.stop(w.t)
}

// settle waits until everything is in Slack.
func (w *world) settle() {
	w.t.Helper()
	began := time.Now()
	book := openBook(w.t, w.path)
	// A post a second and channel; then 30 s until what is in doubt is looked up, and a
	// minute until it is looked up again.
	patience := time.Duration(w.ledger.size()/len(channels)*2)*time.Second + 150*time.Second
	unfinished := `shown < revision or attempt_ms is not null or former_ts is not null`
	if w.long { // only the long form waits for the second look, a minute after a repeated post
		unfinished += ` or recheck_ms is not null`
	}
	for ; ; time.Sleep(500 * time.Millisecond) {
		left := book.rows(w.t, `select count(*) from outbox where `+unfinished)
		if left[0][0] == "0" {
			break
		}
		require.Less(w.t, time.Since(began), patience, "%s messages are not in Slack", left[0][0])
	}
	w.t.Logf("%d starts, %d ratings with %d events acknowledged, all in Slack after %s", w.starts, len(w.ledger.rated), len(w.ledger.events), time.Since(began).Round(time.Second))
}

func (w *world) prove() {
	w.t.Helper()
	book := openBook(w.t, w.path)
	book.agrees(w.t, &w.ledger)
	w.isOnce(book)
	assert.Regexp(w.t, ` 0 moved to another day, 0 tallies differed, 0 of service\n$`, run(w.t, w.env, "rebuild"))
}

// isOnce checks that each feedback has one message, in its last state, and each notice
// one.
func (w *world) isOnce(b book) {
	w.t.Helper()
	messages := make(map[string][]fakeslack.Message)
	for _, c := range append([]string{"lead"}, channels...) {
		for _, m := range w.slack.Messages(slackChannel(c)) {
			key, _ := m.Metadata.EventPayload["key"].(string)
			id, _ := m.Metadata.EventPayload["feedback_id"].(string)
			messages[key+id] = append(messages[key+id], m)
		}
	}
	wanted := b.rows(w.t, `select key, revision, coalesce(notice, '') from outbox`)
	assert.Len(w.t, messages, len(wanted), "messages")
	for _, row := range wanted {
		if !assert.Len(w.t, messages[row[0]], 1, "messages of %s", row[0]) || row[2] != "" {
			continue
		}
		revision, _ := messages[row[0]][0].Metadata.EventPayload["revision"].(float64)
		assert.Equal(w.t, row[1], strconv.Itoa(int(revision)), "revision of %s", row[0])
	}
	for _, r := range w.ledger.rated {
		if of := messages[r.id]; len(of) == 1 {
			assert.Equal(w.t, slackChannel(r.channel), of[0].Channel)
			assert.Contains(w.t, strings.ToLower(of[0].Text), r.smiley)
			assert.Contains(w.t, string(of[0].Blocks), r.comment)
		}
	}
}
