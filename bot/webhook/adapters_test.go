package webhook

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
	"smileybot/feedback"
)

// TestRatingsOfBotsAreLeftOut: the rating of a bot is not the team's; the operator sees how many there were.
func TestRatingsOfBotsAreLeftOut(t *testing.T) {
	t.Parallel()
	human := "\"type\": \"contact\",\n          \"id\": \"274\""
	for _, test := range []struct {
		name   string
		letter letter
	}{
		{"a bot of Intercom", sample(t, "intercom", "rating.json").with(human, `"type": "bot", "id": "0"`)},
		{"a bot of Intercom that is a teammate", sample(t, "intercom", "rating.json").with(`"type": "admin"`, `"type": "bot"`)},
		{"a bot of Chatwoot", sample(t, "chatwoot", "rating.json").with(`"type": "user"`, `"type": "agent_bot"`)},
		{"an assistant of Chatwoot", sample(t, "chatwoot", "rating.json").with(`"assignee": {`, `"assignee_type": "Captain::Assistant", "assignee": {`)},
	} {
		d := newSendersDoor(t)
		var lost []Loss
		d.lost = func(_ string, what Loss) { lost = append(lost, what) }
		w := d.through(test.letter.request(t))
		assert.Equal(t, http.StatusOK, w.Code, test.name)
		assert.JSONEq(t, `{"result": "ignored"}`, w.Body.String(), test.name)
		assert.Equal(t, []Loss{{Kind: LostBot}}, lost, test.name)
		assert.Zero(t, d.rows(t), test.name)
	}
}

// TestAgentOfTheSurvey: Chatwoot's agent is the one who had the conversation when the survey was
// sent; later events move the rating to no one else.
func TestAgentOfTheSurvey(t *testing.T) {
	t.Parallel()
	rated, commented := sample(t, "chatwoot", "rating.json").later(-20), sample(t, "chatwoot", "comment.json")
	asked := `"display_type": "emoji",`
	kim := []string{`"id": 7,`, `"id": 8,`, `"name": "Bart"`, `"name": "Kim"`}
	for _, test := range []struct {
		name      string
		letters   []letter
		id, agent string
	}{
		{"assigned again", []letter{rated, commented.with(kim...)}, "7", "Bart"},
		{"assigned again, reordered", []letter{commented.with(kim...), rated}, "7", "Bart"},
		{"unassigned before the rating", []letter{
			rated.with(asked, asked+`"assigned_agent_id": 7,`, `"assignee": {`, `"assignee": null, "x": {`),
		}, "7", ""},
		{"assigned again before the rating", []letter{rated.with(append(kim, asked, asked+`"assigned_agent_id": 7,`)...)}, "7", ""},
		{"unassigned", []letter{rated.with(`"assignee": {`, `"assignee": null, "x": {`)}, "", ""},
	} {
		d := newSendersDoor(t)
		id := ""
		for _, l := range test.letters {
			id = replyOf(t, d.through(l.request(t))).ID
		}
		got := d.looked(t, id)
		assert.Equal(t, [2]string{test.id, test.agent}, [2]string{got.agentID, got.agent}, test.name)
	}
}

// TestTriggerAndEventOfZendesk: with both set up there is one feedback.
func TestTriggerAndEventOfZendesk(t *testing.T) {
	t.Parallel()
	trigger, event := sample(t, "zendesk", "trigger.form"), sample(t, "zendesk", "event.json")
	for _, order := range [][]letter{{trigger, event}, {event, trigger}} {
		d := newSendersDoor(t)
		first := replyOf(t, d.through(order[0].request(t))).ID
		assert.Equal(t, first, replyOf(t, d.through(order[1].request(t))).ID)
		assert.Equal(t, "Bart", d.looked(t, first).agent, "what was unknown is added")
	}
	for score, want := range map[string]int{`"GOOD"`: 202, `"OFFERED"`: 200, `"MEH"`: 422, `5`: 422, `null`: 422, `{"a": []}`: 422} {
		assert.Equal(t, want, newSendersDoor(t).through(event.with(`"BAD_WITH_COMMENT"`, score, "35510", "36000").request(t)).Code, score)
	}
}

// TestSkippedAnswers: an empty answer is none, and one in words costs neither the other answers nor the
// delivery.
func TestSkippedAnswers(t *testing.T) {
	t.Parallel()
	created := sample(t, "formbricks", "created.json")
	for _, value := range []string{`""`, `" "`, `[]`, `{}`, `null`} {
		d := newSendersDoor(t)
		w := d.through(created.with(`"recommend": 4`, `"recommend": `+value, `"recommend":4`, `"recommend":`+value).request(t))
		assert.Equal(t, http.StatusOK, w.Code, value)
		assert.JSONEq(t, `{"result": "ignored"}`, w.Body.String(), value)
	}
	for _, value := range []string{`"maybe"`, `["a"]`, `{"a": 1}`, `true`} {
		d := newSendersDoor(t)
		w := d.through(created.with(`"recommend": 4`, `"recommend": `+value, `"recommend":4`, `"recommend":`+value).request(t))
		assert.Equal(t, http.StatusOK, w.Code, value)
		assert.Equal(t, []string{"data.data.recommend"}, names(replyOf(t, w).Warnings), value)
		assert.Contains(t, d.scrape(t), `smileybot_webhook_warnings_total{field="score",sender="formbricks"} 1`)
	}
	w := newSendersDoor(t).through(created.with(`"recommend": 4`, `"recommend": 11`, `"recommend":4`, `"recommend":11`).request(t))
	assert.Equal(t, http.StatusUnprocessableEntity, w.Code, "a number past the scale is a wrong setting")
}

// TestZammadAsItSends: what Zammad's source makes of the template: its moments, a ticket without an owner,
// an attribute that is emptied, and the body after a backslash.
func TestZammadAsItSends(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("../../docs/senders/mappings", "zammad.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, text)
	enabled, err := readyMade(t)["zammad"].Enable(sender.Settings{Secrets: []string{senderSecret}})
	require.NoError(t, err)
	d := newDoor(t)
	d.senders = append(d.senders, enabled)
	red := sample(t, "zammad", "zammad.json").with(`"okay"`, `"bad"`, `"Lise"`, `"-"`, `"lise@example.net"`, `""`)
	id := replyOf(t, d.through(red.request(t))).ID
	require.NotEmpty(t, id)
	older := red.with(`"bad"`, `"green"`, "15:00:00 UTC", "14:00:00 UTC")
	older.id = "older"
	assert.Equal(t, "stale", replyOf(t, d.through(older.request(t))).Result, "a late delivery does not win")
	got := d.looked(t, id)
	assert.Equal(t, 1, got.rating)
	assert.Empty(t, got.agent, "nobody owns the ticket")
	emptied := red.with(`"bad"`, `""`, "15:00:00 UTC", "16:00:00 UTC")
	emptied.id = "emptied"
	assert.Equal(t, "updated", replyOf(t, d.through(emptied.request(t))).Result)
	c, err := d.store.Snapshot(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, feedback.ByCustomer, c.Feedback.Void.By)
	broken := red
	broken.id, broken.body = "broken", `{"error": "expected ',' or '}' after object value"}`
	assert.Equal(t, http.StatusUnprocessableEntity, d.through(broken.request(t)).Code)
	rejected, err := d.store.RejectedDeliveries(t.Context())
	require.NoError(t, err)
	assert.Len(t, rejected, 1, "it is kept")
}

// TestPartsAreKeptAndCounted: a rating of several that cannot be read costs neither the others nor the
// operator's knowledge of it.
func TestPartsAreKeptAndCounted(t *testing.T) {
	t.Parallel()
	d := newSendersDoor(t)
	var lost []Loss
	d.lost = func(_ string, what Loss) { lost = append(lost, what) }
	one := sample(t, "trustpilot", "created.json")
	event := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(one.body), "{\n  \"events\": ["), "]\n}")
	one.body = `{"events": [` + event + "," + strings.NewReplacer("6740aa0000640002975399aa", "n4", `"stars": 2`, `"stars": "one"`).Replace(event) + "]}"
	w := d.through(one.request(t))
	require.Equal(t, http.StatusAccepted, w.Code, w.Body.String())
	assert.Equal(t, []Loss{{Kind: LostPart}}, lost)
	rejected, err := d.store.RejectedDeliveries(t.Context())
	require.NoError(t, err)
	require.Len(t, rejected, 1)
	assert.Contains(t, rejected[0].Detail, "the rest was taken")
	assert.Contains(t, rejected[0].Detail, "events[1].eventData.stars")
	assert.Contains(t, d.scrape(t), `smileybot_webhook_dropped_parts_total{reason="invalid",sender="trustpilot"} 1`)
}

// TestPartsWithoutARating: an event of several that needs a rating and has none is kept, counted and reported;
// one that takes an answer back waits for it.
func TestPartsWithoutARating(t *testing.T) {
	t.Parallel()
	const part = "score must be a whole number from 0 to 10, without quotes; the first event of a feedback needs it; the rating was left out"
	for _, row := range []struct {
		name, second string
		lost         []Loss
		told         []string
	}{
		{"no rating", `{"id": 2}`, []Loss{{Kind: LostPart}}, []string{"score"}},
		{"null", `{"id": 2, "score": null}`, []Loss{{Kind: LostPart}}, []string{"score"}},
		{"taken back", `{"id": 2, "gone": true}`, []Loss{{Kind: LostWaiting}}, nil},
		{"a rating", `{"id": 2, "score": 7}`, nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			list, err := senders.Mappings([]byte(`{senders: {desk: {proof: path, each: "$.list[*]", taken_back: {path: $.gone},
				fields: {id: $.id, kind: {constant: nps}, channel: {constant: chat}, score: $.score}}}}`))
			require.NoError(t, err)
			d := newDoor(t)
			d.senders = []sender.Enabled{enabled(t, list[0])}
			var lost []Loss
			d.lost = func(_ string, what Loss) { lost = append(lost, what) }
			r := request(t, `{"list": [{"id": 1, "score": 9}, `+row.second+`]}`)
			r.URL.Path = "/webhooks/desk/" + senderSecret
			w := d.through(r)
			require.Equal(t, http.StatusAccepted, w.Code, w.Body.String())
			assert.Equal(t, row.lost, lost)
			assert.Equal(t, row.told, names(replyOf(t, w).Warnings))
			rejected, err := d.store.RejectedDeliveries(t.Context())
			require.NoError(t, err)
			require.Len(t, rejected, len(row.told))
			for _, one := range rejected {
				assert.Contains(t, one.Detail, part)
			}
		})
	}
}

// TestLossIsCounted: each field that is left out is counted under our name of it, whatever the sender's.
func TestLossIsCounted(t *testing.T) {
	t.Parallel()
	d := newSendersDoor(t)
	d.through(sample(t, "helpscout", "rating.json").with("Jan", strings.Repeat("x", 300), "2026-11-19T08:31:20Z", "yesterday").request(t))
	d.post(t, "1", `{"id":"r","channel":"ticket","smiley":"red","coment":"x","sesame":1,"comment":[],"customer":7}`)
	page := d.scrape(t)
	for _, want := range []string{
		`{field="customer.name",sender="helpscout"} 1`, `{field="occurred_at",sender="helpscout"} 1`,
		`{field="unknown",sender="feedback"} 2`, `{field="comment",sender="feedback"} 1`, `{field="customer",sender="feedback"} 1`,
	} {
		assert.Contains(t, page, "smileybot_webhook_warnings_total"+want)
	}
	assert.NotContains(t, page, "sesame")
}

// TestUnprovedByReason: the operator sees whether a proof is missing, old or wrong; the sender does not.
func TestUnprovedByReason(t *testing.T) {
	t.Parallel()
	d := newSendersDoor(t)
	bare := func(name string) *http.Request {
		r := request(t, "{}")
		r.URL.Path = "/webhooks/" + name
		return r
	}
	foreign := func(l letter) letter {
		l.secret = "a-secret-of-another"
		return l
	}
	wrongToken := borne(t, "another token", red)
	for _, test := range []struct {
		request *http.Request
		why     string
	}{
		{bare("feedback"), `reason="missing",sender="feedback"`},
		{signed(t, secretA, "1", noon().Add(-6*time.Minute), red), `reason="time",sender="feedback"`},
		{wrongToken, `reason="wrong",sender="feedback"`},
		{bare("zendesk"), `reason="missing",sender="zendesk"`},
		{sample(t, "zendesk", "trigger.form").later(-301).request(t), `reason="time",sender="zendesk"`},
		{foreign(sample(t, "zendesk", "trigger.form")).request(t), `reason="wrong",sender="zendesk"`},
		{bare("trustpilot"), `reason="missing",sender="trustpilot"`},
		{foreign(sample(t, "trustpilot", "created.json")).request(t), `reason="wrong",sender="trustpilot"`},
	} {
		w := d.through(test.request)
		assert.Equal(t, http.StatusUnauthorized, w.Code)
		assert.Contains(t, d.scrape(t), "smileybot_webhook_unproved_total{"+test.why+"} 1")
	}
	assert.Empty(t, d.logs.String())
}

// TestOwnFormatBeforeItsRating: a comment waits for its rating. A rating that is null or may have a wrong
// name is refused, so that its sender tries again.
func TestOwnFormatBeforeItsRating(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for i, test := range []struct {
		body   string
		status int
	}{
		{`{"id":"reply-1","channel":"ticket","comment":"too slow"}`, 202},
		{`{"id":"reply-2","channel":"ticket","comment":"too slow","smily":"red"}`, 422},
		{`{"id":"reply-3","channel":"ticket","comment":"too slow","smiley":null}`, 422},
		{`{"id":"reply-4","channel":"ticket","comment":""}`, 422},
		{`{"id":"reply-5","channel":"ticket"}`, 422},
	} {
		assert.Equal(t, test.status, d.post(t, string(rune('a'+i)), test.body).Code, test.body)
	}
	assert.JSONEq(t, `{"result":"duplicate"}`, d.post(t, "a", red).Body.String())
	w := d.post(t, "z", `{"id":"reply-1","channel":"ticket","smiley":"red"}`)
	c, err := d.store.Snapshot(t.Context(), replyOf(t, w).ID)
	require.NoError(t, err)
	assert.Equal(t, "too slow", c.Feedback.Comment)
}
