package webhook

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
)

// TestResultsOfDeliveries follows one feedback through every result of an event.
func TestResultsOfDeliveries(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	steps := []struct {
		delivery, body string
		status         int
		result         feedback.Result
	}{
		{"1", red, 202, "created"},
		{"1", red, 200, "duplicate"},
		{"1", `not even {JSON`, 200, "duplicate"},
		{"2", `{"id":"reply-1","channel":"ticket"}`, 200, "unchanged"},
		{"3", red, 200, "unchanged"},
		{"4", `{"id":"reply-1","channel":"ticket","comment":"slow"}`, 202, "updated"},
		{"5", `{"id":"reply-1","channel":"ticket","smiley":"green","occurred_at":"2026-11-20T11:00:00Z"}`, 200, "stale"},
		{"6", `{"id":"reply-1","channel":"ticket","smiley":"green"}`, 202, "updated"},
		{"7", `{"id":"reply-1","channel":"chat","smiley":"green"}`, 202, "created"},
		{"8", `{"id":"reply-1","channel":"ticket","kind":"nps","score":9.0}`, 202, "created"},
	}
	first := ""
	for i, step := range steps {
		w := d.post(t, step.delivery, step.body)
		r := replyOf(t, w)
		assert.Equal(t, step.status, w.Code, step.body)
		assert.Equal(t, string(step.result), r.Result, step.body)
		assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
		assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		switch {
		case i == 0:
			first = r.ID
			require.NotEmpty(t, first)
		case i < 8:
			assert.Equal(t, first, r.ID)
		default:
			assert.NotEqual(t, first, r.ID)
		}
		assert.Equal(t, i+1, d.woken, "the deliverer is woken")
	}
	c, err := d.store.Snapshot(t.Context(), first)
	require.NoError(t, err)
	assert.Equal(t, feedback.Green, c.Feedback.Colour())
	assert.Equal(t, "slow", c.Feedback.Comment)
}

// TestResponseHasNoEmptyFields checks that an answer without warnings has no key for them.
func TestResponseHasNoEmptyFields(t *testing.T) {
	t.Parallel()
	w := newDoor(t).post(t, "1", red)
	assert.JSONEq(t, `{"id":"`+replyOf(t, w).ID+`","result":"created"}`, w.Body.String())
}

// TestRepeatsWithoutDeliveryIDChangeNothing checks that a bearer needs no webhook-id, and may have
// one.
func TestRepeatsWithoutDeliveryIDChangeNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	assert.Equal(t, "created", replyOf(t, d.serve(borne(t, tokenA, red))).Result)
	assert.Equal(t, "unchanged", replyOf(t, d.serve(borne(t, tokenB, red))).Result)
	for _, want := range []string{"unchanged", "duplicate"} {
		r := borne(t, tokenA, red)
		r.Header.Set("webhook-id", "once")
		assert.Equal(t, want, replyOf(t, d.serve(r)).Result)
	}
	assert.Equal(t, "duplicate", replyOf(t, d.post(t, "once", red)).Result, "signed, of the same sender")
}

// TestRejectedDeliveryMayBeRepaired checks that a delivery can be put right under the
// same id.
func TestRejectedDeliveryMayBeRepaired(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	assert.Equal(t, http.StatusBadRequest, d.post(t, "1", `{`).Code)
	assert.Equal(t, http.StatusUnprocessableEntity, d.post(t, "1", `{}`).Code)
	assert.Equal(t, http.StatusUnprocessableEntity, d.post(t, "1", `{"id":"reply-1","channel":"ticket"}`).Code)
	assert.Equal(t, http.StatusAccepted, d.post(t, "1", red).Code)
}

func TestRejectedDeliveryIsKept(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.post(t, "1", `{"id":7,"channel":"`+"fax"+`","smiley":"red"}`)
	d.post(t, "2", `[1]`)
	d.serve(borne(t, "a-wrong-token-of-the-tests", `{}`))
	refusals, err := d.store.RejectedDeliveries(t.Context())
	require.NoError(t, err)
	require.Len(t, refusals, 2)
	assert.Equal(t, http.StatusBadRequest, refusals[0].Status)
	assert.Contains(t, refusals[0].Detail, "byte 1")
	assert.Equal(t, http.StatusUnprocessableEntity, refusals[1].Status)
	assert.Contains(t, refusals[1].Detail, "id must be a string")
	assert.Contains(t, refusals[1].Detail, "channel must be one of ticket, chat")
	assert.NotContains(t, refusals[1].Detail, "fax")
	assert.Equal(t, "feedback", refusals[1].Sender)
	assert.True(t, noon().Equal(refusals[1].ReceivedAt))
}

// TestUnavailableStoreIs503 checks that nothing is lost when the store fails: the response asks the
// sender to try again.
func TestUnavailableStoreIs503(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	require.NoError(t, d.store.Close())
	withID := borne(t, tokenA, red)
	withID.Header.Set("webhook-id", "1")
	for _, r := range []*http.Request{withID, borne(t, tokenA, red)} {
		w := d.serve(r)
		assert.Equal(t, http.StatusServiceUnavailable, w.Code)
		assert.Equal(t, "5", w.Header().Get("Retry-After"))
		assertProblem(t, w)
	}
	assert.Equal(t, http.StatusUnprocessableEntity, d.serve(borne(t, tokenA, `{}`)).Code, "although it cannot be kept")
	assert.Contains(t, d.logs.String(), "could not keep rejected webhook")
	assert.Equal(t, 2, d.woken, "what was not taken in time may be taken a moment later")
}

// TestSenderThatHangsUpLosesNothing checks that a request cancelled on its way is neither lost
// nor counted twice.
func TestSenderThatHangsUpLosesNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := d.serve(signed(t, secretA, "1", noon(), red).WithContext(ctx))
	assert.Equal(t, "created", replyOf(t, w).Result)
	assert.Equal(t, 1, d.woken)
	assert.Equal(t, "duplicate", replyOf(t, d.post(t, "1", red)).Result)
}

// TestConcurrentRepeatsAreStoredOnce sends one delivery many times at once: it is taken once.
func TestConcurrentRepeatsAreStoredOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.stored = func() {}
	results := make(chan string, 16)
	var senders sync.WaitGroup
	for range cap(results) {
		r := signed(t, secretA, "1", noon(), red)
		senders.Go(func() { results <- d.serve(r).Body.String() })
	}
	senders.Wait()
	close(results)
	created, duplicates := 0, 0
	for body := range results {
		created += strings.Count(body, `"created"`)
		duplicates += strings.Count(body, `"duplicate"`)
	}
	assert.Equal(t, 1, created)
	assert.Equal(t, cap(results)-1, duplicates)
	assert.Contains(t, d.scrape(t), `smileybot_feedback_total{channel="",kind="",result="duplicate",sender="feedback"} 15`)
}
