package fakeslack

import (
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	responsePrefix   = "/response/"
	responseUses     = 5
	responseLifetime = 30 * time.Minute
)

// responseURL is a URL that takes a few answers to one request of a user.
type responseURL struct {
	user, channel string
	at            time.Time
	uses          int
	original      *message // the message for replace_original and delete_original; nil for a command without an answer
}

// newResponseURL returns a new URL for answers to the user.
func (s *Server) newResponseURL(user, channelID string, original *message) string {
	path := responsePrefix + s.opts.TeamID + "/" + s.id("") + "/" + s.id("r")
	s.urls[path] = &responseURL{user: user, channel: channelID, at: s.opts.Now(), original: original}
	return s.opts.BaseURL + path
}

// answerArguments returns the members of an answer. Clients send some of them empty.
func answerArguments() []string {
	return []string{
		"text", "blocks", "attachments", "response_type", "replace_original", "delete_original",
		"thread_ts", "metadata", "mrkdwn", "unfurl_links", "unfurl_media", "parse", "link_names",
	}
}

// serveResponseURL serves one answer. Slack refuses with HTTP 404 here, and the error as JSON.
func (s *Server) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	a, bad := readAnswer(r)
	u := s.responseURL(r.URL.Path)
	s.perform(w, r, Call{Method: "response_url", Channel: u.channel, Args: a.values}, func() reply {
		f := bad
		if f == nil {
			f = s.answer(r.URL.Path, a)
		}
		if f != nil {
			rep := refused(f)
			rep.status = http.StatusNotFound
			return rep
		}
		return reply{status: http.StatusOK, body: result{"ok": true}, outcome: "ok"}
	})
}

func (s *Server) responseURL(path string) responseURL {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, ok := s.urls[path]; ok {
		return *u
	}
	return responseURL{}
}

func readAnswer(r *http.Request) (args, *failure) {
	a := args{values: map[string]string{}}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return a, refuse("invalid_post_type")
	}
	raw, f := readBody(r)
	if f != nil {
		return a, f
	}
	values, f := decodeObject(raw)
	if f != nil {
		return a, f
	}
	a.values = values
	if strings.HasPrefix(a.str("metadata"), `{"event_type":"",`) {
		delete(a.values, "metadata") // clients send it for no metadata
	}
	for name := range a.values {
		if !slices.Contains(answerArguments(), name) {
			return a, refuse("invalid_arg_name", "unknown argument: "+name)
		}
	}
	return a, nil
}

// answer shows an answer. A refused one counts as a use.
func (s *Server) answer(path string, a args) *failure {
	u, ok := s.urls[path]
	if !ok || u.uses >= responseUses || s.opts.Now().Sub(u.at) > responseLifetime {
		return refuse("expired_url")
	}
	u.uses++
	if a.flag("delete_original") {
		if f := s.removeOriginal(u); f != nil || a.str("text") == "" && !a.has("blocks") {
			return f
		}
	}
	body, _, f := readContent(a, posting)
	if f != nil {
		return f
	}
	if a.flag("replace_original") && u.original != nil && !u.original.Deleted {
		s.edit(u.original, body.over(u.original))
		return nil
	}
	return s.postAnswer(u, a, body)
}

func (s *Server) postAnswer(u *responseURL, a args, body content) *failure {
	var m *message
	switch a.str("response_type") {
	case "", "ephemeral":
		m = s.addEphemeral(u.channel, u.user, a.str("thread_ts"), body)
	case "in_channel":
		c, ok := s.channels[u.channel]
		if !ok {
			return refuse("channel_not_found")
		}
		if f := threadable(c, a.str("thread_ts")); f != nil {
			return f
		}
		m = s.post(c, s.opts.BotUserID, a.str("thread_ts"), false, body)
	default:
		return refuse("invalid_arguments", "response_type is ephemeral or in_channel")
	}
	if u.original == nil {
		u.original = m
	}
	return nil
}

func (s *Server) removeOriginal(u *responseURL) *failure {
	if u.original == nil || u.original.Deleted {
		return refuse("message_not_found")
	}
	s.remove(s.channels[u.original.Channel], u.original)
	return nil
}
