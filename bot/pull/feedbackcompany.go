package pull

import (
	"cmp"
	"net/url"
	"strconv"

	"smileybot/bot/webhook/sender"
)

// feedbackCompany is a shop at The Feedback Company. It lists all reviews by offsets.
// docs/senders/feedbackcompany.md says what it was read from.
type feedbackCompany struct{ client, page, secret string }

func newFeedbackCompany(o map[string]string, secret string) feedbackCompany {
	return feedbackCompany{client: o["client"], page: o["page"], secret: secret}
}

const (
	feedbackCompanyAPI   = "https://www.feedbackcompany.com/api/v2/"
	feedbackCompanyLimit = 100
)

func (f feedbackCompany) address() string { return feedbackCompanyAPI + " client " + f.client }

func (f feedbackCompany) login() (request, bool) {
	query := url.Values{"client_id": {f.client}, "client_secret": {f.secret}, "grant_type": {"authorization_code"}}
	return request{url: feedbackCompanyAPI + "oauth2/token?" + query.Encode()}, true
}

func (f feedbackCompany) request(at position, token string) request {
	query := url.Values{"limit": {strconv.Itoa(feedbackCompanyLimit)}, "start": {cmp.Or(at.page, "0")}}
	return request{url: feedbackCompanyAPI + "review?" + query.Encode(), header: map[string]string{"Authorization": "Bearer " + token}}
}

func (f feedbackCompany) read(page sender.Tree, at position) (turn, error) {
	reviews := page.At("reviews")
	if succeeded, said := page.At("success").Value.(bool); said && !succeeded {
		return turn{}, &Failure{Reason: reasonRefused}
	}
	if _, list := reviews.Value.([]any); !list {
		return turn{}, &Failure{Reason: reasonUnreadable}
	}
	total, got := whole(page.At("count", "total")), len(reviews.Items())
	return turn{next: nextOffset(at, got, feedbackCompanyLimit, total), lists: true, total: total}, nil
}

func (f feedbackCompany) translate(_ sender.Delivery, page sender.Tree, _ sender.Questions) []*sender.FieldMap {
	var maps []*sender.FieldMap
	for _, r := range page.At("reviews").Items() {
		m := review("feedbackcompany", f.page, r)
		text := sender.Tree{}
		for _, question := range r.At("questions").Items() {
			if question.At("type").Text() == "main_open" {
				text = question.At("value")
			}
		}
		m.Text("id", r.At("id"))
		score(m, r.At("total_score"), 5)
		comment(m, text)
		m.Text("customer.name", r.At("client", "name"))
		m.Text("customer.email", r.At("client", "email"))
		m.OccurredAt(moment(r.At("date_created")))
		maps = append(maps, m)
	}
	return maps
}
