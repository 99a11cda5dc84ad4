package intake

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"smileybot/feedback"
)

func TestWhole(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]int{
		"0": 0, "-0": 0, "0.0": 0, "0e999999999999999999": 0, "9": 9, "9.0": 9, "9e0": 9, "9E+0": 9,
		"90e-1": 9, "0.9e1": 9, "0.0009e4": 9, "1e2": 100, "-3": -3, "123.4500e2": 12345, "999999999": 999999999,
		"0." + strings.Repeat("0", 999) + "9e1000":   9,
		"9" + strings.Repeat("0", 1000) + "e-1000":   9,
		"9." + strings.Repeat("0", 100_000) + "e0":   9,
		"0." + strings.Repeat("0", 100_000) + "e-99": 0,
	} {
		got, ok := whole(number)
		assert.True(t, ok, number)
		assert.Equal(t, want, got, number)
	}
	for _, number := range []string{
		"", "9.5", "1e-1", "1e999", "-1e999", "1e-999", "1e999999999999999999999", "1e-999999999999999999999", "1e9223372036854775807",
		"1e-9223372036854775808", "1000000000", "9." + strings.Repeat("0", 100) + "1", `"9"`, "true", "null", "[9]", "{}", "1_0", "0x9",
	} {
		_, ok := whole(number)
		assert.False(t, ok, number)
	}
}

// TestWholeIsExact compares with the arithmetic of math/big, which is exact too
// but lets exponents cost memory.
func TestWholeIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
		exact, ok := new(big.Rat).SetString(number)
		if !ok {
			t.Fatalf("%s is no number", number)
		}
		want := exact.IsInt() && len(new(big.Int).Abs(exact.Num()).String()) <= 9
		got, ok := whole(number)
		if ok != want || ok && strconv.Itoa(got) != exact.Num().String() {
			t.Fatalf("%s: got %d %v", number, got, ok)
		}
	})
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for text, fine := range map[string]bool{
		"https://tickets.example.org/4711?a=b#c": true,
		"HTTP://EXAMPLE.ORG":                     true,
		"http://[::1]:8080/x":                    true,
		"https://пример.example/é":               true,
		"":                                       false,
		"tickets.example.org/4711":               false,
		"//example.org/x":                        false,
		"/4711":                                  false,
		"https:///4711":                          false,
		"https://:443/":                          false,
		"https:example.org":                      false,
		"ftp://example.org":                      false,
		"javascript:alert(1)":                    false,
		"data:text/html,x":                       false,
		"slack://channel?id=C1":                  false,
		"https://exa mple.org":                   false,
		"https://example.org/%zz":                false,
		" https://example.org":                   false,
		"https://example.org/\n":                 false,
	} {
		value, err := json.Marshal(text)
		assert.NoError(t, err)
		got, wrong := address(value)
		assert.Equal(t, fine, wrong == "", text)
		if fine {
			assert.Equal(t, text, got)
		}
	}
	const base = "https://example.org/"
	for length, fine := range map[int]bool{feedback.MaxURL: true, feedback.MaxURL + 1: false} {
		_, wrong := address(json.RawMessage(`"` + base + strings.Repeat("é", length-len(base)) + `"`))
		assert.Equal(t, fine, wrong == "", length)
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	for text, fine := range map[string]bool{
		"2026-11-20T10:31:00Z":           true,
		"2026-11-20t10:31:00z":           true,
		"2026-11-20T10:31:00.123456789Z": true,
		"2026-11-20T10:31:00+05:45":      true,
		"2026-11-20T10:31:00-00:00":      true,
		"2024-02-29T00:00:00Z":           true,
		"2026-02-29T00:00:00Z":           false,
		"2026-11-20T24:00:00Z":           false,
		"2026-11-20T10:31:00":            false,
		"2026-11-20T10:31Z":              false,
		"2026-11-20 10:31:00Z":           false,
		"2026-11-20T9:31:00Z":            false,
		"2026-11-20T10:31:00,5Z":         false,
		"2026-11-20T10:31:00+24:00":      false,
		"2026-11-20T10:31:00-23:59":      true,
		"2026-11-20T10:31:00+01:60":      false,
		"2026-11-20T10:31:00+0100":       false,
		"":                               false,
		"Z":                              false,
		"26-11-20T10:31:00Z":             false,
		"12026-11-20T10:31:00Z":          false,
		"Fri, 20 Nov 2026 10:31:00 GMT":  false,
	} {
		_, wrong := moment(json.RawMessage(`"` + text + `"`))
		assert.Equal(t, fine, wrong == "", text)
	}
}
