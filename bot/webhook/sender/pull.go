package sender

import (
	"slices"
	"time"
)

// Pull says how a sender is asked for its ratings, in the place of a proof: for review sites that send
// no webhooks.
type Pull struct {
	// Site is a ready-made site, which has Options; "" is an address of the operator's.
	Site    string
	Options map[string]string

	// URL is the address of the first page. A header may hold {secret}.
	URL     string
	Headers map[string]string
	// Next is the address of the next page, "" on the last one. It may be nil.
	Next func(page Tree) (string, error)
	// CursorQuery is the parameter with the latest of the values that Cursors finds; "" for none.
	CursorQuery string
	Cursors     func(page Tree) ([]string, error)

	// Every is how often the sender is asked.
	Every time.Duration
}

// How often a sender may be asked, and how often it is asked by default.
const (
	MinPull     = time.Minute
	MaxPull     = 24 * time.Hour
	DefaultPull = 15 * time.Minute
)

// A PullSite is what the operator says about a ready-made site.
type PullSite struct {
	Name string
	// Required and Optional are the names of its options.
	Required, Optional []string
	// Secrets are what the entries of its setting are, in their order.
	Secrets []string
}

// PullSites are the ready-made sites, in the order of the documentation.
func PullSites() []PullSite {
	return []PullSite{
		{Name: "kiyoh", Required: []string{"location"}, Optional: []string{"host", "page"}, Secrets: []string{"the publication API token"}},
		{Name: "webwinkelkeur", Required: []string{"webshop"}, Optional: []string{"scale", "page"}, Secrets: []string{"the API code"}},
		{Name: "feedbackcompany", Required: []string{"client"}, Optional: []string{"page"}, Secrets: []string{"the client secret"}},
		{Name: "google", Required: []string{"account", "location", "client"}, Optional: []string{"page"}, Secrets: []string{"the client secret", "the refresh token"}},
	}
}

// FindPullSite returns the ready-made site with a name.
func FindPullSite(name string) (PullSite, bool) {
	all := PullSites()
	i := slices.IndexFunc(all, func(s PullSite) bool { return s.Name == name })
	if i < 0 {
		return PullSite{}, false
	}
	return all[i], true
}

// Page is what a page of a pulled sender says.
type Page struct {
	Payload
	// Body is the page, for what is about paging.
	Body Tree
}

// ReadPage reads a page of a pulled sender. The error is a [DecodeError]: the page cannot be read, or
// none of its ratings can.
func (s Enabled) ReadPage(d Delivery) (Page, error) {
	body, err := s.tree(d)
	if err != nil {
		return Page{}, err
	}
	p, err := s.Decode(d)
	return Page{Payload: p, Body: body}, err
}
