package webhook

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSignaturesThatProve(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	good := signature(t, secretA, "1", noon(), red)
	other := signature(t, secretB, "1", noon(), red)
	foreign := signature(t, "whsec_"+strings.Repeat("QUJD", 8), "1", noon(), red)
	tests := []struct {
		name, header, value string
		proved              bool
	}{
		{"the first secret", "webhook-signature", good, true},
		{"the second secret", "webhook-signature", other, true},
		{"another secret", "webhook-signature", foreign, false},
		{"one of several", "webhook-signature", foreign + " " + good, true},
		{"next to another version", "webhook-signature", "v1a,AAAA v2," + strings.TrimPrefix(good, "v1,") + " " + good, true},
		{"another version only", "webhook-signature", "v2," + strings.TrimPrefix(good, "v1,"), false},
		{"no version", "webhook-signature", strings.TrimPrefix(good, "v1,"), false},
		{"cut off", "webhook-signature", good[:len(good)-1], false},
		{"empty", "webhook-signature", "v1,", false},
		{"none", "webhook-signature", "", false},
		{"another id", "webhook-id", "2", false},
		{"no id", "webhook-id", "", false},
		{"another time", "webhook-timestamp", "1795175999", false},
		{"no time", "webhook-timestamp", "", false},
		{"a time in words", "webhook-timestamp", "noon", false},
		{"a time past counting", "webhook-timestamp", strings.Repeat("9", 40), false},
	}
	for _, test := range tests {
		r := signed(t, secretA, "1", noon(), red)
		r.Header.Set(test.header, test.value)
		w := d.serve(r)
		if test.proved {
			assert.Less(t, w.Code, 300, test.name)
			continue
		}
		assertUnproved(t, w.Code, w.Header(), test.name)
		assertProblem(t, w)
	}
}

func TestSignaturesExpireAfterFiveMinutes(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, test := range []struct {
		offset time.Duration
		proved bool
	}{
		{0, true},
		{-300 * time.Second, true},
		{300 * time.Second, true},
		{-301 * time.Second, false},
		{301 * time.Second, false},
		{-48 * time.Hour, false},
		{48 * time.Hour, false},
	} {
		w := d.serve(signed(t, secretA, test.offset.String(), noon().Add(test.offset), red))
		assert.Equal(t, test.proved, w.Code != http.StatusUnauthorized, test.offset.String())
	}
}

func TestBearerTokensThatProve(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	tests := []struct {
		authorization string
		proved        bool
	}{
		{"Bearer " + tokenA, true},
		{"Bearer " + tokenB, true},
		{"bearer " + tokenA, true},
		{"BEARER  " + tokenA, true},
		{"Bearer " + tokenA + tokenB, false},
		{"Bearer " + tokenA[1:], false},
		{"Bearer " + strings.ToUpper(tokenA), false},
		{"Bearer " + secretA, false},
		{"Bearer ", false},
		{"Bearer", false},
		{"Basic " + tokenA, false},
		{tokenA, false},
		{"", false},
	}
	for _, test := range tests {
		r := request(t, red)
		r.Header.Set("Authorization", test.authorization)
		w := d.serve(r)
		if test.proved {
			assert.Less(t, w.Code, 300, test.authorization)
			continue
		}
		assertUnproved(t, w.Code, w.Header(), test.authorization)
	}
}

// TestEitherProofIsEnough checks that a wrong proof next to a right one does no harm.
func TestEitherProofIsEnough(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	r := borne(t, tokenA, red)
	r.Header.Set("webhook-signature", "v1,nonsense")
	assert.Equal(t, http.StatusAccepted, d.serve(r).Code)
	r = signed(t, secretA, "1", noon(), red)
	r.Header.Set("Authorization", "Bearer nonsense")
	assert.Equal(t, http.StatusOK, d.serve(r).Code)
}

// TestUnprovedResponsesAreAllTheSame checks that every missing proof gets the same response.
func TestUnprovedResponsesAreAllTheSame(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	answers := make(map[string]bool)
	for _, r := range []*http.Request{
		request(t, red),
		request(t, `{`),
		borne(t, "nonsense", red),
		signed(t, "whsec_"+strings.Repeat("QUJD", 8), "1", noon(), red),
		signed(t, secretA, "1", noon().Add(-time.Hour), red),
	} {
		answers[d.serve(r).Body.String()] = true
	}
	assert.Len(t, answers, 1)
}

func assertUnproved(t *testing.T, code int, h http.Header, name string) {
	t.Helper()
	assert.Equal(t, http.StatusUnauthorized, code, name)
	assert.Equal(t, "Bearer", h.Get("WWW-Authenticate"), name)
}

// TestLongDeliveryIDIsHashed checks that a long id still marks a repeat.
func TestLongDeliveryIDIsHashed(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 201)
	d := newDoor(t)
	assert.Equal(t, "created", replyOf(t, d.post(t, long, red)).Result)
	assert.Equal(t, "duplicate", replyOf(t, d.post(t, long, red)).Result)
}

func TestNewRefusesBadSecrets(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		secrets, tokens []string
		says            string
	}{
		{"nothing", nil, nil, "neither a secret nor a token"},
		{"no base64", []string{secretA, "whsec_käse"}, nil, "secret 2"},
		{"an empty key", []string{"whsec_"}, nil, "secret 1"},
		{"a short key", []string{"whsec_QUJD"}, nil, "secret 1"},
		{"an empty token", nil, []string{tokenA, ""}, "token 2"},
	}
	for _, test := range tests {
		_, err := New(Options{
			Secrets: test.secrets, Tokens: test.tokens,
			Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
		})
		require.ErrorContains(t, err, test.says, test.name)
		assert.NotContains(t, err.Error(), "käse")
		assert.NotContains(t, err.Error(), "QUJD")
	}
	registry := prometheus.NewRegistry()
	_, err := New(Options{Tokens: []string{tokenA}, Registry: registry})
	require.NoError(t, err)
	_, err = New(Options{Tokens: []string{tokenA}, Registry: registry})
	require.ErrorContains(t, err, "metrics")
}
