package pull

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// askTimeout bounds one request, its answer included.
	askTimeout = 30 * time.Second
	// maxBody bounds a page: a thousand long reviews have about 2 MiB.
	maxBody = 16 << 20
	// maxRedirects bounds the redirects on one host.
	maxRedirects = 3
	// tokenMargin is how long before its end an access token is renewed, and tokenLife how long one is
	// used that does not say when it ends.
	tokenMargin = time.Minute
	tokenLife   = time.Hour
)

// request is what a site is asked.
type request struct {
	// url may hold a secret, so it is never logged.
	url    string
	header map[string]string
	form   url.Values // of a POST; nil for a GET
}

// httpClient makes requests, one at a time for each host.
type httpClient struct {
	client  *http.Client
	version string
	now     func() time.Time

	mu    sync.Mutex
	hosts map[string]chan struct{}
}

func newHTTP(transport http.RoundTripper, version string, now func() time.Time) *httpClient {
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &httpClient{version: version, now: now, hosts: make(map[string]chan struct{}), client: &http.Client{
		Transport: transport, Timeout: askTimeout,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}}
}

// turn waits until no one else asks a host. The function that it returns ends the turn; it is nil when
// ctx ends first.
func (c *httpClient) turn(ctx context.Context, host string) (done func()) {
	c.mu.Lock()
	taken := c.hosts[host]
	if taken == nil {
		taken = make(chan struct{}, 1)
		c.hosts[host] = taken
	}
	c.mu.Unlock()
	select {
	case taken <- struct{}{}:
		return func() { <-taken }
	case <-ctx.Done():
		return nil
	}
}

// ask makes a request and returns the body of its answer. The error is a [*Failure].
func (c *httpClient) ask(ctx context.Context, r request) ([]byte, error) {
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if r.form != nil {
		method, body = http.MethodPost, strings.NewReader(r.form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, r.url, body)
	if err != nil || !isPrivate(req.URL) {
		return nil, &Failure{Reason: reasonElsewhere}
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	req.Header.Set("User-Agent", "smileybot/"+c.version)
	if r.form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	done := c.turn(ctx, req.URL.Host)
	if done == nil {
		return nil, &Failure{Reason: reasonNoAnswer}
	}
	defer done()
	answer, err := c.client.Do(req)
	if err != nil {
		return nil, &Failure{Reason: reasonNoAnswer} // its text may hold the address
	}
	defer answer.Body.Close()
	switch status := answer.StatusCode; {
	case status == http.StatusOK:
	case status >= 300 && status < 400:
		return nil, &Failure{Reason: reasonRedirected}
	default:
		_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
		return nil, &Failure{Reason: "http_" + strconv.Itoa(status), Wait: retryAfter(answer.Header, c.now())}
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, &Failure{Reason: reasonNoAnswer} // it broke off, or took too long
	case len(text) > maxBody:
		return nil, &Failure{Reason: reasonTooLarge}
	}
	return text, nil
}

// isPrivate reports whether no one on the way can read what is asked: HTTPS, or this machine.
func isPrivate(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// retryAfter is how long an answer asks to wait, in seconds or until a moment (RFC 9110, section
// 10.2.3); no longer than a day.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), int(maxWait/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxWait)
}

// client asks one source, with an access token where the site has those. One goroutine uses it.
type client struct {
	http   *httpClient
	source source

	token string
	until time.Time // the end of the token
}

// page asks for a page. A token that the site no longer takes is renewed once.
func (c *client) page(ctx context.Context, at position) ([]byte, error) {
	fresh, err := c.login(ctx)
	if err != nil {
		return nil, err
	}
	body, err := c.http.ask(ctx, c.source.request(at, c.token))
	if c.token == "" || fresh || !refusesToken(body, err) {
		return body, err
	}
	c.token = ""
	if _, err := c.login(ctx); err != nil {
		return nil, err
	}
	return c.http.ask(ctx, c.source.request(at, c.token))
}

// refusesToken reports whether an answer is that an access token is no longer valid. The Feedback
// Company says so in the body.
func refusesToken(body []byte, err error) bool {
	if f, failed := err.(*Failure); failed { //nolint:errorlint // ask returns it as it is
		return f.Reason == "http_401"
	}
	var answer struct {
		Error any `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return false
	}
	text, _ := answer.Error.(string)
	return strings.Contains(text, "401")
}

// login gets an access token where the site needs one and there is none that is valid.
func (c *client) login(ctx context.Context) (fresh bool, err error) {
	r, needed := c.source.login()
	if !needed || c.token != "" && c.http.now().Before(c.until) {
		return false, nil
	}
	body, err := c.http.ask(ctx, r)
	if f, failed := err.(*Failure); failed && f.Reason == "http_400" { //nolint:errorlint // ask returns it as it is
		return false, &Failure{Reason: reasonRefused} // RFC 6749, section 5.2: invalid_grant, invalid_client
	}
	if err != nil {
		return false, err
	}
	var answer struct {
		Token   string  `json:"access_token"`
		Seconds float64 `json:"expires_in"`
	}
	switch {
	case json.Unmarshal(body, &answer) != nil:
		return false, &Failure{Reason: reasonNotJSON}
	case !isHeaderText(answer.Token):
		return false, &Failure{Reason: reasonRefused}
	}
	life := tokenLife
	if answer.Seconds > 0 && answer.Seconds < life.Seconds() {
		life = time.Duration(answer.Seconds * float64(time.Second))
	}
	c.token, c.until = answer.Token, c.http.now().Add(max(life-tokenMargin, tokenMargin))
	return true, nil
}

// isHeaderText reports whether a token can be sent in a header.
func isHeaderText(token string) bool {
	return token != "" && len(token) < 8<<10 && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}
