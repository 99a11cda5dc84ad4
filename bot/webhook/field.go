package webhook

import (
	"encoding/json"
	"fmt"
	"time"

	"smileybot/feedback"
)

// A parser reads the JSON value of a field. The wrong it returns says what the
// value must be, and is "" when it is right.
type parser[T any] func(value json.RawMessage) (v T, wrong string)

// text reads a string of at most limit characters.
func text(limit int) parser[string] {
	return func(value json.RawMessage) (string, string) {
		var s string
		if json.Unmarshal(value, &s) != nil {
			return "", fmt.Sprintf("must be a string of at most %d characters", limit)
		}
		if err := feedback.CheckText(s, limit); err != nil {
			return "", must(err)
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

// smiley reads a colour into the number it is kept under.
func smiley(value json.RawMessage) (int, string) {
	v, err := feedback.ParseSmiley(word[string](value))
	return v, must(err)
}

// comment reads a text of any length. Nothing but white space is no comment.
func comment(value json.RawMessage) (string, string) {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return "", "must be a string or null"
	}
	return feedback.Explanation(s), ""
}

// address reads the URL of a page.
func address(value json.RawMessage) (string, string) {
	s := word[string](value)
	if err := feedback.CheckURL(s); err != nil {
		return "", must(err)
	}
	return s, ""
}

// must is what a value must be, by the rule it breaks.
func must(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
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
		n, ok := feedback.ParseWhole(string(value))
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

// moment reads a time as RFC 3339 writes it, with an offset, from 1970 on.
func moment(value json.RawMessage) (time.Time, string) {
	t, err := feedback.ParseMoment(word[string](value))
	return t, must(err)
}
