package bot_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot"
	"smileybot/bot/selfcheck"
	"smileybot/config"
	"smileybot/fakeslack"
)

const (
	siteSecret = "secret-of-the-review-site"
	// pulledMapping is a feed at the address that replaces ADDRESS, of reviews from 1 to 10.
	pulledMapping = `
senders:
  klanten:
    pull: {url: "ADDRESS", headers: {X-Token: "{secret}"}, every: 15m}
    each: $.reviews[*]
    taken_back: {path: $.deleted}
    fields:
      id: $.id
      kind: {constant: review}
      channel: {constant: review}
      score: {path: $.stars, values: {1..2: 1, 3..4: 2, 5..6: 3, 7..8: 4, 9..10: 5}}
      comment: {path: $.text, html: true}
      customer.name: $.by
      occurred_at: $.at
`
)

// pulledConfig adds the feed to the settings.
func pulledConfig(c config.Config, address string) config.Config {
	c.MappingsText = []byte(strings.Replace(pulledMapping, "ADDRESS", address, 1))
	c.Senders = map[string][]config.Secret{"klanten": {config.NewSecret(siteSecret)}}
	return c
}

// A reviewSite is a feed of reviews. It asks for its secret.
type reviewSite struct {
	mu      sync.Mutex
	reviews []map[string]any
	status  int // in the place of an answer; 0 for one
}

// ServeHTTP answers like the site.
func (r *reviewSite) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	status := r.status
	if q.Header.Get("X-Token") != siteSecret {
		status = http.StatusUnauthorized
	}
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"reviews": r.reviews})
}

// RoundTrip answers without a socket, which a testing/synctest bubble cannot have.
func (r *reviewSite) RoundTrip(q *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	return w.Result(), nil
}

// put adds a review, or changes it.
func (r *reviewSite) put(id string, stars int, text string, deleted bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := map[string]any{
		"id": id, "stars": strconv.Itoa(stars), "text": text, "by": "Klant " + id, "deleted": deleted, "at": time.Now().UTC().Format(time.RFC3339),
	}
	if i := slices.IndexFunc(r.reviews, func(old map[string]any) bool { return old["id"] == id }); i >= 0 {
		r.reviews[i] = one
		return
	}
	r.reviews = append(r.reviews, one)
}

func (r *reviewSite) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// TestConfiguredPullReachesSlack: a bot whose only sender is pulled starts, takes what is there as history,
// posts what is new with its follow-up, edits it, voids it, and does none of it twice; a site that is away
// is in /readyz, and is pulled again when it is back.
func TestConfiguredPullReachesSlack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)))
		s := newFixtureInBubble(t)
		s.stop()
		site := new(reviewSite)
		site.put("1", 9, "Prima", false)
		site.put("2", 2, "Slecht", false)
		s.sites, s.config = site, pulledConfig(s.config, "https://reviews.example.org/feed")
		s.config.WebhookSecrets = nil
		s.start()
		round := func() {
			time.Sleep(17 * time.Minute) // a pull, and what the outbox does of it
			synctest.Wait()
		}
		posted := func() []fakeslack.Message {
			return slices.DeleteFunc(s.slack.Messages(support), fakeslack.Message.IsReply)
		}
		round()
		assert.Empty(t, posted(), "history")

		site.put("3", 4, "Wachtte <b>drie</b> dagen", false)
		round()
		require.Len(t, posted(), 1)
		blocks := string(posted()[0].Blocks)
		for _, want := range []string{"Klant 3", "Wachtte drie dagen", "followup_claim"} {
			assert.Contains(t, blocks, want)
		}
		for _, change := range []struct {
			stars   int
			deleted bool
			shown   string
		}{{10, false, "large_green_circle"}, {10, true, "feedback_restore"}} {
			site.put("3", change.stars, "Toch goed", change.deleted)
			round()
			require.Len(t, posted(), 1)
			assert.Contains(t, string(posted()[0].Blocks), change.shown)
		}
		s.stop()
		s.start()
		round()
		assert.Len(t, posted(), 1, "another start doubles nothing")

		site.answers(http.StatusBadGateway)
		time.Sleep(time.Hour)
		_, ready := s.get(s.admin + "/readyz")
		for _, want := range []string{`"status":"degraded"`, `"sender":"klanten"`, `"reason":"http_502"`} {
			assert.Contains(t, ready, want)
		}
		site.answers(0)
		site.put("4", 6, "", false)
		time.Sleep(2 * time.Hour)
		assert.Len(t, posted(), 2)
		_, ready = s.get(s.admin + "/readyz")
		assert.Contains(t, ready, `"status":"ok"`)
		_, metrics := s.get(s.admin + "/metrics")
		assert.Contains(t, metrics, `smileybot_pulls_total{outcome="ok",sender="klanten"}`)
		for _, private := range []string{siteSecret, "Klant", "Wachtte", "/feed"} {
			assert.NotContains(t, s.log.String()+metrics+ready, private)
		}
	})
}

// TestCheckAsksEachSite: the self-check asks a site once and says what it answered.
func TestCheckAsksEachSite(t *testing.T) {
	t.Parallel()
	site := new(reviewSite)
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	c := pulledConfig(config.Config{}, server.URL+"/feed")
	check := func() selfcheck.Result {
		var all []selfcheck.Result
		bot.SelfCheckOptions(c).Pulls(t.Context(), func(r selfcheck.Result) { all = append(all, r) })
		require.Len(t, all, 1)
		return all[0]
	}
	site.put("1", 9, "Prima", false)
	site.put("2", 2, "Slecht", false)
	assert.Equal(t, selfcheck.Result{Text: "pull klanten: 2 reviews on the first page"}, check())
	site.put("3", 11, "Elf", false)
	r := check()
	assert.True(t, r.Warning)
	assert.Equal(t, "pull klanten: 2 reviews on the first page, and 1 fields or reviews that cannot be read", r.Text)
	c.Senders["klanten"] = []config.Secret{config.NewSecret("another-secret-of-the-site")}
	r = check()
	assert.True(t, r.Failed)
	assert.Equal(t, "pull klanten: http_401", r.Text)
	assert.Contains(t, r.Remedy, "secret")
}
