package main

import (
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

	"smileybot/bot/outbox"
	"smileybot/config"
)

// outside reads --url: where the world reaches the bot, without a slash at its end.
func (c checkCommand) outside() (string, error) {
	address, err := url.Parse(c.URL)
	if err != nil || address.Scheme != "https" && address.Scheme != "http" || address.Hostname() == "" || address.User != nil ||
		address.RawQuery != "" || address.Fragment != "" {
		return "", usageErrorf("--url must be the address under which the bot is reached, for example 'smileybot check --url https://bot.example.org'")
	}
	return strings.TrimRight(address.String(), "/"), nil
}

// reach tries whether senders and Slack reach a running bot under an address. It
// knocks without proof, which the bot refuses in words of its own.
func (r *checklist) reach(ctx context.Context, settings config.Config, base string) {
	r.knock(ctx, door{
		what: "webhooks at " + base + "/webhooks/feedback", address: base + "/webhooks/feedback",
		kind: "application/json", answer: "application/problem+json",
	})
	if settings.SlackSigningSecret.Reveal() == "" {
		return // Socket Mode alone: Slack needs no way in
	}
	r.knock(ctx, door{
		what: "Slack's requests at " + base + "/slack/commands", address: base + "/slack/commands",
		kind: "application/x-www-form-urlencoded", answer: "text/plain",
	})
}

// A door is an address that the bot answers at.
type door struct {
	what, address string
	// kind is what is sent, answer the kind of the bot's refusal.
	kind, answer string
}

// knock posts nothing to a door and expects to be refused.
func (r *checklist) knock(ctx context.Context, d door) {
	ctx, cancel := context.WithTimeout(ctx, outbox.CallTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.address, strings.NewReader("{}"))
	if err != nil {
		r.fail(d.what+": no address", "give --url as in https://bot.example.org")
		return
	}
	request.Header.Set("Content-Type", d.kind)
	client := &http.Client{Timeout: outbox.CallTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		reason, cure := unreached(err, request.URL.Hostname())
		r.fail(d.what+": "+reason, cure)
		return
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	if problem, cure := d.judge(response); problem != "" {
		r.fail(d.what+": "+problem, cure)
		return
	}
	r.ok(d.what)
}

// judge tells what is wrong with the answer at a door, nothing when it is the
// bot's.
func (d door) judge(response *http.Response) (problem, cure string) {
	ours := strings.HasPrefix(response.Header.Get("Content-Type"), d.answer)
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

// unreached is why nothing answered: what it is and the cure.
func unreached(err error, host string) (reason, cure string) {
	name, byName := errors.AsType[*net.DNSError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case byName && name.IsTemporary:
		return "the name " + host + " could not be looked up just now", "a passing trouble of the network: run 'smileybot check' again"
	case byName:
		return "there is no such name: " + host, "make its DNS record, or mend --url"
	case untrusted:
		return "the certificate is not trusted", "give the proxy a certificate for " + host + " from a known authority, with its chain"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "it speaks no TLS", "put a proxy with TLS before the bot, or try --url with http://"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection is refused", "start the proxy, or the bot, and see that the port is open"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer within " + outbox.CallTimeout.String(), "see that the firewall lets the port through"
	default:
		return withoutURL(err).Error(), "perhaps a passing trouble of the network: run 'smileybot check' again"
	}
}
