package selfcheck

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"smileybot/bot/internal/address"
	"smileybot/bot/slackapi"
)

// publicURL checks that senders and Slack reach a running bot at its public address. It posts
// requests without a proof, which the bot rejects in its own way.
func (c *checker) publicURL(ctx context.Context) {
	if c.PublicURL == "" {
		return
	}
	c.reach(ctx, endpoint{
		what: "webhooks", path: "/webhooks/feedback",
		contentType: "application/json", rejection: "application/problem+json",
	})
	if c.SigningSecret == "" {
		return // with Socket Mode alone, Slack sends no requests
	}
	c.reach(ctx, endpoint{
		what: "Slack's requests", path: "/slack/commands",
		contentType: "application/x-www-form-urlencoded", rejection: "text/plain",
	})
}

// An endpoint is a path that the bot serves.
type endpoint struct {
	what, path string
	// contentType is that of a request, rejection that of the response to one without a proof.
	contentType, rejection string
}

// reach posts a request without a proof to an endpoint and expects the bot's rejection.
func (c *checker) reach(ctx context.Context, e endpoint) {
	ctx, cancel := context.WithTimeout(ctx, slackapi.Timeout)
	defer cancel()
	address := c.PublicURL + e.path
	what := e.what + " at " + address
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("{}"))
	if err != nil {
		c.fail(what+": no address", "give --url as in https://bot.example.org")
		return
	}
	request.Header.Set("Content-Type", e.contentType)
	client := &http.Client{Timeout: slackapi.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		reason, remedy := connectionFailure(err, request.URL.Hostname())
		c.fail(what+": "+reason, remedy)
		return
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	if problem, remedy := e.judge(response); problem != "" {
		c.fail(what+": "+problem, remedy)
		return
	}
	c.ok("%s", what)
}

// judge returns what is wrong with a response, and the remedy. Both are empty for the bot's own
// rejection.
func (e endpoint) judge(response *http.Response) (problem, remedy string) {
	ours := strings.HasPrefix(response.Header.Get("Content-Type"), e.rejection)
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized && ours:
		return "", ""
	case status/100 == 3:
		return "it is redirected", "senders do not follow: give --url, and them, the address at the end, or take the redirect out of the proxy"
	case status == http.StatusNotFound:
		return "404, not found", "let the proxy pass /webhooks/ and /slack/ to SMILEYBOT_LISTEN, with the path as it is"
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		return fmt.Sprintf("the proxy answers %d: it does not reach the bot", status), "run 'smileybot serve', and let the proxy pass to SMILEYBOT_LISTEN"
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fmt.Sprintf("something before the bot asks for a login (%d)", status), "let the proxy pass /webhooks/ and /slack/ without one: the bot checks signatures itself"
	default:
		return fmt.Sprintf("what answers there (%d) is not smileybot", status), "see where the proxy passes this path to"
	}
}

// connectionFailure returns why a request got no response, and the remedy.
func connectionFailure(err error, host string) (reason, remedy string) {
	name, byName := errors.AsType[*net.DNSError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case byName && name.IsTemporary:
		return "the name " + host + " could not be looked up just now", "a temporary failure of the network: run 'smileybot check' again"
	case byName:
		return "there is no such name: " + host, "create its DNS record, or correct --url"
	case untrusted:
		return "the certificate is not trusted", "give the proxy a certificate for " + host + " from a known authority, with its chain"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "it speaks no TLS", "put a proxy with TLS before the bot, or try --url with http://"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection is refused", "start the proxy, or the bot, and see that the port is open"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer within " + slackapi.Timeout.String(), "see that the firewall lets the port through"
	default:
		return withoutURL(err).Error(), "perhaps a temporary failure of the network: run 'smileybot check' again"
	}
}

// withoutURL returns the cause of an error of an HTTP client, whose address may hold a secret.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// aliveTimeout is how long the answer of Alive may take: less than a container's own limit.
const aliveTimeout = 3 * time.Second

// Alive asks /healthz of the bot that listens at an address, and returns the answer. Without a host the
// bot listens on every address of this machine, the loopback among them.
func Alive(ctx context.Context, listen string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, aliveTimeout)
	defer cancel()
	response, err := askAdmin(ctx, listen, "/healthz")
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("/healthz at %s answers %s", listen, response.Status)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	return string(answer), err
}

// askAdmin asks a route of the bot that listens on address, see [Alive].
func askAdmin(ctx context.Context, listen, route string) (*http.Response, error) {
	network, place := address.Split(listen)
	if network == "tcp" {
		host, port, err := net.SplitHostPort(place)
		if err != nil {
			return nil, fmt.Errorf("SMILEYBOT_ADMIN_LISTEN must be host:port or unix:PATH: %w", err)
		}
		place = net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+route, http.NoBody)
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, place)
	}}} // without a proxy
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the bot does not answer: %w", err)
	}
	return response, nil
}
