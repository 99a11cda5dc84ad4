package config

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"smileybot/feedback"
)

// Mistake is one thing wrong with one environment variable. It never holds the variable's value,
// which may be a secret typed in the wrong place.
type Mistake struct {
	Name    string // of the variable
	Problem string // what is wrong with it
	Remedy  string // what to do about it
}

// String is one line: "NAME: what is wrong; what to do".
func (m Mistake) String() string { return m.Name + ": " + m.Problem + "; " + m.Remedy }

// Mistakes is everything wrong with the settings, in the order of [Describe].
type Mistakes []Mistake //nolint:errname // a person reads them as mistakes in the settings

// Error is a line for each mistake.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap is an error for each mistake.
func (ms Mistakes) Unwrap() []error {
	each := make([]error, len(ms))
	for i, m := range ms {
		each[i] = errors.New(m.String())
	}
	return each
}

// reader parses settings and collects what is wrong with them. A method that finds a mistake
// returns the zero value.
type reader struct{ mistakes Mistakes }

// wrong notes a mistake in the variable.
func (r *reader) wrong(v variable, problem, remedy string) {
	r.mistakes = append(r.mistakes, Mistake{Name: v.name, Problem: problem, Remedy: remedy})
}

// hasWrong reports whether a mistake was found in a variable or in its _FILE.
func (r *reader) hasWrong(v variable) bool {
	return slices.ContainsFunc(r.mistakes, func(m Mistake) bool { return m.Name == v.name || m.Name == v.file().name })
}

// server reads where smileybot listens and where its database is.
func (r *reader) server(c *Config, env environment) {
	c.Listen = r.address(env.Listen)
	c.AdminListen = r.address(env.AdminListen)
	if c.Listen != "" && c.Listen == c.AdminListen && !picksPort(c.Listen) {
		r.wrong(env.AdminListen, "that is also "+env.Listen.name, "give it another port or path")
	}
	c.Database = NewSecret(r.database(env.Database))
}

// address takes a host:port to listen on.
func (r *reader) address(v variable) string {
	if path, unix := strings.CutPrefix(v.value, "unix:"); unix {
		return r.socket(v, path)
	}
	host, port, err := net.SplitHostPort(v.value)
	_, wrongPort := strconv.ParseUint(port, 10, 16)
	if err != nil || wrongPort != nil || !isListenHost(host) {
		r.wrong(v, "not an address to listen on", "write it as :8080, 127.0.0.1:8080 or unix:/run/smileybot/web.sock")
		return ""
	}
	return v.value
}

// socket takes the path of a Unix socket in a folder that exists.
func (r *reader) socket(v variable, path string) string {
	const longest = 107 // bytes, see unix(7)
	folder, err := os.Stat(filepath.Dir(path))
	file, absent := os.Lstat(path)
	switch {
	case !filepath.IsAbs(path):
		r.wrong(v, "not the whole path of a socket", "write it as unix:/run/smileybot/web.sock")
	case len(filepath.Clean(path)) > longest:
		r.wrong(v, "the path of a socket has at most 107 bytes", "choose a shorter one, as in unix:/run/smileybot/web.sock")
	case err != nil || !folder.IsDir():
		r.wrong(v, "its folder does not exist", "make the folder, writable for smileybot's user, or correct the path")
	case absent == nil && file.Mode().Type() != fs.ModeSocket:
		r.wrong(v, "there is a file that is no socket", "set another path")
	default:
		return "unix:" + filepath.Clean(path)
	}
	return ""
}

// isListenHost reports whether the text is empty (every address of the machine), an IP address or a
// host's name.
func isListenHost(host string) bool {
	_, err := netip.ParseAddr(host)
	return host == "" || err == nil || regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`).MatchString(host)
}

// picksPort reports whether the address leaves the port to the system.
func picksPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	return err == nil && strings.Trim(port, "0") == ""
}

// database takes the URL of a PostgreSQL database, which is a secret, or the path of a file.
func (r *reader) database(v variable) string {
	set := r.secret(getenv(v.name)) // without the default, which would be one too many next to the file
	switch {
	case set.value == "" && r.hasWrong(v):
		return ""
	case set.value == "":
		return r.databasePath(v)
	case strings.HasPrefix(set.value, "postgres://"), strings.HasPrefix(set.value, "postgresql://"):
		if u, err := url.Parse(set.value); err != nil || u.Host == "" && !u.Query().Has("host") {
			r.wrong(set, "not the URL of a database", "write it as postgres://USER:PASSWORD@HOST:5432/DATABASE, with special characters of the password as %XX")
		}
		return set.value
	case strings.Contains(set.value, "://"):
		r.wrong(set, "neither a path nor a postgres:// URL", "write it as /data/smileybot.db or postgres://USER:PASSWORD@HOST:5432/DATABASE")
		return ""
	}
	return r.databasePath(set)
}

// databasePath takes the path of a file in a folder that exists. SQLite's other names are refused,
// because what they name may not be on disk.
func (r *reader) databasePath(v variable) string {
	if v.value == ":memory:" || strings.HasPrefix(v.value, "file:") {
		r.wrong(v, "not the path of a file", "write it as smileybot.db or /data/smileybot.db")
		return ""
	}
	if folder, err := os.Stat(filepath.Dir(v.value)); err != nil || !folder.IsDir() {
		r.wrong(v, "its folder does not exist", "make the folder, writable for smileybot's user, or correct the path")
	}
	if file, err := os.Stat(v.value); err == nil && file.IsDir() {
		r.wrong(v, "that is a folder", "write the path of the file, such as smileybot.db in it")
	}
	return v.value
}

const remedyChannelID = "paste the channel's id, found at the bottom of the channel's details"

// channels reads where feedback is shown.
func (r *reader) channels(c *Config, env environment) {
	c.Routes = r.routes(env.Routes)
	c.LeadChannel = c.SlackChannel
	if env.LeadChannel.value != "" {
		c.LeadChannel = r.channelID(env.LeadChannel)
	}
}

// channelID takes the id of a Slack channel, never its name: a name changes, and most of Slack's
// methods refuse it.
func (r *reader) channelID(v variable) string {
	switch {
	case isChannelID(v.value):
		return v.value
	case v.value != "":
		r.wrong(v, notChannelID(v.value), remedyChannelID)
	case !r.hasWrong(v):
		r.wrong(v, "not set", remedyChannelID)
	}
	return ""
}

// notChannelID returns what a text is that is not the id of a channel.
func notChannelID(text string) string {
	for _, form := range []struct{ pattern, problem string }{
		{`^(xox|xapp-|whsec_)`, "that is a secret"},
		{`^[CGD][A-Za-z0-9]+([,;]\s*|\s+)[CGD][A-Za-z0-9]+`, "more than one channel"},
		{`://|slack\.com/`, "that is an address, which ends in the channel's id"},
		{`^<[#@!]`, "that is a mention, which holds the channel's id"},
		{`^[UW][A-Z0-9]{5,}$`, "that is the id of a person"},
		{`^S[A-Z0-9]{5,}$`, "that is the id of a group of people"},
		{`^[TE][A-Z0-9]{5,}$`, "that is the id of a workspace"},
		{`^[AB][A-Z0-9]{5,}$`, "that is the id of an app"},
		{`^[cgd]0[a-z0-9]+$`, "an id has capital letters"},
	} {
		if regexp.MustCompile(form.pattern).MatchString(text) {
			return form.problem
		}
	}
	return "that is a name"
}

// isChannelID reports whether the text has the form of a Slack conversation's id: C for channels, G
// for older private ones, D for direct messages.
func isChannelID(text string) bool {
	return regexp.MustCompile(`^[CGD][A-Za-z0-9]+$`).MatchString(text)
}

// routes takes "chat=C0CHAT,panel=C0NPS".
func (r *reader) routes(v variable) map[feedback.Channel]string {
	routes := make(map[feedback.Channel]string)
	for i, entry := range entries(v.value) {
		place := "entry " + strconv.Itoa(i+1) + ": "
		channel, id, found := strings.Cut(entry, "=")
		from, to := feedback.Channel(strings.TrimSpace(channel)), strings.TrimSpace(id)
		if !found {
			r.wrong(v, place+"no = in it", "write it as chat=C0CHAT")
			continue
		}
		if !from.Known() {
			r.wrong(v, place+"no such feedback channel", "choose from "+strings.TrimPrefix(feedback.OneOf(feedback.Channels()), "one of "))
		}
		if routes[from] != "" {
			r.wrong(v, place+"the feedback channel has a route already", "keep one of them")
		}
		if !isChannelID(to) {
			r.wrong(v, place+notChannelID(to), remedyChannelID)
		}
		routes[from] = to
	}
	return routes
}

// entries splits a comma-separated list. Space around an entry and empty entries do not count.
func entries(list string) []string {
	var found []string
	for entry := range strings.SplitSeq(list, ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			found = append(found, entry)
		}
	}
	return found
}

// apiURL takes an address without user, query or fragment: it is logged, and the names of methods
// are appended to it.
func (r *reader) apiURL(v variable) string {
	u, err := url.Parse(v.value)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		r.wrong(v, "not an http or https address", "write it as https://slack.com/api/, or unset it")
		return ""
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		r.wrong(v, "it holds a user, a query or a fragment", "leave only host and path, as in https://slack.com/api/")
		return ""
	}
	return strings.TrimSuffix(u.String(), "/") + "/"
}

// readFile reads the file that a variable names, without the space around its content.
func (r *reader) readFile(v variable) string {
	content, err := os.ReadFile(v.value)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.wrong(v, "the file does not exist", "correct its path")
	case errors.Is(err, fs.ErrPermission):
		r.wrong(v, "no permission to read the file", "let smileybot's user read it")
	case err != nil:
		r.wrong(v, "the file cannot be read", "name a plain file that holds only the secret")
	case strings.TrimSpace(string(content)) == "":
		r.wrong(v, "the file is empty", "put the secret into it")
	}
	return strings.TrimSpace(string(content))
}
