package pull_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/pull"
	"smileybot/bot/webhook/sender"
	"smileybot/store/storetest"
)

// faults are what a site may do instead of its duty, and the reason that is kept.
var faults = []struct {
	name, reason string
	answer       func(w http.ResponseWriter, r *http.Request)
}{
	{"hangs up", "no_answer", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Hang-Up", "1") }},
	{"500", "http_500", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "Tekst", http.StatusInternalServerError) }},
	{"404", "http_404", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }},
	{"401", "http_401", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }},
	{"204", "http_204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }},
	{"a page for people", "not_json", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Onderhoud</html>") }},
	{"nothing", "not_json", func(http.ResponseWriter, *http.Request) {}},
	{"truncated", "not_json", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"status": "success", "total": 3, "success": true, "ratings": [{"name": "Klant`)
	}},
	{"no list", "unreadable", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"status": "success", "ratings": {"0": {}}, "reviews": "none"}`)
	}},
	{"another shape", "unreadable", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"total": 1, "totalReviewCount": 1, "ratings": [{"stars": 5}], "reviews": [{"points": null}]}`)
	}},
	{"elsewhere", "redirected", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example.org/", http.StatusFound)
	}},
	{"in the clear", "redirected", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+r.URL.Host+"/", http.StatusMovedPermanently)
	}},
	{"never ends", "no_answer", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Slow", "1") }},
}

// TestFaultsOfASite: whatever a site does, nothing is lost, void or posted, it is asked less and less
// often, and when it is well again, so is the pull.
func TestFaultsOfASite(t *testing.T) {
	for i, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			with(t, kinds()[i%len(kinds())], 3, func(f *fixture) {
				f.wait(time.Minute)
				before := f.all()
				require.Len(f, before, 3)
				asked := 0
				f.site.fails(func(w http.ResponseWriter, r *http.Request) bool {
					if strings.Contains(r.URL.Path, "token") {
						return false
					}
					asked++
					fault.answer(w, r)
					return true
				})
				f.wait(48 * time.Hour)
				assert.Equal(f, before, f.all())
				status := f.status()
				assert.Equal(f, fault.reason, status.Reason)
				assert.NotEmpty(f, status.Remedy)
				assert.InDelta(f, 20, asked, 12, "after 1, 2, 4 … minutes, up to every six hours")
				assert.Equal(f, 1, strings.Count(f.log.String(), "could not pull reviews"), "logged once")
				assert.Positive(f, f.metric("smileybot_pull_failures_total", fault.reason))
				assert.Greater(f, f.metric("smileybot_pull_age_seconds", f.sender.Name), 40*time.Hour.Seconds())
				f.logsNothingPrivate()

				f.site.fails(nil)
				f.site.put(oneReview(9, 2, time.Now()))
				f.wait(9 * time.Hour)
				assert.Equal(f, []string{"Klant 9"}, f.live())
				assert.Equal(f, []any{"", 0}, []any{f.status().Reason, f.status().Failures})
				assert.Contains(f, f.log.String(), "reviews are pulled again")
			})
		})
	}
}

// TestRetryAfter: a site that says when it may be asked again is asked not earlier.
func TestRetryAfter(t *testing.T) {
	for _, row := range []struct {
		header string
		least  time.Duration
	}{
		{"7200", 2 * time.Hour},
		{noon().Add(5 * time.Hour).Format(http.TimeFormat), 4*time.Hour + 58*time.Minute},
		{"99999999", 24 * time.Hour},
		{"-5", 40 * time.Second},
		{"soon", 40 * time.Second},
	} {
		with(t, "google", 1, func(f *fixture) {
			var asked []time.Time
			f.site.fails(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPost {
					return false
				}
				asked = append(asked, time.Now())
				w.Header().Set("Retry-After", row.header)
				w.WriteHeader(http.StatusTooManyRequests)
				return true
			})
			f.wait(50 * time.Hour)
			require.GreaterOrEqual(f, len(asked), 2, row.header)
			assert.GreaterOrEqual(f, asked[1].Sub(asked[0]), row.least, row.header)
			assert.Equal(f, "http_429", f.status().Reason)
			before := len(asked)
			f.stop()
			f.start()
			f.wait(time.Second)
			assert.Len(f, asked, before, "another holder keeps the wait")
		})
	}
}

// TestAccessTokens are used until they end, renewed when the site no longer takes them, and refused for
// good when the secret is wrong.
func TestAccessTokens(t *testing.T) {
	for _, kind := range []string{"feedbackcompany", "google"} {
		with(t, kind, 1, func(f *fixture) {
			f.wait(time.Minute)
			assert.Equal(f, 1, f.site.logins)
			f.site.mu.Lock()
			f.site.token = "revoked"
			f.site.mu.Unlock()
			f.wait(7 * time.Hour)
			assert.Equal(f, 2, f.site.logins)
			assert.Equal(f, 0, f.status().Failures)
			f.stop()
			f.sender.Secrets = []string{"another-secret", "another-refresh"}
			f.start()
			f.wait(7 * time.Hour)
			assert.Contains(f, []string{"refused", "http_401"}, f.status().Reason)
		})
	}
}

// TestWrongSecretIsNamed at every site.
func TestWrongSecretIsNamed(t *testing.T) {
	for _, kind := range kinds() {
		withStopped(t, kind, 1, func(f *fixture) {
			f.sender.Secrets = []string{"another-secret", "another-refresh"}
			f.start()
			f.wait(time.Second)
			assert.Contains(f, []string{"refused", "http_401", "http_403"}, f.status().Reason, kind)
			assert.Contains(f, f.status().Remedy, "secret")
			assert.Empty(f, f.all())
		})
	}
}

// TestPagesWithoutEnd and a next page on another host, which would get the secret.
func TestPagesWithoutEnd(t *testing.T) {
	for _, row := range []struct{ next, reason string }{
		{"/feed?from=0", "endless"},
		{"", "endless"}, // another page each time
		{"https://elsewhere.example.org/feed", "elsewhere"},
		{"//elsewhere.example.org/feed", "elsewhere"},
		{"http://reviews.example.org/feed", "elsewhere"},
		{"https://u:p@reviews.example.org/feed", "elsewhere"},
		{"https://reviews.example.org:8443/feed", "elsewhere"},
		{"file:///etc/passwd", "elsewhere"},
		{"%zz", "elsewhere"},
	} {
		withStopped(t, "feed", 0, func(f *fixture) {
			n := 0
			f.site.fails(func(w http.ResponseWriter, r *http.Request) bool {
				assert.Equal(f, "reviews.example.org", r.URL.Host)
				next := row.next
				if n++; next == "" {
					next = "/feed?from=" + strconv.Itoa(n)
				}
				write(w, map[string]any{"reviews": []any{}, "next": next})
				return true
			})
			f.start()
			f.wait(20 * time.Minute)
			assert.Equal(f, row.reason, f.status().Reason, row.next)
			assert.LessOrEqual(f, n, 3000)
		})
	}
}

// localSite is a real server on this machine, and a sender that asks it.
func localSite(t *testing.T, tls bool, handler http.HandlerFunc) (*httptest.Server, pull.Sender) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if tls {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	s := senderOf(t, "feed")
	s.Pull.URL = server.URL + "/feed"
	return server, s
}

// trial asks a sender once.
func trial(t *testing.T, s pull.Sender, transport http.RoundTripper) pull.Trial {
	t.Helper()
	var tried []pull.Trial
	require.NoError(t, pull.Check(t.Context(), []pull.Sender{s}, transport, "1.2.3", func(one pull.Trial) { tried = append(tried, one) }))
	require.Len(t, tried, 1)
	return tried[0]
}

const onePage = `{"reviews": [{"id": "1", "stars": 8}, {"id": "2", "stars": 99}]}`

// TestRealServers: over TLS, with a certificate that is trusted; in the clear on this machine only; a
// redirect on the same host is followed and to another is not, and never with the secret.
func TestRealServers(t *testing.T) {
	t.Parallel()
	var other http.Header
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { other = r.Header }))
	t.Cleanup(elsewhere.Close)
	handler := func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "Key "+secret, r.Header.Get("X-Key"))
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/feed", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/away":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case "/huge":
			for range 17 {
				_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<20))
			}
		case "/broken":
			w.Header().Set("Content-Length", "500")
			_, _ = io.WriteString(w, `{"reviews": [`)
		default:
			_, _ = io.WriteString(w, onePage)
		}
	}
	server, s := localSite(t, true, handler)
	transport := server.Client().Transport
	good := trial(t, s, transport)
	assert.Equal(t, []any{1, 1}, []any{good.Reviews, good.Warnings})
	assert.Nil(t, good.Failure)
	for path, reason := range map[string]string{"/moved": "", "/round": "redirected", "/away": "redirected", "/huge": "too_large", "/broken": "no_answer"} {
		s.Pull.URL = server.URL + path
		got := ""
		if f := trial(t, s, transport).Failure; f != nil {
			got = f.Reason
		}
		assert.Equal(t, reason, got, path)
	}
	assert.Nil(t, other, "the other host heard nothing")
	s.Pull.URL = server.URL + "/feed"
	untrusted := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(untrusted.CloseIdleConnections)
	assert.Equal(t, "no_answer", trial(t, s, untrusted).Failure.Reason, "its certificate is not trusted")

	_, clear := localSite(t, false, handler)
	assert.Nil(t, trial(t, clear, untrusted).Failure)
	clear.Pull.URL = "http://reviews.example.org/feed"
	assert.Equal(t, "elsewhere", trial(t, clear, untrusted).Failure.Reason, "nothing is asked in the clear")
}

// TestOneAtATimeOnAHost: two locations of one site take turns.
func TestOneAtATimeOnAHost(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	underway, most, asked := 0, 0, make(chan struct{}, 10)
	_, s := localSite(t, false, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		underway++
		most = max(most, underway)
		mu.Unlock()
		asked <- struct{}{}
		_, _ = io.WriteString(w, onePage)
		mu.Lock()
		underway--
		mu.Unlock()
	})
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	var all []pull.Sender
	for i := range 5 {
		one := s
		one.Name = "feed" + strconv.Itoa(i)
		all = append(all, one)
	}
	p, err := pull.New(pull.Options{
		Senders: all, Store: storetest.New(t), Transport: transport, Registry: prometheus.NewRegistry(), Stored: func() {},
		Log: slog.New(slog.DiscardHandler), Version: "1.2.3",
	})
	require.NoError(t, err)
	ended := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(ended)
		p.Run(ctx, p.Store)
	}()
	for range all {
		<-asked
	}
	cancel()
	<-ended
	assert.Equal(t, 1, most)
}

// TestValidate names what the secrets of a site lack.
func TestValidate(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		assert.NoError(t, pull.Validate(senderOf(t, kind)), kind)
	}
	assert.ErrorContains(t, pull.Validate(senderOf(t, "google", secret)), "the client secret and then the refresh token")
	assert.Error(t, pull.Validate(pull.Sender{Sender: sender.Sender{Name: "desk"}}))
	for _, site := range sender.PullSites() {
		assert.Contains(t, kinds(), site.Name, "every site is tested")
	}
}
