// Package fakeslack is a stateful stand-in for Slack: the Web API methods that this bot uses,
// response URLs, and the requests of Slack to an app, signed over HTTP or in envelopes over Socket
// Mode.
//
// It keeps channels, messages with all their revisions, threads, ephemeral messages, modals and
// home tabs in memory. It refuses what Slack refuses, with Slack's error codes: blocks and texts
// over the limits, unknown fields, expired triggers, channels that the bot is not in. Where Slack
// does not publish a rule, it takes the strictest reading, so that what passes here passes there.
//
// It serves over a socket as an http.Handler, and in process with Transport, and Dial for
// WebSockets. In process it works inside a testing/synctest bubble: no goroutine outlives its
// connection. It knows nothing of the bot that calls it.
package fakeslack

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options are the stand-in's names, credentials and limits. The zero value works.
type Options struct {
	BotToken      string           // the token it accepts; default "xoxb-fake"
	AppToken      string           // the app-level token it accepts, with connections:write; default "xapp-fake"
	SigningSecret string           // signs requests to the app; default "fake-signing-secret"
	TeamID        string           // the workspace; default "T0FAKE"
	EnterpriseID  string           // the organisation of the workspace, on Enterprise Grid; empty without one
	Siblings      []string         // other workspaces of the organisation, which share the channels
	OrgWide       bool             // the app is installed for the whole organisation, which is then the token's
	BotUserID     string           // the bot's user; default "U0BOT"
	BotID         string           // the bot itself; default "B0BOT"
	AppID         string           // the app; default "A0FAKE"
	BotName       string           // the bot's name; default "smileybot"
	BaseURL       string           // scheme and host, no trailing slash; default "https://slack.fake"
	Scopes        []string         // the bot token's; default DefaultScopes
	Language      string           // of the people, "nl", or English: of dates and of Slack's own words in plain text
	Now           func() time.Time // the clock, of timestamps and of the Date header; default time.Now
	PostInterval  time.Duration    // the least time between two posts in a channel, otherwise 429; 0 for no limit
	PageSize      int              // the largest page of messages or members; 0 for Slack's own
}

// DefaultScopes returns the scopes of the bot token unless Options.Scopes is set.
func DefaultScopes() []string {
	return []string{
		"chat:write", "commands", "channels:history", "groups:history",
		"channels:read", "groups:read", "users:read", "users:read.email",
	}
}

// Server is the stand-in. Its methods are safe for concurrent use.
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
	tickets   map[string]bool // of the unused addresses of connections
	sockets   []*socket       // open connections, oldest first
	envelopes []*envelope
	turn      int // for the choice of the connection of the next envelope
	lostAcks  int // how many acknowledgements to lose
	foreign   int // connections of other programs with the same token
	welcome   Welcome
	faults    []*scripted
	quota     historyQuota
	shown     Shown
	calls     []Call
	changes   []Change
	changed   chan struct{} // closed at the next change; nil when there is no Wait
	lastTS    int64         // the newest timestamp, in microseconds
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

// SetBaseURL sets the scheme and host of new response URLs, such as the URL of an httptest.Server.
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

// Options returns the options, with defaults.
func (s *Server) Options() Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts
}

// SetScopes replaces the scopes of the bot token. Methods that need others fail with missing_scope.
func (s *Server) SetScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scopes = slices.Clone(scopes)
}

// ServeHTTP serves the Web API under /api/, response URLs under /response/ and
// Socket Mode under /link/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.opts.Now().UTC().Format(http.TimeFormat))
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

// timestamp returns a new message timestamp: the clock's, moved forward if necessary so that
// timestamps increase.
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
