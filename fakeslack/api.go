package fakeslack

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// result is the body of a response.
type result map[string]any

// failure is the refusal of a call.
type failure struct {
	code     string
	messages []string      // details for people
	extra    result        // additional fields of the body
	wait     time.Duration // with code "ratelimited": Retry-After
}

func refuse(code string, messages ...string) *failure {
	return &failure{code: code, messages: messages}
}

// body returns the response in Slack's format: errors and response_metadata.messages repeat the
// details.
func (f *failure) body() result {
	out := result{"ok": false, "error": f.code}
	if len(f.messages) > 0 {
		marked := make([]string, len(f.messages))
		for i, m := range f.messages {
			marked[i] = "[ERROR] " + m
		}
		out["errors"] = f.messages
		out["response_metadata"] = result{"messages": marked}
	}
	maps.Copy(out, f.extra)
	return out
}

// method is one method of the Web API.
type method struct {
	run    func(*Server, args) (result, *failure)
	scope  string   // the scope that the token needs; empty when any token will do
	app    bool     // it takes only the app-level token, in the header
	json   bool     // it reads JSON bodies; other methods ignore them
	strict []string // the arguments it accepts; nil when it ignores unknown ones
}

// methodTable returns the methods by name. As on Slack, only some accept JSON.
func methodTable() map[string]method {
	return map[string]method{
		"apps.connections.open": {run: (*Server).openConnection, app: true, json: true},
		"auth.test":             {run: (*Server).authTest, json: true},
		"chat.postMessage":      {run: (*Server).postMessage, scope: "chat:write", json: true, strict: postArguments()},
		"chat.update":           {run: (*Server).updateMessage, scope: "chat:write", json: true, strict: updateArguments()},
		"chat.delete":           {run: (*Server).deleteMessage, scope: "chat:write", json: true, strict: []string{"channel", "ts", "as_user"}},
		"chat.postEphemeral":    {run: (*Server).postEphemeral, scope: "chat:write", json: true, strict: ephemeralArguments()},
		"chat.getPermalink":     {run: (*Server).permalink, strict: []string{"channel", "message_ts"}},
		"conversations.history": {run: (*Server).history, json: true},
		"conversations.replies": {run: (*Server).replies},
		"conversations.info":    {run: (*Server).conversation},
		"conversations.members": {run: (*Server).members},
		"users.info":            {run: (*Server).userInfo, scope: "users:read"},
		"users.lookupByEmail":   {run: (*Server).userByEmail, scope: "users:read.email"},
		"views.open":            {run: (*Server).openView, json: true},
		"views.push":            {run: (*Server).pushView, json: true},
		"views.update":          {run: (*Server).updateView, json: true},
		"views.publish":         {run: (*Server).publishView, json: true},
	}
}

// serveAPI serves one call of the Web API.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, name string) {
	m, known := s.methods[name]
	a, bad := readArgs(r, m.json)
	w.Header().Set("X-OAuth-Scopes", strings.Join(s.granted(m), ","))
	s.perform(w, r, Call{Method: name, Channel: a.str("channel"), Args: a.values}, func() reply {
		if !known {
			return refused(refuse("unknown_method"))
		}
		if bad != nil {
			return refused(bad)
		}
		if f := s.authorize(m, a); f != nil {
			return refused(f)
		}
		out, f := m.run(s, a)
		if f != nil {
			return refused(f)
		}
		out["ok"] = true
		return reply{status: http.StatusOK, body: out, outcome: "ok"}
	})
}

// authorize checks token, scope and argument names, in this order.
func (s *Server) authorize(m method, a args) *failure {
	right, other := s.opts.BotToken, s.opts.AppToken
	if m.app {
		right, other = other, right
	}
	switch {
	case a.token == "", m.app && a.posted:
		return refuse("not_authed")
	case a.token == other:
		return refuse("not_allowed_token_type")
	case a.token != right:
		return refuse("invalid_auth")
	}
	if f := s.needs(m.scope); f != nil {
		return f
	}
	if m.strict == nil {
		return nil
	}
	for name := range a.values {
		if !slices.Contains(m.strict, name) {
			return refuse("invalid_arg_name", "unknown argument: "+name)
		}
	}
	return nil
}

// needs refuses a token that lacks the scope.
func (s *Server) needs(scope string) *failure {
	if scope == "" || slices.Contains(s.scopes, scope) {
		return nil
	}
	f := refuse("missing_scope")
	f.extra = result{"needed": scope, "provided": strings.Join(s.scopes, ",")}
	return f
}

// granted returns the scopes of the token that a method takes.
func (s *Server) granted(m method) []string {
	if m.app {
		return []string{"connections:write"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.scopes)
}

// reply is a response before it is written.
type reply struct {
	status  int
	body    result
	outcome string
	wait    time.Duration
}

func refused(f *failure) reply {
	if f.code == "ratelimited" {
		return reply{outcome: f.code, wait: f.wait}
	}
	return reply{status: http.StatusOK, body: f.body(), outcome: f.code}
}

func (r reply) write(w http.ResponseWriter) {
	if r.wait > 0 {
		writeRateLimited(w, r.wait)
		return
	}
	writeJSON(w, r.status, r.body)
}

// perform records the call, plays its fault if there is one, and runs work with the server locked.
func (s *Server) perform(w http.ResponseWriter, r *http.Request, c Call, work func() reply) {
	n, fault := s.begin(c)
	if fault != nil && !fault.Kind.after && !fault.play(r.Context(), w) {
		return
	}
	rep := s.do(n, work)
	if fault != nil && fault.Kind.after && !fault.play(r.Context(), w) {
		return
	}
	s.finish(n, rep.outcome)
	rep.write(w)
}

// begin records a call and returns its index. Until the call finishes, the name of its fault is its
// outcome.
func (s *Server) begin(c Call) (int, *scripted) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.At, c.Outcome = s.opts.Now(), "ok"
	fault := s.take(c)
	if fault != nil {
		c.Outcome = fault.Kind.name
	}
	s.calls = append(s.calls, c)
	s.wake()
	return len(s.calls) - 1, fault
}

func (s *Server) do(n int, work func() reply) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	rep := work()
	s.calls[n].Done = rep.outcome == "ok"
	s.wake()
	return rep
}

func (s *Server) finish(n int, outcome string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[n].Outcome = outcome
	s.wake()
}

func writeJSON(w http.ResponseWriter, status int, body result) {
	raw, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "the response is not JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the client may have disconnected
}

// authTest returns the identity of the bot.
func (s *Server) authTest(args) (result, *failure) {
	who := result{
		"url": "https://fakeslack.slack.com/", "team": "Fake Team", "user": s.opts.BotName,
		"team_id": s.opts.TeamID, "user_id": s.opts.BotUserID, "bot_id": s.opts.BotID,
		"is_enterprise_install": s.opts.OrgWide,
	}
	if s.opts.EnterpriseID != "" {
		who["enterprise_id"] = s.opts.EnterpriseID
	}
	if s.opts.OrgWide {
		who["url"], who["team_id"] = "https://fakeslack.enterprise.slack.com/", s.opts.EnterpriseID
	}
	return who, nil
}

const maxBody = 1 << 20 // bytes; far above anything the bot sends

// args are the arguments of a call, from a form, a JSON body or the query. Values that are not
// strings are their JSON text, and null is absent.
type args struct {
	token  string
	posted bool // the token came as an argument
	values map[string]string
}

func (a args) has(name string) bool   { _, ok := a.values[name]; return ok }
func (a args) str(name string) string { return a.values[name] }

// flag returns a flag. As on Slack, true and 1 are true.
func (a args) flag(name string) bool {
	v := a.values[name]
	return v == "true" || v == "1"
}

// number returns a count between 1 and most, or standard when it is absent.
func (a args) number(name string, standard, most int) (int, *failure) {
	if a.str(name) == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(a.str(name))
	if err != nil || n < 1 {
		return 0, refuse("invalid_limit")
	}
	return min(n, most), nil
}

// readArgs returns the arguments of a request. It ignores a JSON body unless takesJSON is set.
func readArgs(r *http.Request, takesJSON bool) (args, *failure) {
	a := args{token: bearer(r), values: map[string]string{}}
	if f := a.addForm(r.URL.Query()); f != nil {
		return a, f
	}
	if r.Method == http.MethodGet {
		return a, nil
	}
	if r.Method != http.MethodPost {
		return a, refuse("invalid_arguments", "use POST")
	}
	raw, f := readBody(r)
	if f != nil {
		return a, f
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case len(raw) == 0:
		return a, nil
	case err == nil && kind == "application/json":
		values, f := decodeObject(raw)
		if f == nil && takesJSON {
			maps.Copy(a.values, values)
		}
		return a, f
	case err == nil && kind == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return a, refuse("invalid_form_data")
		}
		return a, a.addForm(form)
	default:
		return a, refuse("invalid_post_type")
	}
}

func readBody(r *http.Request) ([]byte, *failure) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, refuse("request_timeout")
	}
	if len(raw) > maxBody {
		return nil, refuse("invalid_form_data", "the body is larger than 1 MiB")
	}
	return raw, nil
}

// addForm adds the values of a form. The token is kept apart, so that the recorded arguments do not
// contain it.
func (a *args) addForm(form url.Values) *failure {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := form[name]
		if len(values) > 1 {
			return refuse("invalid_array_arg", "given twice: "+name)
		}
		if !utf8.ValidString(values[0]) {
			return refuse("invalid_charset", "not UTF-8: "+name)
		}
		if name == "token" {
			a.token, a.posted = values[0], true
			continue
		}
		a.values[name] = values[0]
	}
	return nil
}

// decodeObject returns the members of a JSON object as strings.
func decodeObject(raw []byte) (map[string]string, *failure) {
	if !utf8.Valid(raw) {
		return nil, refuse("invalid_charset")
	}
	if !json.Valid(raw) {
		return nil, refuse("invalid_json")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return nil, refuse("json_not_object")
	}
	out := make(map[string]string, len(members))
	for name, value := range members {
		if bytes.Equal(value, []byte("null")) {
			continue
		}
		text := string(value)
		if value[0] == '"' {
			if err := json.Unmarshal(value, &text); err != nil {
				return nil, refuse("invalid_json")
			}
		}
		out[name] = text
	}
	return out, nil
}

func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}
