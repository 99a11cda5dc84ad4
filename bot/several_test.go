package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot"
	"smileybot/bot/duty"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

// A team is several bots with one database and one Slack, in fake time.
type team struct {
	*fixture
	path   string
	shared *store.Store
	out    *receiver
	bots   []*member
}

// A member is one bot of a team, which can be killed and paused.
type member struct {
	url, admin string
	gate       *storetest.Gate
	line       *line
	log        *lockedBuffer
	cancel     func()
	ended      chan struct{}
	open       func() // ends a pause
}

// A line is a bot's way to other servers.
type line struct {
	next http.RoundTripper

	mu   sync.Mutex
	cut  bool
	shut chan struct{} // closed when calls go on
}

// RoundTrip makes a call when the line is not held.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	shut := l.shut
	l.mu.Unlock()
	if shut != nil {
		<-shut
	}
	l.mu.Lock()
	cut := l.cut
	l.mu.Unlock()
	if cut {
		return nil, errors.New("the process is gone")
	}
	return l.next.RoundTrip(r)
}

// A receiver takes the events for the ticket system.
type receiver struct {
	mu  sync.Mutex
	ids map[string]int
}

func (o *receiver) RoundTrip(r *http.Request) (*http.Response, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ids[r.Header.Get("webhook-id")]++
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: r}, nil
}

// withTeam runs a test with two bots, of which the first has all duties.
func withTeam(t *testing.T, w way, test func(*team)) {
	t.Helper()
	const n = 2
	path := filepath.Join(storetest.Folder(t), "smileybot.db")
	storetest.Create(t, path)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 23, 7, 59, 0, 0, time.UTC))) // a Monday in Amsterdam, a minute before nine
		f := &fixture{t: t, way: w, waits: time.Hour}
		var lines pipes
		f.listen = lines.listen
		f.client = &http.Client{Transport: &http.Transport{DialContext: lines.dial, DisableKeepAlives: true}}
		f.slack = fakeslack.New(fakeslack.Options{PostInterval: time.Second})
		f.configure(path)
		f.config.OutURL = "https://tickets.example.org/hook"
		f.config.OutSecret = f.config.WebhookSecrets[0]
		options := bot.StoreOptions(f.config)
		shared, err := sqlite.Open(t.Context(), path, options)
		require.NoError(t, err)
		h := &team{fixture: f, path: path, shared: shared, out: &receiver{ids: make(map[string]int)}}
		t.Cleanup(func() {
			for _, m := range h.bots {
				m.resume()
				m.cancel()
			}
			for _, m := range h.bots {
				<-m.ended
			}
			f.client.CloseIdleConnections()
			require.NoError(t, shared.Close())
		})
		for range n {
			h.join()
		}
		test(h)
	})
}

// join starts another bot and waits until it has looked around.
func (h *team) join() *member {
	h.t.Helper()
	m := &member{log: &lockedBuffer{}, line: &line{next: h.slack.Transport()}, ended: make(chan struct{}), open: func() {}}
	gate, behind := storetest.Behind(h.shared)
	m.gate = gate
	o := bot.Options{
		Config: h.config, SlackTransport: m.line, SlackDial: h.slack.Dial, OutTransport: h.out, Version: "test",
		Log:  slog.New(slog.NewJSONHandler(m.log, nil)),
		Open: func(context.Context, store.Options) (*store.Store, error) { return behind, nil },
	}
	o.Listener, m.url = h.listen(h.t)
	o.AdminListener, m.admin = h.listen(h.t)
	b, err := bot.New(h.t.Context(), o)
	require.NoError(h.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	go func() {
		defer close(m.ended)
		_ = b.Run(ctx)
	}()
	h.bots = append(h.bots, m)
	synctest.Wait()
	return m
}

// kill ends a bot that writes and calls nothing any more.
func (m *member) kill() {
	m.resume()
	m.gate.Break()
	m.line.mu.Lock()
	m.line.cut = true
	m.line.mu.Unlock()
	m.cancel()
	<-m.ended
}

// pause stops what a bot does at its next use of the database or of Slack.
func (m *member) pause() {
	open := m.gate.Shut()
	shut := make(chan struct{})
	m.line.mu.Lock()
	defer m.line.mu.Unlock()
	m.line.shut = shut
	m.open = sync.OnceFunc(func() {
		open()
		close(shut)
	})
}

func (m *member) resume() { m.open() }

// stop stops a bot in peace.
func (m *member) stop() {
	m.cancel()
	<-m.ended
}

// rate sends a rating to a bot.
func (h *team) rate(m *member, id, smiley string) {
	h.t.Helper()
	h.url = m.url
	status, _ := h.fire("msg-"+id+smiley, map[string]any{"id": id, "channel": "ticket", "smiley": smiley})
	require.Equal(h.t, http.StatusAccepted, status)
}

// duties asks a bot who does what.
func (h *team) duties(m *member) (bot string, duties map[string]duty.State, status int) {
	h.t.Helper()
	var ready struct {
		Bot    string
		Duties map[string]duty.State
	}
	status, body := h.get(m.admin + "/readyz")
	require.NoError(h.t, json.Unmarshal([]byte(body), &ready))
	return ready.Bot, ready.Duties, status
}

// posts lists the messages of the support channel, thread replies apart.
func (h *team) posts() (all []fakeslack.Message) {
	for _, m := range h.slack.Messages(support) {
		if !m.IsReply() {
			all = append(all, m)
		}
	}
	return all
}

// whole checks that each message and each notice is in Slack once and in its last state, and that each
// event for the ticket system was delivered.
func (h *team) whole(feedbacks int) {
	h.t.Helper()
	b, err := h.shared.Backlog(h.t.Context())
	require.NoError(h.t, err)
	assert.Zero(h.t, b.Pending, "messages that wait")
	n, _, err := h.shared.PendingCount(h.t.Context())
	require.NoError(h.t, err)
	assert.Zero(h.t, n, "events that wait")
	shown := make(map[string]int)
	for _, m := range h.posts() {
		require.NotNil(h.t, m.Metadata)
		id, _ := m.Metadata.EventPayload["feedback_id"].(string)
		shown[id]++
		if id == "" {
			continue
		}
		c, err := h.shared.Snapshot(h.t.Context(), id)
		require.NoError(h.t, err)
		assert.EqualValues(h.t, c.Feedback.Revision, m.Metadata.EventPayload["revision"])
	}
	delete(shown, "") // bulletins
	assert.Len(h.t, shown, feedbacks)
	for id, times := range shown {
		assert.Equal(h.t, 1, times, id)
	}
	db := storetest.Raw(h.t, h.path)
	rows := storetest.Rows(h.t, db, `select count(*), count(distinct ts) from outbox where ts is not null`)
	assert.Equal(h.t, rows[0][0], rows[0][1])
	assert.EqualValues(h.t, len(h.slack.Messages(support)), rows[0][0], "messages in Slack that are not linked")
}

// TestAnotherBotTakesOver ends the bot with the duties in each way: the other one posts within the time that
// is promised, each message once.
func TestAnotherBotTakesOver(t *testing.T) {
	for _, test := range []struct {
		name   string
		end    func(*member)
		within time.Duration
	}{
		{"SIGTERM", func(m *member) { m.cancel() }, 2 * time.Second},
		{"kill", (*member).kill, 15 * time.Second},
		{"pause", (*member).pause, 15 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			withTeam(t, overHTTP, func(h *team) {
				a, b := h.bots[0], h.bots[1]
				_, duties, _ := h.duties(b)
				nameA := duties[duty.Slack].Holder
				for _, d := range []string{duty.Slack, duty.Clock, duty.Outgoing} {
					assert.Equal(t, nameA, duties[d].Holder)
					assert.False(t, duties[d].Mine)
				}
				h.rate(b, "1", "red")
				began := time.Now()
				h.until("the first message", func(*fakeslack.Server) bool { return len(h.posts()) == 1 })
				assert.Less(t, time.Since(began), 2*time.Second, "the holder learns of what another has stored")

				test.end(a)
				began = time.Now()
				h.rate(b, "2", "red")
				h.until("the second message", func(*fakeslack.Server) bool { return len(h.posts()) == 2 })
				assert.LessOrEqual(t, time.Since(began), test.within)
				nameB, duties, _ := h.duties(b)
				for _, d := range []string{duty.Slack, duty.Clock, duty.Outgoing} {
					assert.Equal(t, duty.State{Holder: nameB, Term: 2, Since: duties[d].Since, Mine: true}, duties[d], d)
				}
				assert.Contains(t, b.log.String(), `"former":"`+strings.TrimSpace(map[bool]string{true: "", false: nameA}[test.name == "SIGTERM"]))

				a.resume()
				time.Sleep(time.Minute)
				h.rate(b, "1", "green")
				time.Sleep(time.Minute)
				h.whole(2)
				if test.name == "pause" {
					_, duties, status := h.duties(a)
					assert.Equal(t, http.StatusOK, status)
					assert.False(t, duties[duty.Slack].Mine)
					b.stop()
					h.rate(a, "3", "red")
					time.Sleep(3 * time.Second)
					h.whole(3)
				}
			})
		})
	}
}

// TestStoppingBotSaysSoFirst: its /readyz is 503 while it still takes what comes, and the other has its
// duties at once.
func TestStoppingBotSaysSoFirst(t *testing.T) {
	withTeam(t, overHTTP, func(h *team) {
		a, b := h.bots[0], h.bots[1]
		a.cancel()
		time.Sleep(1500 * time.Millisecond)
		_, _, status := h.duties(a)
		assert.Equal(t, http.StatusServiceUnavailable, status)
		h.rate(a, "1", "red")
		_, duties, status := h.duties(b)
		assert.Equal(t, http.StatusOK, status)
		assert.True(t, duties[duty.Slack].Mine)
		<-a.ended
		time.Sleep(2 * time.Second)
		h.whole(1)
	})
}

// TestDigestOfSeveralBots: whatever happens to the bot with the clock around the moment of a digest, there
// is one.
func TestDigestOfSeveralBots(t *testing.T) {
	for _, before := range []time.Duration{5 * time.Second, 0} {
		for name, end := range map[string]func(*member){"kill": (*member).kill, "pause": (*member).pause, "SIGTERM": (*member).stop} {
			t.Run(fmt.Sprintf("%s %s before", name, before), func(t *testing.T) {
				withTeam(t, overHTTP, func(h *team) {
					e := storetest.With(storetest.Smiley("1", feedback.Yellow, time.Now().AddDate(0, 0, -4)), "Goed geholpen.")
					storetest.Import(t, h.shared, time.Now(), e)
					time.Sleep(time.Until(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)) - before)
					end(h.bots[0])
					time.Sleep(30 * time.Second)
					h.bots[0].resume()
					time.Sleep(30 * time.Second)
					assert.Len(t, h.posts(), 1, "the digest")
					h.whole(0)
				})
			})
		}
	}
}

// TestOwnBotsAreNoStrangers: the Socket Mode connections of several bots are not taken for those of other
// programs, also while one is replaced; those of a stranger still are.
func TestOwnBotsAreNoStrangers(t *testing.T) {
	withTeam(t, overSocket, func(h *team) {
		time.Sleep(10 * time.Minute)
		assert.Equal(t, 4, h.slack.Sockets())
		h.bots[0].stop()
		c := h.join()
		time.Sleep(10 * time.Minute)
		h.bots[1].kill()
		time.Sleep(10 * time.Minute)
		for _, m := range h.bots {
			assert.NotContains(t, m.log.String(), "other programs use the app token")
		}
		h.slack.ForeignSockets(1)
		require.NoError(t, h.slack.Disconnect("refresh_requested"))
		time.Sleep(time.Minute)
		assert.Contains(t, c.log.String(), "other programs use the app token")
	})
}

// TestSeveralBotsAtRandom lets bots come, stop, be killed and be paused at random moments, while ratings
// come in and Slack fails: in the end everything is there, once.
func TestSeveralBotsAtRandom(t *testing.T) {
	t.Parallel()
	seeds := 4
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			withTeam(t, overHTTP, func(h *team) { h.atRandom(rand.New(rand.NewPCG(uint64(seed), 7))) })
		})
	}
}

func (h *team) atRandom(random *rand.Rand) {
	faults := []fakeslack.Kind{fakeslack.Status(500), fakeslack.RateLimited(2 * time.Second), fakeslack.RateLimitedAfter(2 * time.Second)}
	alive, paused := append([]*member(nil), h.bots...), map[*member]bool{}
	rated := 0
	for range 60 {
		time.Sleep(time.Duration(random.IntN(6000)) * time.Millisecond)
		i := random.IntN(len(alive))
		m := alive[i]
		switch what := random.IntN(10); {
		case what < 5:
			for _, to := range alive {
				if !paused[to] {
					h.rate(to, strconv.Itoa(rated), []string{"red", "yellow", "green"}[random.IntN(3)])
					rated++
					break
				}
			}
		case what == 5 && !paused[m] && len(alive) > 1:
			m.kill()
			alive = append(alive[:i], alive[i+1:]...)
		case what == 6 && !paused[m] && len(alive) > 1:
			m.stop()
			alive = append(alive[:i], alive[i+1:]...)
		case what == 7 && len(paused) < len(alive)-1:
			if !paused[m] {
				m.pause()
				paused[m] = true
			}
		case what == 8 && len(alive) < 4:
			alive = append(alive, h.join())
		case what == 9:
			for m := range paused {
				m.resume()
				delete(paused, m)
			}
			h.slack.Fail(fakeslack.Fault{Kind: faults[random.IntN(len(faults))], Times: 1 + random.IntN(3)})
		}
	}
	for m := range paused {
		m.resume()
	}
	h.slack.Heal()
	time.Sleep(5 * time.Minute)
	h.whole(rated)
}
