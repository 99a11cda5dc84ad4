package pull

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// source knows one site's API, or one address. It keeps nothing.
type source interface {
	// address names what is read, without secrets. The store's state belongs to it.
	address() string
	// login is the request for an access token; needed is false for a site without those.
	login() (r request, needed bool)
	// request is for the page at a position.
	request(at position, token string) request
	// read says what a page says about paging. The error is a [*Failure].
	read(page sender.Tree, at position) (turn, error)
}

// site is a source of a ready-made site, which knows the fields as well.
type site interface {
	source
	translate(d sender.Delivery, page sender.Tree, q sender.Questions) []*sender.FieldMap
}

// position is a place in the pages of a site.
type position struct {
	cursor string // up to where the site was read before, "" at first
	page   string // of this pull, "" for the first page
	now    time.Time
}

// turn is what a page says about paging.
type turn struct {
	next   string // the position of the next page, "" at the end
	cursor string // how far this page is, "" when the site has no cursor
	// lists says that the pages list every review, the latest first, so that a pull may stop at a page
	// without news, and that a review that all pages lack is gone.
	lists bool
	total int // how many reviews the site says that it has; negative when it does not say
}

// newSource makes the source of a sender.
func newSource(s Sender) (source, error) {
	if s.Pull == nil {
		return nil, errors.New("it is not one that is asked")
	}
	o, secrets := s.Pull.Options, s.Secrets
	if known, found := sender.FindPullSite(s.Pull.Site); found && len(secrets) < len(known.Secrets) {
		return nil, errors.New("its setting needs " + strings.Join(known.Secrets, " and then ") + ", separated by a comma")
	}
	switch s.Pull.Site {
	case "":
		if len(secrets) == 0 {
			return nil, errors.New("it has no secret")
		}
		return newFeed(*s.Pull, secrets[0]), nil
	case "kiyoh":
		return newKiyoh(o, secrets[0]), nil
	case "webwinkelkeur":
		return newWebwinkelKeur(o, secrets[0]), nil
	case "feedbackcompany":
		return newFeedbackCompany(o, secrets[0]), nil
	case "google":
		return newGoogle(o, secrets[0], secrets[1]), nil
	default:
		return nil, errors.New("there is no such site")
	}
}

// review begins the fields of a review of a site; page is where people read its reviews, or "".
func review(site, page string, r sender.Tree) *sender.FieldMap {
	m := sender.MapFields(feedback.KindReview, feedback.ChannelReview)
	m.Part = r
	m.Constant("site", site)
	if page != "" {
		m.Constant("ticket.url", page)
	}
	return m
}

// comment takes a comment of a site that always sends the whole review: one that lacks takes it back.
func comment(m *sender.FieldMap, t sender.Tree) {
	if !t.IsSet() {
		t.Value = ""
	}
	m.Comment(t)
}

// score puts a rating on a scale up to most, 5 or 10, into stars, in the open: the rating as it was sent
// is kept next to them. It is rounded to a whole number, halves up; of ten, two each are a star.
func score(m *sender.FieldMap, t sender.Tree, most int) {
	text := strings.TrimSpace(t.Text())
	rating, err := strconv.ParseFloat(text, 64)
	if err != nil || !(rating >= 1 && rating <= float64(most)) { // also NaN
		m.Unknown("score", t.Path, "must be a number from 1 to "+strconv.Itoa(most))
		return
	}
	stars := int(math.Floor(rating + 0.5))
	if most == 10 {
		stars = (stars + 1) / 2
	}
	m.Raw = text
	t.Value = json.Number(strconv.Itoa(stars))
	m.Copy("score", t)
}

// moment is a moment of a site as the own format has it. One without a zone is in that of the
// Netherlands, where the sites are.
func moment(t sender.Tree) sender.Tree {
	text := strings.TrimSpace(t.Text())
	if at, ok := parseMoment(text); ok {
		t.Value = at.UTC().Format(time.RFC3339Nano)
	}
	return t
}

func parseMoment(text string) (time.Time, bool) {
	zone, ok := feedback.Zone("Europe/Amsterdam")
	if !ok {
		zone = time.UTC
	}
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", time.DateOnly,
	} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil && at.Unix() >= 0 {
			return at, true
		}
	}
	return time.Time{}, false
}

// whole is a whole number at a place, -1 when there is none.
func whole(t sender.Tree) int {
	n, ok := feedback.ParseWhole(t.Text())
	if !ok || n < 0 {
		return -1
	}
	return n
}

// nextOffset is the offset of the next page of a list that is read by offsets, "" at its end.
func nextOffset(at position, got, limit, total int) string {
	offset, _ := strconv.Atoi(at.page)
	next := offset + got
	if got == 0 || total >= 0 && next >= total || total < 0 && got < limit {
		return ""
	}
	return strconv.Itoa(next)
}
