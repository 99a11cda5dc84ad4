package sender

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNewBodyKeepsTypes checks that values keep their types and that absent ones are not added.
func TestNewBodyKeepsTypes(t *testing.T) {
	t.Parallel()
	s := Sender{
		Files:      fstest.MapFS{"a.json": {Data: []byte(`{"n": 7, "s": "x", "at": 5, "list": [{"v": 1}], "event": "e"}`)}},
		DeliveryID: DeliveryID{Field: "event"},
		Example: Example{
			File: "a.json", IDs: []string{"n", "s", "absent.id", "list.7.v", "list.x"}, Rating: "list.0.v",
			Comment: "absent", Times: []string{"at", "s"}, Without: []string{"gone"},
		},
	}
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	four, comment := "4", "c"
	tests := []struct {
		name   string
		values Values
		want   string
	}{
		{"a number stays one", Values{ID: "42", Delivery: "d", Rating: &four, Comment: &comment, At: at}, `{"n": 42, "s": "2026-11-20T12:00:00Z", "at": 1795176000, "list": [{"v": 4}], "event": "d"}`},
		{"unless the text is none", Values{ID: "r-1", Delivery: "d", At: at}, `{"n": "r-1", "s": "2026-11-20T12:00:00Z", "at": 1795176000, "list": [{"v": 1}], "event": "d"}`},
		{"a new id", Values{Delivery: "d", At: at}, `{"n": 1795176000000, "s": "2026-11-20T12:00:00Z", "at": 1795176000, "list": [{"v": 1}], "event": "d"}`},
	}
	for _, test := range tests {
		body, err := s.NewBody(test.values, at)
		require.NoError(t, err, test.name)
		assert.JSONEq(t, test.want, string(body), test.name)
	}
}

func TestSignRefusesOtherSecrets(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"", "whsec_", "whsec_?", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody)
		err := Sender{}.Sign(r, secret, "d", time.Unix(0, 0), nil)
		assert.EqualError(t, err, "the secret must be whsec_ and base64, as in SMILEYBOT_WEBHOOK_SECRETS", secret)
	}
}
