package pull

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// decoders are the ready-made sites, by the list that each reads.
func decoders(tb testing.TB) map[string]*pulled {
	tb.Helper()
	options := map[string]string{"location": "1", "webshop": "12", "client": "c", "account": "7"}
	var senders []Sender
	for _, s := range sender.PullSites() {
		senders = append(senders, Sender{
			Sender:  sender.Sender{Name: s.Name, Pull: &sender.Pull{Site: s.Name, Options: options, Every: time.Hour}},
			Secrets: []string{"secret-1", "secret-2"},
		})
	}
	all, err := open(senders, newHTTP(http.DefaultTransport, "", time.Now))
	require.NoError(tb, err)
	byName := make(map[string]*pulled)
	for _, p := range all {
		byName[p.name] = p
	}
	return byName
}

func arrival() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

// event is the only event of a page.
func event(t *testing.T, p *pulled, page string) feedback.Event {
	t.Helper()
	got, err := p.decoder.ReadPage(sender.Delivery{Sender: p.name, Body: []byte(page), ReceivedAt: arrival()})
	require.NoError(t, err)
	require.Len(t, got.Events, 1, page)
	return got.Events[0]
}

// TestStars: each rating of each scale becomes stars, and is kept as it was sent.
func TestStars(t *testing.T) {
	t.Parallel()
	kiyoh, shop, company, google := decoders(t)["kiyoh"], decoders(t)["webwinkelkeur"], decoders(t)["feedbackcompany"], decoders(t)["google"]
	for rating, stars := range map[string]int{
		"1": 1, "2": 1, "3": 2, "4": 2, "5": 3, "6": 3, "7": 4, "8": 4, "9": 5, "10": 5, "8.4": 4, "8.5": 5, `"7"`: 4, `" 9 "`: 5, "10.0": 5, "1e1": 5,
		"0": 0, "11": 0, "-3": 0, "10.1": 0, "1e400": 0, `"zeven"`: 0, `"NaN"`: 0, "null": 0, "[8]": 0, "{}": 0, "true": 0, "0.9": 0,
	} {
		page := `{"reviews": [{"reviewId": "r", "dateSince": "2026-11-01T10:00:00.000+00:00", "rating": ` + rating + `}]}`
		got, err := kiyoh.decoder.ReadPage(sender.Delivery{Sender: "kiyoh", Body: []byte(page), ReceivedAt: arrival()})
		if stars == 0 {
			assert.Error(t, err, rating)
			continue
		}
		require.NoError(t, err, rating)
		assert.Equal(t, stars, got.Events[0].Answer.Rating, rating)
		assert.Equal(t, strings.Trim(rating, `" `), got.Events[0].Answer.Raw)
	}
	for rating, stars := range map[string]int{"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "4.7": 5, "4.4": 4, `"3"`: 3} {
		assert.Equal(t, stars, event(t, company, `{"reviews": [{"id": 1, "total_score": `+rating+`}]}`).Answer.Rating, rating)
		assert.Equal(t, stars, event(t, shop, `{"ratings": [{"created": "2016-02-14 19:08:00", "rating": `+rating+`}]}`).Answer.Rating, rating)
	}
	_, err := shop.decoder.ReadPage(sender.Delivery{Body: []byte(`{"ratings": [{"created": "2016-02-14 19:08:00", "rating": 8}]}`), ReceivedAt: arrival()})
	assert.Error(t, err, "a scale of ten must be said")
	assert.Equal(t, 4, event(t, google, `{"reviews": [{"reviewId": "a", "starRating": "FOUR"}]}`).Answer.Rating)
	_, err = google.decoder.ReadPage(sender.Delivery{Body: []byte(`{"reviews": [{"reviewId": "a", "starRating": "STAR_RATING_UNSPECIFIED"}]}`), ReceivedAt: arrival()})
	assert.Error(t, err)
}

// TestMoments: a moment in any form that was seen, in the Netherlands' time where it has no zone.
func TestMoments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-11-20T10:31:00Z": "2026-11-20T10:31:00Z", "2026-11-20T10:31:00.123+01:00": "2026-11-20T09:31:00.123Z", "2026-11-20T10:31:00.5+0000": "2026-11-20T10:31:00.5Z",
		"2026-11-20T10:31:00": "2026-11-20T09:31:00Z", "2026-07-20 10:31:00": "2026-07-20T08:31:00Z", "2026-11-20": "2026-11-19T23:00:00Z",
		"": "", "gisteren": "", "1969-01-01": "", "2026-13-01": "",
	} {
		at, ok := parseMoment(text)
		assert.Equal(t, want != "", ok, text)
		if ok {
			assert.Equal(t, want, at.UTC().Format(time.RFC3339Nano), text)
		}
	}
}

// TestFieldsOfASite: what is read besides the rating.
func TestFieldsOfASite(t *testing.T) {
	t.Parallel()
	all := decoders(t)
	nested := event(t, all["kiyoh"], `{"reviews": [{"reviewId": 5, "reviewAuthor": "Jan", "dateSince": "2026-11-01T10:00:00Z", "updatedSince": "2026-11-02T10:00:00Z", "referenceCode": "4711",
		"reviewContent": [[{"questionGroup": "DEFAULT_OVERALL", "rating": 10}], [{"questionGroup": "DEFAULT_ONELINER", "rating": "Top"}, {"questionGroup": "DEFAULT_OPINION", "rating": "Snel"}]]}]}`)
	a := nested.Answer
	assert.Equal(t, []any{"5", 5, "10", "Top", "Snel", "Jan", "4711", "kiyoh"}, []any{nested.ID, a.Rating, a.Raw, a.Ticket.Subject, a.Comment, a.Customer.Name, a.Ticket.ID, a.Site})
	assert.Equal(t, "2026-11-01T10:00:00Z 2026-11-02T10:00:00Z", nested.BeganAt.Format(time.RFC3339)+" "+nested.OccurredAt.Format(time.RFC3339))
	anonymous := event(t, all["google"], `{"reviews": [{"reviewId": "a", "starRating": "ONE", "reviewer": {"isAnonymous": true, "displayName": "A Google User"}}]}`)
	assert.Empty(t, anonymous.Answer.Customer.Name)
	assert.True(t, anonymous.Mentions[feedback.FieldComment], "a comment that lacks is taken back")
	shop := all["webwinkelkeur"]
	page := `{"ratings": [{"created": "2016-02-14 19:08:00", "rating": 1, "comment": null, "email": %q, "name": "Jan"}]}`
	first, again, other := event(t, shop, fmt.Sprintf(page, "jan@example.org")), event(t, shop, fmt.Sprintf(page, " JAN@example.org")), event(t, shop, fmt.Sprintf(page, "an@example.org"))
	assert.Equal(t, first.ID, again.ID)
	assert.NotEqual(t, first.ID, other.ID, "two customers in one second")
	assert.NotContains(t, first.ID, "jan")
	assert.Len(t, first.ID, len("2016-02-14 19:08:00 12345678"))
}

// TestKiyohAsksOn when a page is full, from its latest change; when nothing moves or the order is
// another, for more at once, up to a limit.
func TestKiyohAsksOn(t *testing.T) {
	t.Parallel()
	k := newKiyoh(map[string]string{"location": "1"}, "secret")
	page := func(n int, at func(i int) time.Time) sender.Tree {
		list := make([]any, n)
		for i := range list {
			list[i] = map[string]any{"updatedSince": at(i).Format(time.RFC3339Nano)}
		}
		return sender.Tree{Value: map[string]any{"reviews": list}}
	}
	base := arrival()
	now := base.Add(time.Hour)
	turn1, err := k.read(page(250, func(i int) time.Time { return base.Add(time.Duration(i) * time.Second) }), position{now: now})
	require.NoError(t, err)
	assert.Equal(t, "2026-12-01T12:04:09Z 250", turn1.next)
	same, err := k.read(page(250, func(int) time.Time { return base }), position{now: now, page: "2026-12-01T12:00:00Z 250"})
	require.NoError(t, err)
	assert.Equal(t, "2026-12-01T12:00:00Z 1000", same.next)
	mixed, err := k.read(page(250, func(i int) time.Time { return base.Add(-time.Duration(i) * time.Second) }), position{now: now, cursor: "2026-12-01T11:00:00Z"})
	require.NoError(t, err)
	assert.Equal(t, "2026-12-01T10:00:00Z 1000", mixed.next, "an hour is read again")
	_, err = k.read(page(kiyohMost, func(int) time.Time { return base }), position{now: now, page: "2026-12-01T12:00:00Z 16000"})
	assert.ErrorContains(t, err, "endless")
	ahead, err := k.read(page(2, func(i int) time.Time { return base.AddDate(73*i, 0, 0) }), position{now: now})
	require.NoError(t, err)
	assert.Equal(t, "2026-12-01T12:00:00Z", ahead.cursor, "nothing would come after 2099")
}

// TestLater compares cursors as what they are.
func TestLater(t *testing.T) {
	t.Parallel()
	for _, row := range [][3]string{
		{"", "a", "a"},
		{"a", "", "a"},
		{"9", "10", "10"},
		{"2026-01-01T00:00:00Z", "2026-01-01T01:00:00+02:00", "2026-01-01T00:00:00Z"},
		{"2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
		{"page-1", "page-2", "page-2"},
		{"b1", "9", "b1"},
		{"2026-01-01T00:00:00Z", "n/a", "2026-01-01T00:00:00Z"},
		{"2026-01-01T00:00:00Z", "99", "2026-01-01T00:00:00Z"},
		{"2026-01-01T00:00:00Z", "", "2026-01-01T00:00:00Z"},
		{"n/a", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
		{"7", "n/a", "7"},
		{"7", "2026-01-01T00:00:00Z", "7"},
		{"n/a", "7", "7"},
		{"2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
		{"2099-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
		{"", "2026-12-01T12:00:01Z", ""},
		{"2099-01-01T00:00:00Z", "", ""},
		{"", "", ""},
	} {
		assert.Equal(t, row[2], later(row[0], row[1], arrival()), row)
	}
}

// FuzzPages gives each decoder any page: it makes no event that breaks the rules, and says of every other
// page what is wrong.
func FuzzPages(f *testing.F) {
	for _, page := range []string{
		`{"reviews": [{"reviewId": "1", "rating": 8, "dateSince": "2026-11-01T10:00:00Z", "reviewContent": [{"questionGroup": "DEFAULT_OPINION", "rating": "ok"}]}]}`,
		`{"status": "success", "total": 2, "ratings": [{"created": "2016-02-14 19:08:00", "email": "a@example.org", "rating": 4, "comment": null}]}`,
		`{"success": true, "count": {"total": "1"}, "reviews": [{"id": 1, "total_score": 4.5, "questions": [{"type": "main_open", "value": ["x"]}], "client": null}]}`,
		`{"reviews": [{"reviewId": "a", "starRating": "TWO", "createTime": "2026-11-01T10:00:00Z", "reviewer": {"isAnonymous": "no"}}], "nextPageToken": "x"}`,
		`{"reviews": null, "ratings": {}, "total": -1, "totalReviewCount": 1e300, "count": []}`,
		`{"reviews": [null, [], {"reviewId": "\u202e", "rating": 99999999999999999999, "reviewContent": {"a": [[]]}}], "ratings": [1, "x", {"created": 5}]}`,
	} {
		f.Add(page)
	}
	all := decoders(f)
	f.Fuzz(func(t *testing.T, text string) {
		for name, p := range all {
			page, err := p.decoder.ReadPage(sender.Delivery{Sender: name, Body: []byte(text), ReceivedAt: arrival()})
			next, unread := p.source.read(page.Body, position{now: arrival(), page: "x", cursor: text})
			if unread != nil {
				failure, known := errors.AsType[*Failure](unread)
				require.True(t, known)
				assert.NotEmpty(t, Remedy(failure.Reason))
				continue
			}
			assert.GreaterOrEqual(t, next.total, -1)
			if err != nil {
				continue
			}
			for _, e := range page.Events {
				assert.Equal(t, []any{name, feedback.KindReview, feedback.ChannelReview}, []any{e.Sender, e.Kind, e.Channel})
				assert.NotEmpty(t, e.ID)
				assert.False(t, e.OccurredAt.After(arrival()))
				if e.Mentions[feedback.FieldRating] {
					assert.True(t, e.Answer.Rating >= 1 && e.Answer.Rating <= 5, e.Answer.Rating)
				}
			}
			p.source.request(position{page: next.next, cursor: next.cursor}, "token")
		}
		var answer any
		_ = json.Unmarshal([]byte(text), &answer)
		refusesToken([]byte(text), nil)
	})
}
