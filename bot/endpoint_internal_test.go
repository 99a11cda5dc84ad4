package bot

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"smileybot/bot/command"
	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/fakeslack"
	"smileybot/store/storetest"
)

// FuzzEndpoint gives Slack's three addresses anything. What Slack signed is
// acknowledged, or refused for its workspace; what it did not sign is refused
// unread; nothing panics, and nothing but a challenge is said back.
func FuzzEndpoint(f *testing.F) {
	for _, body := range []string{
		`{"type":"url_verification","challenge":"3eZbrw1a"}`, `{"type":"url_verification","challenge":7}`, `{"type":"url_verification"}`,
		`{"team_id":"T0FAKE","event":{"type":"app_home_opened","user":"U0BART","tab":"home"}}`, `{"team_id":"T0FAKE","event":{"type":"app_home_opened","user":[]}}`,
		`{"team_id":"T0FAKE","event":{"type":7}}`, `{"team_id":"T0FAKE","event":null}`, `{"team_id":"T0OTHER","event":{"type":"x"}}`, `{"team_id":["T"]}`, `null`, `[]`, `{`, ``,
		`ssl_check=1`, `team_id=T0FAKE&command=%2Fnps&text=month`, `payload=%7B%22team%22%3A%7B%22id%22%3A%22T0FAKE%22%7D%7D`, `payload=%7B`, `%`, "\xff\x00",
	} {
		f.Add([]byte(body))
	}
	standIn := fakeslack.New(fakeslack.Options{})
	client := slackapi.New(slackapi.Options{Token: standIn.Options().BotToken, URL: standIn.APIURL(), Transport: standIn.Transport()})
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	d := &dispatcher{log: logger, handler: command.New(command.Options{
		Store: storetest.New(f), Slack: client, Renderer: message.NewRenderer(message.Options{}), SupportChannel: "C0SUPPORT", LeadChannel: "C0SUPPORT",
		Log: logger, Registry: prometheus.NewRegistry(), Wake: func() {},
	})}
	f.Cleanup(func() { d.stop(time.Minute) })
	endpoint := client.NewEndpoint(slackapi.EndpointOptions{
		SigningSecret: standIn.Options().SigningSecret, Receiver: d, Rejected: func(string, string) {}, Log: logger,
	})
	const form = "application/x-www-form-urlencoded"
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, at := range []struct {
			kind string
			take http.Handler
		}{{"application/json", endpoint.Events()}, {form, endpoint.Interactions()}, {form, endpoint.Commands()}} {
			request := func() *http.Request {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/slack/any", bytes.NewReader(body))
				r.Header.Set("Content-Type", at.kind)
				return r
			}
			refused, taken := httptest.NewRecorder(), httptest.NewRecorder()
			at.take.ServeHTTP(refused, request())
			require.Equal(t, http.StatusUnauthorized, refused.Code)

			signed := request()
			fakeslack.Sign(signed.Header, standIn.Options().SigningSecret, time.Now(), body)
			at.take.ServeHTTP(taken, signed)
			require.Contains(t, []int{http.StatusOK, http.StatusForbidden}, taken.Code)
			if taken.Code == http.StatusOK && taken.Body.Len() > 0 {
				var question struct{ Challenge string }
				require.NoError(t, json.Unmarshal(body, &question))
				require.Equal(t, question.Challenge, taken.Body.String())
			}
		}
		d.working.Wait()
		require.NotContains(t, log.String(), "panic in")
		log.Reset()
	})
}
