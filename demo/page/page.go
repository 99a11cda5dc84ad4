// Package page shows a stand-in for Slack in a browser: its channels live, with
// threads, buttons, modals, what only one person sees and the Home tab, a box for
// slash commands, and beside them what a visitor of the demo can do: be a
// customer, and make Slack fail.
//
// The page is plain HTML, CSS and JavaScript out of the binary. What happens
// comes to it as server-sent events; what the visitor does goes back as small
// JSON requests, which become signed requests to the bot, as Slack sends them.
//
// It is for a demo on one's own machine: there is no login. So requests that
// another site makes the browser send are refused, and names that are no address
// of this machine, too (DNS rebinding).
package page

import (
	"context"
	"embed"
	"io/fs"
	"net"
	"net/http"
	"strings"

	"smileybot/fakeslack"
)

//go:embed static
var static embed.FS

// Channel is a channel that the page shows.
type Channel struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Person is somebody that a visitor can be.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Title string `json:"title"` // what they do, such as Team lead; empty for those nobody can be
}

// Rating is what a visitor says as a customer.
type Rating struct {
	// ID is that of an earlier rating, to change it or to explain it; empty for a
	// new one.
	ID      string `json:"id"`
	Smiley  string `json:"smiley"` // green, yellow, red; empty: unchanged
	Comment string `json:"comment"`
}

// Options are what a page shows and does.
type Options struct {
	Slack *fakeslack.Server
	// AppURL is where the bot takes Slack's requests, without a path.
	AppURL string
	// Client reaches the bot.
	Client   *http.Client
	Channels []Channel
	People   []Person
	Commands []string // those the box offers, with their slash
	// Language is that of the people in Slack, as its ISO 639-1 code: dates are
	// written in it, and what the bot says is read aloud in it.
	Language string
	// Rate fires the webhook of a customer and returns the id of the rating.
	Rate func(context.Context, Rating) (id string, err error)
	// Waiting counts what is not in Slack yet.
	Waiting func(context.Context) (int, error)
	// Pause holds the demo's own customers back, or lets them come again.
	Pause func(paused bool)
}

// Page is the page, ready to be served.
type Page struct {
	Options
	moods moods
}

// New makes a page.
func New(o Options) *Page { return &Page{Options: o} }

// Handler serves the page. Everything else is not found.
func (p *Page) Handler() http.Handler {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.FileServerFS(files))
	mux.Handle("GET /page/", http.StripPrefix("/page/", http.FileServerFS(files)))
	mux.HandleFunc("GET /page/events", p.events)
	mux.HandleFunc("GET /page/people", p.people)
	for path, act := range map[string]action{
		"command": p.command, "click": p.click, "submit": p.submit, "close": p.close, "home": p.home,
		"rate": p.rate, "fail": p.fail, "pause": p.pause,
	} {
		mux.HandleFunc("POST /page/"+path, p.doing(act))
	}
	return ownOrigin(http.NewCrossOriginProtection().Handler(mux))
}

// ownOrigin refuses requests to a name that somebody else's DNS could have for
// this machine, and tells the browser how little the page may load.
func ownOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ownHost(r.Host) {
			http.Error(w, "open this page by the address that the demo prints", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "+
			"img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// ownHost reports whether a Host header is an address or localhost, with or
// without a port.
func ownHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.Trim(name, "[]")
	return strings.EqualFold(name, "localhost") || net.ParseIP(name) != nil
}
