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
	"strconv"
	"strings"
	"time"

	"smileybot/feedback"
)

// reader parses settings and collects what is wrong with them. A method that
// finds a mistake returns the zero value.
type reader struct{ mistakes Mistakes }

// cureChannelID tells where Slack shows a channel's id.
const cureChannelID = "paste the channel's id, found at the bottom of the channel's details"

// requiredChannelID is channelID of a setting that has no default.
func (r *reader) requiredChannelID(v variable) string {
	if v.value == "" {
		r.mistakes.add(v, "not set", cureChannelID)
		return ""
	}
	return r.channelID(v)
}

// channelID takes the id of a Slack channel, never its name: a name changes,
// and most of Slack's methods refuse it.
func (r *reader) channelID(v variable) string {
	if !isChannelID(v.value) {
		r.mistakes.add(v, "that is a name", cureChannelID)
		return ""
	}
	return v.value
}

// isChannelID reports whether the text has the form of a Slack conversation's
// id: C for channels, G for older private ones, D for direct messages.
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
			r.mistakes.add(v, place+"no = in it", "write it as chat=C0CHAT")
			continue
		}
		if !from.Known() {
			r.mistakes.add(v, place+"no such feedback channel", "choose from "+channelNames())
		}
		if routes[from] != "" {
			r.mistakes.add(v, place+"the feedback channel has a route already", "keep one of them")
		}
		if !isChannelID(to) {
			r.mistakes.add(v, place+"that is a name", cureChannelID)
		}
		routes[from] = to
	}
	return routes
}

// channelNames lists the feedback channels for a person.
func channelNames() string {
	var names []string
	for _, c := range feedback.Channels() {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}

// entries splits a comma-separated list; space around an entry and empty
// entries do not count.
func entries(list string) []string {
	var found []string
	for entry := range strings.SplitSeq(list, ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			found = append(found, entry)
		}
	}
	return found
}

// apiURL takes an address without user, query or fragment: it is logged, and
// the names of methods are put behind it.
func (r *reader) apiURL(v variable) string {
	u, err := url.Parse(v.value)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		r.mistakes.add(v, "not an http or https address", "write it as https://slack.com/api/, or unset it")
		return ""
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		r.mistakes.add(v, "it holds a user, a query or a fragment", "leave only host and path, as in https://slack.com/api/")
		return ""
	}
	return strings.TrimSuffix(u.String(), "/") + "/"
}

// address takes a host:port to listen on.
func (r *reader) address(v variable) string {
	host, port, err := net.SplitHostPort(v.value)
	if err != nil || !isListenHost(host) || !isPort(port) {
		r.mistakes.add(v, "not an address to listen on", "write it as :8080 or 127.0.0.1:8080")
		return ""
	}
	return v.value
}

// isListenHost reports whether the text is nothing (every address of the
// machine), an IP address or a host's name.
func isListenHost(host string) bool {
	if host == "" {
		return true
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`).MatchString(host)
}

// isPort reports whether the text is the number of a TCP port.
func isPort(port string) bool {
	_, err := strconv.ParseUint(port, 10, 16)
	return err == nil
}

// picksPort reports whether the address leaves the port to the system.
func picksPort(address string) bool {
	_, port, _ := net.SplitHostPort(address)
	return strings.Trim(port, "0") == ""
}

// databasePath takes the path of a file in a folder that exists. SQLite's other
// names are refused: what they name need not be on disk.
func (r *reader) databasePath(v variable) string {
	if v.value == ":memory:" || strings.HasPrefix(v.value, "file:") {
		r.mistakes.add(v, "not the path of a file", "write it as smileybot.db or /data/smileybot.db")
		return ""
	}
	if folder, err := os.Stat(filepath.Dir(v.value)); err != nil || !folder.IsDir() {
		r.mistakes.add(v, "its folder does not exist", "make the folder, writable for smileybot's user, or correct the path")
	}
	if file, err := os.Stat(v.value); err == nil && file.IsDir() {
		r.mistakes.add(v, "that is a folder", "write the path of the file, such as smileybot.db in it")
	}
	return v.value
}

// duration takes a time longer than none.
func (r *reader) duration(v variable) time.Duration {
	d, err := time.ParseDuration(v.value)
	if err != nil || d <= 0 {
		r.mistakes.add(v, "not a time above zero", "write it as 4h, 90m or 1h30m")
		return 0
	}
	return d
}

// file reads what a NAME_FILE names, without the space around it.
func (r *reader) file(v variable) string {
	content, err := os.ReadFile(v.value)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.mistakes.add(v, "the file does not exist", "correct its path")
	case errors.Is(err, fs.ErrPermission):
		r.mistakes.add(v, "no permission to read the file", "let smileybot's user read it")
	case err != nil:
		r.mistakes.add(v, "the file cannot be read", "name a plain file that holds only the secret")
	case strings.TrimSpace(string(content)) == "":
		r.mistakes.add(v, "the file is empty", "put the secret into it")
	}
	return strings.TrimSpace(string(content))
}
