package feedback_test

import (
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"smileybot/feedback"
)

// TestZone checks that no name means another zone on another machine.
func TestZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"Europe/Amsterdam", true},
		{"UTC", true},
		{"CET", true},
		{"", false},
		{"Local", false},
		{"Mars/Olympus", false},
		{"../UTC", false},
	} {
		zone, ok := feedback.Zone(c.name)
		assert.Equal(t, c.ok, ok, c.name)
		if ok {
			assert.Equal(t, c.name, zone.String())
		}
	}
}

func TestParseWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number string
		want   int
	}{
		{"0", 0},
		{"-0", 0},
		{"0.0", 0},
		{"0e999999999999999999", 0},
		{"9", 9},
		{"9.0", 9},
		{"9e0", 9},
		{"9E+0", 9},
		{"90e-1", 9},
		{"0.9e1", 9},
		{"0.0009e4", 9},
		{"1e2", 100},
		{"-3", -3},
		{"123.4500e2", 12345},
		{"999999999", 999999999},
		{"0." + strings.Repeat("0", 999) + "9e1000", 9},
		{"9" + strings.Repeat("0", 1000) + "e-1000", 9},
		{"9." + strings.Repeat("0", 100_000) + "e0", 9},
		{"0." + strings.Repeat("0", 100_000) + "e-99", 0},
	} {
		got, ok := feedback.ParseWhole(c.number)
		assert.True(t, ok, c.number)
		assert.Equal(t, c.want, got, c.number)
	}
	for _, number := range []string{
		"", "9.5", "1e-1", "1e999", "-1e999", "1e-999", "1e999999999999999999999", "1e-999999999999999999999", "1e9223372036854775807",
		"1e-9223372036854775808", "1000000000", "9." + strings.Repeat("0", 100) + "1", `"9"`, "true", "null", "[9]", "{}", "1_0", "0x9",
	} {
		_, ok := feedback.ParseWhole(number)
		assert.False(t, ok, number)
	}
}

// TestParseWholeIsExact compares with the arithmetic of math/big, which is exact too
// but lets exponents cost memory.
func TestParseWholeIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
		exact, ok := new(big.Rat).SetString(number)
		if !ok {
			t.Fatalf("%s is no number", number)
		}
		want := exact.IsInt() && len(new(big.Int).Abs(exact.Num()).String()) <= 9
		got, ok := feedback.ParseWhole(number)
		if ok != want || ok && strconv.Itoa(got) != exact.Num().String() {
			t.Fatalf("%s: got %d %v", number, got, ok)
		}
	})
}

func TestOnlyAddressesThatAllReadersReadAlikeAreAddresses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		fine       bool
	}{
		{"query and fragment", "https://tickets.example.org/4711?a=b#c", true},
		{"capitals", "HTTP://EXAMPLE.ORG", true},
		{"capitals and a port", "HtTpS://Example.Org:8443/", true},
		{"an IP address", "http://192.0.2.1/x", true},
		{"an IPv6 address with a port", "https://[::1]:80/", true},
		{"another script", "https://пример.example/é", true},
		{"a script with marks", "https://उदाहरण.example/", true},
		{"punycode", "https://xn--e1afmkfd.example/", true},
		{"an underscore", "https://tickets_eu.example.org/", true},
		{"the lowest port", "https://example.org:1/", true},
		{"the highest port", "https://example.org:65535/", true},
		{"at signs behind the host", "https://example.org/@me?a=b@c#d@e", true},
		{"a colon behind the host", "https://example.org/a:b@c", true},
		{"an encoded bidi character", "https://example.org/%E2%80%AE", true},
		{"an encoded line break", "https://example.org/%0a", true},
		{"brackets and bars", "https://example.org/|x>", true},
		{"an emoji in the path", "https://example.org/😀", true},

		{"nothing", "", false},
		{"no scheme", "tickets.example.org/4711", false},
		{"a host alone", "//example.org/x", false},
		{"a path", "/4711", false},
		{"no host", "https:///4711", false},
		{"no host, one slash", "https:/x", false},
		{"no host, no slash", "https:example.org", false},
		{"no host, a port", "https://:443/", false},
		{"no host, a user", "https://user@/", false},
		{"only dots", "https://./", false},
		{"only hyphens", "https://--/", false},
		{"another scheme", "ftp://example.org", false},
		{"a script", "javascript:alert(1)", false},
		{"a script that looks like a page", "javascript://example.org/%0aalert(1)", false},
		{"data", "data:text/html,x", false},
		{"Slack's scheme", "slack://channel?id=C1", false},
		{"a user", "https://good.example@evil.example", false},
		{"a user and a password", "https://good.example:443@evil.example/", false},
		{"an empty user", "https://@evil.example/", false},
		{"an empty user and password", "https://:@evil.example/", false},
		{"an encoded user", "https://good%2eexample%2f@evil.example", false},
		{"an encoded at sign", "https://good.example%40evil.example/", false},
		{"two at signs", "https://a@b@evil.example/", false},
		{"a backslash before a user", `https://good.example\@evil.example`, false},
		{"a backslash in the host", `https://evil.example\.good.example/`, false},
		{"backslashes as slashes", `https:\\evil.example`, false},
		{"a backslash in the path", `https://good.example/a\b`, false},
		{"a slash of another width", "https://evil.example\uff0f.good.example/", false},
		{"a division slash", "https://evil.example\u2215good.example/", false},
		{"a sign of two letters", "https://evil.c\u2100.good.example/", false},
		{"a foreign full stop", "https://good\u3002example/", false},
		{"a comma in the host", "https://good,example/", false},
		{"port 0", "https://example.org:0/", false},
		{"port 65536", "https://example.org:65536/", false},
		{"port 99999", "https://example.org:99999/", false},
		{"a very high port", "https://example.org:18446744073709551617/", false},
		{"no port", "https://example.org:/", false},
		{"a name as port", "https://example.org:http/", false},
		{"a negative port", "https://example.org:-1/", false},
		{"two ports", "https://example.org:80:81/", false},
		{"an IPv6 address without brackets", "https://::1/", false},
		{"an IPv6 address that is none", "https://[::zz]/", false},
		{"an IPv6 address with a zone", "https://[fe80::1%25eth0]/", false},
		{"an IPv6 address that is not closed", "https://[::1/", false},
		{"an IPv6 address without a port's number", "https://[::1]:/", false},
		{"a space in the host", "https://exa mple.org", false},
		{"a space in the path", "https://example.org/a b", false},
		{"a space in front", " https://example.org", false},
		{"a space at the end", "https://example.org ", false},
		{"a no-break space", "https://example.org/\u00a0x", false},
		{"a wrong escape", "https://example.org/%zz", false},
		{"a line feed", "https://example.org/\n", false},
		{"a carriage return", "https://example.org/\rx", false},
		{"a tab", "https://exam\tple.org/", false},
		{"a NUL", "https://example.org/\x00", false},
		{"an escape", "https://example.org/\x1b[2J", false},
		{"a C1 control character", "https://example.org/\u009b2J", false},
		{"a line separator", "https://example.org/\u2028", false},
		{"a right-to-left override", "https://example.org/\u202egpj.exe", false},
		{"a right-to-left isolate", "https://example.org/\u2067x", false},
		{"a right-to-left mark", "https://example.org/\u200fx", false},
		{"an Arabic letter mark", "https://example.org/\u061cx", false},
		{"a zero-width space", "https://exam\u200bple.org/", false},
		{"a zero-width joiner", "https://exam\u200dple.org/", false},
		{"a word joiner", "https://example.org/\u2060", false},
		{"a byte order mark", "\ufeffhttps://example.org/", false},
		{"a soft hyphen", "https://exam\u00adple.org/", false},
		{"a Hangul filler", "https://example.org/\u3164", false},
		{"a half-width Hangul filler", "https://exam\uffa0ple.org/", false},
		{"a blank Braille pattern", "https://example.org/\u2800", false},
		{"a variation selector", "https://example.org/\ufe0f", false},
		{"a tag character", "https://example.org/\U000e0041", false},
		{"a combining grapheme joiner", "https://example.org/\u034f", false},
		{"a private character", "https://example.org/\ue000", false},
		{"no UTF-8", "https://example.org/\xff", false},
		{"a replacement character", "https://example.org/\ufffd", false},
	} {
		assert.Equal(t, test.fine, feedback.CheckURL(test.text) == nil, test.name)
	}
	const base = "https://example.org/"
	for _, length := range []int{feedback.MaxURL, feedback.MaxURL + 1} {
		err := feedback.CheckURL(base + strings.Repeat("é", length-len(base)))
		assert.Equal(t, length == feedback.MaxURL, err == nil, length)
	}
}

// FuzzCheckURL: an address that is accepted is read again by its parts, and what a browser would do
// differently is not in it.
func FuzzCheckURL(f *testing.F) {
	for _, text := range []string{"https://example.org:80/x?y#z", "https://a@b", `https://a\@b`, "https://[::1]:80/", "http://пример.example", "https:/x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if feedback.CheckURL(text) != nil {
			return
		}
		scheme, rest, found := strings.Cut(text, "://")
		assert.True(t, found && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")), "%q", text)
		authority := rest
		if end := strings.IndexAny(rest, "/?#"); end >= 0 {
			authority = rest[:end]
		}
		assert.NotContains(t, authority, "@")
		assert.NotContains(t, authority, "%")
		assert.NotContains(t, text, `\`)
		assert.NotEmpty(t, authority)
		for _, r := range text {
			assert.False(t, r <= ' ' || unicode.In(r, unicode.C, unicode.Z), "%q has %U", text, r)
		}
	})
}

func TestALeapSecondIsTheEndOfItsMinute(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z"},
		{"2016-12-31t23:59:60.75z", "2016-12-31T23:59:59.999Z"},
		{"2016-12-31T15:59:60-08:00", "2016-12-31T23:59:59.999Z"},
		{"2017-01-01T23:58:60+23:59", "2016-12-31T23:59:59.999Z"},
		{"2026-11-20T10:31:60Z", "2026-11-20T10:31:59.999Z"},
	} {
		got, err := feedback.ParseMoment(test.text)
		if assert.NoError(t, err, test.text) {
			assert.Equal(t, test.want, got.Format(time.RFC3339Nano), test.text)
			assert.Equal(t, got, feedback.Moment(got), "it is stored as it is")
		}
	}
}
