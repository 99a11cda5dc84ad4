package mapping

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// pull reads how a sender is asked for its ratings. The mapping is that of the sender.
func (r *reader) pull(n *yaml.Node, m mapping) *sender.Pull {
	known := append(feedKeys(), "site")
	var site sender.PullSite
	if name := siteOf(n); name != nil {
		var found bool
		if site, found = sender.FindPullSite(r.text(name)); !found {
			var names []string
			for _, s := range sender.PullSites() {
				names = append(names, s.Name)
			}
			r.wrong(name, "no such site", "choose from "+strings.Join(names, ", ")+", or write the url of a feed")
			return nil
		}
		known = siteKeys(site)
	}
	e := r.entries(n, known...)
	p := &sender.Pull{Site: site.Name, Every: r.every(e["every"])}
	if site.Name != "" {
		p.Options = r.siteOptions(n, e, site)
		return p
	}
	if e["url"] == nil {
		r.wrong(n, "neither site nor url", "write url: and the address of the feed, or site: and one of the ready-made sites")
	} else {
		p.URL = r.feedAddress(e["url"])
	}
	p.Headers = r.headers(e["headers"])
	if next := e["next"]; next != nil {
		path := r.path(next)
		p.Next = func(page sender.Tree) (string, error) {
			address, err := firstValue(page, path)
			return address.Text(), err
		}
	}
	if cursor := e["cursor"]; cursor != nil {
		in := r.entries(cursor, cursorKeys()...)
		if p.CursorQuery = r.text(in["query"]); p.CursorQuery == "" || in["path"] == nil {
			r.wrong(cursor, "not both of query and path", "write cursor: {query: since, path: $.updatedSince}")
		}
		p.Cursors = m.values(r.place("path", orEmpty(in["path"])).find)
	}
	return p
}

// ofSite reports what a sender of a ready-made site has next to pull: its fields are known.
func (r *reader) ofSite(n *yaml.Node) {
	r.pairs(n, func(key, _ *yaml.Node) {
		if key.Value != "pull" {
			r.wrong(key, "not needed for a ready-made site", "leave it out")
		}
	})
}

// orEmpty is a node that [reader.place] can read, also when there is none: the mistake is reported.
func orEmpty(n *yaml.Node) *yaml.Node {
	if n == nil {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: "$"}
	}
	return n
}

// siteOf is the name of a ready-made site, if there is one.
func siteOf(n *yaml.Node) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "site" {
			return n.Content[i+1]
		}
	}
	return nil
}

// values finds a value in each rating of a page.
func (m mapping) values(find finder) func(page sender.Tree) ([]string, error) {
	return func(page sender.Tree) ([]string, error) {
		items, r, wrong := m.items(sender.Delivery{}, page)
		if wrong != nil {
			return nil, &sender.DecodeError{Invalid: []sender.Problem{*wrong}}
		}
		var all []string
		for _, item := range items {
			r.item = item
			value, err := find(r)
			if err != nil {
				return nil, err
			}
			if text := value.Text(); text != "" {
				all = append(all, text)
			}
		}
		return all, nil
	}
}

// siteOptions reads the options of a ready-made site.
func (r *reader) siteOptions(n *yaml.Node, e map[string]*yaml.Node, site sender.PullSite) map[string]string {
	options := make(map[string]string)
	for _, name := range slices.Concat(site.Required, site.Optional) {
		if e[name] == nil {
			continue
		}
		value := strings.TrimSpace(r.text(e[name]))
		if wrong := siteOption(name, value); wrong != "" {
			r.wrong(e[name], "no such "+name, wrong)
		}
		options[name] = value
	}
	var missing []string
	for _, name := range site.Required {
		if options[name] == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		r.wrong(n, "missing: "+strings.Join(missing, ", "), "see the page of the site in docs/senders")
	}
	return options
}

// plainOption is what an id of an account, a location or a client is made of. It is put into addresses.
var plainOption = compiled(`^[A-Za-z0-9._-]{1,200}$`) //nolint:gochecknoglobals // a pattern that never changes

// siteOption is what an option must be, "" when it is.
func siteOption(name, value string) string {
	switch name {
	case "host":
		if value != "kiyoh.com" && value != "klantenvertellen.nl" {
			return "write kiyoh.com or klantenvertellen.nl"
		}
	case "scale":
		if value != "5" && value != "10" {
			return "write 5 or 10, the most that a customer can give"
		}
	case "page":
		if feedback.CheckURL(value) != nil {
			return "write the https address of the page with your reviews"
		}
	default:
		if !plainOption().MatchString(value) || strings.Trim(value, ".") == "" {
			return "write it as the site shows it: letters, digits, dots, dashes"
		}
	}
	return ""
}

// every reads how often a sender is asked, as a whole number and s, m, h or d.
func (r *reader) every(n *yaml.Node) time.Duration {
	if n == nil {
		return sender.DefaultPull
	}
	units := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
	text := r.text(n)
	unit := text[max(len(text)-1, 0):]
	count, err := strconv.Atoi(strings.TrimSuffix(text, unit))
	if err != nil || units[unit] == 0 || count < 1 || count > int(sender.MaxPull/time.Second) ||
		time.Duration(count)*units[unit] < sender.MinPull || time.Duration(count)*units[unit] > sender.MaxPull {
		r.wrong(n, "no time between 1m and 24h", "write it as 15m or 1h")
		return sender.DefaultPull
	}
	return time.Duration(count) * units[unit]
}

// feedAddress reads the address of a feed, which is never asked in the clear, except on this machine.
func (r *reader) feedAddress(n *yaml.Node) string {
	text := r.text(n)
	u, err := url.Parse(text)
	switch {
	case feedback.CheckURL(text) != nil || err != nil || u.Fragment != "":
		r.wrong(n, "no address", "write it as https://reviews.example.org/feed, without a user")
	case u.Scheme != "https" && !loopback(u.Hostname()):
		r.wrong(n, "not an https address, so the secret and the reviews could be read on their way", "write https://")
	case strings.Contains(u.RawQuery, "{secret}"):
		r.wrong(n, "the secret is in the address, which gets into logs", "put it into headers, as in headers: {Authorization: \"Bearer {secret}\"}")
	}
	return text
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// headerName is a token of RFC 9110, section 5.6.2.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// headers reads the headers that are sent.
func (r *reader) headers(n *yaml.Node) map[string]string {
	headers := make(map[string]string)
	if n == nil {
		return headers
	}
	r.pairs(n, func(key, value *yaml.Node) {
		text := r.text(value)
		switch {
		case !headerName.MatchString(key.Value) || slices.Contains([]string{"host", "content-length", "transfer-encoding", "connection"}, strings.ToLower(key.Value)):
			r.wrong(key, "no header that can be set", "write its name as the site's documents have it, such as Authorization")
		case strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' }):
			r.wrong(value, "a character that a header cannot carry", "write visible ASCII characters")
		default:
			headers[key.Value] = text
		}
	})
	return headers
}
