package pull_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const (
	secret       = "secret-of-the-site"
	refreshToken = "refresh-of-the-site"
	accessToken  = "token-of-the-site"
)

// fakeReview is a review at a fake site.
type fakeReview struct {
	ID, Author, Email, Title, Text string
	Stars                          int // 1 to 5
	Created, Updated               time.Time
	Deleted                        bool
}

// fakeSite has reviews, and answers as the documents of one site say.
type fakeSite struct {
	tb   testing.TB
	kind string

	mu       sync.Mutex
	reviews  []fakeReview
	asked    []time.Time // the requests for reviews
	queries  []url.Values
	logins   int
	token    string // the access token that is valid
	ends     int    // how often the end of the list was read
	underway int
	fault    func(w http.ResponseWriter, r *http.Request) bool // answers in the place of the site, if it returns true
}

// put adds or changes a review.
func (f *fakeSite) put(r fakeReview) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.reviews, func(old fakeReview) bool { return old.ID == r.ID })
	if i < 0 {
		f.reviews = append(f.reviews, r)
		return
	}
	f.reviews[i] = r
}

// remove removes a review.
func (f *fakeSite) remove(ids ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reviews = slices.DeleteFunc(f.reviews, func(r fakeReview) bool { return slices.Contains(ids, r.ID) })
}

// fails sets or heals the fault.
func (f *fakeSite) fails(fault func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = fault
}

// requests is how many pages were asked for.
func (f *fakeSite) requests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asked)
}

// RoundTrip answers without a network, so that time may be fake.
func (f *fakeSite) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.underway++
	assert.Equal(f.tb, 1, f.underway, "one request at a time")
	fault := f.fault
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.underway--
		f.mu.Unlock()
	}()
	assert.Equal(f.tb, "https", r.URL.Scheme)
	assert.True(f.tb, strings.HasPrefix(r.Header.Get("User-Agent"), "smileybot/"))
	w := httptest.NewRecorder()
	if fault == nil || !fault(w, r) {
		f.ServeHTTP(w, r)
	}
	if w.Code == 0 || w.Header().Get("X-Hang-Up") != "" {
		return nil, fmt.Errorf("connection reset while %s was asked", r.URL)
	}
	answer := w.Result()
	if w.Header().Get("X-Slow") != "" {
		answer.Body = slowBody{r.Context()}
	}
	answer.Request = r
	return answer, nil
}

// slowBody brings a byte every five seconds, and no end.
type slowBody struct{ ctx context.Context } //nolint:containedctx // a reader has no other way to know the end of its request

func (s slowBody) Read(p []byte) (int, error) {
	select {
	case <-time.After(5 * time.Second):
		p[0] = ' '
		return 1, nil
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
}

func (slowBody) Close() error { return nil }

func (f *fakeSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.URL.Path == "/api/v2/oauth2/token" || r.URL.Host == "oauth2.googleapis.com" {
		f.login(w, r)
		return
	}
	f.asked = append(f.asked, time.Now())
	f.queries = append(f.queries, r.URL.Query())
	reviews := slices.Clone(f.reviews)
	switch f.kind {
	case "kiyoh":
		f.kiyoh(w, r, reviews)
	case "webwinkelkeur":
		f.webwinkelkeur(w, r, reviews)
	case "feedbackcompany":
		f.feedbackcompany(w, r, reviews)
	case "google":
		f.google(w, r, reviews)
	case "feed":
		f.feed(w, r, reviews)
	}
}

func (f *fakeSite) login(w http.ResponseWriter, r *http.Request) {
	f.logins++
	given := r.URL.Query()
	if f.kind == "google" {
		assert.Equal(f.tb, http.MethodPost, r.Method)
		assert.NoError(f.tb, r.ParseForm())
		given = r.PostForm
		if given.Get("refresh_token") != refreshToken {
			http.Error(w, `{"error": "invalid_grant"}`, http.StatusBadRequest)
			return
		}
	}
	if given.Get("client_id") != "client-1" || given.Get("client_secret") != secret {
		http.Error(w, `{"error": "invalid_client"}`, http.StatusUnauthorized)
		return
	}
	f.token = accessToken + strconv.Itoa(f.logins)
	write(w, map[string]any{"error": false, "access_token": f.token, "expires_in": 3599, "token_type": "Bearer"})
}

func write(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) //nolint:errchkjson // made above
}

func newestFirst(of func(fakeReview) time.Time) func(a, b fakeReview) int {
	return func(a, b fakeReview) int { return cmp.Or(of(b).Compare(of(a)), cmp.Compare(b.ID, a.ID)) }
}

func created(r fakeReview) time.Time { return r.Created }
func updated(r fakeReview) time.Time { return r.Updated }

// paged is a part of a list.
func (f *fakeSite) paged(reviews []fakeReview, offset, limit string, most int) []fakeReview {
	o, _ := strconv.Atoi(offset)
	l, _ := strconv.Atoi(limit)
	o = min(o, len(reviews))
	if o+min(l, most) >= len(reviews) {
		f.ends++
	}
	return reviews[o:min(o+min(l, most), len(reviews))]
}

func (f *fakeSite) kiyoh(w http.ResponseWriter, r *http.Request, reviews []fakeReview) {
	q := r.URL.Query()
	assert.Equal(f.tb, "www.kiyoh.com/v1/publication/review/external", r.URL.Host+r.URL.Path)
	if r.Header.Get("X-Publication-Api-Token") != secret || q.Get("locationId") != "1047" {
		w.WriteHeader(http.StatusForbidden)
		write(w, map[string]any{"errorCode": "FORBIDDEN"})
		return
	}
	assert.Equal(f.tb, "UPDATE_DATE ASC", q.Get("orderBy")+" "+q.Get("sortOrder"))
	since, err := time.Parse(time.RFC3339, q.Get("updatedSince"))
	assert.NoError(f.tb, err)
	reviews = slices.DeleteFunc(reviews, func(r fakeReview) bool { return r.Updated.Before(since) })
	slices.SortFunc(reviews, func(a, b fakeReview) int { return cmp.Or(a.Updated.Compare(b.Updated), cmp.Compare(a.ID, b.ID)) })
	list := []any{}
	const format = "2006-01-02T15:04:05.000+00:00"
	for _, r := range f.paged(reviews, "0", q.Get("limit"), 1<<30) {
		list = append(list, map[string]any{
			"reviewId": r.ID, "reviewAuthor": r.Author, "city": "Utrecht", "rating": r.Stars * 2,
			"dateSince": r.Created.UTC().Format(format), "updatedSince": r.Updated.UTC().Format(format), "reviewLanguage": "nl",
			"reviewContent": []any{
				map[string]any{"questionGroup": "DEFAULT_OVERALL", "questionType": "INT", "rating": strconv.Itoa(r.Stars * 2), "order": 0},
				map[string]any{"questionGroup": "DEFAULT_ONELINER", "questionType": "TEXT", "rating": r.Title, "order": 1},
				map[string]any{"questionGroup": "DEFAULT_OPINION", "questionType": "TEXT", "rating": r.Text, "order": 2},
				map[string]any{"questionGroup": "DEFAULT_RECOMMEND", "questionType": "BOOLEAN", "rating": "true", "order": 3},
			},
		})
	}
	write(w, map[string]any{"locationId": "1047", "locationName": "Voorbeeld Hosting", "averageRating": 8.7, "numberReviews": len(f.reviews), "reviews": list})
}

func (f *fakeSite) webwinkelkeur(w http.ResponseWriter, r *http.Request, reviews []fakeReview) {
	q := r.URL.Query()
	assert.Equal(f.tb, "dashboard.webwinkelkeur.nl/api/1.0/ratings.json", r.URL.Host+r.URL.Path)
	if q.Get("id") != "12" || q.Get("code") != secret {
		write(w, map[string]any{"status": "error", "message": "Incorrect authentication credentials."})
		return
	}
	slices.SortFunc(reviews, newestFirst(created))
	amsterdam, _ := time.LoadLocation("Europe/Amsterdam")
	list := []any{}
	for _, r := range f.paged(reviews, q.Get("offset"), q.Get("limit"), 100) {
		at := r.Created.In(amsterdam)
		var text any = r.Text
		if r.Text == "" {
			text = nil
		}
		list = append(list, map[string]any{
			"name": r.Author, "email": r.Email, "rating": r.Stars, "ratings": map[string]any{"shippingtime": 5}, "comment": text,
			"date": at.Format(time.DateOnly), "country": "NL", "language": "nl", "created": at.Format(time.DateTime),
			"read": false, "quarantine": false, "verified": false, "reaction": "",
		})
	}
	write(w, map[string]any{"status": "success", "message": "Ratings successfully retrieved!", "total": len(reviews), "ratings": list})
}

func (f *fakeSite) feedbackcompany(w http.ResponseWriter, r *http.Request, reviews []fakeReview) {
	q := r.URL.Query()
	assert.Equal(f.tb, "www.feedbackcompany.com/api/v2/review", r.URL.Host+r.URL.Path)
	if f.token == "" || r.Header.Get("Authorization") != "Bearer "+f.token {
		write(w, map[string]any{"success": false, "error": "401 Unauthorized"})
		return
	}
	slices.SortFunc(reviews, newestFirst(created))
	list := []any{}
	for _, r := range f.paged(reviews, q.Get("start"), q.Get("limit"), 100) {
		id, _ := strconv.Atoi(r.ID)
		list = append(list, map[string]any{
			"id": id, "date_created": r.Created.UTC().Format(time.RFC3339), "total_score": r.Stars, "recommends": "Yes", "product": nil,
			"client": map[string]any{"name": r.Author, "email": r.Email},
			"questions": []any{
				map[string]any{"question_id": 1, "type": "final_score", "value": r.Stars},
				map[string]any{"question_id": 2, "type": "main_open", "value": r.Text},
			},
		})
	}
	write(w, map[string]any{"success": true, "shop": map[string]any{"companyname": "Voorbeeld"}, "reviews": list, "count": map[string]any{"total": len(reviews)}})
}

func (f *fakeSite) google(w http.ResponseWriter, r *http.Request, reviews []fakeReview) {
	q := r.URL.Query()
	assert.Equal(f.tb, "mybusiness.googleapis.com/v4/accounts/7/locations/8/reviews", r.URL.Host+r.URL.Path)
	if f.token == "" || r.Header.Get("Authorization") != "Bearer "+f.token {
		w.WriteHeader(http.StatusUnauthorized)
		write(w, map[string]any{"error": map[string]any{"code": 401, "status": "UNAUTHENTICATED"}})
		return
	}
	assert.Equal(f.tb, "updateTime desc", q.Get("orderBy"))
	slices.SortFunc(reviews, newestFirst(updated))
	page := f.paged(reviews, q.Get("pageToken"), q.Get("pageSize"), 50)
	body := map[string]any{"totalReviewCount": len(reviews), "averageRating": 4.2}
	var list []any
	for _, r := range page {
		list = append(list, map[string]any{
			"name": "accounts/7/locations/8/reviews/" + r.ID, "reviewId": r.ID, "reviewer": map[string]any{"displayName": r.Author},
			"starRating": []string{"ONE", "TWO", "THREE", "FOUR", "FIVE"}[r.Stars-1], "comment": r.Text,
			"createTime": r.Created.UTC().Format(time.RFC3339Nano), "updateTime": r.Updated.UTC().Format(time.RFC3339Nano),
		})
	}
	if list != nil {
		body["reviews"] = list
	}
	offset, _ := strconv.Atoi(q.Get("pageToken"))
	if next := offset + len(page); next < len(reviews) {
		body["nextPageToken"] = strconv.Itoa(next)
	}
	write(w, body)
}

// feed is a made-up site: pages with the address of the next one, and only what changed since.
func (f *fakeSite) feed(w http.ResponseWriter, r *http.Request, reviews []fakeReview) {
	q := r.URL.Query()
	assert.Equal(f.tb, "reviews.example.org/feed", r.URL.Host+r.URL.Path)
	if r.Header.Get("X-Key") != "Key "+secret {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if since, err := time.Parse(time.RFC3339Nano, q.Get("since")); err == nil {
		reviews = slices.DeleteFunc(reviews, func(r fakeReview) bool { return r.Updated.Before(since) })
	}
	slices.SortFunc(reviews, newestFirst(updated))
	const most = 100
	list := []any{}
	for _, r := range f.paged(reviews, q.Get("from"), "100", most) {
		list = append(list, map[string]any{
			"id": r.ID, "by": r.Author, "stars": r.Stars * 2, "text": r.Text, "at": r.Created.UTC().Format(time.RFC3339Nano),
			"updatedSince": r.Updated.UTC().Format(time.RFC3339Nano), "deleted": r.Deleted,
		})
	}
	offset, _ := strconv.Atoi(q.Get("from"))
	body := map[string]any{"reviews": list, "next": nil}
	if next := offset + len(list); next < len(reviews) {
		q.Set("from", strconv.Itoa(next))
		body["next"] = "/feed?" + q.Encode()
	}
	write(w, body)
}
