package fakeslack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// Sign sets the two headers by which Slack proves that a request is its own:
// the time in Unix seconds, and "v0=" with the hex HMAC-SHA256 of
// "v0:" + time + ":" + body.
func Sign(h http.Header, secret string, at time.Time, body []byte) {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + seconds + ":"))
	mac.Write(body)
	h.Set("X-Slack-Request-Timestamp", seconds)
	h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

// signed returns a signed POST of the body.
func (s *Server) signed(ctx context.Context, appURL, contentType string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, appURL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	o := s.Options()
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	Sign(req.Header, o.SigningSecret, o.Now(), body)
	return req, nil
}
