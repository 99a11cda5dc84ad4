package pull

import (
	"net/url"
	"strconv"
	"strings"

	"smileybot/bot/webhook/sender"
)

// google is a location of a Google Business Profile. It lists all reviews, the last changed first.
// docs/senders/google.md says what it was read from.
type google struct{ account, place, page, client, secret, refresh string }

func newGoogle(o map[string]string, secret, refresh string) google {
	return google{account: o["account"], place: o["location"], page: o["page"], client: o["client"], secret: secret, refresh: refresh}
}

// googleLimit is the most that a page may have, by the documents.
const googleLimit = 50

func (g google) address() string {
	return "https://mybusiness.googleapis.com/v4/accounts/" + g.account + "/locations/" + g.place + "/reviews"
}

func (g google) login() (request, bool) {
	return request{url: "https://oauth2.googleapis.com/token", form: url.Values{
		"client_id": {g.client}, "client_secret": {g.secret}, "refresh_token": {g.refresh}, "grant_type": {"refresh_token"},
	}}, true
}

func (g google) request(at position, token string) request {
	query := url.Values{"pageSize": {strconv.Itoa(googleLimit)}, "orderBy": {"updateTime desc"}}
	if at.page != "" {
		query.Set("pageToken", at.page)
	}
	return request{url: g.address() + "?" + query.Encode(), header: map[string]string{"Authorization": "Bearer " + token}}
}

func (google) read(page sender.Tree, _ position) (turn, error) {
	reviews := page.At("reviews")
	if _, list := reviews.Value.([]any); !list && reviews.IsSet() || page.At("error").IsSet() {
		return turn{}, &Failure{Reason: reasonUnreadable}
	}
	total := whole(page.At("totalReviewCount"))
	if !reviews.IsSet() { // an empty list is left out, as JSON of protocol buffers does
		total = max(total, 0)
	}
	return turn{next: page.At("nextPageToken").Text(), lists: true, total: total}, nil
}

func (g google) translate(_ sender.Delivery, page sender.Tree, _ sender.Questions) []*sender.FieldMap {
	stars := map[string]string{"ONE": "1", "TWO": "2", "THREE": "3", "FOUR": "4", "FIVE": "5"}
	var maps []*sender.FieldMap
	for _, r := range page.At("reviews").Items() {
		m := review("google", g.page, r)
		m.Text("id", r.At("reviewId"))
		rating := r.At("starRating")
		raw := rating.Text()
		rating.Value = stars[strings.ToUpper(raw)]
		if score(m, rating, 5); m.Raw != "" {
			m.Raw = raw
		}
		comment(m, r.At("comment"))
		if anonymous, _ := r.At("reviewer", "isAnonymous").Value.(bool); !anonymous {
			m.Text("customer.name", r.At("reviewer", "displayName"))
		}
		m.Began(moment(r.At("createTime")))
		m.OccurredAt(moment(r.At("createTime")))
		m.OccurredAt(moment(r.At("updateTime")))
		maps = append(maps, m)
	}
	return maps
}
