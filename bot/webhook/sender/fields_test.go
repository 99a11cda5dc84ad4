package sender

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
)

// noon is when requests arrive, a working day in Amsterdam.
func noon() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// decode reads a body of the own format that arrives at noon.
func decode(body string) (Payload, error) {
	return readOwnFormat(Delivery{Sender: "feedback", Body: []byte(body), ReceivedAt: noon()})
}

func names(problems []Problem) []string {
	var list []string
	for _, p := range problems {
		list = append(list, p.Field)
	}
	return list
}

// with reads a red smiley with more fields.
func with(t *testing.T, fields string) (feedback.Event, Payload) {
	t.Helper()
	got, err := decode(`{"id":"x","channel":"ticket","smiley":"red",` + fields + `}`)
	require.NoError(t, err, fields)
	require.Len(t, got.Events, 1)
	return got.Events[0], got
}

// TestOwnFormatHasEveryField reads an event with every field.
func TestOwnFormatHasEveryField(t *testing.T) {
	t.Parallel()
	got, err := decode(`{
		"id": "reply-88213", "kind": "csat", "channel": "ticket", "score": 2,
		"comment": " Stap 3 klopt niet. ",
		"customer": {"id": "c-1042", "name": "Jan de Vries", "email": "jan@example.org"},
		"agent": {"id": "a-7", "name": "Bart", "email": "bart@example.net"},
		"ticket": {"id": "4711", "subject": "Website offline", "url": "https://tickets.example.org/4711",
			"urgent": true, "opened_at": "2026-11-20T09:12:00Z", "first_reply_at": "2026-11-20T10:40:00+01:00",
			"resolved_at": "2026-11-20T10:05:00.1239Z", "replies": 1},
		"site": "trustpilot", "follow_up_of": "reply-1",
		"occurred_at": "2026-11-20T10:31:00Z"
	}`)
	require.NoError(t, err)
	assert.Empty(t, got.Ignored)
	assert.Empty(t, got.Warnings)
	want := feedback.Event{
		Key:        feedback.Key{Sender: "feedback", Channel: "ticket", Kind: "csat", ID: "reply-88213"},
		OccurredAt: time.Date(2026, 11, 20, 10, 31, 0, 0, time.UTC),
		Answer: feedback.Answer{
			Rating:   2,
			Comment:  " Stap 3 klopt niet. ",
			Customer: feedback.Person{ID: "c-1042", Name: "Jan de Vries", Email: "jan@example.org"},
			Agent:    feedback.Person{ID: "a-7", Name: "Bart", Email: "bart@example.net"},
			Ticket: feedback.Ticket{
				ID: "4711", Subject: "Website offline", URL: "https://tickets.example.org/4711", Urgent: true,
				OpenedAt:     time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC),
				FirstReplyAt: time.Date(2026, 11, 20, 9, 40, 0, 0, time.UTC),
				ResolvedAt:   time.Date(2026, 11, 20, 10, 5, 0, 123e6, time.UTC),
				Replies:      1,
			},
			Site: "trustpilot", FollowUpOf: "reply-1",
		},
		Mentions: map[feedback.Field]bool{
			"rating": true, "comment": true, "customer.id": true, "customer.name": true, "customer.email": true,
			"agent.id": true, "agent.name": true, "agent.email": true, "ticket.id": true, "ticket.subject": true,
			"ticket.url": true, "ticket.urgent": true, "ticket.opened_at": true, "ticket.first_reply_at": true,
			"ticket.resolved_at": true, "ticket.replies": true, "site": true, "follow_up_of": true,
		},
	}
	assert.Equal(t, want, got.Events[0])
}

// TestWrongOptionalFieldsAreLeftOut sends optional fields that are wrong: each is left out and
// named, and the rest is taken.
func TestWrongOptionalFieldsAreLeftOut(t *testing.T) {
	t.Parallel()
	tests := []struct{ fields, field string }{
		{`"comment":7`, "comment"},
		{`"comment":["a"]`, "comment"},
		{`"customer":"Jan"`, "customer"},
		{`"customer":[]`, "customer"},
		{`"agent":7`, "agent"},
		{`"ticket":true`, "ticket"},
		{`"customer":{"id":7}`, "customer.id"},
		{`"customer":{"id":"` + strings.Repeat("i", 201) + `"}`, "customer.id"},
		{`"customer":{"name":"` + strings.Repeat("é", 201) + `"}`, "customer.name"},
		{`"customer":{"email":{}}`, "customer.email"},
		{`"agent":{"id":false}`, "agent.id"},
		{`"agent":{"name":1}`, "agent.name"},
		{`"agent":{"email":1}`, "agent.email"},
		{`"ticket":{"id":4711}`, "ticket.id"},
		{`"ticket":{"subject":"` + strings.Repeat("s", 201) + `"}`, "ticket.subject"},
		{`"ticket":{"url":"ftp://example.org"}`, "ticket.url"},
		{`"ticket":{"urgent":"true"}`, "ticket.urgent"},
		{`"ticket":{"urgent":1}`, "ticket.urgent"},
		{`"ticket":{"opened_at":"yesterday"}`, "ticket.opened_at"},
		{`"ticket":{"first_reply_at":1795176000}`, "ticket.first_reply_at"},
		{`"ticket":{"resolved_at":"2026-11-20T10:05:00"}`, "ticket.resolved_at"},
		{`"ticket":{"replies":-1}`, "ticket.replies"},
		{`"ticket":{"replies":1.5}`, "ticket.replies"},
		{`"ticket":{"replies":"1"}`, "ticket.replies"},
		{`"ticket":{"replies":1e99999}`, "ticket.replies"},
		{`"site":1`, "site"},
		{`"follow_up_of":1`, "follow_up_of"},
		{`"occurred_at":"2026-11-20"`, "occurred_at"},
	}
	for _, test := range tests {
		e, got := with(t, test.fields)
		assert.Equal(t, []string{test.field}, names(got.Warnings), test.fields)
		assert.Contains(t, got.Warnings[0].Message, "must be", test.fields)
		assert.Equal(t, map[feedback.Field]bool{feedback.FieldRating: true}, e.Mentions, test.fields)
		assert.Equal(t, feedback.Answer{Rating: 1}, e.Answer, test.fields)
		assert.Equal(t, noon(), e.OccurredAt, test.fields)
	}
	_, got := with(t, `"site":1,"agent":[],"ticket":{"urgent":0,"url":0},"occurred_at":0`)
	assert.Equal(t, []string{"agent", "ticket.url", "ticket.urgent", "site", "occurred_at"}, names(got.Warnings))
}

// TestMomentsOfATicketAreNearItsArrival sends each moment of a ticket, and each around the ends of what
// can be right: from 1970 to a calendar year after the arrival.
func TestMomentsOfATicketAreNearItsArrival(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value string
		fine  bool
	}{
		{"1970-01-01T00:00:00Z", true},
		{"1970-01-01T00:00:00+00:01", false},
		{"1969-12-31T23:59:59.999Z", false},
		{"0001-01-01T00:00:00Z", false},
		{"0000-01-01T00:00:00Z", false},
		{"2026-11-20T12:00:00Z", true},
		{"2027-11-20T12:00:00Z", true},
		{"2027-11-20T11:59:60Z", true},
		{"2027-11-20T12:00:00.001Z", false},
		{"2027-11-20T12:00:00-00:01", false},
		{"2027-11-20T12:00:00+23:59", true},
		{"2040-12-31T12:00:00Z", false},
		{"9996-12-31T12:00:00Z", false},
		{"9999-12-31T23:59:59-23:59", false},
		{"10000-01-01T00:00:00Z", false},
	} {
		for _, field := range []string{"opened_at", "first_reply_at", "resolved_at"} {
			e, got := with(t, `"ticket":{"id":"t1","`+field+`":"`+test.value+`"}`)
			assert.Equal(t, test.fine, e.Mentions[feedback.Field("ticket."+field)], test.value)
			assert.Equal(t, "t1", e.Answer.Ticket.ID)
			if test.fine {
				assert.Empty(t, got.Warnings, test.value)
				continue
			}
			assert.Equal(t, []string{"ticket." + field}, names(got.Warnings), test.value)
			assert.Equal(t, feedback.Ticket{ID: "t1"}, e.Answer.Ticket, test.value)
		}
	}
}

// TestNullAndAbsentChangeNothing checks that null and absent change nothing.
func TestNullAndAbsentChangeNothing(t *testing.T) {
	t.Parallel()
	for _, fields := range []string{
		`"customer":null,"agent":null,"ticket":null,"site":null,"follow_up_of":null,"occurred_at":null,"score":null`,
		`"customer":{},"agent":{},"ticket":{}`,
		`"customer":{"id":null,"name":null,"email":null},"ticket":{"urgent":null,"replies":null,"url":null,"opened_at":null}`,
	} {
		e, got := with(t, fields)
		assert.Equal(t, map[feedback.Field]bool{feedback.FieldRating: true}, e.Mentions, fields)
		assert.Empty(t, got.Warnings, fields)
		assert.Empty(t, got.Ignored, fields)
	}
	e, _ := with(t, `"customer":{"name":""},"ticket":{"urgent":false,"replies":0},"site":""`)
	assert.Len(t, e.Mentions, 5, "empty is said")
}

func TestCommentsAreKeptOrTakenBack(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 100_000)
	for _, test := range []struct{ field, want string }{
		{`"comment":null`, ""},
		{`"comment":""`, ""},
		{`"comment":" \t\r\n\u00a0\u3000"`, ""},
		{`"comment":"\u200b"`, ""},
		{`"comment":"\ufeff\u00ad\u2060\u200d\ufe0f\u0301\u202e"`, ""},
		{`"comment":"\u2800\u3164"`, ""},
		{`"comment":"<p><br></p>&nbsp;"`, ""},
		{`"comment":"-"`, "-"},
		{`"comment":" kept as it is\n"`, " kept as it is\n"},
		{`"comment":"<!channel> & \\u0000 \u00e9"`, `<!channel> & \u0000 é`},
		{`"comment":"` + long + `"`, long},
	} {
		e, got := with(t, test.field)
		assert.True(t, e.Mentions[feedback.FieldComment], test.field)
		assert.Equal(t, test.want, e.Answer.Comment)
		assert.Empty(t, got.Warnings)
	}
	e, _ := with(t, `"x":1`)
	assert.False(t, e.Mentions[feedback.FieldComment], "absent")
}

func TestUnknownFieldsAreNamed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fields string
		want   []string
	}{
		{`"coment":"x"`, []string{"coment"}},
		{`"z":1,"a":null,"Comment":"x"`, []string{"Comment", "a", "z"}},
		{`"score":9`, []string{"score"}},
		{`"customer":{"foo":1,"Name":"x"}`, []string{"customer.Name", "customer.foo"}},
		{`"customer.name":"x"`, []string{"customer.name"}},
		{`"customer.foo":1,"customer":{"foo":1}`, []string{"customer.foo"}},
		{`"ticket":{"a.b":1}`, []string{"ticket.a.b"}},
		{`"rating":1,"":2`, []string{"", "rating"}},
	}
	for _, test := range tests {
		e, got := with(t, test.fields)
		assert.Equal(t, test.want, got.Ignored, test.fields)
		assert.Equal(t, feedback.Answer{Rating: 1}, e.Answer, test.fields)
	}
	got, err := decode(`{"id":"x","channel":"panel","kind":"nps","score":9,"smiley":"blue"}`)
	require.NoError(t, err, "a smiley that the kind does not have may be anything")
	assert.Equal(t, []string{"smiley"}, got.Ignored)
}

func TestOccurredAtIsNeverLater(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value string
		want  time.Time
		fine  bool
	}{
		{`"2026-11-20T10:31:00Z"`, time.Date(2026, 11, 20, 10, 31, 0, 0, time.UTC), true},
		{`"2026-11-20T11:31:00.5+01:00"`, time.Date(2026, 11, 20, 10, 31, 0, 5e8, time.UTC), true},
		{`"2026-11-20T12:00:00Z"`, noon(), true},
		{`"2026-11-20T12:00:01Z"`, noon(), true},
		{`"2026-11-20T12:01:00Z"`, noon(), true},
		{`"2026-11-20T12:01:00.001Z"`, noon(), false},
		{`"2026-11-20T12:59:00+00:00"`, noon(), false},
		{`"9999-12-31T23:59:59Z"`, noon(), false},
		{`"9999-12-31T23:59:59-23:59"`, noon(), false},
		{`"10000-01-01T00:00:00Z"`, noon(), false},
		{`"0001-01-01T00:00:00Z"`, noon(), false},
		{`"2026-11-20T11:59:60z"`, noon().Add(-time.Millisecond), true},
		{`"1970-01-01T00:00:00Z"`, time.Unix(0, 0).UTC(), true},
		{`null`, noon(), true},
		{`"1969-12-31T23:59:59.999Z"`, noon(), false},
		{`"2026-11-20T10:31:00"`, noon(), false},
		{`""`, noon(), false},
		{`1795176000`, noon(), false},
		{`{}`, noon(), false},
	}
	for _, test := range tests {
		e, got := with(t, `"occurred_at":`+test.value)
		assert.Equal(t, test.want, e.OccurredAt, test.value)
		assert.Equal(t, test.fine, len(got.Warnings) == 0, test.value)
	}
}

// TestRatingsFitTheScale takes the ends of every scale.
func TestRatingsFitTheScale(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body   string
		rating int
	}{
		{`"smiley":"red"`, 1},
		{`"smiley":"yellow"`, 2},
		{`"kind":"smiley","smiley":"green"`, 3},
		{`"kind":null,"smiley":"green"`, 3},
		{`"kind":"nps","score":0`, 0},
		{`"kind":"nps","score":10`, 10},
		{`"kind":"nls","score":-0`, 0},
		{`"kind":"nls","score":1.0e1`, 10},
		{`"kind":"csat","score":1`, 1},
		{`"kind":"csat","score":5.000`, 5},
		{`"kind":"ces","score":7`, 7},
		{`"kind":"review","score":50e-1`, 5},
	}
	for _, test := range tests {
		got, err := decode(`{"id":"x","channel":"panel",` + test.body + `}`)
		require.NoError(t, err, test.body)
		e := got.Events[0]
		assert.True(t, e.Mentions[feedback.FieldRating], test.body)
		assert.Equal(t, test.rating, e.Answer.Rating, test.body)
		assert.Empty(t, got.Ignored, test.body)
	}
	got, err := decode(`{"id":"x","channel":"panel","comment":"later"}`)
	require.NoError(t, err)
	assert.False(t, got.Events[0].Mentions[feedback.FieldRating], "an update needs none")
}

// TestIdentityOfAnEvent checks the key of an event and the longest id.
func TestIdentityOfAnEvent(t *testing.T) {
	t.Parallel()
	id := strings.Repeat("😀", feedback.MaxID)
	for _, channel := range feedback.Channels() {
		got, err := decode(`{"id":"` + id + `","kind":"nps","channel":"` + string(channel) + `","score":1}`)
		require.NoError(t, err, channel)
		want := feedback.Key{Sender: "feedback", Channel: channel, Kind: feedback.KindNPS, ID: id}
		assert.Equal(t, want, got.Events[0].Key)
	}
}

func TestMomentMustBeRFC3339(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		fine bool
	}{
		{"2026-11-20T10:31:00Z", true},
		{"2026-11-20t10:31:00z", true},
		{"2016-12-31T23:59:60Z", true},
		{"2016-12-31t15:59:60.5-08:00", true},
		{"2026-11-20T10:31:61Z", false},
		{"2026-11-20T10:31:99Z", false},
		{"2026-11-20T10:60:60Z", false},
		{"2026-11-20T10:31:60", false},
		{"2026-11-20T10:31:60,5Z", false},
		{"2026-11-20T10:31:00+23:59", true},
		{"2026-11-20T10:31:00.123456789Z", true},
		{"2026-11-20T10:31:00+05:45", true},
		{"2026-11-20T10:31:00-00:00", true},
		{"2024-02-29T00:00:00Z", true},
		{"2026-02-29T00:00:00Z", false},
		{"2026-11-20T24:00:00Z", false},
		{"2026-11-20T10:31:00", false},
		{"2026-11-20T10:31Z", false},
		{"2026-11-20 10:31:00Z", false},
		{"2026-11-20T9:31:00Z", false},
		{"2026-11-20T10:31:00,5Z", false},
		{"2026-11-20T10:31:00+24:00", false},
		{"2026-11-20T10:31:00-23:59", true},
		{"2026-11-20T10:31:00+01:60", false},
		{"2026-11-20T10:31:00+0100", false},
		{"", false},
		{"Z", false},
		{"26-11-20T10:31:00Z", false},
		{"12026-11-20T10:31:00Z", false},
		{"Fri, 20 Nov 2026 10:31:00 GMT", false},
	} {
		_, wrong := moment(test.text)
		assert.Equal(t, test.fine, wrong == "", test.text)
	}
}

// TestTextThatSaysNothingIsEmpty: the rule of a comment holds for every optional text.
func TestTextThatSaysNothingIsEmpty(t *testing.T) {
	t.Parallel()
	e, got := with(t, `"customer":{"id":" ","name":"\u200b","email":"\ufeff"},"agent":{"id":"\u3164","name":"\u00ad","email":"\u2800"},
		"ticket":{"id":"\u0301","subject":"\u202e\ufe0f"},"site":"&nbsp;","follow_up_of":"\u2060"`)
	assert.Empty(t, got.Warnings)
	assert.Equal(t, feedback.Answer{Rating: feedback.Red.Value()}, e.Answer)
	assert.True(t, e.Mentions[feedback.FieldCustomerName])

	m := MapFields(feedback.KindSmiley, feedback.ChannelTicket)
	m.Text("customer.name", Tree{Value: "\u200b"})
	m.AddedComment(Tree{Value: "\u3164"})
	assert.NotContains(t, m.values, "customer.name", "absent for another sender")
	assert.NotContains(t, m.values, "comment")
}
