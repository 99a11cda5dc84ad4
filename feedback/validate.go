package feedback

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The rules of single values are the same for webhooks and spreadsheets. Their errors say what the
// value must be and never repeat it: it may be a customer's words.

// MaxReplies bounds a ticket's number of replies: a higher one is a mistake.
const MaxReplies = 1_000_000

// CheckText refuses a text of more than limit characters (Unicode code points).
func CheckText(text string, limit int) error {
	if utf8.RuneCountInString(text) > limit {
		return fmt.Errorf("must be a string of at most %d characters", limit)
	}
	return nil
}

// Zone is the time zone of a name; ok is false when there is none. An empty name and "Local" are none:
// what is read with them would differ from machine to machine.
func Zone(name string) (zone *time.Location, ok bool) {
	zone, err := time.LoadLocation(name)
	return zone, err == nil && name != "" && zone != time.Local
}

// CheckURL refuses a text that is not the http or https address of a page, and an address that two
// readers could read in two ways: with a user, a backslash, a wrong port, or a character that is
// invisible, a space or changes the direction of writing.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || CheckText(text, MaxURL) != nil || !utf8.ValidString(text) || strings.ContainsFunc(text, misread) ||
		u.Scheme != "http" && u.Scheme != "https" || u.User != nil || !validHost(u) {
		return fmt.Errorf("must be an http or https address with a host, of at most %d characters, without a user, spaces or invisible characters", MaxURL)
	}
	return nil
}

// misread reports whether people do not see a character of an address, or browsers read another one
// for it: they read a backslash as a slash (https://url.spec.whatwg.org/#authority-state).
func misread(r rune) bool {
	const brailleBlank = '\u2800'
	return r == '\\' || r == ' ' || r == brailleBlank || r == utf8.RuneError || !unicode.IsPrint(r) ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// validHost reports whether an address has the name of a host, in letters of any script, or an IP
// address, and no port or one from 1 to 65535.
func validHost(u *url.URL) bool {
	host := u.Hostname()
	if u.Port() != "" || strings.HasSuffix(u.Host, ":") {
		if port, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || port == 0 {
			return false
		}
	}
	if strings.HasPrefix(u.Host, "[") {
		ip, err := netip.ParseAddr(host)
		return err == nil && ip.Zone() == ""
	}
	named := func(r rune) bool { return unicode.In(r, unicode.L, unicode.Nd) }
	foreign := func(r rune) bool { return !named(r) && !unicode.Is(unicode.M, r) && !strings.ContainsRune("-._", r) }
	return strings.ContainsFunc(host, named) && !strings.ContainsFunc(host, foreign)
}

// ParseSmiley reads a colour and returns its [Smiley.Value].
func ParseSmiley(text string) (int, error) {
	if v := Smiley(text).Value(); v > 0 {
		return v, nil
	}
	return 0, errors.New("must be " + OneOf(Smileys()))
}

// OneOf says that a value must be one of a list.
func OneOf[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return "one of " + strings.Join(words, ", ")
}

// ParseMoment reads an RFC 3339 time with an offset, from 1970 on, and returns it in UTC. The
// letters T and Z may be small (RFC 3339, section 5.6). A leap second, written as second 60, is the
// last millisecond of its minute (section 5.7).
func ParseMoment(text string) (time.Time, error) {
	const minuteEnds, secondEnds = len("2026-11-20T10:31:"), len("2026-11-20T10:31:60")
	s := strings.ToUpper(text)
	leap := len(s) > secondEnds && s[minuteEnds:secondEnds] == "60"
	if leap {
		s = s[:minuteEnds] + "59" + s[secondEnds:]
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !strictRFC3339(s) || t.Unix() < 0 {
		return time.Time{}, errors.New("must be a time as RFC 3339 writes it, with an offset and not before 1970, such as 2026-11-20T10:31:00Z")
	}
	if leap {
		t = t.Truncate(time.Second).Add(time.Second - time.Millisecond)
	}
	return t.UTC(), nil
}

// PlausibleTicket reports whether a moment of a ticket can be right: it is at most a calendar year
// after the time when it became known.
func PlausibleTicket(moment, known time.Time) bool { return !moment.After(known.AddDate(1, 0, 0)) }

// strictRFC3339 refuses what time.Parse accepts and RFC 3339 does not: an hour of one digit, a
// comma before the fraction, an offset of a day or more. See https://go.dev/issue/54580.
func strictRFC3339(s string) bool {
	const hourEnds = len("2026-11-20T10")
	if s[hourEnds] != ':' || strings.Contains(s, ",") {
		return false
	}
	offset := s[len(s)-len("01:00"):]
	return strings.HasSuffix(s, "Z") || offset[:2] <= "23" && offset[3:] <= "59"
}

// ParseWhole reads a number in JSON notation whose value is whole, however it is written: 9, 9.0,
// 90e-1. It counts digits instead of computing, so it is exact and no exponent makes it slow. It
// refuses numbers of more than 9 digits.
func ParseWhole(number string) (int, bool) {
	const (
		maxDigits = 9
		maxShift  = 1 << 20 // a real number needs fewer digits
	)
	digits, negative := strings.CutPrefix(number, "-")
	digits, exponent, scientific := strings.Cut(strings.ToLower(digits), "e")
	integer, fraction, _ := strings.Cut(digits, ".")
	if integer == "" || strings.Trim(integer+fraction, "0123456789") != "" {
		return 0, false // not a number
	}
	digits = strings.TrimLeft(integer+fraction, "0")
	point := len(digits) - len(fraction) // the place of the decimal point in digits
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return 0, true
	}
	if scientific {
		shift, err := strconv.Atoi(exponent)
		if err != nil || shift > maxShift || shift < -maxShift {
			return 0, false
		}
		point += shift
	}
	if point < len(digits) || point > maxDigits {
		return 0, false
	}
	n, err := strconv.Atoi(digits + strings.Repeat("0", point-len(digits)))
	if negative {
		n = -n
	}
	return n, err == nil
}
