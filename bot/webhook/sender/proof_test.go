package sender

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOfficialVectorIsProved checks the example of the Standard Webhooks libraries.
func TestOfficialVectorIsProved(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/feedback", http.NoBody)
	r.Header.Set("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
	r.Header.Set("webhook-timestamp", "1614265330")
	r.Header.Set("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	s, err := Sender{Proof: Proof{Kind: StandardWebhooks}, DeliveryID: DeliveryID{Header: "webhook-id"}}.
		Enable(Settings{Secrets: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}})
	require.NoError(t, err)
	id, proved := s.Prove(r, []byte(`{"test": 2432232314}`), time.Unix(1614265330, 0))
	assert.True(t, proved)
	assert.Equal(t, "msg_p5jXN8AQM9LWM0D4loKWxJek", id)
	_, proved = s.Prove(r, []byte(`{"test": 2432232315}`), time.Unix(1614265330, 0))
	assert.False(t, proved)
}

// TestDeliveryKeyIsBounded checks that no header fills the store.
func TestDeliveryKeyIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxDeliveryID+1)
	assert.Empty(t, deliveryKey(""))
	assert.Equal(t, "msg_1", deliveryKey("msg_1"))
	assert.Equal(t, long[1:], deliveryKey(long[1:]))
	assert.Len(t, deliveryKey(long), len("sha256:")+64)
	assert.NotEqual(t, deliveryKey(long), deliveryKey(long+"x"))
	assert.True(t, strings.HasPrefix(deliveryKey("caf\xe9"), "sha256:"))
}
