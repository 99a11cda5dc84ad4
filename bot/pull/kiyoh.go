package pull

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"smileybot/bot/webhook/sender"
)

// kiyoh is a location at Kiyoh or Klantenvertellen, which are one system at two hosts. It has no
// pages: it lists, in the order of their latest change, so many reviews as were changed since a moment.
// docs/senders/kiyoh.md says what it was read from.
type kiyoh struct{ host, location, page, token string }

func newKiyoh(o map[string]string, token string) kiyoh {
	return kiyoh{host: cmp.Or(o["host"], "kiyoh.com"), location: o["location"], page: o["page"], token: token}
}

const (
	// kiyohLimit is how many reviews a request asks for. When so many were changed in one moment, or the
	// order is another, it asks for four times as many, up to kiyohMost.
	kiyohLimit = 250
	kiyohMost  = 16_000
	// kiyohOverlap is how much of what was read before is read again.
	kiyohOverlap = time.Hour
	kiyohFormat  = "2006-01-02T15:04:05.000Z"
)

func (k kiyoh) address() string { return "https://www." + k.host + "/ location " + k.location }

func (kiyoh) login() (request, bool) { return request{}, false }

// since is the moment and the limit of a position.
func (k kiyoh) since(at position) (since time.Time, limit int) {
	since, limit = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), kiyohLimit
	if read, ok := parseMoment(at.cursor); ok && at.page == "" {
		since = read.Add(-kiyohOverlap)
	}
	text, most, paged := strings.Cut(at.page, " ")
	if from, ok := parseMoment(text); ok && paged {
		since = from
		limit, _ = strconv.Atoi(most)
	}
	return since, limit
}

func (k kiyoh) request(at position, _ string) request {
	since, limit := k.since(at)
	query := url.Values{
		"locationId": {k.location}, "updatedSince": {since.UTC().Format(kiyohFormat)}, "limit": {strconv.Itoa(limit)},
		"orderBy": {"UPDATE_DATE"}, "sortOrder": {"ASC"},
	}
	return request{
		url:    "https://www." + k.host + "/v1/publication/review/external?" + query.Encode(),
		header: map[string]string{"X-Publication-Api-Token": k.token},
	}
}

func (k kiyoh) read(page sender.Tree, at position) (turn, error) {
	reviews := page.At("reviews")
	if page.At("errorCode").IsSet() {
		return turn{}, &Failure{Reason: reasonRefused}
	}
	if _, list := reviews.Value.([]any); !list {
		return turn{}, &Failure{Reason: reasonUnreadable}
	}
	var changed []time.Time
	for _, r := range reviews.Items() {
		moment, ok := parseMoment(cmp.Or(r.At("updatedSince").Text(), r.At("dateSince").Text()))
		if ok && !moment.After(at.now) { // nothing would come after one in the future
			changed = append(changed, moment)
		}
	}
	t := turn{total: -1}
	if len(changed) == 0 {
		return t, nil
	}
	last := slices.MaxFunc(changed, time.Time.Compare)
	t.cursor = last.UTC().Format(time.RFC3339Nano)
	since, limit := k.since(at)
	ordered := slices.IsSortedFunc(changed, time.Time.Compare)
	switch {
	case len(reviews.Items()) < limit:
	case ordered && last.Truncate(time.Millisecond).After(since):
		t.next = t.cursor + " " + strconv.Itoa(kiyohLimit)
	case limit < kiyohMost:
		t.next = since.UTC().Format(time.RFC3339Nano) + " " + strconv.Itoa(limit*4)
	default:
		return turn{}, &Failure{Reason: reasonEndless}
	}
	return t, nil
}

func (k kiyoh) translate(_ sender.Delivery, page sender.Tree, _ sender.Questions) []*sender.FieldMap {
	var maps []*sender.FieldMap
	for _, r := range page.At("reviews").Items() {
		m := review("kiyoh", k.page, r)
		if k.host == "klantenvertellen.nl" {
			m.Constant("site", "klantenvertellen")
		}
		rating, title, text := r.At("rating"), sender.Tree{}, sender.Tree{}
		for _, answer := range kiyohAnswers(r.At("reviewContent")) {
			given := answer.At("rating")
			switch answer.At("questionGroup").Text() {
			case "DEFAULT_OVERALL":
				if !rating.IsSet() {
					rating = given
				}
			case "DEFAULT_ONELINER":
				title = given
			case "DEFAULT_OPINION":
				text = given
			}
		}
		score(m, rating, 10)
		comment(m, text)
		m.Texts(map[string]sender.Tree{
			"id": r.At("reviewId"), "ticket.subject": title, "ticket.id": r.At("referenceCode"), "customer.name": r.At("reviewAuthor"),
		})
		m.Began(moment(r.At("dateSince")))
		m.OccurredAt(moment(r.At("dateSince")))
		m.OccurredAt(moment(r.At("updatedSince")))
		maps = append(maps, m)
	}
	return maps
}

// kiyohAnswers are the answers of a review: a list, in some of the site's feeds a list of lists.
func kiyohAnswers(t sender.Tree) []sender.Tree {
	var all []sender.Tree
	for _, item := range t.Items() {
		if inner := item.Items(); len(inner) > 0 {
			all = append(all, inner...)
			continue
		}
		all = append(all, item)
	}
	return all
}
