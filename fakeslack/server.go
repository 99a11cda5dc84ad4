// Package fakeslack is a stateful stand-in for Slack: the Web API methods this
// bot uses, response URLs, and the requests Slack sends to an app, signed over
// HTTP or in envelopes over Socket Mode.
//
// It keeps channels, messages with all their revisions, threads, ephemeral
// messages, modals and home tabs in memory, and refuses what Slack would
// refuse, in Slack's own words: block and text limits, unknown fields, expired
// triggers, channels the bot is not in. Where Slack's rule is not published it
// takes the strictest reading, so that what passes here passes there.
//
// It serves over a socket (it is an http.Handler) and in process (Transport, and
// Dial for WebSockets), where it may live inside a testing/synctest bubble: no
// goroutine outlives its connection.
// It knows nothing of the bot that talks to it.
package fakeslack

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options says what the stand-in is called and how strict its pace is. The zero
// value works.
type Options struct {
	BotToken      string           // the token it accepts; default "xoxb-fake"
	AppToken      string           // the app-level token it accepts, with connections:write; default "xapp-fake"
	SigningSecret string           // signs requests to the app; default "fake-signing-secret"
	TeamID        string           // the workspace; default "T0FAKE"
	BotUserID     string           // the bot's user; default "U0BOT"
	BotID         string           // the bot itself; default "B0BOT"
	AppID         string           // the app; default "A0FAKE"
	BotName       string           // the bot's name; default "smileybot"
	BaseURL       string           // scheme and host, no trailing slash; default "https://slack.fake"
	Scopes        []string         // what the token may do; default DefaultScopes
	Now           func() time.Time // the clock; default time.Now
	PostInterval  time.Duration    // the least time between two posts in a channel, else 429; 0 = no limit
	PageSize      int              // the most a page of messages or members holds; 0 = as many as asked for
}

// DefaultScopes is what the token may do unless Options.Scopes says otherwise.
func DefaultScopes() []string {
	return []string{
		"chat:write", "commands", "channels:history", "groups:history",
		"channels:read", "groups:read", "users:read", "users:read.email",
	}
}

// Server is the stand-in. Make one with New; all methods may be called at once
// from several goroutines.
type Server struct {
	opts    Options
	methods map[string]method

	mu        sync.Mutex
	scopes    []string
	channels  map[string]*channel
	users     map[string]*User
	ephemeral []*message
	triggers  map[string]*trigger
	urls      map[string]*responseURL
	stacks    map[string][]*View // open modals by user, the topmost last
	homes     map[string]*View
	tickets   map[string]bool // addresses of connections that were given out and not used
	sockets   []*socket       // that stand, oldest first
	envelopes []*envelope
	turn      int // whose turn the next envelope is
	lostAcks  int // how many acknowledgements are still to be lost
	faults    []*scripted
	calls     []Call
	changes   []Change
	changed   chan struct{} // closed at the next change; nil while nobody waits
	lastTS    int64         // microseconds of the newest timestamp given out
	serial    int
}

// New returns a stand-in with the bot as its only user and no channels.
func New(o Options) *Server {
	o = o.withDefaults()
	s := &Server{
		opts:     o,
		methods:  methodTable(),
		scopes:   slices.Clone(o.Scopes),
		channels: map[string]*channel{},
		users:    map[string]*User{},
		triggers: map[string]*trigger{},
		urls:     map[string]*responseURL{},
		stacks:   map[string][]*View{},
		homes:    map[string]*View{},
		tickets:  map[string]bool{},
	}
	s.users[o.BotUserID] = &User{ID: o.BotUserID, Name: o.BotName, RealName: o.BotName, Bot: true}
	return s
}

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		field *string
		value string
	}{
		{&o.BotToken, "xoxb-fake"},
		{&o.AppToken, "xapp-fake"},
		{&o.SigningSecret, "fake-signing-secret"},
		{&o.TeamID, "T0FAKE"},
		{&o.BotUserID, "U0BOT"},
		{&o.BotID, "B0BOT"},
		{&o.AppID, "A0FAKE"},
		{&o.BotName, "smileybot"},
		{&o.BaseURL, "https://slack.fake"},
	} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	if o.Scopes == nil {
		o.Scopes = DefaultScopes()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// SetBaseURL sets the scheme and host under which response URLs are given out,
// such as the URL of an httptest.Server.
func (s *Server) SetBaseURL(base string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.BaseURL = strings.TrimSuffix(base, "/")
}

// APIURL returns the address of the Web API, with the trailing slash that
// clients expect.
func (s *Server) APIURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts.BaseURL + "/api/"
}

// Options returns the options in force, defaults filled in.
func (s *Server) Options() Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts
}

// SetScopes replaces what the token may do; methods that need more answer
// missing_scope.
func (s *Server) SetScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scopes = slices.Clone(scopes)
}

// ServeHTTP serves the Web API under /api/, response URLs under /response/ and
// Socket Mode under /link/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, ok := strings.CutPrefix(r.URL.Path, "/api/"); ok {
		s.serveAPI(w, r, name)
		return
	}
	if strings.HasPrefix(r.URL.Path, responsePrefix) {
		s.serveResponseURL(w, r)
		return
	}
	if r.URL.Path == linkPath {
		s.serveSocket(w, r)
		return
	}
	http.NotFound(w, r)
}

// timestamp returns a new message timestamp: the clock's, moved forward where
// needed so that no two are alike and later ones are greater.
func (s *Server) timestamp() string {
	micros := s.opts.Now().UnixMicro()
	if micros <= s.lastTS {
		micros = s.lastTS + 100
	}
	s.lastTS = micros
	return formatTS(micros)
}

// id returns a new Slack-like id with the given prefix.
func (s *Server) id(prefix string) string {
	s.serial++
	return prefix + strings.ToUpper(strconv.FormatInt(int64(s.serial)+36*36*36*36, 36))
}
