package pull_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"smileybot/bot/pull"
	"smileybot/bot/webhook/senders"
	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mappings describe a sender of each kind.
const mappings = `
senders:
  kiyoh: {pull: {site: kiyoh, location: "1047", page: "https://www.kiyoh.com/reviews/1047"}}
  webwinkelkeur: {pull: {site: webwinkelkeur, webshop: 12}}
  feedbackcompany: {pull: {site: feedbackcompany, client: client-1}}
  google: {pull: {site: google, account: "7", location: "8", client: client-1}}
  feed:
    pull:
      url: https://reviews.example.org/feed
      headers: {X-Key: "Key {secret}"}
      every: 15m
      next: $.next
      cursor: {query: since, path: $.updatedSince}
    each: $.reviews[*]
    taken_back: {path: $.deleted, is: "true"}
    fields:
      id: $.id
      kind: {constant: review}
      channel: {constant: review}
      score: {path: $.stars, values: {1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4, 9: 5, 10: 5}}
      comment: $.text
      customer.name: $.by
      occurred_at: $.updatedSince
      began_at: $.at
`

// kinds are the names of those senders.
func kinds() []string { return []string{"kiyoh", "webwinkelkeur", "feedbackcompany", "google", "feed"} }

// senderOf is the sender of a kind, with its secrets.
func senderOf(tb testing.TB, kind string, secrets ...string) pull.Sender {
	tb.Helper()
	all, err := senders.Mappings([]byte(mappings))
	require.NoError(tb, err)
	s, found := senders.Find(all, kind)
	require.True(tb, found)
	if len(secrets) == 0 {
		secrets = []string{secret, refreshToken}
	}
	return pull.Sender{Sender: s, Secrets: secrets}
}

// A fixture is a bot that asks one fake site, in fake time.
type fixture struct {
	*testing.T

	path     string
	sender   pull.Sender
	site     *fakeSite
	store    *store.Store
	puller   *pull.Puller
	registry *prometheus.Registry
	log      bytes.Buffer
	lost     []string // the fields
	stop     func()
}

// noon is when a fixture begins.
func noon() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// at is a moment before noon.
func at(before time.Duration) time.Time { return noon().Add(-before) }

// with runs a test with a bot that asks a site with some reviews, from the time before the bot began.
func with(t *testing.T, kind string, history int, test func(f *fixture)) {
	t.Helper()
	withStopped(t, kind, history, func(f *fixture) {
		f.start()
		test(f)
	})
}

// withStopped is the same with a bot that has not asked yet.
func withStopped(t *testing.T, kind string, history int, test func(f *fixture)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		time.Sleep(time.Until(noon()))
		f := &fixture{T: t, path: path, sender: senderOf(t, kind), site: &fakeSite{tb: t, kind: kind}, stop: func() {}}
		f.sender.Pull.Every = 6 * time.Hour // the shorter, the longer a test takes
		for i := range history {
			written := at(time.Duration(history-i) * 24 * time.Hour)
			f.site.put(oneReview(i+1, 1+i%5, written))
		}
		defer func() { f.stop() }()
		test(f)
	})
}

func oneReview(i, stars int, at time.Time) fakeReview {
	id := strconv.Itoa(i)
	return fakeReview{
		ID: id, Author: "Klant " + id, Email: "klant" + id + "@example.org", Title: "Titel " + id, Text: "Tekst " + id, Stars: stars, Created: at, Updated: at,
	}
}

func (f *fixture) start() {
	f.Helper()
	s, err := sqlite.Open(f.Context(), f.path, storetest.Options(f))
	require.NoError(f, err)
	f.store, f.registry = s, prometheus.NewRegistry()
	f.puller, err = pull.New(pull.Options{
		Senders: []pull.Sender{f.sender}, Store: s, Transport: f.site, Registry: f.registry,
		Stored: func() {}, Lost: func(_, field string) { f.lost = append(f.lost, field) }, Log: slog.New(slog.NewTextHandler(&f.log, nil)), Version: "1.2.3",
	})
	require.NoError(f, err)
	ctx, cancel := context.WithCancel(f.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.puller.Run(ctx, f.puller.Store)
	}()
	f.stop = func() {
		cancel()
		<-ended
		require.NoError(f, s.Close())
		f.stop = func() {}
	}
}

// wait lets time go by.
func (f *fixture) wait(long time.Duration) {
	time.Sleep(long)
	synctest.Wait()
}

// waitForTheEnd lets time go by until the site was read to its end.
func (f *fixture) waitForTheEnd() {
	f.Helper()
	ends := func() int {
		f.site.mu.Lock()
		defer f.site.mu.Unlock()
		return f.site.ends
	}
	before := ends()
	for range 40 {
		if f.wait(time.Hour); ends() > before {
			return
		}
	}
	f.Fatal("the site was not read to its end in 40 hours")
}

// all are the reviews in the store, by the text that customers see first: their names.
func (f *fixture) all() map[string]feedback.Feedback {
	f.Helper()
	all := make(map[string]feedback.Feedback)
	require.NoError(f, f.store.Export(f.Context(), 0, 100_000, func(one feedback.Feedback) error {
		all[one.Customer.Name] = one
		return nil
	}))
	return all
}

// live are the names of those that have a message.
func (f *fixture) live() []string {
	f.Helper()
	var names []string
	for name, one := range f.all() {
		if one.Live() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// status is how the pull is.
func (f *fixture) status() pull.Status {
	f.Helper()
	all, err := f.puller.Statuses(f.Context())
	require.NoError(f, err)
	require.Len(f, all, 1)
	return all[0]
}

// metric is the value of a metric with a label, 0 without one.
func (f *fixture) metric(name, label string) float64 {
	f.Helper()
	families, err := f.registry.Gather()
	require.NoError(f, err)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && strings.Contains(fmt.Sprint(m.GetLabel()), `"`+label+`"`) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return 0
}

// logsNothingPrivate: no secret, no address, no customer.
func (f *fixture) logsNothingPrivate() {
	f.Helper()
	for _, private := range []string{secret, refreshToken, accessToken, "Klant", "Tekst", "@example.org", "ratings.json"} {
		assert.NotContains(f, f.log.String(), private)
	}
}
