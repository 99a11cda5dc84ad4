package outgoing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"smileybot/bot/outgoing"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" // the specification's own test vector
	address = "https://tickets.example.org/hooks?key=private"
)

// A fixture is a bot that notifies a ticket system, in fake time.
type fixture struct {
	t        *testing.T
	path     string
	store    *store.Store
	notifier *outgoing.Notifier
	registry *prometheus.Registry
	log      bytes.Buffer
	now      func() time.Time // time.Now when nil
	agrees   func(context.Context) bool
	stop     func()

	mu     sync.Mutex
	answer answer
	heard  []heard
}

// answer is what the ticket system answers: a status with headers, else an error, else
// nothing until the caller hangs up.
type answer struct {
	status int
	header http.Header
	err    error
	// bad has the events of this feedback refused alone, with badStatus.
	bad       string
	badStatus int
}

func status(code int, header ...string) answer {
	a := answer{status: code, header: make(http.Header)}
	for i := 0; i+1 < len(header); i += 2 {
		a.header.Set(header[i], header[i+1])
	}
	return a
}

// heard is one request that the ticket system got.
type heard struct {
	at    time.Time
	id    string
	event event
}

// event is the body.
type event struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      struct {
		FeedbackID string `json:"feedback_id"`
		Sender     string `json:"sender"`
		ID         string `json:"id"`
		Kind       string `json:"kind"`
		Channel    string `json:"channel"`
		Smiley     string `json:"smiley"`
		Score      *int   `json:"score"`
		FollowUp   struct {
			State    string `json:"state"`
			Claimer  string `json:"claimer"`
			Outcome  string `json:"outcome"`
			Openings int    `json:"openings"`
		} `json:"follow_up"`
		By string `json:"by"`
	} `json:"data"`
}

// RoundTrip is the ticket system: it checks the signature and notes what it hears.
func (d *fixture) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	require.NoError(d.t, err)
	hook, err := standardwebhooks.NewWebhook(secret)
	require.NoError(d.t, err)
	assert.NoError(d.t, hook.VerifyIgnoringTimestamp(body, r.Header), "signed")
	assert.Equal(d.t, "application/json", r.Header.Get("Content-Type"))
	assert.Equal(d.t, address, r.URL.String())
	for _, private := range []string{"Jan", "jan@example.org", "c-1042", "klopt niet", "a note", "Website offline", "Bart"} {
		assert.NotContains(d.t, string(body), private)
	}
	var e event
	require.NoError(d.t, json.Unmarshal(body, &e))
	d.mu.Lock()
	d.heard = append(d.heard, heard{time.Now(), r.Header.Get("webhook-id"), e})
	a := d.answer
	d.mu.Unlock()
	switch {
	case a.err != nil:
		return nil, a.err
	case a.status == 0:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case a.bad != "" && a.bad == e.Data.ID:
		a.status = a.badStatus
	}
	return &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader("thanks"))}, nil
}

func (d *fixture) answers(a answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = a
}

func withFixture(t *testing.T, test func(d *fixture)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		d := &fixture{t: t, path: path, answer: status(http.StatusNoContent)}
		d.start()
		defer func() { d.stop() }()
		test(d)
	})
}

func (d *fixture) start() {
	d.t.Helper()
	options := storetest.Options(d.t)
	options.Outgoing = true
	s, err := sqlite.Open(d.t.Context(), d.path, options)
	require.NoError(d.t, err)
	d.store, d.registry = s, prometheus.NewRegistry()
	d.notifier, err = outgoing.New(outgoing.Options{
		URL: address, Secret: secret, Transport: d, Registry: d.registry, Log: slog.New(slog.NewTextHandler(&d.log, nil)), Version: "1.2.3",
		Now: d.now, ClockAgrees: d.agrees,
	})
	require.NoError(d.t, err)
	ctx, cancel := context.WithCancel(d.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.notifier.Run(ctx, s)
	}()
	d.stop = func() {
		cancel()
		<-ended
		require.NoError(d.t, s.Close())
		d.stop = func() {}
	}
}

// take takes an answer of Jan's.
func (d *fixture) take(e feedback.Event) string {
	d.t.Helper()
	e.Answer.Customer = feedback.Person{ID: "c-1042", Name: "Jan de Vries", Email: "jan@example.org"}
	e.Answer.Agent.Name, e.Answer.Ticket.Subject = "Bart", "Website offline"
	for _, f := range []feedback.Field{feedback.FieldCustomerID, feedback.FieldCustomerName, feedback.FieldCustomerEmail, feedback.FieldAgentName, feedback.FieldTicketSubject} {
		e.Mentions[f] = true
	}
	taken, err := d.store.Ingest(d.t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: time.Now()}, e)
	require.NoError(d.t, err)
	d.wake()
	return taken[0].FeedbackID
}

func red(id string) feedback.Event { return storetest.Smiley(id, feedback.Red, time.Now()) }

func (d *fixture) step(id string, s followup.Transition) {
	d.t.Helper()
	s.At = time.Now()
	_, err := d.store.ApplyTransition(d.t.Context(), id, s)
	require.NoError(d.t, err)
	d.wake()
}

func (d *fixture) wake() {
	d.notifier.Wake()
	synctest.Wait()
}

// types are those of what was heard, in order.
func (d *fixture) types() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var types []string
	for _, h := range d.heard {
		types = append(types, strings.TrimPrefix(h.event.Type, "followup."))
	}
	return strings.Join(types, " ")
}

func (d *fixture) forgets() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heard = nil
}

func (d *fixture) waiting() int {
	d.t.Helper()
	n, _, err := d.store.PendingCount(d.t.Context())
	require.NoError(d.t, err)
	return n
}

// TestNotifierFullCycle: what the ticket system hears of a follow-up, at once, and what it need not.
func TestNotifierFullCycle(t *testing.T) {
	withFixture(t, func(d *fixture) {
		t := d.t
		id := d.take(red("reply-1"))
		d.step(id, followup.Transition{Action: followup.ActionClaim, By: "U1"})
		d.step(id, followup.Transition{Action: followup.ActionAssign, By: "U1", To: "U2"})
		d.step(id, followup.Transition{Action: followup.ActionSnooze, By: "U2", Until: time.Now().Add(time.Hour)})
		_, err := d.store.Remind(t.Context(), time.Now().Add(time.Hour))
		require.NoError(t, err)
		d.step(id, followup.Transition{Action: followup.ActionRelease, By: "U2"})
		d.step(id, followup.Transition{Action: followup.ActionFinish, By: "U2", Outcome: followup.OutcomeNoReply, Note: "a note"})
		d.step(id, followup.Transition{Action: followup.ActionReopen, By: "U1"})
		d.take(storetest.Comment(red("reply-1"), "Stap 3 klopt niet", time.Now()))
		assert.Equal(t, "opened claimed claimed done opened explained", d.types())
		first, done := d.heard[0].event, d.heard[3].event
		assert.Equal(t, []any{id, "feedback", "reply-1", "smiley", "ticket", "red", "open", "customer", 1}, []any{
			first.Data.FeedbackID, first.Data.Sender, first.Data.ID, first.Data.Kind, first.Data.Channel, first.Data.Smiley,
			first.Data.FollowUp.State, first.Data.By, first.Data.FollowUp.Openings,
		})
		assert.Equal(t, []any{"U2", "no_reply"}, []any{done.Data.By, done.Data.FollowUp.Outcome})
		assert.Equal(t, "U2", d.heard[2].event.Data.FollowUp.Claimer)
		assert.Zero(t, d.waiting())
		assert.Empty(t, d.log.String())
		assert.InDelta(t, 2, d.count("followup.opened", "ok"), 0)

		score := storetest.Score("reply-2", feedback.KindCSAT, 1, time.Now())
		d.take(score)
		last := d.heard[len(d.heard)-1].event
		require.NotNil(t, last.Data.Score)
		assert.Equal(t, 1, *last.Data.Score)
		assert.Empty(t, last.Data.Smiley)
	})
}

// count is how often an attempt of a type had an outcome.
func (d *fixture) count(what, outcome string) float64 {
	d.t.Helper()
	families, err := d.registry.Gather()
	require.NoError(d.t, err)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if m.GetLabel()[1].GetValue() == what && m.GetLabel()[0].GetValue() == outcome {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// TestInOrderOfAFeedback: what was not taken holds up what comes after it about the same
// feedback, and nothing else.
func TestInOrderOfAFeedback(t *testing.T) {
	withFixture(t, func(d *fixture) {
		t := d.t
		d.answers(answer{status: http.StatusOK, bad: "bad", badStatus: http.StatusUnprocessableEntity})
		bad := d.take(red("bad"))
		d.step(bad, followup.Transition{Action: followup.ActionClaim, By: "U1"})
		good := d.take(red("good"))
		d.step(good, followup.Transition{Action: followup.ActionClaim, By: "U1"})
		assert.Equal(t, "opened opened claimed", d.types(), "the first of both, and the second of the good one")
		assert.Equal(t, 2, d.waiting())
		d.answers(status(http.StatusOK))
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, "opened opened claimed opened claimed", d.types())
		assert.Equal(t, d.heard[0].id, d.heard[3].id, "the same id at every attempt")
		assert.Zero(t, d.waiting())
	})
}

// TestFailuresAreTriedAgain for three days, later each time, and logged once.
func TestFailuresAreTriedAgain(t *testing.T) {
	refused := errors.New("dial tcp: " + address)
	for _, test := range []struct {
		name   string
		answer answer
	}{
		{"no answer", answer{err: refused}},
		{"http_503", status(http.StatusServiceUnavailable)},
		{"http_404", status(http.StatusNotFound)},
		{"http_302", status(http.StatusFound, "Location", "https://elsewhere.example.org/")},
		{"http_400", status(http.StatusBadRequest)},
	} {
		t.Run(test.name, func(t *testing.T) {
			withFixture(t, func(d *fixture) {
				t := d.t
				d.answers(test.answer)
				d.take(red("1"))
				time.Sleep(time.Hour)
				synctest.Wait()
				assert.InDelta(t, 8, len(d.heard), 1, "after 5, 15, 45 … seconds")
				assert.Equal(t, strings.ReplaceAll(test.name, " ", "_"), d.notifier.Failure().Reason)
				time.Sleep(74 * time.Hour)
				synctest.Wait()
				heard := len(d.heard)
				assert.InDelta(t, 80, heard, 15, "every hour at last")
				time.Sleep(24 * time.Hour)
				synctest.Wait()
				assert.Len(t, d.heard, heard, "given up")
				assert.Zero(t, d.waiting())
				assert.Equal(t, 1, strings.Count(d.log.String(), "will retry for three days"))
				assert.Equal(t, 1, strings.Count(d.log.String(), "given up"))
				for _, private := range []string{"private", "tickets.example.org", secret, "Jan"} {
					assert.NotContains(t, d.log.String(), private)
				}
				assert.InDelta(t, 1, d.count("followup.opened", "given_up"), 0)
			})
		})
	}
}

// TestWrongClockGivesNothingUp: an event is not given up while the clock is wrong, and does not wait for
// what a clock that ran ahead recorded.
func TestWrongClockGivesNothingUp(t *testing.T) {
	withFixture(t, func(d *fixture) {
		t := d.t
		var ahead atomic.Int64 // in nanoseconds
		d.stop()
		d.now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		d.agrees = func(context.Context) bool { return ahead.Load() == 0 }
		d.start()
		d.answers(status(http.StatusServiceUnavailable))
		d.take(red("1"))
		ahead.Store(int64(3 * 365 * 24 * time.Hour))
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, 1, d.waiting())
		ahead.Store(0)
		d.answers(status(http.StatusOK))
		d.take(red("2"))
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Zero(t, d.waiting())
		assert.Zero(t, d.notifier.Failure())
		assert.NotContains(t, d.log.String(), "given up")
	})
}

// TestItRecovers: when something is accepted again, all that waited is delivered at once.
func TestItRecovers(t *testing.T) {
	withFixture(t, func(d *fixture) {
		t := d.t
		d.answers(status(http.StatusBadGateway))
		for i := range 5 {
			d.take(red(string(rune('a' + i))))
		}
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		d.forgets()
		d.answers(status(http.StatusOK))
		time.Sleep(75 * time.Minute)
		synctest.Wait()
		assert.Equal(t, "opened opened opened opened opened", d.types())
		assert.Equal(t, d.heard[0].at, d.heard[4].at)
		assert.Zero(t, d.notifier.Failure())
		assert.Contains(t, d.log.String(), "accepts events again")
	})
}

// TestOneThatAlwaysFails is not tried again each time another is taken, and holds none up.
func TestOneThatAlwaysFails(t *testing.T) {
	for _, code := range []int{http.StatusInternalServerError, http.StatusNotFound, http.StatusUnprocessableEntity} {
		withFixture(t, func(d *fixture) {
			t := d.t
			d.answers(answer{status: http.StatusOK, bad: "bad", badStatus: code})
			d.take(red("bad"))
			for i := range 60 {
				d.take(red(strconv.Itoa(i)))
				time.Sleep(time.Minute)
				synctest.Wait()
				assert.Equal(t, 1, d.waiting(), code)
			}
			bad := 0
			for _, h := range d.heard {
				if h.event.Data.ID == "bad" {
					bad++
				}
			}
			assert.InDelta(t, 8, bad, 2, code)
		})
	}
}

// TestRetryAfter is kept to.
func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		header string
		want   time.Duration
	}{
		{"7200", 2 * time.Hour},
		{"soon", 0},
		{"-5", 0},
		{"99999999999", 24 * time.Hour},
		{"9999999", 24 * time.Hour},
	} {
		withFixture(t, func(d *fixture) {
			d.answers(status(http.StatusTooManyRequests, "Retry-After", test.header))
			d.take(red("1"))
			d.answers(status(http.StatusOK))
			time.Sleep(25 * time.Hour)
			synctest.Wait()
			require.Len(d.t, d.heard, 2)
			waited := d.heard[1].at.Sub(d.heard[0].at)
			assert.GreaterOrEqual(d.t, waited, test.want, test.header)
			assert.Less(d.t, waited, test.want+10*time.Second, test.header)
		})
	}
}

// TestAHangingReceiver holds nothing up for longer than its time, nor the stop.
func TestAHangingReceiver(t *testing.T) {
	withFixture(t, func(d *fixture) {
		t := d.t
		d.answers(answer{})
		d.take(red("1"))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		assert.Equal(t, "no_answer", d.notifier.Failure().Reason)
		d.take(red("2"))
		began := time.Now()
		d.stop()
		assert.Zero(t, time.Since(began))
		d.answers(status(http.StatusOK))
		d.start()
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Zero(t, d.waiting(), "after a restart both are delivered")
	})
}

func TestWithoutAnOutgoingWebhookNothingIsKept(t *testing.T) {
	s := storetest.New(t)
	_, err := s.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: time.Now()}, red("1"))
	require.NoError(t, err)
	n, _, err := s.PendingCount(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n)
}

func TestNoSecret(t *testing.T) {
	_, err := outgoing.New(outgoing.Options{URL: address, Secret: "not base64!", Registry: prometheus.NewRegistry()})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "not base64!")
}
