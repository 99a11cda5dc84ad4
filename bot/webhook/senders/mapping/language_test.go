package mapping_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
)

// shopFile is a file with one sender. Its fields are those that are needed, unless lines have them.
func shopFile(lines ...string) string {
	text := strings.Join(lines, "\n")
	var b strings.Builder
	b.WriteString("senders:\n  shop:\n")
	for _, line := range lines {
		if !strings.HasPrefix(line, "field ") {
			fmt.Fprintf(&b, "    %s\n", line)
		}
	}
	if !strings.Contains(text, "proof:") {
		b.WriteString("    proof: bearer\n")
	}
	b.WriteString("    fields:\n")
	for _, field := range []struct{ name, source string }{
		{"id", "$.id"}, {"kind", "{constant: nps}"}, {"channel", "{constant: chat}"}, {"score", "$.score"},
	} {
		if !strings.Contains(text, "field "+field.name+":") {
			fmt.Fprintf(&b, "      %s: %s\n", field.name, field.source)
		}
	}
	for _, line := range lines {
		if field, is := strings.CutPrefix(line, "field "); is {
			fmt.Fprintf(&b, "      %s\n", field)
		}
	}
	return b.String()
}

// dryRun reads a body with a mapping.
func dryRun(tb testing.TB, file string, d sender.Delivery) sender.DryRun {
	tb.Helper()
	list, err := senders.Mappings([]byte(file))
	require.NoError(tb, err, file)
	s, err := list[0].Enable(sender.Settings{Secrets: []string{"a-secret-of-the-shop"}})
	require.NoError(tb, err)
	if d.Header == nil {
		d.Header = http.Header{}
	}
	d.ReceivedAt = noon()
	return s.DryRun(d)
}

// shown is what a body becomes: of each event name=value, then warnings and errors.
func shown(run sender.DryRun) string {
	var all []string
	for _, e := range run.Events {
		var fields []string
		for _, f := range sender.Show(e) {
			if f.Name != "kind" && f.Name != "channel" && (f.Name != "occurred_at" || f.Value != "2026-11-20T12:00:00Z") {
				fields = append(fields, f.Name+"="+f.Value)
			}
		}
		all = append(all, strings.Join(fields, " "))
	}
	for _, w := range run.Warnings {
		all = append(all, "warning: "+w)
	}
	for _, e := range run.Errors {
		all = append(all, "error: "+e)
	}
	return strings.Join(all, "\n")
}

func TestTheLanguageOfMappings(t *testing.T) {
	t.Parallel()
	const rated = `{"id": "a", "score": 9}`
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Event": {"rated"}, "Authorization": {"Bearer secret"}}
	tests := []struct {
		name  string
		lines []string
		d     sender.Delivery
		want  string
	}{
		{"jq", []string{`field id: {jq: '"\(.shop)-\(.id)"'}`, `field comment: {jq: '.why | join(", ")'}`}, sender.Delivery{Body: []byte(`{"shop": "nl", "id": 7, "score": 9, "why": ["slow", "rude"]}`)}, "id=nl-7 score=9 comment=slow, rude"},
		{"a list in one text", []string{`field agent.name: {jq: '[.by] | flatten | map(strings) | join(", ")'}`}, sender.Delivery{Body: []byte(`{"id": "a", "score": 9, "by": ["Bart", null, ["Kim"]]}`)}, "id=a score=9 agent.name=Bart, Kim"},
		{"no list in its place", []string{`field agent.name: {jq: '[.by] | flatten | map(strings) | join(", ")'}`}, sender.Delivery{Body: []byte(`{"id": "a", "score": 9, "by": {"name": 3}}`)}, "id=a score=9"},
		{"jq without a value", []string{`field comment: {jq: empty}`, `field agent.name: {jq: .agent.name}`}, sender.Delivery{Body: []byte(rated)}, "id=a score=9"},
		{"an error of an optional field", []string{`field comment: {jq: .id.x}`}, sender.Delivery{Body: []byte(rated)}, "id=a score=9\nwarning: .id.x ends with an error over this body: try it with smileybot map; it was left out (expected an object but got: string (\"a\"))"},
		{"an error of a required field", []string{`field score: {jq: .id + 1}`}, sender.Delivery{Body: []byte(rated)}, "error: .id + 1 ends with an error over this body: try it with smileybot map (cannot add: string (\"a\") and number (1))"},
		{"an endless expression", []string{`field comment: {jq: 'def f: f; f'}`}, sender.Delivery{Body: []byte(rated)}, "id=a score=9\nwarning: def f: f; f takes too much time or memory over this body: write a shorter jq expression, without .. and without a loop in a loop; it was left out"},
		{"headers, query, form and body", []string{
			"each: {jq: '[$form.payload | fromjson | .ratings[]][]'}", `field comment: {jq: '[$headers["x-event"], $query.shop, $form.by, ($headers.authorization | type), ($body | length)] | join(" ")'}`,
		}, sender.Delivery{Header: form, Query: url.Values{"shop": {"nl", "be"}}, Body: []byte("payload=" + url.QueryEscape(`{"ratings": [`+rated+`]}`) + "&by=Jan")}, "id=a score=9 comment=rated be Jan null 2"},
		{"GET", []string{"method: GET", "field id: {jq: $query.id}", "field score: {jq: '$query.score | tonumber'}"}, sender.Delivery{Method: http.MethodGet, Query: url.Values{"id": {"q"}, "score": {"3"}}}, "id=q score=3"},
		{"what proves the sender is not seen", []string{"proof: {header: X-Key}", `field comment: {jq: '[$headers["x-key"], $headers["x-a"]] | tojson'}`}, sender.Delivery{Header: http.Header{"X-Key": {"secret"}, "X-A": {"b"}}, Body: []byte(rated)}, `id=a score=9 comment=[null,"b"]`},
		{"a parameter that proves", []string{"proof: {query: key}", `field comment: {jq: '[$query.key, $query.a] | tojson'}`}, sender.Delivery{Query: url.Values{"key": {"secret"}, "a": {"b"}}, Body: []byte(rated)}, `id=a score=9 comment=[null,"b"]`},
		{"a list at the top", []string{"each: $[*]"}, sender.Delivery{Body: []byte(`[` + rated + `, {"id": "b", "score": 0}]`)}, "id=a score=9\nid=b score=0"},
		{"a list at the top with jq", []string{"each: {jq: '.[] | select(.score > 5)'}"}, sender.Delivery{Body: []byte(`[` + rated + `, {"id": "b", "score": 0}]`)}, "id=a score=9"},
		{"the first that is there", []string{"field score: $.answers[*].number"}, sender.Delivery{Body: []byte(`{"id": "a", "answers": [{"number": null}, {"number": 4}]}`)}, "id=a score=4"},
		{"numbers by value", []string{"field score: {path: $.score, values: {1: 2, 5: 10}}"}, sender.Delivery{Body: []byte(`{"id": "a", "score": 5.0}`)}, "id=a score=10 (5.0)"},
		{"ranges", []string{"field score: {path: $.score, values: {1..2: 2, 2.5..4: 6, else: 0}}"}, sender.Delivery{Body: []byte(`{"id": "a", "score": "3.75"}`)}, "id=a score=6 (3.75)"},
		{"else", []string{"field channel: {path: $.via, values: {mail: email, else: chat}}", "field comment: {path: $.why, values: {1: slow, else: other}}"}, sender.Delivery{Body: []byte(`{"id": "a", "score": 3, "via": "contact_form", "why": "x"}`)}, "id=a score=3 comment=other"},
		{"nothing is looked up for nothing", []string{"field comment: {path: $.why, values: {1: slow, else: other}}"}, sender.Delivery{Body: []byte(`{"id": "a", "score": 3, "why": ""}`)}, "id=a score=3 comment="},
		{"an emoji in any of its forms", []string{"field score: {path: $.score, values: {👍: 10, ☹: 0}}"}, sender.Delivery{Body: []byte(`{"id": "a", "score": "👍🏽"}`)}, "id=a score=10 (👍🏽)"},
		{"HTML", []string{"field comment: {path: $.why, html: true}"}, sender.Delivery{Body: []byte(`{"id": "a", "score": 3, "why": "<p>Stap&nbsp;3<br>klopt <b>niet</b></p><ul><li>een<li>twee</ul><script>x()</script>"}`)}, "id=a score=3 comment=Stap 3\nklopt niet\n\n- een\n- twee"},
		{"an id in digits", []string{"field ticket.id: $.ticket"}, sender.Delivery{Body: []byte(`{"id": 1e3, "score": 3, "ticket": 7.0}`)}, "id=1000 score=3 ticket.id=7"},
		{"urgent in numbers", []string{"field ticket.urgent: $.prio"}, sender.Delivery{Body: []byte(`{"id": "a", "score": 3, "prio": 1}`)}, "id=a score=3 ticket.urgent=true"},
		{"multipart", []string{"field id: {form: id}", "field score: {form: score}"}, sender.Delivery{
			Header: http.Header{"Content-Type": {"multipart/form-data; boundary=x"}},
			Body:   []byte("--x\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\na\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nz\r\n--x\r\nContent-Disposition: form-data; name=\"score\"\r\n\r\n4\r\n--x--\r\n"),
		}, "id=a score=4"},
		{"XML", nil, sender.Delivery{Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte(` <?xml version="1.0"?>`)}, "error: The body is XML or HTML, which is not read. Send JSON, with Content-Type: application/json, or form fields, with application/x-www-form-urlencoded or multipart/form-data."},
		{"no rating", []string{"field comment: $.why"}, sender.Delivery{Body: []byte(`{"id": "a", "why": "slow"}`)}, "id=a comment=slow\nwarning: score has no value; so it begins no feedback: it changes the one of this id, or waits 30 days for it"},
		{"neither rating nor comment", nil, sender.Delivery{Body: []byte(`{"id": "a"}`)}, "id=a\nwarning: score has no value; so it begins no feedback: it changes the one of this id, or is refused"},
		{"a required rating", []string{"field score: {path: $.scor, required: true}", "field comment: $.why"}, sender.Delivery{Body: []byte(`{"id": "a", "why": "slow"}`)}, "error: $.scor has no value, and score is required"},
		{"a required text", []string{"field customer.id: {jq: .by, required: true}"}, sender.Delivery{Body: []byte(`{"id": "a", "score": 3, "by": " "}`)}, "error: .by has no value, and customer.id is required"},
		{"a required one of several", []string{"each: $[*]", "field customer.id: {path: $.by, required: true}"}, sender.Delivery{Body: []byte(`[{"id": "a", "score": 3, "by": {}}, {"id": "b", "score": 3, "by": 7}]`)}, "id=b score=3 customer.id=7\nwarning: $.by has no value, and customer.id is required; the rating was left out"},
		{"a required flag", []string{"field ticket.urgent: {path: $.prio, required: true}"}, sender.Delivery{Body: []byte(`{"id": "a", "score": 3, "prio": false}`)}, "id=a score=3 ticket.urgent=false"},
		{"a required rating that is taken back", []string{"taken_back: {path: $.gone}", "field score: {path: $.score, required: true}"}, sender.Delivery{Body: []byte(`{"id": "a", "gone": true}`)}, "id=a taken back=it would be void"},
		{"no kind", []string{"field kind: $.kind", "field comment: $.why"}, sender.Delivery{Body: []byte(`{"id": "a", "score": 9, "why": "slow"}`)}, "error: $.kind has no value, and kind is required"},
		{"no kind in a table", []string{"field kind: {path: $.kind, values: {n: nps, else: csat}}"}, sender.Delivery{Body: []byte(`{"id": "a", "score": 9, "kind": null}`)}, "error: $.kind has no value, and kind is required"},
		{"no kind of a smiley", []string{"field kind: $.kind", "field smiley: $.smiley"}, sender.Delivery{Body: []byte(`{"id": "a", "smiley": "red"}`)}, "id=a smiley=red"},
		{"no kind of a smiley in a table", []string{"field kind: {path: $.kind, values: {n: nps, else: csat}}", "field smiley: $.smiley"}, sender.Delivery{Body: []byte(`{"id": "a", "smiley": "red", "kind": ""}`)}, "id=a smiley=red"},
		{"objects and lists for texts", []string{"field comment: $.why", "field agent.name: $.agent"}, sender.Delivery{Body: []byte(`{"id": "a", "score": 3, "why": {"a": 1}, "agent": ["x"]}`)}, "id=a score=3\nwarning: $.why must be a string or null; it was left out\nwarning: $.agent must be a string of at most 200 characters; it was left out"},
		{"a huge and a negative number", []string{"field ticket.replies: $.replies", "field score: {path: $.score, values: {-5..5: 1, else: 2}}"}, sender.Delivery{Body: []byte(`{"id": "a", "score": 1e999, "replies": -4}`)}, "id=a score=2 (1e999)\nwarning: $.replies must be a whole number from 0 to 1000000; it was left out"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, shown(dryRun(t, shopFile(test.lines...), test.d)))
		})
	}
}

func TestConditionsLookForAValue(t *testing.T) {
	t.Parallel()
	values := []struct {
		value              string
		only, flag, isNine bool
	}{
		{"null", false, false, false},
		{`""`, false, false, false},
		{`" "`, false, false, false},
		{"[]", false, false, false},
		{"{}", false, false, false},
		{"false", false, false, false},
		{`"False"`, false, false, false},
		{"0", true, false, false},
		{`"0"`, true, false, false},
		{"0.0", true, false, false},
		{"true", true, true, false},
		{`{"score": 1}`, true, true, false},
		{`[0]`, true, true, false},
		{`"no"`, true, true, false},
		{"9.0", true, true, true},
		{`"NINE"`, true, true, true},
		{"8.5", true, true, true},
	}
	conditions := []string{"{path: $.x}", "{jq: .x}", "[{body: $.x}, {path: $.x}]"}
	for _, row := range values {
		body := sender.Delivery{Body: []byte(`{"id": "a", "score": 9, "x": ` + row.value + `}`)}
		for _, c := range conditions {
			run := dryRun(t, shopFile("only: "+c), body)
			assert.Equal(t, row.only, len(run.Events) == 1, "only %s %s", c, row.value)
			assert.Equal(t, row.only, run.Conditions[0].Holds && run.Conditions[0].Why == "", row.value)
			assert.NotEqual(t, row.only, run.Conditions[0].Why != "", row.value)
			assert.Equal(t, row.flag, dryRun(t, shopFile("taken_back: "+c), body).Events[0].TakenBack, "taken_back %s %s", c, row.value)
		}
		assert.Equal(t, row.isNine, len(dryRun(t, shopFile("only: {path: $.x, is: [nine, 9, 8.1..8.9]}"), body).Events) == 1, row.value)
	}
	absent := dryRun(t, shopFile("only: {path: $.x}"), sender.Delivery{Body: []byte(`{"id": "a", "score": 9}`)})
	assert.Equal(t, []sender.Condition{{In: "only", Place: "$.x", Rating: 1, Why: "there is no value"}}, absent.Conditions)
}

func TestMomentsInAnyFormat(t *testing.T) {
	t.Parallel()
	const wrong = "; the time of arrival was taken"
	for _, test := range []struct{ source, value, want string }{
		{"$.at", `"2026-11-20T11:00:00+01:00"`, "2026-11-20T10:00:00Z"},
		{"$.at", `"2026-11-20T11:00:00+0100"`, "2026-11-20T10:00:00Z"},
		{"$.at", `"20-11-2026"`, "$.at must be a moment from 1970 on, written as rfc3339" + wrong},
		{"{path: $.at, format: unix}", "1795168800", "2026-11-20T10:00:00Z"},
		{"{path: $.at, format: unix}", `"1795168800.5"`, "2026-11-20T10:00:00.5Z"},
		{"{path: $.at, format: unix}", "1e400", "$.at must be a moment from 1970 on, written as unix" + wrong},
		{"{path: $.at, format: unix}", "-5", "$.at must be a moment from 1970 on, written as unix" + wrong},
		{"{path: $.at, format: unix}", "99999999999999999999", "$.at must be a moment from 1970 on, written as unix" + wrong},
		{"{path: $.at, format: unix_ms}", "1795168800250", "2026-11-20T10:00:00.25Z"},
		{"{path: $.at, format: '2006-01-02 15:04:05 MST'}", `"2026-11-20 10:00:00 UTC"`, "2026-11-20T10:00:00Z"},
		{"{path: $.at, format: '2006-01-02 15:04:05 MST'}", `"2026-11-20 05:00:00 EST"`, "$.at has a time zone that is not known: write zone: next to format, with the name of a place, or have the sender write an offset" + wrong},
		{"{path: $.at, format: '2006-01-02 15:04:05 MST', zone: America/New_York}", `"2026-11-20 05:00:00 EST"`, "2026-11-20T10:00:00Z"},
		{"{path: $.at, format: 'YYYY-MM-DD HH:mm:ss z'}", `"2026-11-20 10:00:00 UTC"`, "2026-11-20T10:00:00Z"},
		{"{path: $.at, format: 'DD-MM-YYYY HH:mm', zone: Europe/Amsterdam}", `"20-11-2026 11:00"`, "2026-11-20T10:00:00Z"},
		{"{path: $.at, format: 'D MMMM YYYY [at] h:mm A', zone: Europe/Amsterdam}", `"20 November 2026 at 11:00 AM"`, "2026-11-20T10:00:00Z"},
		{"{path: $.at, format: 'ddd, DD MMM YYYY HH:mm:ss ZZ'}", `"Fri, 20 Nov 2026 11:00:00 +0100"`, "2026-11-20T10:00:00Z"},
		{"{path: $.at, format: 'YYYY-MM-DDTHH:mm:ss.SSSZ'}", `"2026-11-20T11:00:00.250+01:00"`, "2026-11-20T10:00:00.25Z"},
		{"{path: $.at, format: [unix, 'YYYY-MM-DD HH:mm:ss']}", `"2026-11-20 10:00:00"`, "2026-11-20T10:00:00Z"},
		{"{path: $.at, format: [unix, 'YYYY-MM-DD HH:mm:ss']}", `"soon"`, "$.at must be a moment from 1970 on, written as unix or YYYY-MM-DD HH:mm:ss" + wrong},
		{"{path: $.at, format: unix}", `{"a": 1}`, "$.at must be a moment from 1970 on, written as unix" + wrong},
		{"{path: $.at, format: unix}", `null`, "2026-11-20T12:00:00Z"},
	} {
		run := dryRun(t, shopFile("field occurred_at: "+test.source), sender.Delivery{Body: []byte(`{"id": "a", "score": 9, "at": ` + test.value + `}`)})
		require.Len(t, run.Events, 1)
		if len(run.Warnings) > 0 {
			assert.Equal(t, []string{test.want}, run.Warnings, test.value)
			continue
		}
		shown := sender.Show(run.Events[0])
		assert.Equal(t, test.want, shown[len(shown)-1].Value, test.source+test.value)
	}
}

func TestMistakesOfTheLanguageHaveAPlace(t *testing.T) {
	t.Parallel()
	const field = "line 9, column "
	for _, test := range []struct{ line, want string }{
		{"field comment: {jq: '.a +'}", field + "21: no jq: unexpected EOF"},
		{"field comment: {jq: 'input'}", field + "21: the jq function input is not available here; a body has one value, which is . or $body"},
		{"field comment: {jq: 'env.HOME'}", field + "21: the jq function env is not available here; leave it out"},
		{"field comment: {jq: '$ENV.HOME'}", field + "21: the variable $ENV is not available"},
		{"field comment: {jq: '$__run'}", field + "21: the variable $__run is not available"},
		{"field comment: {jq: 'import \"a\" as a; .'}", field + "21: jq modules are not available"},
		{"field comment: {jq: 'asci_downcase'}", field + "21: the jq function asci_downcase is not available here; perhaps ascii_downcase is meant"},
		{"field comment: {jq: 'test(.a)'}", field + "21: a regular expression that is not a text in quotes"},
		{"field comment: {jq: 'test(\"(\")'}", field + "21: no regular expression: "},
		{"field comment: {jq: 'test(\"((a{100}){10}b{100}){1}\")'}", ""},
		{"field comment: {jq: 'test(\"(a{1000}b{1000}c{1000})\")'}", field + "21: a regular expression with a repetition that is too large"},
		{"field comment: {path: $.a, formt: x}", "not known here; choose from path, body, form, jq, constant, values, required, added, html"},
		{"field coment: $.a", field + "7: not known here; choose from id"},
		{"field ticket.url: {path: $.a, html: true}", "not known here"},
		{"field comment: {path: $.a, html: yes}", "neither true nor false"},
		{"field comment: {path: $.a, required: 1}", "neither true nor false"},
		{"field comment: {constant: a, required: true}", "a constant is always there; leave required out"},
		{"field comment: {path: $.a, values: {1..3: a, 3..5: b}}", "a range that overlaps another one"},
		{"field comment: {path: $.a, values: {4..1: a}}", "a range that runs backwards; write 1..4"},
		{"field comment: {path: $.a, values: {1..1e999: a}}", "a number that is too large"},
		{"field comment: {path: $.a, values: {1: a, default: b}}", "default is a word like any other; write else"},
		{"field comment: {path: $.a, values: {else: a, Else: b}}", "said twice"},
		{"field comment: {path: $.a, values: {Bad: a, ' bad': a}}", "said twice"},
		{"field comment: {path: $.a, values: {☹: a, ☹️: a, 👍: b, 👍🏽: b, 👍🏿: b}}", ""},
		{"field comment: {path: $.a, values: {☹: a, ☹️: b}}", "said twice"},
		{"field comment: {path: $.a, values: {👍🏽: a, 👍🏽: a}}", "said twice"},
		{"field ticket.opened_at: {path: $.a, format: YYYY-MM}", "no such format"},
		{"field ticket.opened_at: {path: $.a, format: YYYY-MM-DD at HH}", "a format with t, which means nothing"},
		{"field ticket.opened_at: {path: $.a, format: YYYY-MM-DDD}", "a format with DDD, which means nothing"},
		{"methd: POST", "line 3, column 5: not known here; choose from method, proof, pull, delivery_id, answer, challenge, only, taken_back, each, fields; perhaps method is meant"},
		{"method: DELETE", "no such method; write one of POST, PUT, GET"},
		{"method: []", "an empty list"},
		{"method: [GET, GET]", "said twice"},
		{"answer: 404", "no status of success"},
		{"challenge: {query: a}", "no parameter with the secret"},
		{"challenge: {token: a}", "neither or both of query and body"},
		{"challenge: {body: $.a, token: b}", "a challenge in the body is proved like a webhook"},
		{"each: {jq: '['}", "no jq: unexpected EOF"},
		{"each: {path: $.a}", "not known here; choose from jq"},
		{"only: {path: $.a, jq: .a}", "two places to look at"},
		{"proof: berer", "no such proof"},
		{"proof: {header: {prefix: a}}", "no name"},
		{"proof: {query: ''}", "no name"},
		{"proof: {basic: {}}", "no name"},
		{"proof: {header: X, query: y}", "no proof, or several"},
		{`proof: {hmac: {header: webhook-signature, prefix: "v1,", encoding: base64, signed: "{webhook-id}.{timestamp}.{body}", timestamp: {header: webhook-timestamp}}}`, "{webhook-id} is no placeholder; choose from {body}, {timestamp}, {method}, {url} and {header:NAME}, as in {header:webhook-id}"},
		{`proof: {hmac: {header: X, signed: "{header:}{body}"}}`, "{header:} is no placeholder"},
		{`proof: {hmac: {header: X, url: "https://x"}}`, "the address is not signed"},
		{`proof: {hmac: {header: X, signed: "{timestamp}{body}", timestamp: {part: t}}}`, "the signature is not in parts"},
		{`proof: {hmac: {header: X, part: v1, signed: "{timestamp}{body}", timestamp: {part: t, header: Y}}}`, "both a header and a part"},
		{`proof: {hmac: {header: X, signed: "{url}"}}`, "the body is not signed"},
		{"method: GET\n    proof: {hmac: {header: X, signed: '{url}'}}", ""},
		{"method: [GET]\n    proof: {hmac: {header: X, signed: '{method}{url}{timestamp}', timestamp: {header: Y}}}", ""},
		{"method: [POST, GET]\n    proof: {hmac: {header: X, signed: '{url}'}}", "the body is not signed"},
		{"method: [POST, GET]\n    proof: {hmac: {header: X, signed: '{body}'}}", "the address of a GET is not signed"},
		{"method: [POST, GET]\n    proof: {hmac: {header: X, signed: '{url}{body}'}}", ""},
		{"method: GET\n    proof: {hmac: {header: X}}", "the address of a GET is not signed"},
		{`proof: {hmac: {header: X, encoding: base58}}`, "no such encoding; write hex, base64 or base64url"},
	} {
		_, err := senders.Mappings([]byte(shopFile(test.line)))
		if test.want == "" {
			require.NoError(t, err, test.line)
			continue
		}
		require.Error(t, err, test.line)
		assert.Contains(t, err.Error(), test.want, test.line)
	}
}
