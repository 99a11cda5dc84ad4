package sender

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// red is a complete body of the own format.
const red = `{"id":"reply-1","channel":"ticket","smiley":"red"}`

func TestMalformedBodiesHaveAPlace(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, says string }{
		{"empty", "", "empty"},
		{"white space", " \r\n\t", "empty"},
		{"cut off", `{"id":"x"`, "line 1, column 9 (byte 9)"},
		{"trailing comma", `{"id":"x",}`, "line 1, column 11 (byte 11)"},
		{"trailing text", red + "\n x", "line 2, column 2"},
		{"a second object", red + "\n{}", "line 2, column 1"},
		{"an array", "\n [" + red + "]", "not an object, which would begin with { at line 2, column 2"},
		{"null", "null", "not an object"},
		{"a string", `"x"`, "not an object"},
		{"a number", "12", "not an object"},
		{"no JSON", "id=x", "column 1 (byte 1)"},
		{"two byte order marks", "\ufeff\ufeff{}", "column 1 (byte 1)"},
		{"a byte order mark alone", "\ufeff", "The body is empty"},
		{"no UTF-8", "{\"ï\":\"\xff\"}", "not valid UTF-8 at line 1, column 7 (byte 8)"},
		{"half a character", "{\"x\":\"\xe2\x82\"}", "not valid UTF-8"},
		{"a surrogate as UTF-8", "{\"x\":\"\xed\xa0\x80\"}", "not valid UTF-8"},
		{"a NUL byte", "{\"x\":\"\x00\"}", "NUL byte at line 1, column 7"},
		{"a NUL byte at the end", red + "\x00", "NUL byte"},
		{"an escaped NUL", `{"x":"a\u0000"}`, `\u0000 at line 1, column 8`},
		{"an escaped NUL in a name", `{"a\u0000":1}`, `\u0000`},
		{"an escaped NUL deep down", `{"a":[{"b":["\\\u0000"]}]}`, `\u0000`},
		{"an escaped NUL that is overwritten", `{"a":"\u0000","a":""}`, `\u0000`},
		{"a bare line break", "{\"x\":\"\n\"}", "goes wrong"},
		{"single quotes", `{'x':1}`, "goes wrong"},
		{"a comment", `{} // end`, "goes wrong"},
		{"NaN", `{"score":NaN}`, "goes wrong"},
		{"a leading zero", `{"score":09}`, "goes wrong"},
		{"a wrong escape", `{"x":"\x00"}`, "goes wrong"},
		{"deep and open", strings.Repeat("[", 256<<10), "goes wrong"},
		{"half a pair", `{"id":"s\udc00"}`, "half of a surrogate pair at line 1, column 9 (byte 9)"},
		{"the first half", `{"x":"\uD83D"}`, "half of a surrogate pair at line 1, column 7"},
		{"the first half and a letter", `{"x":"\ud83d\u0041"}`, "half of a surrogate pair at line 1, column 7"},
		{"the first half and text", `{"x":"\ud83dde00"}`, "half of a surrogate pair at line 1, column 7"},
		{"the first half twice", `{"x":"\ud83d\ud83d\ude00"}`, "half of a surrogate pair at line 1, column 7"},
		{"the halves the wrong way round", `{"x":"\ude00\ud83d"}`, "half of a surrogate pair at line 1, column 7"},
		{"the second half after a pair", `{"x":"\ud83d\ude00\ude00"}`, "half of a surrogate pair at line 1, column 19"},
		{"the first half and another escape", `{"x":"\ud83d\n"}`, "half of a surrogate pair at line 1, column 7"},
		{"the halves in two texts", `{"x":["\ud83d","\ude00"]}`, "half of a surrogate pair at line 1, column 8"},
		{"half a pair in a name", `{"\udbff":1}`, "half of a surrogate pair at line 1, column 3"},
		{"half a pair deep down", `{"a":[{"b":{"c":"\udfff"}}]}`, "half of a surrogate pair"},
		{"half a pair that is overwritten", `{"a":"\udc00","a":""}`, "half of a surrogate pair"},
		{"half a pair after a backslash", `{"x":"\\\udc00"}`, "half of a surrogate pair at line 1, column 9"},
		{"a little too deep", `{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}", "more than 100 objects and lists in each other at line 1, column 105"},
		{"objects too deep", strings.Repeat(`{"a":`, 101) + "1" + strings.Repeat("}", 101), "more than 100 objects and lists"},
		{"deep after a quotation mark", `{"q":"\"","x":` + strings.Repeat("[", 4000) + strings.Repeat("]", 4000) + "}", "more than 100 objects and lists"},
		{"too deep for the library", `{"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}", "goes wrong"},
	}
	for _, test := range tests {
		_, err := parseObject([]byte(test.body))
		var wrong *DecodeError
		require.ErrorAs(t, err, &wrong, test.name)
		assert.Contains(t, wrong.Malformed, test.says, test.name)
		assert.Empty(t, wrong.Invalid, test.name)
	}
}

func TestWellFormedBodiesAreRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body string }{
		{"a byte order mark", "\ufeff{}"},
		{"white space around", " \r\n\t" + red + "\n"},
		{"an escaped backslash", `{"x":"\\u0000"}`},
		{"other escapes", `{"x":"\u0001\ud83d\ude00\"\\"}`},
		{"surrogates in pairs", `{"\ud83d\ude00":"\uD83D\uDE00\udbff\udfff"}`},
		{"an escaped backslash before half a pair's digits", `{"x":"\\udc00"}`},
		{"the neighbours of surrogates", `{"x":"\ud7ff\ue000"}`},
		{"brackets in a text", `{"x":"` + strings.Repeat(`[{\"`, 500) + `"}`},
		{"many next to each other", `{"x":[` + strings.Repeat("[],", 5000) + `{}]}`},
		{"an empty object", `{}`},
		{"deep", `{"x":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + "}"},
		{"four-byte characters", `{"x":"😀"}`},
		{"the replacement itself", "{\"x\":\"\ufffd\"}"},
	} {
		_, err := parseObject([]byte(test.body))
		assert.NoError(t, err, test.name)
	}
}

// TestNamesCountAsWritten checks that names count as written, and the last of two.
func TestNamesCountAsWritten(t *testing.T) {
	t.Parallel()
	object, err := parseObject([]byte(`{"ID":1,"id":2,"\u0069d":3}`))
	require.NoError(t, err)
	assert.Equal(t, json.Number("3"), object["id"])
	assert.Equal(t, json.Number("1"), object["ID"])
}
