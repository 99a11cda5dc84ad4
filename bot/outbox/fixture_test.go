package outbox_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"smileybot/bot/message"
	"smileybot/bot/outbox"
	"smileybot/bot/slackapi"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	support = "C0SUPPORT"
	nps     = "C0NPS"
	leads   = "C0LEADS"
)

// A fixture is a bot's way out: a real store, a deliverer and the stand-in, in
// fake time.
type fixture struct {
	t        *testing.T
	slack    *fakeslack.Server
	path     string
	store    *store.Store
	d        *outbox.Deliverer
	registry *prometheus.Registry
	log      *bytes.Buffer
	routes   map[feedback.Channel]string
	// transport reaches the stand-in, when it is not the stand-in's own.
	transport  http.RoundTripper
	quietGreen bool
	// machine is the machine's clock; time.Now when nil.
	machine func() time.Time
	// stop ends the deliverer and closes the store, stopDeliverer only ends the deliverer.
	stop, stopDeliverer func()
}

// inWorld runs a test in fake time. The fixture is whole when it ends.
func withFixture(t *testing.T, test func(w *fixture)) {
	t.Helper()
	withSlackClock(t, nil, test)
}

// withSlackClock runs a test in fake time, with a clock of Slack's own when it is not nil.
func withSlackClock(t *testing.T, clock *slackClock, test func(w *fixture)) {
	t.Helper()
	o := fakeslack.Options{PostInterval: time.Second}
	if clock != nil {
		o.Now = clock.now
	}
	path := filepath.Join(storetest.Folder(t), "smileybot.db")
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		w := &fixture{t: t, slack: fakeslack.New(o), path: path, log: &bytes.Buffer{}, routes: map[feedback.Channel]string{feedback.ChannelPanel: nps}}
		for _, id := range []string{support, nps, leads} {
			w.slack.AddChannel(fakeslack.Channel{ID: id, Members: []string{w.slack.Options().BotUserID}})
		}
		w.transport = w.slack.Transport()
		w.start()
		t.Cleanup(func() { w.stop() })
		test(w)
	})
}

// api is a client of the stand-in.
func (w *fixture) api() *slack.Client {
	return slack.New(w.slack.Options().BotToken, slack.OptionAPIURL(w.slack.APIURL()),
		slack.OptionHTTPClient(&http.Client{Transport: w.slack.Transport()}))
}

// client is the deliverer's client.
func (w *fixture) client() *slackapi.Client {
	return slackapi.New(slackapi.Options{Token: w.slack.Options().BotToken, URL: w.slack.APIURL(), Transport: w.transport, Machine: w.machine})
}

func (w *fixture) openStore() {
	w.t.Helper()
	s, err := sqlite.Open(w.t.Context(), w.path, storetest.Options(w.t))
	require.NoError(w.t, err)
	w.store = s
}

// deliverer returns a deliverer with the fixture's store and stand-in.
func (w *fixture) deliverer(registry *prometheus.Registry) *outbox.Deliverer {
	w.t.Helper()
	d, err := outbox.New(outbox.Options{
		Store: w.store, Slack: w.client(), Channel: support, Lead: leads, Routes: w.routes,
		Renderer: message.NewRenderer(message.Options{}), Registry: registry, QuietGreen: w.quietGreen,
		Log: slog.New(slog.NewTextHandler(w.log, nil)),
	})
	require.NoError(w.t, err)
	return d
}

// start opens the store and runs a deliverer, as a process does.
func (w *fixture) start() {
	w.t.Helper()
	w.openStore()
	w.registry = prometheus.NewRegistry()
	d := w.deliverer(w.registry)
	w.d = d
	w.runDeliverer(w.store)
}

// runDeliverer runs the fixture's deliverer with a store, until w.stop or [fixture.stopDeliverer].
func (w *fixture) runDeliverer(under *store.Store) {
	d := w.d
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.Run(ctx, context.WithoutCancel(ctx), under)
	}()
	s := w.store
	w.stopDeliverer = func() {
		cancel()
		<-done
	}
	w.stop = func() {
		w.stop = func() {}
		w.stopDeliverer()
		assert.NoError(w.t, s.Close())
	}
}

// restart stops the process and starts another.
func (w *fixture) restart() {
	w.stop()
	w.start()
}

// take gives the store an event, as the intake does.
func (w *fixture) take(e feedback.Event) string {
	w.t.Helper()
	taken, err := w.store.Ingest(w.t.Context(), delivery(), e)
	require.NoError(w.t, err)
	w.d.Wake()
	return taken[0].FeedbackID
}

func (w *fixture) step(id string, s followup.Transition) {
	w.t.Helper()
	s.At = time.Now()
	_, err := w.store.ApplyTransition(w.t.Context(), id, s)
	require.NoError(w.t, err)
	w.d.Wake()
}

// pass lets time pass and everything that is started end.
func (w *fixture) pass(length time.Duration) {
	time.Sleep(length)
	synctest.Wait()
}

// one is the only message in the support channel, thread replies apart.
func (w *fixture) one() fakeslack.Message {
	w.t.Helper()
	messages := w.living(support)
	require.Len(w.t, messages, 1)
	return messages[0]
}

func (w *fixture) living(channel string) []fakeslack.Message {
	var living []fakeslack.Message
	for _, m := range w.slack.Messages(channel) {
		if !m.IsReply() {
			living = append(living, m)
		}
	}
	return living
}

// shows reports whether a message of the support channel shows something.
func (w *fixture) shows(what string) bool {
	return slices.ContainsFunc(w.living(support), func(m fakeslack.Message) bool {
		return strings.Contains(string(m.Blocks), what)
	})
}

// whole asserts that Slack shows each feedback exactly once in its last state.
func (w *fixture) whole(channel string, ids ...string) {
	w.t.Helper()
	shown := make(map[string]int64)
	for _, m := range w.living(channel) {
		require.NotNil(w.t, m.Metadata)
		id, _ := m.Metadata.EventPayload["feedback_id"].(string)
		_, twice := shown[id]
		assert.Falsef(w.t, twice, "feedback %s stands twice", id)
		revision, _ := m.Metadata.EventPayload["revision"].(float64)
		shown[id] = int64(revision)
	}
	assert.Len(w.t, shown, len(ids))
	for _, id := range ids {
		c, err := w.store.Snapshot(w.t.Context(), id)
		require.NoError(w.t, err)
		assert.Equal(w.t, c.Feedback.Revision, shown[id], "the revision of %s", id)
	}
	backlog, err := w.store.Backlog(w.t.Context())
	require.NoError(w.t, err)
	assert.Zero(w.t, backlog.Pending, "nothing waits")
}

func (w *fixture) calls(method string) []fakeslack.Call {
	var calls []fakeslack.Call
	for _, c := range w.slack.Calls() {
		if c.Method == method {
			calls = append(calls, c)
		}
	}
	return calls
}

// delivery is one without an id, arriving now.
func delivery() store.Delivery { return store.Delivery{Sender: "feedback", ReceivedAt: time.Now()} }

func red() feedback.Event            { return storetest.Smiley("reply-1", feedback.Red, time.Now()) }
func green(id string) feedback.Event { return storetest.Smiley(id, feedback.Green, time.Now()) }
