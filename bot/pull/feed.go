package pull

import (
	"net/url"
	"slices"
	"strings"

	"smileybot/bot/webhook/sender"
)

// feed is any address with JSON, as a mapping describes it.
type feed struct {
	pull   sender.Pull
	secret string
}

func newFeed(p sender.Pull, secret string) feed { return feed{pull: p, secret: secret} }

func (f feed) address() string { return f.pull.URL }

func (feed) login() (request, bool) { return request{}, false }

func (f feed) request(at position, _ string) request {
	r := request{url: at.page, header: make(map[string]string)}
	if at.page == "" {
		r.url = f.first(at.cursor)
	}
	for name, value := range f.pull.Headers {
		r.header[name] = strings.ReplaceAll(value, "{secret}", f.secret)
	}
	return r
}

// first is the address of the first page after a cursor.
func (f feed) first(cursor string) string {
	u, err := url.Parse(f.pull.URL)
	if err != nil || f.pull.CursorQuery == "" || cursor == "" {
		return f.pull.URL
	}
	query := u.Query()
	query.Set(f.pull.CursorQuery, cursor)
	u.RawQuery = query.Encode()
	return u.String()
}

func (f feed) read(page sender.Tree, at position) (turn, error) {
	t := turn{total: -1, cursor: at.cursor}
	if f.pull.Cursors != nil {
		values, err := f.pull.Cursors(page)
		if err != nil {
			return turn{}, &Failure{Reason: reasonUnreadable}
		}
		slices.SortStableFunc(values, func(a, b string) int { // moments first: they decide of which kind a first cursor is
			return int(readCursor(b, at.now).kind - readCursor(a, at.now).kind)
		})
		for _, value := range values {
			t.cursor = later(t.cursor, value, at.now)
		}
	}
	if f.pull.Next == nil {
		return t, nil
	}
	next, err := f.pull.Next(page)
	if err != nil {
		return turn{}, &Failure{Reason: reasonUnreadable}
	}
	if next == "" {
		return t, nil
	}
	here, err := url.Parse(f.request(at, "").url)
	if err != nil {
		return turn{}, &Failure{Reason: reasonElsewhere}
	}
	there, err := here.Parse(next)
	if err != nil || there.Scheme != here.Scheme || there.Host != here.Host || there.User != nil {
		return turn{}, &Failure{Reason: reasonElsewhere}
	}
	t.next = there.String()
	return t, nil
}
