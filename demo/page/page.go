// Package page shows the stand-in for Slack in a browser: its channels, live, with threads, buttons,
// modals, ephemeral messages and the Home tab, and a box for slash commands. Next to them are the
// controls of a visitor, who can be a customer and make Slack fail.
//
// The page is plain HTML, CSS and JavaScript, embedded in the binary. It receives changes as
// server-sent events, and sends what the visitor does as small JSON requests, which become signed
// requests to the bot, as Slack sends them.
//
// The page is for a demo on the visitor's own machine, so it has no login. It refuses requests that
// another site makes the browser send, and host names that are no address of this machine (DNS
// rebinding).
package page

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"smileybot/fakeslack"
)

//go:embed static
var static embed.FS

// Channel is a channel that the page shows.
type Channel struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Person is a member of the team.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Title string `json:"title"` // such as Team lead; empty for those a visitor cannot be
}

// Shortcut is a shortcut of the app, as its manifest describes it.
type Shortcut struct {
	Name        string `json:"name"`
	Type        string `json:"type"` // message or global
	CallbackID  string `json:"callback_id"`
	Description string `json:"description"`
}

// Rating is what a visitor does as a customer.
type Rating struct {
	// ID is that of an earlier rating, to change or explain it; empty for a new one.
	ID      string `json:"id"`
	Smiley  string `json:"smiley"` // green, yellow, red; empty: unchanged
	Comment string `json:"comment"`
}

// Options are what a page shows and calls.
type Options struct {
	Slack *fakeslack.Server
	// AppURL is the base address for Slack's requests to the bot.
	AppURL string
	// Client reaches the bot.
	Client   *http.Client
	Channels []Channel
	People   []Person
	Commands []string // suggested in the box, with their slash
	// Shortcuts are those of the app.
	Shortcuts []Shortcut
	// Language is that of the page and of the people in Slack, as its ISO 639-1 code.
	Language string
	// Zone is the people's time zone, by its IANA name.
	Zone string
	// Words are what the page says, by their keys in index.html, app.js and in this package.
	Words map[string]string
	// Signing is held while a request is signed and its answer awaited: the clock does not move then.
	Signing sync.Locker
	// Ahead is by how much Slack's clock is ahead of the machine's.
	Ahead func() time.Duration
	// NextMonday moves Slack's clock to the next Monday morning. It is not called while Slack fails.
	NextMonday func(context.Context) error
	// Rate sends the webhook of a customer and returns the id of the rating.
	Rate func(context.Context, Rating) (id string, err error)
	// Waiting counts the messages that are not in Slack yet.
	Waiting func(context.Context) (int, error)
	// Pause stops the demo's own customers, or lets them continue.
	Pause func(paused bool)
}

// Page is a page for any number of browsers.
type Page struct {
	Options
	controls controls
	index    []byte
}

// New makes a page. It panics without a word that the page says: they are a part of the program.
func New(o Options) *Page {
	p := &Page{Options: o}
	var index bytes.Buffer
	words := template.FuncMap{"word": p.word}
	err := template.Must(template.New("index.html").Funcs(words).ParseFS(static, "static/index.html")).Execute(&index, o)
	if err != nil {
		panic(err)
	}
	p.index = index.Bytes()
	return p
}

// word is what the page says for a key.
func (p *Page) word(key string) string {
	text, ok := p.Words[key]
	if !ok {
		panic("the page lacks the word " + key)
	}
	return text
}

// Handler returns a handler that serves the page.
func (p *Page) Handler() http.Handler {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(p.index) // a closed page needs no response
	})
	mux.Handle("GET /page/", http.StripPrefix("/page/", http.FileServerFS(files)))
	mux.HandleFunc("GET /page/events", p.events)
	mux.HandleFunc("GET /page/people", p.people)
	for path, act := range map[string]action{
		"command": p.signed("not_reached", p.command), "click": p.signed("click_not_reached", p.click),
		"shortcut": p.signed("click_not_reached", p.shortcut), "submit": p.signed("click_not_reached", p.submit),
		"home": p.signed("click_not_reached", p.home), "close": p.close,
		"rate": p.rate, "fail": p.fail, "pause": p.pause, "monday": p.monday,
	} {
		mux.HandleFunc("POST /page/"+path, p.serve(act))
	}
	return ownOrigin(http.NewCrossOriginProtection().Handler(mux))
}

// ownOrigin refuses requests to a name that another site's DNS can give to this machine, and limits
// what the page may load.
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
