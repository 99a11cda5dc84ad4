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
		{"a byte order mark", "\ufeff{}", "column 1 (byte 1)"},
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
		{"too deep", `{"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}", "goes wrong"},
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
		{"white space around", " \r\n\t" + red + "\n"},
		{"an escaped backslash", `{"x":"\\u0000"}`},
		{"other escapes", `{"x":"\u0001\ud83d\ude00\"\\"}`},
		{"a lone surrogate", `{"x":"\ud800"}`},
		{"an empty object", `{}`},
		{"deep", `{"x":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + "}"},
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
