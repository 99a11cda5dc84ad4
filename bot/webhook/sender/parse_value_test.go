package sender

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/feedback"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		fine bool
	}{
		{"https://tickets.example.org/4711?a=b#c", true},
		{"HTTP://EXAMPLE.ORG", true},
		{"http://[::1]:8080/x", true},
		{"https://пример.example/é", true},
		{"", false},
		{"tickets.example.org/4711", false},
		{"//example.org/x", false},
		{"/4711", false},
		{"https:///4711", false},
		{"https://:443/", false},
		{"https:example.org", false},
		{"ftp://example.org", false},
		{"javascript:alert(1)", false},
		{"data:text/html,x", false},
		{"slack://channel?id=C1", false},
		{"https://exa mple.org", false},
		{"https://example.org/%zz", false},
		{" https://example.org", false},
		{"https://example.org/\n", false},
	} {
		value, err := json.Marshal(test.text)
		assert.NoError(t, err)
		got, wrong := address(value)
		assert.Equal(t, test.fine, wrong == "", test.text)
		if test.fine {
			assert.Equal(t, test.text, got)
		}
	}
	const base = "https://example.org/"
	for _, length := range []int{feedback.MaxURL, feedback.MaxURL + 1} {
		_, wrong := address(json.RawMessage(`"` + base + strings.Repeat("é", length-len(base)) + `"`))
		assert.Equal(t, length == feedback.MaxURL, wrong == "", length)
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		fine bool
	}{
		{"2026-11-20T10:31:00Z", true},
		{"2026-11-20t10:31:00z", true},
		{"2026-11-20T10:31:00.123456789Z", true},
		{"2026-11-20T10:31:00+05:45", true},
		{"2026-11-20T10:31:00-00:00", true},
		{"2024-02-29T00:00:00Z", true},
		{"2026-02-29T00:00:00Z", false},
		{"2026-11-20T24:00:00Z", false},
		{"2026-11-20T10:31:00", false},
		{"2026-11-20T10:31Z", false},
		{"2026-11-20 10:31:00Z", false},
		{"2026-11-20T9:31:00Z", false},
		{"2026-11-20T10:31:00,5Z", false},
		{"2026-11-20T10:31:00+24:00", false},
		{"2026-11-20T10:31:00-23:59", true},
		{"2026-11-20T10:31:00+01:60", false},
		{"2026-11-20T10:31:00+0100", false},
		{"", false},
		{"Z", false},
		{"26-11-20T10:31:00Z", false},
		{"12026-11-20T10:31:00Z", false},
		{"Fri, 20 Nov 2026 10:31:00 GMT", false},
	} {
		_, wrong := moment(json.RawMessage(`"` + test.text + `"`))
		assert.Equal(t, test.fine, wrong == "", test.text)
	}
}
