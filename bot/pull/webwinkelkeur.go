package pull

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"

	"smileybot/bot/webhook/sender"
)

// webwinkelKeur is a webshop at WebwinkelKeur. It lists all ratings, the latest first, by offsets, and
// gives them neither an id nor a moment of change. docs/senders/webwinkelkeur.md says what it was read
// from.
type webwinkelKeur struct {
	webshop, page, code string
	scale               int
}

func newWebwinkelKeur(o map[string]string, code string) webwinkelKeur {
	scale, _ := strconv.Atoi(cmp.Or(o["scale"], "5"))
	return webwinkelKeur{webshop: o["webshop"], page: o["page"], code: code, scale: scale}
}

// webwinkelKeurLimit is the most that a page may have, by the site's documents.
const webwinkelKeurLimit = 100

func (w webwinkelKeur) address() string {
	return "https://dashboard.webwinkelkeur.nl/ webshop " + w.webshop
}

func (webwinkelKeur) login() (request, bool) { return request{}, false }

func (w webwinkelKeur) request(at position, _ string) request {
	query := url.Values{
		"id": {w.webshop}, "code": {w.code}, "limit": {strconv.Itoa(webwinkelKeurLimit)}, "offset": {cmp.Or(at.page, "0")},
	}
	return request{url: "https://dashboard.webwinkelkeur.nl/api/1.0/ratings.json?" + query.Encode()}
}

func (w webwinkelKeur) read(page sender.Tree, at position) (turn, error) {
	ratings := page.At("ratings")
	if status := page.At("status"); status.IsSet() && status.Text() != "success" {
		return turn{}, &Failure{Reason: reasonRefused}
	}
	if _, list := ratings.Value.([]any); !list {
		return turn{}, &Failure{Reason: reasonUnreadable}
	}
	total, got := whole(page.At("total")), len(ratings.Items())
	return turn{next: nextOffset(at, got, webwinkelKeurLimit, total), lists: true, total: total}, nil
}

func (w webwinkelKeur) translate(_ sender.Delivery, page sender.Tree, _ sender.Questions) []*sender.FieldMap {
	var maps []*sender.FieldMap
	for _, r := range page.At("ratings").Items() {
		m := review("webwinkelkeur", w.page, r)
		if id := w.id(r); id != "" {
			m.Constant("id", id)
		}
		score(m, r.At("rating"), w.scale)
		comment(m, r.At("comment"))
		m.Text("customer.name", r.At("name"))
		m.Text("customer.email", r.At("email"))
		m.OccurredAt(moment(r.At("date")))
		m.OccurredAt(moment(r.At("created")))
		maps = append(maps, m)
	}
	return maps
}

// id names a rating by the moment at which it was written and a short hash of who wrote it: a customer
// who changes a rating keeps it. The hash has too few bits to find the customer again. It is "" without
// a moment.
func (w webwinkelKeur) id(r sender.Tree) string {
	created := cmp.Or(strings.TrimSpace(r.At("created").Text()), strings.TrimSpace(r.At("date").Text()))
	if _, ok := parseMoment(created); !ok {
		return ""
	}
	who := cmp.Or(strings.ToLower(strings.TrimSpace(r.At("email").Text())), r.At("name").Text())
	sum := sha256.Sum256([]byte(w.webshop + "\n" + created + "\n" + who))
	const short = 4 // bytes
	return created + " " + hex.EncodeToString(sum[:short])
}
