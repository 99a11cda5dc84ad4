package webhook

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
)

const (
	senderSecret = "a-secret-of-a-sender"
	olderSecret  = "the-secret-before-it"
	surveys      = "recommend=nps, why=comment, stars=csat, tWhy00000001=comment, ref=ticket.id"
)

// newSendersDoor is a door with all ready-made senders on.
func newSendersDoor(tb testing.TB) *door {
	tb.Helper()
	d := newDoor(tb)
	questions, err := sender.ParseQuestions(surveys)
	require.NoError(tb, err)
	for _, s := range senders.All() {
		secrets := []string{olderSecret, senderSecret}
		if s.Name == "formbricks" {
			secrets = []string{secretB, secretA}
		}
		e, err := s.Enable(sender.Settings{Secrets: secrets, Questions: questions})
		require.NoError(tb, err)
		d.senders = append(d.senders, e)
	}
	return d
}

// through lets a request through the routes of the door, as the server does.
func (d *door) through(r *http.Request) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	for _, route := range d.Routes() {
		mux.Handle(route.Pattern, route.Handler)
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

// letter is a webhook as its sender posts it.
type letter struct {
	sender string
	event  string // in a header, for Help Scout
	id     string // of the delivery, for senders with a header for it
	body   string
	form   bool
	secret string
	at     time.Time // of signing
}

// sample is a letter with a sample as its body, sent at noon.
func sample(tb testing.TB, sender, name string) letter {
	tb.Helper()
	s, found := senders.Find(senders.Examples(), sender)
	require.True(tb, found, sender)
	body, err := fs.ReadFile(s.Files, path.Join(path.Dir(s.Example.File), name))
	require.NoError(tb, err)
	l := letter{sender: sender, id: "delivery-" + sender + "-" + name, body: string(body), form: strings.HasSuffix(name, ".form"), secret: senderSecret, at: noon()}
	switch {
	case sender == "formbricks":
		l.secret = secretA
	case sender == "helpscout" && name == "rating.json":
		l.event = "satisfaction.ratings"
	case sender == "helpscout":
		l.event = "message.survey.response.received"
	}
	return l
}

// with is the letter with parts of its body replaced, in a delivery of its own; the
// replacements come in pairs.
func (l letter) with(replacements ...string) letter {
	l.body = strings.NewReplacer(replacements...).Replace(l.body)
	l.id += "+"
	return l
}

// later is the letter signed some seconds later.
func (l letter) later(seconds int) letter {
	l.at = l.at.Add(time.Duration(seconds) * time.Second)
	return l
}

func mac(kind func() hash.Hash, secret string, texts ...string) []byte {
	m := hmac.New(kind, []byte(secret))
	for _, text := range texts {
		m.Write([]byte(text))
	}
	return m.Sum(nil)
}

// request is the letter as its sender posts it, written from the vendors' pages and not
// from the code that checks it.
func (l letter) request(tb testing.TB) *http.Request {
	tb.Helper()
	r := request(tb, l.body)
	r.URL.Path = "/webhooks/" + l.sender
	if l.form {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	seconds, iso := strconv.FormatInt(l.at.Unix(), 10), l.at.UTC().Format(time.RFC3339)
	base, hexa := base64.StdEncoding.EncodeToString, hex.EncodeToString
	switch l.sender {
	case "helpscout":
		r.Header.Set("X-HelpScout-Event", l.event)
		r.Header.Set("X-HelpScout-Signature", base(mac(sha1.New, l.secret, l.body)))
	case "zendesk":
		r.Header.Set("x-zendesk-webhook-invocation-id", l.id)
		r.Header.Set("x-zendesk-webhook-signature-timestamp", iso)
		r.Header.Set("x-zendesk-webhook-signature", base(mac(sha256.New, l.secret, iso, l.body)))
	case "intercom":
		r.Header.Set("X-Hub-Signature", "sha1="+hexa(mac(sha1.New, l.secret, l.body)))
	case "chatwoot":
		r.Header.Set("X-Chatwoot-Delivery", l.id)
		r.Header.Set("X-Chatwoot-Timestamp", seconds)
		r.Header.Set("X-Chatwoot-Signature", "sha256="+hexa(mac(sha256.New, l.secret, seconds, ".", l.body)))
	case "formbricks":
		r.Header.Set("webhook-id", l.id)
		r.Header.Set("webhook-timestamp", seconds)
		r.Header.Set("webhook-signature", signature(tb, l.secret, l.id, l.at, l.body))
	case "typeform":
		r.Header.Set("Typeform-Signature", "sha256="+base(mac(sha256.New, l.secret, l.body)))
	case "freshdesk", "freescout", "googleforms", "gorgias", "jira", "surveymonkey":
		r.Header.Set("Authorization", "Bearer "+l.secret)
	case "crisp":
		milli := strconv.FormatInt(l.at.UnixMilli(), 10)
		r.Header.Set("X-Crisp-Request-Timestamp", milli)
		r.Header.Set("X-Crisp-Signature", hexa(mac(sha256.New, l.secret, "[", milli, ";", l.body, "]")))
	case "delighted":
		r.Header.Set("X-Delighted-Webhook-Signature", "sha256="+hexa(mac(sha256.New, l.secret, l.body)))
	case "facebook":
		r.Header.Set("X-Hub-Signature-256", "sha256="+hexa(mac(sha256.New, l.secret, l.body)))
	case "front":
		r.Header.Set("X-Front-Signature", base(mac(sha1.New, l.secret, l.body)))
	case "hubspot":
		r.Header.Set("X-Smileybot-Token", l.secret)
	case "jotform":
		r.URL.RawQuery = "key=" + l.secret
	case "livechat": // the body of the sample has the secret
		body := strings.Replace(l.body, senderSecret, l.secret, 1)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	case "rocketchat":
		r.Header.Set("X-RocketChat-Livechat-Token", l.secret)
	case "tally":
		r.Header.Set("Tally-Signature", base(mac(sha256.New, l.secret, l.body)))
	case "wootric":
		r.Header.Set("X-Wootric-Signature", "sha1="+hexa(mac(sha1.New, l.secret, l.body)))
	case "zammad":
		r.Header.Set("X-Zammad-Delivery", l.id)
		r.Header.Set("X-Hub-Signature", "sha1="+hexa(mac(sha1.New, l.secret, l.body)))
	case "osticket", "trustpilot", "userlike":
		r.URL.Path += "/" + l.secret
	}
	return r
}

// vectors are the signatures of samples.
func vectors() []struct{ name, header, value string } {
	return []struct{ name, header, value string }{
		{"helpscout/rating.json", "X-HelpScout-Signature", "Z2OpmuW0Nq8zB+uSUusVnY7/eCE="},
		{"zendesk/trigger.form", "X-Zendesk-Webhook-Signature", "lu/XlCvR5K+O2mupHG9LMOVSzjMHW2NWrunVEnpO6IM="},
		{"intercom/rating.json", "X-Hub-Signature", "sha1=bf5d01f4aee0ba8973710873a39070ab1f1cf7b4"},
		{"chatwoot/comment.json", "X-Chatwoot-Signature", "sha256=e6e66cacb4d8d29f3b4cadf6a3526ad5eb20441e74591010e5c904960b53f374"},
		{"formbricks/created.json", "Webhook-Signature", "v1,2Oe2jgtbxShICWeixPgfeyFlaj1gcz5lYgArGtGNvos="},
		{"typeform/response.json", "Typeform-Signature", "sha256=+E6OrHzxX8d+hsxk/ADtRRHX1z7rbDc6H19J9E6hAPQ="},
	}
}
