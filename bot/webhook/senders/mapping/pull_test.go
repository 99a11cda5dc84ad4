package mapping_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
	"smileybot/bot/webhook/senders/mapping"
)

const pulledFeed = `
senders:
  klanten:
    pull:
      url: "https://reviews.example.org/feed?shop=1"
      headers: {X-Publication-Api-Token: "{secret}"}
      every: 2h
      next: $.paging.next
      cursor: {query: since, path: $.updatedSince}
    each: $.reviews[*]
    taken_back: {path: $.deleted, is: "true"}
    fields: {id: $.id, kind: {constant: review}, channel: {constant: review}, score: $.stars}
  branche: {pull: {site: kiyoh, location: 1047, host: klantenvertellen.nl, page: "https://www.klantenvertellen.nl/reviews/1047"}}
`

// TestPullIsRead: a feed with all its keys, and a ready-made site.
func TestPullIsRead(t *testing.T) {
	t.Parallel()
	all := mappings(t, pulledFeed)
	p := all["klanten"].Pull
	assert.Equal(t, []any{"https://reviews.example.org/feed?shop=1", 2 * time.Hour, "since"}, []any{p.URL, p.Every, p.CursorQuery})
	assert.Equal(t, map[string]string{"X-Publication-Api-Token": "{secret}"}, p.Headers)
	e, err := all["klanten"].Enable(sender.Settings{})
	require.NoError(t, err)
	page, err := e.ReadPage(sender.Delivery{Sender: "klanten", ReceivedAt: noon(), Body: []byte(`{"paging": {"next": "/feed?p=2"}, "reviews": [
		{"id": 1, "stars": 4, "updatedSince": "2026-11-01T10:00:00Z"}, {"id": 2, "stars": 1, "updatedSince": 7, "deleted": true}, {"id": 3, "stars": 6}]}`)})
	require.NoError(t, err)
	require.Len(t, page.Events, 2)
	require.Len(t, page.Refused, 1, "six stars")
	assert.Equal(t, map[string]any{"id": json.Number("3"), "stars": json.Number("6")}, page.Refused[0].Value)
	assert.True(t, page.Events[1].TakenBack)
	next, err := p.Next(page.Body)
	require.NoError(t, err)
	assert.Equal(t, "/feed?p=2", next)
	cursors, err := p.Cursors(page.Body)
	require.NoError(t, err)
	assert.Equal(t, []string{"2026-11-01T10:00:00Z", "7"}, cursors)

	site := all["branche"].Pull
	assert.Equal(t, []any{"kiyoh", "1047", "klantenvertellen.nl", sender.DefaultPull}, []any{site.Site, site.Options["location"], site.Options["host"], site.Every})
}

// TestMistakesInPull are named with their place.
func TestMistakesInPull(t *testing.T) {
	t.Parallel()
	const fields = "    fields: {id: $.id, kind: {constant: review}, channel: {constant: review}, score: $.stars}\n"
	pull := func(text string) string { return "senders:\n  shop:\n    pull: " + text + "\n" }
	for _, row := range []struct{ text, want string }{
		{pull("{every: 15m}") + fields, "line 3, column 11: neither site nor url; write url:"},
		{pull("[]") + fields, "line 3, column 11: a list or a text where names and values should be"},
		{pull("{url: ftp://x.example.org/}") + fields, "line 3, column 17: no address"},
		{pull("{url: 'https://u:p@x.example.org/'}") + fields, "no address"},
		{pull("{url: 'http://x.example.org/'}") + fields, "not an https address"},
		{pull("{url: 'https://x.example.org/?key={secret}'}") + fields, "the secret is in the address"},
		{pull("{url: 'https://x.example.org/', every: 10s}") + fields, "no time between 1m and 24h"},
		{pull("{url: 'https://x.example.org/', every: 2d}") + fields, "no time between 1m and 24h"},
		{pull("{url: 'https://x.example.org/', every: 9223372036854775807h}") + fields, "no time between 1m and 24h"},
		{pull("{url: 'https://x.example.org/', every: ''}") + fields, "no time between 1m and 24h"},
		{pull("{url: 'https://x.example.org/', next: next}") + fields, "no JSON path"},
		{pull("{url: 'https://x.example.org/', cursor: {query: since}}") + fields, "not both of query and path"},
		{pull("{url: 'https://x.example.org/', cursor: {path: $.x}}") + fields, "not both of query and path"},
		{pull("{url: 'https://x.example.org/', headers: {Host: x}}") + fields, "no header that can be set"},
		{pull("{url: 'https://x.example.org/', headers: {'X Y': x}}") + fields, "no header that can be set"},
		{pull(`{url: 'https://x.example.org/', headers: {X-Y: "a\r\nb: c"}}`) + fields, "a character that a header cannot carry"},
		{pull("{url: 'https://x.example.org/', token: x}") + fields, "not known here"},
		{pull("{url: 'https://x.example.org/'}"), "no fields"},
		{pull("{url: 'https://x.example.org/'}\n    proof: bearer") + fields, "both asked and posted to"},
		{pull("{site: yelp}"), "line 3, column 18: no such site; choose from kiyoh, webwinkelkeur, feedbackcompany, google"},
		{pull("{site: kiyoh}"), "missing: location"},
		{pull("{site: kiyoh, location: '../x?'}"), "no such location"},
		{pull("{site: kiyoh, location: '..'}"), "no such location"},
		{pull("{site: kiyoh, location: 1, host: evil.example.org}"), "no such host"},
		{pull("{site: kiyoh, location: 1, page: x}"), "no such page"},
		{pull("{site: kiyoh, location: 1, url: 'https://x.example.org/'}"), "not known here"},
		{pull("{site: webwinkelkeur, webshop: 1, scale: 7}"), "no such scale"},
		{pull("{site: google, account: 1, location: 2}"), "missing: client"},
		{pull("{site: kiyoh, location: 1}") + fields, "not needed for a ready-made site"},
	} {
		_, err := senders.Mappings([]byte(row.text))
		mistakes := mapping.MistakesIn(err)
		if assert.NotEmpty(t, mistakes, row.text) {
			assert.Contains(t, strings.Join(strings.Split(mistakes.Error(), "\n"), " / "), row.want, row.text)
		}
	}
	_, err := senders.Mappings([]byte(pull("{url: 'http://127.0.0.1:8080/feed'}") + fields))
	assert.NoError(t, err, "this machine may be asked in the clear")
}
