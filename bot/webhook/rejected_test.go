package webhook

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
	"smileybot/feedback"
)

// TestNoRatingIsIgnored checks that an event without a rating gets 200 and changes nothing.
func TestNoRatingIsIgnored(t *testing.T) {
	t.Parallel()
	other := sample(t, "helpscout", "rating.json")
	other.event = "convo.created"
	asked := sample(t, "zendesk", "trigger.json")
	for _, test := range []struct {
		name   string
		letter letter
	}{
		{"another event of Help Scout", other},
		{"a customer who was only asked", asked.with("Bad", "Offered")},
		{"a ticket without a rating", asked.with(`"Bad"`, "null")},
		{"another topic of Intercom", sample(t, "intercom", "other.json")},
		{"an unrated conversation", sample(t, "intercom", "rating.json").with(`"rating": 2`, `"rating": null`)},
		{"an unanswered survey", sample(t, "chatwoot", "unanswered.json")},
		{"a message of Chatwoot", sample(t, "chatwoot", "rating.json").with("input_csat", "text")},
		{"a response without a rating yet", sample(t, "formbricks", "created.json").with("recommend", "welcome")},
		{"a response of another form so far", sample(t, "typeform", "response.json").with("stars", "moons").with(`"form_response"`, `"form_response_partial"`)},
		{"another event of Typeform", sample(t, "typeform", "response.json").with(`"event_type": "form_response"`, `"event_type": "ping"`)},
		{"another event of Trustpilot", sample(t, "trustpilot", "created.json").with("service-review-created", "product-review-created")},
		{"nothing of Trustpilot", letter{sender: "trustpilot", secret: senderSecret, body: `{"events": []}`}},
		{"an object where a list should be", letter{sender: "trustpilot", secret: senderSecret, body: `{"events": {"eventName": "service-review-created"}}`}},
	} {
		d := newSendersDoor(t)
		w := d.through(test.letter.request(t))
		assert.Equal(t, http.StatusOK, w.Code, test.name)
		assert.JSONEq(t, `{"result": "ignored"}`, w.Body.String(), test.name)
		assert.Zero(t, d.rows(t), test.name)
		assert.Contains(t, d.scrape(t), `smileybot_feedback_total{channel="",kind="",result="ignored",sender="`+test.letter.sender+`"} 1`, test.name)
	}
}

// TestSurveyWithoutItsQuestionIsAWarning: a finished response in which no question of the setting is a
// rating is ignored, and counted, because the setting may be misspelled.
func TestSurveyWithoutItsQuestionIsAWarning(t *testing.T) {
	t.Parallel()
	for place, l := range map[string]letter{
		"form_response.answers": sample(t, "typeform", "response.json").with("stars", "moons"),
		"data.data":             sample(t, "formbricks", "finished.json").with(`"recommend"`, `"welcome"`),
	} {
		d := newSendersDoor(t)
		w := d.through(l.request(t))
		assert.Equal(t, http.StatusOK, w.Code)
		assert.JSONEq(t, `{"result": "ignored", "warnings": [{"field": "`+place+`", "message": "must have an answer to a question that is a rating in the setting; it was left out"}]}`, w.Body.String())
		assert.Contains(t, d.scrape(t), `smileybot_webhook_warnings_total{field="score",sender="`+l.sender+`"} 1`)
	}
}

// TestUnreadableRatingsAreRejected checks that a rating that cannot be read is rejected under the
// sender's own names, and that an optional field that is wrong is left out.
func TestUnreadableRatingsAreRejected(t *testing.T) {
	t.Parallel()
	rating, survey := sample(t, "helpscout", "rating.json"), sample(t, "helpscout", "survey.json")
	tests := []struct {
		name   string
		letter letter
		status int
		fields []string
		says   string
	}{
		{"an unknown word", rating.with("Okay", "Superb"), 422, []string{"rating"}, "must be one of Great, Okay, Bad"},
		{"a list for a word", rating.with(`"Okay"`, `["Okay"]`), 422, []string{"rating"}, "must be one of Great, Okay, Bad"},
		{"no rating and no id", rating.with(`"rating": "Okay",`, "", `"id": 88213,`, ""), 422, []string{"id", "smiley"}, "must be a string"},
		{"past the scale", survey.with(`"9"`, `"11"`), 422, []string{"response.value"}, "must be a whole number from 0 to 10"},
		{"a huge number", survey.with(`"9"`, strings.Repeat("9", 400)), 422, []string{"response.value"}, "must be a whole number from 0 to 10"},
		{"a negative number", survey.with(`"9"`, "-1"), 422, []string{"response.value"}, "must be a whole number from 0 to 10"},
		{"a number as a number", survey.with(`"9"`, "9.0"), 202, nil, ""},
		{"no customer", survey.with(`"_embedded"`, `"_elsewhere"`), 202, nil, ""},
		{"a list for a customer", rating.with(`"customer": {`, `"customer": [], "x": {`), 202, nil, ""},
		{"an object for a comment", rating.with(`"De uitleg klopte, maar het duurde lang."`, `{"a": 1}`), 202, []string{"comments"}, "must be a string or null; it was left out"},
		{"a time that is none", rating.with("2026-11-19T08:31:20Z", "yesterday"), 202, []string{"modifiedAt"}, "the time of arrival was taken"},
		{"a long name", rating.with("Jan", strings.Repeat("x", 300)), 202, []string{"customer.firstName"}, "at most 200 characters"},
		{"no JSON", letter{sender: "typeform", secret: senderSecret, body: `{"a": `}, 400, nil, "goes wrong at line 1"},
		{"no JSON object", letter{sender: "trustpilot", secret: senderSecret, body: `[1]`}, 400, nil, "begin with {"},
		{"no form", letter{sender: "zendesk", secret: senderSecret, form: true, at: noon(), body: `rating=%zz`}, 400, nil, "form fields"},
		{"a NUL in a form", letter{sender: "zendesk", secret: senderSecret, form: true, at: noon(), body: `rating=Bad%00`}, 400, nil, "NUL"},
		{"a rating in Dutch", sample(t, "zendesk", "trigger.json").with("Bad", "Goed"), 202, nil, ""},
		{"a rating in another language", sample(t, "zendesk", "trigger.json").with("Bad", "Zły"), 422, []string{"rating"}, "must be Good or Bad"},
		{"stars past the scale", sample(t, "trustpilot", "created.json").with(`"stars": 2`, `"stars": 6`), 422, []string{"events[0].eventData.stars"}, "from 1 to 5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newSendersDoor(t).through(test.letter.request(t))
			got := replyOf(t, w)
			require.Equal(t, test.status, w.Code, w.Body.String())
			assert.ElementsMatch(t, test.fields, append(names(got.Errors), names(got.Warnings)...))
			assert.Contains(t, w.Body.String(), test.says)
			assert.NotContains(t, w.Body.String(), "quotes")
		})
	}
}

// TestOneBadReviewDoesNotCostTheOthers checks that a mistake in one of several does not cost the
// others.
func TestOneBadReviewDoesNotCostTheOthers(t *testing.T) {
	t.Parallel()
	l := sample(t, "trustpilot", "created.json")
	one := strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l.body), `{
  "events": [`)), "]\n}")
	l.body = `{"events": [` + strings.Replace(one, `"stars": 2`, `"stars": 0`, 1) + "," + one + `]}`
	d := newSendersDoor(t)
	w := d.through(l.request(t))
	got := replyOf(t, w)
	require.Equal(t, http.StatusAccepted, w.Code, w.Body.String())
	assert.Equal(t, 2, d.looked(t, got.ID).rating)
	assert.Equal(t, []sender.Problem{{Field: "events[0].eventData.stars", Message: "must be a whole number from 1 to 5; the rating was left out"}}, got.Warnings)
}

// TestResponseToSeveralIsAboutTheNewOne checks that the response is about the review that is new.
func TestResponseToSeveralIsAboutTheNewOne(t *testing.T) {
	t.Parallel()
	l := sample(t, "trustpilot", "created.json")
	d := newSendersDoor(t)
	known := replyOf(t, d.through(l.request(t)))
	first := strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l.body), "{\n  \"events\": [")), "]\n}")
	l.body = `{"events": [` + first + "," + strings.ReplaceAll(first, "6740aa0000640002975399aa", "another-review") + `]}`
	w := d.through(l.request(t))
	got := replyOf(t, w)
	assert.Equal(t, http.StatusAccepted, w.Code)
	assert.Equal(t, "created", got.Result)
	assert.NotEqual(t, known.ID, got.ID)
}

// TestOtherSendersMayLeaveOutTheContentType checks that other senders may label their JSON with a
// +json type, as the own format may, or not at all.
func TestOtherSendersMayLeaveOutTheContentType(t *testing.T) {
	t.Parallel()
	d := newSendersDoor(t)
	for _, test := range []struct {
		contentType string
		status, own int
	}{
		{"", http.StatusAccepted, http.StatusUnsupportedMediaType},
		{"application/vnd.helpscout+json; charset=utf-8", http.StatusAccepted, http.StatusAccepted},
		{"text/plain", http.StatusAccepted, http.StatusUnsupportedMediaType},
		{"text/json; charset=utf-8", http.StatusAccepted, http.StatusUnsupportedMediaType},
		{"application/x-www-form-urlencoded", http.StatusAccepted, http.StatusUnsupportedMediaType},
		{"text/xml", http.StatusUnsupportedMediaType, http.StatusUnsupportedMediaType},
		{"application/soap+xml", http.StatusUnsupportedMediaType, http.StatusUnsupportedMediaType},
		{"multipart/form-data; boundary=x", http.StatusUnsupportedMediaType, http.StatusUnsupportedMediaType},
		{"image/png", http.StatusUnsupportedMediaType, http.StatusUnsupportedMediaType},
		{"application/xml", http.StatusUnsupportedMediaType, http.StatusUnsupportedMediaType},
		{"+json", http.StatusUnsupportedMediaType, http.StatusUnsupportedMediaType},
	} {
		r := sample(t, "helpscout", "rating.json").with("88213", strconv.Itoa(len(test.contentType)+1)).request(t)
		r.Header.Set("Content-Type", test.contentType)
		assert.Equal(t, test.status, d.through(r).Code, test.contentType)
		own := borne(t, tokenA, red)
		own.Header.Set("Content-Type", test.contentType)
		assert.Equal(t, test.own, d.through(own).Code, test.contentType)
	}
}

// TestFormsAreForSomeSenders checks that only senders of forms may post form fields, and that JSON is
// read as such under the type of a form, and after a byte order mark.
func TestFormsAreForSomeSenders(t *testing.T) {
	t.Parallel()
	l := sample(t, "helpscout", "rating.json")
	l.form = true
	d := newSendersDoor(t)
	assert.Equal(t, http.StatusAccepted, d.through(l.request(t)).Code)
	l.body = "rating=Great"
	w := d.through(l.request(t))
	assert.Equal(t, http.StatusBadRequest, w.Code)
	assert.Contains(t, w.Body.String(), "The body is no JSON. Send JSON, with Content-Type: application/json.")
}

// FuzzSenders reads anything as each sender's format, signed as that sender would. The response is
// always one of those in docs/webhook.md, and what is stored keeps every limit.
func FuzzSenders(f *testing.F) {
	for _, path := range []string{
		"helpscout/rating.json", "helpscout/survey.json", "zendesk/trigger.json", "zendesk/trigger.form", "intercom/rating.json", "intercom/other.json",
		"chatwoot/comment.json", "chatwoot/unanswered.json", "formbricks/created.json", "typeform/response.json", "trustpilot/created.json", "trustpilot/deleted.json",
	} {
		name, file, _ := strings.Cut(path, "/")
		l := sample(f, name, file)
		f.Add(name, l.event, l.form, []byte(l.body))
		f.Add(name, l.event, l.form, []byte(strings.NewReplacer(`"`, `""`, "1", "-1e999").Replace(l.body)))
	}
	for _, name := range senders.Names(senders.All()) {
		for _, body := range seeds() {
			f.Add(name, "", false, []byte(body))
		}
	}
	d := newSendersDoor(f)
	statuses := []int{200, 202, 400, 413, 415, 422}
	f.Fuzz(func(t *testing.T, name, event string, form bool, body []byte) {
		if !slices.Contains(senders.Names(senders.All()), name) {
			t.Skip("no sender")
		}
		l := letter{sender: name, event: event, form: form, body: string(body), secret: senderSecret, at: noon(), id: fmt.Sprintf("%x", sha256.Sum256(body))}
		if name == "formbricks" {
			l.secret = secretA
		}
		w := d.through(l.request(t))
		require.Contains(t, statuses, w.Code, w.Body.String())
		got := replyOf(t, w)
		if w.Code >= 400 {
			require.Equal(t, w.Code, got.Status)
			return
		}
		require.Equal(t, got.Result != "ignored" && got.Result != "kept", got.ID != "")
		if got.ID == "" {
			return
		}
		c, err := d.store.Snapshot(t.Context(), got.ID)
		require.NoError(t, err)
		low, high := c.Feedback.Kind.Scale()
		require.True(t, c.Feedback.Rating >= low && c.Feedback.Rating <= high)
		require.LessOrEqual(t, utf8.RuneCountInString(c.Feedback.Key.ID), feedback.MaxID)
		require.LessOrEqual(t, utf8.RuneCountInString(c.Feedback.Customer.Name), feedback.MaxName)
		require.False(t, c.Feedback.OccurredAt.After(noon()))
	})
}
