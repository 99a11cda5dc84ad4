package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// dryRun is what a ready-made mapping makes of a body.
func dryRun(tb testing.TB, s sender.Sender, query, body string, form bool) sender.DryRun {
	tb.Helper()
	values, err := url.ParseQuery(query)
	require.NoError(tb, err)
	header := http.Header{}
	if form {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return enabled(tb, s).DryRun(sender.Delivery{Header: header, Query: values, Body: []byte(body), ReceivedAt: noon()})
}

// inShort is a dry run in one line: the events, or why there are none.
func inShort(d sender.DryRun) string {
	var lines []string
	for _, e := range d.Events {
		line := string(e.Kind) + " " + e.ID
		if e.Mentions[feedback.FieldRating] {
			line += " " + e.Kind.RatingText(e.Answer.Rating)
		}
		if e.Mentions[feedback.FieldComment] {
			line += " (" + e.Answer.Comment + ")"
		}
		if e.TakenBack {
			line += " taken back"
		}
		lines = append(lines, line)
	}
	switch {
	case len(d.Errors) > 0:
		return "refused: " + strings.Join(d.Errors, "; ")
	case len(lines) == 0 && len(d.Warnings) == 0:
		return "ignored"
	}
	return strings.Join(lines, ", ")
}

// TestReadyMadeMappingsReadWhatTheirSendersSend takes the other bodies that a sender posts: other
// scales, events without a rating, answers that are taken back, and values that cannot be read.
func TestReadyMadeMappingsReadWhatTheirSendersSend(t *testing.T) {
	t.Parallel()
	all := readyMade(t)
	for _, test := range []struct {
		name, file, query string
		replace           []string // in the sample, in pairs
		want              string
	}{
		{"another event", "crisp.json", "", []string{"session:sync:rating", "message:send"}, "ignored"},
		{"six stars", "crisp.json", "", []string{`"stars": 2`, `"stars": 6`}, "must be a whole number from 1 to 5"},
		{"no comment", "crisp.json", "", []string{`"Nog steeds offline"`, "null"}, "csat session_5b0e2f3c-0000-4000-8000-00000000bb02 2"},

		{"a score alone", "delighted.json", "", []string{"survey_response.updated", "survey_response.created", `"Snel geholpen"`, "null"}, "nps 70021 9"},
		{"CSAT", "delighted.json", "", []string{`"nps"`, `"csat"`, `"score": 9`, `"score": 4`}, "csat 70021 4 (Snel geholpen)"},
		{"another survey", "delighted.json", "", []string{`"nps"`, `"thumbs"`}, "must be one of nps, csat, as the mapping has it"},
		{"an unsubscription", "delighted.json", "", []string{"survey_response.updated", "unsubscribe.created"}, "ignored"},

		{"a recommendation", "facebook.json", "", []string{`"negative"`, `"positive"`}, "review 700800900100 5 (Al drie dagen geen mail)"},
		{"stars of former years", "facebook.json", "", []string{`"recommendation_type": "negative"`, `"rating": 3`}, "review 700800900100 3 (Al drie dagen geen mail)"},
		{"a comment on a rating", "facebook.json", "", []string{`"item": "rating"`, `"item": "comment"`}, "ignored"},
		{"a like of a rating", "facebook.json", "", []string{`"item": "rating"`, `"item": "like"`}, "ignored"},
		{"a reaction to a rating", "facebook.json", "", []string{`"item": "rating"`, `"item": "reaction"`}, "ignored"},
		{"a deletion", "facebook.json", "", []string{`"verb": "add"`, `"verb": "remove"`, `"recommendation_type": "negative",`, "", `"review_text": "Al drie dagen geen mail",`, ""}, "review 700800900100 taken back"},
		{"a message to the page", "facebook.json", "", []string{`"changes"`, `"messaging"`}, "ignored"},
		{"no entries", "facebook.json", "", []string{`"entry"`, `"entries"`}, "cannot iterate over: null"},

		{"a word that is no rating", "freshdesk.json", "", []string{`"unhappy"`, `"fine"`}, "refused: $.rating must be one of happy, neutral, unhappy, 103, 102, 101, 100, -101, -102, -103, as the mapping has it"},
		{"simple content, the rating in the address", "freshdesk.json", "rating=happy", []string{`"rating": "unhappy",`, "", "{\n", `{"freshdesk_webhook": {`, "\n}", "\n}}"}, "smiley 4711 green"},
		{"no rating", "freshdesk.json", "", []string{`"rating": "unhappy",`, ""}, "no rating, in the address or in the body"},

		{"another tag", "front.json", "", []string{"csat-red", "spoed"}, "no tag that begins with csat-"},
		{"a tag of ours that is not in the table", "front.json", "", []string{"csat-red", "csat-blue"}, "refused: "},
		{"without full data", "front.json", "", []string{`"tags": [{"id": "tag_1", "name": "facturen"}, {"id": "tag_2", "name": "csat-red"}]`, `"_links": {}`}, "smiley cnv_7c9d red"},

		{"a skipped question", "googleforms.json", "", []string{`"score": "9",`, ""}, "ignored"},
		{"an answer in words", "googleforms.json", "", []string{`"score": "9"`, `"score": "very"`}, "must be a whole number from 0 to 10"},

		{"a ticket without a survey", "gorgias.json", "", []string{`"score": "2"`, `"score": ""`}, "ignored"},
		{"a template that finds nothing", "gorgias.json", "", []string{`"score": "2"`, `"score": "None"`}, "ignored"},
		{"a template that is not filled in", "gorgias.json", "", []string{`"score": "2"`, `"score": "{{ticket.satisfaction_survey.score}}"`}, "refused: $.score must be a whole number from 1 to 5"},
		{"no comment", "gorgias.json", "", []string{`"Geen antwoord op mijn vraag"`, `"None"`}, "csat 88213 2"},

		{"a happy face", "hubspot.json", "", []string{`"NPS"`, `"CSAT"`, `"value": "6"`, `"value": "2"`, "DETRACTOR", "PROMOTER"}, "smiley 5392448343 green (Te duur geworden)"},
		{"an unhappy face", "hubspot.json", "", []string{`"NPS"`, `"CSAT"`, `"value": "6"`, `"value": "0"`}, "smiley 5392448343 red (Te duur geworden)"},
		{"effort", "hubspot.json", "", []string{`"NPS"`, `"CES"`}, "ces 5392448343 6 (Te duur geworden)"},
		{"a survey of the knowledge base", "hubspot.json", "", []string{`"NPS"`, `"KNOWLEDGE"`}, "must be one of NPS, CES, CSAT, as the mapping has it"},

		{"a rating in an object", "jira.json", "", []string{`"rating": "2"`, `"rating": {"rating": 4}`}, "csat HELP-118 4 (Drie keer hetzelfde gevraagd)"},
		{"an empty smart value", "jira.json", "", []string{`"rating": "2"`, `"rating": ""`}, "refused: "},

		{"a skipped question", "jotform.form", "", []string{"q3_recommend%22%3A+%228%22", "q3_recommend%22%3A+%22%22"}, "refused: "},
		{"another question's name", "jotform.form", "", []string{"q3_recommend", "q3_howLikely"}, "no answer to a question with the unique name recommend"},
		{"no answers", "jotform.form", "", []string{"rawRequest", "raw"}, "refused: "},

		{"another event", "livechat.json", "", []string{"thread_properties_updated", "incoming_event"}, "ignored"},
		{"another property", "livechat.json", "", []string{`"rating"`, `"routing"`}, "ignored"},
		{"a thumb up", "livechat.json", "", []string{`"score": 0`, `"score": 1`}, "smiley QB9Z8Y7X6W green (Het duurde erg lang)"},
		{"a score that is no thumb", "livechat.json", "", []string{`"score": 0`, `"score": 10`}, "refused: "},
		{"a comment alone", "livechat.json", "", []string{`"score": 0,`, ""}, "smiley QB9Z8Y7X6W (Het duurde erg lang)"},
		{"values in objects", "livechat.json", "", []string{`"score": 0`, `"score": {"value": 1}`, `"Het duurde erg lang"`, `{"value": "Top"}`}, "smiley QB9Z8Y7X6W green (Top)"},
		{"a rating that is taken back", "livechat.json", "", []string{"thread_properties_updated", "thread_properties_deleted", `{
        "score": 0,
        "comment": "Het duurde erg lang"
      }`, `["score", "comment"]`}, "smiley QB9Z8Y7X6W () taken back"},
		{"a comment that is taken back", "livechat.json", "", []string{"thread_properties_updated", "thread_properties_deleted", `{
        "score": 0,
        "comment": "Het duurde erg lang"
      }`, `["comment"]`}, "smiley QB9Z8Y7X6W ()"},

		{"a chat without an answer", "rocketchat.json", "", []string{`"smiley": "yellow", `, ""}, "ignored"},
		{"another event", "rocketchat.json", "", []string{`"LivechatSession"`, `"Message"`}, "ignored"},
		{"another word", "rocketchat.json", "", []string{`"yellow"`, `"blue"`}, "refused: $.customFields.smiley must be one of green, yellow, red, as the mapping has it"},

		{"two ratings", "tally.json", "", []string{`{"key": "question_c3", "label": "E-mail", "type": "INPUT_EMAIL", "value": "jan@example.org"}`, `{"key": "question_c3", "label": "Sterren", "type": "RATING", "value": 4}`}, "nps mVq0Lk 8 (Fijne helpdesk), csat mVq0Lk-question_c3 4 (Fijne helpdesk)"},
		{"nothing rated", "tally.json", "", []string{`"value": 8`, `"value": null`}, "ignored"},
		{"ten stars", "tally.json", "", []string{"LINEAR_SCALE", "RATING"}, "refused: $.value must be a whole number from 1 to 5"},
		{"no fields", "tally.json", "", []string{`"fields"`, `"answers"`}, "refused: "},

		{"a comment alone", "userlike.json", "", []string{`"_event": "rating"`, `"_event": "feedback"`, `"rate": 3`, `"rate": null`}, "csat 69001 (Vriendelijk maar traag)"},
		{"another name for the stars", "userlike.json", "", []string{`"rate"`, `"stars"`}, "no rate"},
		{"the end of a chat", "userlike.json", "", []string{`"_event": "rating"`, `"_event": "end"`}, "ignored"},

		{"SurveyMonkey's own webhook", "surveymonkey.json", "", []string{`"response"`, `"object_id"`, `"score"`, `"filter_id"`}, "no rating"},

		{"CSAT", "wootric.form", "", []string{"survey_mode=NPS", "survey_mode=CSAT"}, "csat 33021 4 (Storing duurde lang)"},
		{"a decline", "wootric.form", "", []string{"response%5B", "decline%5B"}, "ignored"},
		{"neither", "wootric.form", "", []string{"response%5B", "answer%5B"}, "refused: "},
	} {
		t.Run(strings.Split(test.file, ".")[0]+": "+test.name, func(t *testing.T) {
			t.Parallel()
			of, _, _ := strings.Cut(test.file, ".")
			l := sample(t, of, test.file)
			changed := l.with(test.replace...)
			assert.NotEqual(t, l.body, changed.body, "the sample has nothing to replace")
			assert.Contains(t, inShort(dryRun(t, all[of], test.query, changed.body, l.form)), test.want)
		})
	}
}

// TestJotformPostsParts takes a body of parts, as Jotform sends it.
func TestJotformPostsParts(t *testing.T) {
	t.Parallel()
	l := sample(t, "jotform", "jotform.form")
	fields, err := url.ParseQuery(l.body)
	require.NoError(t, err)
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name := range fields {
		require.NoError(t, parts.WriteField(name, fields.Get(name)))
	}
	require.NoError(t, parts.Close())
	d := newDoor(t)
	d.senders = []sender.Enabled{enabled(t, readyMade(t)["jotform"])}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/jotform?key="+l.secret, &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	w := d.through(r)
	require.Equal(t, http.StatusAccepted, w.Code, w.Body.String())
	assert.Equal(t, 8, d.looked(t, replyOf(t, w).ID).rating)
}

// TestFacebookAsksFirst answers the request by which Facebook makes sure of the address.
func TestFacebookAsksFirst(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.senders = []sender.Enabled{enabled(t, readyMade(t)["facebook"])}
	for _, test := range []struct {
		token  string
		status int
		body   string
	}{
		{olderSecret, http.StatusOK, "1158201444"},
		{"another-token", http.StatusUnauthorized, ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/webhooks/facebook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="+test.token, http.NoBody)
		w := d.through(r)
		assert.Equal(t, test.status, w.Code)
		if test.body != "" {
			assert.Equal(t, test.body, w.Body.String())
		}
	}
}

// odd are values that some sender sends one day in the place of any other.
func odd() map[string]any {
	deep := any(map[string]any{})
	for range 200 {
		deep = []any{map[string]any{"a": deep}}
	}
	return map[string]any{
		"null": nil, "an empty text": "", "white space": " \t", "a word": "x", "an empty list": []any{}, "a list": []any{"a", 1.0, nil},
		"an empty object": map[string]any{}, "an object": map[string]any{"a": 1.0}, "true": true, "false": false,
		"a huge number": json.Number("1e300"), "a long number": json.Number("99999999999999999999999999"), "a negative number": json.Number("-7"),
		"a fraction": json.Number("2.5"), "a number as text": "3", "a huge number as text": "1e300", "odd letters": "\u202e☹️\ufeff",
		"deep": deep, "left out": leftOut,
	}
}

// leftOut leaves a value out.
const leftOut = "\x00left out"

// allPlaces are the paths to all values in a value of JSON, texts of JSON included.
func allPlaces(value any, path []any) [][]any {
	var all [][]any
	if len(path) > 0 {
		all = append(all, path)
	}
	at := func(key any) []any { return append(append([]any{}, path...), key) }
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			all = append(all, allPlaces(inner, at(key))...)
		}
	case []any:
		for i, inner := range v {
			all = append(all, allPlaces(inner, at(i))...)
		}
	}
	return all
}

// withValue is a value with another value at a path.
func withValue(value any, path []any, by any) any {
	if len(path) == 0 {
		return by
	}
	switch v := value.(type) {
	case map[string]any:
		changed := maps.Clone(v)
		if key := path[0].(string); len(path) == 1 && by == leftOut {
			delete(changed, key)
		} else {
			changed[key] = withValue(v[key], path[1:], by)
		}
		return changed
	case []any:
		changed := append([]any{}, v...)
		i := path[0].(int)
		changed[i] = withValue(v[i], path[1:], by)
		return changed
	}
	return value
}

// deciding are the places that decide whether a body of a sender is a rating. A body that has another
// value anywhere else has a rating or is refused with a word, and is never ignored.
func deciding() map[string][]string {
	return map[string][]string{
		"crisp":       {"event"},
		"delighted":   {"event_type"},
		"facebook":    {"entry", "entry.0", "entry.0.changes", "entry.0.changes.0", "entry.0.changes.0.field"},
		"googleforms": {"answers.score", "answers"},
		"gorgias":     {"score"},
		"livechat":    {"action", "payload", "payload.properties", "payload.properties.rating"},
		"rocketchat":  {"type", "customFields", "customFields.smiley"},
		"tally":       {"eventType", "data.fields", "data.fields.0", "data.fields.0.type", "data.fields.0.value"},
		"userlike":    {"_event"},
		"zammad":      {"rating"},
	}
}

// commentAlone reports whether a sender posts comments without their ratings.
func commentAlone(sender string) bool {
	return slices.Contains([]string{"freescout", "livechat", "osticket"}, sender)
}

// TestReadyMadeMappingsSurviveOddValues puts each odd value in each place of each sample: nothing
// panics, no rating leaves its scale, and no rating is lost without a word.
func TestReadyMadeMappingsSurviveOddValues(t *testing.T) {
	t.Parallel()
	all := readyMade(t)
	for _, row := range readyMadeRows() {
		of, _, _ := strings.Cut(row.file, ".")
		t.Run(of, func(t *testing.T) {
			t.Parallel()
			e := enabled(t, all[of])
			l := sample(t, of, row.file)
			var body any
			if l.form {
				fields, err := url.ParseQuery(l.body)
				require.NoError(t, err)
				object := make(map[string]any)
				for name := range fields {
					object[name] = fields.Get(name)
				}
				body = object
			} else {
				decoder := json.NewDecoder(strings.NewReader(l.body))
				decoder.UseNumber()
				require.NoError(t, decoder.Decode(&body))
			}
			for _, path := range allPlaces(body, nil) {
				name := strings.ReplaceAll(strings.Trim(fmt.Sprint(path), "[]"), " ", ".")
				for kind, value := range odd() {
					text, err := json.Marshal(withValue(body, path, value))
					require.NoError(t, err)
					// A form whose fields are objects is JSON: mappings read both, by the same names.
					d := e.DryRun(sender.Delivery{Header: http.Header{}, Body: text, ReceivedAt: noon()})
					for _, event := range d.Events {
						low, high := event.Kind.Scale()
						rated := event.Mentions[feedback.FieldRating]
						assert.True(t, !rated || event.Answer.Rating >= low && event.Answer.Rating <= high, "%s: %s", name, kind)
						assert.True(t, rated || event.TakenBack || commentAlone(of), "%s: %s: no one learns that the rating is missing", name, kind)
					}
					if inShort(d) == "ignored" {
						assert.Contains(t, deciding()[of], name, kind)
					}
				}
			}
		})
	}
}
