package senders_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
	"smileybot/feedback"
)

const (
	secret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	another = "whsec_c2Vjb25kLXNlY3JldC1vZi10aGUtdGVzdHM="
)

// noon is when requests arrive.
func noon() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// decoding is a sender with Translate: an example of a mapped sender gets the mapping of the docs.
func decoding(t *testing.T, s sender.Sender) sender.Sender {
	t.Helper()
	if s.Translate != nil {
		return s
	}
	text, err := os.ReadFile("../../../docs/senders/mappings/" + s.Name + ".yaml")
	require.NoError(t, err)
	list, err := senders.Mappings(text)
	require.NoError(t, err)
	return list[0]
}

// TestExamplesAreProvedAndRead posts the example of each sender with values of a command line: it
// is proved, it is the same feedback whatever its rating, and it has the values.
func TestExamplesAreProvedAndRead(t *testing.T) {
	t.Parallel()
	questions, err := sender.ParseQuestions("first=nps, second=comment")
	require.NoError(t, err)
	for _, s := range senders.Examples() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			comment := "Later words"
			values := sender.Values{
				ID: "7001", Delivery: "d-1", Comment: &comment, At: noon().Add(-time.Hour), Questions: questions, Secret: secret,
			}
			body, err := s.NewBody(values, noon())
			require.NoError(t, err)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/"+s.Name, http.NoBody)
			require.NoError(t, s.Sign(r, secret, values.Delivery, noon(), body))
			r.SetPathValue(sender.SecretInPath, filepath.Base(r.URL.Path))

			e, err := decoding(t, s).Enable(sender.Settings{Secrets: []string{another, secret}, Questions: questions})
			require.NoError(t, err)
			id, proved := e.Prove(r, body, noon())
			assert.True(t, proved)
			if s.DeliveryID.Header != "" || s.DeliveryID.Field != "" {
				assert.Equal(t, "d-1", id)
			}
			p, err := e.Decode(sender.Delivery{Sender: s.Name, Header: r.Header, Body: body, ReceivedAt: noon()})
			require.NoError(t, err)
			require.Len(t, p.Events, 1)
			assert.Empty(t, p.Warnings)
			assert.Equal(t, "7001", p.Events[0].ID)
			if s.Example.Comment != "" {
				assert.Equal(t, comment, p.Events[0].Answer.Comment)
			}
			assert.True(t, p.Events[0].Mentions[feedback.FieldRating])
			if len(s.Example.Times) > 0 && s.Proof.HMAC.Timestamp == "" {
				assert.Equal(t, values.At, p.Events[0].OccurredAt)
			}

			e, err = decoding(t, s).Enable(sender.Settings{Secrets: []string{another}, Questions: questions})
			require.NoError(t, err)
			_, proved = e.Prove(r, body, noon())
			assert.False(t, proved, "under another secret")
		})
	}
}

// TestDescriptorsFitTheOtherRooms checks what other rooms rely on: names that fit an address and a
// setting, a sample to send, and a page of the docs.
func TestDescriptorsFitTheOtherRooms(t *testing.T) {
	t.Parallel()
	names := senders.Names(senders.Examples())
	assert.Equal(t, len(names), len(slices.Compact(slices.Sorted(slices.Values(names)))))
	for _, s := range senders.Examples() {
		assert.Regexp(t, `^[a-z][a-z0-9_]+$`, s.Name)
		assert.FileExists(t, "../../../docs/senders/"+s.Name+".md")
		_, err := fs.Stat(s.Files, s.Example.File)
		assert.NoError(t, err, s.Name)
	}
	for _, s := range senders.All() {
		assert.NotNil(t, s.Translate, s.Name)
	}
	_, err := senders.Mappings([]byte("senders: {feedback: {}, helpscout: {}}"))
	assert.ErrorContains(t, err, "line 1, column 11: the name is taken")
	assert.ErrorContains(t, err, "line 1, column 25: the name is taken")
}

// TestSurveysNeedQuestions checks that a survey is not enabled without its questions.
func TestSurveysNeedQuestions(t *testing.T) {
	t.Parallel()
	for _, s := range senders.All() {
		_, err := s.Enable(sender.Settings{Secrets: []string{secret}})
		assert.Equal(t, s.QuestionsMeaning != "", err != nil, s.Name)
	}
}
