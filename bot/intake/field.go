package intake

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"smileybot/feedback"
)

// maxReplies bounds a ticket's count of replies: beyond it is a mistake.
const maxReplies = 1_000_000

// A parser reads the JSON value of a field. The wrong it returns says what the
// value must be, and is "" when it is right.
type parser[T any] func(value json.RawMessage) (v T, wrong string)

// text reads a string of at most limit characters.
func text(limit int) parser[string] {
	return func(value json.RawMessage) (string, string) {
		var s string
		if json.Unmarshal(value, &s) != nil || utf8.RuneCountInString(s) > limit {
			return "", fmt.Sprintf("must be a string of at most %d characters", limit)
		}
		return s, ""
	}
}

// word reads a word of a list, and is "" for what is no string.
func word[T ~string](value json.RawMessage) T {
	var s T
	if json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}

// oneOf says that a value must be one of a list.
func oneOf[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return "one of " + strings.Join(words, ", ")
}

// smiley reads a colour into the number it is kept under.
func smiley(value json.RawMessage) (int, string) {
	v := word[feedback.Smiley](value).Value()
	if v == 0 {
		return 0, "must be " + oneOf(feedback.Smileys())
	}
	return v, ""
}

// comment reads a text of any length. Nothing but white space is no comment.
func comment(value json.RawMessage) (string, string) {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return "", "must be a string or null"
	}
	if strings.TrimSpace(s) == "" {
		return "", ""
	}
	return s, ""
}

// address reads the URL of a page.
func address(value json.RawMessage) (string, string) {
	s, wrong := text(feedback.MaxURL)(value)
	u, err := url.Parse(s)
	if wrong != "" || err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Sprintf("must be an http or https address with a host, of at most %d characters", feedback.MaxURL)
	}
	return s, ""
}

// flag reads true or false.
func flag(value json.RawMessage) (bool, string) {
	var b bool
	if json.Unmarshal(value, &b) != nil {
		return false, "must be true or false, without quotes"
	}
	return b, ""
}

// between reads a whole number from low to high.
func between(low, high int) parser[int] {
	return func(value json.RawMessage) (int, string) {
		n, ok := whole(string(value))
		if !ok || n < low || n > high {
			return 0, fmt.Sprintf("must be a whole number from %d to %d, without quotes", low, high)
		}
		return n, ""
	}
}

// stored reads a time that is kept, to the millisecond.
func stored(value json.RawMessage) (time.Time, string) {
	t, wrong := moment(value)
	if wrong != "" {
		return time.Time{}, wrong
	}
	return feedback.Moment(t), ""
}

// moment reads a time as RFC 3339 writes it, with an offset, from 1970 on. The
// letters T and Z may be small (RFC 3339, section 5.6).
func moment(value json.RawMessage) (time.Time, string) {
	const wrong = "must be a time as RFC 3339 writes it, with an offset and not before 1970, such as 2026-11-20T10:31:00Z"
	s := strings.ToUpper(word[string](value))
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !strict(s) || t.Unix() < 0 {
		return time.Time{}, wrong
	}
	return t.UTC(), ""
}

// strict refuses what time.Parse lets pass and RFC 3339 does not: an hour of one
// digit, a comma before the fraction, an offset of a day and more. See
// https://go.dev/issue/54580.
func strict(s string) bool {
	const hourEnds = len("2026-11-20T10")
	if s[hourEnds] != ':' || strings.Contains(s, ",") {
		return false
	}
	offset := s[len(s)-len("01:00"):]
	return strings.HasSuffix(s, "Z") || offset[:2] <= "23" && offset[3:] <= "59"
}

// whole is the value of a JSON number that is whole, however it is written: 9,
// 9.0, 90e-1. It counts digits instead of computing, so that it is exact and no
// exponent makes it slow. Numbers of more than 9 digits are not taken.
func whole(number string) (int, bool) {
	const maxDigits = 9
	digits, negative := strings.CutPrefix(number, "-")
	digits, exponent, scientific := strings.Cut(strings.ToLower(digits), "e")
	integer, fraction, _ := strings.Cut(digits, ".")
	if integer == "" || strings.Trim(integer+fraction, "0123456789") != "" {
		return 0, false // no number
	}
	digits = strings.TrimLeft(integer+fraction, "0")
	point := len(digits) - len(fraction) // where the decimal point stands in digits
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return 0, true
	}
	if scientific {
		shift, err := strconv.Atoi(exponent)
		// No body has the digits that a larger shift would need.
		if err != nil || shift > maxBody || shift < -maxBody {
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
